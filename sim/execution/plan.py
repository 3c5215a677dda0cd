"""The plan of an experiment, on disk: what every worker reads, wherever it runs, and the table of its tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from scenarios.schema import IntDesign, Scenario
from scenarios.whole_file import write_json
from sim.execution.identity import WHERE_FROM, changed_setting, identity_of, settings_of
from sim.task import Arm, Arms, Task, replication_seed

FILE = "plan.json"
FORMAT = 1


@dataclass(frozen=True)
class TaskPlan:
    """One scenario for each arm, the baseline first, all alike but for the INT design; ``usual``: the burn-in's care.

    identity: see identity_of. The table of tasks is every replication of draw 0, then of draw 1, and so on.
    """

    scenarios: tuple[Scenario, ...]
    usual: IntDesign
    identity: Mapping[str, str] = field(default_factory=dict)

    @property
    def scenario(self) -> Scenario:
        """The scenario of the baseline: its place, evidence and experiment are those of every arm."""
        return self.scenarios[0]

    @property
    def arms(self) -> Arms:
        """The arms with labels of their own."""
        return Arms(self.usual, tuple(arms_of(self.scenarios)))

    @property
    def tasks(self) -> list[Task]:
        """The table of tasks; a task's number is its place here."""
        experiment = self.scenario.experiment
        return [Task(draw, one) for draw in range(experiment.draws) for one in range(experiment.replications)]

    @property
    def months_per_task(self) -> int:
        """Simulated months of one task: the burn-in once, then every arm."""
        experiment = self.scenario.experiment
        return experiment.burn_in_months + (self.arms.go_live + experiment.horizon_months) * len(self.scenarios)

    def words(self, task: Task) -> str:
        """Return which task it is, for a person: draw, replication, seed."""
        return f"draw {task.draw}, replication {task.replication} (seed {replication_seed(self.scenario, task)})"

    def write(self, folder: Path) -> None:
        """Write the plan into ``folder``: paths in full, so that a worker elsewhere finds the same files."""
        data = {
            "format": FORMAT,
            "identity": dict(self.identity),
            "arms": [plain(scenario) for scenario in self.scenarios],
            "usual": self.usual.model_dump(mode="json", by_alias=True),
            "settings": [settings_of(scenario) for scenario in self.scenarios],
        }
        write_json(folder / FILE, data)


def make_plan_of(scenarios: Sequence[Scenario], usual: IntDesign) -> TaskPlan:
    """Return the plan of these arms. Raises InputError for a place that cannot be read."""
    return TaskPlan(tuple(scenarios), usual, identity_of(scenarios, usual))


def read_plan(folder: Path) -> TaskPlan:
    """Return the plan in ``folder``. Raises InputError if there is none or it cannot be read."""
    data = read_data(folder / FILE)
    try:
        arms = tuple(Scenario.model_validate(arm) for arm in data["arms"])
        return TaskPlan(arms, IntDesign.model_validate(data["usual"]), dict(data["identity"]))
    except (KeyError, TypeError, ValueError) as problem:
        raise InputError(str(folder / FILE), f"is not a plan of this version ({problem})") from None


def read_data(path: Path) -> dict[str, Any]:
    """Return what a plan's file holds, unread. Raises InputError if it is no plan."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(str(path), "no such file: this folder holds no experiment to go on with") from None
    except ValueError as problem:
        raise InputError(str(path), f"is not a plan that can be read ({problem})") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError(str(path), f"is not a plan of this version (format {FORMAT})")
    return data


def refuse_another(plan: TaskPlan, folder: Path) -> None:
    """Raise InputError, naming what differs, if the plan in ``folder`` is of another experiment than ``plan``."""
    there = read_data(folder / FILE)
    found = there.get("identity", {})
    parts = [name for name in plan.identity if plan.identity[name] != found.get(name)]
    if not parts:
        return
    where = str(folder.parent)
    if "settings" in parts:
        here = [settings_of(scenario) for scenario in plan.scenarios]
        change = "the arms" if len(here) != len(there["settings"]) else None
        for one, other in zip(there["settings"], here, strict=False):
            change = change or changed_setting(one, other)
        raise InputError(where, f"holds another experiment ({change or 'usual care differs'}): give a new folder")
    words = {"inputs": "files of the place or evidence", "code": "code of intsim", "libraries": "libraries"}
    changed = " and ".join(words[name] for name in parts)
    raise InputError(where, f"holds an experiment begun with other {changed}: give a new folder")


def plain(scenario: Scenario) -> dict[str, Any]:
    """Return every setting as plain data, with paths in full."""
    settings: dict[str, Any] = scenario.model_dump(mode="json", by_alias=True)
    for group, name in WHERE_FROM:
        if settings[group][name] is not None:
            settings[group][name] = str(Path(settings[group][name]).resolve())
    return settings


def arms_of(scenarios: Sequence[Scenario]) -> list[Arm]:
    """Return the arms with labels of their own: a design that keeps its file's name but not its settings is marked."""
    arms: list[Arm] = []
    for scenario in scenarios:
        name = scenario.int_design.name
        while name in [arm.name for arm in arms]:
            name = f"{name}_changed"
        arms.append(Arm(name, scenario.int_design))
    return arms
