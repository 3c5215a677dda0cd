"""Interval of an effect whose trend may depart by so many times the largest step seen before: Rambachan and Roth 2023.

Section 3 of the paper (REStud 90): for each earlier step that may be the largest, and each sign of it, the restriction
on the periods after the start is linear in the means of the coefficients (as in the authors' software, those on earlier
periods alone are not used). It is tested by the hybrid of the conditional and the least favourable test of Andrews,
Roth and Pakes (2023, REStud 90), and an effect is kept unless every step and sign rejects it. Where the effect is of
several periods, departures within them are taken out by hand first (each step may go either way by as much, so only
the sum of their reach counts), which leaves no nuisance parameter.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special

FIRST_STAGE = 0.1  # share of the level spent on the least favourable test, as the authors take it
POINTS = 1_000  # effects tried before the edges are refined
REFINED = 30
FARTHEST = 10.0  # standard errors: beyond any critical value
FLAT, TINY = 1e-10, 1e-300


def relative_interval(
    values: np.ndarray, covariance: np.ndarray, much: float, reach: float, level: float
) -> tuple[float, float]:
    """Return the limits of the effect kept by the hybrid test at 1 - ``level``.

    ``values`` (k + 1,): the k steps between earlier coefficients, oldest first, then the effect, with their joint
    ``covariance``; the effect's trend departs by at most ``much`` x ``reach`` times the largest step. Infinite on a
    side where no effect tried is rejected (20 standard errors and twenty times the worst case of the point estimates).
    """
    sets = [
        _Inequalities(values, covariance, at, sign, much * reach) for at in range(len(values) - 1) for sign in (1, -1)
    ]
    critical = [each.least_favourable(FIRST_STAGE * (1 - level)) for each in sets]

    def kept(effects: np.ndarray) -> np.ndarray:
        found = np.zeros(len(effects), dtype=bool)
        for each, limit in zip(sets, critical, strict=True):
            found |= ~each.rejected(effects, limit, 1 - level)
        return found

    centre, se = float(values[-1]), math.sqrt(max(float(covariance[-1, -1]), 0.0))
    far = 20.0 * (se + much * reach * float(np.abs(values[:-1]).max()))
    grid = centre + far * np.linspace(-1.0, 1.0, POINTS + 1)
    inside = np.flatnonzero(kept(grid))
    if len(inside) == 0:
        return centre, centre
    lower = _edge(kept, grid, int(inside[0]), -1)
    return lower, _edge(kept, grid, int(inside[-1]), 1)


def _edge(kept: object, grid: np.ndarray, at: int, side: int) -> float:
    if not 0 <= at + side < len(grid):
        return side * math.inf
    inside, outside = float(grid[at]), float(grid[at + side])
    for _ in range(REFINED):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(np.array([middle]))[0] else (inside, middle)  # type: ignore[operator]
    return (inside + outside) / 2


class _Inequalities:
    """The effect's distance from what it may be, either way, where step ``largest`` of one ``sign`` is the largest."""

    def __init__(self, values: np.ndarray, covariance: np.ndarray, largest: int, sign: int, most: float) -> None:
        matrix = np.zeros((2, len(values)))
        matrix[:, -1] = 1.0, -1.0
        matrix[:, largest] = -most * sign
        spread = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", matrix, covariance, matrix), TINY))
        self.scaled = matrix / spread[:, None]
        self.at_none = self.scaled @ values
        self.per_effect = self.scaled[:, -1]
        self.correlation = np.clip(self.scaled @ covariance @ self.scaled.T, -1.0, 1.0)

    def least_favourable(self, size: float) -> float:
        """Return the value that the larger of the two distances passes with chance ``size`` where both means are 0.

        Both lie below c with chance F(c) - 2 T(c, sqrt((1 - r) / (1 + r))), T Owen's function, r their correlation.
        """
        alike = float(self.correlation[0, 1])
        slope = math.sqrt((1 - alike) / (1 + alike)) if alike > -1 else math.inf

        def beyond(value: float) -> float:
            return float(special.ndtr(-value) + 2 * special.owens_t(value, slope)) - size

        return float(optimize.brentq(beyond, 0.0, FARTHEST))

    def rejected(self, effects: np.ndarray, limit: float, size: float) -> np.ndarray:
        """Return flags of the ``effects`` (n,) at which the means cannot all be 0 or below."""
        means = self.at_none - effects[:, None] * self.per_effect
        first = means.argmax(axis=1)
        largest = means[np.arange(len(effects)), first]
        alike = self.correlation[first]
        others = np.where(alike < 1 - FLAT, (means - alike * largest[:, None]) / np.maximum(1 - alike, FLAT), -math.inf)
        below = others.max(axis=1)
        rest = (size - FIRST_STAGE * size) / (1 - FIRST_STAGE * size)
        critical = np.maximum(_truncated(1 - rest, below, limit), 0.0)
        return (largest > limit) | (largest > critical)


def _truncated(share: float, below: np.ndarray, above: float) -> np.ndarray:
    """Return the ``share`` quantile of a standard normal known to lie between ``below`` (n,) and ``above``."""
    low, high = special.ndtr(-np.minimum(below, above)), special.ndtr(-above)
    return np.asarray(-special.ndtri(low - share * (low - high)))
