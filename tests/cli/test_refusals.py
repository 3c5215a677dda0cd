"""Settings that a bank, a fit or a replay has no use for are refused, and none is recorded as if it had been used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from intsim import api
from intsim.apps.calibrate import main as calibrate
from intsim.cli import main
from intsim.refusals import refuse_settings
from scenarios.errors import InputError, InputErrors

CASE = ("place=toy", "case=default", "case.options=[frailty]", "experiment=quick", "experiment.replications=2")
UNUSED = (
    "experiment.log=all",
    "experiment.person_months=enrolled",
    "experiment.scheduler=tcp://10.0.0.5:8786",
    "experiment.slurm.options=[--partition=short]",
    "experiment.stop.batch=2",
)
COMMANDS = {"bank": CASE, "calibrate": ("place=toy", "parameters=find_share"), "replay": ("all", "place=toy")}


@pytest.mark.parametrize("setting", UNUSED)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_setting_that_nothing_would_read_is_refused_with_why(
    command: str, setting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, *COMMANDS[command], setting, "--show"]) == 2
    key = setting.split("=")[0]
    what = {"bank": "a bank", "calibrate": "a fit", "replay": "a replay"}[command]
    assert capsys.readouterr().err.startswith(f"{key}: has no meaning in {what}: ")


def test_python_refuses_what_the_command_does(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"experiment\.workers: has no meaning in a bank"):
        api.bank(*CASE, "experiment.workers=2", points=2, output=tmp_path / "bank")
    assert not (tmp_path / "bank").exists()


@pytest.mark.parametrize("setting", ["experiment.draws=4", "experiment.workers=2"])
def test_a_bank_says_how_many_points_and_that_runs_are_made_one_after_another(
    setting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bank", *CASE, setting, "--show"]) == 2
    assert capsys.readouterr().err.startswith(f"{setting.split('=')[0]}: has no meaning in a bank: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_cluster_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, *COMMANDS[command], "experiment.executor=slurm", "--show"]) == 2
    assert "runs on this machine (local or serial)" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_file_of_options_sets_is_refused_too(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "ours" / "experiment"
    own.mkdir(parents=True)
    (own / "logged.yaml").write_text("defaults:\n  - quick\n  - _self_\nname: logged\nlog: all\nburn_in_months: 13\n")
    words = [word for word in COMMANDS[command] if not word.startswith("experiment=")]
    words += ["experiment=logged", "experiment.replications=2"] if command != "calibrate" else ["experiment=logged"]
    assert main([command, *words, "--config-dir", str(tmp_path / "ours"), "--show"]) == 2
    assert capsys.readouterr().err.startswith("experiment.log: has no meaning in ")


def test_every_setting_refused_is_named_and_one_that_only_begins_alike_is_not() -> None:
    why = {"experiment.stop": "all is run", "experiment.log": "nothing is kept"}
    with pytest.raises(InputErrors) as found:
        refuse_settings(["+experiment.log=all", "experiment.stop.batch=3"], why, "a test")
    assert [each.where for each in found.value.problems] == ["experiment.log", "experiment.stop.batch"]
    refuse_settings(["experiment.stopped=1", "experiment=log"], why, "a test")


def test_a_fit_still_says_where_its_runs_are_set(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=r"see plan\.replications and plan\.posterior_replications"):
        calibrate(["place=toy", "parameters=find_share", "experiment.replications=4"])
    assert capsys.readouterr().err == ""


def test_a_bank_keeps_what_reports_read_and_says_how_it_was_run(tmp_path: Path) -> None:
    folder = api.bank(*CASE, "experiment.executor=local", points=2, output=tmp_path / "bank")
    kept = {path.name.split("-")[0] for path in (folder / "tasks").glob("*.parquet")}
    assert kept == {"panel", "stocks", "workforce"}
    assert {path.stem for path in folder.glob("*.parquet")} == kept
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["scenario"]["experiment"]
    assert (said["executor"], said["workers"], said["draws"], said["replications"]) == ("serial", None, 2, 2)
    for path in folder.glob("config*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["experiment"] == said
    before = {path.name: path.read_bytes() for path in folder.glob("*.parquet")}
    said_again: list[str] = []
    api.bank(*CASE, points=2, output=folder, resume=True, say=said_again.append)
    assert said_again == ["0 of 4 runs to do, one after another"]
    assert {path.name: path.read_bytes() for path in folder.glob("*.parquet")} == before
