"""`intsim evaluate` end to end: each design from a CSV, records, a run whose effect is known, and a frozen protocol."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmarks.studies.generators import factors, staggered, wedge
from benchmarks.studies.people import confounded, repeat_attenders, series
from evaluation.draws import generator
from evaluation.protocol import freeze
from intsim.cli import main
from tests.unit.evaluation_synthetic import synthetic_panel
from tests.unit.test_life_table_changes import mortality
from tests.unit.test_protocol import CONTENT

RNG_LABEL = "test of evaluate"


def areas(folder: Path) -> Path:
    path = folder / "areas.csv"
    staggered(generator(1, RNG_LABEL)).frame.drop(columns="effect").to_csv(path, index=False)
    return path


@cache
def run_panel() -> pd.DataFrame:
    """Twelve neighbourhoods and 24 months; the design lowers attendances by the synthetic panel's 4%."""
    parts = []
    for at in range(12):
        part = synthetic_panel(replications=1, months=range(24), seed=at)
        parts.append(part.assign(neighbourhood=f"N{at}"))
    return pd.concat(parts, ignore_index=True)


def run_folder(folder: Path) -> Path:
    run = folder / "run"
    run.mkdir()
    run_panel().to_parquet(run / "panel.parquet")
    return run


def test_areas_give_every_estimator_tables_and_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["evaluate", str(areas(tmp_path)), "--design", "did", "--outcome", "outcome"]
    assert main([*words, "--first-treated", "first_treated", "--output", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "exploratory: no frozen protocol" in printed
    assert "two-way fixed effects is biased" in printed
    table = pd.read_csv(out / "estimates.csv").set_index("method")
    truth = staggered(generator(1, RNG_LABEL)).truth("simple")
    for good in ("did_callaway_santanna_never", "did_sun_abraham"):
        assert table.loc[good, "lower"] < truth < table.loc[good, "upper"]
    assert not table.loc["did_two_way_fixed_effects", "lower"] < truth < table.loc["did_two_way_fixed_effects", "upper"]
    assert table["estimand"].notna().all()
    for name in ("forest.png", "did_sun_abraham.png"):
        assert (out / "figures" / name).stat().st_size > 5_000
    about = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    assert len(about["source_sha256"]) == 64
    assert about["prespecified"] is False
    assert main([*words, "--first-treated", "first_treated", "--output", str(out)]) == 2


@pytest.mark.parametrize(
    ("design", "extra", "estimator"),
    [
        ("synthetic", ["--outcome", "outcome", "--first-treated", "first_treated"], "Generalised synthetic control"),
        ("wedge", ["--outcome", "outcome", "--first-treated", "first_treated"], "Stepped wedge mixed model"),
        ("cohort", ["--outcome", "outcome", "--treated", "treated", "--covariates", "age,sick"], "Entropy balance"),
        ("its", ["--outcome", "count", "--treated", "treated", "--population", "population"], "quasi-Poisson"),
        (
            "rates",
            ["--outcome", "attendances", "--treated", "treated", "--population", "years"],
            "Rate ratio by person",
        ),
    ],
)
def test_each_design_runs_from_a_csv(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], design: str, extra: list[str], estimator: str
) -> None:
    rng = generator(2, RNG_LABEL)
    drawn = {
        "synthetic": factors,
        "wedge": wedge,
        "cohort": confounded,
        "its": series,
        "rates": repeat_attenders,
    }[design](rng)
    path = tmp_path / "data.csv"
    drawn.frame.drop(columns="effect", errors="ignore").to_csv(path, index=False)
    assert main(["evaluate", str(path), "--design", design, *extra, "--output", str(tmp_path / "out")]) == 0
    assert estimator in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    primary = table.iloc[0]
    truth = drawn.truth("simple") if design in ("synthetic", "wedge") else drawn.truth
    assert abs(primary["estimate"] - truth) < 1.5 * (primary["upper"] - primary["lower"])


def test_a_run_gives_its_known_effect_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", str(run_folder(tmp_path)), "--design", "did", "--outcome", "ed_attendances"]
    starts = ["--starts", "N0=10,N1=10,N2=10,N3=14,N4=14,N5=14"]
    assert main([*words, *starts, "--output", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "the effect is known" in printed
    about = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    primary = pd.read_csv(tmp_path / "out" / "estimates.csv").iloc[0]
    assert about["known_effect"] < 0
    assert primary["estimate"] == pytest.approx(about["known_effect"], abs=3 * primary["se"])
    panel = pd.read_parquet(tmp_path / "run" / "panel.parquet")
    usual, first = panel[panel["arm"] == "usual_care"], panel["neighbourhood"].isin(["N0", "N1", "N2"])
    lived = panel[(panel["arm"] != "usual_care") & (panel["month"] >= 12) & first]
    kept = usual[(usual["month"] < 12) | ~first[usual.index]].assign(arm="frailty")
    pd.concat([usual, kept, lived], ignore_index=True).to_parquet(tmp_path / "run" / "panel.parquet")
    capsys.readouterr()
    assert main([*words, "--as-lived", "--starts", "N0=12,N1=12,N2=12"]) == 0
    lines = capsys.readouterr().out.splitlines()
    known = float(next(line for line in lines if "known effect" in line).split()[-1])
    first_line = lines[next(at for at, line in enumerate(lines) if line.startswith("estimator")) + 1]
    lower, upper = (float(each) for each in re.search(r"\((\S+) to (\S+)\)", first_line).groups())  # type: ignore[union-attr]
    assert abs(known - (lower + upper) / 2) < upper - lower
    assert main([*words]) == 2  # without starts
    assert "--starts" in capsys.readouterr().err
    assert main([*words, "--starts", "N0=0"]) == 2
    assert "1 to 23 are allowed" in capsys.readouterr().err
    assert main([*words, "--starts", "N99=3"]) == 2
    assert "did you mean" in capsys.readouterr().err


def test_records_are_counted_and_one_place_is_a_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = generator(3, RNG_LABEL)
    days = pd.to_datetime("2022-01-01") + pd.to_timedelta(rng.integers(0, 1080, 9_000), "D")
    records = pd.DataFrame(
        {
            "Pseudo NHS Number": rng.integers(0, 2_000, 9_000),
            "place": rng.choice(["A", "B", "C", "D", "E"], 9_000),
            "Arrival Date": days.strftime("%Y-%m-%d"),
            "Emergency Care Department Type": rng.choice(["01", "03"], 9_000),
        }
    )
    records.to_csv(tmp_path / "ecds.csv", index=False)
    people = pd.DataFrame({"unit": list("ABCDE"), "population": 30_000})
    people.to_csv(tmp_path / "people.csv", index=False)
    words = [
        "evaluate",
        str(tmp_path / "ecds.csv"),
        "--dataset",
        "ecds",
        "--unit",
        "place",
        "--outcome",
        "ed_attendances",
    ]
    words += ["--population", str(tmp_path / "people.csv"), "--starts", "A=2024-01"]
    assert main([*words, "--design", "its", "--only", "A"]) == 0
    assert "5 units, 36 months" in capsys.readouterr().out
    assert main([*words, "--design", "synthetic"]) == 0
    assert "1 treated and 4 never-treated units" in capsys.readouterr().out
    assert main([*words, "--design", "its"]) == 2
    assert "--only" in capsys.readouterr().err


def test_a_frozen_protocol_says_design_and_outcome_and_adds_negative_controls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = staggered(generator(4, RNG_LABEL)).frame.drop(columns="effect")
    frame["injuries"] = 5 + generator(5, RNG_LABEL).normal(size=len(frame))
    frame.to_csv(tmp_path / "areas.csv", index=False)
    path = tmp_path / "trial.yaml"
    path.write_text(yaml.safe_dump({**CONTENT, "outcome": "outcome"}), encoding="utf-8")
    source = [str(tmp_path / "areas.csv"), "--first-treated", "first_treated"]
    assert main(["evaluate", *source, "--protocol", str(path)]) == 2
    assert "is not frozen" in capsys.readouterr().err
    assert main(["evaluate", "--freeze", str(path)]) == 0
    frozen = ["--protocol", str(tmp_path / "trial.frozen.yaml")]
    assert main(["evaluate", *source, *frozen]) == 0
    printed = capsys.readouterr().out
    assert "prespecified by Neighbourhood teams and ED" in printed
    control = printed[printed.index("(never treated) on injuries") :]  # its name is whole, its figures below
    lower, upper = (float(each) for each in re.search(r"\((\S+) to (\S+)\)", control).groups())  # type: ignore[union-attr]
    assert lower < 0 < upper
    assert main(["evaluate", *source, *frozen, "--outcome", "injuries"]) == 2
    assert "the frozen protocol says 'outcome'" in capsys.readouterr().err
    (tmp_path / "trial.frozen.yaml").write_text(
        (tmp_path / "trial.frozen.yaml").read_text(encoding="utf-8").replace("first year", "second year"),
        encoding="utf-8",
    )
    assert main(["evaluate", "/no/such/data.csv", *frozen]) == 2
    assert "was changed after it was frozen" in capsys.readouterr().err  # before the data are even looked for


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give a CSV file or the folder of a run"),
        (["none.csv", "--design", "did"], "give --outcome"),
        (["none.csv", "--design", "didd", "--outcome", "y"], "did you mean 'did'"),
        (["none.csv", "--design", "did", "--outcome", "y"], "no such file"),
        (
            ["none.csv", "--design", "did", "--outcome", "y", "--dataset", "ecds", "--map", "a=b,c:d"],
            "--map: 'c:d' cannot be read; write field=column",
        ),
        (
            ["none.csv", "--design", "did", "--outcome", "y", "--dataset", "ecds", "--map", "a="],
            "--map: 'a=' cannot be read",
        ),
    ],
)
def test_bad_arguments_are_one_line(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert main(["evaluate", *words]) == 2
    printed = capsys.readouterr().err.strip()
    assert message in printed
    assert "\n" not in printed


def test_the_dictionary_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--dictionary"]) == 0
    printed = capsys.readouterr().out
    assert "emergency_admissions" in printed
    assert "rows where emergency_care_department_type=01|1" in printed
    assert np.all([name in printed for name in ("sus_apc", "ecds", "csds", "gp_appointments", "scorecard", "sus_op")])


def test_one_area_against_one_other_has_no_limits_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = staggered(generator(6, RNG_LABEL)).frame
    path = tmp_path / "two.csv"
    frame[frame["unit"].isin([0, 3])].drop(columns="effect").to_csv(path, index=False)
    out = tmp_path / "out"
    words = ["evaluate", str(path), "--design", "did", "--outcome", "outcome", "--first-treated", "first_treated"]
    assert main([*words, "--output", str(out)]) == 0
    assert "the variance of a single one cannot be told" in capsys.readouterr().out
    table = pd.read_csv(out / "estimates.csv")
    assert table["lower"].isna().all()
    assert table["reason"].notna().all()
    assert table["estimate"].notna().all()


def test_a_run_is_told_by_fifth_with_its_known_effects_and_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(run_folder(tmp_path)), "--design", "did", "--outcome", "ed_attendances"]
    out = tmp_path / "out"
    assert main([*words, "--starts", "N0=10,N1=10,N2=10,N3=14,N4=14,N5=14", "--output", str(out)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("known: -") == 5
    assert "Effect on the gap, most minus least" in printed
    assert "different people" not in printed  # a run's panel knows no persons
    for name in ("equiplot", "gap_absolute", "gap_relative", "forest", "forest_quintiles", "did_sun_abraham"):
        assert (out / "figures" / f"{name}.png").stat().st_size > 5_000, name
    about = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    assert about["small_numbers"] == {"hide_to": 0, "round_to": 1}  # nobody in a run is real
    known = about["known_effect_by_quintile"]
    assert known["1"] < known["5"] < 0
    table = pd.read_csv(out / "quintiles.csv")
    assert len(table) == 7
    for row in table.iloc[:5].to_dict("records"):
        truth = known[row["population"].split(":")[0].split()[-1]]
        assert abs(row["estimate"] - truth) < 4 * row["se"]


def records_file(folder: Path) -> Path:
    rng = generator(9, RNG_LABEL)
    n = 4_000
    days = pd.to_datetime("2022-01-01") + pd.to_timedelta(rng.integers(0, 912, n), "D")
    frame = pd.DataFrame(
        {
            "pseudo_nhs_number": rng.integers(0, 4_000, n),
            "place": rng.choice(list("ABCDEFGH"), n),
            "arrival_date": days.strftime("%Y-%m-%d"),
            "emergency_care_department_type": "01",
            "index_of_multiple_deprivation_decile": rng.integers(1, 11, n),
        }
    )
    frame.to_csv(folder / "ecds.csv", index=False)
    people = pd.DataFrame([(p, f, 4_000) for p in "ABCDEFGH" for f in range(1, 6)])
    people.columns = pd.Index(["unit", "quintile", "population"])
    people.to_csv(folder / "people.csv", index=False)
    return folder / "ecds.csv"


def test_records_are_told_by_fifth_events_and_people_apart_and_small_numbers_hidden(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(records_file(tmp_path)), "--dataset", "ecds", "--unit", "place", "--design", "did"]
    words += ["--outcome", "ed_attendances", "--population", str(tmp_path / "people.csv")]
    words += ["--starts", "A=2023-07,B=2023-07,C=2023-07"]
    out = tmp_path / "out"
    assert main([*words, "--output", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "different people" in printed
    assert "Counts from 1 to 7 are hidden (*), others rounded to 5." in printed
    assert "of people" in printed
    counts = pd.read_csv(out / "counts.csv")
    assert (counts[["events", "people"]] % 5 == 0).all(axis=None)
    assert (counts["people"] < counts["events"]).all()
    gaps = pd.read_csv(out / "gap_over_time.csv")
    small = gaps["count_most"].isna() | gaps["count_least"].isna()
    assert small.any()
    assert gaps.loc[small, "estimate"].isna().all()
    assert main([*words, "--small-numbers", "none"]) == 0
    assert "are hidden" not in capsys.readouterr().out
    assert main([*words, "--small-numbers", "nobody"]) == 2
    assert "no rule 'nobody'" in capsys.readouterr().err


def test_a_protocol_fixes_options_follow_up_and_estimand_and_says_what_it_leaves_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = staggered(generator(4, RNG_LABEL)).frame.drop(columns="effect")
    frame.rename(columns={"unit": "area"}).to_csv(tmp_path / "areas.csv", index=False)
    content = {key: value for key, value in CONTENT.items() if key != "negative_controls"}
    content |= {"outcome": "outcome", "follow_up_periods": 3, "analysis": {"unit": "area", "seed": 7}}
    path = tmp_path / "trial.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert main(["evaluate", "--freeze", str(path)]) == 0
    capsys.readouterr()
    words = ["evaluate", str(tmp_path / "areas.csv"), "--protocol", str(tmp_path / "trial.frozen.yaml")]
    out = tmp_path / "out"
    assert main([*words, "--first-treated", "first_treated", "--output", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "frozen 20" in printed
    assert "not fixed by the protocol: --first-treated" in printed
    assert "rests on your word" in printed  # the data were there first
    about = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    assert about["not_fixed_by_the_protocol"] == ["first-treated"]
    assert about["arguments"]["seed"] == "7"
    short = pd.read_csv(out / "estimates.csv").set_index("method")["estimate"]
    main(
        [
            "evaluate",
            str(tmp_path / "areas.csv"),
            *["--design", "did", "--outcome", "outcome", "--unit", "area"],
            "--first-treated",
            "first_treated",
            "--output",
            str(tmp_path / "long"),
        ]
    )
    long = pd.read_csv(tmp_path / "long" / "estimates.csv").set_index("method")["estimate"]
    for method in ("did_callaway_santanna_never", "did_sun_abraham"):
        assert abs(short[method]) < abs(long[method])  # effects here grow with time
    capsys.readouterr()
    assert main([*words, "--first-treated", "first_treated", "--seed", "8"]) == 2
    assert "--seed: is '8', but the frozen protocol says '7'" in capsys.readouterr().err
    for key, value, message in (
        ("analysis", {"units": "area"}, "key 'analysis', units: no such option: did you mean 'unit'"),
        ("analysis", {"seed": "many"}, "key 'analysis', seed: is 'many'; a whole number is needed"),
        ("analysis", {"as-lived": "perhaps"}, "allowed: true, yes, false, no"),
        ("analysis", {"where": "age is 65"}, "key 'analysis', where: 'age is 65' cannot be read"),
        ("analysis", {"starts": "N1"}, "write UNIT=MONTH"),
        ("analysis", {"person": "nhs"}, "key 'analysis', person: is not used by --design did"),
        ("analysis", {"map": "a=b", "arm": "outreach"}, "no source has all of arm, map"),
        ("design", "ddd", "key 'design': no such design 'ddd': did you mean 'did'"),
        ("estimand", "ate", "key 'estimand': is 'ate'; the design 'did' estimates that on the treated"),
    ):
        other = tmp_path / "other.yaml"
        other.write_text(yaml.safe_dump({**content, key: value}), encoding="utf-8")
        assert main(["evaluate", "--freeze", str(other)]) == 2  # at once: frozen it could not be mended
        assert message in capsys.readouterr().err
        assert not (tmp_path / "other.frozen.yaml").exists()
        freeze(other)  # by a program that does not ask
        assert main([*words[:2], "--protocol", str(tmp_path / "other.frozen.yaml")]) == 2
        assert message in capsys.readouterr().err
        (tmp_path / "other.frozen.yaml").unlink()


WATCHED = """
import sys
opened, called = [], []
def hook(event, args):
    if event == "open":
        opened.append(str(args[0]))
    elif event.startswith("socket.") and event != "socket.__new__":
        called.append(event)
sys.addaudithook(hook)
from intsim.cli import main
code = main(sys.argv[1:])
at = [next(i for i, name in enumerate(opened) if name.endswith(end)) for end in ("trial.frozen.yaml", "areas.csv")]
print("WATCHED", code, at[0] < at[1], len(called))
"""


def test_the_protocol_is_read_before_any_outcome_and_no_network_is_used(tmp_path: Path) -> None:
    areas(tmp_path)
    content = {key: value for key, value in CONTENT.items() if key != "negative_controls"}
    (tmp_path / "trial.yaml").write_text(yaml.safe_dump({**content, "outcome": "outcome"}), encoding="utf-8")
    assert main(["evaluate", "--freeze", str(tmp_path / "trial.yaml")]) == 0
    words = ["evaluate", "areas.csv", "--protocol", "trial.frozen.yaml", "--first-treated", "first_treated"]
    command = [sys.executable, "-c", WATCHED, *words, "--output", "out"]
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=paths)
    assert "WATCHED 0 True 0" in ran.stdout, ran.stdout[-500:] + ran.stderr[-500:]


def test_an_aim_is_followed_from_the_deaths_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_folder(tmp_path)
    deaths = mortality()
    deaths = pd.concat([deaths, deaths.assign(sex="female")], ignore_index=True)
    deaths["arm"] = deaths["arm"].replace("outreach", "frailty")
    deaths.to_parquet(run / "mortality.parquet")
    (run / "manifest.json").write_text(json.dumps({"arms": ["usual_care", "frailty"]}), encoding="utf-8")
    words = ["evaluate", str(run), "--aim", "bi_borough_2035"]
    assert main([*words, "--output", str(tmp_path / "aim")]) == 0
    printed = capsys.readouterr().out
    assert "50% of the gap left by 2035" in printed
    assert "simulated: usual care in the first 3 years, 2 replications" in printed
    assert printed.count("A model, not a forecast") == 2
    assert "the model does not reach the target year" in printed
    for sex in ("male", "female"):
        line = pd.read_csv(tmp_path / "aim" / f"aim_{sex}.csv")
        assert (line.loc[line["gap"].isna(), "reason"] != "").all()
        assert (tmp_path / "aim" / "figures" / f"aim_{sex}.png").stat().st_size > 5_000
    assert main([*words, "--baseline-gap", "male=9.4:7.0:11.8"]) == 0
    assert "male: gap 9.4 (7.0 to 11.8) years (given)" in capsys.readouterr().out
    for bad, message in (
        (["--baseline-gap", "male=9.4"], "write male=GAP:LOWER:UPPER"),
        (["--baseline-gap", "man=9:8:10"], "of sex 'man'"),
        (["--arm", "frality"], "did you mean 'frailty'"),
    ):
        assert main([*words, *bad]) == 2
        assert message in capsys.readouterr().err
    assert main(["evaluate", str(run), "--aim", "bi_borough"]) == 2
    assert "did you mean 'bi_borough_2035'" in capsys.readouterr().err


def test_one_place_beside_another_is_a_comparative_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = generator(10, RNG_LABEL)
    month = np.tile(np.arange(36), 2)
    place = np.repeat(["a", "b"], 36)
    on = ((month >= 20) & (place == "a")).astype(int)
    mean = 300 * np.where(month >= 20, 0.8, 1.0) * np.where(on == 1, 0.85, 1.0)
    pd.DataFrame({"month": month, "unit": place, "n": rng.poisson(mean), "on": on}).to_csv(tmp_path / "two.csv")
    words = ["evaluate", str(tmp_path / "two.csv"), "--design", "comparative", "--outcome", "n", "--treated", "on"]
    assert main([*words, "--output", str(tmp_path / "out")]) == 0
    assert "without the service the place would have changed as the comparison did" in capsys.readouterr().out
    row = pd.read_csv(tmp_path / "out" / "estimates.csv").iloc[0]
    assert row["lower"] < 0.85 < row["upper"]
