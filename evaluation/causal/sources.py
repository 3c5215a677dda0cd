"""Where a table to evaluate comes from: a run folder, records of an NHS dataset, or a CSV panel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.causal.plasmode import rolled_out, unit_months
from evaluation.observed.dictionary import dictionary
from evaluation.observed.files import numbers, read_csv
from evaluation.observed.records import FIFTHS, How, read_records, with_population
from evaluation.outcomes import OUTCOMES
from evaluation.panel import read_panel, totals
from evaluation.run_folder import USUAL
from scenarios.errors import InputError, nearest

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
    the design arm itself, for a design that starts unit by unit.
    """

    design: str = ""
    replication: int = 0
    as_lived: bool = False


@dataclass(frozen=True)
class FromFile:
    """How a CSV file is read: ``dataset`` (its rows are records of it; empty: it is a panel), ``unit``, ``how`` records
    are read, ``population`` (a CSV of unit, population and, if it changes, month and quintile).
    """

    dataset: str = ""
    unit: str = "unit"
    how: How | None = None
    population: Path | None = None
    rules: Path | None = None


def parse_starts(text: str) -> dict[str, str]:
    """Return the start by unit from 'W1=6,W2=2024-07' or from a CSV file with columns unit and start."""
    path = Path(text)
    if path.suffix == ".csv":
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
    dates = dict(zip(panel["month_start"], panel["month"], strict=True))
    given = {name: _month(start, dates) for name, start in starts.items()}
    counted, live = [known[name] for name in outcomes], live_from(folder, chosen)

    def rolled(quintiles: bool) -> tuple[dict[str, float], pd.DataFrame]:
        table = unit_months(panel, unit, counted, quintiles)
        return _rolled(table, (usual, chosen), unit, outcomes, (given, used.as_lived, live))

    effect, frame = rolled(quintiles=False)
    split = None if unit == "quintile" else rolled(quintiles=True)
    months = panel["month"].nunique()
    words = f"simulated: {chosen} against {usual}, replication {used.replication}, {months} months; the effect is known"
    fifths = {} if split is None else _by_fifth(split[1], outcomes)
    shown = None if split is None else split[1].drop(columns=[f"{name}_effect" for name in outcomes])
    tally = _tally(panel[panel["arm"] == usual], unit, counted[0].numerator, outcomes[0], given)
    plain = frame.drop(columns=[f"{name}_effect" for name in outcomes])
    return Source(plain, words, effect, shown, fifths, tally, simulated=True)


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
    frame = read_csv(path)
    split: pd.DataFrame | None = None
    tally, notes = pd.DataFrame(columns=list(TALLY)), tuple[str, ...]()
    people = None if used.population is None else read_people(used.population)
    if used.dataset:
        how = used.how or How()
        rules = dictionary(used.rules)
        counted = read_records(frame, used.dataset, used.unit, How(how.names, how.where, how.quintile, rules))
        table, notes = counted.table(), counted.notes
        if outcome not in table.columns:
            hint = next((note for note in notes if note.startswith(f"{outcome} ")), nearest(outcome, table.columns))
            raise InputError("outcome", f"no column '{outcome}' comes of these records: {hint}")
        if counted.fifths:
            split = counted.table(quintiles=True, lived_in=_lived_in(people))
            notes += _absent(split, people)
        months = dict(zip(table["month_start"], table["month"], strict=True))
        tally = counted.tally({name: _month(start, months) for name, start in starts.items()})
        tally = tally[tally["outcome"] == outcome.removesuffix("_people")].reset_index(drop=True)
        notes = tuple(note for note in notes if ":" not in note or note.startswith((f"{outcome} ", f"{outcome}:")))
        words = f"{len(frame)} records of {used.dataset}, {table['unit'].nunique()} units, {len(months)} months"
    else:
        table = numbers(frame, codes=(used.unit,))
        words = f"{path.name}: {len(frame)} rows"
    by_unit = "unit" if used.dataset or used.population is not None else used.unit
    if people is not None:
        if not used.dataset:
            _check_panel_names(table, used.unit)
            table = table.rename(columns={used.unit: "unit"})
            table["unit"] = table["unit"].astype(str)
        people = _numbered_months(people, table, used.population)
        notes += _unused(table, people)
        table, split = _with_people(table, split, people, outcome)
    if starts:
        table = _with_starts(table, by_unit, starts)
        split = None if split is None else _with_starts(split, by_unit, starts)
    return Source(table, words, split=split, tally=tally, notes=notes)


