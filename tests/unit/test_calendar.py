"""Calendar months in whole seconds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sim.calendar import DAY_S, Calendar

APRIL = Calendar(date(2024, 4, 1))


def test_month_nought_starts_at_second_nought() -> None:
    assert APRIL.month_start_s(0) == 0
    assert APRIL.month_start_s(1) == 30 * DAY_S
    assert APRIL.month_start_s(-1) == -31 * DAY_S


def test_months_follow_each_other_without_a_gap_for_a_century() -> None:
    for month in range(-24, 1_200):
        length = APRIL.days_in_month(month)
        assert 28 <= length <= 31
        assert APRIL.month_start_s(month + 1) - APRIL.month_start_s(month) == length * DAY_S


def test_leap_years() -> None:
    assert APRIL.days_in_month(-2) == 29  # February 2024
    assert APRIL.days_in_month(10) == 28  # February 2025
    assert APRIL.month_start_s(48) - APRIL.month_start_s(0) == (365 * 3 + 366) * DAY_S


def test_labels_and_month_of_year() -> None:
    assert [APRIL.label(m) for m in (-4, 0, 8, 9, 21)] == ["2023-12", "2024-04", "2024-12", "2025-01", "2026-01"]
    assert [APRIL.month_of_year(m) for m in (-4, 0, 8, 9)] == [12, 4, 12, 1]


def test_weekdays_are_those_of_the_dates() -> None:
    assert APRIL.weekday(0) == 0  # 1 April 2024 was a Monday
    for day in range(-40, 800):
        assert APRIL.weekday(day) == (date(2024, 4, 1) + timedelta(days=day)).weekday()


def test_a_start_within_a_month_is_refused() -> None:
    with pytest.raises(ValueError, match="first day of a month"):
        Calendar(date(2024, 4, 2))
