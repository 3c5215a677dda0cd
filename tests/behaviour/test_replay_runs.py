"""Replays in the model: three studies on the toy place, on both engines, stopped and gone on with, figures unread."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import evaluation.replays.published as published
from evaluation.replays.reader import STUDIES, names_in
from intsim.apps.replay import scenario_of
from intsim.cli import main
from intsim.replays.plan import study_plan
from intsim.replays.report import report
from intsim.replays.run import RUNS, Run, identity, results_of, run_all
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.place_files import PLACES
from sim.agents.design import with_settings
from sim.execution.claim import locked
from sim.experiment import usual_care

THREE = ("prismatic", "named_gp", "discharge_plan")
TOY = ("place=toy", "experiment.burn_in_months=13", "experiment.replications=2", "experiment.draws=4")
FIGURES = ["estimate", "se", "noise", "treated", "untreated"]


def short(folder: Path, names: tuple[str, ...] = THREE) -> Path:
    """Return a folder of replays with what they are made of cut to two months, and no published figures at all."""
    for name in names:
        (folder / name).mkdir(parents=True)
        text = yaml.safe_load((STUDIES / name / "replay.yaml").read_text(encoding="utf-8"))
        text["people"] = text.get("people", {}) | {"within_months": 1}
        for effect in text["effects"].values():
            effect["months"] = [0, 2]
        (folder / name / "replay.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    return folder


def run_of(folder: Path, studies: Path, *words: str, names: tuple[str, ...] = THREE) -> Run:
    """Return a run of replays on the toy place."""
    return Run(compose([*TOY, *words]), study_plan(list(names), studies, usual_care()), folder)


def quiet(done: int, total: int, what: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a finished run of three studies: four draws of the evidence on the toy place."""
    studies = short(tmp_path_factory.mktemp("studies"))
    run = run_of(tmp_path_factory.mktemp("out") / "replays_out", studies)
    run_all(run, quiet)
    return run


def test_three_studies_are_carried_out_without_any_published_figure(finished: Run) -> None:
    table = results_of(finished)
    assert set(table["replay"]) == set(THREE)
    assert table.groupby(["replay", "effect"])["estimate"].count().loc["prismatic"].eq(4).all()
    drawn = table[(table["replay"] == "named_gp") & (table["effect"] == "gp_contacts")]["estimate"]
    assert drawn.nunique() == 4, "each draw of the evidence gives its own figure"


def turned(finding: dict[str, Any], scale: str) -> dict[str, float]:
    """Return a published figure and its interval the other way: the inverse of a ratio, else the negative."""
    ends = {"estimate": "estimate", "low": "high", "high": "low"}
    return {to: 1 / finding[of] if scale == "ratio" else -finding[of] for of, to in ends.items() if of in finding}


