"""Slope indices that other guides use and that give other numbers: York's unweighted line, WHO's curve and line."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit

from evaluation.arrays import Numbers, numbers, same_length
from evaluation.estimate import LEVEL, Estimate, normal_limits, undefined, z_value
from evaluation.inequality.rank import fractional_rank
from scenarios.errors import InputError

FEW = 30  # groups below which limits from residuals, read as normal, are plainly too narrow
_SII_YORK, _RII_YORK = "sii_york_unweighted", "rii_york_over_mean"
_SII_WHO, _RII_WHO = "sii_who_logit", "rii_who_logit"


def slope_york(
    values: Numbers, populations: Numbers, level: float = LEVEL, population: str = "not stated"
) -> tuple[Estimate, Estimate]:
    """Return York's (slope index, relative index): an unweighted line through ranked groups, and it over the mean.

    ``values`` and ``populations`` (shape: groups) run from the most (first) to the least deprived. Ranks use the
    populations, the regression does not; the relative index is the slope over the population-weighted mean. Limits are
    those of ordinary least squares with groups - 2 degrees of freedom read as normal. Source: York DCEA tool (Asaria),
    baseline.R. Raises InputError for a population of 0 or below or lists of unequal length.
    """
    y, people = numbers(values, "value"), numbers(populations, "population", 0.0, above=True)
    same_length(value=y, population=people)
    n = len(y)
    if n < 2:
        reason = "one group: no slope"
        return undefined(_SII_YORK, population, n, reason), undefined(_RII_YORK, population, n, reason)
    rank = fractional_rank(np.arange(n), people)
    away = rank - rank.mean()
    slope = float((away * y).sum() / (away**2).sum())
    residual = y - y.mean() - slope * away
    mean = float(np.average(y, weights=people))
    se = math.sqrt(float((residual**2).sum()) / (n - 2) / float((away**2).sum())) if n > 2 else math.nan
    why = "" if n > 2 else "two groups: the line has no error"
    lower, upper = normal_limits(slope, se, level)
    first = Estimate(slope, lower, upper, _SII_YORK, population, n, "groups", level, se, why, cautions=_narrow(n))
    if mean <= 0:
        return first, undefined(_RII_YORK, population, n, "the mean is 0 or below: no ratio", level=level)
    over = (slope / mean, lower / mean, upper / mean)
    note = "the mean is taken as known"
    second = Estimate(*over, _RII_YORK, population, n, "groups", level, se / mean, why, (note,), cautions=_narrow(n))
    return first, second


def slope_who_logit(
    values: Numbers,
    populations: Numbers,
    scale: float = 1.0,
    level: float = LEVEL,
    population: str = "not stated",
) -> tuple[Estimate, Estimate]:
    """Return WHO's (slope index, relative index) from a logistic curve of a proportion on rank.

    ``values`` (shape: groups, most deprived first) are proportions times ``scale`` (1, or 100 for percentages).
    As in WHO's tool counts are rounded to whole people, populations rounded up, and the populations enter twice: as
    the denominators and as weights. Slope: predicted at rank 1 less at rank 0, in the unit of ``values``; relative:
    their ratio. Limits: delta method with HC1 errors, on the log scale for the ratio. Source: WHO HEAT, R package
    healthequal. Raises InputError for a value outside 0 to ``scale``.
    """
    y, people = numbers(values, "value", 0.0), np.ceil(numbers(populations, "population", 0.0, above=True))
    same_length(value=y, population=people)
    if (y > scale).any():
        raise InputError("value", f"is {y.max():g}; allowed: 0 to the scale, {scale:g}")
    n = len(y)
    share = np.round(y / scale * people) / people
    reason = _no_curve(share, n)
    if reason:
        return undefined(_SII_WHO, population, n, reason), undefined(_RII_WHO, population, n, reason)
    import statsmodels.api as sm  # heavy: only when it is needed

    rank = fractional_rank(np.arange(n), people)
    design = np.column_stack([np.ones(n), rank])
    fit = sm.GLM(share, design, family=sm.families.Binomial(), var_weights=people**2).fit(tol=1e-12)
    params = np.asarray(fit.params, dtype=float)
    most, least = expit(params[0]), expit(params.sum())
    fitted = expit(design @ params)
    cov = _hc1(design, share - fitted, people**2, fitted * (1 - fitted))
    gradients = np.array([[most * (1 - most), 0.0], [least * (1 - least)] * 2])
    return _ends(np.array([most, least]) * scale, gradients * scale, cov, (_SII_WHO, _RII_WHO, population, n), level)


def slope_who_linear(
    values: Numbers, populations: Numbers, level: float = LEVEL, population: str = "not stated"
) -> tuple[Estimate, Estimate]:
    """Return WHO's (slope index, relative index) from a straight line on rank, weighted by populations.

    For an outcome that is no proportion. ``values`` (shape: groups, most deprived first); populations are rounded up.
    Ends, limits and source as ``slope_who_logit``. The relative index is undefined where an end is 0 or below. Raises
    InputError for a population of 0 or below or lists of unequal length.
    """
    y, people = numbers(values, "value"), np.ceil(numbers(populations, "population", 0.0, above=True))
    same_length(value=y, population=people)
    n, names = len(y), ("sii_who_linear", "rii_who_linear")
    if n < 3:
        reason = "fewer than three groups: the line has no error"
        return undefined(names[0], population, n, reason), undefined(names[1], population, n, reason)
    design = np.column_stack([np.ones(n), fractional_rank(np.arange(n), people)])
    params = np.linalg.solve((design * people[:, None]).T @ design, design.T @ (people * y))
    cov = _hc1(design, y - design @ params, people, np.ones(n))
    ends = np.array([params[0], params.sum()])
    return _ends(ends, np.array([[1.0, 0.0], [1.0, 1.0]]), cov, (*names, population, n), level)


def _ends(
    ends: np.ndarray, gradients: np.ndarray, cov: np.ndarray, names: tuple[str, str, str, int], level: float
) -> tuple[Estimate, Estimate]:
    """Return difference and ratio of a curve's ends (most, least deprived), by the delta method.

    ``gradients``: of each end (rows) by the curve's two parameters, whose covariance is ``cov``.
    """
    sii, rii, population, n = names
    most, least = (float(each) for each in ends)
    of_slope = gradients[1] - gradients[0]
    se = math.sqrt(float(of_slope @ cov @ of_slope))
    lower, upper = normal_limits(least - most, se, level)
    slope = Estimate(least - most, lower, upper, sii, population, n, "groups", level, se, cautions=_narrow(n))
    if min(most, least) <= 0:
        return slope, undefined(rii, population, n, "an end of the line is 0 or below: no ratio", "groups", level)
    of_log = gradients[1] / least - gradients[0] / most
    log_se = math.sqrt(float(of_log @ cov @ of_log))
    ratio, spread = least / most, math.exp(z_value(level) * log_se)
    limits = ratio / spread, ratio * spread
    return slope, Estimate(ratio, *limits, rii, population, n, "groups", level, log_se, cautions=_narrow(n))


def _narrow(groups: int) -> tuple[str, ...]:
    """Return the caution about limits that rest on the residuals of a few groups."""
    words = f"limits from the residuals of {groups} groups, read as normal as the source does: too narrow"
    return (words,) if groups < FEW else ()


def _no_curve(share: np.ndarray, n: int) -> str:
    if n < 3:
        return "fewer than three groups: the curve has no error"
    if (share == 0).all() or (share == 1).all():
        return "every group is at the same end of the scale: no curve"
    return ""


def _hc1(design: np.ndarray, residual: np.ndarray, weights: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return the HC1 covariance (2 x 2) of a weighted fit (MacKinnon and White 1985); ``slope``: inverse link's."""
    bread = np.linalg.inv((design * (weights * slope)[:, None]).T @ design)
    scores = design * (weights * residual)[:, None]
    n, k = design.shape
    return bread @ (scores.T @ scores) @ bread * n / (n - k)
