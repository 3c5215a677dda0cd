"""What a pound buys: return per pound, cost of each event avoided, and where a case breaks even."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evaluation.estimate import LEVEL, Estimate, undefined
from evaluation.ratio import fieller
from scenarios.errors import InputError

_STEPS = 200
_CLOSE = 1e-12


def return_per_pound(benefit: np.ndarray, cost: np.ndarray, level: float = LEVEL, population: str = "") -> Estimate:
    """Return pounds of benefit for each pound spent, the ratio of means over draws with Fieller's limits.

    ``benefit`` and ``cost`` (shape: draws), both present values in pounds. Undefined unless money is spent on average.
    """
    gained, spent = np.asarray(benefit, float), np.asarray(cost, float)
    if spent.mean() <= 0:
        return undefined("return_per_pound", population, len(spent), "no money is spent on average", "draws")
    return _ratio(gained, spent, "return_per_pound", population, level)


def cost_per_avoided(
    cost: np.ndarray, baseline: np.ndarray, design: np.ndarray, level: float = LEVEL, population: str = ""
) -> Estimate:
    """Return pounds spent for each event avoided (baseline less design), the ratio of means with Fieller's limits.

    All of shape (draws,) in pairs. Undefined, with the reason, where no event is avoided on average; without limits
    where the events avoided cannot be told from none: the cost may then be anything.
    """
    avoided = np.asarray(baseline, float) - np.asarray(design, float)
    if avoided.mean() <= 0:
        why = "no difference" if not avoided.any() else "none is avoided on average"
        return undefined("cost_per_avoided", population, len(avoided), why, "draws")
    return _ratio(np.asarray(cost, float), avoided, "cost_per_avoided", population, level)


def break_even(net: Callable[[float], float], low: float, high: float) -> float:
    """Return where ``net``, a function that rises or falls from ``low`` to ``high``, is 0; NaN if it is 0 nowhere.

    Bisection. Raises InputError unless low is below high.
    """
    if not low < high:
        raise InputError("break-even", f"low {low:g} must be below high {high:g}")
    left, right = net(low), net(high)
    if left == 0 or right == 0:
        return low if left == 0 else high
    if left * right > 0 or not (math.isfinite(left) and math.isfinite(right)):
        return math.nan
    for _ in range(_STEPS):
        middle = (low + high) / 2
        value = net(middle)
        if value == 0 or high - low <= _CLOSE * max(abs(low), abs(high)):
            break
        low, high = (middle, high) if value * left > 0 else (low, middle)
    return (low + high) / 2


def _ratio(top: np.ndarray, bottom: np.ndarray, name: str, population: str, level: float) -> Estimate:
    lower, upper, reason = fieller(top, bottom, level)
    value = float(top.mean() / bottom.mean())
    return Estimate(value, lower, upper, name, population, len(top), "draws", level, math.nan, reason)
