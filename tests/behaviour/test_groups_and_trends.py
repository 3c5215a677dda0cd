"""A design's geography and the scenario's trend in a running month: who is served where, and from when."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.design import with_settings
from sim.codes import LANGUAGE_NAMES, PRESENT, SERVED, SOCIAL_PRESCRIBING, TEAM_KINDS, WAITING
from sim.month import Course, first_course, make_plan, run_month
from sim.outcomes.little import little_check
from sim.rules.tables import MONTH_LENGTH, TREND_NEEDS
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


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_who_waits_when_ints_merge_waits_for_the_one_they_share(engine: str) -> None:
    world = toy("services.capacity_factor.int_core=0.3", "services.capacity_factor.link_worker=0.3")
    settings = usual_care(world)
    plan = make_plan(world, settings, with_settings(settings, {"geography.merge_neighbourhoods": 2}))
    course = first_course(world, 1)
    for _ in range(BURN_IN):
        run_month(world, course, plan, ENGINES[engine])
    waited = waiting_for_teams(course)
    assert (waited["site"] == 1).sum() > 3
    before = course.state.services.copy()
    happened = run_month(world, course, plan, ENGINES[engine])
    now = waiting_for_teams(course)
    assert (now["site"] == 0).all()
    assert len(now) > 3
    window = happened.collected.outcomes.start_s, happened.collected.outcomes.end_s
    moved = happened.collected.services_before  # as the month began: lists had moved
    assert moved["waiting"].sum() == before["waiting"].sum()
    assert little_check(happened.log, course.state.rows, moved, course.state.services, *window).holds
    told = happened.log[np.isin(happened.log["need"], waited["need"][waited["site"] == 1])]
    assert (course.state.services["site"][told["service"][told["how"] == SERVED]] == 0).any()


def waiting_for_teams(course: Course) -> np.ndarray:
    """Return need and site of everyone who waits for an INT's own staff."""
    rows, services = course.state.rows, course.state.services
    rows = rows[rows["status"] == WAITING]
    rows = rows[np.isin(services["kind"][rows["service"]], TEAM_KINDS)]
    found = np.zeros(len(rows), [("need", "u8"), ("site", "i8")])
    found["need"], found["site"] = rows["need"], services["site"][rows["service"]]
    return found


def test_a_groups_members_keep_their_share_of_what_neighbourhoods_have() -> None:
    world = toy()
    settings = usual_care(world)
    group_of = {"geography.group.by": "language", "geography.group.value": "arabic"}
    plan = make_plan(world, settings, with_settings(settings, group_of))
    course = first_course(world, 1)
    for _ in range(BURN_IN):
        run_month(world, course, plan, ENGINES["compiled"])
    before = course.state.tables.supply.copy()
    places = int(course.state.tables.teams["caseload"].sum())
    run_month(world, course, plan, ENGINES["compiled"])
    after, group = course.state.tables.supply, len(world.neighbours)
    for kind in TEAM_KINDS:
        if before[kind].sum() > 0.0:
            assert after[kind, group] > 0.0
            assert after[kind, : group + 1].sum() == pytest.approx(before[kind].sum(), rel=0.1)  # others are away
    assert int(course.state.tables.teams["caseload"].sum()) == pytest.approx(places, abs=2)


def test_a_group_that_adds_nothing_leaves_others_what_they_were_offered() -> None:
    world = toy()
    settings = usual_care(world)
    group_of = {"geography.group.by": "age", "geography.group.age_from": 40, "geography.group.age_to": 120}
    reach = []
    for design in (settings, with_settings(settings, group_of)):
        course = first_course(world, 1)
        plan = make_plan(world, settings, design)
        for _ in range(BURN_IN + 1):
            run_month(world, course, plan, ENGINES["compiled"])
        reach.append(course.state.tables.lever_reach[SOCIAL_PRESCRIBING, : len(world.neighbours) + 1].copy())
    usual, with_group = reach
    assert usual[0] > 0.0
    assert with_group[:-1] == pytest.approx(usual[:-1], rel=0.15)  # as many workers a head; other people are asked
    assert with_group[-1] == pytest.approx(usual[:-1].mean(), rel=0.35)


@pytest.mark.parametrize(("trend", "after"), [("none", 1.0), ("central", None)])
def test_the_trend_starts_when_the_arms_part(trend: str, after: float | None) -> None:
    world = toy(f"trend={trend}")
    settings = usual_care(world)
    plan = make_plan(world, settings, settings)
    course = first_course(world, 1)
    for month in range(BURN_IN + 2):
        run_month(world, course, plan, ENGINES["compiled"])
        factor = float(course.state.tables.trend[TREND_NEEDS])
        assert course.state.tables.trend[MONTH_LENGTH] == pytest.approx(world.calendar.days_in_month(month) / 30.4375)
        if month <= BURN_IN or after is not None:
            assert factor == 1.0
        else:
            assert factor == pytest.approx((1 + world.values["trend_needs_per_year"]) ** (1 / 12))
