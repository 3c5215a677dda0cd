"""How much of a gap some money a year closes."""

from __future__ import annotations

import math

import numpy as np

from evaluation.estimate import LEVEL, Estimate, undefined
from evaluation.ratio import fieller

METHOD = "gap_closed_for_money"


def gap_closed_for_money(
    before: np.ndarray,
    after: np.ndarray,
    cost: np.ndarray,
    unit_gbp: float,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return by how much the size of a gap falls for each ``unit_gbp`` pounds a year, in the gap's own unit.

    ``before`` and ``after``: the gap (most less least deprived; a yearly rate or a mean) in the baseline and in the
    design, shape (pairs,); ``cost``: pounds spent a year in each, over the same months as the gap, or a longer run
    would close less of it for its money; a head where the gap is, or a larger place would close less. Below 0: the gap
    widens. The ratio of means, with Fieller's limits; undefined unless money is spent on average. A gap that changes
    its direction is closed to nothing and opened again: its size counts.
    """
    closed = np.abs(np.asarray(before, float)) - np.abs(np.asarray(after, float))
    spent = np.broadcast_to(np.asarray(cost, float), closed.shape) / unit_gbp
    n = len(closed)
    if n == 0 or np.isnan(closed).any():
        return undefined(METHOD, population, n, "the gap is not defined in every run", "pairs", level)
    if spent.mean() <= 0:
        return undefined(METHOD, population, n, "no money is spent on average", "pairs", level)
    value = float(closed.mean() / spent.mean())
    if not closed.any():
        return Estimate(0.0, math.nan, math.nan, METHOD, population, n, "pairs", level, reason="no difference")
    lower, upper, reason = fieller(closed, spent, level)
    return Estimate(value, lower, upper, METHOD, population, n, "pairs", level, math.nan, reason)
