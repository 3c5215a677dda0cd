"""Points that are not ruled out, and what share of the prior they are: by levels, each within the one before.

From the prior, the least implausible fifth is kept and spread out again by Metropolis steps that stay within it; and
so on until the cut is reached. The share of the prior is the product of the levels' shares. Source: subset simulation,
Au and Beck 2001 (Probabilistic Engineering Mechanics 16:263), used for history matching by Gong et al. 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calibration.history_matching.implausibility import CUT

Judge = Callable[[np.ndarray], np.ndarray]  # float64[points, parameters] -> implausibility float64[points]
POOL = 1_000  # points carried from level to level
KEPT = 0.2  # share of them that makes the next level
STEPS = 12  # Metropolis steps a level
MOST_LEVELS = 40
STUCK = 4  # levels in a row that lower the least implausibility by less than a hundredth
ACCEPTED = 0.3  # share of steps aimed at


@dataclass(frozen=True)
class Region:
    """What is not ruled out. latent: points float64[n, parameters], none if nothing is left; share: of the prior.

    best: the least implausible point found, and its implausibility; looked_at: every point of the search.
    """

    latent: np.ndarray
    share: float
    best: np.ndarray
    least: float
    looked_at: np.ndarray

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return len(self.latent) == 0


def sample_region(judge: Judge, inputs: int, rng: np.random.Generator, cut: float = CUT, pool: int = POOL) -> Region:
    """Return about ``pool`` points below ``cut``, spread as the prior is within it; none if none are found."""
    points = rng.standard_normal((pool, inputs))
    found = judge(points)
    share, scale, stuck, lowest = 1.0, 1.0, 0, float(found.min())
    seen = [points]
    for _ in range(MOST_LEVELS):
        level = max(cut, float(np.quantile(found, KEPT)))
        inside = found < level if level > float(found.min()) else found <= level
        share *= float(inside.mean())
        points, found, scale = spread_out(judge, (points[inside], found[inside]), level, pool, rng, scale)
        seen.append(points)
        if level == cut:
            return Region(points, share, points[found.argmin()], float(found.min()), np.concatenate(seen))
        stuck = stuck + 1 if found.min() > 0.99 * lowest else 0
        lowest = min(lowest, float(found.min()))
        if stuck >= STUCK:
            break
    best = points[found.argmin()]
    return Region(np.zeros((0, inputs)), 0.0, best, float(found.min()), np.concatenate(seen))


def spread_out(
    judge: Judge,
    start: tuple[np.ndarray, np.ndarray],
    level: float,
    pool: int,
    rng: np.random.Generator,
    scale: float,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return ``pool`` points below ``level`` and their implausibilities, from ``start`` by Metropolis steps.

    Steps follow the spread of the points, and are accepted by the prior's density within the level. The scale of steps
    is adapted and returned.
    """
    chosen = rng.integers(0, len(start[0]), pool)
    points, found = start[0][chosen], start[1][chosen]
    root = step_root(start[0])
    for _ in range(STEPS):
        there = points + scale * rng.standard_normal(points.shape) @ root.T
        log_ratio = 0.5 * ((points**2).sum(axis=1) - (there**2).sum(axis=1))
        implausible = judge(there)
        accepted = (np.log(rng.random(pool)) < log_ratio) & (implausible < level)
        points = np.where(accepted[:, None], there, points)
        found = np.where(accepted, implausible, found)
        scale *= float(np.exp(0.5 * (accepted.mean() - ACCEPTED)))
    return points, found, float(np.clip(scale, 1e-3, 2.0))


def step_root(points: np.ndarray) -> np.ndarray:
    """Return a root of the covariance for steps: the points' own, pulled a little towards independence."""
    inputs = points.shape[1]
    if len(points) <= inputs + 1:
        return np.eye(inputs) * 2.38 / np.sqrt(inputs)
    covariance = np.atleast_2d(np.cov(points.T))
    covariance = 0.95 * covariance + 0.05 * np.diag(np.diag(covariance)) + 1e-10 * np.eye(inputs)
    return np.linalg.cholesky(covariance) * 2.38 / np.sqrt(inputs)
