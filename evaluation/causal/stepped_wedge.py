"""Stepped-wedge roll-outs: variance and power of a design, and its analysis by a mixed model."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from evaluation.causal.study import Study
from evaluation.estimate import LEVEL, Estimate, student_interval
from scenarios.errors import InputError, nearest

MOST_ITERATIONS = 200
RANDOM = ("cluster_period", "unit")
FEW = 12  # clusters below which even Student's limits of a mixed model are not to be trusted


@dataclass(frozen=True)
class WedgeDesign:
    """Clusters by periods, 1 where treated, and how alike outcomes are.

    ``treated`` (clusters, periods) of 0 and 1; ``people``: measured in each cluster and period; ``total_sd``: of one
    person's outcome, between plus within; ``icc``: correlation of two people of a cluster in one period;
    ``cluster_autocorrelation``: that correlation in two periods over ``icc`` (1: constant); ``decay``: it is raised to
    the number of periods between; ``individual_autocorrelation``: of the same person over time in a closed cohort (0:
    new people each period).
    """

    treated: np.ndarray
    people: float
    icc: float
    total_sd: float = 1.0
    cluster_autocorrelation: float = 1.0
    individual_autocorrelation: float = 0.0
    decay: bool = False

    def check(self) -> None:
        """Raise InputError for a design that cannot be."""
        x = np.asarray(self.treated)
        if x.ndim != 2 or not np.isin(x, (0, 1)).all():
            raise InputError("treated", "must be a table of clusters by periods that holds 0 and 1")
        for name, value in (
            ("icc", self.icc),
            ("cluster_autocorrelation", self.cluster_autocorrelation),
            ("individual_autocorrelation", self.individual_autocorrelation),
        ):
            if not 0 <= value <= 1:
                raise InputError(name, f"{value:g}; from 0 to 1 is allowed")
        if self.people <= 0 or self.total_sd <= 0:
            raise InputError("people", f"{self.people:g} with total_sd {self.total_sd:g}; both must be above 0")


def standard_wedge(clusters: int, periods: int) -> np.ndarray:
    """Return clusters x periods: an all-untreated first period, then equal groups starting one period apart.

    Raises InputError if the clusters cannot be shared equally among the periods - 1 steps.
    """
    steps = periods - 1
    if steps < 1 or clusters < steps or clusters % steps:
        raise InputError("clusters", f"{clusters} clusters cannot be shared equally among {steps} steps")
    first = np.repeat(np.arange(1, periods), clusters // steps)
    return (np.arange(periods) >= first[:, None]).astype(int)


def parallel_design(clusters: int, before: int, after: int, treated: int) -> np.ndarray:
    """Return clusters x periods of one start after ``before`` periods, the first ``treated`` clusters treated."""
    x = np.zeros((clusters, before + after), dtype=int)
    x[:treated, before:] = 1
    return x


def effect_variance(design: WedgeDesign) -> float:
    """Return the variance of the treatment effect by generalised least squares on cell means, period effects free.

    With a constant cluster effect and new people each period it equals Hussey and Hughes (2007, Contemp Clin Trials
    28), eq. 8; the other correlations are of Hooper et al. (2016, Stat Med 35) and Kasza et al. (2019, SMMR 28).
    Raises InputError if treatment cannot be told from the periods.
    """
    design.check()
    x = np.asarray(design.treated, dtype=float)
    covariance = _cell_covariance(design, x.shape[1])
    if np.linalg.matrix_rank(covariance, hermitian=True) < len(covariance):
        raise InputError("icc", f"{design.icc:g}: periods of a cluster cannot differ, so that no variance can be told")
    precision = np.linalg.inv(covariance)
    centred = x - x.mean(0)
    information = float(np.einsum("it,ts,is->", centred, precision, centred))
    if information < 1e-12:
        raise InputError("treated", "all clusters are treated at once: treatment cannot be told from the periods")
    return 1.0 / information


def hussey_hughes_variance(treated: np.ndarray, cell_variance: float, cluster_variance: float) -> float:
    """Return the closed form: ``cell_variance`` of a cell's mean within a cluster, ``cluster_variance`` between.

    Raises InputError if treatment cannot be told from the periods.
    """
    x = np.asarray(treated, dtype=float)
    clusters, periods = x.shape
    u, w, v = x.sum(), (x.sum(0) ** 2).sum(), (x.sum(1) ** 2).sum()
    top = clusters * cell_variance * (cell_variance + periods * cluster_variance)
    bottom = (clusters * u - w) * cell_variance + (
        u * u + clusters * periods * u - periods * w - clusters * v
    ) * cluster_variance
    if bottom <= 0:
        raise InputError("treated", "all clusters are treated at once: treatment cannot be told from the periods")
    return float(top / bottom)


def power(design: WedgeDesign, effect: float, level: float = LEVEL) -> float:
    """Return the chance that a two-sided normal test at 1 - ``level`` finds ``effect`` (the far tail left out)."""
    return float(stats.norm.cdf(abs(effect) / math.sqrt(effect_variance(design)) - stats.norm.ppf(0.5 + level / 2)))


def detectable_effect(design: WedgeDesign, chance: float = 0.8, level: float = LEVEL) -> float:
    """Return the smallest effect found with probability ``chance``."""
    if not 0 < chance < 1:
        raise InputError("chance", f"{chance:g}; between 0 and 1 is allowed")
    return math.sqrt(effect_variance(design)) * float(stats.norm.ppf(chance) + stats.norm.ppf(0.5 + level / 2))


def power_curve(design: WedgeDesign, effects: Sequence[float], level: float = LEVEL) -> np.ndarray:
    """Return the power at each of ``effects``."""
    return np.array([power(design, effect, level) for effect in effects])


def mixed_model(study: Study, level: float = LEVEL, random: Sequence[str] = ()) -> Estimate:
    """Return the treatment coefficient of a linear mixed model: period effects fixed, random cluster effect, REML.

    Units within a cluster share the effect. ``random``, effects beside it where a cluster has several units (Hooper and
    others 2016): 'cluster_period', shared in one period only, right where clusters' periods differ by more than chance
    (without it limits are then too narrow: Kasza and Forbes 2019, SMMR 28); 'unit', each unit's own over time. Limits
    by Student's t with clusters - 2 degrees of freedom (Li and Redden 2015, Stat Med 34). It trusts that the effect is
    the same at all times since the start (Kenny et al. 2022, Stat Med 41): where it grows, use the averages by time
    since the start of Callaway-Sant'Anna. Units count alike: a caution says so where they have weights. Raises
    InputError if treatment cannot be told from the periods, for an unknown random effect, or for one with a single unit
    to a cluster.
    """
    for name in random:
        if name not in RANDOM:
            raise InputError("random", f"no such effect '{name}': {nearest(name, RANDOM)}")
    if random and study.clusters == len(study.units):
        raise InputError("random", f"every cluster is one unit: '{random[0]}' cannot be told from the cluster")
    import statsmodels.api as sm  # heavy: only when it is needed

    seen = study.row_weights > 0
    rows, columns = np.nonzero(seen)
    treated = study.treated[seen].astype(float)
    periods = np.eye(len(study.periods))[columns]
    design = np.column_stack([treated, periods])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise InputError("panel", "every unit is treated at once: treatment cannot be told from the period")
    more: dict[str, Any] = {}
    if random:
        labels = {"cluster_period": columns, "unit": rows}
        more["exog_vc"] = _components(study.cluster[rows], {name: labels[name] for name in random})
        more["exog_re"] = np.ones((len(rows), 1))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = sm.MixedLM(study.outcome[seen], design, groups=study.cluster[rows], **more).fit(
            reml=True, method=["lbfgs", "powell"], maxiter=MOST_ITERATIONS
        )
    value, se = float(fitted.params[0]), float(fitted.bse[0])
    if not math.isfinite(se):
        raise InputError("panel", "the mixed model did not converge: the outcome hardly varies between clusters")
    between, within = float(np.asarray(fitted.cov_re)[0, 0]), float(fitted.scale)
    parts = dict(zip(random, np.atleast_1d(np.asarray(fitted.vcomp, dtype=float)), strict=True)) if random else {}
    lower, upper = student_interval(value, se, max(study.clusters - 2, 1), level)
    edge = any("boundary" in str(each.message).lower() for each in caught)
    found = () if fitted.converged else ("the model did not converge",)
    return Estimate(
        method="_".join(["stepped_wedge_mixed_model", *random]),
        estimate=value,
        se=se,
        lower=lower,
        upper=upper,
        level=level,
        estimand="one effect, the same in every treated cluster-period",
        population=study.population(),
        n=float(study.clusters),
        n_of="clusters",
        assumptions=("starts were dealt out at random", "the effect does not change with time since the start"),
        cautions=(
            *study.notes,
            *study.unused,
            *_unweighted(study),
            *found,
            *(("a variance between clusters or their parts was found to be 0",) if edge else ()),
            *_few(study.clusters),
        ),
        diagnostics={
            **_shares(between, float(parts.get("cluster_period", 0.0)), sum(parts.values()) + within),
            "between_variance": between,
            "within_variance": within,
            **{f"{name}_variance": float(value) for name, value in parts.items()},
        },
    )


def _shares(between: float, period: float, rest: float) -> dict[str, float]:
    """Return the correlation of two people of a cluster in one period, and over it that in two periods."""
    total, shared = between + rest, between + period
    found = {"icc": shared / total}
    return found | ({"cluster_autocorrelation": between / shared} if period > 0 else {})


def _components(groups: np.ndarray, labels: Mapping[str, np.ndarray]) -> Any:
    """Return variance components: for each name, what rows of a group with one label share."""
    from statsmodels.regression.mixed_linear_model import VCSpec

    names, matrices = [], []
    for values in labels.values():
        own = [values[groups == g] for g in np.unique(groups)]
        names.append([[str(each) for each in np.unique(part)] for part in own])
        matrices.append([(part[:, None] == np.unique(part)).astype(float) for part in own])
    return VCSpec(list(labels), names, matrices)


def _unweighted(study: Study) -> tuple[str, ...]:
    alike = bool((study.weight == study.weight[0]).all())
    return () if alike else ("not weighted: units' weights are not used here, each counts alike",)


def _few(clusters: int) -> tuple[str, ...]:
    return (f"only {clusters} clusters: read the randomisation test beside the model",) if clusters < FEW else ()


def _cell_covariance(design: WedgeDesign, periods: int) -> np.ndarray:
    """Return (T, T): covariance of a cluster's cell means over periods."""
    apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    same = apart == 0
    if design.decay:
        cluster = design.cluster_autocorrelation ** apart.astype(float)
    else:
        cluster = np.where(same, 1.0, design.cluster_autocorrelation)
    person = np.where(same, 1.0, design.individual_autocorrelation)
    return design.total_sd**2 * (design.icc * cluster + (1 - design.icc) / design.people * person)
