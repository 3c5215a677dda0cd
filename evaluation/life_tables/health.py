"""Healthy and quality-adjusted life expectancy: years of a life table counted by the health they are lived in.

Sullivan's method: years lived in each band times the share lived in good health, or times the quality of life there.
Sources: Sullivan 1971; Jagger, Van Oyen and Robine 2014 (variance, with Mathers' term for mortality); Asaria, Griffin
and Cookson 2016 (QALE).
"""

from __future__ import annotations

import math

import numpy as np

from evaluation.arrays import Numbers, numbers, same_length
from evaluation.estimate import LEVEL, Estimate, normal_limits, undefined
from evaluation.life_tables.table import LifeTable
from scenarios.errors import InputError


def healthy_life_expectancy(
    table: LifeTable,
    healthy_share: Numbers,
    surveyed: Numbers | None = None,
    age: int = 0,
    level: float = LEVEL,
    mortality_error: bool = True,
) -> Estimate:
    """Return years expected in good health from ``age`` on.

    ``healthy_share`` (shape: bands of the table, youngest first; 0 to 1) and ``surveyed``: how many people each share
    rests on, for its variance share (1 - share) / surveyed; without, no interval. ``mortality_error``: let the interval
    hold the error of mortality too (False: of the survey alone, as ONS). Undefined where there is no table. Raises
    InputError for shares outside 0 to 1 or not one a band.
    """
    share = numbers(healthy_share, "healthy_share", 0.0)
    if (share > 1).any():
        raise InputError("healthy_share", f"is {share.max():g}; allowed: 0 to 1")
    variance = None
    if surveyed is not None:
        asked = numbers(surveyed, "surveyed", 0.0, above=True)
        same_length(healthy_share=share, surveyed=asked)
        variance = share * (1 - share) / asked
    return _weighted(table, share, variance, (f"healthy_{table.method}", age, level, mortality_error))


def quality_adjusted_life_expectancy(
    table: LifeTable,
    quality: Numbers,
    errors: Numbers | None = None,
    age: int = 0,
    level: float = LEVEL,
    mortality_error: bool = True,
) -> Estimate:
    """Return quality-adjusted years expected from ``age`` on.

    ``quality`` (shape: bands of the table, youngest first): mean health-related quality of life, 1 is full health; may
    be below 0, not above 1. ``errors``: its standard errors, for an interval. Errors as ``healthy_life_expectancy``.
    """
    score = numbers(quality, "quality")
    if (score > 1).any():
        raise InputError("quality", f"is {score.max():g}; allowed: up to 1, full health")
    variance = None
    if errors is not None:
        se = numbers(errors, "errors", 0.0)
        same_length(quality=score, errors=se)
        variance = se**2
    return _weighted(table, score, variance, (f"qale_{table.method}", age, level, mortality_error))


def _weighted(
    table: LifeTable, weight: np.ndarray, variance: np.ndarray | None, what: tuple[str, int, float, bool]
) -> Estimate:
    method, age, level, mortality_error = what
    if table.reason:
        return undefined(method, table.population, table.people, table.reason, "person-years", level)
    rows = table.rows
    same_length(bands=rows["L"].to_numpy(), weights=weight)
    at = int(np.flatnonzero(rows["start_age"].to_numpy() == table._row(age)["start_age"])[0])
    lived, survivors = rows["L"].to_numpy(), rows["l"].to_numpy()
    if survivors[at] == 0:
        reason = f"nobody reaches age {age}"
        return undefined(method, table.population, table.people, reason, "person-years", level)
    total = (lived * weight)[::-1].cumsum()[::-1]
    value = float(total[at] / survivors[at])
    se, why = math.nan, "no survey sizes or errors given: no interval"
    if variance is not None:
        squares = float((lived[at:] ** 2 * variance[at:]).sum())
        squares += float(_of_mortality(table, weight, total)[at]) if mortality_error else 0.0
        se, why = math.sqrt(squares) / float(survivors[at]), ""
        if math.isnan(se):
            why = "the life table has no standard errors: no interval"
    lower, upper = normal_limits(value, se, level)
    return Estimate(value, lower, upper, method, table.population, table.people, "person-years", level, se, why)


def _of_mortality(table: LifeTable, weight: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return what the variance of mortality adds to that of weighted years from each band on (years squared)."""
    rows = table.rows
    survivors = rows["l"].to_numpy()
    ahead = np.append(np.divide(total[1:], survivors[1:], out=np.zeros(len(total) - 1), where=survivors[1:] > 0), 0.0)
    each = (survivors * ((1 - rows["a"].to_numpy()) * rows["width"].to_numpy() * weight + ahead)) ** 2
    each[-1] = (survivors[-1] / 2 * weight[-1]) ** 2
    return (each * rows["q_variance"].to_numpy())[::-1].cumsum()[::-1]
