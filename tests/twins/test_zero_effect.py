"""A lever without effect selects people, records them, and changes nothing else: the same log, record by record."""

from __future__ import annotations

from operator import attrgetter

import numpy as np
import pytest

from scenarios.schema import IntDesign
from sim.agents.design import with_settings
from sim.agents.levers import SETTINGS
from sim.codes import LEVER_NAMES, OUTREACH
from sim.month import Course
from sim.place.columns import TEAM
from tests.residents import BURN_IN, EVERY_LEVER, LEVERS, NO_LEVERS, STAFFED, Run, assert_same_logs, built, run, toy

OF_STAFF = ("needs_allocation", "workforce_wellbeing")  # reach posts and teams, nobody in particular
OF_PEOPLE = tuple(lever for lever in LEVERS if lever not in OF_STAFF)
DOSES = {LEVER_NAMES[lever]: [f"{block}.{amount}"] for lever, (block, amount) in SETTINGS.items()}
DOSES["care_coordination"].append("relationships.care_coordination.enrol_share_per_month")
DOSES["outreach"].append("participation.outreach.worst_quintile")
STAFFING = [
    name
    for name in TEAM.names or ()
    if name.startswith("t_") or name in ("absence", "vacancy", "burnout", "productivity")
]
WITHOUT = with_settings(NO_LEVERS, STAFFED)  # the same staff as every arm below


def with_levers(levers: tuple[str, ...], effect: float) -> IntDesign:
    """Return the staff of every arm with the full dose of ``levers`` at ``effect``."""
    doses = {name: attrgetter(name)(EVERY_LEVER) for lever in levers for name in DOSES[lever]}
    return with_settings(WITHOUT, {**doses, **{f"{LEVERS[lever]}.effect": effect for lever in levers}})


def test_levers_without_effect_leave_the_log_as_it_is_where_deaths_are_foreseen() -> None:
    world = built("structure.dying=true")
    arms = [run(world, NO_LEVERS, design) for design in (WITHOUT, with_levers(tuple(LEVERS), 0.0))]
    assert_same_logs(arms[0].log, arms[1].log)
    for lever in OF_PEOPLE:
        assert (arms[1].course.state.tables.reach[lever] > BURN_IN).sum() > 0, f"nobody was reached by {lever}"
    foreseen = arms[0].course.state.tables.people["death_s"]
    assert (foreseen > 0).sum() > 10
    assert np.array_equal(arms[0].course.state.tables.people, arms[1].course.state.tables.people)


@pytest.fixture(scope="module")
def without() -> Run:
    """Return the arm whose staff is there and whose levers are not."""
    return run(toy(), NO_LEVERS, WITHOUT)


ALONE_AND_TOGETHER = [*((lever,) for lever in LEVERS), tuple(LEVERS)]


@pytest.mark.parametrize("levers", ALONE_AND_TOGETHER, ids=lambda levers: levers[0] if len(levers) == 1 else "all")
def test_a_lever_without_effect_leaves_the_log_as_it_is(without: Run, levers: tuple[str, ...]) -> None:
    arm = run(toy(), NO_LEVERS, with_levers(levers, 0.0))
    assert_same_logs(without.log, arm.log)
    ours, theirs = arm.course.state, without.course.state
    for lever in set(levers) & set(OF_PEOPLE):
        assert (ours.tables.reach[lever] > BURN_IN).sum() > 0, f"nobody was recorded as reached by {lever}"
        assert (theirs.tables.reach[lever] > 0).sum() == 0
    assert np.array_equal(ours.tables.people, theirs.tables.people)
    assert np.array_equal(ours.pools, theirs.pools)
    assert np.array_equal(ours.tables.supply, theirs.tables.supply)
    for name in STAFFING:
        assert np.array_equal(ours.tables.teams[name], theirs.tables.teams[name]), name
    for column in ("trust", "trust_shift", "assets"):
        assert np.array_equal(ours.tables.communities[column], theirs.tables.communities[column]), column


@pytest.mark.parametrize("levers", ALONE_AND_TOGETHER, ids=lambda levers: levers[0] if len(levers) == 1 else "all")
def test_the_same_lever_with_an_effect_changes_the_log(without: Run, levers: tuple[str, ...]) -> None:
    arm = run(toy(), NO_LEVERS, with_levers(levers, 1.0))
    assert len(arm.log) != len(without.log) or not np.array_equal(arm.log, without.log)


def test_before_go_live_nothing_differs(without: Run) -> None:
    arm = run(toy(), NO_LEVERS, with_levers(tuple(LEVERS), 1.0))
    for month in range(BURN_IN):
        assert_same_logs(without.months[month].log, arm.months[month].log)


def test_two_arms_of_the_same_design_are_the_same_arm() -> None:
    design = with_levers(tuple(LEVERS), 1.0)
    assert_same_logs(run(toy(), NO_LEVERS, design).log, run(toy(), NO_LEVERS, design).log)


@pytest.mark.parametrize("lever", OF_PEOPLE)
def test_more_of_a_lever_without_effect_leaves_todays_dose_at_work(lever: str) -> None:
    today = with_settings(
        NO_LEVERS,
        {
            **{f"{block}.{amount}": 0.1 for block, amount in SETTINGS.values()},
            "relationships.care_coordination.caseload_per_10000": 40.0,
            "relationships.care_coordination.enrol_share_per_month": 0.2,
            "participation.outreach.households_per_worker": 40.0,
            "resource_allocation.needs_weight": 0.0,
        },
    )
    more = {name: attrgetter(name)(EVERY_LEVER) for name in DOSES[lever]}
    design = with_settings(today, {**more, f"{LEVERS[lever]}.effect": 0.0})

    def post_outreach(course: Course) -> None:
        for posts in (course.base.supply, course.base.posts):
            posts[OUTREACH, : len(course.state.tables.teams) - 1] = 1.0

    one, other = (run(toy(), today, plan, change=post_outreach) for plan in (today, design))
    assert (one.course.state.tables.reach["outreach"] > 0).any()
    assert_same_logs(one.log, other.log)
