"""Stopping once an outcome is known well enough: at fixed places of the task table, whoever was faster."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

import intsim
from evaluation.outcomes import chosen
from evaluation.twins import compare
from intsim.precision import half_width, judge_of
from scenarios.compose import compose
from scenarios.errors import InputError
from sim.execution.ledger import Ledger
from sim.execution.stopping import looks
from sim.experiment import Conduct, compare_arms, run_scenario
from sim.task import Task
from tests.execution.runs import tables

STOP = ("experiment.stop.outcome=ed_attendances", "experiment.stop.half_width=1000")
WORDS = ("place=toy", "experiment=quick", "experiment.horizon_months=2", "experiment.burn_in_months=0")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("experiment.replications=10",), [10]),
        (("experiment.replications=10", *STOP), [4, 8, 10]),
        (("experiment.replications=8", *STOP, "experiment.stop.batch=2"), [2, 4, 6, 8]),
        (("experiment.replications=3", *STOP), [3]),
        (("experiment.replications=2", "experiment.draws=32", *STOP), [8, 16, 32, 64]),
        (("experiment.replications=2", "experiment.draws=2", *STOP), [4]),
    ],
)
def test_looks_are_at_fixed_places(words: Sequence[str], expected: list[int]) -> None:
    assert looks(compose(["place=toy", *words]).experiment) == expected


def test_a_comparison_stops_at_the_first_look_that_is_narrow_enough(tmp_path: Path) -> None:
    words = (*WORDS, "experiment.replications=6", "experiment.stop.batch=2", "experiment.executor=serial")
    asked: list[int] = []

    def judge(panels: Sequence[Path]) -> float:
        asked.append(len(panels))
        return half_width(panels, "ed_attendances")

    arms = [compose([*words, *STOP]), compose([*words, *STOP, "int=frailty"])]
    folder = compare_arms(*arms, tmp_path / "run", lambda *_: None, Conduct(judge=judge))
    assert asked == [4]  # two arms of two tasks
    panel = pd.read_parquet(folder / "panel.parquet")
    assert sorted(panel["replication"].unique()) == [0, 1]
    stop = json.loads((folder / "manifest.json").read_text())["stop"]
    assert stop["tasks"] == 2
    assert stop["reached"]
    row = compare(panel, "usual_care", "frailty", chosen(["ed_attendances"])).iloc[0]
    assert stop["half_width"] == pytest.approx((row["upper"] - row["lower"]) / 2, rel=1e-12)


@pytest.mark.slow
def test_where_it_stops_does_not_depend_on_the_workers(tmp_path: Path) -> None:
    found = []
    for workers in (1, 3):
        words = (*WORDS, "experiment.replications=5", "experiment.stop.batch=2", f"experiment.workers={workers}")
        output = tmp_path / str(workers)
        found.append(tables(intsim.compare(*words, *STOP, "int=frailty", output=output)))
    assert found[0] == found[1]


def test_all_replications_are_run_if_it_is_never_narrow_enough(tmp_path: Path) -> None:
    words = (*WORDS, "experiment.replications=3", "experiment.stop.batch=2", "experiment.executor=serial", *STOP)
    arms = [compose(words), compose([*words, "int=frailty"])]
    folder = compare_arms(*arms, tmp_path / "run", lambda *_: None, Conduct(judge=lambda panels: math.nan))
    assert pd.read_parquet(folder / "panel.parquet")["replication"].nunique() == 3
    assert not json.loads((folder / "manifest.json").read_text())["stop"]["reached"]


def test_an_outcome_that_reports_do_not_have_is_refused_with_the_nearest() -> None:
    words = ("place=toy", "experiment.stop.outcome=ed_attendance", "experiment.stop.half_width=1")
    with pytest.raises(InputError, match=r"experiment\.stop\.outcome: no outcome 'ed_attendance': did you mean"):
        judge_of(compose(words).experiment)


def test_one_arm_has_no_difference_to_judge(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"experiment\.stop\.outcome: needs two arms"):
        run_scenario(compose([*WORDS, *STOP]), tmp_path / "run", lambda *_: None)
    assert not (tmp_path / "run").exists()


def test_parts_are_read_in_task_order(tmp_path: Path) -> None:
    for name in ("panel-draw00001-replication00000-arm0", "panel-draw00000-replication00001-arm10"):
        (tmp_path / f"{name}.parquet").touch()
    for arm in (1, 0, 10):
        (tmp_path / f"panel-draw00000-replication00000-arm{arm}.parquet").touch()
    found = Ledger(tmp_path).parts("panel", [Task(0, 0), Task(0, 1), Task(1, 0)])
    assert [path.stem.removeprefix("panel-draw0000") for path in found] == [
        "0-replication00000-arm0",
        "0-replication00000-arm1",
        "0-replication00000-arm10",
        "0-replication00001-arm10",
        "1-replication00000-arm0",
    ]
