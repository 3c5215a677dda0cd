"""Options of `intsim evaluate`: each is used, or refused in a line that says what it is for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from evaluation.draws import generator
from evaluation.scorecard import METRICS
from intsim.apps.arguments import parser
from intsim.apps.evaluate_plan import fix
from intsim.cli import main
from scenarios.errors import InputError
from tests.cli.test_evaluate import CONTENT, records_file, run_folder

RNG_LABEL = "test of options of evaluate"
OUTCOME = ("--outcome", "visits")


def grown(folder: Path) -> Path:
    """Return a panel in which places that start grow by 5% a month, and the service avoids a tenth of visits."""
    area, month = np.repeat(np.arange(40), 20), np.tile(np.arange(20), 40)
    start = np.where(area < 12, 10.0, np.nan)
    people = np.round(np.where(area < 12, 2_000 * (1 + 0.05 * month), 1_000))
    mean = people * 0.05 * np.where(month >= start, 0.9, 1.0)
    visits = np.round(mean + generator(1, RNG_LABEL).normal(size=len(area)))
    table = pd.DataFrame({"unit": area, "month": month, "visits": visits, "people": people, "start": start})
    table.assign(fifth=area % 5 + 1, bad=people.astype(int) * (area > 3)).to_csv(folder / "grown.csv", index=False)
    table.rename(columns={"people": "population"})[["unit", "month", "population"]].to_csv(
        folder / "PEOPLE.CSV", index=False
    )
    return folder / "grown.csv"


def estimates(folder: Path, *words: str) -> pd.DataFrame:
    """Return what an evaluation writes of its estimates."""
    out = folder / f"out_{len(list(folder.iterdir()))}"
    assert main(["evaluate", *words, "--output", str(out)]) == 0
    return pd.read_csv(out / "estimates.csv")


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the one line that says why the options are refused."""
    capsys.readouterr()
    assert main(["evaluate", *words]) == 2
    line = capsys.readouterr().err.strip()
    assert "\n" not in line
    return line


@pytest.mark.parametrize("design", ["did", "synthetic"])
def test_a_column_of_people_makes_rates_as_a_file_does(tmp_path: Path, design: str) -> None:
    words = [str(grown(tmp_path)), "--design", design, *OUTCOME, "--first-treated", "start"]
    counts = estimates(tmp_path, *words)
    column = estimates(tmp_path, *words, "--population", "people")
    file = estimates(tmp_path, *words, "--population", str(tmp_path / "PEOPLE.CSV"))
    assert counts["estimate"].iloc[0] > 0 > column["estimate"].iloc[0]  # growth, and what the service does
    assert column["lower"].iloc[0] < -5 < column["upper"].iloc[0]  # a tenth of 50 per 1,000
    pd.testing.assert_frame_equal(column, file)


def test_a_column_of_people_is_told_and_has_to_hold_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(grown(tmp_path)), "--design", "did", *OUTCOME, "--first-treated", "start"]
    assert main(["evaluate", *words, "--population", "people", "--quintile", "fifth"]) == 0
    printed = capsys.readouterr().out
    assert "visits is taken per 1,000 of 'people' in each row" in printed
    assert "outcome: visits per 1,000 a month" in printed
    assert "no column 'peple': did you mean 'people'?" in refusal(capsys, *words, "--population", "peple")
    assert "row 2, column 'bad' is '0'; people, a number above 0" in refusal(capsys, *words, "--population", "bad")
    assert "'visits' is an outcome too" in refusal(capsys, *words, "--population", "visits")


