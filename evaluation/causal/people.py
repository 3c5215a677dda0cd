"""Who an outcome is counted over: a file of populations beside the table, or a column of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.observed.files import numbers, read_csv
from evaluation.observed.records import FIFTHS, HEADER_ROWS, as_rates, with_population
from scenarios.errors import InputError, nearest


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


def numbered_months(people: pd.DataFrame, table: pd.DataFrame, path: Path | None) -> pd.DataFrame:
    """Return populations by the numbers that months have in ``table``, where they were given as '2024-07'."""
    if "month" not in people.columns or pd.api.types.is_numeric_dtype(people["month"]):
        return people
    dates = {} if "month_start" not in table.columns else dict(zip(table["month_start"], table["month"], strict=True))
    there = people["month"].astype(str).isin(dates)
    if not there.any():
        shown = f"{min(dates)} to {max(dates)}" if dates else "months' numbers"
        raise InputError(str(path), f"column 'month' holds '{people['month'].iloc[0]}'; allowed: {shown}")
    return people[there].assign(month=people.loc[there, "month"].astype(str).map(dates).astype(int))


def check_panel_names(table: pd.DataFrame, unit: str) -> None:
    """Raise InputError for a panel whose columns the population file's would meet."""
    if unit not in table.columns:
        raise InputError("unit", f"no column '{unit}': {nearest(unit, map(str, table.columns))}")
    if unit != "unit" and "unit" in table.columns:
        raise InputError("panel", f"has a column 'unit' beside '{unit}': leave out the one that is not used")
    if "population" in table.columns:
        raise InputError("panel", "has a column 'population' of its own: leave out that or --population")


def lived_in(people: pd.DataFrame | None) -> frozenset[tuple[str, int]]:
    """Return the units and fifths in which anybody lives by the file of populations, if it tells fifths."""
    if people is None or not {"unit", "quintile", "population"} <= set(people.columns):
        return frozenset()
    fifth = pd.to_numeric(people["quintile"], errors="coerce")
    some = (pd.to_numeric(people["population"], errors="coerce") > 0) & fifth.isin(range(1, FIFTHS + 1))
    return frozenset(zip(people.loc[some, "unit"].astype(str), fifth[some].astype(int), strict=True))


def absent(split: pd.DataFrame, people: pd.DataFrame | None) -> tuple[str, ...]:
    """Return a note of how many units lack a fifth: of which there is neither a record nor, where known, a resident."""
    lacking = int((split.groupby("unit")["quintile"].nunique() < FIFTHS).sum())
    why = "record" if people is None or "quintile" not in people.columns else "record or resident"
    of = split["unit"].nunique()
    return (f"some fifth has no {why} in {lacking} of {of} units, and is left out there",) if lacking else ()


def without_rows(table: pd.DataFrame, people: pd.DataFrame) -> tuple[str, ...]:
    """Return a note of units with a population and no record: they are not among what is compared."""
    if "unit" not in people.columns or "unit" not in table.columns:
        return ()
    left = len(set(people["unit"].astype(str)) - set(table["unit"].astype(str)))
    return (f"of the units of the population file {left} have no row here, and are left out",) if left else ()


def with_people(
    table: pd.DataFrame, split: pd.DataFrame | None, people: pd.DataFrame, outcomes: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return both tables as rates: a population by fifth is added up for the whole, and the split needs one."""
    if "quintile" not in people.columns or "quintile" in table.columns:
        return with_population(table, people, *outcomes), None
    keys = [name for name in ("unit", "month") if name in people.columns]
    summed = people.groupby(keys)["population"].sum().reset_index()
    whole = with_population(table, summed, *outcomes)
    return whole, None if split is None else with_population(split, people, *outcomes)


def with_column(table: pd.DataFrame, column: str, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return ``table`` with ``outcomes`` per 1,000 of the people in ``column``, called 'population', as from a file.

    ``table``: its index numbers the rows of the file from 0. Raises InputError for a missing column, or a row whose
    people are no number above 0.
    """
    for name, where in ((column, "population"), (outcomes[0], "outcome")):
        if name not in table.columns:
            raise InputError(where, f"no column '{name}': {nearest(name, map(str, table.columns))}")
    if column in outcomes:
        raise InputError("population", f"'{column}' is an outcome too; name the column of people")
    if column != "population" and "population" in table.columns:
        raise InputError("panel", f"has a column 'population' beside '{column}': leave out the one that is not used")
    people = pd.to_numeric(table[column], errors="coerce")
    bad = ~((people > 0) & np.isfinite(people))
    if bad.any():
        row = int(table.index[bad.to_numpy()][0]) + HEADER_ROWS
        words = f"row {row}, column '{column}' is '{table[column][bad].iloc[0]}'; people, a number above 0, are needed"
        raise InputError("panel", words)
    return as_rates(table.rename(columns={column: "population"}).assign(population=people), outcomes)
