"""How needs, onsets, deaths and supply drift from the baseline year, and how long a month is: the same in every arm."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.rules.maths import power
from sim.rules.stages import MONTHS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_MEAN_MONTH
from sim.rules.tables import MONTH_LENGTH, TREND_DEATHS, TREND_NEEDS, TREND_ONSETS, TREND_SUPPLY, TRENDS

NAMES = {TREND_NEEDS: "needs", TREND_ONSETS: "onsets", TREND_DEATHS: "deaths", TREND_SUPPLY: "supply"}


def month_factors(trend: str, values: Mapping[str, float], months: int, days: int) -> np.ndarray:
    """Return this month's factors on the baseline year and its length: float64 in the order of sim/rules/tables.py.

    ``trend`` is none (all 1), central, or high (yearly changes times trend_high_ratio). ``months`` since the arms
    parted, where trends start: before it everything is as in the baseline year, whatever the date. ``days`` in the
    month: its length is told in mean months of 30.4375 days.
    """
    factors = np.ones(TRENDS)
    factors[MONTH_LENGTH] = days * SECONDS_PER_DAY / SECONDS_PER_MEAN_MONTH
    if trend == "none" or months <= 0:
        return factors
    times = values["trend_high_ratio"] if trend == "high" else 1.0
    for at, name in NAMES.items():
        factors[at] = power(1.0 + values[f"trend_{name}_per_year"] * times, months / MONTHS_PER_YEAR)
    return factors
