"""The gap in life expectancy between the most and the least deprived, from deaths and time lived by deprivation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.arrays import need_columns
from evaluation.estimate import LEVEL, Estimate, undefined
from evaluation.inequality.pairs import absolute_gap
from evaluation.inequality.slope_ohid import SlopeMethod, slope_ohid
from evaluation.life_tables.table import OHID_BANDS, LifeTable, chiang_table
from scenarios.errors import InputError

POOLED_YEARS = 3
SECONDS_PER_YEAR = 31_557_600  # a Julian year, as the results' person_seconds are counted
UNIT = ("arm", "draw", "replication")


@dataclass(frozen=True)
class ExpectancyGap:
    """Gaps in years of life expectancy at ``age`` between deprivation groups; positive: the least deprived live longer.

    ``slope``: slope index over all groups (the headline); ``range``: least less most deprived group; ``relative``: the
    fitted ratio. ``groups``: quantile, population, value, lower, upper, se, reason.
    """

    slope: Estimate
    relative: Estimate
    range: Estimate
    groups: pd.DataFrame


def pooled(mortality: pd.DataFrame, by: Sequence[str] = ("decile", "sex"), years: int = POOLED_YEARS) -> pd.DataFrame:
    """Return deaths and person-years of whole years pooled ``years`` at a time, from go-live on.

    ``mortality``: the table of that name in a results folder (columns year, months, decile, sex, age_band,
    person_seconds, deaths; and arm, draw, replication). Columns returned: those of UNIT there are, ``by``, ``period``
    (first year), ``start_age`` (the band), ``population`` (person-years), ``deaths``. Years of fewer than twelve months
    and periods of fewer years are left out. Raises InputError for a missing column, or where no whole period is left.
    """
    needed = ("year", "months", "age_band", "person_seconds", "deaths", *by)
    need_columns(mortality, needed, "mortality")
    whole = mortality[(mortality["months"] == 12) & (mortality["year"] >= 0)].reset_index(drop=True)
    period = whole["year"] // years * years
    complete = whole.groupby(period)["year"].nunique()
    kept = whole[period.isin(complete[complete == years].index)]
    if kept.empty:
        raise InputError("mortality", f"holds fewer than {years} whole years from go-live; run longer, or pool fewer")
    keys = [*(name for name in UNIT if name in kept.columns), *by]
    table = kept.assign(period=period, start_age=kept["age_band"])
    summed = (
        table.groupby([*keys, "period", "start_age"], observed=True)[["person_seconds", "deaths"]].sum().reset_index()
    )
    summed["population"] = summed.pop("person_seconds") / SECONDS_PER_YEAR
    return summed


def life_tables(
    table: pd.DataFrame, by: Sequence[str], bands: Sequence[int] = OHID_BANDS, suppress: bool = True
) -> dict[tuple[object, ...], LifeTable]:
    """Return a Chiang life table for each group of ``by``: key values to table (see ``chiang_table`` for columns).

    Raises InputError for a missing column.
    """
    need_columns(table, by, "life tables")
    found = {}
    for key, mine in table.groupby(list(by), sort=True, observed=True):
        values = key if isinstance(key, tuple) else (key,)
        name = ", ".join(f"{column} {value}" for column, value in zip(by, values, strict=True))
        found[values] = chiang_table(mine, bands, name, suppress)
    return found


def expectancies(table: pd.DataFrame, by: Sequence[str], age: int = 0, level: float = LEVEL) -> pd.DataFrame:
    """Return life expectancy at ``age`` of every group of ``by``: columns ``by`` and those of estimates_table."""
    rows = []
    for key, made in life_tables(table, by).items():
        rows.append({**dict(zip(by, key, strict=True)), **made.expectancy(age, level).as_row()})
    return pd.DataFrame(rows)


def expectancy_gap(
    table: pd.DataFrame,
    quantile: str = "decile",
    age: int = 0,
    method: SlopeMethod | None = None,
    population: str = "not stated",
    renumber: bool = False,
) -> ExpectancyGap:
    """Return the gap in life expectancy at ``age`` over deprivation groups, 1 = most deprived.

    ``table``: columns ``quantile`` (its name), start_age, population (person-years), deaths; one sex and one period
    (sum years first: three is usual). The slope is fitted through the groups' expectancies by the OHID method, its
    limits simulated from their standard errors. ``renumber``: number the groups there are from 1, in their order, for a
    place that lacks some national tenths; noted. Undefined, with the reason, where a group has no life expectancy.
    Raises InputError for a missing column or quantile, and for more than one sex.
    """
    if "sex" in table.columns and table["sex"].nunique() > 1:
        raise InputError("table", "holds more than one sex; the gap is sex-specific, so give one at a time")
    used = method or SlopeMethod()
    groups = _groups(table, quantile, age, used.level)
    there = groups["quantile"].tolist()
    if renumber:
        groups["quantile"] = groups["quantile"].rank().astype(int)
    changed = there != groups["quantile"].tolist()
    renumbered = f"{quantile}s there are ({', '.join(str(each) for each in there)}) numbered from 1" if changed else ""
    method_name = f"le_gap_{used.name}"
    lost = groups[groups["reason"] != ""]
    if not lost.empty:
        reason = f"{quantile} {lost['quantile'].iloc[0]}: {lost['reason'].iloc[0]}"
        nothing = [undefined(name, population, len(groups), reason) for name in (method_name, "le_ratio", "le_range")]
        return ExpectancyGap(nothing[0], nothing[1], nothing[2], groups)
    fitted = slope_ohid(groups[["quantile", "population", "value", "se"]], used, population)
    ordered = groups.sort_values("quantile")
    ends = [_as_estimate(ordered.iloc[place], population, used.level) for place in (-1, 0)]
    note = "least less most deprived; sex-specific" if "sex" in table.columns else "least less most deprived"
    between = absolute_gap(ends[0], ends[1]).with_notes(note, renumbered)
    return ExpectancyGap(fitted.sii.with_notes(note, renumbered), fitted.rii, between, groups)


def _groups(table: pd.DataFrame, quantile: str, age: int, level: float) -> pd.DataFrame:
    rows = []
    for (number,), made in life_tables(table, [quantile]).items():
        found = made.expectancy(age, level)
        row = {"quantile": number, "population": made.people, "value": found.estimate, "lower": found.lower}
        rows.append({**row, "upper": found.upper, "se": found.se, "reason": found.reason})
    return pd.DataFrame(rows)


def _as_estimate(row: pd.Series, population: str, level: float) -> Estimate:
    who = f"{population}, quantile {row['quantile']}"
    figures = float(row["value"]), float(row["lower"]), float(row["upper"])
    return Estimate(*figures, "le_chiang_open", who, float(row["population"]), "person-years", level, float(row["se"]))
