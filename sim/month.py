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
from sim.codes import DEAD, DIED, LEFT, NO_CARE_HOME, PRESENT
from sim.engines.records import extended, put_records
from sim.engines.state import State
from sim.engines.transfers import follow_teams
from sim.exposure import DEPARTED, departed_from
from sim.outcomes.deaths import death_classes
from sim.outcomes.frames import Collected
from sim.outcomes.reducer import ClosedMonth, Memory, MonthOutcomes, reduce_month
from sim.place.columns import REACH
from sim.place.groups import USUAL, Membership, membership, set_teams
from sim.place.newcomers import movers_in, newborns
from sim.place.roll import Roll, rolled
from sim.place.trend import month_factors
from sim.rules.homes import parted_from
from sim.rules.month import fold_month, month_exits, month_rows
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
    reuse: bool = True  # the rows of people who have gone serve others: no result depends on it


@dataclass
class Course:
    """The course of one arm so far: its state, and what agents and the reducer remember between months."""

    month: int
    state: State
    base: Base
    memory: Memory = field(default_factory=Memory)
    last: MonthOutcomes | None = None  # what the agents read at the next boundary
    served: Membership | None = None  # by which rule everyone's team is written; None: not yet
    departed: np.ndarray = field(default_factory=lambda: np.zeros(0, DEPARTED))  # whom levers reached, and whose row
    roll: Roll | None = None  # who is there and who has gone; None: to be read from the people
    came_since: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))  # 1: came after go-live, by person
    parted: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # households that somebody left for good

    def copy(self) -> Course:
        """Return an independent course that goes on from here: another arm."""
        return replace(self, state=self.state.copy(), base=self.base.copy())


