"""Tables of what a spreadsheet would have said of targets: ours for the built-in tables of targets, or a user's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from scenarios.csv_rows import need_columns, rows_of
from scenarios.errors import InputError, nearest, raise_all

TABLES = Path(__file__).parent / "tables"
NATIONAL, BEFORE = "national_rates", "year_before"
PREDICTORS = (NATIONAL, BEFORE)


@dataclass(frozen=True)
class Said:
    """What one spreadsheet says of one target: ``value`` in its unit, before it is bridged; ``how``: in words."""

    target: str
    predictor: str
    value: float
    how: str
    source: str = ""
    basis: str = "derived"


COLUMNS = tuple(field.name for field in fields(Said))


def built_in(name: str) -> Path | None:
    """Return our table for the table of targets called ``name``, None if there is none."""
    path = TABLES / f"{name}.csv"
    return path if path.is_file() else None


def read_said(path: Path) -> list[Said]:
    """Return a table's rows. Raises InputError, one line for each problem: columns, numbers, predictors, duplicates."""
    header, rows = rows_of(path)
    need_columns(path, header, COLUMNS)
    problems: list[InputError] = []
    said: list[Said] = []
    for number, cells in rows:
        try:
            said.append(read_row(cells, f"{path.name} row {number}"))
            if any((one.target, one.predictor) == (said[-1].target, said[-1].predictor) for one in said[:-1]):
                raise InputError(f"{path.name} row {number}", f"{said[-1].target} has {said[-1].predictor} twice")
        except InputError as problem:
            problems.append(problem)
    raise_all(problems)
    return said


def read_row(cells: dict[str, str], where: str) -> Said:
    """Return one row. Raises InputError naming ``where`` and the column."""
    if cells["predictor"] not in PREDICTORS:
        words = f"'{cells['predictor']}': {nearest(cells['predictor'], PREDICTORS)}"
        raise InputError(f"{where} column predictor", words)
    try:
        value = float(cells["value"])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where} column value", f"must be a number (found '{cells['value']}')")
    return Said(cells["target"], cells["predictor"], value, cells["how"], cells["source"], cells["basis"])


def write_said(said: Sequence[Said], path: Path) -> None:
    """Write rows as a table, whole or not at all."""
    from scenarios.whole_file import write_text

    lines = [",".join(COLUMNS)]
    for one in said:
        cells = [one.target, one.predictor, f"{one.value:.6g}", one.how, one.source, one.basis]
        lines.append(",".join(quoted(cell) for cell in cells))
    write_text(path, "\n".join(lines) + "\n")


def quoted(cell: str) -> str:
    """Return a cell in quotes if it needs them."""
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\n') else cell
