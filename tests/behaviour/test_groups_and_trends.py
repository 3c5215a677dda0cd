"""A design's geography and the scenario's trend in a running month: who is served where, and from when."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.design import with_settings
from sim.codes import LANGUAGE_NAMES, PRESENT
from sim.month import first_course, make_plan, run_month
from sim.rules.tables import TREND_NEEDS
from sim.task import ENGINES
from tests.residents import BURN_IN, toy, usual_care

ARABIC = LANGUAGE_NAMES.index("arabic")


def test_a_groups_int_serves_its_members_from_go_live_and_the_panel_counts_them_where_they_live() -> None:
    world = toy()
    settings = usual_care(world)
    group_of = {"geography.group.by": "language", "geography.group.value": "arabic"}
    plan = make_plan(world, settings, with_settings(settings, {"transition.go_live_month": 1, **group_of}))
    course = first_course(world, 1)
    for month in range(BURN_IN + 2):
        happened = run_month(world, course, plan, ENGINES["compiled"])
        people = course.state.tables.people
        group = len(world.neighbours)
        members = people["language"] == ARABIC
        assert members.any()
        live = month >= BURN_IN + 1
        assert ((people["team"] == group) == (members & live)).all()
        assert (people["team"][people["team"] != group] == people["neighbourhood"][people["team"] != group]).all()
        assert happened.collected.outcomes.panel.shape[0] == group
        present = np.isin(people["presence"], [PRESENT]) & members
        registered = int(course.state.tables.teams["registered"][group])
        assert (registered >= present.sum()) if live else (registered == 0)


@pytest.mark.parametrize(("trend", "after"), [("none", 1.0), ("central", None)])
def test_the_trend_starts_when_the_arms_part(trend: str, after: float | None) -> None:
    world = toy(f"trend={trend}")
    settings = usual_care(world)
    plan = make_plan(world, settings, settings)
    course = first_course(world, 1)
    for month in range(BURN_IN + 2):
        run_month(world, course, plan, ENGINES["compiled"])
        factor = float(course.state.tables.trend[TREND_NEEDS])
        if month <= BURN_IN or after is not None:
            assert factor == 1.0
        else:
            assert factor == pytest.approx((1 + world.values["trend_needs_per_year"]) ** (1 / 12))