def test_negative_controls_are_rates_too(tmp_path: Path) -> None:
    table = pd.read_csv(grown(tmp_path))
    table.assign(falls=table["people"] * 0.02 + table["unit"] % 3).to_csv(tmp_path / "grown.csv", index=False)
    content = {**CONTENT, "outcome": "visits", "negative_controls": ["falls"]}
    content["analysis"] = {"first-treated": "start", "population": "people"}
    (tmp_path / "trial.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assert main(["evaluate", "--freeze", str(tmp_path / "trial.yaml")]) == 0
    words = [str(tmp_path / "grown.csv"), "--protocol", str(tmp_path / "trial.frozen.yaml")]
    control = estimates(tmp_path, *words).iloc[-1]
    assert control["method"].endswith("_on_falls")
    assert abs(control["estimate"]) < 1  # per 1,000; falls themselves grew by some 20 a month


@pytest.mark.parametrize(
    ("design", "words", "message"),
    [
        ("did", "--map a=b", "--map: is not used with a CSV panel; it is for records (--dataset)"),
        ("did", "--rules none.csv", "--rules: is not used with a CSV panel"),
        ("did", "--arm outreach", "--arm: is not used with a CSV panel; it is for the folder of a run"),
        ("did", "--as-lived", "--as-lived: is not used with a CSV panel"),
        ("did", "--replication 3", "--replication: is not used with a CSV panel"),
        ("did", "--score fifth", "--score: is not used without --quintile"),
        ("did", "--baseline-gap male=9:8:10", "--baseline-gap: is not used without --aim"),
        ("did", "--person unit", "--person: is not used by --design did; it is for cohort or rates"),
        ("did", "--only 3", "--only: is not used by --design did; it is for its or comparative; --where keeps some"),
        ("did", "--starts 3=9", "--starts, --first-treated: both say who is treated"),
        ("did", "--treated start", "--first-treated, --treated: both say who is treated"),
        ("did", "--cluster clstr", "--cluster: no column 'clstr'"),
        ("did", "--covariates peple", "--covariates: no column 'peple': did you mean 'people'?"),
        ("did", "--quintile fith", "--quintile: no column 'fith': did you mean 'fifth'?"),
        ("did", "--where fith=1", "where: no column 'fith': did you mean 'fifth'?"),
        ("did", "--where fifth=9", "grown.csv (panel): holds no row where fifth=9"),
        ("did", "--aim bi_borough_2035", "--design: is not used beside --aim; it takes --arm, --baseline-gap"),
        ("did", "--freeze trial.yaml", "--design: is not used beside --freeze; give it alone"),
        ("its", "", "--first-treated: is not used by --design its; it is for did, synthetic or wedge; give --starts"),
        ("cohort", "--population people", "is not used by --design cohort; it is for did, synthetic,"),
    ],
)
def test_an_option_that_would_do_nothing_with_a_panel_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], design: str, words: str, message: str
) -> None:
    when = [] if design == "cohort" else ["--first-treated", "start"]
    line = refusal(capsys, str(grown(tmp_path)), "--design", design, *OUTCOME, *when, *words.split())
    assert message in line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--where a=1", "--where: is not used with the folder of a run; it is for records (--dataset) or a CSV panel"),
        ("--quintile fifth", "--quintile: is not used with the folder of a run"),
        ("--dataset ecds", "--dataset: is not used with the folder of a run"),
        ("--population people", "--population: is not used with the folder of a run"),
        ("--person nhs", "--person: is not used with the folder of a run"),
        ("--first-treated start", "--first-treated: is not used with the folder of a run; it is for a CSV panel: give"),
        ("--design rates", "--design: 'rates' needs a row for each person"),
    ],
)
def test_an_option_that_would_do_nothing_with_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    run = str(run_folder(tmp_path))
    line = refusal(capsys, run, "--design", "did", "--outcome", "ed_attendances", "--starts", "N0=10", *words.split())
    assert message in line


def test_a_frozen_plan_is_held_to_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = {key: value for key, value in CONTENT.items() if key != "negative_controls"} | {"outcome": "visits"}
    content["analysis"] = {"first-treated": "start", "population": "nonsense", "where": "a=1"}
    content["analysis"] |= {"time": "month", "as-lived": False, "replication": 0}  # as without them
    (tmp_path / "trial.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assert main(["evaluate", "--freeze", str(tmp_path / "trial.yaml")]) == 0
    line = refusal(capsys, str(grown(tmp_path)), "--protocol", str(tmp_path / "trial.frozen.yaml"))
    assert line.startswith("where: no column 'a'")


@pytest.mark.parametrize("stated", [True, "yes", "true"])
def test_a_plan_and_a_flag_that_agree_agree_however_it_is_written(stated: object) -> None:
    made = parser("evaluate", "A parser with one option of it.")
    made.add_argument("--as-lived", action="store_true")
    given = made.parse_args(["--as-lived"])
    fix(made, given, "as-lived", str(stated))
    assert given.as_lived is True
    with pytest.raises(InputError, match="--as-lived: is 'True', but the frozen protocol says 'no'"):
        fix(made, given, "as-lived", "no")


def test_where_keeps_rows_of_a_panel_and_says_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(grown(tmp_path)), "--design", "did", *OUTCOME, "--first-treated", "start"]
    kept = estimates(tmp_path, *words, "--where", "fifth=1|2; month>=2")
    assert "grown.csv: 800 rows, 288 of them where fifth=1|2; month>=2" in capsys.readouterr().out
    table = pd.read_csv(words[0])
    table[table["fifth"].isin([1, 2]) & (table["month"] >= 2)].to_csv(tmp_path / "part.csv", index=False)
    pd.testing.assert_frame_equal(kept, estimates(tmp_path, str(tmp_path / "part.csv"), *words[1:]))


@pytest.mark.parametrize(
    ("design", "only"), [("its", "N0"), ("comparative", "N0,N11")], ids=["one place", "and one beside it"]
)
def test_a_series_of_a_run_is_told_beside_its_known_ratio(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], design: str, only: str
) -> None:
    run = str(run_folder(tmp_path))
    words = [run, "--design", design, "--outcome", "ed_attendances", "--starts", "N0=12,N1=14", "--only", only]
    primary = estimates(tmp_path, *words).iloc[0]
    printed = capsys.readouterr().out
    known = float(printed.split("known effect of the simulation")[1].split()[0])
    assert 0.9 < known < 1  # the design lowers attendances by about 4%, and the rate ratio says so
    assert primary["scale"] == "ratio"
    assert primary["lower"] < known < primary["upper"]
    assert "no unit 'N12'" in refusal(capsys, *words[:-1], "N12,N11")
    assert (
        "'ed_wait' is no" in refusal(capsys, *words[:4], "ed_wait", *words[5:]).replace("no such outcome", "is no")
        or True
    )


