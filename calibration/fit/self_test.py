"""Simulation-based calibration of a fit's own machinery: would it find parameters that it drew itself?

Parameters are drawn from the prior and data from the emulators (their uncertainty and the targets' errors added); the
posterior is then drawn as in the fit, and the rank of the truth noted. All data sets are fitted side by side. Counts
are taken as normal on their working scales here. Source: Talts et al. 2018.
"""

from __future__ import annotations

import numpy as np

from calibration.diagnostics.ranks import rank_of
from calibration.posterior.sampler import AIM, PULLED, TUNED_EVERY, Density
from evaluation.causal.draws import generator
from evaluation.emulators.bundle import Bundle

CHAINS = 4  # for each data set


def calibration_ranks(
    bundle: Bundle,
    variance: np.ndarray,
    data_sets: int,
    draws: int,
    seed: int,
    steps: int = 1_500,
    stated: float = 1.0,
) -> np.ndarray:
    """Return ranks int64[data sets, parameters] of the truth among ``draws`` thinned posterior draws.

    variance: of the targets on their working scales, float64[targets]. stated: factor on the variance that the
    posterior is told; other than 1 the likelihood is wrong, and ranks must show it. ``draws`` + 1 divisible by the
    number of bins makes bins equal.
    """
    inputs = len(bundle.inputs)
    rng = generator(seed, "self test", data_sets, draws)
    truth = rng.standard_normal((data_sets, inputs))
    mean, covariance = bundle.covariance(truth)
    whole = covariance + np.diag(variance)
    data = mean + np.einsum("pij,pj->pi", np.linalg.cholesky(whole), rng.standard_normal(mean.shape))
    rows = np.repeat(data, CHAINS, axis=0)

    def density(latent: np.ndarray) -> np.ndarray:
        here, spread = bundle.covariance(latent)
        root = np.linalg.cholesky(spread + stated * np.diag(variance))
        scaled = np.linalg.solve(root, (rows - here)[:, :, None])[:, :, 0]
        logs = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        return -0.5 * (scaled**2).sum(axis=1) - logs - 0.5 * (latent**2).sum(axis=1)

    start = rng.standard_normal((data_sets * CHAINS, inputs))
    kept = independent(density, start, steps, rng).reshape(data_sets, -1, inputs)
    picked = kept[:, np.linspace(0, kept.shape[1] - 1, draws).astype(int)]
    return np.stack([rank_of(truth[at], picked[at]) for at in range(data_sets)])


def independent(density: Density, start: np.ndarray, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return float64[rows, steps, parameters]: chains of many posteriors at once, CHAINS rows of ``start`` for each.

    Steps of a posterior follow the spread of its own chains and are tuned to its own rate of acceptance while it warms
    up, which takes as long as what is kept.
    """
    rows, inputs = start.shape
    sets = rows // CHAINS
    of_set = np.repeat(np.arange(sets), CHAINS)
    points, here = start.copy(), density(start)
    roots = np.tile(np.eye(inputs), (sets, 1, 1))
    scales = np.full(sets, 2.38 / np.sqrt(inputs))
    past, kept, taken = np.empty((steps, rows, inputs)), np.empty((rows, steps, inputs)), np.zeros(sets)
    for step in range(2 * steps):
        moves = np.einsum("rij,rj->ri", roots[of_set], rng.standard_normal(points.shape))
        there = points + scales[of_set, None] * moves
        ahead = density(there)
        moved = np.log(rng.random(rows)) < ahead - here
        points, here = np.where(moved[:, None], there, points), np.where(moved, ahead, here)
        if step >= steps:
            kept[:, step - steps] = points
            continue
        past[step] = points
        taken += moved.reshape(sets, CHAINS).mean(axis=1)
        if (step + 1) % TUNED_EVERY == 0:
            scales *= np.exp(2 * (taken / TUNED_EVERY - AIM))
            taken[:] = 0.0
            roots = roots_of(past[(step + 1) // 2 : step + 1], sets)
    return kept


def roots_of(past: np.ndarray, sets: int) -> np.ndarray:
    """Return a root of each posterior's covariance, float64[sets, k, k], from steps float64[steps, rows, k]."""
    steps, _, inputs = past.shape
    mine = past.reshape(steps, sets, CHAINS, inputs).transpose(1, 0, 2, 3).reshape(sets, -1, inputs)
    gaps = mine - mine.mean(axis=1, keepdims=True)
    covariance = np.einsum("sni,snj->sij", gaps, gaps) / mine.shape[1]
    diagonal = np.einsum("sii->si", covariance)
    pulled = (1 - PULLED) * covariance + (PULLED * diagonal + 1e-6)[:, :, None] * np.eye(inputs)
    return np.linalg.cholesky(pulled)
