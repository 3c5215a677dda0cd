"""The residents' model on the toy place, for tests: worlds made once, courses run month by month, logs compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from scenarios.compose import compose
from scenarios.schema import IntDesign
from sim.agents.design import with_settings
from sim.agents.levers import SETTINGS
from sim.codes import LEVER_NAMES
from sim.experiment import difference, state_difference
from sim.month import Course, Happened, Plan, first_course, make_plan, run_month
from sim.outcomes.panel import OUTCOMES
from sim.task import ENGINES
from sim.world import World, build_world

BURN_IN = 2
MONTHS = 8
CONGESTED = tuple(
    f"services.capacity_factor.{kind}=0.5"
    for kind in ("gp", "community", "int_core", "outreach", "social_care", "ed", "bed", "home_package")
)
ISOLATED = ("services.unlimited=true", "services.monthly_feedback=false")


def without_levers(design: IntDesign) -> IntDesign:
    """Return ``design`` reaching nobody by any lever, its staff and ways of working as they were."""
    return with_settings(design, {f"{block}.{amount}": 0.0 for block, amount in SETTINGS.values()})


USUAL = compose(["int=usual_care"]).int_design
NO_LEVERS = with_settings(without_levers(USUAL), {"transition.ramp_months": 0.0})
EVERY_LEVER = with_settings(
    NO_LEVERS,
    {
        **{f"{block}.{amount}": 0.9 for block, amount in SETTINGS.values()},
        "relationships.care_coordination.caseload_per_10000": 300.0,
        "relationships.care_coordination.enrol_share_per_month": 0.5,
        "participation.outreach.worst_quintile": 5,
        "participation.outreach.households_per_worker": 120.0,
        "access_technology.extended_access.hours_per_week": 8.0,
        "workforce.wellbeing.reflection_hours_per_month": 4.0,
    },
)
# Staff and places that a design may bring: the same in arms that differ in levers alone.
STAFFED = {
    "workforce.added_fte.int_core": 3.0,
    "workforce.added_fte.community": 2.0,
    "workforce.added_fte.outreach": 12.0,
    "workforce.added_fte.social_care": 1.0,
    "workforce.added_fte.link_worker": 2.0,
    "workforce.added_fte.welfare_advice": 1.0,
    "workforce.added_fte.urgent_response": 4.0,
    "workforce.added_home_packages_per_10000": 8.0,
    "workforce.added_virtual_ward_places_per_10000": 4.0,
}
# The settings block of each lever, by which its effect is set: "<block>.effect".
LEVERS = {LEVER_NAMES[lever]: block for lever, (block, _) in SETTINGS.items()}


@lru_cache(maxsize=8)
def built(*words: str) -> World:
    """Return the world of a scenario; ``words`` are overrides of the toy place, two months of burn-in."""
    first = ("place=toy", "experiment=quick", f"experiment.burn_in_months={BURN_IN}")
    return build_world(compose([*first, *words]))


def toy(*words: str) -> World:
    """Return the toy place with settings of services, structure or experiment changed: synthesised once for all.

    Only for settings that leave residents, parameters and calendar alone.
    """
    world = built()
    if not words:
        return world
    first = ("place=toy", "experiment=quick", f"experiment.burn_in_months={BURN_IN}")
    return replace(world, scenario=compose([*first, *words]))


def usual_care(world: World) -> IntDesign:
    """Return the settings of the scenario's own design."""
    return world.scenario.int_design


@dataclass
class Run:
    """A course and everything that happened in it."""

    world: World
    course: Course
    months: list[Happened] = field(default_factory=list)
    services_at_start: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def log(self) -> np.ndarray:
        """The whole log."""
        return np.concatenate([month.log for month in self.months])

    @property
    def created(self) -> np.ndarray:
        """Every need made, as it was given to the engine."""
        return np.concatenate([month.created for month in self.months])

    def totals(self, outcome: str) -> np.ndarray:
        """The panel's monthly totals of one outcome: int64 [month]."""
        at = OUTCOMES.index(outcome)
        return np.array([month.collected.outcomes.panel[..., at].sum() for month in self.months])


def run(
    world: World,
    usual: IntDesign,
    design: IntDesign | None = None,
    months: int = BURN_IN + MONTHS,
    seed: int = 1,
    engine: str = "compiled",
    change: Callable[[Course], None] | None = None,
    reuse: bool = False,
) -> Run:
    """Return ``months`` months (burn-in included) of an arm; ``change`` alters the course before it begins.

    reuse: the rows of people who have gone serve others (a row is the same person's throughout where it is false).
    """
    plan = replace(make_plan(world, usual, usual if design is None else design), reuse=reuse)
    course = first_course(world, seed)
    if change is not None:
        change(course)
    done = Run(world, course, services_at_start=course.state.services.copy())
    go_on(done, plan, months, engine)
    return done


def go_on(done: Run, plan: Plan, months: int, engine: str = "compiled") -> None:
    """Run ``months`` more months."""
    for _ in range(months):
        done.months.append(run_month(done.world, done.course, plan, ENGINES[engine]))


def assert_same_logs(one: np.ndarray, other: np.ndarray) -> None:
    """Fail, naming the first record and column that differ."""
    assert difference(one, other) is None


def assert_same_course(one: Course, other: Course) -> None:
    """Fail if any column of two courses differs."""
    assert state_difference(one, other) is None
    for name in ("communities", "hospitals", "seed"):
        assert np.array_equal(getattr(one.state.tables, name), getattr(other.state.tables, name)), name
    for left, right in zip(one.base[:-1], other.base[:-1], strict=True):
        assert np.array_equal(left, right)
    assert (one.month, one.state.now, one.state.people) == (other.month, other.state.now, other.state.people)
