"""Linear mixed models by residual maximum likelihood: effects shared within groups, each with a variance of its own.

The likelihood is profiled over the standard deviations of the random effects relative to the residual one, with group
effects taken out by a Cholesky factor of the small matrix between them (Bates, Maechler, Bolker and Walker 2015, J Stat
Softw 67, section 3). So a standard deviation of 0 is a point like any other, where searches in variances divide by 0
and can stop beside the optimum. Each is sought over its whole range in turn, until none gains anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

TRIED = np.concatenate([[0.0], np.geomspace(1e-2, 1e4, 31)])  # relative standard deviations from which a search starts
MOST_CYCLES = 50
GAIN = 1e-8  # of the log-likelihood: less than this is nothing
ROUNDING = 1e-12  # of the largest outcome: residuals below it are none
LEAST = 1e-30  # share of the outcome's own sum of squares below which a residual one is rounding


@dataclass(frozen=True)
class Mixed:
    """``coefficients`` (p,) with ``covariance`` (p, p); ``variances`` of the random effects, ``within`` of the rest.

    ``likelihood``: residual log-likelihood but for a constant; ``settled``: whether the search gained nothing more.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    variances: np.ndarray
    within: float
    likelihood: float
    settled: bool


def fit_mixed(outcome: np.ndarray, design: np.ndarray, groups: np.ndarray, parts: Sequence[np.ndarray]) -> Mixed:
    """Return the model of ``outcome`` (N,) on ``design`` (N, p) with random effects by restricted maximum likelihood.

    ``parts``: for each random effect, labels (N,); rows of one group and one label share it (all labels alike: the
    group's own effect). ``design`` has full rank and fewer columns than rows.
    """
    least, left = _least_squares(outcome, design)
    none = np.zeros((design.shape[1], design.shape[1]))
    if _is_rounding(left, outcome):  # nothing is left to share out
        return Mixed(least, none, np.zeros(len(parts)), 0.0, math.inf, True)
    size = math.sqrt(float((left**2).mean()))
    model = _Profile(np.column_stack([design, left / size]), groups, parts)
    at, settled = _search(model, len(parts))
    likelihood, moved, covariance, within = model.solve(at)
    scale = size * size * within
    if at.max() > TRIED[-2]:  # perhaps rows of a group do not differ at all
        found, left = _least_squares(outcome, np.column_stack([design, groups[:, None] == np.unique(groups)]))
        if _is_rounding(left, outcome):
            return Mixed(found[: design.shape[1]], none, scale * at**2, 0.0, math.inf, True)
    return Mixed(least + size * moved, scale * covariance, scale * at**2, scale, likelihood, settled)


def _least_squares(outcome: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients and residuals."""
    found = np.linalg.lstsq(design, outcome, rcond=None)[0]
    return found, outcome - design @ found


def _is_rounding(left: np.ndarray, outcome: np.ndarray) -> bool:
    return bool(np.abs(left).max() <= ROUNDING * np.abs(outcome).max())


class _Profile:
    """The log-likelihood at given relative standard deviations, from cross-products that are summed once."""

    def __init__(self, columns: np.ndarray, groups: np.ndarray, parts: Sequence[np.ndarray]) -> None:
        each = [groups == g for g in np.unique(groups)]
        sizes = [max(len(np.unique(labels[rows])) for rows in each) for labels in parts]
        self.rows, self.p = len(columns), columns.shape[1] - 1
        self.owner = np.repeat(np.arange(len(parts)), sizes)  # which random effect a column of z belongs to
        between, across = [], []
        for rows in each:
            # a group with fewer labels than the most has columns of 0, which change nothing
            labelled = [np.unique(labels[rows], return_inverse=True)[1] for labels in parts]
            z = np.column_stack([np.eye(size)[at] for size, at in zip(sizes, labelled, strict=True)])
            between.append(z.T @ z)
            across.append(z.T @ columns[rows])
        self.between, self.across, self.total = np.stack(between), np.stack(across), columns.T @ columns

    def solve(self, relative: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, float]:
        """Return the log-likelihood, coefficients, their covariance over the residual variance, and that variance.

        Raises LinAlgError where the coefficients cannot be told apart.
        """
        sd = relative[self.owner]
        root = np.linalg.cholesky(np.eye(len(sd)) + sd[:, None] * self.between * sd)
        taken = np.linalg.solve(root, sd[:, None] * self.across)
        square = self.total - np.einsum("gqi,gqj->ij", taken, taken)
        p, df = self.p, self.rows - self.p
        factor = np.linalg.cholesky(square[:p, :p])
        beta = np.linalg.solve(square[:p, :p], square[:p, p])
        rest = max(float(square[p, p] - beta @ square[:p, p]), LEAST * self.rows)
        spread = 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())
        spread += 2 * float(np.log(np.diagonal(factor)).sum())
        return -0.5 * (df * math.log(rest) + spread), beta, np.linalg.inv(square[:p, :p]), rest / df

    def likelihood(self, relative: np.ndarray) -> float:
        """Return the log-likelihood, minus infinity where the model cannot be solved."""
        try:
            return self.solve(relative)[0]
        except np.linalg.LinAlgError:
            return -math.inf


def _search(model: _Profile, parts: int) -> tuple[np.ndarray, bool]:
    """Return the relative standard deviations of most likelihood, and whether the search came to rest."""
    at, best = np.zeros(parts), model.likelihood(np.zeros(parts))
    for _ in range(MOST_CYCLES):
        before = best
        for part in range(parts):
            at, best = _along(model, at, part, best)
        if parts == 1 or best - before <= GAIN:
            return at, True
    return at, False


def _along(model: _Profile, at: np.ndarray, part: int, best: float) -> tuple[np.ndarray, float]:
    """Return the best point with another standard deviation of one part (whole range, then closely), or ``at``."""

    def moved(value: float) -> np.ndarray:
        point = at.copy()
        point[part] = value
        return point

    scores = [model.likelihood(moved(value)) for value in TRIED]
    top = int(np.argmax(scores))
    low, high = TRIED[max(top - 1, 0)], TRIED[min(top + 1, len(TRIED) - 1)]
    closely = {"bounds": (low, high), "method": "bounded", "options": {"xatol": 1e-7 * high}}
    near = optimize.minimize_scalar(lambda value: -model.likelihood(moved(value)), **closely)
    for value, score in ((float(TRIED[top]), scores[top]), (float(near.x), -float(near.fun))):
        if score > best + 0.1 * GAIN:  # so that 0 stays 0 where nothing is gained by leaving it
            at, best = moved(value), score
    return at, best
