"""QALYs of a run: years lived times their quality, and what is still to come for those who lived because of a design.

Within the run: person-time by age band, sex and deprivation times mean quality of life there, less a decrement for each
condition a person has more than people in the same cell of the baseline. Beyond it: people alive at the end of the run
who would not have been, times the discounted quality-adjusted years they may still expect, times a share: people
whose deaths are avoided are frailer than most. Counted from the end on, so that no year is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns
from evaluation.economics.discounting import Rates, discount_factors
from evaluation.outcomes import SECONDS_PER_DAY, SECONDS_PER_YEAR
from evaluation.panel import UNIT, after_go_live
from scenarios.errors import InputError

CELL = ("age_band", "sex", "quintile")
MONTHS = 12
PER_MONTH = 1.0 / MONTHS


@dataclass(frozen=True)
class Quality:
    """How health is valued: utility by cell, years still to come by cell, and both assumptions beside them.

    ``utility``: age_band, sex, quintile, utility. ``remaining``: the same with years (discounted QALYs to come), or
    None: nothing beyond the run. ``remaining_share``: of them that a person gets who would otherwise have died.
    ``per_condition``: utility of each further condition (0 or below).
    """

    utility: pd.DataFrame
    remaining: pd.DataFrame | None = None
    remaining_share: float = 1.0
    per_condition: float = 0.0


def qalys(
    panel: pd.DataFrame, quality: Quality, rates: Rates, baseline: str, stocks: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return QALYs by arm, draw, replication, year (0 first) and quintile.

    Columns: qalys and discounted_qalys (within the run), beyond_qalys (of people alive at its end beyond those of
    ``baseline``, in the value of year 0, told in its last year; negative for fewer). ``stocks``: people and conditions
    at months' ends in the cells of the panel, for the decrement of conditions; without, there is none. Raises
    InputError for a cell without a utility.
    """
    live = after_go_live(panel).assign(year=lambda each: (each["month"] // MONTHS).astype(int))
    by = [*UNIT, "year", *CELL]
    cells = live.groupby(by, sort=True, observed=True)[["person_seconds"]].sum().reset_index()
    cells = _with(cells, quality.utility, "utility")
    cells["qalys"] = cells["person_seconds"] / SECONDS_PER_YEAR * cells["utility"]
    if stocks is not None and quality.per_condition != 0:
        cells["qalys"] += quality.per_condition * _extra_conditions(cells, stocks, baseline)
    years = np.sort(cells["year"].unique())
    factor = cells["year"].map(dict(zip(years.tolist(), discount_factors(years, rates).tolist(), strict=True)))
    cells["discounted_qalys"] = cells["qalys"] * factor.to_numpy(float)
    cells["beyond_qalys"] = 0.0
    if quality.remaining is not None:
        cells = _with_beyond(cells, live, quality.remaining, quality.remaining_share, rates, baseline)
    keep = ["qalys", "discounted_qalys", "beyond_qalys"]
    return cells.groupby([*UNIT, "year", "quintile"], sort=True, observed=True)[keep].sum().reset_index()


def _with(cells: pd.DataFrame, table: pd.DataFrame, column: str) -> pd.DataFrame:
    need_columns(table, (*CELL, column), column)
    found = cells.merge(table[[*CELL, column]], on=list(CELL), how="left", validate="many_to_one")
    missing = found[column].isna()
    if missing.any():
        cell = found.loc[missing, list(CELL)].iloc[0].tolist()
        raise InputError(column, f"there is none for {', '.join(map(str, cell))} (age band, sex, quintile)")
    return found


def _with_beyond(
    cells: pd.DataFrame, live: pd.DataFrame, remaining: pd.DataFrame, share: float, rates: Rates, baseline: str
) -> pd.DataFrame:
    """Return ``cells`` with what people alive in the last month, beyond the baseline's, may still expect after it."""
    last = int(live["month"].max())
    keys = [*UNIT, "year", *CELL]
    end = live[live["month"] == last].groupby(keys, observed=True)["person_seconds"].sum().reset_index()
    end["people"] = end["person_seconds"] / seconds_of_month(
        str(live.loc[live["month"] == last, "month_start"].iloc[0])
    )
    more = _against_baseline(end, "people", baseline)
    ahead = _with(end, remaining, "years")["years"].to_numpy(float)
    factor = float(discount_factors([(last + 1) / MONTHS], rates)[0])
    end["beyond"] = more * ahead * share * factor
    joined = cells.merge(end[[*keys, "beyond"]], on=keys, how="left")
    return cells.assign(beyond_qalys=joined["beyond"].fillna(0.0).to_numpy())


def seconds_of_month(month_start: str) -> float:
    """Return the seconds of a calendar month, given as '2024-04' or a day of it: months have 28 to 31 days."""
    return float(pd.Period(month_start[:7], freq="M").days_in_month * SECONDS_PER_DAY)


def _against_baseline(cells: pd.DataFrame, column: str, baseline: str) -> np.ndarray:
    """Return ``column`` of each row less that of the same row of the baseline arm (0 where that has none)."""
    keys = [name for name in (*UNIT[1:], "year", *CELL) if name in cells]
    base = cells.loc[cells["arm"] == baseline, [*keys, column]].rename(columns={column: "of_baseline"})
    joined = cells[[*keys, column]].merge(base, on=keys, how="left")
    return (joined[column] - joined["of_baseline"].fillna(0.0)).to_numpy(float)


def _extra_conditions(cells: pd.DataFrame, stocks: pd.DataFrame, baseline: str) -> np.ndarray:
    """Return condition-years of each row beyond what as many people of the baseline's cell would have had."""
    need_columns(stocks, (*UNIT, "month", *CELL, "people", "conditions"), "stocks")
    live = after_go_live(stocks).assign(year=lambda each: (each["month"] // MONTHS).astype(int))
    keys = [*UNIT, "year", *CELL]
    held = live.groupby(keys, observed=True)[["people", "conditions"]].sum().reset_index()
    mine = cells[keys].merge(held, on=keys, how="left").fillna({"people": 0.0, "conditions": 0.0})
    base = held[held["arm"] == baseline].drop(columns="arm")
    usual = mine.drop(columns=["people", "conditions"]).merge(base, on=keys[1:], how="left")
    each = np.divide(
        usual["conditions"].to_numpy(float),
        usual["people"].to_numpy(float),
        out=np.zeros(len(usual)),
        where=usual["people"].to_numpy(float) > 0,
    )
    return (mine["conditions"].to_numpy(float) - each * mine["people"].to_numpy(float)) * PER_MONTH
