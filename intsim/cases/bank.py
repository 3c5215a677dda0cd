"""A bank of draws in which the dose of every option varies too: what emulators of a case are fitted to.

A point is a draw of the evidence with doses of its own: how much of the planned staff and reach there is, and how many
months until reach is full. Every point runs the comparator and all options from one burn-in, and is kept as it ends, so
that a bank that is stopped goes on where it was.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from calibration.design.points import uniform_points
from intsim.cases.emulated import RAMP, REACH, STAFF
from intsim.refusals import refuse_values
from scenarios.errors import InputError
from scenarios.schema import IntDesign, Scenario
from scenarios.schema.scenario import Slurm

if TYPE_CHECKING:
    from sim.execution.ledger import Ledger
    from sim.task import Task

DOSES = (REACH, STAFF, RAMP)
MOST = {REACH: 2.0, STAFF: 3.0, RAMP: 36.0}  # times what is planned, and months; the least is 0
POINTS = 64
TABLES = ("panel", "stocks", "workforce")  # that are kept of a run
_ALONE, _KEPT = "its runs are made one after another in this process", "its runs leave the tables of a report, no more"
NOT_BANKED = {  # settings that a bank has no use for, and why
    "experiment.draws": "a draw is a point: --points says how many",
    "experiment.stop": "every point is run",
    "experiment.log": _KEPT,
    "experiment.person_months": _KEPT,
    "experiment.workers": _ALONE,
    "experiment.scheduler": _ALONE,
    "experiment.slurm": _ALONE,
}
FILE, FORMAT = "bank.json", 1
PLACES_WORDS = ("reach_share", "_share_per_month", "_share_per_year", "caseload_per_10000", "households_per_worker")
Progress = Callable[[int, int, str], Any]
Say = Callable[[str], Any]


def doses_of(points: int, seed: int) -> pd.DataFrame:
    """Return the doses of each point, evenly spread (scrambled Sobol): one column a dose."""
    at = uniform_points(points, len(DOSES), seed)
    return pd.DataFrame({name: MOST[name] * at[:, column] for column, name in enumerate(DOSES)})


def dosed(design: IntDesign, comparator: IntDesign, reach: float, staff: float, ramp_months: float) -> IntDesign:
    """Return ``design`` with so many times what it adds to the comparator in reach and in staff and places.

    Shares stay from 0 to 1, and nothing falls below 0.
    """
    mine, usual = (each.model_dump(mode="json") for each in (design, comparator))
    made = _scaled(mine, usual, reach, staff, ())
    made["transition"]["ramp_months"] = ramp_months
    return IntDesign.model_validate(made)


def _scaled(mine: Any, usual: Any, reach: float, staff: float, path: tuple[str, ...]) -> Any:
    if isinstance(mine, dict):
        there = usual if isinstance(usual, dict) else {}
        return {name: _scaled(value, there.get(name), reach, staff, (*path, name)) for name, value in mine.items()}
    number = isinstance(mine, int | float) and not isinstance(mine, bool)
    if not (number and isinstance(usual, int | float)):
        return mine
    name = path[-1]
    if path[0] == "workforce" and (path[1] == "added_fte" or name.startswith("added_")):
        return max(usual + staff * (mine - usual), 0.0)
    if name.endswith(PLACES_WORDS):
        found = max(usual + reach * (mine - usual), 0.0)
        return min(found, 1.0) if "share" in name else found
    return mine


@dataclass(frozen=True)
class Bank:
    """A bank to be run: its arms (the comparator first) as designed, and how many points and replications."""

    arms: Sequence[Scenario]
    points: int
    replications: int

    @property
    def scenario(self) -> Scenario:
        """The scenario of all points, with as many draws."""
        return self.run_as[0]

    @property
    def run_as(self) -> list[Scenario]:
        """The arms as they are run: as many draws as points, one run after another in this process."""
        how = {"executor": "serial", "workers": None, "scheduler": None, "slurm": Slurm()}
        own = {"draws": self.points, "replications": self.replications, **how}
        experiment = self.arms[0].experiment.model_copy(update=own)
        return [arm.model_copy(update={"experiment": experiment}) for arm in self.arms]

    def check(self) -> None:
        """Raise InputError for points that are not a power of two, or settings that a bank has no use for."""
        from sim.execution.draws import check_draws

        check_draws(self.points)
        refuse_values(self.arms[0], NOT_BANKED, "a bank")


def run_bank(bank: Bank, folder: Path, progress: Progress, resume: bool, say: Say) -> Path:
    """Run what is missing of ``bank`` in ``folder``, gather its tables there and return it.

    Raises InputError for points that are not a power of two, settings that a bank has no use for, or a folder of
    another bank.
    """
    from sim.execution.claim import locked
    from sim.execution.ledger import Ledger
    from sim.experiment import usual_care
    from sim.task import Arm, Arms, Task, drawn_values, run_task
    from sim.warm import ensure_compiled
    from sim.world import build_world

    bank.check()
    scenario, usual = bank.scenario, usual_care()
    whose = identity(bank, usual)
    claim(folder, whose, resume)
    ensure_compiled()
    doses = doses_of(bank.points, scenario.experiment.seed)
    tasks = folder / "tasks"
    tasks.mkdir(parents=True, exist_ok=True)
    comparator, *options = (arm.int_design for arm in bank.arms)
    all_tasks = [Task(point, run) for point in range(bank.points) for run in range(bank.replications)]
    residents = 0
    with locked(tasks):
        ledger = Ledger(tasks)
        ledger.sweep()
        left = [task for task in all_tasks if not ledger.finished(task)]
        say(f"{len(left)} of {len(all_tasks)} runs to do, one after another")
        for task in left:
            began = time.monotonic()
            world = build_world(scenario, drawn_values(scenario, task.draw))
            residents = world.residents
            own = doses.iloc[task.draw]
            designs = [dosed(each, comparator, own[REACH], own[STAFF], own[RAMP]) for each in options]
            arms = Arms(usual, tuple(Arm(each.name, each) for each in (comparator, *designs)))
            ledger.begin(task)
            run_task(scenario, arms, task, tasks, world, lambda words: None)
            drop_others(ledger, task)
            ledger.finish(task, time.monotonic() - began)
            progress(len(all_tasks) - len(left) + left.index(task) + 1, len(all_tasks), "runs of the bank")
        if residents == 0:
            residents = build_world(scenario, drawn_values(scenario, 0)).residents
        gather(bank, folder, ledger, all_tasks, doses, residents, whose)
    return folder


def drop_others(ledger: Ledger, task: Task) -> None:
    """Remove the tables of a run that a bank does not keep."""
    for path in ledger.tables(task):
        if not path.name.startswith(tuple(f"{table}-" for table in TABLES)):
            path.unlink()


def identity(bank: Bank, usual: IntDesign) -> str:
    """Return a hash of what decides the bank's runs."""
    from sim.execution.identity import identity_of, whole

    return whole({**identity_of(bank.run_as, usual), "most": json.dumps(MOST, sort_keys=True)})


