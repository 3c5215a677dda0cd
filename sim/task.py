"""One task of an experiment: one draw and one replication, every arm, branched from one burn-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from scenarios.registry.posteriors import values as fitted
from scenarios.schema import IntDesign, Scenario
from sim.engines import compiled, reference
from sim.execution.draws import uniforms
from sim.exposure import LEVERS, UseByPerson, exposure_frame, keys_reached
from sim.month import Advance, Course, Happened, Plan, first_course, make_plan, run_month
from sim.outcomes.by_events import events_of
from sim.outcomes.fragmentation import YearOfCare, fragmentation_frame, fragmentation_of
from sim.outcomes.frames import (
    Collected,
    Label,
    closed_frame,
    flows_frame,
    panel_frame,
    services_frame,
    waits_frame,
    write_parquet,
)
from sim.outcomes.logs import kept_log, log_frame
from sim.outcomes.person_months import PersonMonths, cohort, columns_of, used, was_there
from sim.outcomes.tables import (
    MONTHS_A_YEAR,
    Staffed,
    composition_frame,
    mortality_frame,
    needs_frame,
    stocks_frame,
    workforce_frame,
)
from sim.rules.keys import key4
from sim.world import World, build_world, own_names, posterior_of, scenario_registry

ENGINES: Mapping[str, Advance] = {"compiled": compiled.advance, "reference": reference.advance}
EXPERIMENT, EVIDENCE = 1, 2  # what a seed of an experiment is for
WHICH_POINT = "~point"  # the dimension that says which of a posterior's points a draw has: after every parameter's
TABLES = (
    "panel",
    "closed",
    "needs",
    "stocks",
    "composition",
    "mortality",
    "fragmentation",
    "workforce",
    "waits",
    "flows",
    "services",
    "exposure",
    "log",
)
PERSON_MONTHS = "person_months"  # a folder of its own: one file for each task and arm
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
    """Return the parameters of a draw: central ones if the experiment has a single draw, else a Sobol sample.

    Where a posterior stands for the place, those that it was fitted for are one of its points: the middle one, or one
    for each draw. A user's own evidence stands in any case. Raises InputError if the number of draws is not a power of
    two, or for a posterior that cannot be used.
    """
    registry, posterior = scenario_registry(scenario), posterior_of(scenario)
    if scenario.experiment.draws == 1:
        drawn, which = registry.central(), None
    else:
        at = evidence_uniforms(scenario, draw)
        drawn, which = registry.draw(at.__getitem__), at.get(WHICH_POINT)
    return drawn if posterior is None else fitted(posterior, drawn, which, own_names(scenario, registry))


def evidence_uniforms(scenario: Scenario, draw: int) -> dict[str, float]:
    """Return the Sobol coordinate of every parameter in a draw, and of the posterior's point where one stands.

    Raises InputError if the number of draws is not a power of two.
    """
    experiment = scenario.experiment
    point = [] if posterior_of(scenario) is None else [WHICH_POINT]  # one dimension more scrambles all others anew
    names = [*scenario_registry(scenario).parameters, *point]
    return uniforms(names, experiment.draws, draw, experiment.seed, EVIDENCE)


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
    usual = plan_of.usual
    start = burn_in(world, make_plan(world, usual, usual), replication_seed(scenario, task), advance, tick)
    reached_usual: dict[str, np.ndarray] = {}
    use_usual = UseByPerson()
    for number, arm in enumerate(arms):
        course = start if number == len(arms) - 1 else start.copy()
        label = Label(arm.name, task.draw, task.replication)
        plan = replace(make_plan(world, usual, arm.design), go_live=plan_of.go_live)
        name = f"{task.name}-arm{number}.parquet"
        choice = scenario.experiment.person_months
        kept = None if choice == "none" else PersonMonths(folder / f"{PERSON_MONTHS}-{name}", world.names, label)
        with kept or nullcontext():
            seen = run_arm(world, course, plan, advance, tick, kept)
        people, reach = course.state.tables.people, course.state.tables.reach
        departed = course.departed
        reached = {lever: keys_reached(people, reach, lever, plan.parting, departed) for lever in LEVERS}
        if number == 0:
            reached_usual, use_usual = reached, seen.use
        frames = seen.frames(world, label)
        frames["exposure"] = exposure_frame(reached, reached_usual, world.residents, use_usual, label)
        for table, frame in frames.items():
            write_parquet(folder / f"{table}-{name}", frame)
    return folder


@dataclass
class Seen:
    """What is kept of an arm's months: for the tables, who used hospital, the log, staff, and years of care."""

    months: list[Collected] = field(default_factory=list)
    use: UseByPerson = field(default_factory=UseByPerson)
    logs: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)
    staffed: list[Staffed] = field(default_factory=list)
    years: list[tuple[int, int, np.ndarray]] = field(default_factory=list)
    year: YearOfCare = field(default_factory=YearOfCare)

    def add(self, happened: Happened, course: Course, last: bool, log: str) -> None:
        """Add a month just run; ``last``: of the horizon; ``log``: which of it to keep (see ``kept_log``)."""
        collected, tables = happened.collected, course.state.tables
        outcomes, services = collected.outcomes, collected.services_after
        nobody = np.zeros(0, np.int32)
        self.months.append(replace(collected, outcomes=replace(outcomes, attended=nobody, admitted=nobody)))
        self.staffed.append(Staffed(collected.month, tables.teams.copy(), tables.supply.copy()))
        if collected.month >= 0:
            self.use.add(outcomes, tables.people)
            self.year.add(happened.log, services, tables.people, happened.moved_in)
            if last or self.year.months == MONTHS_A_YEAR:
                places = len(tables.teams) - 1
                sums = fragmentation_of(self.year, tables.people, tables.communities, places, outcomes.end_s)
                self.years.append((collected.month // MONTHS_A_YEAR, self.year.months, sums))
                self.year = YearOfCare()
        kept = kept_log(happened.log, log, collected.month)
        if kept is not None:
            self.logs.append((collected.month, kept, services))

    def frames(self, world: World, label: Label) -> dict[str, pd.DataFrame]:
        """Return the tables of the arm by name, without exposure."""
        months, names = self.months, world.names
        live = [month for month in months if month.month >= 0]
        frames = {
            "panel": panel_frame(months, names, label),
            "closed": closed_frame(live, names, label),
            "needs": needs_frame(months, names, label),
            "stocks": stocks_frame(months, names, label),
            "composition": composition_frame(months, label),
            "mortality": mortality_frame(live, label),
            "fragmentation": fragmentation_frame(self.years, names, label),
            "workforce": workforce_frame(months, self.staffed, names, label),
            "waits": waits_frame(months, names, label),
            "flows": flows_frame(live, label),
            "services": services_frame(months, names, label),
        }
        if self.logs:
            frames["log"] = log_frame(self.logs, names, label)
        return frames


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
    world: World, course: Course, plan: Plan, advance: Advance, tick: Tick, kept: PersonMonths | None = None
) -> Seen:
    """Run an arm over the horizon and return what was seen; person-months go to ``kept`` as they come."""
    experiment = world.scenario.experiment
    seen = Seen()
    for happened in months_of(world, course, plan, advance):
        month = happened.collected.month
        if kept is not None and month >= 0:
            write_persons(kept, happened, course, experiment.person_months)
        seen.add(happened, course, month == experiment.horizon_months - 1, experiment.log)
        tick("months")
    return seen


def write_persons(kept: PersonMonths, happened: Happened, course: Course, choice: str) -> None:
    """Write the month just run of each person of the cohort who lived there."""
    tables, outcomes = course.state.tables, happened.collected.outcomes
    people = tables.people
    mine = cohort(choice, people, tables.reach, tables.params[0], outcomes.start_s)
    chosen = np.flatnonzero(mine & was_there(people, course.state.exits))
    who = columns_of(chosen, people, tables.communities, tables.reach, outcomes.start_s)
    events = events_of(happened.closed, people, course.state.services, happened.before)
    kept.write(happened.collected.month, who | used(events, chosen, len(people)))
