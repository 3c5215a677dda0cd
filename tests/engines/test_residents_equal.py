"""The residents' model on both engines, every service congested and every lever on: one log, one state, monthly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from sim.agents.design import with_settings
from sim.codes import (
    DIED,
    ENDED,
    HOW_NAMES,
    MISSED,
    MOVED,
    NEED_NAMES,
    OUTREACH_VISIT,
    RENEGED,
    SERVED,
    SERVICE_NAMES,
    TEAM_REVIEW,
)
from sim.month import first_course, make_plan, run_month
from sim.store import load_course, save_course
from sim.task import ENGINES
from tests.residents import (
    CONGESTED,
    EVERY_LEVER,
    STAFFED,
    Run,
    assert_same_course,
    assert_same_logs,
    built,
    run,
    toy,
    usual_care,
)

MONTHS = 9  # two of burn-in; levers come a month later
LATER = {"resource_allocation.needs_weight": 1.0, "transition.go_live_month": 1}
DESIGN = with_settings(EVERY_LEVER, {**STAFFED, **LATER})
OF_STAFF = {"needs_allocation", "workforce_wellbeing"}  # reach posts and teams, nobody in particular
CLOSED = "services.capacity_factor.home_package=0"


WORDS = {
    "congested": CONGESTED,
    "no homes": (*CONGESTED[:-1], CLOSED),
    "as is": (),
    "dying": (*CONGESTED, "structure.dying=true"),
}


@pytest.mark.parametrize("name", WORDS)
def test_engines_agree_in_every_month(name: str) -> None:
    world = built(*WORDS[name]) if name == "dying" else toy(*WORDS[name])
    plan = make_plan(world, usual_care(world), DESIGN)
    one, other = first_course(world, 3), first_course(world, 3)
    for _ in range(MONTHS):
        expected = run_month(world, one, plan, ENGINES["reference"])
        found = run_month(world, other, plan, ENGINES["compiled"])
        assert_same_logs(expected.log, found.log)
        assert_same_course(one, other)


def test_the_compared_months_hold_everything_that_can_happen() -> None:
    world = toy(*CONGESTED)
    done = run(world, usual_care(world), DESIGN, MONTHS, seed=4)
    how = Counter(HOW_NAMES[code] for code in done.log["how"].tolist())
    for code in (SERVED, RENEGED, MISSED, DIED, MOVED, ENDED):
        assert how[HOW_NAMES[code]] > 0, HOW_NAMES[code]
    kinds = Counter(done.log["need_type"].tolist())
    assert all(kinds[code] > 0 for code in range(len(NEED_NAMES))), kinds
    assert kinds[TEAM_REVIEW] > 20
    assert kinds[OUTREACH_VISIT] > 20
    for lever in set(done.course.state.tables.reach.dtype.names or ()) - OF_STAFF:
        assert (done.course.state.tables.reach[lever] > 0).sum() > 5, lever
    pools, services = done.course.state.pools, done.course.state.services
    seen = done.log[(done.log["service"] >= 0) & (done.log["how"] == SERVED)]
    visits = Counter(SERVICE_NAMES[code] for code in services["kind"][seen["service"]].tolist())
    assert all(visits[name] > 0 for name in SERVICE_NAMES), visits  # the virtual ward and the assessment unit too
    congested = pools["busy_area_s"][services["pool"]] > 0.5 * pools["capacity_area_s"][services["pool"]]
    assert congested.sum() >= len(services) // 2


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_run_saved_and_reloaded_every_month_is_the_run(engine: str, tmp_path: Path) -> None:
    world = toy(*CONGESTED)
    plan = make_plan(world, usual_care(world), DESIGN)
    whole, parts = first_course(world, 5), first_course(world, 5)
    for month in range(6):
        save_course(parts, tmp_path / "course.npz")
        parts = load_course(tmp_path / "course.npz", world)
        assert_same_logs(
            run_month(world, whole, plan, ENGINES[engine]).log, run_month(world, parts, plan, ENGINES[engine]).log
        )
        assert_same_course(whole, parts)
        assert parts.month == month + 1


def test_engines_can_take_turns_and_arms_go_their_own_way() -> None:
    world = toy(*CONGESTED)
    plan = make_plan(world, usual_care(world), DESIGN)
    whole = run(world, usual_care(world), DESIGN, 6, seed=5, reuse=True)
    turns = Run(world, first_course(world, 5))
    for month in range(6):
        branch = turns.course.copy()
        run_month(world, branch, plan, ENGINES["compiled"])  # another arm, dropped: it must leave no mark
        turns.months.append(run_month(world, turns.course, plan, ENGINES[("reference", "compiled")[month % 2]]))
    assert_same_logs(whole.log, turns.log)
    assert_same_course(whole.course, turns.course)
