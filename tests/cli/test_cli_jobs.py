"""The jobs themselves, from the command line, on the toy place."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import intsim
from intsim.cli import main
from scenarios.schema.saved import read_yaml

pytestmark = pytest.mark.slow

TOY = ["place=toy", "experiment=quick", "experiment.horizon_months=2", "experiment.burn_in_months=1"]


def test_run_keeps_its_settings_its_panel_and_a_manifest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "results"
    assert main(["run", *TOY, f"experiment.output={folder}"]) == 0
    said = capsys.readouterr().out
    assert "ED attendances" in said
    assert f"Results: {folder}" in said
    assert read_yaml(folder / "config.yaml") == intsim.scenario(*TOY, f"experiment.output={folder}")
    assert json.loads((folder / "manifest.json").read_text())
    panel = pd.read_parquet(folder / "panel.parquet")
    assert set(panel["arm"]) == {"usual_care"}
    assert panel.loc[panel["month"] >= 0, "person_seconds"].sum() > 0


def test_a_second_run_into_the_same_folder_is_refused_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = intsim.run(*TOY, output=tmp_path / "results")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert main(["run", *TOY, f"experiment.output={folder}"]) == 2
    assert "holds another run" in capsys.readouterr().err
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_compare_prints_a_table_and_writes_a_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "results"
    words = [*TOY, "experiment.replications=2", "int=frailty", "baseline=usual_care", f"experiment.output={folder}"]
    assert main(["compare", *words]) == 0
    assert "ED attendances" in capsys.readouterr().out
    assert set(pd.read_parquet(folder / "panel.parquet")["arm"]) == {"usual_care", "frailty"}
    assert "<html" in (folder / "report.html").read_text()[:2000].lower()
    assert list((folder / "figures").iterdir())


def test_verify_finds_the_engines_equal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", *TOY, "int=consistent_core"]) == 0
    assert "agree on all" in capsys.readouterr().out
    result = intsim.verify(*TOY, "int=outreach")
    assert result.equal
    assert result.contacts > 100


def test_a_sweep_runs_each_combination_in_a_folder_of_its_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["run", "-m", *TOY, "int=usual_care,outreach", f"experiment.output={tmp_path / 'sweep'}"]) == 0
    assert "2 of 2" in capsys.readouterr().out
    arms = [pd.read_parquet(tmp_path / "sweep" / name / "panel.parquet")["arm"].iloc[0] for name in "01"]
    assert arms == ["usual_care", "outreach"]
