"""Distributions of the evidence registry: each is fitted so that its 5th and 95th percentiles are a row's low and high.

``normal`` and ``lognormal`` have the central value as median and one spread on each side of it (a two-piece normal, on
the log scale for lognormal), so central, low and high all hold exactly and a lopsided interval stays lopsided; with
equal sides they are the ordinary distributions. ``uniform`` and ``beta`` have two parameters, fixed by low and high
alone; the central value is then what a run without draws uses.
"""

from __future__ import annotations

import math
from functools import lru_cache

from scipy.special import betainc, betaincinv, ndtri

DISTRIBUTIONS = ("fixed", "normal", "lognormal", "beta", "uniform")
LOW_AT, HIGH_AT = 0.05, 0.95
Z_HIGH = float(ndtri(HIGH_AT))


def quantile(distribution: str, central: float, low: float, high: float, u: float) -> float:
    """Return the value of a parameter at probability ``u`` (0 to 1, exclusive).

    Units are those of ``central``. Raises ValueError for a distribution that is not in DISTRIBUTIONS.
    """
    if distribution == "fixed":
        return central
    if distribution == "normal":
        return two_piece(central, low, high, u)
    if distribution == "lognormal":
        return math.exp(two_piece(math.log(central), math.log(low), math.log(high), u))
    if distribution == "uniform":
        width = (high - low) / (HIGH_AT - LOW_AT)
        return low + width * (u - LOW_AT)
    if distribution == "beta":
        a, b = beta_shape(low, high)
        return float(betaincinv(a, b, u))
    raise ValueError(f"unknown distribution '{distribution}'")


def two_piece(median: float, low: float, high: float, u: float) -> float:
    """Return the two-piece normal quantile whose 5%, 50% and 95% points are low, median and high."""
    z = float(ndtri(u))
    side = (high - median) if z > 0 else (median - low)
    return median + side * z / Z_HIGH


@lru_cache(maxsize=4096)
def beta_shape(low: float, high: float) -> tuple[float, float]:
    """Return (a, b) of the beta distribution whose 5% and 95% points are ``low`` and ``high`` (0 < low < high < 1).

    Raises ValueError if no such distribution is found.
    """
    from scipy.optimize import root

    mean = (low + high) / 2
    sd = (high - low) / (2 * Z_HIGH)
    size = max(mean * (1 - mean) / sd**2 - 1, 0.5)

    def gap(logs: list[float]) -> list[float]:
        a, b = math.exp(logs[0]), math.exp(logs[1])
        return [float(betainc(a, b, low)) - LOW_AT, float(betainc(a, b, high)) - HIGH_AT]

    for scale in (1.0, 0.5, 2.0, 0.2, 5.0):
        start = [math.log(mean * size * scale), math.log((1 - mean) * size * scale)]
        try:
            found = root(gap, start, tol=1e-12)
            if max(abs(value) for value in gap(list(found.x))) < 1e-6:
                return math.exp(found.x[0]), math.exp(found.x[1])
        except OverflowError:  # it went astray from this start
            continue
    raise ValueError(f"no beta distribution has 5% and 95% points {low} and {high}")