def claim(folder: Path, whose: str, resume: bool) -> None:
    """Make ``folder`` the bank's. Raises InputError if it holds anything else, or anything without ``resume``."""
    mark = folder / FILE
    if folder.is_dir() and any(folder.iterdir()):
        if not resume:
            raise InputError(str(folder), "holds files already: go on with --resume, or give a new folder")
        try:
            found = json.loads(mark.read_text(encoding="utf-8")).get("identity")
        except (OSError, ValueError, AttributeError):
            found = None
        if found != whose:
            raise InputError(str(folder), "holds another bank (other settings, inputs or code): give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    from scenarios.whole_file import write_json

    write_json(mark, {"format": FORMAT, "identity": whose})


def gather(
    bank: Bank, folder: Path, ledger: Ledger, tasks: Sequence[Task], doses: pd.DataFrame, residents: int, whose: str
) -> None:
    """Put the bank's tables together beside its settings as designed and a manifest that holds its doses."""
    from scenarios.schema.saved import write_yaml
    from scenarios.whole_file import write_json
    from sim.execution.tables import join_parts
    from sim.outcomes.manifest import version_of

    for table in TABLES:
        parts = ledger.parts(table, tasks)
        if parts:
            join_parts(parts, folder / f"{table}.parquet")
    names = [arm.int_design.name for arm in bank.arms]
    for arm, name in zip(bank.run_as, names, strict=True):
        path = folder / ("config.yaml" if name == names[-1] else f"config-{name}.yaml")
        write_yaml(path, arm)
    settings = bank.run_as[-1]
    about = {
        "version": version_of("intsim"),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": settings.model_dump(mode="json", by_alias=True),
        "arms": names,
        "baseline": names[0],
        "residents": residents,
        "seeds": {"experiment": settings.experiment.seed},
        "experiment_sha256": whose,
        "doses": doses.to_dict("list"),
    }
    write_json(folder / "manifest.json", about)
