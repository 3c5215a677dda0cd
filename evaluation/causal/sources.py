"""Where a table to evaluate comes from: a run folder, records of an NHS dataset, or a CSV panel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.causal.observed import numbers, observe, read_csv, with_population
from evaluation.causal.plasmode import rolled_out, unit_months
from evaluation.outcomes import OUTCOMES
from evaluation.panel import read_panel
from evaluation.run_folder import USUAL
from scenarios.errors import InputError, nearest


@dataclass(frozen=True)
class Source:
    """A table with 'unit', 'month', the outcomes and, where starts were given, 'first_treated'.

    ``effect``: the known mean effect on the treated by outcome, of a simulated roll-out; ``words``: what the table is.
    """

    frame: pd.DataFrame
    words: str
    effect: Mapping[str, float] = field(default_factory=dict)


def parse_starts(text: str) -> dict[str, str]:
    """Return the start by unit from 'W1=6,W2=2024-07' or from a CSV file with columns unit and start."""
    path = Path(text)
    if path.suffix == ".csv":
        table = read_csv(path)
        for name in ("unit", "start"):
            if name not in table.columns:
                raise InputError(str(path), f"column '{name}' is missing: {nearest(name, map(str, table.columns))}")
        pairs = [(str(row["unit"]), str(row["start"])) for row in table.dropna().to_dict("records")]
    else:
        parts = [part.partition("=") for part in text.split(",")]
        if not all(middle and name.strip() and value.strip() for name, middle, value in parts):
            raise InputError("starts", f"'{text}'; write UNIT=MONTH,UNIT=MONTH or the name of a .csv file")
        pairs = [(name.strip(), value.strip()) for name, _, value in parts]
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InputError("starts", "a unit is given twice")
    return found


def from_run(
    folder: Path,
    unit: str,
    outcomes: Sequence[str],
    starts: Mapping[str, str],
    design: str = "",
    replication: int = 0,
    as_lived: bool = False,
) -> Source:
    """Return the unit-months of a run with the simulated effect moved to ``starts`` (see rolled_out).

    One arm alone is used as it is: a roll-out without effect. ``as_lived``: the design arm itself. ``design``: which
    arm, default the last that is not the baseline. Raises InputError for a missing file, outcome, arm or replication.
    """
    known = {each.name: each for each in OUTCOMES}
    for name in outcomes:
        if name not in known:
            raise InputError("outcome", f"no such outcome '{name}': {nearest(name, known)}")
    panel = read_panel(folder / "panel.parquet")
    arms = [str(arm) for arm in panel["arm"].unique()]
    usual = USUAL if USUAL in arms else arms[0]
    chosen = design or next((arm for arm in reversed(arms) if arm != usual), usual)
    if chosen not in arms:
        raise InputError("arm", f"no arm '{chosen}' in the run: {nearest(chosen, arms)}")
    panel = panel[(panel["replication"] == replication) & (panel["draw"] == panel["draw"].min())]
    if panel.empty:
        raise InputError("replication", f"the run has no replication {replication}")
    months = np.sort(panel["month"].unique())
    given = {
        name: _month(start, dict(zip(panel["month_start"], panel["month"], strict=True)))
        for name, start in starts.items()
    }
    table = unit_months(panel, unit, [known[name] for name in outcomes])
    made, effects = None, {}
    for name in outcomes:
        part = rolled_out(table, (usual, chosen), unit, name, given, as_lived)
        on = part["month"] >= part["first_treated"]
        effects[name] = float(part["effect"][on].mean())
        part = part.drop(columns="effect").rename(columns={unit: "unit"})
        made = part if made is None else made.merge(part[["unit", "month", name]], on=["unit", "month"])
    if made is None:
        raise InputError("outcome", "none was named")
    words = f"simulated: {chosen} against {usual}, replication {replication}, {len(months)} months; the effect is known"
    return Source(made, words, effects)


def from_csv(
    path: Path, starts: Mapping[str, str], outcome: str, dataset: str = "", unit: str = "unit", **more: object
) -> Source:
    """Return the table in a CSV file: a panel as it is, or the records of ``dataset`` counted by unit and month.

    ``more``: ``names`` (field to column, for records) and ``population`` (a CSV of unit, population and, if it
    changes, month). Raises InputError naming file, column and value.
    """
    frame = read_csv(path)
    if dataset:
        names = more.get("names")
        table = observe(frame, dataset, unit, names if isinstance(names, dict) else {})
        words = f"{len(frame)} records of {dataset}, {table['unit'].nunique()} units, {table['month'].nunique()} months"
    else:
        table = numbers(frame)
        words = f"{path.name}: {len(frame)} rows"
    population = more.get("population")
    if isinstance(population, Path):
        if not dataset:
            table = table.rename(columns={unit: "unit"})
            table["unit"] = table["unit"].astype(str)
        table = with_population(table, numbers(read_csv(population)), outcome)
    if starts:
        table = _with_starts(table, "unit" if dataset or population else unit, starts)
    return Source(table, words)


def _with_starts(table: pd.DataFrame, unit: str, starts: Mapping[str, str]) -> pd.DataFrame:
    for name in (unit, "month"):
        if name not in table.columns:
            raise InputError("panel", f"column '{name}' is missing: {nearest(name, map(str, table.columns))}")
    units = set(table[unit].astype(str))
    for name in starts:
        if name not in units:
            raise InputError("starts", f"no unit '{name}': {nearest(name, units)}")
    dates = dict(zip(table["month_start"], table["month"], strict=True)) if "month_start" in table.columns else {}
    given = {name: float(_month(start, dates)) for name, start in starts.items()}
    made = table.copy()
    made["first_treated"] = made[unit].astype(str).map(given).astype(float)
    made["treated"] = (made["month"] >= made["first_treated"]).astype(int)
    return made


def _month(text: str, dates: Mapping[str, int]) -> int:
    """Return the number of a month given as a number, or as '2024-07' where the table has dates."""
    if re.fullmatch(r"-?\d{1,3}", text):
        return int(text)
    if text in dates:
        return int(dates[text])
    shown = f"{min(dates)} to {max(dates)}" if dates else "a month's number"
    raise InputError("starts", f"'{text}' is no month of the table; allowed: {shown}")
