"""A lever that does nothing still seems to work before and after, because people are chosen when they use most."""

from __future__ import annotations

import numpy as np

from sim.agents.design import with_settings
from sim.codes import BED, ED, MISSED
from tests.residents import BURN_IN, NO_LEVERS, Run, run, toy

WATCHED = 12  # months before and after
GO_LIVE = WATCHED - BURN_IN
SEEDS = range(24)
COORDINATION = {"caseload_per_10000": 150.0, "enrol_share_per_month": 1.0, "effect": 0.0}
DOSE = with_settings(
    NO_LEVERS,
    {
        **{f"relationships.care_coordination.{name}": value for name, value in COORDINATION.items()},
        "transition.go_live_month": GO_LIVE,
    },
)


def attendances(done: Run, keys: np.ndarray, months: range) -> int:
    """Return the ED attendances of the people with ``keys`` in ``months``."""
    log = np.concatenate([done.months[month].log for month in months])
    kind = done.course.state.services["kind"]
    seen = (log["service"] >= 0) & (log["how"] != MISSED)
    seen[seen] = kind[log["service"][seen]] == ED
    assert BED != ED
    return int(np.isin(log["person_key"][seen], keys).sum())


def test_attendances_fall_among_the_enrolled_and_as_much_among_their_controls() -> None:
    world = toy()
    before = after = controls_before = controls_after = enrolled = 0
    for seed in SEEDS:
        arm, control = (run(world, NO_LEVERS, plan, 2 * WATCHED, seed) for plan in (DOSE, NO_LEVERS))
        tables = arm.course.state.tables
        # Those enrolled at once, at the last boundary before the second twelve months, and still present at the end.
        chosen = (tables.reach["care_coordination"] == WATCHED + 1) & (tables.people["presence"] == 1)
        keys = tables.people["key"][chosen]
        enrolled += len(keys)
        before += attendances(arm, keys, range(WATCHED))
        after += attendances(arm, keys, range(WATCHED, 2 * WATCHED))
        controls_before += attendances(control, keys, range(WATCHED))
        controls_after += attendances(control, keys, range(WATCHED, 2 * WATCHED))
    print(f"\n{enrolled} enrolled: {before} attendances in the year before, {after} in the year after")
    assert enrolled > 100
    assert after < 0.85 * before
    assert (controls_before, controls_after) == (before, after)
