"""Real data as the panel knows it: records of NHS datasets counted by unit and month, people and events apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from scenarios.errors import InputError, nearest

MOST_BYTES = 4_000_000_000


def dictionary() -> pd.DataFrame:
    """Return the data dictionary: which field of which dataset becomes which column of the panel.

    Columns: dataset, title, role ('person', 'date', 'count' of rows, or 'sum' of ``field``), field, where_field and
    keep (only rows with one of these values, separated by '|'), panel_column, note, basis.
    """
    text = files("evaluation.causal").joinpath("dictionary.csv")
    with text.open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False)


def read_csv(path: Path) -> pd.DataFrame:
    """Return the CSV file ``path``, codes such as '01' kept as text. Raises InputError if it is not one."""
    if not path.is_file():
        raise InputError(str(path), "no such file; give a CSV file or the folder of a run")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(str(path), f"is larger than {MOST_BYTES // 10**9} GB: split it by year")
    try:
        return pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (ValueError, OSError, UnicodeDecodeError) as problem:
        raise InputError(str(path), f"is not a CSV file ({str(problem).splitlines()[0]})") from None


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with each column that holds only numbers (or nothing) as numbers."""
    made = frame.copy()
    for name in made.columns:
        values = pd.to_numeric(made[name], errors="coerce")
        if (values.notna() | made[name].isna()).all():
            made[name] = values
    return made


def observe(records: pd.DataFrame, dataset: str, unit: str, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return a row per unit and month: unit, month (0, 1, ...), month_start, and every column the dataset gives.

    ``records``: as extracted, text columns; field names may differ in case and punctuation, and ``names`` maps a
    dictionary field to the extract's own column. Each counted column ``x`` comes with ``x_people``: how many different
    people it was, where the dataset knows people. A unit's month without a record is 0. Raises InputError for an
    unknown dataset, a missing field, a date that cannot be read, or a number that is none.
    """
    known = dictionary()
    mine = known[known["dataset"] == dataset]
    if mine.empty:
        raise InputError("dataset", f"no such dataset '{dataset}': {nearest(dataset, known['dataset'].unique())}")
    columns = _found(records, mine, unit, names or {})
    table = pd.DataFrame({"unit": records[unit].astype(str)})
    table["month_start"] = _months(records[columns[_one(mine, "date")]], columns[_one(mine, "date")])
    person = _one(mine, "person")
    if person:
        table["person"] = records[columns[person]].to_numpy()
    months = pd.period_range(table["month_start"].min(), table["month_start"].max(), freq="M")
    grid = pd.MultiIndex.from_product([sorted(table["unit"].unique()), months], names=["unit", "month_start"])
    made = pd.DataFrame(index=grid)
    for rule in mine[mine["role"].isin(["count", "sum"])].to_dict("records"):
        wanted = records[columns[rule["where_field"]]].astype(str).str.strip().isin(str(rule["keep"]).split("|"))
        part = table[wanted.to_numpy()].assign(amount=1.0)
        if rule["role"] == "sum":
            part["amount"] = _amounts(records.loc[wanted, columns[rule["field"]]], columns[rule["field"]])
        grouped = part.groupby(["unit", "month_start"])
        made[rule["panel_column"]] = grouped["amount"].sum()
        if person and rule["role"] == "count":
            made[f"{rule['panel_column']}_people"] = grouped["person"].nunique()
    made = made.fillna(0.0).reset_index()
    made.insert(1, "month", made["month_start"].map({each: at for at, each in enumerate(months)}))
    made["month_start"] = made["month_start"].astype(str)
    return made


def with_population(table: pd.DataFrame, population: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return ``table`` with 'population' by unit (and month, where given) and ``outcome`` per 1,000 people a month.

    The count stays as '<outcome>_count'. Raises InputError for a missing column, a unit without a population, or one
    that is not above 0.
    """
    for name in ("unit", "population"):
        if name not in population.columns:
            raise InputError("population", f"column '{name}' is missing: {nearest(name, map(str, population.columns))}")
    if outcome not in table.columns:
        raise InputError("outcome", f"no column '{outcome}': {nearest(outcome, map(str, table.columns))}")
    keys = [name for name in ("unit", "month") if name in population.columns]
    people = population[[*keys, "population"]].copy()
    people["unit"] = people["unit"].astype(str)
    people["population"] = pd.to_numeric(people["population"], errors="coerce")
    if people.duplicated(keys).any():
        raise InputError("population", f"unit '{people['unit'][people.duplicated(keys)].iloc[0]}' comes twice")
    made = table.merge(people, on=keys, how="left")
    bad = ~(made["population"] > 0)
    if bad.any():
        raise InputError("population", f"unit '{made['unit'][bad].iloc[0]}' has none above 0")
    made[f"{outcome}_count"] = made[outcome]
    made[outcome] = 1000 * made[outcome] / made["population"]
    return made


def _one(mine: pd.DataFrame, role: str) -> str:
    found = mine.loc[mine["role"] == role, "field"]
    return str(found.iloc[0]) if len(found) else ""


def _found(records: pd.DataFrame, mine: pd.DataFrame, unit: str, names: Mapping[str, str]) -> dict[str, str]:
    """Return the extract's column for each field the dataset needs."""
    if unit not in records.columns:
        raise InputError("unit", f"no column '{unit}': {nearest(unit, map(str, records.columns))}")
    wanted = {name for name in (*mine["field"], *mine["where_field"]) if name}
    for name in names:
        if name not in wanted:
            raise InputError("map", f"no field '{name}' in this dataset: {nearest(name, wanted)}")
    plain = {_plain(str(column)): str(column) for column in records.columns}
    columns = {}
    for name in sorted(wanted):
        column = names.get(name) or plain.get(_plain(name), "")
        if column not in records.columns:
            hint = nearest(name, map(str, records.columns))
            raise InputError("records", f"no column for '{name}' ({hint}); name yours with --map {name}=COLUMN")
        columns[name] = column
    return columns


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _months(values: pd.Series, name: str) -> pd.Series:
    """Return months; dates as 2024-04-30, 2024-04, 30/04/2024 or 01APR2024."""
    text = values.astype(str).str.strip()
    made = pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns]")
    for form in ("%Y-%m-%d", "%Y-%m", "%d/%m/%Y", "%d%b%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        left = made.isna()
        made[left] = pd.to_datetime(text[left], format=form, errors="coerce")
    if made.isna().any():
        bad = text[made.isna()].iloc[0]
        raise InputError("records", f"column '{name}' holds '{bad}'; dates as 2024-04-30 or 30/04/2024 are needed")
    return made.dt.to_period("M")


def _amounts(values: pd.Series, name: str) -> np.ndarray:
    found = pd.to_numeric(values, errors="coerce")
    if found.isna().any():
        raise InputError("records", f"column '{name}' holds '{values[found.isna()].iloc[0]}'; a number is needed")
    if (found < 0).any():
        raise InputError("records", f"column '{name}' holds {found.min():g}; 0 or more is needed")
    return found.to_numpy(dtype=float)
