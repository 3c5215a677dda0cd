"""Structural switches are whole: what a switch says is off acts nowhere, neither in residents as made nor in a run."""

from __future__ import annotations

import numpy as np

from scenarios.compose import compose
from sim.engines import compiled
from sim.month import Course, first_course, make_plan, run_month
from sim.task import drawn_values
from sim.world import World, build_world

MONTHS = 3


def lived(*words: str) -> tuple[World, Course]:
    """Return the toy place, outreach its design from the start, after MONTHS months."""
    scenario = compose(["place=toy", "experiment.draws=1", "experiment.burn_in_months=0", "int=outreach", *words])
    world = build_world(scenario, drawn_values(scenario, 0))
    plan = make_plan(world, compose(["int=usual_care"]).int_design, scenario.int_design)
    course = first_course(world, 1)
    for _ in range(MONTHS):
        run_month(world, course, plan, compiled.advance)
    return world, course


def moved(world: World, course: Course) -> int:
    """Return how many of the first residents have other trust than at the start."""
    first = world.template.people
    now = course.state.tables.people[: len(first)]
    stayed = now["key"] == first["key"]
    return int((now["trust"] != first["trust"])[stayed].sum())


def test_without_trust_nobodys_trust_moves_nor_tells_in_consent_or_what_is_known() -> None:
    world, course = lived("structure.trust=false")
    assert moved(world, course) == 0
    assert world.values["consent_log_odds_per_trust"] == world.values["diagnosed_log_odds_per_trust"] == 0.0
    with_trust, then = lived()
    assert moved(with_trust, then) > 100
    assert with_trust.values["consent_log_odds_per_trust"] != 0.0


def test_without_hidden_need_every_condition_is_known_of_residents_and_of_those_who_fall_ill_later() -> None:
    _, course = lived("structure.hidden_need=false")
    people = course.state.tables.people
    assert np.array_equal(people["known"], people["conditions"])
    assert (people["onsets"] > 0).any()
    _, hidden = lived()
    people = hidden.state.tables.people
    assert (people["known"] != people["conditions"]).sum() > 100


def test_movers_without_a_practice_find_one_in_months_and_do_not_pile_up() -> None:
    _, never = lived(
        "+evidence.overrides.registration_per_month=0.0", "+evidence.overrides.unregistered_share_mover=0.9"
    )
    _, soon = lived(
        "+evidence.overrides.registration_per_month=0.9", "+evidence.overrides.unregistered_share_mover=0.9"
    )
    without = [int((each.state.tables.people["registered"] == 0).sum()) for each in (never, soon)]
    assert without[1] < without[0] / 2
