"""Markov chains by adaptive Metropolis: many at once, each independent of the others once warm-up is over.

While warming up, steps follow the covariance of all chains' recent past and their length is tuned to the rate of
acceptance that is best in many dimensions; then both stand still, so that the chains are ordinary Metropolis chains
from there (Haario, Saksman and Tamminen 2001, Bernoulli 7:223; Roberts and Rosenthal 2009). Starts are spread wide, so
that R-hat can tell whether they have met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration.diagnostics.chains import ENOUGH, MET, bulk_size, rhat, tail_size

Density = Callable[[np.ndarray], np.ndarray]  # float64[points, parameters] -> log density float64[points]
AIM = 0.234  # share of steps accepted
TUNED_EVERY = 20  # steps between two looks at the scale of steps
PULLED = 0.05  # towards independence


@dataclass(frozen=True)
class Chains:
    """Draws after warm-up, float64[chains, draws, parameters], their log densities, and the share of steps accepted."""

    draws: np.ndarray
    log_density: np.ndarray
    accepted: float

    @property
    def flat(self) -> np.ndarray:
        """All draws, float64[chains x draws, parameters]."""
        return self.draws.reshape(-1, self.draws.shape[2])

    def diagnostics(self, names: list[str]) -> pd.DataFrame:
        """Return one row per parameter: rhat, mcmc_bulk_size, mcmc_tail_size, good (chains have met and are long)."""
        rows = []
        for at, name in enumerate(names):
            mine = self.draws[:, :, at]
            met, bulk, tail = rhat(mine), bulk_size(mine), tail_size(mine)
            rows.append((name, met, bulk, tail, met < MET and min(bulk, tail) > ENOUGH))
        return pd.DataFrame(rows, columns=["parameter", "rhat", "mcmc_bulk_size", "mcmc_tail_size", "good"])


def sample(
    density: Density,
    start: np.ndarray,
    draws: int,
    warm_up: int,
    rng: np.random.Generator,
    thin: int = 1,
) -> Chains:
    """Return chains from ``start`` float64[chains, parameters]: ``warm_up`` steps, then ``draws`` kept every ``thin``.

    Raises ValueError if no start has a density above 0.
    """
    points, here = np.array(start, float), density(start)
    if not (here > -1e299).any():
        raise ValueError("no start has a density above 0")
    worst = here <= -1e299
    points[worst], here[worst] = points[here.argmax()], here.max()
    count, inputs = points.shape
    root, scale = np.eye(inputs), 2.38 / np.sqrt(inputs)
    past: list[np.ndarray] = []
    kept, logs = np.empty((count, draws, inputs)), np.empty((count, draws))
    accepted, taken = 0.0, 0.0
    for step in range(warm_up + draws * thin):
        there = points + scale * rng.standard_normal(points.shape) @ root.T
        ahead = density(there)
        moved = np.log(rng.random(count)) < ahead - here
        points = np.where(moved[:, None], there, points)
        here = np.where(moved, ahead, here)
        taken += float(moved.mean())
        if step < warm_up:
            past.append(points)
            if (step + 1) % TUNED_EVERY == 0:
                scale *= float(np.exp(2 * (taken / TUNED_EVERY - AIM)))
                taken = 0.0
                root = rooted(np.concatenate(past[len(past) // 2 :]))
            continue
        accepted += float(moved.mean())
        if (step - warm_up + 1) % thin == 0:
            kept[:, (step - warm_up) // thin], logs[:, (step - warm_up) // thin] = points, here
    return Chains(kept, logs, accepted / (draws * thin))


def rooted(points: np.ndarray) -> np.ndarray:
    """Return a root of the points' covariance, pulled a little towards independence."""
    inputs = points.shape[1]
    covariance = np.atleast_2d(np.cov(points.T))
    covariance = (1 - PULLED) * covariance + PULLED * np.diag(np.diag(covariance)) + 1e-8 * np.eye(inputs)
    return np.linalg.cholesky(covariance)
