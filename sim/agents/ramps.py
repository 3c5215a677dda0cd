"""How fast a change arrives: an S-curve for reach, a straight line for posts moved, and recruitment."""

from __future__ import annotations

from sim.rules.maths import exp

MONTHS_PER_YEAR = 12


def s_curve(months_done: float, ramp_months: float) -> float:
    """Return the share of full reach, 0 to 1, after ``months_done`` months: slow, fast, slow (3x^2 - 2x^3).

    0 before the first month; 1 from ``ramp_months`` on, and at once if there is no ramp.
    """
    if months_done <= 0:
        return 0.0
    if months_done >= ramp_months:
        return 1.0
    x = months_done / ramp_months
    return x * x * (3.0 - 2.0 * x)


def straight(months_done: float, full_months: float) -> float:
    """Return the share of a change made after ``months_done`` of ``full_months``: in equal steps, then 1."""
    if months_done <= 0:
        return 0.0
    return 1.0 if months_done >= full_months else months_done / full_months


def recruited(months_done: float, mean_months: float) -> float:
    """Return the share of new posts filled when each takes ``mean_months`` on average (exponential)."""
    if months_done <= 0:
        return 0.0
    return 1.0 if mean_months <= 0 else 1.0 - exp(-months_done / mean_months)


def monthly_share(share_per_year: float) -> float:
    """Return the share reached in a month where ``share_per_year`` of people are reached in a year: a twelfth.

    Each month is drawn anew, so that at 1 everyone is reached once a year on average: some twice, some not at all.
    """
    return within(share_per_year / MONTHS_PER_YEAR, 0.0, 1.0)


def within(value: float, low: float, high: float) -> float:
    """Return ``value`` kept between ``low`` and ``high``."""
    return min(max(value, low), high)
