"""What a gap, and a change in it, is made of: by cause and by age, in standardised rates.

A directly standardised rate is a sum over ages and causes, so a gap between two groups is one too, and so is its change
between two times: the parts add up exactly and need no order of replacement. Crude rates are different: there the ages
themselves differ, and Kitagawa's two parts (1955, J Am Stat Assoc 50:1168-94) say how much of a gap that is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.estimate import LEVEL, z_value
from scenarios.errors import InputError, nearest

PARTS = ("age_band", "cause")
SIDES = ("most", "least")
TIMES = ("before", "after")
_COLUMNS = (*PARTS, "side", "time", "count", "population", "weight")


def gap_change_parts(
    table: pd.DataFrame, multiplier: float = 1_000.0, by: Sequence[str] = PARTS, level: float = LEVEL
) -> pd.DataFrame:
    """Return the change in the standardised gap, most less least deprived, shared between ages and causes.

    ``table``: columns age_band, cause, side ('most', 'least'), time ('before', 'after'), count, population (of the age
    band, the same for each cause), weight (the standard's). Columns returned: ``by``, gap_before, gap_after, change,
    lower, upper, in events per ``multiplier``; they sum to the gaps and the change. Limits read counts as independent
    Poisson ones. Raises InputError for a missing column, an unknown side or time, a combination there twice or missing,
    a population or weight of 0 or below, or that differs between causes or times, or another part than PARTS in ``by``.
    """
    mine = _check(table)
    for name in by:
        if name not in PARTS:
            raise InputError("by", f"'{name}' is no part; {nearest(name, PARTS)}")
    total = _total_weight(mine)
    share = mine["weight"] / total * multiplier
    sign = np.where(mine["side"] == SIDES[0], 1.0, -1.0)
    mine = mine.assign(
        gap=sign * share * mine["count"] / mine["population"],
        variance=share**2 * mine["count"] / mine["population"] ** 2,
    )
    gaps = mine.pivot_table(index=list(by), columns="time", values="gap", aggfunc="sum", observed=True)
    variance = mine.groupby(list(by), observed=True)["variance"].sum()
    found = pd.DataFrame({"gap_before": gaps["before"], "gap_after": gaps["after"]})
    found["change"] = found["gap_after"] - found["gap_before"]
    half = z_value(level) * np.sqrt(variance.reindex(found.index))
    return found.assign(lower=found["change"] - half, upper=found["change"] + half).reset_index()


def crude_gap_parts(table: pd.DataFrame, multiplier: float = 1_000.0) -> dict[str, float]:
    """Return the crude gap, most less least deprived, as ``rates`` (other rates at the same ages) and ``ages``.

    ``table``: columns age_band, side ('most', 'least'), count, population. Kitagawa's symmetric parts, per
    ``multiplier``; ``gap`` is their sum. Raises InputError for a missing column, a count or population that is missing
    or below 0, nobody in a band, or an age band that one side lacks.
    """
    need_columns(table, ("age_band", "side", "count", "population"))
    _refuse_names(table, "side", SIDES)
    numbers(table["count"], "count", 0.0)
    numbers(table["population"], "population", 0.0)
    if table["age_band"].isna().any():
        raise InputError("age_band", "is missing in a row; each row needs one")
    sides = {}
    for side in SIDES:
        mine = table[table["side"] == side].groupby("age_band")[["count", "population"]].sum()
        numbers(mine["population"], f"population of the {side} deprived", 0.0, above=True)
        sides[side] = mine
    most, least = sides["most"], sides["least"]
    for band in sorted(set(most.index) ^ set(least.index)):
        raise InputError("age_band", f"'{band}' is there for one side only; both are needed")
    rate1, rate2 = most["count"] / most["population"], least["count"] / least["population"]
    mix1, mix2 = most["population"] / most["population"].sum(), least["population"] / least["population"].sum()
    rates = float(((rate1 - rate2) * (mix1 + mix2) / 2).sum()) * multiplier
    ages = float(((mix1 - mix2) * (rate1 + rate2) / 2).sum()) * multiplier
    return {"gap": rates + ages, "rates": rates, "ages": ages}


def _check(table: pd.DataFrame) -> pd.DataFrame:
    need_columns(table, _COLUMNS)
    _refuse_names(table, "side", SIDES)
    _refuse_names(table, "time", TIMES)
    numbers(table["count"], "count", 0.0)
    numbers(table["population"], "population", 0.0, above=True)
    numbers(table["weight"], "weight", 0.0, above=True)
    keys = [*PARTS, "side", "time"]
    if table.duplicated(keys).any():
        where = table[table.duplicated(keys)].iloc[0]
        raise InputError("table", f"{', '.join(str(where[key]) for key in keys)} is there twice; once is allowed")
    wanted = math.prod(table[key].nunique() for key in keys)
    if len(table) != wanted:
        raise InputError(
            "table", f"has {len(table)} rows of {wanted}; every age, cause, side and time is needed (count 0)"
        )
    people = table.groupby(["age_band", "side", "time"], observed=True)["population"].nunique()
    if (people > 1).any():
        raise InputError("population", f"of {people[people > 1].index[0]} differs between causes; people have one")
    return table


def _total_weight(table: pd.DataFrame) -> float:
    weights = table.groupby("age_band", observed=True)["weight"]
    if (weights.nunique() > 1).any():
        band = weights.nunique()[weights.nunique() > 1].index[0]
        raise InputError("weight", f"of age band '{band}' is not the same everywhere; a standard has one weight a band")
    return float(weights.first().sum())


def _refuse_names(table: pd.DataFrame, column: str, allowed: Sequence[str]) -> None:
    for name in table[column].drop_duplicates():
        if name not in allowed:
            raise InputError(column, f"'{name}' is not one; {nearest(str(name), allowed)}")
    for name in allowed:
        if name not in set(table[column]):
            raise InputError(column, f"'{name}' is missing; {' and '.join(allowed)} are needed")
