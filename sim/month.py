"""One month of one arm: agents, rules, capacities, then the engine, then the counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from scenarios.schema import IntDesign
from sim.agents.base import Base
from sim.agents.capacity import CapacitySettings, month_changes
from sim.agents.capacity import from_scenario as capacity_settings
from sim.agents.month import step_month, tell_agents
from sim.calendar import DAY_S
from sim.codes import DEAD, DIED, LEFT, PRESENT
from sim.engines.state import State
from sim.outcomes.deaths import death_classes
from sim.outcomes.frames import Collected
from sim.outcomes.reducer import ClosedMonth, Memory, MonthOutcomes, reduce_month
from sim.place.columns import REACH
from sim.place.groups import USUAL, Membership, membership, set_teams
from sim.place.newcomers import movers_in, newborns
from sim.place.trend import trend_factors
from sim.rules.month import background_rows, fold_month, lever_selection, month_exits, month_needs
from sim.world import World, first_state

Advance = Callable[[State, int], np.ndarray]


@dataclass(frozen=True)
class Plan:
    """What an arm does: usual care until the arms part, then its design.

    parting: the month in which the arms part, counted from the start of burn-in.
    """

    usual: IntDesign
    design: IntDesign
    capacity: CapacitySettings
    parting: int
    feedback: bool
    background: bool
    go_live: int = 0  # months from the parting until month 0 of the tables
    served: Membership = USUAL  # which INT serves whom once the design is live


@dataclass
class Course:
    """The course of one arm so far: its state, and what agents and the reducer remember between months."""

    month: int
    state: State
    base: Base
    memory: Memory = field(default_factory=Memory)
    last: MonthOutcomes | None = None  # what the agents read at the next boundary

    def copy(self) -> Course:
        """Return an independent course that goes on from here: another arm."""
        return replace(self, state=self.state.copy(), base=self.base.copy())


@dataclass(frozen=True)
class Happened:
    """A finished month: what was counted, of what, and what the reducer knew of open episodes before it."""

    collected: Collected
    closed: ClosedMonth
    before: Memory

    @property
    def log(self) -> np.ndarray:
        """The month's log (records.LOG)."""
        return self.closed.log

    @property
    def created(self) -> np.ndarray:
        """The needs made for the month (records.ROW)."""
        return self.closed.created


def make_plan(world: World, usual: IntDesign, design: IntDesign) -> Plan:
    """Return the plan of an arm of ``world``.

    Raises InputError for a group that is none.
    """
    services = world.scenario.services
    return Plan(
        usual=usual,
        design=design,
        capacity=capacity_settings(services, world.open_patterns),
        parting=world.scenario.experiment.burn_in_months,
        feedback=services.monthly_feedback,
        background=services.background,
        served=membership(design.geography, dict(world.values)),
    )


def first_course(world: World, seed: int) -> Course:
    """Return the course of a replication at second 0."""
    return Course(month=0, state=first_state(world, seed), base=world.base.copy())


def run_month(world: World, course: Course, plan: Plan, advance: Advance) -> Happened:
    """Run the course's next month, in the order of docs/semantics.md, and count it. The course moves on in place."""
    calendar, month, state = world.calendar, course.month, course.state
    start_s, end_s = calendar.month_start_s(month), calendar.month_start_s(month + 1)
    since = month - plan.parting
    state.tables.trend[:] = trend_factors(world.scenario.trend, world.values, since)
    if course.last is not None:
        tell_agents(course.last, state.services, state.tables, plan.feedback)
    set_served(world, state, plan, since, start_s // DAY_S)
    step_month(state.tables, course.base, plan.usual, plan.design, month, since, feedback=plan.feedback)
    fold_month(state.tables, month, start_s)
    add_newcomers(world, state, month, start_s // DAY_S)
    set_served(world, state, plan, since, start_s // DAY_S)
    created = make_needs(world, state, month, plan.background)
    state.add_rows(created)
    state.exits = in_order(month_exits(state.tables, month, start_s, end_s), state.tables.people)
    state.changes = month_changes(state.tables, state.services, state.pools, month, calendar, plan.capacity)
    services, pools = state.services.copy(), state.pools.copy()
    log = advance(state, end_s)
    closed = ClosedMonth(
        start_s, end_s, log, state.rows, created, state.exits, death_classes(state.tables, state.exits)
    )
    outcomes = reduce_month(
        closed, state.tables.people, state.tables.communities, state.services, len(state.tables.teams), course.memory
    )
    take_away(state)
    before = course.memory
    course.memory, course.last, course.month = outcomes.memory, outcomes, month + 1
    collected = Collected(
        month - plan.parting - plan.go_live,
        calendar.label(month),
        outcomes,
        services,
        state.services.copy(),
        pools,
        state.pools.copy(),
    )
    return Happened(collected, closed, before)


def set_served(world: World, state: State, plan: Plan, since: int, today: int) -> None:
    """Write which INT serves each resident: today's until the design is live, then as its geography says.

    The group's INT counts its members as registered: what its staff and places are counted by.
    """
    live = since >= plan.design.transition.go_live_month
    rule = plan.served if live else USUAL
    people = state.tables.people
    set_teams(people, rule, world.neighbours, int(world.rates.seed[0]), today)
    group = len(world.neighbours)
    state.tables.teams["registered"][group] = int(((people["team"] == group) & (people["presence"] == PRESENT)).sum())


def add_newcomers(world: World, state: State, month: int, first_day: int) -> None:
    """Add those who arrive or are born this month (nobody in month 0: the place is as synthesised)."""
    if month == 0:
        return
    tables = state.tables
    arriving = movers_in(world.rates, world.communities, month, first_day)
    born = newborns(tables.people, world.rates, month, first_day)
    people = np.concatenate([tables.people, arriving, born])
    reach = np.concatenate([tables.reach, np.zeros(len(people) - len(tables.people), REACH)])
    registered = np.bincount(people["neighbourhood"][people["presence"] == PRESENT], minlength=len(tables.teams))
    tables.teams["registered"] = registered
    state.tables = tables._replace(people=people, reach=reach)
    state.people = len(people)


def make_needs(world: World, state: State, month: int, background: bool) -> np.ndarray:
    """Return every need of the month: what levers bring about, residents' own, and everyone else's."""
    calendar, tables = world.calendar, state.tables
    start_s, end_s = calendar.month_start_s(month), calendar.month_start_s(month + 1)
    parts = [
        lever_selection(tables, month, start_s, end_s),
        month_needs(tables, month, start_s, end_s, calendar.month_of_year(month)),
    ]
    if background:
        parts.append(background_rows(tables, month, start_s, calendar.days_in_month(month)))
    return np.concatenate(parts)


def in_order(exits: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return the month's exits with their person keys, in order of (time, person key)."""
    exits["person_key"] = people["key"][exits["person"]]
    return exits[np.lexsort((exits["person_key"], exits["time"]))]


def take_away(state: State) -> None:
    """Mark those who died or moved away in the month just run."""
    if len(state.exits):
        state.tables.people["presence"][state.exits["person"]] = np.where(state.exits["how"] == DIED, DEAD, LEFT)
