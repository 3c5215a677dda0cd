"""Twins of the monthly rules: a lever without effect changes who is recorded and nothing else; people stand alone."""

from __future__ import annotations

import numpy as np
import pytest

from sim import codes
from sim.rules.month import fold_month, lever_selection, month_exits
from sim.rules.tables import ResidentTables
from tests.small_world import small_world

MONTH = 30 * 86400
MONTHS = 6
ELSEWHERE = (  # staff alone, or selected within an episode, or by the GP at a contact
    "workforce_wellbeing",
    "needs_allocation",
    "urgent_response",
    "virtual_ward",
    "discharge_support",
    "social_prescribing",
)


def lived(reach: float, effect: float, change: int = -1) -> tuple[ResidentTables, list[np.ndarray], list[np.ndarray]]:
    """Return tables, levers' needs and exits after months without any contact; ``change``: a resident made ill."""
    tables = small_world()
    people = tables.people
    people["social"][::2], people["care_home"][::9] = 31, codes.RESIDENTIAL
    tables.lever_reach[:], tables.lever_effect[:] = reach, effect
    tables.teams["caseload"] = len(people)
    tables.deaths[:] = 0.005
    if change >= 0:
        people[change]["conditions"] = people[change]["known"] = 2**15 - 1
        people[change]["frailty"], people[change]["trust"], people[change]["social"] = 3, 0.0, 31
    rows, exits = [], []
    for month in range(MONTHS):
        start, end = month * MONTH, (month + 1) * MONTH
        people["link_contacts"][::3], people["m_gp"][::2] = 3, 1
        fold_month(tables, month, start)
        rows.append(lever_selection(tables, month, start, end))
        exits.append(month_exits(tables, month, start, end))
        people["presence"][exits[-1]["person"]] = codes.DEAD
    return tables, rows, exits


def test_levers_without_effect_change_reach_alone() -> None:
    plain, _, plain_exits = lived(0.0, 1.0)
    placebo, rows, exits = lived(0.6, 0.0)
    assert sum(len(part) for part in rows) == 0
    assert np.array_equal(plain.people, placebo.people)
    for one, other in zip(plain_exits, exits, strict=True):
        assert np.array_equal(one, other)
    for name in set(codes.LEVER_NAMES) - set(ELSEWHERE):
        assert (placebo.reach[name] > 0).any(), name
        assert not plain.reach[name].any()


def test_levers_with_effect_change_people() -> None:
    plain, _, _ = lived(0.0, 1.0)
    active, rows, _ = lived(0.6, 1.0)
    assert sum(len(part) for part in rows) > 0
    for column in ("known", "trust", "tie", "social", "enrolled"):
        assert not np.array_equal(plain.people[column], active.people[column]), column


@pytest.mark.parametrize("who", [17, 700])
def test_one_residents_state_changes_nobody_elses_selection(who: int) -> None:
    one, rows, exits = lived(0.6, 1.0)
    two, others, other_exits = lived(0.6, 1.0, change=who)
    rest = np.arange(len(one.people)) != who
    assert np.array_equal(one.people[rest], two.people[rest])
    assert np.array_equal(one.reach[rest], two.reach[rest])
    for ours, theirs in zip((*rows, *exits), (*others, *other_exits), strict=True):
        assert np.array_equal(ours[ours["person"] != who], theirs[theirs["person"] != who])
    assert not np.array_equal(one.people[~rest], two.people[~rest])
