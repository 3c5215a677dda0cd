"""The data dictionary: which field of which NHS dataset becomes which column of the panel, and what none of them holds.

A condition is written 'field=a|b' (one of these), 'field^=J4|E1' (begins with one), 'field>=1', 'field<1', 'field>240',
'field?' (is there) or 'field!' (is empty); several are joined by '; ' and must all hold.
"""

from __future__ import annotations

import math
import re
from importlib.resources import files
from pathlib import Path

import pandas as pd

from evaluation.observed.files import read_csv
from scenarios.errors import InputError, nearest

COLUMNS = ("dataset", "title", "role", "field", "where", "column", "in_panel", "note", "basis")
ROLES = ("person", "date", "decile", "count", "sum")
_CONDITION = re.compile(r"^\s*([^=<>^?!]+?)\s*(\^=|>=|<=|=|<|>|\?|!)\s*(.*?)\s*$")
_NUMERIC = {"<": pd.Series.lt, "<=": pd.Series.le, ">": pd.Series.gt, ">=": pd.Series.ge}


def dictionary(rules: Path | None = None) -> pd.DataFrame:
    """Return the rows of the dictionary, those of the CSV file ``rules`` (the same columns) added.

    Columns: dataset, title, role ('person', 'date', 'decile' of deprivation, 'count' of rows or 'sum' of ``field``),
    field, where (a condition), column (of the panel, if in_panel is 'yes'), note, and basis: 'found' (read at its
    source), 'recalled' (check it) or 'derived'. Raises InputError for a file that cannot be read, lacks a column, or
    holds an unknown role or a condition that cannot be read.
    """
    made = _table("dictionary.csv")
    if rules is None:
        return made
    more = read_csv(rules).fillna("")
    for name in ("dataset", "role", "field", "where", "column"):
        if name not in more.columns:
            raise InputError(str(rules), f"column '{name}' is missing: {nearest(name, map(str, more.columns))}")
    for at, row in enumerate(more.to_dict("records")):
        if row["role"] not in ROLES:
            raise InputError(f"{rules} row {at + 1}", f"role '{row['role']}': {nearest(str(row['role']), ROLES)}")
        conditions(str(row["where"]))
    defaults = {"title": "", "in_panel": "no", "note": "", "basis": "derived"}
    for name, value in defaults.items():
        if name not in more.columns:
            more[name] = value
    titles = made.groupby("dataset")["title"].first()
    more["title"] = [row["title"] or titles.get(row["dataset"], row["dataset"]) for row in more.to_dict("records")]
    return pd.concat([made, more[list(COLUMNS)]], ignore_index=True)


def not_observed() -> pd.DataFrame:
    """Return the columns of the panel that no dataset of the dictionary gives: column, why."""
    return _table("not_observed.csv")


def conditions(text: str) -> list[tuple[str, str, str]]:
    """Return (field, sign, value) of each condition in ``text``. Raises InputError for one that cannot be read."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        match = _CONDITION.match(part)
        if match is None or (match[2] in ("?", "!")) == bool(match[3]) or match[3].startswith("="):
            raise InputError("where", f"'{part}' cannot be read; write field=A|B, field^=A, field>=1, field? or field!")
        if match[2] in _NUMERIC and not is_number(match[3]):
            raise InputError("where", f"'{part}': a number is needed after >=, >, <= or <")
        found.append((match[1], match[2], match[3]))
    return found


def is_number(text: str) -> bool:
    """Return whether ``text`` is a number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def holds(values: pd.Series, sign: str, wanted: str) -> pd.Series:
    """Return in which rows a condition on ``values`` (text, may be missing) holds.

    Raises InputError where a number is needed and a value is none.
    """
    text = values.astype("string").str.strip().fillna("")
    if sign in _NUMERIC:
        numbers = pd.to_numeric(text.where(text != ""), errors="coerce")
        odd = (text != "") & numbers.isna()
        if odd.any():
            raise InputError("records", f"column '{values.name}' holds '{text[odd].iloc[0]}'; a number is needed")
        return _NUMERIC[sign](numbers, float(wanted)).fillna(False).astype(bool)
    if sign in ("?", "!"):
        return (text != "") == (sign == "?")
    choices = [each.strip() for each in wanted.split("|")]
    if sign == "^=":
        return text.str.replace(".", "", regex=False).str.startswith(tuple(choices)).astype(bool)
    return text.isin(choices)


def _table(name: str) -> pd.DataFrame:
    with files("evaluation.observed").joinpath(name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False)
