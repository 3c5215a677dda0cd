"""Reads a table of targets: our tidy form. Rows of roles that are not asked for are left unread, their values too."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from calibration.targets.columns import BY_NAME, COLUMNS, NAMES, ROLES, Column
from calibration.targets.target import NAN, Target, TargetSet
from scenarios.csv_rows import Rows, rows_of
from scenarios.errors import InputError, nearest, raise_all

TABLES = Path(__file__).with_name("tables")
NAME = re.compile(r"[a-z][a-z0-9_]*")
FLAGS = {"yes": True, "no": False, "": False}
DEFAULTS = {"weight": 1.0, "discrepancy": 0.0, "bridge_factor": 1.0, "bridge_error": 0.0}
MOST_BYTES = 50_000_000


def built_in() -> list[str]:
    """Return the names of the places that have targets of ours."""
    return sorted(path.stem for path in TABLES.glob("*.csv"))


def path_of(where: str | Path) -> Path:
    """Return the file of targets that ``where`` names: a path, or a place of ours. Raises InputError."""
    path = Path(where)
    if path.is_file():
        return path
    ours = TABLES / f"{where}.csv"
    if ours.is_file():
        return ours
    raise InputError(str(where), f"no such file of targets, and no place of ours; {nearest(str(where), built_in())}")


def read_targets(where: str | Path, roles: Collection[str] = ROLES) -> TargetSet:
    """Return the targets of some ``roles`` in a tidy CSV file, or of a place of ours (``england_average``).

    Of rows with another role nothing but the role is read: a fit asks for 'fitted' and cannot see what is held out.
    Raises InputError, one line for each problem, naming file, row and column.
    """
    path = path_of(where)
    found: list[Target] = []
    problems: list[InputError] = []
    for number, cells in target_rows(path):
        row = f"{path.name} row {number}"
        try:
            role = choice(cells, BY_NAME["role"], row)
            if role in roles:
                found.append(read_row(cells, row))
        except InputError as problem:
            problems.append(problem)
    raise_all(problems)
    if not found:
        raise InputError(path.name, f"holds no target that is {' or '.join(roles)}")
    return TargetSet(tuple(found), path.stem)


def target_rows(path: Path) -> Rows:
    """Return (row number as a spreadsheet shows it, cells by column). Raises InputError for a file that is no table."""
    if path.stat().st_size > MOST_BYTES:
        raise InputError(path.name, f"is larger than {MOST_BYTES:,} bytes")
    header, rows = rows_of(path, short=True)
    check_header(header, path.name)
    return rows


def check_header(header: list[str], where: str) -> None:
    """Raise InputError for a column that is missing, unknown or there twice."""
    for column in COLUMNS:
        if column.required and column.name not in header:
            raise InputError(where, f"column '{column.name}' is missing (found: {', '.join(header) or 'nothing'})")
    for name in header:
        if name not in BY_NAME:
            raise InputError(where, f"no such column '{name}': {nearest(name, NAMES)}")
        if header.count(name) > 1:
            raise InputError(where, f"column '{name}' is there twice")


def read_row(cells: Mapping[str, str], where: str) -> Target:
    """Return the target that ``cells`` describe. Raises InputError naming ``where`` and the column."""
    values: dict[str, object] = {}
    for column in COLUMNS:
        if column.kind == "number":
            values[column.name] = number(cells, column, where)
        elif column.kind == "flag":
            values[column.name] = flag(cells, column, where)
        else:
            values[column.name] = choice(cells, column, where)
    if not NAME.fullmatch(str(values["target"])):
        said = f"must be small letters, digits and _ (found '{values['target']}')"
        raise InputError(f"{where} column target", said)
    found = Target(**values, where=where)  # type: ignore[arg-type]
    _ = found.months  # a period that cannot be read is refused here
    return found


def choice(cells: Mapping[str, str], column: Column, where: str) -> str:
    """Return the words in a cell. Raises InputError if it is empty and may not be, or holds a word not allowed."""
    text = cells.get(column.name, "")
    if column.required and not text:
        raise InputError(f"{where} column {column.name}", "is empty")
    if text and column.allowed and text not in column.allowed:
        raise InputError(f"{where} column {column.name}", f"'{text}': {nearest(text, filter(None, column.allowed))}")
    return text


def flag(cells: Mapping[str, str], column: Column, where: str) -> bool:
    """Return whether a cell says yes. Raises InputError for anything but yes, no and nothing."""
    text = cells.get(column.name, "")
    if text not in FLAGS:
        raise InputError(f"{where} column {column.name}", f"must be yes or no (found '{text}')")
    return FLAGS[text]


def number(cells: Mapping[str, str], column: Column, where: str) -> float:
    """Return the number in a cell, its default if it is empty. Raises InputError if it is none, or not finite."""
    text = cells.get(column.name, "")
    place = f"{where} column {column.name}"
    if not text:
        if column.required:
            raise InputError(place, "is empty; a number is needed")
        return DEFAULTS.get(column.name, NAN)
    try:
        value = float(text)
    except ValueError:
        raise InputError(place, f"must be a number (found '{text}')") from None
    if not math.isfinite(value):
        raise InputError(place, f"must be a finite number (found '{text}')")
    return value