def read_people(path: Path) -> pd.DataFrame:
    """Return a file of populations: unit, population, and month and quintile where it has them.

    Raises InputError, with the row, for a population that is no number of 0 or more, and for a missing column.
    """
    people = numbers(read_csv(path), codes=("unit",))
    for name in ("unit", "population"):
        if name not in people.columns:
            raise InputError(str(path), f"column '{name}' is missing: {nearest(name, map(str, people.columns))}")
    values = pd.to_numeric(people["population"], errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(bad):
        found = people["population"].iloc[bad[0]]
        raise InputError(f"{path} row {bad[0] + 2}", f"population is '{found}'; a number of 0 or more is needed")
    return people.assign(population=values)


def _numbered_months(people: pd.DataFrame, table: pd.DataFrame, path: Path | None) -> pd.DataFrame:
    """Return populations by the numbers that months have in ``table``, where they were given as '2024-07'."""
    if "month" not in people.columns or pd.api.types.is_numeric_dtype(people["month"]):
        return people
    dates = {} if "month_start" not in table.columns else dict(zip(table["month_start"], table["month"], strict=True))
    there = people["month"].astype(str).isin(dates)
    if not there.any():
        shown = f"{min(dates)} to {max(dates)}" if dates else "months' numbers"
        raise InputError(str(path), f"column 'month' holds '{people['month'].iloc[0]}'; allowed: {shown}")
    return people[there].assign(month=people.loc[there, "month"].astype(str).map(dates).astype(int))


def _check_panel_names(table: pd.DataFrame, unit: str) -> None:
    """Raise InputError for a panel whose columns the population file's would meet."""
    if unit not in table.columns:
        raise InputError("unit", f"no column '{unit}': {nearest(unit, map(str, table.columns))}")
    if unit != "unit" and "unit" in table.columns:
        raise InputError("panel", f"has a column 'unit' beside '{unit}': leave out the one that is not used")
    if "population" in table.columns:
        raise InputError("panel", "has a column 'population' of its own: leave out that or --population")


def _lived_in(people: pd.DataFrame | None) -> frozenset[tuple[str, int]]:
    """Return the units and fifths in which anybody lives by the file of populations, if it tells fifths."""
    if people is None or not {"unit", "quintile", "population"} <= set(people.columns):
        return frozenset()
    fifth = pd.to_numeric(people["quintile"], errors="coerce")
    some = (pd.to_numeric(people["population"], errors="coerce") > 0) & fifth.isin(range(1, FIFTHS + 1))
    return frozenset(zip(people.loc[some, "unit"].astype(str), fifth[some].astype(int), strict=True))


def _absent(split: pd.DataFrame, people: pd.DataFrame | None) -> tuple[str, ...]:
    """Return a note of how many units lack a fifth: of which there is neither a record nor, where known, a resident."""
    lacking = int((split.groupby("unit")["quintile"].nunique() < FIFTHS).sum())
    why = "record" if people is None or "quintile" not in people.columns else "record or resident"
    of = split["unit"].nunique()
    return (f"some fifth has no {why} in {lacking} of {of} units, and is left out there",) if lacking else ()


def _unused(table: pd.DataFrame, people: pd.DataFrame) -> tuple[str, ...]:
    """Return a note of units with a population and no record: they are not among what is compared."""
    if "unit" not in people.columns or "unit" not in table.columns:
        return ()
    left = len(set(people["unit"].astype(str)) - set(table["unit"].astype(str)))
    return (f"of the units of the population file {left} have no row here, and are left out",) if left else ()


def _with_people(
    table: pd.DataFrame, split: pd.DataFrame | None, people: pd.DataFrame, outcome: str
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return both tables as rates: a population by fifth is added up for the whole, and the split needs one."""
    if "quintile" not in people.columns or "quintile" in table.columns:
        return with_population(table, people, outcome), None
    keys = [name for name in ("unit", "month") if name in people.columns]
    summed = people.groupby(keys)["population"].sum().reset_index()
    return with_population(table, summed, outcome), None if split is None else with_population(split, people, outcome)


def _rolled(
    table: pd.DataFrame,
    arms: tuple[str, str],
    unit: str,
    outcomes: Sequence[str],
    how: tuple[Mapping[str, int], bool, int],
) -> tuple[dict[str, float], pd.DataFrame]:
    """Return the known mean effects, and every outcome rolled out, with '<outcome>_effect' beside it."""
    starts, as_lived, live = how
    made, effects = None, {}
    for name in outcomes:
        part = rolled_out(table, arms, unit, name, starts, as_lived, live)
        on = part["month"] >= part["first_treated"]
        effects[name] = float(part.loc[on, "effect"].mean())
        part = part.rename(columns={unit: "unit", "effect": f"{name}_effect"})
        keys = [column for column in ("unit", "quintile", "month") if column in part.columns]
        made = part if made is None else made.merge(part[[*keys, name, f"{name}_effect"]], on=keys)
    return effects, pd.DataFrame(made)


def _by_fifth(split: pd.DataFrame, outcomes: Sequence[str]) -> dict[tuple[str, int], float]:
    on = split[split["month"] >= split["first_treated"]]
    found = {}
    for name in outcomes:
        means = on.groupby("quintile", as_index=False)[f"{name}_effect"].mean()
        for fifth, value in zip(means["quintile"], means[f"{name}_effect"], strict=True):
            found[(name, int(fifth))] = float(value)
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
    """Return the number of a month given as a number, or as '2024-07' where the table has dates."""
    if re.fullmatch(r"-?\d{1,3}", text):
        return int(text)
    if text in dates:
        return int(dates[text])
    shown = f"{min(dates)} to {max(dates)}" if dates else "a month's number"
    raise InputError("starts", f"'{text}' is no month of the table; allowed: {shown}")
