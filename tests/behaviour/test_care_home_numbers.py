"""Care homes: whoever dies or leaves is replaced, so that as many of the oldest live there after years as at first."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.compose import compose
from sim.codes import NO_CARE_HOME, PRESENT
from sim.engines import compiled
from sim.month import first_course, make_plan, run_month
from sim.rules.stages import DAYS_PER_YEAR
from sim.task import drawn_values
from sim.world import build_world

OLDEST = 85
MONTHS = 36


def share_in_homes(people: np.ndarray, month: int) -> float:
    """Return the share of people of 85 and over who live in a care home."""
    age = month / 12 - people["birth_day"] / DAYS_PER_YEAR
    there = (people["presence"] == PRESENT) & (age >= OLDEST)
    return float((people["care_home"][there] != NO_CARE_HOME).mean())


@pytest.mark.slow
@pytest.mark.parametrize("place", ["england_average", "bi_borough"])  # the latter's homes hold half as many
def test_as_many_of_the_oldest_live_in_care_homes_after_three_years(place: str) -> None:
    scenario = compose([f"place={place}", "place.basis=100000", "experiment.draws=1"])
    world = build_world(scenario, drawn_values(scenario, 0))
    usual = scenario.int_design
    plan = make_plan(world, usual, usual)
    start, found = 0.0, []
    for seed in (1, 2):  # of one replication the share has a standard error of a tenth
        course = first_course(world, seed)
        start = share_in_homes(course.state.tables.people, 0)
        for _ in range(MONTHS):
            run_month(world, course, plan, compiled.advance)
        found.append(share_in_homes(course.state.tables.people, MONTHS))
    assert np.mean(found) == pytest.approx(start, rel=0.13)
