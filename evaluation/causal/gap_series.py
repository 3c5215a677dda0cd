"""The gap between the most and the least deprived fifth, period by period, where the service started and elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.causal.designs import Table
from evaluation.estimate import critical

COLUMNS = ("series", "period", "measure", "estimate", "lower", "upper", "units", "reason", "count_most", "count_least")
MOST, LEAST = 1, 5
Gap = tuple[float, float, float, int, str]
STARTED, OTHERS = "places where the service started", "other places"


def gap_series(frame: pd.DataFrame, table: Table, level: float) -> pd.DataFrame:
    """Return the gap of each period: columns COLUMNS; measure 'absolute' (most less least) or 'relative' (over).

    Means over units, each counting once. Limits by Student's t from how units differ: of the gap within each unit where
    units are split into fifths, else of two independent groups of units. A period in which a fifth has one unit has a
    gap and no limits, and says so.
    """
    if table.first_treated:
        first = pd.to_numeric(frame[table.first_treated], errors="coerce")
        ever = first.notna() & (first <= frame[table.time].max())
    else:
        on = pd.to_numeric(frame[table.treated], errors="coerce") == 1
        ever = on.groupby(frame[table.unit]).transform("any") if table.unit in frame.columns else on | True
    counts = counts_of(frame, table.outcome)
    rows = []
    for name, mine in ((STARTED, frame[ever]), (OTHERS, frame[~ever])):
        for period, part in mine.groupby(table.time, sort=True):
            behind = [
                float(counts[part.index][part[table.quintile] == fifth].sum(min_count=1)) for fifth in (MOST, LEAST)
            ]
            for measure, found in _gaps(part, table, level).items():
                rows.append((name, period, measure, *found, *behind))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def counts_of(frame: pd.DataFrame, outcome: str) -> pd.Series:
    """Return the counts behind ``outcome`` by row ('<outcome>_count', or itself where whole-numbered), else NaN."""
    name = f"{outcome}_count" if f"{outcome}_count" in frame.columns else outcome
    values = pd.to_numeric(frame[name], errors="coerce")
    whole = (values.dropna() >= 0).all() and (values.dropna() % 1 == 0).all()
    return values if whole else pd.Series(np.nan, index=frame.index)


def _gaps(part: pd.DataFrame, table: Table, level: float) -> dict[str, Gap]:
    unit = part[table.unit] if table.unit in part.columns else pd.Series(0, index=part.index)
    outcome = pd.to_numeric(part[table.outcome], errors="coerce")
    sides = [outcome[part[table.quintile] == fifth].groupby(unit).mean().dropna() for fifth in (MOST, LEAST)]
    both = sides[0].index.intersection(sides[1].index)
    if min(len(sides[0]), len(sides[1])) == 0:
        lost = "no unit in the most or in the least deprived fifth"
        return {name: (math.nan, math.nan, math.nan, 0, lost) for name in ("absolute", "relative")}
    if len(both):
        return _paired(sides[0][both].to_numpy(), sides[1][both].to_numpy(), level)
    return _apart(sides[0].to_numpy(), sides[1].to_numpy(), level)


def _paired(most: np.ndarray, least: np.ndarray, level: float) -> dict[str, Gap]:
    n, top, bottom = len(most), float(most.mean()), float(least.mean())
    gap = most - least
    se = float(gap.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    log_se = math.nan
    if n > 1 and min(top, bottom) > 0:
        log_se = float((most / top - least / bottom).std(ddof=1)) / math.sqrt(n)
    return _both(top, bottom, (se, log_se), (n - 1, n), level)


def _apart(most: np.ndarray, least: np.ndarray, level: float) -> dict[str, Gap]:
    sizes, top, bottom = (len(most), len(least)), float(most.mean()), float(least.mean())
    if min(sizes) < 2:
        return _both(top, bottom, (math.nan, math.nan), (0, sum(sizes)), level)
    parts = [float(each.var(ddof=1)) / len(each) for each in (most, least)]
    total = sum(parts)
    df = (
        total**2 / sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True)) if total > 0 else math.inf
    )
    log_se = math.sqrt(parts[0] / top**2 + parts[1] / bottom**2) if min(top, bottom) > 0 else math.nan
    return _both(top, bottom, (math.sqrt(total), log_se), (df, sum(sizes)), level)


def _both(
    top: float, bottom: float, errors: tuple[float, float], size: tuple[float, int], level: float
) -> dict[str, Gap]:
    (se, log_se), (df, units) = errors, size
    alone = "one unit in a fifth: no limits" if math.isnan(se) else ""
    width = critical(level, df) if not alone else math.nan
    absolute = (top - bottom, top - bottom - width * se, top - bottom + width * se, units, alone)
    if bottom <= 0:
        return {
            "absolute": absolute,
            "relative": (math.nan, math.nan, math.nan, units, "nothing among the least deprived"),
        }
    ratio = top / bottom
    if math.isnan(log_se):
        why = alone or "nothing among the most deprived: no limits of the ratio"
        return {"absolute": absolute, "relative": (ratio, math.nan, math.nan, units, why)}
    spread = math.exp(width * log_se)
    return {"absolute": absolute, "relative": (ratio, ratio / spread, ratio * spread, units, "")}
