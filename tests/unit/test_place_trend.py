"""Trends: nothing before the arms part, the registry's yearly change after, doubled where high."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.registry.reader import load_registry
from sim.place.trend import trend_factors
from sim.rules.tables import TREND_DEATHS, TREND_NEEDS

VALUES = load_registry().central()


@pytest.mark.parametrize("trend", ["none", "central", "high"])
def test_the_baseline_year_is_as_it_is(trend: str) -> None:
    assert (trend_factors(trend, VALUES, -24) == 1).all()
    assert (trend_factors(trend, VALUES, 0) == 1).all()


def test_a_trend_compounds_by_year_and_none_changes_nothing() -> None:
    assert (trend_factors("none", VALUES, 240) == 1).all()
    after = trend_factors("central", VALUES, 24)
    assert after[TREND_NEEDS] == pytest.approx((1 + VALUES["trend_needs_per_year"]) ** 2)
    assert after[TREND_DEATHS] < 1
    high = trend_factors("high", VALUES, 12)
    assert np.allclose(high - 1, 2 * (trend_factors("central", VALUES, 12) - 1))
