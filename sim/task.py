"""One task of an experiment: one draw and one replication, every arm, branched from one burn-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from scenarios.schema import IntDesign, Scenario
from sim.agents.design import from_scenario
from sim.engines import compiled, reference
from sim.exposure import LEVERS, UseByPerson, exposure_frame, keys_reached
from sim.month import Advance, Course, Happened, Plan, first_course, make_plan, run_month
from sim.outcomes.frames import (
    Collected,
    Label,
    flows_frame,
    panel_frame,
    services_frame,
    waits_frame,
    write_parquet,
)
from sim.outcomes.logs import kept_log, log_frame
from sim.rules.keys import key3, key4, unit
from sim.world import World, build_world, scenario_registry

ENGINES: Mapping[str, Advance] = {"compiled": compiled.advance, "reference": reference.advance}
EXPERIMENT, EVIDENCE = 1, 2  # what a seed of an experiment is for
TABLES = ("panel", "waits", "flows", "services", "exposure", "log")
Tick = Callable[[str], None]


@dataclass(frozen=True)
class Arm:
    """One arm: its label and its INT design."""

    name: str
    design: IntDesign


@dataclass(frozen=True)
class Task:
    """One draw and one replication of a scenario."""

    draw: int
    replication: int

    @property
    def name(self) -> str:
        """The name of the task's files."""
        return f"draw{self.draw:05d}-replication{self.replication:05d}"


def replication_seed(scenario: Scenario, task: Task) -> int:
    """Return the seed of a task: a hash of the experiment's seed, the draw and the replication."""
    return int(key4(scenario.experiment.seed, EXPERIMENT, task.draw, task.replication))


def drawn_values(scenario: Scenario, draw: int) -> dict[str, float]:
    """Return the parameters of a draw: central ones if the experiment has a single draw, else a keyed sample."""
    from sim.agents.base import text_key

    registry = scenario_registry(scenario)
    if scenario.experiment.draws == 1:
        return registry.central()
    root = np.uint64(key3(scenario.experiment.seed, EVIDENCE, draw))
    return registry.draw(lambda name: uniform_of(root, text_key(name)))


def uniform_of(root: np.uint64, name: int) -> float:
    """Return the uniform draw of the parameter with key ``name`` in the draw with key ``root``."""
    return float(unit(np.uint64(key3(root, np.uint64(name), 0))))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Arms:
    """The arms of an experiment, the baseline first, and ``usual``: the care of the burn-in, which designs add to."""

    usual: IntDesign
    arms: tuple[Arm, ...]

    @property
    def go_live(self) -> int:
        """Months from the parting of the arms until the last design goes live: month 0 of every table."""
        return max(arm.design.transition.go_live_month for arm in self.arms)


def run_task(
    scenario: Scenario, plan_of: Arms, task: Task, folder: Path, world: World | None = None, tick: Tick = print
) -> Path:
    """Run every arm of one task and write its tables into ``folder`` as task-named Parquet; return ``folder``.

    ``tick`` is called after every simulated month with what has been done.
    """
    arms = plan_of.arms
    if world is None:
        world = build_world(scenario, drawn_values(scenario, task.draw))
    advance = ENGINES[scenario.engine.name]
    usual = from_scenario(plan_of.usual)
    start = burn_in(world, make_plan(world, usual, usual), replication_seed(scenario, task), advance, tick)
    reached_usual: dict[str, np.ndarray] = {}
    use_usual = UseByPerson()
    for number, arm in enumerate(arms):
        course = start if number == len(arms) - 1 else start.copy()
        label = Label(arm.name, task.draw, task.replication)
        plan = replace(
            make_plan(world, usual, from_scenario(arm.design), arm.design.geography), go_live=plan_of.go_live
        )
        months, use, logs = run_arm(world, course, plan, advance, tick)
        people, reach = course.state.tables.people, course.state.tables.reach
        reached = {lever: keys_reached(people, reach, lever, plan.parting) for lever in LEVERS}
        if number == 0:
            reached_usual, use_usual = reached, use
        frames = {
            "panel": panel_frame(months, world.names, label),
            "waits": waits_frame(months, world.names, label),
            "flows": flows_frame([month for month in months if month.month >= 0], label),
            "services": services_frame(months, world.names, label),
            "exposure": exposure_frame(reached, reached_usual, world.residents, use_usual, label),
        }
        if logs:
            frames["log"] = log_frame(logs, world.names, label)
        for table, frame in frames.items():
            write_parquet(frame, folder / f"{table}-{task.name}-arm{number}.parquet")
    return folder


def burn_in(world: World, plan: Plan, seed: int, advance: Advance, tick: Tick) -> Course:
    """Return a replication's course at the month the arms part: usual care until then."""
    course = first_course(world, seed)
    for _ in range(plan.parting):
        run_month(world, course, plan, advance)
        tick("burn-in")
    return course


def months_of(world: World, course: Course, plan: Plan, advance: Advance) -> Iterator[Happened]:
    """Yield each month from the parting of the arms to the end of the horizon as it is finished."""
    for _ in range(plan.go_live + world.scenario.experiment.horizon_months):
        yield run_month(world, course, plan, advance)


def run_arm(
    world: World, course: Course, plan: Plan, advance: Advance, tick: Tick
) -> tuple[list[Collected], UseByPerson, list[tuple[int, np.ndarray, np.ndarray]]]:
    """Run an arm over the horizon; return its months, who used hospital, and the log kept as the experiment says."""
    months: list[Collected] = []
    logs: list[tuple[int, np.ndarray, np.ndarray]] = []
    use = UseByPerson()
    for happened in months_of(world, course, plan, advance):
        collected = happened.collected
        months.append(collected)
        if collected.month >= 0:
            use.add(happened.log, collected.services_after)
        kept = kept_log(happened.log, world.scenario.experiment.log, collected.month)
        if kept is not None:
            logs.append((collected.month, kept, collected.services_after))
        tick("months")
    return months, use, logs


def read_tables(folder: Path, table: str) -> pd.DataFrame | None:
    """Return one table of all tasks, in task and arm order; None if no task wrote it."""
    parts = sorted(folder.glob(f"{table}-*.parquet"))
    if not parts:
        return None
    return pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)