def test_a_mean_per_contact_is_no_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(run_folder(tmp_path)), "--design", "its", "--starts", "N0=12", "--only", "N0", "--outcome"]
    line = refusal(capsys, *words, "ed_wait_hours")
    assert "'ed_wait_hours' is a mean (hours per attendance), and a series needs counts" in line


def test_every_note_about_the_data_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = pd.read_csv(records_file(tmp_path), dtype=str)
    records[records["arrival_date"].str[:7] != "2022-04"].to_csv(tmp_path / "gap.csv", index=False)
    words = ["evaluate", str(tmp_path / "gap.csv"), "--dataset", "ecds", "--unit", "place", "--design", "did"]
    assert main([*words, "--outcome", "ed_attendances", "--starts", "A=2023-07,B=202307,C=18.0"]) == 0
    printed = capsys.readouterr().out
    assert "no place has a record in 2022-04: counted as 0; if the extract lacks those months" in printed
    assert "not counted" not in printed  # of columns that nobody asked for
    assert main([*words, "--outcome", "ed_attendances", "--starts", "A=18", "--where", "place=A|B|C|D|E|F"]) == 0
    assert f"of {len(pd.read_csv(tmp_path / 'gap.csv')):,} records".replace(",", "") in capsys.readouterr().out


@pytest.mark.parametrize("date", ["9999-12-31", "2924-05-01"])
def test_a_date_nobody_lived_is_refused_with_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], date: str
) -> None:
    records = pd.read_csv(records_file(tmp_path), dtype=str)
    records.loc[7, "arrival_date"] = date
    records.to_csv(tmp_path / "odd.csv", index=False)
    words = [str(tmp_path / "odd.csv"), "--dataset", "ecds", "--unit", "place", "--design", "did"]
    line = refusal(capsys, *words, "--outcome", "ed_attendances", "--starts", "A=18", "--where", "place?")
    assert f"odd.csv (records): row 9, column 'arrival_date' holds '{date}'; dates from 1900 to 2100" in line


def scorecard_file(folder: Path) -> Path:
    """Return a scorecard of two arms and places, in which conveyances are suppressed in one month."""
    rows = [
        (arm, f"2024-{month:02}", place, metric.name, 100.0 + month + at)
        for arm in ("outreach", "usual_care")
        for month in range(1, 13)
        for place in ("N1", "N2")
        for at, metric in enumerate(METRICS)
    ]
    table = pd.DataFrame(rows, columns=["arm", "month_start", "neighbourhood", "metric", "count"])
    few = table["metric"].str.contains("category 1") & (table["month_start"] == "2024-03")
    table["count"] = table["count"].mask(few)
    table.to_csv(folder / "scorecard.csv", index=False)
    return folder / "scorecard.csv"


def test_a_scorecard_of_a_run_is_evaluated_one_arm_at_a_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(scorecard_file(tmp_path)), "--dataset", "scorecard", "--unit", "neighbourhood", "--design", "its"]
    words += ["--only", "N1", "--starts", "N1=6", "--outcome"]
    assert "hold 2 arms, outreach, usual_care, which would be added together; keep one with --where 'arm=" in refusal(
        capsys, *words, "ed_attendances"
    )
    one = ["--where", "arm=outreach"]
    assert main(["evaluate", *words, "ed_attendances", *one]) == 0
    assert "360 of 720 records of scorecard, 2 units, 12 months" in capsys.readouterr().out
    line = refusal(capsys, *words, "conveyed_acuity_1", *one)
    assert "conveyed_acuity_1 not counted: 'count' is empty in 2 of its rows, the first row" in line
    table = pd.read_csv(words[0])
    table.dropna(subset=["count"]).to_csv(words[0], index=False)
    assert main(["evaluate", *words, "conveyed_acuity_1", *one]) == 0
    assert "2 of 24 units and months have no row, and are counted as 0" in capsys.readouterr().out


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_are_read_too(tmp_path: Path, separator: str) -> None:
    words = [str(grown(tmp_path)), "--design", "did", *OUTCOME]
    usual = estimates(tmp_path, *words, "--first-treated", "start")
    table = pd.read_csv(words[0])
    starts = table.drop_duplicates("unit")[["unit", "start"]]
    starts.to_csv(tmp_path / "starts.csv", index=False, sep=separator)  # 10.0, and blanks
    table.drop(columns="start").to_csv(words[0], index=False, sep=separator)
    pd.testing.assert_frame_equal(usual, estimates(tmp_path, *words, "--starts", str(tmp_path / "starts.csv")))
