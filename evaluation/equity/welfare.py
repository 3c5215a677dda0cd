"""Health and fairness together: equally distributed equivalents of what a case changes, and aversion as a dial.

The gain in equally distributed equivalent health is the gain for everybody that would be worth as much as this one,
spread as it is. What it has above the plain sum is the value of equity. With aversion 0 there is none. Sources: Robson
et al. 2017 (elicited aversion, England); Cookson et al. 2017 (equity impact plane).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, numbers
from evaluation.economics.returns import break_even
from evaluation.equity.distribution import FULL, NICE, ROUNDING, Baseline, slope_change
from evaluation.inequality.welfare import equivalent_gain
from evaluation.twins import mean_interval
from scenarios.errors import InputError

WIN_WIN = "more health, fairer"
WIN_LOSE = "more health, less fair"
LOSE_WIN = "less health, fairer"
LOSE_LOSE = "less health, less fair"
NEUTRAL = "no difference in one or both"
MODES = (NICE, FULL)


def equity_impact(
    baseline: Baseline,
    nets: Mapping[str, np.ndarray],
    aversion: float = 0.0,
    measure: str = "atkinson",
    mode: str = FULL,
) -> pd.DataFrame:
    """Return the equity-efficiency plane: one row per name of ``nets`` (net health by group, everybody together).

    A net is float64[group], or float64[pair, group] of independent pairs of runs: means of these are told, with 95%
    limits (Student's t; NaN for one pair). Columns: name, total_net (efficiency: QALYs), slope_change (least less most
    deprived, a head; below 0 is narrower), slope_lower, slope_upper and, unless ``mode`` is 'nice' (which puts no
    weight on who gains), aversion, ede_gain (QALYs for everybody), equity (ede_gain less total_net) and quadrant, which
    goes by the limits of both. Raises InputError for an unknown mode or an aversion out of range.
    """
    if mode not in MODES:
        raise InputError("mode", f"no such mode '{mode}'; allowed: {', '.join(MODES)}")
    rows = []
    for name, each in nets.items():
        pairs = np.atleast_2d(np.asarray(each, float))
        net = pairs.mean(axis=0)
        total = float(np.sum(net))
        slope, lower, upper = mean_interval(np.array([slope_change(baseline, pair) for pair in pairs]))
        row: dict[str, object] = {"name": name, "total_net": total, "slope_change": slope}
        row |= {"slope_lower": lower, "slope_upper": upper}
        if mode == FULL:
            gain = ede_gain(baseline, net, aversion, measure)
            row |= {"aversion": aversion, "ede_gain": gain, "equity": gain - total}
            row |= {"quadrant": _quadrant_of_pairs(baseline, pairs, aversion, measure)}
        rows.append(row)
    return pd.DataFrame(rows)


def _quadrant_of_pairs(baseline: Baseline, pairs: np.ndarray, aversion: float, measure: str) -> str:
    """Return the quadrant of the means, or that there is no difference where an interval holds zero."""
    totals = pairs.sum(axis=1)
    gains = np.array([ede_gain(baseline, pair, aversion, measure) for pair in pairs])
    for values in (totals, gains - totals):
        _, lower, upper = mean_interval(values)
        if lower <= 0 <= upper:  # not so for one pair, which has no limits
            return NEUTRAL
    return quadrant(float(totals.mean()), float(gains.mean()))


def ede_gain(baseline: Baseline, net: np.ndarray, aversion: float, measure: str = "atkinson") -> float:
    """Return the population's gain in equally distributed equivalent health when ``net`` happens (QALYs)."""
    change = np.asarray(net, float) / baseline.people
    return equivalent_gain(baseline.health, change, baseline.people, measure, aversion).estimate


def aversion_dial(
    baseline: Baseline, nets: Mapping[str, np.ndarray], aversions: Numbers, measure: str = "atkinson"
) -> pd.DataFrame:
    """Return the gain in equally distributed equivalent health at each aversion: aversion, name, ede_gain, best.

    ``best``: the name with the highest gain at that aversion, the first of equals.
    """
    rows = []
    for aversion in numbers(aversions, "aversions", 0.0):
        gains = {name: ede_gain(baseline, net, float(aversion), measure) for name, net in nets.items()}
        top = max(gains, key=gains.__getitem__)
        rows += [(float(aversion), name, gain, name == top) for name, gain in gains.items()]
    return pd.DataFrame(rows, columns=["aversion", "name", "ede_gain", "best"])


def aversion_where_equal(
    baseline: Baseline, one: np.ndarray, other: np.ndarray, most: float = 30.0, measure: str = "atkinson"
) -> float:
    """Return the aversion at which two distributions of net health are worth the same, NaN if none up to ``most``."""
    return break_even(
        lambda aversion: ede_gain(baseline, one, aversion, measure) - ede_gain(baseline, other, aversion, measure),
        0.0,
        most,
    )


def quadrant(total: float, gain: float) -> str:
    """Return where on the plane a net effect lies: efficiency is the total, equity what the gain has above it."""
    equity = gain - total
    if total == 0 or abs(equity) <= ROUNDING * max(abs(gain), abs(total)):
        return NEUTRAL
    if total > 0:
        return WIN_WIN if equity > 0 else WIN_LOSE
    return LOSE_WIN if equity > 0 else LOSE_LOSE


def dominates(baseline: Baseline, one: np.ndarray, other: np.ndarray) -> dict[str, bool]:
    """Return whether ``one`` dominates ``other`` (net health by group): 'pareto', 'lorenz', 'generalised_lorenz'.

    Pareto: no group worse, some better. Generalised Lorenz: the worst-off share, however cut, has no less in all, and
    somewhere more: preferred by any aversion to inequality. Lorenz: the same of shares of the total.
    """
    gains = (np.asarray(one, float) - np.asarray(other, float)) / baseline.people
    curves = [_lorenz(baseline.after(net), baseline.people) for net in (one, other)]
    grid = np.union1d(curves[0][0], curves[1][0])
    heights = [np.interp(grid, *curve) for curve in curves]
    shares = [height / height[-1] for height in heights]
    return {
        "pareto": _above(gains, np.zeros_like(gains)),
        "lorenz": _above(*shares),
        "generalised_lorenz": _above(*heights),
    }


def _lorenz(health: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(health, kind="stable")
    share = people[order] / people.sum()
    return np.append(0.0, np.cumsum(share)), np.append(0.0, np.cumsum(share * health[order]))


def _above(one: np.ndarray, other: np.ndarray) -> bool:
    near = 1e-12 * max(1.0, float(np.abs(other).max()))
    return bool((one >= other - near).all() and (one > other + near).any())
