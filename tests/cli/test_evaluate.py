"""`intsim evaluate` end to end: each design from a CSV, records, a run whose effect is known, and a frozen protocol."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmarks.studies.generators import factors, staggered, wedge
from benchmarks.studies.people import confounded, repeat_attenders, series
from evaluation.draws import generator
from intsim.cli import main
from tests.unit.evaluation_synthetic import synthetic_panel
from tests.unit.test_protocol import CONTENT

RNG_LABEL = "test of evaluate"


def areas(folder: Path) -> Path:
    path = folder / "areas.csv"
    staggered(generator(1, RNG_LABEL)).frame.drop(columns="effect").to_csv(path, index=False)
    return path


def run_folder(folder: Path) -> Path:
    """A run of twelve neighbourhoods and 24 months whose design lowers attendances by the synthetic panel's 4%."""
    parts = []
    for at in range(12):
        part = synthetic_panel(replications=1, months=range(24), seed=at)
        parts.append(part.assign(neighbourhood=f"N{at}"))
    run = folder / "run"
    run.mkdir()
    pd.concat(parts, ignore_index=True).to_parquet(run / "panel.parquet")
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
    lived_words = [*words, "--as-lived", "--starts", "N0=12,N1=12,N2=12", "--output", str(tmp_path / "lived")]
    assert main(lived_words) == 0
    known = json.loads((tmp_path / "lived" / "evaluation.json").read_text(encoding="utf-8"))["known_effect"]
    primary = pd.read_csv(tmp_path / "lived" / "estimates.csv").iloc[0]
    assert primary["estimate"] == pytest.approx(known, abs=4 * primary["se"])
    capsys.readouterr()
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
    assert main(["evaluate", *source, *frozen, "--output", str(tmp_path / "out")]) == 0
    assert "prespecified by Neighbourhood teams and ED" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "out" / "estimates.csv").set_index("method")
    control = table.loc["did_callaway_santanna_never_on_injuries"]
    assert control["lower"] < 0 < control["upper"]
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))["prespecified"] is True
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
