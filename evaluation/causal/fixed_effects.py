"""Least squares with unit and period effects: demeaning, coefficients, clustered covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

MOST_SWEEPS = 10_000
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Fit:
    """``coefficients`` (k,), clustered ``covariance`` (k, k), residuals (n, T) with NaN where a row is absent.

    ``influence`` (G, k): what each cluster's residuals add to the error of the coefficients.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    residuals: np.ndarray
    influence: np.ndarray


def demean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return ``values`` (n, T) or (n, T, k) less weighted unit and period means, by alternating projections.

    ``weight`` (n, T) is 0 where a row is absent; exact in one sweep when weights do not vary over periods.
    """
    wide = values.ndim == 3
    left = np.array(values if wide else values[..., None], dtype=float)
    left[weight == 0] = 0.0
    w = weight[..., None]
    by_unit, by_period = w.sum(1), w.sum(0)
    size = max(np.abs(left).max(), 1.0)
    for _ in range(MOST_SWEEPS):
        rows = (w * left).sum(1) / np.where(by_unit > 0, by_unit, 1)
        left = left - rows[:, None]
        columns = (w * left).sum(0) / np.where(by_period > 0, by_period, 1)
        left = left - columns[None]
        if max(np.abs((w * left).sum(1)).max() / max(by_unit.max(), 1), 0.0) < TOLERANCE * size:
            break
    left[weight == 0] = 0.0
    return left if wide else left[..., 0]


def by_cluster(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return the sums (G, k) over each cluster's rows of ``values`` (n, k); ``cluster`` (n,) whole numbers from 0."""
    rows = len(cluster)
    member = sparse.csr_array((np.ones(rows), (cluster, np.arange(rows))), shape=(int(cluster.max()) + 1, rows))
    return np.asarray(member @ values)


def fit_each(outcome: np.ndarray, designs: np.ndarray, weight: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return (k, 2): coefficient and clustered standard error of each of ``designs`` (n, T, k) alone, as ``fit``.

    NaN where a design does not vary once the effects are out.
    """
    y = demean(np.nan_to_num(outcome), weight)
    x = demean(designs, weight)
    weighted = x * weight[..., None]
    square = np.einsum("itk,itk->k", weighted, x)
    square = np.where(square > TOLERANCE, square, np.nan)
    beta = np.einsum("itk,it->k", weighted, y) / square
    of_unit = np.einsum("itk,it->ik", weighted, y) - beta * np.einsum("itk,itk->ik", weighted, x)
    scores = by_cluster(of_unit, cluster)
    small = _small_sample(len(scores), weight, 1)
    return np.column_stack([beta, np.sqrt(small * (scores**2).sum(0)) / square])


def fit(outcome: np.ndarray, design: np.ndarray, weight: np.ndarray, cluster: np.ndarray) -> Fit:
    """Return the regression of ``outcome`` (n, T) on ``design`` (n, T, k) with unit and period effects.

    Covariance clustered by ``cluster`` (n,) with the small-sample factor G/(G-1) x (N-1)/(N-K), K the coefficients and
    the period effects (unit effects are nested in clusters), as fixest counts.
    """
    y = demean(np.nan_to_num(outcome), weight)
    x = demean(design, weight)
    k = x.shape[2]
    flat = x.reshape(-1, k)
    gram = (flat * weight.reshape(-1, 1)).T @ flat
    bread = np.linalg.pinv(gram, hermitian=True)
    beta = bread @ (flat.T @ (weight * y).ravel())
    residuals = y - x @ beta
    scores = by_cluster(np.einsum("itk,it->ik", x, weight * residuals), cluster)
    influence = scores @ bread
    covariance = _small_sample(len(scores), weight, k) * influence.T @ influence
    return Fit(beta, covariance, np.where(weight > 0, residuals, np.nan), influence)


def _small_sample(groups: int, weight: np.ndarray, coefficients: int) -> float:
    rows = int((weight > 0).sum())
    used = coefficients + weight.shape[1]
    return groups / max(groups - 1, 1) * (rows - 1) / max(rows - used, 1)
