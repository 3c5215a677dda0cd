"""Simulation-based calibration of a fit's own machinery: would it find parameters that it drew itself?

Parameters are drawn from the prior and data from the emulators (their uncertainty and the targets' errors added). The
truth is then one draw of its own posterior; chains that leave it in both directions, by the Metropolis steps of the
fit, make it one of many, at a place in the row drawn evenly. Its rank is exactly uniform if likelihood and steps are
right, however slowly the chains move: Talts et al. 2018 (arXiv:1804.06788), with the chains of Gandy and Scott 2020
(arXiv:2001.06465). Counts are taken as normal on their working scales here.
"""

from __future__ import annotations

import numpy as np

from evaluation.draws import generator
from evaluation.emulators.bundle import Bundle

THIN = 40  # steps between two draws of a chain
STRIDES = (0.5, 1.0, 2.0)  # of a step, one of them by chance: posteriors of other data are wider or narrower


def calibration_ranks(
    bundle: Bundle,
    variance: np.ndarray,
    data_sets: int,
    draws: int,
    seed: int,
    root: np.ndarray,
    thin: int = THIN,
    stated: float = 1.0,
) -> np.ndarray:
    """Return ranks int64[data sets, parameters] of the truth among ``draws`` of its chain.

    variance: of the targets on their working scales, float64[targets]. root: a root of the covariance of a step,
    float64[parameters, parameters]. stated: factor on the variance that the posterior is told; other than 1 the
    likelihood is wrong, and ranks must show it. ``draws`` + 1 divisible by the number of bins makes bins equal.
    """
    inputs = len(bundle.inputs)
    rng = generator(seed, "self test", data_sets, draws)
    truth = rng.standard_normal((data_sets, inputs))
    mean, covariance = bundle.covariance(truth)
    whole = covariance + np.diag(variance)
    data = mean + np.einsum("pij,pj->pi", np.linalg.cholesky(whole), rng.standard_normal(mean.shape))

    def density(latent: np.ndarray) -> np.ndarray:
        here, spread = bundle.covariance(latent)
        half = np.linalg.cholesky(spread + stated * np.diag(variance))
        scaled = np.linalg.solve(half, (data - here)[:, :, None])[:, :, 0]
        logs = np.log(np.diagonal(half, axis1=1, axis2=2)).sum(axis=1)
        return -0.5 * (scaled**2).sum(axis=1) - logs - 0.5 * (latent**2).sum(axis=1)

    place = rng.integers(0, draws + 1, data_sets)  # draws that stand before the truth
    points, here = truth.copy(), density(truth)
    start = here.copy()
    below, equal = np.zeros(truth.shape, int), np.zeros(truth.shape, int)
    for draw in range(draws):
        turned = place == draw  # those before are done: the chain leaves the truth again, the other way
        points[turned], here[turned] = truth[turned], start[turned]
        for _ in range(thin):
            stride = rng.choice(STRIDES, data_sets)
            there = points + stride[:, None] * (rng.standard_normal(points.shape) @ root.T)
            ahead = density(there)
            moved = np.log(rng.random(data_sets)) < ahead - here
            points, here = np.where(moved[:, None], there, points), np.where(moved, ahead, here)
        below += points < truth
        equal += points == truth
    return below + rng.integers(0, equal + 1)
