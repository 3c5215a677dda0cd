"""How sure a choice is: acceptability curves, their frontier, expected loss, and where the choice changes.

The option to choose is the one with the highest expected net benefit, which need not be the one most often best; the
acceptability frontier is the probability of being best of the option that should be chosen. Sources: Fenwick, Claxton
and Sculpher 2001; Barton, Briggs and Fenwick 2008; Alarid-Escudero et al. 2019 (expected loss).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, numbers
from evaluation.economics.options import Options
from evaluation.economics.shares import Shares


class Judged(Protocol):
    """Options whose net benefit is known draw by draw: ``options.Options``, or ``chance.Drawn``."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the options."""

    @property
    def draws(self) -> int:
        """How many draws there are."""

    def net_benefit(self, threshold: float) -> np.ndarray:
        """Return net benefit at ``threshold``, float64[draw, option]."""

    def best(self, threshold: float) -> Shares:
        """Return by option the share of draws in which it is best at ``threshold``."""


def acceptability(options: Judged, thresholds: Numbers) -> pd.DataFrame:
    """Return one row per threshold and option: everything a decision under uncertainty is told by.

    Draws are to differ by what may be learned alone: where each is the mean of few simulated runs, take chance out
    first (``chance.Drawn``), or a choice looks less sure, and information worth more, than they are. The error of the
    mean that chance leaves is kept in the probability (``shares``), not in expected loss, which is of parameters alone.

    Columns: threshold, option, expected_net_benefit, probability_best (draws in which it is best, a tie shared equally:
    they add up to 1), monte_carlo_se (of that probability: of so many draws, and of chance in where they lie), told
    (False: no better than a coin, see ``Shares``), expected_loss (net benefit lost on average by choosing it, pounds),
    best (the option with the highest expected net benefit, the first of equals: the acceptability frontier) and evpi
    (pounds: the loss of the best choice, which perfect information would save).
    """
    rows = []
    for threshold in numbers(thresholds, "thresholds", 0.0):
        benefit = options.net_benefit(float(threshold))
        most = benefit.max(axis=1, keepdims=True)
        share = options.best(float(threshold))
        loss = (most - benefit).mean(axis=0)
        chosen = int(benefit.mean(axis=0).argmax())
        rows.append(
            pd.DataFrame(
                {
                    "threshold": threshold,
                    "option": list(options.names),
                    "expected_net_benefit": benefit.mean(axis=0),
                    "probability_best": share.probability,
                    "monte_carlo_se": share.error,
                    "told": share.told,
                    "expected_loss": loss,
                    "best": np.arange(len(options.names)) == chosen,
                    "evpi": loss[chosen],
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def acceptability_frontier(curves: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the option to choose at each threshold."""
    return curves[curves["best"]].reset_index(drop=True)


def probability_cost_effective(options: Options, name: str, comparator: str, thresholds: Numbers) -> pd.DataFrame:
    """Return, by threshold, the probability that ``name`` beats one ``comparator`` and the expected gain.

    Columns: threshold, expected_incremental_benefit (pounds), probability (a tie counts a half).
    """
    one, other = options.at(name), options.at(comparator)
    rows = []
    for threshold in numbers(thresholds, "thresholds", 0.0):
        benefit = options.net_benefit(float(threshold))
        gain = benefit[:, one] - benefit[:, other]
        rows.append((threshold, float(gain.mean()), float((gain > 0).mean() + 0.5 * (gain == 0).mean())))
    return pd.DataFrame(rows, columns=["threshold", "expected_incremental_benefit", "probability"])


def switch_points(options: Options, thresholds: Sequence[float] | np.ndarray) -> pd.DataFrame:
    """Return the thresholds of a grid at which the option to choose changes: threshold, before, after.

    ``threshold`` is the first of the grid with the new choice; the ratio at which it happens exactly is the frontier's.
    """
    rows = []
    grid = np.sort(numbers(thresholds, "thresholds", 0.0))
    best = [int((options.effect.mean(axis=0) * each - options.cost.mean(axis=0)).argmax()) for each in grid]
    for at in range(1, len(grid)):
        if best[at] != best[at - 1]:
            rows.append((float(grid[at]), options.names[best[at - 1]], options.names[best[at]]))
    return pd.DataFrame(rows, columns=["threshold", "before", "after"])


def credible_interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Return the central ``level`` of the draws; NaN for fewer than 20, of which the ends would be two single draws."""
    if len(values) < 20:
        return math.nan, math.nan
    low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)
