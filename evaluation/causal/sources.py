"""Where a table to evaluate comes from: a run folder, records of an NHS dataset, or a CSV panel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.causal.people import (
    absent,
    check_panel_names,
    lived_in,
    numbered_months,
    read_people,
    with_column,
    with_people,
    without_rows,
)
from evaluation.causal.plasmode import known_ratio, monthly_counts, rolled_out, unit_months
from evaluation.observed.dictionary import dictionary
from evaluation.observed.files import numbers, read_csv
from evaluation.observed.records import How, kept_rows, read_records
from evaluation.outcomes import OUTCOMES, Outcome
from evaluation.panel import read_panel, totals
from evaluation.run_folder import USUAL
from scenarios.errors import InputError, nearest

DIGITS = 3  # of a month's number, where months have dates too
TALLY = ("outcome", "places", "time", "events", "people")


@dataclass(frozen=True)
class Source:
    """A table with 'unit', 'month', the outcomes and, where starts were given, 'first_treated'.

    ``effect``: the known mean effect on the treated by outcome, of a simulated roll-out; ``words``: what the table is.
    ``split``: the same by fifth of deprivation (column 'quintile'), None where it is not known; ``split_effect``: the
    known effect by outcome and fifth. ``tally``: events and people behind the outcome (columns TALLY), empty where the
    table holds no counts. ``simulated``: nobody in it is a real person. ``notes``: what could not be counted.
    """

    frame: pd.DataFrame
    words: str
    effect: Mapping[str, float] = field(default_factory=dict)
    split: pd.DataFrame | None = None
    split_effect: Mapping[tuple[str, int], float] = field(default_factory=dict)
    tally: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TALLY)))
    simulated: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FromRun:
    """Which part of a run: ``design`` arm (default: the last that is not the baseline), ``replication``; ``as_lived``:
    the design arm itself, for a design that starts unit by unit; ``only``: these units (empty: all); ``series``: for a
    model of counts, with '<outcome>_count' and 'treated' in the table, and known effects as rate ratios.
    """

    design: str = ""
    replication: int = 0
    as_lived: bool = False
    only: tuple[str, ...] = ()
    series: bool = False


@dataclass(frozen=True)
class FromFile:
    """How a CSV file is read: ``dataset`` (its rows are records of it; empty: it is a panel), ``unit``, ``how`` records
    are read (``how.where`` keeps rows of a panel too), ``population`` (a CSV of unit, population and, if it changes,
    month and quintile) or ``people`` (a panel's own column of them): outcomes become rates, and so do ``others``
    (outcomes beside the first).
    """

    dataset: str = ""
    unit: str = "unit"
    how: How | None = None
    population: Path | None = None
    rules: Path | None = None
    people: str = ""
    others: tuple[str, ...] = ()


def parse_starts(text: str) -> dict[str, str]:
    """Return the start by unit from 'W1=6,W2=2024-07' or from a CSV file with columns unit and start."""
    path = Path(text)
    if path.suffix.lower() == ".csv":
        table = read_csv(path)
        for name in ("unit", "start"):
            if name not in table.columns:
                raise InputError(str(path), f"column '{name}' is missing: {nearest(name, map(str, table.columns))}")
        if table["unit"].isna().any():
            raise InputError(
                str(path), f"column 'unit' is empty beside the start '{table['start'][table['unit'].isna()].iloc[0]}'"
            )
        given = table[["unit", "start"]].dropna()  # no start: never
        pairs = [(str(row["unit"]), str(row["start"])) for row in given.to_dict("records")]
    else:
        parts = [part.partition("=") for part in text.split(",")]
        if not all(middle and name.strip() and value.strip() for name, middle, value in parts):
            raise InputError("starts", f"'{text}'; write UNIT=MONTH,UNIT=MONTH or the name of a .csv file")
        pairs = [(name.strip(), value.strip()) for name, _, value in parts]
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise InputError("starts", f"the unit '{next(name for name in names if names.count(name) > 1)}' is given twice")
    return found


def from_run(
    folder: Path, unit: str, outcomes: Sequence[str], starts: Mapping[str, str], which: FromRun | None = None
) -> Source:
    """Return the unit-months of a run with the simulated effect moved to ``starts`` (see rolled_out).

    One arm alone is used as it is: a roll-out without effect. Raises InputError for a missing file, outcome, arm or
    replication.
    """
    used = which or FromRun()
    known = {each.name: each for each in OUTCOMES}
    for name in outcomes:
        if name not in known:
            raise InputError("outcome", f"no such outcome '{name}': {nearest(name, known)}")
    if not outcomes:
        raise InputError("outcome", "none was named")
    panel = read_panel(folder / "panel.parquet")
    arms = [str(arm) for arm in panel["arm"].unique()]
    usual = USUAL if USUAL in arms else arms[0]
    chosen = used.design or next((arm for arm in reversed(arms) if arm != usual), usual)
    if chosen not in arms:
        raise InputError("arm", f"no arm '{chosen}' in the run: {nearest(chosen, arms)}")
    panel = panel[(panel["replication"] == used.replication) & (panel["draw"] == panel["draw"].min())]
    if panel.empty:
        raise InputError("replication", f"the run has no replication {used.replication}")
    counted = [known[name] for name in outcomes]
    if used.series:
        _refuse_means(counted)
    dates = dict(zip(panel["month_start"], panel["month"], strict=True))
    given = {name: _month(start, dates) for name, start in starts.items()}
    panel, given = _of_places(panel, unit, given, used.only)
    live = live_from(folder, chosen)

    def rolled(quintiles: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
        table = unit_months(panel, unit, counted, quintiles)
        made = _rolled(table, (usual, chosen), unit, outcomes, (given, used.as_lived, live))
        effects = made[[*(name for name in ("quintile",) if name in made), "month", "first_treated", "population"]]
        effects = effects.join(made[[*outcomes, *(f"{name}_effect" for name in outcomes)]])
        shown = made.drop(columns=[f"{name}_effect" for name in outcomes])
        return effects, monthly_counts(shown, counted) if used.series else shown

    effects, frame = rolled(quintiles=False)
    split = None if unit == "quintile" else rolled(quintiles=True)
    months = panel["month"].nunique()
    words = f"simulated: {chosen} against {usual}, replication {used.replication}, {months} months; the effect is known"
    fifths = {} if split is None else _by_fifth(split[0], outcomes, used.series)
    tally = _tally(panel[panel["arm"] == usual], unit, counted[0].numerator, outcomes[0], given)
    whole = {name: _known(effects, name, used.series) for name in outcomes}
    return Source(frame, words, whole, None if split is None else split[1], fifths, tally, simulated=True)


def _refuse_means(outcomes: Sequence[Outcome]) -> None:
    """Raise InputError for an outcome that a series, which is a model of counts, cannot have."""
    for each in outcomes:
        if not each.is_rate:
            words = f"'{each.name}' is a mean ({each.unit}), and a series needs counts: name an outcome per resident"
            raise InputError("outcome", words)


def _of_places(
    panel: pd.DataFrame, unit: str, starts: Mapping[str, int], only: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the panel and the starts of the units of ``only`` (all, if it is empty). Raises InputError for no unit."""
    if not only or unit not in panel.columns:
        return panel, dict(starts)
    units = set(panel[unit].astype(str))
    for where, names in (("only", only), ("starts", list(starts))):
        for name in names:
            if name not in units:
                raise InputError(where, f"no unit '{name}': {nearest(name, units)}")
    kept = panel[panel[unit].astype(str).isin(only)].reset_index(drop=True)
    return kept, {name: start for name, start in starts.items() if name in only}


def live_from(folder: Path, arm: str) -> int:
    """Return the month of a run's tables in which the design of ``arm`` goes live; 0 where the run does not say."""
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return int(told["designs"][arm]["live"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def from_csv(path: Path, starts: Mapping[str, str], outcome: str, read: FromFile | None = None) -> Source:
    """Return the table in a CSV file: a panel as it is, or the records of a dataset counted by unit and month.

    Raises InputError naming file, column and value.
    """
    try:
        return _from_csv(path, starts, outcome, read or FromFile())
    except InputError as problem:
        if problem.where in ("records", "panel"):
            raise InputError(f"{path.name} ({problem.where})", problem.problem) from None
        raise


def _from_csv(path: Path, starts: Mapping[str, str], outcome: str, used: FromFile) -> Source:
    people = None if used.population is None else read_people(used.population)
    made = _of_records(path, starts, outcome, used, people) if used.dataset else _of_panel(path, outcome, used)
    table, split, notes = made.frame, made.split, made.notes
    by_unit = "unit" if used.dataset or used.population is not None else used.unit
    if people is not None:
        if not used.dataset:
            check_panel_names(table, used.unit)
            table = table.rename(columns={used.unit: "unit"})
            table["unit"] = table["unit"].astype(str)
        people = numbered_months(people, table, used.population)
        notes += without_rows(table, people)
        table, split = with_people(table, split, people, (outcome, *used.others))
    if starts:
        table = _with_starts(table, by_unit, starts)
        split = None if split is None else _with_starts(split, by_unit, starts)
    return replace(made, frame=table, split=split, notes=notes)


def _of_panel(path: Path, outcome: str, used: FromFile) -> Source:
    """Return the rows of a panel that are wanted, as rates where it has a column of people."""
    frame = read_csv(path)
    where = used.how.where if used.how else ""
    table = numbers(kept_rows(frame, where), codes=(used.unit,))
    if where and table.empty:
        raise InputError("panel", f"holds no row where {where}")
    notes: tuple[str, ...] = ()
    if used.people:
        table = with_column(table, used.people, (outcome, *used.others))
        notes = (f"{outcome} is taken per 1,000 of '{used.people}' in each row",)
    words = f"{path.name}: {len(frame)} rows" + (f", {len(table)} of them where {where}" if where else "")
    return Source(table.reset_index(drop=True), words, notes=notes)


def _of_records(
    path: Path, starts: Mapping[str, str], outcome: str, used: FromFile, people: pd.DataFrame | None
) -> Source:
    """Return records of a dataset counted by unit and month."""
    frame, how = read_csv(path), used.how or How()
    how = How(how.names, how.where, how.quintile, dictionary(used.rules))
    counted = read_records(frame, used.dataset, used.unit, how)
    table, notes = counted.table(), counted.notes_for((outcome, *used.others))
    if outcome not in table.columns:
        of_it = (note for name, note in counted.of_columns if name == outcome.removesuffix("_people"))
        hint = next(of_it, nearest(outcome, table.columns))
        raise InputError("outcome", f"no column '{outcome}' comes of these records: {hint}")
    split = None
    if counted.fifths:
        split = counted.table(quintiles=True, lived_in=lived_in(people))
        notes += absent(split, people)
    months = dict(zip(table["month_start"], table["month"], strict=True))
    tally = counted.tally({name: _month(start, months) for name, start in starts.items()})
    tally = tally[tally["outcome"] == outcome.removesuffix("_people")].reset_index(drop=True)
    many = f"{counted.rows} of {len(frame)}" if how.where else f"{len(frame)}"
    words = f"{many} records of {used.dataset}, {table['unit'].nunique()} units, {len(months)} months"
    return Source(table, words, split=split, tally=tally, notes=notes)


def _rolled(
    table: pd.DataFrame,
    arms: tuple[str, str],
    unit: str,
    outcomes: Sequence[str],
    how: tuple[Mapping[str, int], bool, int],
) -> pd.DataFrame:
    """Return every outcome rolled out, with '<outcome>_effect', the known one, beside it."""
    starts, as_lived, live = how
    made = None
    for name in outcomes:
        part = rolled_out(table, arms, unit, name, starts, as_lived, live)
        part = part.rename(columns={unit: "unit", "effect": f"{name}_effect"})
        keys = [column for column in ("unit", "quintile", "month") if column in part.columns]
        made = part if made is None else made.merge(part[[*keys, name, f"{name}_effect"]], on=keys)
    return pd.DataFrame(made)


def _known(effects: pd.DataFrame, name: str, series: bool) -> float:
    """Return the known effect from the starts on: the mean difference, or the rate ratio of a series."""
    on = effects[effects["month"] >= effects["first_treated"]]
    return known_ratio(on, name) if series else float(on[f"{name}_effect"].mean())


def _by_fifth(effects: pd.DataFrame, outcomes: Sequence[str], series: bool) -> dict[tuple[str, int], float]:
    on = effects[effects["month"] >= effects["first_treated"]]
    found: dict[tuple[str, int], float] = {}
    for fifth in on["quintile"].unique():
        mine = on[on["quintile"] == fifth]
        found |= {(name, int(fifth)): _known(mine, name, series) for name in outcomes}
    return found


def _tally(panel: pd.DataFrame, unit: str, numerator: str, outcome: str, starts: Mapping[str, int]) -> pd.DataFrame:
    """Return events of usual care by place and time; a run's panel knows no persons."""
    counted = totals(panel, [unit, "month"], [numerator])
    start = counted[unit].astype(str).map(starts)
    places = np.where(start.notna(), "with a start", "others")
    time = np.where(
        start.isna(), "throughout", np.where(counted["month"] >= start, "from the start on", "before the start")
    )
    rows = [
        (outcome, place, when, float(mine[numerator].sum()), np.nan)
        for (place, when), mine in counted.groupby([places, time], sort=True)
    ]
    return pd.DataFrame(rows, columns=list(TALLY))


def _with_starts(table: pd.DataFrame, unit: str, starts: Mapping[str, str]) -> pd.DataFrame:
    for name in (unit, "month"):
        if name not in table.columns:
            raise InputError("panel", f"column '{name}' is missing: {nearest(name, map(str, table.columns))}")
    if not pd.api.types.is_numeric_dtype(table["month"]):
        raise InputError("panel", f"column 'month' holds '{table['month'].iloc[0]}'; whole numbers in order are needed")
    units = set(table[unit].astype(str))
    for name in starts:
        if name not in units:
            raise InputError("starts", f"no unit '{name}': {nearest(name, units)}")
    dates = dict(zip(table["month_start"], table["month"], strict=True)) if "month_start" in table.columns else {}
    given = {name: float(_month(start, dates)) for name, start in starts.items()}
    for name, start in given.items():
        if start > table["month"].max():
            last = f"{table['month'].max():g}, the last month"
            raise InputError(
                "starts", f"'{name}' starts in month {start:g}; allowed: up to {last} (leave out who never starts)"
            )
    made = table.copy()
    made["first_treated"] = made[unit].astype(str).map(given).astype(float)
    made["treated"] = (made["month"] >= made["first_treated"]).astype(int)
    return made


def _month(text: str, dates: Mapping[str, int]) -> int:
    """Return the number of a month given as a number (8, 8.0), or as '2024-07' or 202407 where the table has dates."""
    number = re.fullmatch(r"(-?\d+)(?:\.0*)?", text.strip())
    if number and (not dates or len(number[1].lstrip("-")) <= DIGITS):
        return int(number[1])
    date = text if number is None else f"{number[1][:4]}-{number[1][4:]}"
    if date in dates:
        return int(dates[date])
    shown = f"{min(dates)} to {max(dates)}" if dates else "a month's number, whole"
    raise InputError("starts", f"'{text}' is no month of the table; allowed: {shown}")
