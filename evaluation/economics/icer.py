"""The incremental cost-effectiveness ratio, where on the cost-effectiveness plane it lies, and how sure it is.

The ratio is that of mean difference in cost to mean difference in effect; a mean of ratios means nothing. It is told
only with its quadrant, because the same number is a good buy in one (more health for more money) and a bad one in the
other (less health, less money). Sources: Black 1990 (plane); Fieller 1954; Briggs, O'Brien and Blackhouse 2002.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.economics.options import Options
from evaluation.estimate import LEVEL
from evaluation.ratio import fieller

MORE_FOR_MORE = "more health, more cost"
DOMINANT = "dominant: more health, no more cost"
DOMINATED = "dominated: no more health, more cost"
LESS_FOR_LESS = "less health, less cost"
ONLY_CHEAPER = "cheaper, same health"
ONLY_DEARER = "dearer, same health"
SAME = "no difference"
ONLY_HEALTH, ONLY_HARM = "more health, same cost", "less health, same cost"
QUADRANTS = ("north-east", "south-east", "south-west", "north-west")


@dataclass(frozen=True)
class Icer:
    """``ratio``: pounds per unit of effect of two differences of the same sign, NaN otherwise (``verdict`` says why).

    lower, upper: Fieller's limits, NaN where there are none or the effect may be nothing (``reason``). ``slope``: the
    plain quotient, whatever the signs (NaN if the effect is 0), for tables that print negative ratios.
    """

    cost: float
    effect: float
    ratio: float
    slope: float
    verdict: str
    lower: float = math.nan
    upper: float = math.nan
    reason: str = "no draws: no interval"


def icer(cost: float, effect: float) -> Icer:
    """Return the ratio of a difference in cost (pounds) to a difference in effect, and what it means."""
    slope = cost / effect if effect != 0 else math.nan
    trade = (cost > 0 and effect > 0) or (cost < 0 and effect < 0)
    return Icer(cost, effect, slope if trade else math.nan, slope, _verdict(cost, effect))


def icer_of(options: Options, name: str, comparator: str, level: float = LEVEL) -> Icer:
    """Return the ratio of ``name`` against ``comparator``: means over draws, with Fieller's limits.

    Limits are of the ratio of means over the draws at hand, the precision that so many draws give it: more narrow them.
    They are not where the evidence leaves the ratio (acceptability and the plane tell of that). Where the difference in
    effect cannot be told from 0 there is no interval (it would be two half-lines), and ``reason`` says so.
    """
    one, other = options.at(name), options.at(comparator)
    cost = options.cost[:, one] - options.cost[:, other]
    effect = options.effect[:, one] - options.effect[:, other]
    found = icer(float(cost.mean()), float(effect.mean()))
    if len(cost) < 2:
        return found
    lower, upper, reason = fieller(cost, effect, level)
    if math.isnan(found.ratio):
        lower, upper, reason = math.nan, math.nan, found.verdict
    return Icer(found.cost, found.effect, found.ratio, found.slope, found.verdict, lower, upper, reason)


def plane(options: Options, name: str, comparator: str) -> pd.DataFrame:
    """Return the cost-effectiveness plane: one row a draw with draw, cost and effect (differences) and quadrant.

    A draw on an axis has the quadrant ''.
    """
    one, other = options.at(name), options.at(comparator)
    cost = options.cost[:, one] - options.cost[:, other]
    effect = options.effect[:, one] - options.effect[:, other]
    north, east = cost > 0, effect > 0
    where = np.select([north & east, ~north & east, ~north & ~east, north & ~east], QUADRANTS, "")
    where = np.where((cost == 0) | (effect == 0), "", where)
    return pd.DataFrame({"draw": np.arange(len(cost)), "cost": cost, "effect": effect, "quadrant": where})


def _verdict(cost: float, effect: float) -> str:
    if effect == 0:
        return SAME if cost == 0 else (ONLY_DEARER if cost > 0 else ONLY_CHEAPER)
    if cost == 0:
        return ONLY_HEALTH if effect > 0 else ONLY_HARM
    if effect > 0:
        return MORE_FOR_MORE if cost > 0 else DOMINANT
    return DOMINATED if cost > 0 else LESS_FOR_LESS
