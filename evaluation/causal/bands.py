"""Simultaneous bands, joint pre-trend test and the caution for few clusters."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import stats

from evaluation.causal.study import Study
from evaluation.draws import generator
from evaluation.estimate import check_level

DRAWS = 5_000
FEW_CLUSTERS, FEW_TREATED = 30, 5
FLAT = 1e-12
LEAST_BEFORE, DRIFTS = 5, 0.05  # periods for a trend to be told, and the p-value below which users are told


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
    drawn = root @ _draws(seed, len(values))
    return max(pointwise, float(np.quantile(np.abs(drawn, out=drawn).max(axis=0), level)))


@lru_cache(maxsize=8)
def _draws(seed: int, size: int) -> np.ndarray:
    """Return standard normal draws (size, DRAWS), made once for each seed and size."""
    made = np.ascontiguousarray(generator(seed, "simultaneous bands").normal(size=(DRAWS, size)).T)
    made.flags.writeable = False
    return made


def pretrend(
    estimates: np.ndarray, covariance: np.ndarray, before: np.ndarray, influence: np.ndarray, study: Study
) -> dict[str, float]:
    """Return the Wald statistic that all coefficients flagged ``before`` are 0, its degrees of freedom and p-value.

    ``influence`` (G, k): of each cluster, as in degrees_of_freedom. The covariance is estimated from the clusters, so
    the p-value is Hotelling's (1931, Ann Math Stat 2): F on q and nu - q + 1, with nu ('pretrend_df_error') of
    joint_degrees_of_freedom. NaN where q is more than the degrees of freedom of some coefficient alone, for so few
    clusters cannot tell so many coefficients apart, and where a side is a single cluster. Empty when there is none. A
    large p-value is no proof of parallel trends: see honest bounds.
    """
    if not before.any():
        return {}
    beta, matrix = estimates[before], covariance[np.ix_(before, before)]
    values, vectors = np.linalg.eigh(matrix)
    size = np.abs(values)
    kept = size > size.max() * len(values) * np.finfo(float).eps
    rank = int(kept.sum())
    if rank == 0:
        return {}
    wald = float(((beta @ vectors[:, kept]) ** 2 / values[kept]).sum())
    nu = joint_degrees_of_freedom(influence[:, before] @ vectors[:, kept], study)
    least = float(degrees_of_freedom(influence[:, before], study).min())
    told = int(before.sum()) <= least and not lone_side(study)
    return {
        "pretrend_wald": wald,
        "pretrend_df": float(rank),
        "pretrend_df_error": nu,
        "pretrend_p_value": _hotelling(wald, rank, nu) if told else math.nan,
    }


def _hotelling(wald: float, q: int, nu: float) -> float:
    """Return the p-value of a Wald statistic of ``q`` whose covariance has ``nu`` degrees of freedom."""
    return float(stats.f.sf(wald * (nu - q + 1) / (nu * q), q, nu - q + 1))


def joint_degrees_of_freedom(influence: np.ndarray, study: Study) -> float:
    """Return the degrees of freedom of the covariance of k estimates together, from ``influence`` (G, k).

    degrees_of_freedom for several at once: each sample's share of the covariance counts by its clusters less one
    (Krishnamoorthy and Yu 2004, Stat Probab Lett 66). Two alike samples have G - 2.
    """
    total = np.linalg.pinv(influence.T @ influence, hermitian=True)
    group, k, below = _samples(study), influence.shape[1], 0.0
    for each in range(int(group.max()) + 1):
        own = influence[group == each]
        share = total @ (own.T @ own)
        below += float(np.trace(share @ share) + np.trace(share) ** 2) / max(len(own) - 1, 1)
    return k * (k + 1) / below if below > 0 else float(max(study.clusters - 1, 1))


def _samples(study: Study) -> np.ndarray:
    """Return (G,): which clusters start together, from 0; all are one sample where units of one start apart."""
    first = np.full(study.clusters, np.nan)
    first[study.cluster] = study.start
    if not np.array_equal(first[study.cluster], study.start):
        return np.zeros(study.clusters, dtype=int)
    return np.asarray(np.unique(first, return_inverse=True)[1])


def degrees_of_freedom(influence: np.ndarray, study: Study) -> np.ndarray:
    """Return (k,): degrees of freedom of Student's limits of k estimates, from each cluster's ``influence`` (G, k).

    Clusters that start together are one sample, whose mean is estimated: what they add to the variance has their number
    less one. Added up as Welch (1947, Biometrika 34) and Satterthwaite (1946, Biometrics Bull 2) do for two means of
    unlike variance, so that a few controls, or a few treated, count as few. Clusters less one where units of a cluster
    start at different dates, or nothing varies; never more than that, nor below 1.
    """
    most = max(study.clusters - 1, 1)
    group = _samples(study)
    if not group.any():
        return np.full(influence.shape[1], float(most))
    parts = np.zeros((int(group.max()) + 1, influence.shape[1]))
    np.add.at(parts, group, influence**2)
    sizes = np.maximum(np.bincount(group) - 1, 1)
    below = (parts**2 / sizes[:, None]).sum(0)
    found = np.divide(parts.sum(0) ** 2, below, out=np.full(below.shape, float(most)), where=below > 0)
    return np.clip(found, 1.0, most)


def critical_values(level: float, df: np.ndarray) -> np.ndarray:
    """Return the two-sided critical values of Student's t with ``df`` (k,) degrees of freedom."""
    return np.asarray(stats.t.ppf(0.5 + check_level(level) / 2, df))


def drift(gap: np.ndarray) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return whether ``gap`` (T,), the gap to the control in each period before the start, has a trend, and a caution.

    Least squares on time. A gap that drifts before the start would have gone on drifting: the control does not follow
    the treated. Empty for fewer than LEAST_BEFORE periods, and where the gap is not known in all.
    """
    if len(gap) < LEAST_BEFORE or not np.isfinite(gap).all():
        return {}, ()
    if float(np.ptp(gap)) <= FLAT * max(float(np.abs(gap).max()), FLAT):
        return {"drift_before": 0.0, "drift_p_value": 1.0}, ()
    line = stats.linregress(np.arange(len(gap)), gap)
    found = {"drift_before": float(line.slope), "drift_p_value": float(line.pvalue)}
    words = f"the gap to the control drifts before the start ({line.slope:+.3g} a period): trends were not parallel"
    return found, (words,) if line.pvalue < DRIFTS else ()


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
    return few_clusters_words(len(np.unique(study.cluster[~study.never])), study.clusters)


def few_clusters_words(treated: int, clusters: int) -> tuple[str, ...]:
    """Return the same caution for ``treated`` of ``clusters`` that an estimate rests on, where they are too few."""
    words = "clustered intervals are too narrow; read the randomisation test or the wild bootstrap instead"
    if treated < FEW_TREATED:
        return (f"only {treated} treated clusters: {words}",)
    return () if clusters >= FEW_CLUSTERS else (f"only {clusters} clusters: {words}",)