def test_published_figures_change_scores_and_nothing_else(
    finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures turned upside down leave every estimate and interval where it was; and runs never open their files.

    Turned about no effect on the scale of the comparison, so that the standard error a study printed, which its
    prediction takes its width from, stays.
    """
    studies, boards = [], []
    for sign in (1, -1):
        folder = tmp_path / f"studies{sign}"
        for name in THREE:
            (folder / name).mkdir(parents=True)
            shutil.copy(STUDIES / name / "published.yaml", folder / name)
            text = yaml.safe_load((folder / name / "published.yaml").read_text(encoding="utf-8"))
            settings = yaml.safe_load((STUDIES / name / "replay.yaml").read_text(encoding="utf-8"))["effects"]
            for effect, finding in text["effects"].items():
                if sign < 0:
                    finding |= turned(finding, settings[effect]["scale"])
            (folder / name / "published.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
        studies.append(folder)
        boards.append(report(finished, folder).scores)
    same = ["predicted", "low", "high", "evidence_sd", "study_se"]
    pd.testing.assert_frame_equal(boards[0][same], boards[1][same])
    assert not boards[0]["published"].equals(boards[1]["published"])

    def refuse(*_: object) -> None:
        raise AssertionError("a run read what was published")

    monkeypatch.setattr(published, "read_published", refuse)
    monkeypatch.setattr(published, "read_block", refuse)
    again = run_of(
        tmp_path / "again", short(tmp_path / "alone", ("named_gp",)), "experiment.draws=1", names=("named_gp",)
    )
    run_all(again, quiet)
    assert len(results_of(again)) == 2


def test_a_run_that_was_stopped_goes_on_and_is_the_same(finished: Run, tmp_path: Path) -> None:
    half = tmp_path / "half"
    shutil.copytree(finished.folder, half)
    last = sorted((half / "runs").glob("*.json"))[-1]
    kept = json.loads(last.read_text(encoding="utf-8"))
    del kept["prismatic"]
    last.write_text(json.dumps(kept), encoding="utf-8")
    untouched = {path: path.stat().st_mtime_ns for path in (half / "runs").glob("*.json") if path != last}
    run = Run(finished.scenario, finished.plan, half)
    run_all(run, quiet)
    pd.testing.assert_frame_equal(results_of(run), results_of(finished))
    assert all(path.stat().st_mtime_ns == when for path, when in untouched.items()), (
        "what was finished is not run again"
    )


def test_other_settings_do_not_go_on_in_the_same_folder(finished: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds replays of another place"):
        run_all(Run(compose([*TOY, "place.population_seed=2"]), finished.plan, finished.folder), quiet)


def test_another_place_of_the_same_name_or_usual_care_is_another_run(tmp_path: Path) -> None:
    own, usual = tmp_path / "own", usual_care()
    shutil.copytree(PLACES / "toy", own)
    scenario = compose([*TOY, f"place.folder={own}"])
    before = identity(scenario, usual)
    hospitals = own / "hospitals.csv"
    table = pd.read_csv(hospitals)
    table.assign(ed_attendances_per_year=table["ed_attendances_per_year"] + 100).to_csv(hospitals, index=False)
    after = identity(scenario, usual)
    assert {name for name in before if before[name] != after[name]} == {"place, evidence or posterior"}
    more = with_settings(usual, {"relationships.continuity.reach_share": 0.9})
    assert {name for name in after if after[name] != identity(scenario, more)[name]} == {"usual care"}


def test_both_engines_give_the_same_figures(tmp_path: Path) -> None:
    studies = short(tmp_path / "studies", ("prismatic",))
    tables = []
    for engine in ("compiled", "reference"):
        words = (f"engine={engine}", "experiment.draws=1", "experiment.burn_in_months=2")
        run = run_of(tmp_path / engine, studies, *words, names=("prismatic",))
        run_all(run, quiet)
        tables.append(results_of(run))
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert tables[0][FIGURES].notna().all().all()


def test_the_command_lists_scores_and_writes_a_page(
    finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(names_in())
    board = report(finished, STUDIES)
    page = (finished.folder / "replays.html").read_text(encoding="utf-8")
    assert "Tuned:" in page
    assert "forest_tuned.svg" in page
    assert (finished.folder / "figures" / "forest_tuned.png").is_file()
    assert len(pd.read_csv(finished.folder / "scores.csv")) == len(board.scores) == 9
    row = board.scores[(board.scores["replay"] == "prismatic") & (board.scores["effect"] == "admissions")].iloc[0]
    assert row["published"] == 0.011
    assert math.isfinite(row["predicted"])


def test_two_processes_do_not_run_replays_in_one_folder(finished: Run) -> None:
    with (
        locked(finished.folder / RUNS),
        pytest.raises(InputError, match="replays_out: another process is running this experiment"),
    ):
        run_all(finished, quiet)
    run_all(finished, quiet)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prismatik"], "no such replay 'prismatik': did you mean 'prismatic'?"),
        ([], "name replays, or all"),
        (["all", "int=frailty"], "each study has a design of its own"),
        (["all", "experiment.burn_in_months=3"], "must be at least 13"),
        (["all", "experiment.draws=3"], "power of two"),
        (["all", "--studies", "nowhere"], "no such folder of replays"),
        (["all", "experiment.executor=dask"], "a replay runs on this machine"),
    ],
)
def test_wrong_input_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *words, "--show"] if "--studies" not in words else ["replay", *words]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error


def test_settings_of_a_replay() -> None:
    one = scenario_of(["place=toy"])
    assert (one.place.name, one.experiment.draws) == ("toy", 8)
    assert scenario_of([]).place.basis == 20000
