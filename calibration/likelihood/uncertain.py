"""The likelihood where the model's values are known with an error that outputs share: from an emulator, or few runs.

Values are on the working scales (see scales.py). Normal components are taken together, so that errors shared between
outputs are counted once; counts are taken one by one with the variance of each.
"""

from __future__ import annotations

import numpy as np

from calibration.likelihood.build import Likelihood
from calibration.likelihood.components import NEVER, Normal
from calibration.likelihood.scales import from_scale, slope


def uncertain_log_likelihood(likelihood: Likelihood, working: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return log likelihoods float64[points].

    working: float64[points, targets] on the scales; covariance: of their errors, float64[points, targets, targets] or
    float64[targets, targets] for all alike.
    """
    shared = np.broadcast_to(covariance, (len(working), *covariance.shape[-2:]))
    together = [at for at, each in spread_out(likelihood) if isinstance(each, Normal)]
    found = normal_part(likelihood, working, shared, together) if together else np.zeros(len(working))
    at = 0
    for each in likelihood.components:
        columns = np.arange(at, at + len(each.names))
        at += len(each.names)
        if isinstance(each, Normal):
            continue
        mean = from_scale(working[:, columns], each.scale)
        variance = np.diagonal(shared, axis1=1, axis2=2)[:, columns] / slope(mean, each.scale) ** 2
        found = found + each.power * each.log_likelihood(mean, variance)
    return np.where(np.isfinite(found), found, NEVER)


def spread_out(likelihood: Likelihood) -> list[tuple[int, object]]:
    """Return (column, component) of every target."""
    return list(enumerate(each for each in likelihood.components for _ in each.names))


def normal_part(likelihood: Likelihood, working: np.ndarray, shared: np.ndarray, together: list[int]) -> np.ndarray:
    """Return the joint log density of the normal components' observed values."""
    observed, _ = likelihood.working()
    own = np.array([each.weighed_variance for _, each in spread_out(likelihood) if isinstance(each, Normal)])
    gap = observed[together] - working[:, together]
    whole = shared[:, together][:, :, together] + np.diag(own)
    usable = np.isfinite(gap).all(axis=1)
    gap = np.where(usable[:, None], gap, 0.0)
    root = np.linalg.cholesky(whole)
    scaled = np.linalg.solve(root, gap[:, :, None])[:, :, 0]
    logs = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    found = -0.5 * (scaled**2).sum(axis=1) - logs - 0.5 * len(together) * np.log(2 * np.pi)
    return np.where(usable, found, NEVER)
