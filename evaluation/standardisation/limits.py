"""Confidence limits of counts and proportions: Byar's, exact Poisson and Wilson's."""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2

from evaluation.arrays import Numbers, numbers, same_length
from evaluation.estimate import LEVEL, check_level, z_value
from scenarios.errors import InputError

EXACT_BELOW = 10  # events; OHID: exact Poisson limits below, Byar's from here on


def byars_limits(counts: Numbers, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return Byar's lower and upper limits of ``counts`` of events (shape: counts).

    A count so small that the lower limit would be negative has none (NaN); the lower limit of 0 is 0. Source: Breslow
    and Day 1987, volume II. Raises InputError for a count below 0.
    """
    x, z = numbers(counts, "counts", 0.0), z_value(level)
    safe = np.where(x > 0, x, 1.0)
    lower = safe * (1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe))) ** 3
    lower = np.where(x > 0, np.where(lower < 0, np.nan, lower), 0.0)
    more = x + 1
    return lower, more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3


def exact_poisson_limits(counts: Numbers, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return exact (Garwood 1936) lower and upper limits of Poisson ``counts`` (shape: counts); 0 has lower limit 0.

    Raises InputError for a count below 0.
    """
    x, tail = numbers(counts, "counts", 0.0), (1 - check_level(level)) / 2
    lower = np.where(x > 0, chi2.ppf(tail, 2 * np.where(x > 0, x, 1.0)) / 2, 0.0)
    return lower, chi2.ppf(1 - tail, 2 * x + 2) / 2


def count_limits(counts: Numbers, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return OHID's limits of ``counts``: exact Poisson below ``EXACT_BELOW`` events, Byar's from there on."""
    x = numbers(counts, "counts", 0.0)
    exact, byars = exact_poisson_limits(x, level), byars_limits(x, level)
    few = x < EXACT_BELOW
    return np.where(few, exact[0], byars[0]), np.where(few, exact[1], byars[1])


def wilson_limits(counts: Numbers, denominators: Numbers, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score limits of proportions ``counts`` / ``denominators`` (shape: counts).

    Source: Wilson 1927; Newcombe and Altman 2000. Raises InputError for a count below 0 or above its denominator, or a
    denominator of 0 or below.
    """
    x, n = numbers(counts, "counts", 0.0), numbers(denominators, "denominators", 0.0, above=True)
    same_length(counts=x, denominators=n)
    if (x > n).any():
        at = int(np.flatnonzero(x > n)[0])
        raise InputError(f"counts row {at}", f"is {x[at]:g}; allowed: 0 to the denominator, {n[at]:g}")
    z = z_value(level)
    middle, half = 2 * x + z**2, z * np.sqrt(z**2 + 4 * x * (1 - x / n))
    return (middle - half) / (2 * (n + z**2)), (middle + half) / (2 * (n + z**2))
