"""Months of the toy place, every lever on and every queue long: one pass counts what each person's events sum to."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.design import with_settings
from sim.engines import compiled
from sim.month import first_course, make_plan, run_month
from tests.outcomes_oracle import differences
from tests.residents import CONGESTED, EVERY_LEVER, NO_LEVERS, STAFFED, built

MONTHS = 6


@pytest.mark.parametrize("words", [(), CONGESTED])
def test_one_pass_gives_the_sums_of_every_event(words: tuple[str, ...]) -> None:
    world = built(*words)
    course = first_course(world, 5)
    plan = make_plan(world, NO_LEVERS, with_settings(EVERY_LEVER, STAFFED))
    total = 0
    for _ in range(MONTHS):
        happened = run_month(world, course, plan, compiled.advance)
        tables, found = course.state.tables, happened.collected.outcomes
        month = (happened.closed, tables.people, tables.communities, course.state.services, len(tables.teams))
        assert differences(found, *month, happened.before) == []
        total += int(np.sum(found.panel))
    assert total > 0
