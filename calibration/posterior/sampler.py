"""Markov chains by adaptive Metropolis: many at once, each independent of the others once warm-up is over.

Two kinds of step, one or the other by the toss of a coin. Near: a random walk along the covariance of all chains'
recent past, its length tuned to the rate of acceptance that is best in many dimensions (Haario, Saksman and Tamminen
2001, Bernoulli 7:223; Roberts and Rosenthal 2009). Far: part of the way towards a fresh draw of the normal distribution
with their mean and covariance (preconditioned Crank-Nicolson steps, Cotter, Roberts, Stuart and White 2013, Statistical
Science 28:424, about a fitted normal): where the posterior is nearly normal, chains forget at once where they were.
After warm-up both stand still, so that the chains are ordinary Metropolis chains from there. Starts are spread wide, so
that R-hat can tell whether they have met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular

from calibration.diagnostics.chains import ENOUGH, MET, bulk_size, rhat, tail_size

Density = Callable[[np.ndarray], np.ndarray]  # float64[points, parameters] -> log density float64[points]
Allowed = Callable[[np.ndarray], np.ndarray]  # float64[points, parameters] -> bool[points]
AIM, AIM_FAR = 0.234, 0.4  # share of near and of far steps accepted
REACH = (0.02, 0.995)
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


@dataclass
class Steps:
    """How chains move, tuned while they warm up.

    root: of the covariance of the chains' past, by which near steps go ``scale`` times as far; centre: its mean; reach:
    how far far steps go, 0 to 1.
    """

    root: np.ndarray
    scale: float
    centre: np.ndarray
    reach: float = 0.5

    def near(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Return where a random walk leads."""
        return points + self.scale * noise @ self.root.T

    def far(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Return where a step towards the fitted normal distribution leads."""
        kept = np.sqrt(1 - self.reach**2)
        return self.centre + kept * (points - self.centre) + self.reach * noise @ self.root.T

    def log_normal_density(self, points: np.ndarray) -> np.ndarray:
        """Return the fitted normal's log density up to a constant: what far steps leave as it is."""
        scaled = solve_triangular(self.root, (points - self.centre).T, lower=True)
        return -0.5 * (scaled**2).sum(axis=0)

    def tune(self, is_far: bool, accepted: float) -> None:
        """Make steps of one kind longer if more than aimed at are accepted, shorter if fewer are."""
        if is_far:
            odds = np.log(self.reach / (1 - self.reach)) + 2 * (accepted - AIM_FAR)
            self.reach = float(np.clip(1 / (1 + np.exp(-odds)), *REACH))
        else:
            self.scale *= float(np.exp(2 * (accepted - AIM)))

    def learn(self, past: np.ndarray) -> None:
        """Take covariance and centre from where the chains have been, float64[points, parameters]."""
        self.root, self.centre = rooted(past), past.mean(axis=0)


def sample(
    density: Density,
    start: np.ndarray,
    draws: int,
    warm_up: int,
    rng: np.random.Generator,
    thin: int = 1,
    allowed: Allowed | None = None,
) -> Chains:
    """Return chains from ``start`` float64[chains, parameters]: ``warm_up`` steps, then ``draws`` kept every ``thin``.

    allowed: tells points that chains may go to from those they may not; asked only of steps that would be taken. Raises
    ValueError if no start has a density above 0.
    """
    points, here = np.array(start, float), density(start)
    if not (here > -1e299).any():
        raise ValueError("no start has a density above 0")
    worst = here <= -1e299
    points[worst], here[worst] = points[here.argmax()], here.max()
    count, inputs = points.shape
    steps = Steps(np.eye(inputs), 2.38 / np.sqrt(inputs), points.mean(axis=0))
    past: list[np.ndarray] = []
    taken: dict[bool, list[float]] = {True: [], False: []}
    kept, logs = np.empty((count, draws, inputs)), np.empty((count, draws))
    accepted = 0.0
    for step in range(warm_up + draws * thin):
        far = step >= warm_up // 2 and rng.random() < 0.5
        there = (steps.far if far else steps.near)(points, rng.standard_normal(points.shape))
        ahead = density(there)
        gain = ahead - here
        if far:
            gain = gain + steps.log_normal_density(points) - steps.log_normal_density(there)
        moved = np.log(rng.random(count)) < gain
        if allowed is not None and moved.any():
            moved[moved] = allowed(there[moved])
        points = np.where(moved[:, None], there, points)
        here = np.where(moved, ahead, here)
        if step < warm_up:
            past.append(points)
            taken[far].append(float(moved.mean()))
            if (step + 1) % TUNED_EVERY == 0:
                for kind in (True, False):
                    if taken[kind]:
                        steps.tune(kind, float(np.mean(taken[kind])))
                        taken[kind].clear()
                steps.learn(np.concatenate(past[len(past) // 2 :]))
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
