"""Stepped-wedge roll-outs: variance and power of a design, and its analysis by a mixed model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from evaluation.causal.fixed_effects import by_cluster, fit
from evaluation.causal.mixed import ROUNDING, fit_mixed
from evaluation.causal.study import Study
from evaluation.estimate import LEVEL, Estimate, critical, student_interval
from scenarios.errors import InputError, nearest

RANDOM = ("cluster_period", "unit")
FEW = 12  # clusters below which even Student's limits of a mixed model are not to be trusted
ALIKE = 0.05  # one-sided p-value of no autocorrelation below which users are told
LEAST_PERIODS = 3  # of a cluster, below which one period's residual follows from the other's


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


def power(design: WedgeDesign, effect: float, level: float = LEVEL, df: float | None = None) -> float:
    """Return the chance that a two-sided test at 1 - ``level`` finds ``effect`` (the far tail left out).

    The test is the analysis's own, Student's t with clusters - 2 degrees of freedom (see mixed_model), and t is then
    noncentral (Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 31). ``df``: other
    degrees of freedom; infinite: the normal test of Hussey and Hughes (2007), which promises too much of few clusters.
    """
    return _chance(abs(effect) / math.sqrt(effect_variance(design)), _freedom_of(design, df), level)


def detectable_effect(design: WedgeDesign, chance: float = 0.8, level: float = LEVEL, df: float | None = None) -> float:
    """Return the smallest effect found with probability ``chance`` by the test of ``power`` (``df``: see there)."""
    if not 0 < chance < 1:
        raise InputError("chance", f"{chance:g}; between 0 and 1 is allowed")
    freedom, most = _freedom_of(design, df), 1.0
    if _chance(0.0, freedom, level) >= chance:
        return 0.0
    while _chance(most, freedom, level) < chance:
        most *= 2
    shift = optimize.brentq(lambda each: _chance(each, freedom, level) - chance, 0.0, most, xtol=1e-10)
    return math.sqrt(effect_variance(design)) * float(shift)


def power_curve(
    design: WedgeDesign, effects: Sequence[float], level: float = LEVEL, df: float | None = None
) -> np.ndarray:
    """Return the power at each of ``effects`` (``df``: see power)."""
    return np.array([power(design, effect, level, df) for effect in effects])


def _chance(shift: float, df: float, level: float) -> float:
    """Return the chance that t, its mean moved by ``shift`` standard errors, is above its critical value."""
    bound = critical(level, df)
    return float(stats.norm.sf(bound - shift) if math.isinf(df) else stats.nct.sf(bound, df, shift))


def _freedom_of(design: WedgeDesign, df: float | None) -> float:
    if df is None:
        return _freedom(len(design.treated))
    if not df >= 1:
        raise InputError("df", f"{df:g}; 1 or more degrees of freedom are needed")
    return df


def _freedom(clusters: int) -> float:
    return float(max(clusters - 2, 1))


def mixed_model(study: Study, level: float = LEVEL, random: Sequence[str] = ()) -> Estimate:
    """Return the treatment coefficient of a linear mixed model: period effects fixed, random cluster effect, REML.

    Units within a cluster share the effect. ``random``, effects beside it where a cluster has several units (Hooper and
    others 2016): 'cluster_period', shared in one period only, right where clusters' periods differ by more than chance
    (without it limits are then too narrow: Kasza and Forbes 2019, SMMR 28); 'unit', each unit's own over time. Limits
    by Student's t with clusters - 2 degrees of freedom (Li and Redden 2015, Stat Med 34). It trusts that the effect is
    the same at all times since the start (Kenny et al. 2022, Stat Med 41): where it grows, use the averages by time
    since the start of Callaway-Sant'Anna. It trusts too that a cluster's periods differ by chance alone: where each
    resembles the one before, limits can be too narrow, and a caution says so where residuals show it. Units count
    alike: a caution says so where they have weights. Raises InputError if treatment cannot be told from the periods,
    for an unknown random effect, or for one with a single unit to a cluster.
    """
    for name in random:
        if name not in RANDOM:
            raise InputError("random", f"no such effect '{name}': {nearest(name, RANDOM)}")
    if random and study.clusters == len(study.units):
        raise InputError("random", f"every cluster is one unit: '{random[0]}' cannot be told from the cluster")
    seen = study.row_weights > 0
    rows, columns = np.nonzero(seen)
    design = np.column_stack([study.treated[seen].astype(float), np.eye(len(study.periods))[columns]])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise InputError("panel", "every unit is treated at once: treatment cannot be told from the period")
    if len(rows) <= design.shape[1]:
        raise InputError("panel", f"{len(rows)} rows for treatment and {len(study.periods)} periods; more are needed")
    labels = {"cluster_period": columns, "unit": rows}
    parts = [np.zeros(len(rows), dtype=int), *(labels[name] for name in random)]
    fitted = fit_mixed(study.outcome[seen], design, study.cluster[rows], parts)
    value, se = float(fitted.coefficients[0]), math.sqrt(float(fitted.covariance[0, 0]))
    between, *others = (float(each) for each in fitted.variances)
    by_name = dict(zip(random, others, strict=True))
    lower, upper = student_interval(value, se, _freedom(study.clusters), level)
    carried = _carried_over(study)
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
        assumptions=(
            "starts were dealt out at random",
            "the effect does not change with time since the start",
            "beyond their levels, a cluster's periods differ by chance alone: none resembles the one before",
        ),
        cautions=(
            *study.notes,
            *study.unused,
            *_unweighted(study),
            *(() if fitted.settled else ("the model did not converge",)),
            *(("a variance between clusters or their parts was found to be 0",) if min(fitted.variances) == 0 else ()),
            *_too_alike(carried),
            *_few(study.clusters),
        ),
        diagnostics={
            **_shares(
                between, dict(zip(random, others, strict=True)).get("cluster_period", 0.0), sum(others) + fitted.within
            ),
            "between_variance": between,
            "within_variance": fitted.within,
            **{f"{name}_variance": each for name, each in by_name.items()},
            **carried,
        },
    )


def _shares(between: float, period: float, rest: float) -> dict[str, float]:
    """Return the correlation of two people of a cluster in one period, and over it that in two periods."""
    total, shared = between + rest, between + period
    found = {"icc": shared / total if total > 0 else math.nan}
    return found | ({"cluster_autocorrelation": between / shared} if period > 0 else {})


def _carried_over(study: Study) -> dict[str, float]:
    """Return the lag-1 autocorrelation of clusters' residuals, and the one-sided p-value that it is not above 0.

    Residuals are those of unit and period effects and treatment, a mean for each cluster and period. Taking a mean over
    n periods out leaves independent errors with a correlation of -1 / (n - 1) (Wooldridge 2010, Econometric Analysis of
    Cross Section and Panel Data, 10.5.4), which is added back; the test is Student's of the clusters' sums of products.
    Nothing where fewer than three clusters have three periods.
    """
    weight = (study.row_weights > 0).astype(float)
    left = fit(study.outcome, study.treated[..., None].astype(float), weight, study.cluster).residuals
    count = by_cluster(weight, study.cluster)
    seen = count > 0
    long = seen.sum(1) >= LEAST_PERIODS
    if long.sum() < LEAST_PERIODS:
        return {}
    mean = np.divide(by_cluster(np.nan_to_num(left), study.cluster), count, out=np.zeros_like(count), where=seen)
    mean, seen = mean[long], seen[long]
    periods, pairs = seen.sum(1), (seen[:, 1:] & seen[:, :-1]).sum(1)
    mean = np.where(seen, mean - mean.sum(1, keepdims=True) / periods[:, None], 0.0)
    square = (mean**2).sum(1) * pairs / (periods - 1)
    product = (mean[:, 1:] * mean[:, :-1]).sum(1) + square / periods
    spread = float(product.std(ddof=1)) / math.sqrt(len(product))
    if not spread > (ROUNDING * float(np.nanmax(np.abs(study.outcome)))) ** 2:  # nothing varies
        return {}
    p_value = float(stats.t.sf(product.mean() / spread, len(product) - 1))
    return {"autocorrelation_lag_1": float(product.sum() / square.sum()), "autocorrelation_p_value": p_value}


def _too_alike(carried: Mapping[str, float]) -> tuple[str, ...]:
    if not carried.get("autocorrelation_p_value", 1.0) < ALIKE:
        return ()
    how = f"autocorrelation {carried['autocorrelation_lag_1']:.2f}"
    words = f"periods of a cluster resemble the one before ({how}): limits can be too narrow"
    return (f"{words}; read the randomisation test beside the model",)


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
