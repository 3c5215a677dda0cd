"""Spread without regard to deprivation: Gini, Theil, mean log deviation, Hoover, entropy, between-group variance."""

from __future__ import annotations

import math

import numpy as np

from evaluation.arrays import Numbers, numbers, same_length
from evaluation.estimate import LEVEL, Estimate, normal_limits, undefined
from evaluation.inequality.rank import fractional_rank
from scenarios.errors import InputError

_NO_ERROR = "no standard errors given, or none for this index: no interval"


def gini(
    values: Numbers, people: Numbers | None = None, corrected: bool = False, population: str = "not stated"
) -> Estimate:
    """Return the Gini coefficient of ``values`` (0 or above; shape: people or groups).

    ``corrected``: times n / (n - 1), for a small sample of people. Undefined where all are 0. No standard error.
    """
    h, p = _read(values, people)
    name = "gini_corrected" if corrected else "gini"
    mean = float((p * h).sum())
    if mean == 0:
        return undefined(name, population, len(h), "all values are 0: no share to compare", "units")
    found = 2 * float((p * (h - mean) * (fractional_rank(h, p) - 0.5)).sum()) / mean
    if corrected:
        if len(h) < 2:
            return undefined(name, population, len(h), "one value: no correction", "units")
        found *= len(h) / (len(h) - 1)
    return Estimate(found, math.nan, math.nan, name, population, len(h), "units", reason=_NO_ERROR)


def theil(
    values: Numbers,
    people: Numbers | None = None,
    errors: Numbers | None = None,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return Theil's T, sum of p (h / mean) log(h / mean); a value of 0 counts nothing. Undefined where all are 0.

    ``errors``: standard errors of group values, for approximate limits by the delta method (Ahn and others 2018). WHO
    reports the index times 1,000; here neither it nor its error is multiplied.
    """
    h, p = _read(values, people)
    mean = float((p * h).sum())
    if mean == 0:
        return undefined("theil_t", population, len(h), "all values are 0: no share to compare", "units")
    ratio = h / mean
    logs = np.log(np.where(ratio > 0, ratio, 1.0))
    slope = (1 + logs - float((p * ratio * (1 + logs)).sum())) * p / mean
    return _with_errors("theil_t", float((p * ratio * logs).sum()), (h, slope), errors, (level, population))


def mean_log_deviation(
    values: Numbers,
    people: Numbers | None = None,
    errors: Numbers | None = None,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return Theil's L, sum of p log(mean / h). Undefined if anybody's value is 0. ``errors`` as ``theil``."""
    h, p = _read(values, people)
    if (h[p > 0] == 0).any():
        return undefined("theil_l", population, len(h), "a value of 0 has no logarithm", "units")
    mean = float((p * h).sum())
    safe = np.where(h > 0, h, 1.0)
    slope = p * (1 / mean - 1 / safe)
    return _with_errors("theil_l", float((p * np.log(mean / safe)).sum()), (h, slope), errors, (level, population))


def generalised_entropy(
    values: Numbers, people: Numbers | None = None, aversion: float = 2.0, population: str = "not stated"
) -> Estimate:
    """Return the generalised entropy index of ``aversion`` a: 0 is Theil's L, 1 Theil's T.

    (sum of p (h / mean)^a - 1) / (a (a - 1)). Undefined where all are 0, or where a value of 0 has no such power.
    """
    name = f"generalised_entropy_{aversion:g}"
    if not math.isfinite(aversion):
        raise InputError("aversion", f"is {aversion}; allowed: any number")
    h, p = _read(values, people)
    mean = float((p * h).sum())
    if mean == 0:
        return undefined(name, population, len(h), "all values are 0: no share to compare", "units")
    if aversion <= 0 and (h[p > 0] == 0).any():
        return undefined(name, population, len(h), "a value of 0 has no such power", "units")
    if aversion in (0.0, 1.0):
        found = (mean_log_deviation if aversion == 0 else theil)(values, people).estimate
    else:
        there = p > 0
        found = (float((p[there] * (h[there] / mean) ** aversion).sum()) - 1) / (aversion * (aversion - 1))
    return Estimate(found, math.nan, math.nan, name, population, len(h), "units", reason=_NO_ERROR)


def hoover(values: Numbers, people: Numbers | None = None, population: str = "not stated") -> Estimate:
    """Return Hoover's index (Ricci-Schutz, Pietra): half the mean distance from the mean, over the mean."""
    h, p = _read(values, people)
    mean = float((p * h).sum())
    if mean == 0:
        return undefined("hoover", population, len(h), "all values are 0: no share to compare", "units")
    found = float((p * np.abs(h - mean)).sum()) / (2 * mean)
    return Estimate(found, math.nan, math.nan, "hoover", population, len(h), "units", reason=_NO_ERROR)


def between_group_variance(
    values: Numbers,
    people: Numbers,
    errors: Numbers | None = None,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return the population-weighted variance of group values about their mean, in the squared unit of ``values``.

    ``errors``: standard errors of the values, for approximate limits (Ahn and others 2018, JCO Clin Cancer Inform
    2:1-19; the lower limit is not cut at 0). Raises InputError for a population of 0 or below, or lists of unequal
    length.
    """
    name = "between_group_variance"
    h = numbers(values, "values")
    size = numbers(people, "people", 0.0, above=True)
    same_length(values=h, people=size)
    n = len(h)
    if n < 2:
        return undefined(name, population, n, "one group: nothing to compare", level=level)
    p = size / size.sum()
    away = h - float((p * h).sum())
    found = float((p * away**2).sum())
    if errors is None:
        reason = "no standard errors given: no interval"
        return Estimate(found, math.nan, math.nan, name, population, n, "groups", level, reason=reason)
    e = numbers(errors, "errors", 0.0)
    same_length(values=h, errors=e)
    first = float((p**2 * e**2 * away**2).sum())
    squares = float((p**2 * e**2).sum()) ** 2 - float((p**4 * e**4).sum()) + float((p**2 * (1 - p) ** 2 * e**4).sum())
    se = math.sqrt(4 * first + 2 * squares)
    lower, upper = normal_limits(found, se, level)
    return Estimate(found, lower, upper, name, population, n, "groups", level, se)


def _with_errors(
    name: str, value: float, at: tuple[np.ndarray, np.ndarray], errors: Numbers | None, what: tuple[float, str]
) -> Estimate:
    """Return the index with limits by the delta method: ``at`` holds the values and the index's slope by each."""
    (h, slope), (level, population) = at, what
    if errors is None:
        return Estimate(value, math.nan, math.nan, name, population, len(h), "units", level, reason=_NO_ERROR)
    e = numbers(errors, "errors", 0.0)
    same_length(values=h, errors=e)
    se = math.sqrt(float((slope**2 * e**2).sum()))
    lower, upper = normal_limits(value, se, level)
    return Estimate(value, lower, upper, name, population, len(h), "groups", level, se)


def _read(values: Numbers, people: Numbers | None) -> tuple[np.ndarray, np.ndarray]:
    h = numbers(values, "values", 0.0)
    p = np.ones_like(h) if people is None else numbers(people, "people", 0.0)
    same_length(values=h, people=p)
    if p.sum() <= 0:
        raise InputError("people", "are all 0; somebody is needed")
    return h, p / p.sum()
