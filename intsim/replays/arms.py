"""Arms lived through from one burn-in under usual care, and the tables of people that come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from evaluation.replays.lives import Lives
from intsim.replays.record import MONTHS_BEFORE, Recorder
from scenarios.schema import IntDesign
from sim.execution.draws import check_draws
from sim.month import Course, Plan, first_course, make_plan, run_month
from sim.task import ENGINES, Task, drawn_values, replication_seed
from sim.world import World, build_world

Tick = Callable[[], None]


@dataclass(frozen=True)
class ArmPlan:
    """One arm: its design, how many months it is followed, and the design it is set against (None: itself)."""

    design: IntDesign
    months: int
    against: IntDesign | None = None


def world_of(scenario, draw: int) -> World:  # type: ignore[no-untyped-def]
    """Return the world of a draw of the scenario's evidence. Raises InputError for settings that cannot be used."""
    check_draws(scenario.experiment.draws)
    return build_world(scenario, drawn_values(scenario, draw))


def live(
    world: World, task: Task, usual: IntDesign, arms: Mapping[str, ArmPlan], tick: Tick = lambda: None
) -> Iterator[tuple[str, Lives]]:
    """Yield (arm, its people): one burn-in, of which the last MONTHS_BEFORE months are kept, then each arm from there.

    Arms share every random number, and rows are never given to other people. ``tick`` is called after each month.
    """
    scenario = world.scenario
    advance = ENGINES[scenario.engine.name]
    plan = plan_of(world, usual, usual)
    start, recorder = first_course(world, replication_seed(scenario, task)), Recorder()
    first = -min(MONTHS_BEFORE, plan.parting)
    for month in range(-plan.parting, 0):
        happened = run_month(world, start, plan, advance)
        if month >= first:
            recorder.add(happened, start, month)
        tick()
    for name, arm in arms.items():
        course, kept = start.copy(), recorder.copy()
        mine = plan_of(world, usual, arm.design)
        for month in range(arm.months):
            kept.add(run_month(world, course, mine, advance), course, month)
            tick()
        yield name, lives_of(world, course, kept, first)


def plan_of(world: World, usual: IntDesign, design: IntDesign) -> Plan:
    """Return the plan of an arm in which a row is about the same person for ever."""
    return replace(make_plan(world, usual, design), reuse=False)


def lives_of(world: World, course: Course, recorder: Recorder, first: int) -> Lives:
    """Return the table of an arm that has been lived through."""
    parting = world.scenario.experiment.burn_in_months
    return recorder.lives(course, first, world.calendar.month_start_s(parting))
