"""Implausibility: how many standard deviations what was observed lies from what the model would give.

Sources: Craig, Goldstein, Seheult and Smith 1997; Vernon, Goldstein and Bower 2010 (Bayesian Analysis 5:619);
Andrianakis et al. 2015 (PLoS Computational Biology 11:e1003968).
"""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2

CUT = 3.0  # Pukelsheim's three-sigma rule: 95% of any unimodal distribution lies within
MANY = 10  # targets beyond which the second largest is judged: the largest of many is often large by chance


def implausibility(
    emulator_mean: np.ndarray,
    emulator_var: np.ndarray,
    observed: np.ndarray,
    observed_var: np.ndarray,
    discrepancy_var: np.ndarray | float = 0.0,
    replicate_var: np.ndarray | float = 0.0,
    replications: int = 1,
) -> np.ndarray:
    """Return |mean - observed| / sqrt(sum of variances) for each point and target (shapes broadcast).

    replicate_var: of one replication by chance, where ``emulator_var`` does not hold it; it counts over
    ``replications``. Raises ValueError for a sum of variances that is not above 0.
    """
    total = np.asarray(emulator_var, float) + observed_var + discrepancy_var
    total = total + np.asarray(replicate_var, float) / replications
    if (total <= 0).any():
        raise ValueError("variances must add to more than 0")
    return np.abs(np.asarray(emulator_mean, float) - observed) / np.sqrt(total)


def nth_largest(values: np.ndarray, n: int = 1) -> np.ndarray:
    """Return the ``n``-th largest along the last axis (1: the maximum). Raises ValueError if there are fewer."""
    found = np.asarray(values, float)
    if not 1 <= n <= found.shape[-1]:
        raise ValueError(f"there is no {n}-th largest of {found.shape[-1]}")
    return np.sort(found, axis=-1)[..., -n]


def judged_by(targets: int) -> int:
    """Return which largest implausibility to judge by: 1 of few targets, 2 of more than ten."""
    return 2 if targets > MANY else 1


def not_ruled_out(values: np.ndarray, cut: float = CUT, n: int = 1) -> np.ndarray:
    """Return which points are not ruled out: the ``n``-th largest implausibility lies below ``cut``."""
    return nth_largest(values, n) < cut


def multivariate(mean: np.ndarray, covariance: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return the squared Mahalanobis distance of ``observed`` from each point's mean.

    mean float64[points, targets]; covariance float64[points, targets, targets] or [targets, targets]: everything that
    is uncertain, added.
    """
    gap = np.asarray(observed, float) - np.atleast_2d(mean)
    whole = np.broadcast_to(covariance, (len(gap), gap.shape[1], gap.shape[1]))
    return np.einsum("pi,pi->p", gap, np.linalg.solve(whole, gap[:, :, None])[:, :, 0])


def multivariate_cut(targets: int, level: float = 0.995) -> float:
    """Return the distance beyond which a point is ruled out: a chi-squared quantile (Vernon et al. 2010)."""
    return float(chi2.ppf(level, targets))
