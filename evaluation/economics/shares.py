"""In what share of draws something holds, and how well that share is known.

Means of few simulated runs hold chance. ``chance.without_chance`` takes it out of how far draws lie apart, but it is
still in where all of them lie: the mean over draws is known only to a standard error. So draws are moved together by
errors of that size, and a share is the mean over those moves: the parameters spread draws, the mean's error moves them.
A share has two errors: of so few draws, and of where they lie. Where nothing but chance makes draws differ, each move
gives 0 or 100%, and the standard error is the largest there is: the share says no more than on which side the mean may
lie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm, t
from scipy.stats.qmc import Sobol

MOVES = 512  # of the mean's error: a power of two for Sobol's points
_LEAST = 1e-10  # of variance of 1: a direction with less is floating-point noise

Hits = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Shares:
    """By option: in what share of draws something holds, its standard error, and whether it can be told at all.

    ``told`` is False where the interval of the mean holds the line between yes and no and practically all that makes
    draws differ is chance: the share is then that of a coin.
    """

    probability: np.ndarray
    error: np.ndarray
    told: np.ndarray


@dataclass(frozen=True)
class MeanError:
    """What chance does to the mean over draws: covariance, float64[column, column], and its degrees of freedom."""

    covariance: np.ndarray
    freedom: float

    def moves(self) -> np.ndarray:
        """Return how far the mean may be off, float64[move, column], each as probable; one move of 0 without error.

        Student's t; of several directions the multivariate one, at Sobol's points, so that nothing is left to luck.
        """
        scale = np.sqrt(np.diag(self.covariance))
        scale[scale == 0] = 1.0
        variance, along = np.linalg.eigh(self.covariance / np.outer(scale, scale))
        there = variance > _LEAST
        root = (along[:, there] * np.sqrt(variance[there])) * scale[:, None]
        wide = int(there.sum())
        if wide == 0:
            return np.zeros((1, len(scale)))
        if wide == 1:
            return np.asarray(np.outer(t.ppf((np.arange(MOVES) + 0.5) / MOVES, self.freedom), root[:, 0]))
        points = Sobol(wide + 1, scramble=False).random(MOVES) + 0.5 / MOVES
        stretch = np.sqrt(self.freedom / chi2.ppf(points[:, -1], self.freedom))
        return np.asarray((norm.ppf(points[:, :-1]) * stretch[:, None]) @ root.T)


def shares(
    values: np.ndarray,
    hits: Hits,
    error: MeanError | None = None,
    weights: np.ndarray | None = None,
    unknown: float = 0.5,
) -> tuple[np.ndarray, np.ndarray]:
    """Return by column the share of draws in which ``hits`` holds, and its standard error.

    ``values``: float64[draw, column], without chance. ``hits``: from such an array, 0 to 1 by draw and column.
    ``error``: of the mean; None: there is none. ``weights``: of draws, adding up to 1; equal unless given. With an
    error no share is quite 0 or 1: one more move is added that says nothing and gives each column ``unknown``. The
    variance of a share is that of so many draws (the mean over moves of p (1 - p), times the sum of squared weights)
    and that over moves.
    """
    own = np.full(len(values), 1 / len(values)) if weights is None else weights
    moves = np.zeros((1, values.shape[1])) if error is None else error.moves()
    found = np.array([own @ hits(values + move) for move in moves])
    found[found > 1 - _LEAST] = 1.0  # weights add up to 1 to rounding
    variance = (found * (1 - found)).mean(axis=0) * (own**2).sum() + found.var(axis=0)
    share = found.mean(axis=0)
    if len(moves) > 1:
        share = (len(moves) * share + unknown) / (len(moves) + 1)
    return share, np.sqrt(np.maximum(variance, 0.0))


def is_best(values: np.ndarray) -> np.ndarray:
    """Return which column is the highest of its row, a tie shared equally: float64[draw, column], rows adding to 1."""
    wins = values == values.max(axis=1, keepdims=True)
    return np.asarray(wins / wins.sum(axis=1, keepdims=True))
