"""Arithmetic of shares: log odds, values by age, and moving shares to a total."""

from __future__ import annotations

import numpy as np

from scenarios.place_schema import AGE_BANDS, AGE_LOWER_YEARS
from sim.rules.maths import exp, log

QUINTILES = 5
NEVER_LIABLE = -40.0  # a liability nobody is below: what it stands for does not occur in this group


def by_age(values: dict[str, float], pattern: str, steps: tuple[tuple[int, str], ...]) -> np.ndarray:
    """Return a value by age band: of the last of ``steps`` (first age, suffix of the parameter) not above the band.

    A band that a step divides (15-19 at 16 or 18) takes the two values in proportion to its years: (20,) float64.
    """
    upper = (*AGE_LOWER_YEARS[1:], AGE_LOWER_YEARS[-1] + 1)
    result = np.zeros(AGE_BANDS)
    for band, (low, high) in enumerate(zip(AGE_LOWER_YEARS, upper, strict=True)):
        years = [max(suffix for suffix in steps if suffix[0] <= age)[1] for age in range(low, high)]
        result[band] = sum(values[pattern.format(suffix)] for suffix in years) / len(years)
    return result


def shift_to(shares: np.ndarray, people: np.ndarray, target: float) -> np.ndarray:
    """Return ``shares`` with their log odds moved by one number so that shares x people sum to ``target``.

    A target beyond what is possible gives the nearest (shares of 0 stay 0).
    """
    odds = np.array([share / (1 - share) for share in shares])
    low, high = -8.0, 8.0
    for _ in range(50):
        middle = (low + high) / 2
        there = odds * exp(middle)
        if float(np.sum(there / (1 + there) * people)) < target:
            low = middle
        else:
            high = middle
    there = odds * exp(low)
    return there / (1 + there)


def moved(share: float, log_odds: float) -> float:
    """Return a share with its log odds moved; 0 stays 0."""
    return expit(logit(share) + log_odds) if share > 0.0 else 0.0


def logit(share: float) -> float:
    """Return the log odds of a share strictly between 0 and 1 (kept 1e-12 from either end)."""
    share = min(max(share, 1e-12), 1 - 1e-12)
    return log(share / (1 - share))


def expit(log_odds: float) -> float:
    """Return the share whose log odds are given."""
    return 1.0 / (1.0 + exp(-log_odds))
