"""Trends: nothing before the arms part, the registry's yearly change after, doubled where high. Months have lengths."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from scenarios.registry.reader import load_registry
from sim.calendar import Calendar
from sim.place.trend import month_factors
from sim.rules.tables import MONTH_LENGTH, TREND_DEATHS, TREND_NEEDS

VALUES = load_registry().central()
DAYS = 30
LENGTH = DAYS / 30.4375


def trends(trend: str, months: int) -> np.ndarray:
    """Return the factors but for the month's length, which is last."""
    factors = month_factors(trend, VALUES, months, DAYS)
    assert factors[MONTH_LENGTH] == pytest.approx(LENGTH)
    assert len(factors) - 1 == MONTH_LENGTH
    return factors[:MONTH_LENGTH]


@pytest.mark.parametrize("trend", ["none", "central", "high"])
def test_the_baseline_year_is_as_it_is(trend: str) -> None:
    assert (trends(trend, -24) == 1).all()
    assert (trends(trend, 0) == 1).all()


def test_a_trend_compounds_by_year_and_none_changes_nothing() -> None:
    assert (trends("none", 240) == 1).all()
    after = trends("central", 24)
    assert after[TREND_NEEDS] == pytest.approx((1 + VALUES["trend_needs_per_year"]) ** 2)
    assert after[TREND_DEATHS] < 1
    high = trends("high", 12)
    assert np.allclose(high - 1, 2 * (trends("central", 12) - 1))


def test_months_of_four_years_are_mean_months_on_average() -> None:
    calendar = Calendar(date(2024, 4, 1))
    days = [calendar.days_in_month(month) for month in range(48)]
    lengths = [month_factors("none", VALUES, month, each)[MONTH_LENGTH] for month, each in enumerate(days)]
    assert np.mean(lengths) == pytest.approx(1.0)
    assert sorted(set(days)) == [28, 29, 30, 31]
