"""Crude rates, proportions and means, one estimate each."""

from __future__ import annotations

import math

from scipy.stats import t as student

from evaluation.arrays import Numbers, number, numbers
from evaluation.estimate import LEVEL, Estimate, check_level, undefined
from evaluation.standardisation.limits import EXACT_BELOW, count_limits, wilson_limits
from scenarios.errors import InputError

PER_100_000 = 100_000.0


def crude_rate(
    count: float,
    denominator: float,
    multiplier: float = PER_100_000,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return events per ``multiplier`` people or person-years, with Byar's limits (exact Poisson below ten events).

    A missing count or denominator (NaN), or a denominator of 0, gives an undefined rate and its reason. May exceed one
    event a person. Raises InputError for a count or denominator below 0.
    """
    count, denominator = number(count, "count"), number(denominator, "denominator")
    method = "rate_exact_poisson" if count < EXACT_BELOW else "rate_byars"
    reason = _missing(count, denominator)
    if reason:
        return undefined(method, population, count, reason, "events", level)
    lower, upper = count_limits([_whole(count, "count")], level)
    scale = multiplier / denominator
    return Estimate(
        count * scale, float(lower[0]) * scale, float(upper[0]) * scale, method, population, count, "events", level
    )


def proportion(
    count: float, denominator: float, multiplier: float = 1.0, level: float = LEVEL, population: str = "not stated"
) -> Estimate:
    """Return ``count`` of ``denominator`` times ``multiplier`` (100: per cent) with Wilson's limits.

    Missing values as ``crude_rate``. Raises InputError for a count outside 0 to the denominator.
    """
    count, denominator = number(count, "count"), number(denominator, "denominator")
    reason = _missing(count, denominator)
    if reason:
        return undefined("proportion_wilson", population, denominator, reason, "people", level)
    lower, upper = wilson_limits([count], [denominator], level)
    limits = float(lower[0]) * multiplier, float(upper[0]) * multiplier
    found = count / denominator * multiplier
    return Estimate(found, *limits, "proportion_wilson", population, denominator, "people", level)


def mean(values: Numbers, level: float = LEVEL, population: str = "not stated") -> Estimate:
    """Return the mean of ``values`` with Student's limits; ``se`` times the square root of n is the sample deviation.

    One value has no limits, and says so. Raises InputError for no values or one that is not a number.
    """
    found = numbers(values, "values")
    n, middle = len(found), float(found.mean())
    if n < 2:
        reason = "one value: no interval"
        return Estimate(middle, math.nan, math.nan, "mean_student_t", population, n, "values", level, reason=reason)
    se = float(found.std(ddof=1)) / math.sqrt(n)
    half = float(student.ppf(0.5 + check_level(level) / 2, n - 1)) * se
    return Estimate(middle, middle - half, middle + half, "mean_student_t", population, n, "values", level, se)


def _missing(count: float, denominator: float) -> str:
    """Return why there is no rate, or nothing. Raises InputError for a denominator below 0."""
    if math.isnan(count):
        return "the count is missing"
    if math.isnan(denominator):
        return "the denominator is missing"
    if denominator < 0:
        raise InputError("denominator", f"is {denominator:g}; allowed: 0 or above")
    return "the denominator is 0: nobody to count over" if denominator == 0 else ""


def _whole(value: float, where: str) -> float:
    if value < 0:
        raise InputError(where, f"is {value:g}; allowed: 0 or above")
    return value
