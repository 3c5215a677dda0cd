"""Simultaneous bands, joint pre-trend test and the caution for few clusters."""

from __future__ import annotations

import numpy as np
from scipy import stats

from evaluation.causal.study import Study
from evaluation.draws import generator

DRAWS = 5_000
FEW_CLUSTERS, FEW_TREATED = 30, 5


def simultaneous(covariance: np.ndarray, level: float, seed: int = 1) -> float:
    """Return the critical value of the largest |z| of jointly normal estimates (sup-t; Montiel Olea 2019).

    Simulated with DRAWS draws; estimates without variance are left out. Never below the pointwise value.
    """
    se = np.sqrt(np.maximum(np.diag(covariance), 0))
    used = se > 1e-12
    pointwise = float(stats.norm.ppf(0.5 + level / 2))
    if used.sum() < 2:
        return pointwise
    correlation = covariance[np.ix_(used, used)] / np.outer(se[used], se[used])
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0))
    drawn = generator(seed, "simultaneous bands").normal(size=(DRAWS, len(values))) @ root.T
    return max(pointwise, float(np.quantile(np.abs(drawn).max(axis=1), level)))


def pretrend(estimates: np.ndarray, covariance: np.ndarray, before: np.ndarray) -> dict[str, float]:
    """Return the Wald statistic that all coefficients flagged ``before`` are 0, its degrees of freedom and p-value.

    Empty when there is none. A large p-value is no proof of parallel trends: see honest bounds.
    """
    if not before.any():
        return {}
    beta, matrix = estimates[before], covariance[np.ix_(before, before)]
    rank = int(np.linalg.matrix_rank(matrix))
    if rank == 0:
        return {}
    wald = float(beta @ np.linalg.pinv(matrix, hermitian=True) @ beta)
    return {"pretrend_wald": wald, "pretrend_df": float(rank), "pretrend_p_value": float(stats.chi2.sf(wald, rank))}


def lone_side(study: Study) -> str:
    """Return why no variance can be told where treated or other clusters are a single one; else an empty text.

    Where nobody is never treated, the other clusters are those of another cohort.
    """
    treated = len(np.unique(study.cluster[~study.never]))
    others = len(np.unique(study.cluster[study.never])) if study.never.any() else study.clusters - 1
    if min(treated, others) > 1:
        return ""
    return f"{treated} treated and {others} other clusters: the variance of a single one cannot be told"


def few_clusters_caution(study: Study) -> tuple[str, ...]:
    """Return the caution users see when there are too few clusters, or treated ones, for clustered standard errors."""
    if lone_side(study):
        return ()
    treated = len(np.unique(study.cluster[~study.never]))
    words = "clustered intervals are too narrow; read the randomisation test or the wild bootstrap instead"
    if treated < FEW_TREATED:
        return (f"only {treated} treated clusters: {words}",)
    return () if study.clusters >= FEW_CLUSTERS else (f"only {study.clusters} clusters: {words}",)
