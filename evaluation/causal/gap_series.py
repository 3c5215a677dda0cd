"""The gap between the most and the least deprived fifth, period by period, where the service started and elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.causal.designs import Table
from evaluation.causal.study import NEVER, starts_given
from evaluation.estimate import critical
from evaluation.inequality.pairs import absolute_gap, relative_gap
from evaluation.outcomes import counts_events
from evaluation.standardisation.crude import crude_rate

COLUMNS = (
    "series",
    "period",
    "measure",
    "estimate",
    "lower",
    "upper",
    "units",
    "limits",
    "reason",
    "most",
    "least",
    "count_most",
    "count_least",
)
MOST, LEAST = 1, 5
LEAST_UNITS = 5  # below which how units differ says too little of a gap's error
Gap = tuple[float, float, float, str]
Spread = tuple[float, float, tuple[float, float], float, int]
STARTED, OTHERS = "places where the service started", "other places"


def gap_series(frame: pd.DataFrame, table: Table, level: float) -> pd.DataFrame:
    """Return the gap of each period: columns COLUMNS; measure 'absolute' (most less least) or 'relative' (over).

    Means over units, each counting once; 'most' and 'least' are the means of the two fifths, with the counts behind
    them where there are any. Limits by Student's t from how units differ: of the gap within each unit where units are
    split into fifths, else of two independent groups of units. With fewer than LEAST_UNITS units, and counts of events
    and populations known, rates of all units together have Byar's limits, combined by MOVER, which take events as
    independent ('limits' says which). Days, hours and waits are no events (counts_events of evaluation/outcomes.py):
    theirs are of units only. A period in which a fifth then has one unit has no limits, and says so.
    """
    if table.first_treated:
        ever = starts_given(frame[table.first_treated], frame[table.time].min(), frame[table.time].max()) < NEVER
    else:
        on = pd.to_numeric(frame[table.treated], errors="coerce") == 1
        ever = on.groupby(frame[table.unit]).transform("any") if table.unit in frame.columns else on | True
    rows = []
    for name, mine in ((STARTED, frame[ever]), (OTHERS, frame[~ever])):
        for period, part in mine.groupby(table.time, sort=True):
            rows += [(name, period, *found) for found in _gaps(part, table, level)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def counts_of(frame: pd.DataFrame, outcome: str) -> pd.Series:
    """Return the counts behind ``outcome`` by row ('<outcome>_count', or itself where whole-numbered), else NaN."""
    name = f"{outcome}_count" if f"{outcome}_count" in frame.columns else outcome
    values = pd.to_numeric(frame[name], errors="coerce")
    whole = (values.dropna() >= 0).all() and (values.dropna() % 1 == 0).all()
    return values if whole else pd.Series(np.nan, index=frame.index)


def _gaps(part: pd.DataFrame, table: Table, level: float) -> list[tuple[object, ...]]:
    """Return (measure, estimate, lower, upper, units, limits, reason, most, least, counts) for both measures."""
    unit = part[table.unit] if table.unit in part.columns else pd.Series(0, index=part.index)
    outcome = pd.to_numeric(part[table.outcome], errors="coerce")
    sides, behind = [], []
    for fifth in (MOST, LEAST):
        mine = part[table.quintile] == fifth
        sides.append(outcome[mine].groupby(unit).mean().dropna())
        behind.append(float(counts_of(part[mine], table.outcome).sum(min_count=1)))
    if min(len(sides[0]), len(sides[1])) == 0:
        lost = "no unit in the most or in the least deprived fifth"
        nan = math.nan
        return [(name, nan, nan, nan, 0, "", lost, nan, nan, *behind) for name in ("absolute", "relative")]
    units = len(sides[0].index.union(sides[1].index))
    people = [_people(part[part[table.quintile] == fifth]) for fifth in (MOST, LEAST)]
    events, known = counts_events(table.outcome), not math.isnan(sum(behind) + sum(people))
    if units < LEAST_UNITS and events and known:
        return _of_counts(outcome, part, table, (behind, people), (units, level))
    both = sides[0].index.intersection(sides[1].index)
    if len(both):
        top, bottom, errors, df, _ = _paired(sides[0][both].to_numpy(), sides[1][both].to_numpy())
    else:
        top, bottom, errors, df, _ = _apart(sides[0].to_numpy(), sides[1].to_numpy())
    alone = "one unit in a fifth: no limits"
    if known and not events:
        alone = f"one unit in a fifth, and '{table.outcome}' counts no independent events: no limits"
    found = _both((top, bottom), errors, df, level, alone)
    rows = []
    for name, (*figures, reason) in found.items():
        limits = "" if math.isnan(figures[1]) else "of units"
        rows.append((name, *figures, units, limits, reason, top, bottom, *behind))
    return rows


def _people(part: pd.DataFrame) -> float:
    if "population" not in part.columns:
        return math.nan
    return float(pd.to_numeric(part["population"], errors="coerce").sum(min_count=1))


def _of_counts(
    outcome: pd.Series,
    part: pd.DataFrame,
    table: Table,
    known: tuple[list[float], list[float]],
    how: tuple[int, float],
) -> list[tuple[object, ...]]:
    """Return the gaps of rates of all units together, limits from their counts."""
    (counts, people), (units, level) = known, how
    whole = counts_of(part, table.outcome)
    rows = part[whole > 0]
    per = float((outcome[rows.index] * rows["population"] / whole[rows.index]).median()) if len(rows) else 1.0
    rates = [crude_rate(count, size, per, level) for count, size in zip(counts, people, strict=True)]
    found = []
    for name, made in (("absolute", absolute_gap(*rates)), ("relative", relative_gap(*rates))):
        limits = "of counts" if not math.isnan(made.lower) else ""
        figures = (made.estimate, made.lower, made.upper, units, limits, made.reason)
        found.append((name, *figures, rates[0].estimate, rates[1].estimate, *counts))
    return found


def _paired(most: np.ndarray, least: np.ndarray) -> Spread:
    n, top, bottom = len(most), float(most.mean()), float(least.mean())
    se = log_se = math.nan
    if n > 1:
        se = float((most - least).std(ddof=1)) / math.sqrt(n)
        if min(top, bottom) > 0:
            log_se = float((most / top - least / bottom).std(ddof=1)) / math.sqrt(n)
    return top, bottom, (se, log_se), n - 1, n


def _apart(most: np.ndarray, least: np.ndarray) -> Spread:
    sizes, top, bottom = (len(most), len(least)), float(most.mean()), float(least.mean())
    if min(sizes) < 2:
        return top, bottom, (math.nan, math.nan), 0, sum(sizes)
    parts = [float(each.var(ddof=1)) / len(each) for each in (most, least)]
    total = sum(parts)
    below = sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    df = total**2 / below if below > 0 else math.inf
    log_se = math.sqrt(parts[0] / top**2 + parts[1] / bottom**2) if min(top, bottom) > 0 else math.nan
    return top, bottom, (math.sqrt(total), log_se), df, sum(sizes)


def _both(
    sides: tuple[float, float], errors: tuple[float, float], df: float, level: float, why_none: str
) -> dict[str, Gap]:
    """Return (estimate, lower, upper, reason) of the absolute and the relative gap; ``why_none``: without an error."""
    (top, bottom), (se, log_se) = sides, errors
    alone = why_none if math.isnan(se) else ""
    width = critical(level, df) if not alone else math.nan
    absolute = (top - bottom, top - bottom - width * se, top - bottom + width * se, alone)
    if bottom <= 0:
        return {"absolute": absolute, "relative": (math.nan, math.nan, math.nan, "nothing in the least deprived fifth")}
    ratio = top / bottom
    if math.isnan(log_se):
        why = alone or "nothing in the most deprived fifth: no limits of the ratio"
        return {"absolute": absolute, "relative": (ratio, math.nan, math.nan, why)}
    spread = math.exp(width * log_se)
    return {"absolute": absolute, "relative": (ratio, ratio / spread, ratio * spread, "")}