@dataclass(frozen=True)
class Happened:
    """A finished month: what was counted, of what, and what the reducer knew of open episodes before it."""

    collected: Collected
    closed: ClosedMonth
    before: Memory
    moved_in: np.ndarray  # rows of those who arrived or were born; some were others' before

    @property
    def log(self) -> np.ndarray:
        """The month's log (records.LOG)."""
        return self.closed.log

    @property
    def created(self) -> np.ndarray:
        """The needs made for the month (records.ROW), as the month has left them."""
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
    if course.last is not None:
        tell_agents(course.last, state.services, state.tables, plan.feedback, plan.capacity.factor)
    days = calendar.days_in_month(month)
    state.tables.trend[:] = month_factors(world.scenario.trend, world.values, since, days)
    set_served(world, course, plan, since, start_s // DAY_S, np.zeros(0, np.int64))
    step_month(state.tables, course.base, plan.usual, plan.design, month, since, feedback=plan.feedback)
    if course.served != USUAL:
        follow_teams(state)
    parted = parted_from(course.parted, len(state.tables.people))
    fold_month(state.tables, month, start_s, parted)
    course.parted = state.tables.people["household"][parted.entered[: parted.numbers[0]]]
    moved_in = add_newcomers(world, course, plan, start_s // DAY_S)
    note_newcomers(course, moved_in, month - plan.parting - plan.go_live >= 0)
    set_served(world, course, plan, since, start_s // DAY_S, moved_in)
    state.exits = in_order(month_exits(state.tables, month, start_s, end_s), state.tables.people)
    created = add_needs(world, state, month, plan.background)
    state.changes = month_changes(state.tables, state.services, state.pools, month, calendar, plan.capacity)
    services, pools = state.services.copy(), state.pools.copy()
    log = advance(state, end_s)
    closed = ClosedMonth(
        start_s, end_s, log, state.rows, created, state.exits, death_classes(state.tables, state.exits)
    )
    outcomes = reduce_month(
        closed,
        state.tables.people,
        state.tables.communities,
        state.services,
        len(state.tables.teams),
        course.memory,
        state.arena,
        course.came_since,
    )
    take_away(course)
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
    return Happened(collected, closed, before, moved_in)


def set_served(world: World, course: Course, plan: Plan, since: int, today: int, moved_in: np.ndarray) -> None:
    """Write which INT serves each resident: today's until the design is live, then as its geography says.

    Today's is the neighbourhood's, which never changes: where it is today's already, only those who moved in are told.
    The group's INT counts its members as registered: what its staff and places are counted by.
    """
    state, people = course.state, course.state.tables.people
    rule = plan.served if since >= plan.design.transition.go_live_month else USUAL
    if rule != USUAL or course.served != USUAL:
        set_teams(people, rule, world.neighbours, int(world.rates.seed[0]), today)
    else:
        people["team"][moved_in] = people["neighbourhood"][moved_in]
    group, members = len(world.neighbours), 0
    if rule != USUAL:
        members = int(((people["team"] == group) & (people["presence"] == PRESENT)).sum())
    state.tables.teams["registered"][group] = members
    course.served = rule


def add_newcomers(world: World, course: Course, plan: Plan, first_day: int) -> np.ndarray:
    """Add those who arrive or are born this month (nobody in month 0), and return their rows.

    They take the rows of people who have gone, if the plan says so, and new ones behind the others for the rest.
    """
    state, month = course.state, course.month
    if month == 0:
        return np.zeros(0, np.int64)
    tables = state.tables
    roll = rolled(tables) if course.roll is None else course.roll
    arriving = movers_in(world.rates, world.communities, month, first_day)
    born = newborns(tables.people, world.rates, month, first_day)
    new = np.concatenate([arriving, born])
    gone = roll.gone[: len(new) if plan.reuse else 0]
    course.departed = np.concatenate([course.departed, departed_from(tables, gone, plan.parting)])
    put_records(tables.people, gone, new[: len(gone)])
    put_records(tables.reach, gone, np.zeros(len(gone), REACH))
    rows = np.concatenate([gone, np.arange(len(tables.people), len(tables.people) + len(new) - len(gone))])
    if len(new) > len(gone):
        people = extended(tables.people, new[len(gone) :])
        reach = extended(tables.reach, np.zeros(len(new) - len(gone), REACH))
        tables = tables._replace(people=people, reach=reach)
    course.roll = roll.with_new(new, len(gone))
    tables.teams["registered"] = course.roll.living
    state.tables = tables
    state.people = len(tables.people)
    return rows


def note_newcomers(course: Course, moved_in: np.ndarray, live: bool) -> None:
    """Write who came after go-live, for the panel of those who were there then; rows of some were others' before."""
    before, noted = course.came_since, np.zeros(len(course.state.tables.people), np.uint8)
    noted[: len(before)] = before
    noted[moved_in] = live
    course.came_since = noted


def add_needs(world: World, state: State, month: int, background: bool) -> np.ndarray:
    """Add every need of the month to the rows of ``state``, and return those added.

    They are what levers bring about, residents' own, and everyone else's.
    """
    calendar, known = world.calendar, len(state.rows)
    window = calendar.month_start_s(month), calendar.month_start_s(month + 1)
    days = calendar.days_in_month(month) if background else 0
    state.rows = month_rows(state.tables, month, window, calendar.month_of_year(month), days, state.rows, state.arena)
    return state.rows[known:]


def in_order(exits: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return the month's exits with their person keys, in order of (time, person key)."""
    exits["person_key"] = people["key"][exits["person"]]
    return exits[np.lexsort((exits["person_key"], exits["time"]))]


def take_away(course: Course) -> None:
    """Mark those who died or moved away in the month just run; whose households death has parted is noted."""
    state = course.state
    people, exits = state.tables.people, state.exits
    if course.roll is not None:
        course.roll = course.roll.without(people, exits["person"])
    if len(exits):
        dead = people[exits["person"][exits["how"] == DIED]]
        course.parted = np.concatenate([course.parted, dead["household"][dead["care_home"] == NO_CARE_HOME]])
        people["presence"][exits["person"]] = np.where(exits["how"] == DIED, DEAD, LEFT)
