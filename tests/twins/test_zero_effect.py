"""A lever without effect selects people, records them, and changes nothing else: the same log, record by record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agents.design import LeverSettings
from sim.month import Course
from sim.place.columns import TEAM
from tests.residents import BURN_IN, EVERY_LEVER, LEVERS, NO_LEVERS, STAFFED, Run, assert_same_logs, run, toy

DOSES = {
    "case_finding": ("case_finding_reach_share_per_year",),
    "coordination": ("coordination_caseload_per_10000", "coordination_enrol_share_per_month"),
    "discharge": ("discharge_reach_share",),
    "outreach": ("outreach_households_per_worker", "outreach_worst_quintile"),
}
REACH_OF = {"coordination": "care_coordination", "discharge": "discharge_support"}
STAFFING = [
    name
    for name in TEAM.names or ()
    if name.endswith("_fte") or name.startswith(("carry_", "t_", "wait_")) or name in ("packages", "absence", "vacancy")
]
WITHOUT = replace(NO_LEVERS, **STAFFED)  # the same staff as every arm below


def with_levers(levers: tuple[str, ...], effect: float) -> LeverSettings:
    """Return the staff of every arm with the full dose of ``levers`` at ``effect``."""
    doses = {name: getattr(EVERY_LEVER, name) for lever in levers for name in DOSES[lever]}
    return replace(WITHOUT, **doses, **{f"{lever}_effect": effect for lever in levers})


@pytest.fixture(scope="module")
def without() -> Run:
    """Return the arm whose staff is there and whose levers are not."""
    return run(toy(), NO_LEVERS, WITHOUT)


ALONE_AND_TOGETHER = [*((lever,) for lever in LEVERS), LEVERS]


@pytest.mark.parametrize("levers", ALONE_AND_TOGETHER, ids="+".join)
def test_a_lever_without_effect_leaves_the_log_as_it_is(without: Run, levers: tuple[str, ...]) -> None:
    arm = run(toy(), NO_LEVERS, with_levers(levers, 0.0))
    assert_same_logs(without.log, arm.log)
    ours, theirs = arm.course.state, without.course.state
    for lever in levers:
        name = REACH_OF.get(lever, lever)
        assert (ours.tables.reach[name] > BURN_IN).sum() > 0, f"nobody was recorded as reached by {lever}"
        assert (theirs.tables.reach[name] > 0).sum() == 0
    assert np.array_equal(ours.tables.people, theirs.tables.people)
    assert np.array_equal(ours.pools, theirs.pools)
    for name in STAFFING:
        assert np.array_equal(ours.tables.teams[name], theirs.tables.teams[name]), name
    for column in ("trust", "trust_shift", "assets"):
        assert np.array_equal(ours.tables.communities[column], theirs.tables.communities[column]), column


@pytest.mark.parametrize("levers", ALONE_AND_TOGETHER, ids="+".join)
def test_the_same_lever_with_an_effect_changes_the_log(without: Run, levers: tuple[str, ...]) -> None:
    arm = run(toy(), NO_LEVERS, with_levers(levers, 1.0))
    assert len(arm.log) != len(without.log) or not np.array_equal(arm.log, without.log)


def test_before_go_live_nothing_differs(without: Run) -> None:
    arm = run(toy(), NO_LEVERS, with_levers(LEVERS, 1.0))
    for month in range(BURN_IN):
        assert_same_logs(without.months[month].log, arm.months[month].log)


def test_two_arms_of_the_same_design_are_the_same_arm() -> None:
    design = with_levers(LEVERS, 1.0)
    assert_same_logs(run(toy(), NO_LEVERS, design).log, run(toy(), NO_LEVERS, design).log)


@pytest.mark.parametrize("lever", LEVERS)
def test_more_of_a_lever_without_effect_leaves_todays_dose_at_work(lever: str) -> None:
    today = replace(
        NO_LEVERS,
        case_finding_reach_share_per_year=0.1,
        coordination_caseload_per_10000=40.0,
        coordination_enrol_share_per_month=0.2,
        discharge_reach_share=0.3,
        outreach_households_per_worker=40.0,
    )
    more = {name: getattr(EVERY_LEVER, name) for name in DOSES[lever]}
    design = replace(today, **more, **{f"{lever}_effect": 0.0})

    def post_outreach(course: Course) -> None:
        for name in ("outreach_fte", "outreach_posts_fte"):
            course.base.teams[name] = 1.0

    one, other = (run(toy(), today, plan, change=post_outreach) for plan in (today, design))
    assert (one.course.state.tables.reach["outreach"] > 0).any()
    assert_same_logs(one.log, other.log)
