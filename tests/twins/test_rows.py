"""A row is storage: whose row somebody has, and whether it was another's before, changes nothing that happens."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.design import with_settings
from sim.exposure import LEVERS, keys_reached
from tests.residents import EVERY_LEVER, NO_LEVERS, STAFFED, Run, run, toy

MONTHS = 14
DESIGN = with_settings(EVERY_LEVER, STAFFED)


@pytest.fixture(scope="module")
def runs() -> tuple[Run, Run]:
    """Return the same life with rows of their own for everyone, and with the rows of those who have gone used again."""
    return tuple(run(toy(), NO_LEVERS, DESIGN, months=MONTHS, reuse=reuse) for reuse in (False, True))  # type: ignore[return-value]


def test_the_log_is_the_same_but_for_the_rows(runs: tuple[Run, Run]) -> None:
    apart, again = runs
    assert len(again.course.state.tables.people) < len(apart.course.state.tables.people)
    for name in apart.log.dtype.names or ():
        if name != "person":
            assert np.array_equal(apart.log[name], again.log[name]), name


def test_every_month_counts_the_same(runs: tuple[Run, Run]) -> None:
    for one, other in zip(*(done.months for done in runs), strict=True):
        for table in ("panel", "needs", "stocks", "composition", "mortality", "flows", "tallies"):
            left, right = (getattr(month.collected.outcomes, table) for month in (one, other))
            assert np.array_equal(left, right), table


def test_whom_levers_reached_is_remembered_when_their_row_is_not(runs: tuple[Run, Run]) -> None:
    found = []
    for done in runs:
        tables, departed = done.course.state.tables, done.course.departed
        found.append([keys_reached(tables.people, tables.reach, lever, 0, departed) for lever in LEVERS])
    assert len(runs[1].course.departed) > 0
    for one, other in zip(*found, strict=True):
        assert np.array_equal(np.unique(one), np.unique(other))
