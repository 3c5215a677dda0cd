"""The plain gap between two groups, absolute and relative, with limits made from both groups' own.

Limits: MOVER, the method of variance estimates recovery (Zou and Donner 2008, Stat Med 27:1693-1702), for independent
groups; on the log scale for a ratio. It needs each group's limits only, however those were made.
"""

from __future__ import annotations

import math

import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.estimate import LEVEL, Estimate, undefined
from evaluation.standardisation.crude import crude_rate
from evaluation.standardisation.direct import DirectMethod, direct_rate
from scenarios.errors import InputError

ABSOLUTE, RELATIVE = "gap_absolute", "gap_relative"
CORE20 = "core20"
_CORE_COLUMNS = (CORE20, "count", "population")


def absolute_gap(most: Estimate, least: Estimate) -> Estimate:
    """Return ``most`` less ``least`` in their unit: positive means more among the most deprived.

    Undefined where either is. Without limits of both, no limits. Raises InputError for other levels of confidence.
    """
    reason = _why_not(most, least)
    who, n = f"{most.population} against {least.population}", most.n + least.n
    if reason:
        return undefined(ABSOLUTE, who, n, reason, most.n_of, most.level)
    difference = most.estimate - least.estimate
    below = math.hypot(most.estimate - most.lower, least.upper - least.estimate)
    above = math.hypot(most.upper - most.estimate, least.estimate - least.lower)
    se = math.hypot(most.se, least.se)
    why = "a group has no limits: no interval" if math.isnan(below) or math.isnan(above) else ""
    limits = difference - below, difference + above
    return Estimate(difference, *limits, ABSOLUTE, who, n, most.n_of, most.level, se, why)


def relative_gap(most: Estimate, least: Estimate) -> Estimate:
    """Return ``most`` over ``least``: over 1 means more among the most deprived.

    Undefined where either is, or where ``least`` is 0 or below or ``most`` is below 0; no limits where a limit is not
    above 0. Raises InputError for other levels of confidence.
    """
    reason = _why_not(most, least)
    who, n = f"{most.population} against {least.population}", most.n + least.n
    if not reason and (least.estimate <= 0 or most.estimate < 0):
        reason = "nothing counted in the least deprived group: no ratio"
    if reason:
        return undefined(RELATIVE, who, n, reason, most.n_of, most.level)
    ratio = most.estimate / least.estimate
    if ratio == 0 or not min(most.lower, least.lower) > 0:
        why = "a limit is missing or not above 0: no interval of the ratio"
        return Estimate(ratio, math.nan, math.nan, RELATIVE, who, n, most.n_of, most.level, reason=why)
    below = math.hypot(math.log(most.estimate / most.lower), math.log(least.upper / least.estimate))
    above = math.hypot(math.log(most.upper / most.estimate), math.log(least.estimate / least.lower))
    limits = ratio * math.exp(-below), ratio * math.exp(above)
    return Estimate(ratio, *limits, RELATIVE, who, n, most.n_of, most.level)


def core20_gap(
    table: pd.DataFrame, multiplier: float = 1_000.0, level: float = LEVEL, population: str = "not stated"
) -> tuple[Estimate, Estimate]:
    """Return the (absolute, relative) gap between England's most deprived fifth (Core20) and everybody else.

    ``table``: columns ``core20`` (True for Core20), ``count``, ``population`` and, to standardise, ``stratum`` and
    ``weight`` (see ``direct_rate``). Rates per ``multiplier``. Undefined where one side has nobody, or too few events
    to standardise. Raises InputError for a missing column, ``core20`` that is not true or false, a count that is
    missing, or strata or weights that are not the same on both sides (rates over other standards cannot be compared).
    """
    need_columns(table, _CORE_COLUMNS, "table")
    if not table[CORE20].isin([True, False]).all():
        odd = table[CORE20][~table[CORE20].isin([True, False])].iloc[0]
        raise InputError(CORE20, f"is {odd}; allowed: True (England's most deprived fifth) and False")
    core = table[CORE20].astype(bool)
    if {"stratum", "weight"} <= set(table.columns):
        _refuse_other_standards(table, core)
    sides = [
        _side(table[chosen], multiplier, level, f"{population}, {name}")
        for chosen, name in ((core, "Core20"), (~core, "the rest"))
    ]
    return absolute_gap(sides[0], sides[1]), relative_gap(sides[0], sides[1])


def _side(mine: pd.DataFrame, multiplier: float, level: float, who: str) -> Estimate:
    if mine.empty:
        return undefined("rate", who, 0, f"nobody lives in {who}", "events", level)
    if "weight" not in mine.columns:
        count = float(numbers(mine["count"], "count", 0.0).sum())
        people = float(numbers(mine["population"], "population", 0.0).sum())
        return crude_rate(count, people, multiplier, level, who)
    if "stratum" not in mine.columns:
        raise InputError("table", "column 'stratum' is missing; weights belong to strata")
    numbers(mine["count"], "count", 0.0)
    summed = mine.groupby("stratum", as_index=False).agg(
        count=("count", "sum"), population=("population", "sum"), weight=("weight", "first")
    )
    return direct_rate(summed, DirectMethod(multiplier, level), who)


def _refuse_other_standards(table: pd.DataFrame, core: pd.Series) -> None:
    weights = table.groupby("stratum")["weight"].nunique()
    if (weights > 1).any():
        raise InputError("weight", f"of stratum '{weights.index[weights > 1][0]}' is not the same in every row")
    odd = sorted(set(table.loc[core, "stratum"]) ^ set(table.loc[~core, "stratum"]), key=str)
    if odd and core.any() and not core.all():
        raise InputError("stratum", f"'{odd[0]}' is there on one side only; both are needed to compare rates")


def _why_not(most: Estimate, least: Estimate) -> str:
    if most.level != least.level:
        raise InputError("level", f"{most.level:g} and {least.level:g} differ; both groups need the same")
    for each in (most, least):
        if math.isnan(each.estimate):
            return f"{each.population}: {each.reason}"
    return ""
