"""Replays run: for each draw of the evidence and replication every arm once, and each study carried out on it.

What is finished is kept, a file for each draw and replication: a run that was stopped goes on, and a study that was
added or changed is the only one run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import evaluation.causal
import evaluation.replays
import intsim.replays
from evaluation.replays.comparisons import Result, carry_out
from evaluation.replays.contrast import Arms
from evaluation.replays.lives import Lives
from intsim.replays.arms import ArmPlan, live, world_of
from intsim.replays.fidelity import fidelity, with_fidelity
from intsim.replays.plan import Study, StudyPlan, digest_of
from intsim.replays.prices import hospital_prices
from scenarios.errors import InputError
from scenarios.schema import IntDesign, Scenario
from scenarios.whole_file import write_text
from sim.execution.claim import locked
from sim.execution.identity import identity_of, sources_hash
from sim.execution.pool import Workers
from sim.task import Task

IDENTITY = "identity.json"
RUNS = "runs"
FORMAT = "3"  # of kept results: another one wherever what is kept would differ
NOT_IDENTITY = ("replications", "draws", "executor", "workers", "scheduler", "slurm", "stop", "output", "name")
Progress = Callable[[int, int, str], object]
Kept = dict[str, dict[str, Any]]  # by replay: digest, and effects by name


@dataclass(frozen=True)
class Run:
    """Where results go, of what scenario and studies; ``replications`` of each draw of its evidence.

    One is enough: how much of the spread is chance is known from each estimate (see evaluation/replays/prediction.py).
    """

    scenario: Scenario
    plan: StudyPlan
    folder: Path
    replications: int = 1

    def tasks(self) -> list[Task]:
        """Return every draw and replication, draw by draw."""
        experiment = self.scenario.experiment
        pairs = [(draw, one) for draw in range(experiment.draws) for one in range(self.replications)]
        return [Task(draw, one) for draw, one in pairs]

    def path(self, task: Task) -> Path:
        """Return the file of a task's results."""
        return self.folder / RUNS / f"{task.name}.json"

    def kept(self, task: Task) -> Kept:
        """Return what is finished of a task and still of the same studies."""
        path = self.path(task)
        try:
            found: Kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except ValueError:  # cut short: it is done again
            found = {}
        return {s.name: found[s.name] for s in self.plan.studies if found.get(s.name, {}).get("digest") == s.digest}


def claim(run: Run) -> None:
    """Make the folder the run's own. Raises InputError if it holds results of other settings or another model."""
    mine = identity(run.scenario, run.plan.usual)
    path = run.folder / IDENTITY
    if path.is_file():
        try:
            there = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise InputError(str(path), "is cut short: choose another folder") from None
        for name, value in mine.items():
            if there.get(name) != value:
                words = f"holds replays of another {name}: choose another folder, or the settings it was made with"
                raise InputError(str(run.folder), words)
        return
    write_text(path, json.dumps(mine, indent=1))


def identity(scenario: Scenario, usual: IntDesign) -> dict[str, str]:
    """Return hashes of what results rest on. How many draws and replications is no part: more go on from fewer."""
    settings = scenario.model_dump(mode="json", by_alias=True)
    experiment = {k: v for k, v in settings.pop("experiment").items() if k not in NOT_IDENTITY}
    experiment.pop("horizon_months")  # each study has its own
    central = {"central": scenario.experiment.draws == 1}
    parts = {name: digest_of(value) for name, value in settings.items()}
    made_with = identity_of([scenario], usual)
    return parts | {
        "format": FORMAT,
        "experiment": digest_of(experiment | central),
        "usual care": digest_of(usual.model_dump(mode="json", by_alias=True)),
        "place, evidence or posterior": made_with["inputs"],
        "model": made_with["code"],
        "analysis": sources_hash(evaluation.replays, evaluation.causal, intsim.replays),
        "library": made_with["libraries"],
    }


def run_all(run: Run, progress: Progress, workers: int = 1) -> None:
    """Carry out every study in every task that is not finished, in one process or several: results are the same.

    Raises InputError for a folder of another run, or one in which another process is at work.
    """
    (run.folder / RUNS).mkdir(parents=True, exist_ok=True)
    with locked(run.folder / RUNS), Workers(workers) as pool:
        claim(run)
        for part in (run.folder / RUNS).glob(".*.part"):  # left by a process that was killed
            part.unlink()
        tasks = run.tasks()
        left = [task for task in tasks if len(run.kept(task)) < len(run.plan.studies)]
        done = len(tasks) - len(left)
        progress(done, len(tasks), "runs of all studies")
        for _ in pool.run(partial(run_task, run), left):
            done += 1
            progress(done, len(tasks), "runs of all studies")


def run_task(run: Run, task: Task) -> None:
    """Live through the arms of one draw and replication, and keep what each study finds as its arm ends."""
    kept = run.kept(task)
    needed = [study for study in run.plan.studies if study.name not in kept]
    if not needed:
        return
    compared: dict[str, Lives] = {}  # comparators come first, and stay until the last study
    for name, lives in live(world_of(run.scenario, task.draw), task, run.plan.usual, arms_of(run, task, needed)):
        if name in run.plan.comparators:
            compared[name] = lives
        for study in needed:
            if study.arm == name:
                kept[study.name] = {
                    "digest": study.digest,
                    "effects": studied(study, lives, compared[study.comparator]),
                }
        write_text(run.path(task), json.dumps(kept, indent=1))


def arms_of(run: Run, task: Task, needed: list[Study]) -> dict[str, ArmPlan]:
    """Return the arms that studies need, comparators first, each programme as strong as it was carried out."""
    names = {study.comparator: None for study in needed} | {study.arm: None for study in needed}
    planned = {name: run.plan.arms[name] for name in names}
    return {
        name: arm if name in run.plan.comparators else replace(arm, design=carried_out(run, task.draw, name))
        for name, arm in planned.items()
    }


def carried_out(run: Run, draw: int, arm: str) -> IntDesign:
    """Return the design of an arm with the fidelity of the draw."""
    strength = fidelity(run.scenario, draw, arm)
    planned = run.plan.arms[arm]
    return with_fidelity(planned.design, planned.against or run.plan.usual, strength, run.plan.usual)


def studied(study: Study, programme: Lives, usual: Lives) -> dict[str, dict[str, Any]]:
    """Return what a study finds of each of its effects in one run."""
    arms = Arms(programme, usual, hospital_prices())
    return {name: plain(carry_out(study.replay, effect, arms)) for name, effect in study.replay.effects.items()}


def plain(result: Result) -> dict[str, Any]:
    """Return a result as JSON takes it."""
    return {name: None if isinstance(x, float) and not np.isfinite(x) else x for name, x in asdict(result).items()}


def results_of(run: Run) -> pd.DataFrame:
    """Return a row for each run, replay and effect: draw, replication, replay, effect and the fields of Result."""
    rows = []
    for task in run.tasks():
        for name, one in run.kept(task).items():
            for effect, result in one["effects"].items():
                rows.append(
                    {"draw": task.draw, "replication": task.replication, "replay": name, "effect": effect, **result}
                )
    numbers = ("estimate", "se", "noise", "treated", "untreated", "context")
    table = pd.DataFrame(rows, columns=["draw", "replication", "replay", "effect", *Result.__dataclass_fields__])
    return table.astype(dict.fromkeys(numbers, float)).fillna({"context": 0.0})
