"""Approximate Bayesian computation: a check that needs no likelihood and no emulator, for five parameters at most.

Its intervals are too wide unless the tolerance is small; regression adjustment helps (Beaumont, Zhang and Balding 2002,
Genetics 162:2025). Population Monte Carlo is that of Beaumont et al. 2009 (Biometrika 96:983).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calibration.diagnostics.weights import kish_size, normalised, resampled, weighted_covariance

Simulate = Callable[[np.ndarray], np.ndarray]  # parameters float64[n, k] -> summaries float64[n, s]


@dataclass(frozen=True)
class Accepted:
    """Draws kept with their weights (adding to 1) and distances; tolerance: the largest distance kept."""

    draws: np.ndarray
    weights: np.ndarray
    distances: np.ndarray
    summaries: np.ndarray
    tolerance: float
    simulations: int

    @property
    def kish_size(self) -> float:
        """Kish's effective size of the weights."""
        return kish_size(self.weights)


def rejection(draws: np.ndarray, summaries: np.ndarray, observed: np.ndarray, share: float) -> Accepted:
    """Return the ``share`` of prior draws whose summaries lie nearest to what was observed, equally weighted.

    Distance is Euclidean after each summary is divided by its median absolute deviation over the prior.
    """
    apart = distances(summaries, observed, spread_of(summaries))
    count = max(round(share * len(draws)), 2)
    kept = np.argsort(apart, kind="stable")[:count]
    equal = np.full(count, 1 / count)
    return Accepted(draws[kept], equal, apart[kept], summaries[kept], float(apart[kept].max()), len(draws))


def adjusted(found: Accepted, observed: np.ndarray) -> Accepted:
    """Return the draws moved to where they would be had their summaries been those observed: local linear regression.

    Weights are those of Epanechnikov's kernel at the distances.
    """
    from dataclasses import replace

    kernel = np.maximum(1 - (found.distances / found.tolerance) ** 2, 0.0) if found.tolerance > 0 else 1.0
    weights = normalised(found.weights * kernel + 1e-300)
    gaps = found.summaries - observed
    design = np.hstack([np.ones((len(gaps), 1)), gaps])
    root = np.sqrt(weights)[:, None]
    coefficients, *_ = np.linalg.lstsq(root * design, root * found.draws, rcond=None)
    return replace(found, draws=found.draws - gaps @ coefficients[1:], weights=weights)


def population(
    simulate: Simulate,
    prior_draw: Callable[[int, np.random.Generator], np.ndarray],
    prior_density: Callable[[np.ndarray], np.ndarray],
    observed: np.ndarray,
    particles: int,
    rounds: int,
    rng: np.random.Generator,
    kept: float = 0.5,
) -> Accepted:
    """Return weighted draws after ``rounds`` of population Monte Carlo; each tolerance is a quantile of the last.

    prior_density: of parameters, not logged, 0 where they cannot be.
    """
    draws = prior_draw(particles, rng)
    summaries = simulate(draws)
    scale = spread_of(summaries)
    apart = distances(summaries, observed, scale)
    weights, used = np.full(particles, 1 / particles), particles
    tolerance = float(apart.max())
    for _ in range(rounds):
        tolerance = float(np.quantile(apart, kept))
        covariance = 2 * np.atleast_2d(weighted_covariance(draws, weights)) + 1e-12 * np.eye(draws.shape[1])
        root = np.linalg.cholesky(covariance)
        new: list[np.ndarray] = []
        new_summaries: list[np.ndarray] = []
        new_apart: list[np.ndarray] = []
        while sum(len(each) for each in new) < particles:
            start = draws[resampled(weights, particles, rng)]
            there = start + rng.standard_normal(start.shape) @ root.T
            there = there[prior_density(there) > 0]
            if not len(there):
                continue
            made = simulate(there)
            used += len(there)
            far = distances(made, observed, scale)
            inside = far <= tolerance
            new.append(there[inside])
            new_summaries.append(made[inside])
            new_apart.append(far[inside])
        there = np.concatenate(new)[:particles]
        weights = normalised(prior_density(there) / mixture(there, draws, weights, root))
        draws, summaries = there, np.concatenate(new_summaries)[:particles]
        apart = np.concatenate(new_apart)[:particles]
    return Accepted(draws, weights, apart, summaries, tolerance, used)


def mixture(points: np.ndarray, centres: np.ndarray, weights: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Return the density of ``points`` under normals of one covariance about weighted ``centres``, up to a factor."""
    a, b = np.linalg.solve(root, points.T).T, np.linalg.solve(root, centres.T).T
    apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T
    return np.exp(-0.5 * np.maximum(apart, 0.0)) @ weights


def spread_of(summaries: np.ndarray) -> np.ndarray:
    """Return each summary's median absolute deviation, 1 where it never moves."""
    found = np.median(np.abs(summaries - np.median(summaries, axis=0)), axis=0)
    return np.where(found > 0, found, 1.0)


def distances(summaries: np.ndarray, observed: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the Euclidean distance of each row of summaries from what was observed, each divided by its scale."""
    return np.linalg.norm((summaries - observed) / scale, axis=1)
