"""Slope and relative index of inequality, the OHID way: a population-weighted line through ranked groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.arrays import numbers, perhaps_numbers, same_length


@dataclass(frozen=True)
class Slope:
    """``sii`` in the unit of the values, ``rii`` a ratio; NaN where undefined, and ``reason`` says why."""

    sii: float
    rii: float
    reason: str


def ridits(populations: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return each group's mid-rank on the 0 to 1 scale: cumulative population share less half its own."""
    share = np.asarray(populations, dtype=float)
    share = share / share.sum()
    return np.cumsum(share) - share / 2


def slope_index(
    values: Sequence[float] | np.ndarray, populations: Sequence[float] | np.ndarray, multiplier: float = 1.0
) -> Slope:
    """Return the slope and relative index of ``values`` for groups ordered from most (first) to least deprived.

    Weighted least squares of value on ridit with population shares as weights. ``sii`` is the fitted value at rank 1
    (least deprived) less that at rank 0, times ``multiplier``; ``rii`` is the ratio of the two, the other way up for a
    negative multiplier. Multiplier -1 makes both positive, and over 1, for something commoner among the most deprived.
    Groups without people are left out; fewer than two left, or a fitted end at or below zero (rii), is undefined.
    Method: OHID PHEindicatormethods, linear variant without transformation. Raises InputError for something that is no
    number, a population that is missing or below 0, or lists of unequal length.
    """
    y, people = perhaps_numbers(values, "values"), numbers(populations, "populations", 0.0)
    same_length(values=y, populations=people)
    lived = people > 0
    if lived.sum() < 2:
        return Slope(math.nan, math.nan, "fewer than two groups with residents")
    y, people = y[lived], people[lived]
    if np.isnan(y).any():
        return Slope(math.nan, math.nan, "a group has no value")
    share, rank = people / people.sum(), ridits(people)
    centre, level = float((share * rank).sum()), float((share * y).sum())
    slope = float((share * (rank - centre) * (y - level)).sum() / (share * (rank - centre) ** 2).sum())
    most, least = level - slope * centre, level + slope * (1 - centre)
    top, bottom = (least, most) if multiplier >= 0 else (most, least)
    sii = slope * multiplier
    if min(top, bottom) <= 0:
        return Slope(sii, math.nan, "the fitted line reaches zero or below: no ratio")
    return Slope(sii, top / bottom, "")
