"""Which months of a run a target is compared with, and which targets a run of that length cannot tell.

A figure of the run's own time is compared with the months that it is of, however long the run is. A bridged one stands
for another time: the whole run is compared with it, which says something of rates, and of a total or of people counted
once in a period only if the run is as long as that period.
"""

from __future__ import annotations

import pandas as pd

from calibration.matching.catalogue import Output
from calibration.matching.tables import RunTables
from calibration.targets.period import label
from calibration.targets.target import Target
from scenarios.errors import InputError

MONTH, START = "month", "month_start"
COUNTS = "counts"
NAMING = ("panel", "by_age", "hospital_months")  # tables that name their months, in the order in which they are asked
AT_THE_END = ("residents_now", "two_or_more_conditions", "frail")  # of ``counts``: of no length of time
EVENTS = ("ambulance_attended", "readmissions_30_days", "discharges")  # of ``counts``: their ratios are of any length


def missing(target: Target, words: str) -> InputError:
    """Return the error for a target that a run has no output for."""
    return InputError(f"{target.where} ({target.target})", f"no matching output: {words}")


def of_months(target: Target, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the target's months; all from go-live on if it is bridged, or the table names no months.

    Raises InputError if the table has none of the months.
    """
    mine = frame[frame[MONTH] >= 0] if MONTH in frame.columns else frame
    if target.bridged:
        return mine
    if START not in frame.columns:
        if MONTH in frame.columns and target.months.months == 1:
            raise missing(target, "this table does not name its months")
        return mine
    wanted = {label(number) for number in range(target.months.first, target.months.last + 1)}
    there = mine[START].unique()
    found = [start for start in there if str(start)[:7] in wanted]
    if not found:
        raise missing(target, f"the run has no month {target.months.words()}")
    return mine if len(found) == len(there) else mine[mine[START].isin(found)]


def months_of(run: RunTables) -> list[str]:
    """Return the observed months of a run as 'YYYY-MM'; none if no table of it names them."""
    for name in NAMING:
        if name in run and START in run.tables[name].columns:
            frame = run.tables[name]
            frame = frame[frame[MONTH] >= 0] if MONTH in frame.columns else frame
            return sorted({str(start)[:7] for start in frame[START].unique()})
    return []


def check_length(target: Target, output: Output, run: RunTables) -> None:
    """Raise InputError for a target that the run cannot tell because it is not as long as the target's period.

    Those are bridged totals, totals of months that the run has not all, people counted once in a period, and, unless
    bridged, whatever comes from tables that do not name their months.
    """
    months, here = target.months, months_of(run)
    if not here or len(here) == months.months:
        return
    words = f"{target.period} is of {months.months} months, and {run.where} of {len(here)}"
    if output.kind == "total":
        if target.bridged:
            raise missing(target, f"a bridged total is of the whole run: {words}")
        mine = sum(label(number) in here for number in range(months.first, months.last + 1))
        if mine < months.months:
            raise missing(target, f"a total needs every month of {target.period}, and {run.where} has {mine}")
    over_time = {term.column for term in (*output.numerator, *output.denominator) if term.table == COUNTS} - set(
        AT_THE_END
    )
    if over_time - set(EVENTS) or (over_time and not target.bridged):
        raise missing(target, f"{output.name} is counted over the whole run: {words}")
    unnamed = [name for name in output.tables - {COUNTS} if name in run and START not in run.tables[name].columns]
    if unnamed and not target.bridged:
        raise missing(target, f"the table '{unnamed[0]}' does not tell months apart: {words}")
