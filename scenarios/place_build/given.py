"""Read one file by LSOA or by ward as it was published: CSV or Excel, with lines above the header and notes below."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scenarios.errors import InputError
from scenarios.place_build.headers import LSOA, LSOA_2011, LSOA_2021, LSOA_KEYS, RANK, meaning, rank_column

LOOKED_AT = 20  # lines in which the header is looked for
SHEET = "#"  # parts a workbook's name from its sheet's
EXCEL = (".xlsx", ".xlsm")
BLANKS = ("", "-", "..", ":", "[x]", "na", "n/a", "nan", "none")


@dataclass(frozen=True)
class Given:
    """One file as read.

    ``table``: text, under our names; ``headers``: our name, the file's own; ``unused``: headers that say nothing to us;
    ``key``: which of its columns rows are known by: a year's LSOA code, or '' where rows are wards.
    """

    file: str
    table: pd.DataFrame
    headers: dict[str, str]
    unused: tuple[str, ...]
    key: str

    @property
    def is_crosswalk(self) -> bool:
        """Whether it says which LSOAs of 2011 those of 2021 were."""
        return LSOA_2011 in self.table and LSOA_2021 in self.table


def read_given(named: str) -> Given:
    """Return the file, or sheet of a workbook, of that name.

    ``named``: a path, or ``workbook.xlsx#sheet``. Raises InputError for a file that is not there or cannot be read, one
    without a column of LSOA codes (or of wards and neighbourhoods), and a workbook with several such sheets.
    """
    path, sheet = split(named)
    if not path.is_file():
        raise InputError(named, "is no file")
    found = [(name, rows) for name, rows in sheets(path, sheet) if rows]
    if not found:
        problem = (
            "has no column of LSOA codes (such as 'LSOA 2021 Code' or 'lsoa_code') in its first 20 lines, nor one of "
        )
        raise InputError(named, problem + "wards beside one called 'neighbourhood'")
    if len(found) > 1:
        names = ", ".join(name for name, _ in found)
        raise InputError(named, f"has several sheets by LSOA ({names}): name one, as {path.name}{SHEET}{found[0][0]}")
    name, rows = found[0]
    return tidy(f"{path.name}{SHEET}{name}" if name else path.name, rows)


def split(named: str) -> tuple[Path, str]:
    """Return (path, sheet) of a name; the sheet is '' where none is named."""
    before, mark, after = named.rpartition(SHEET)
    if mark and Path(before).suffix.lower() in EXCEL:
        return Path(before), after
    return Path(named), ""


def sheets(path: Path, sheet: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield (name of the sheet, rows from the header on), the rows empty where no header is found."""
    if path.suffix.lower() not in EXCEL:
        yield "", from_header(path.name, csv_rows(path))
        return
    with workbook(path) as book:
        if sheet and sheet not in book.sheetnames:
            raise InputError(path.name, f"has no sheet '{sheet}': it has {', '.join(book.sheetnames)}")
        for name in [sheet] if sheet else book.sheetnames:
            rows = (["" if cell is None else str(cell).strip() for cell in row] for row in book[name].values)
            yield name, from_header(f"{path.name}{SHEET}{name}", rows)


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """Yield an Excel file to read from. Raises InputError if it is none."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError) as fault:
        raise InputError(path.name, f"cannot be read as an Excel file ({fault})") from None
    try:
        yield book
    finally:
        book.close()


def csv_rows(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file, in UTF-8 or, as older files are, in Windows-1252."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    except csv.Error as fault:
        raise InputError(path.name, f"cannot be read as CSV ({fault})") from None


def from_header(file: str, rows: Iterable[list[str]]) -> list[list[str]]:
    """Return ``rows`` from the header on; [] where the first lines hold none."""
    found: list[list[str]] = []
    for number, row in enumerate(rows):
        if found or is_header([meaning(cell) for cell in row]):
            found.append(row)
        elif number >= LOOKED_AT:
            return []
    return found


def is_header(names: Sequence[str]) -> bool:
    """Whether a line's ``names`` are those of a table by LSOA with something to say, or of wards in neighbourhoods."""
    told = [name for name in names if name and name not in LSOA_KEYS]
    if "neighbourhood" in told and ("ward" in told or "ward_code" in told):
        return True
    keys = [name for name in names if name in LSOA_KEYS]
    return bool(keys) and (bool(told) or len(set(keys)) > 1)


def tidy(file: str, rows: list[list[str]]) -> Given:
    """Return the table under our names, without rows that have no key: notes, blank lines, totals."""
    header = rows[0]
    names = [meaning(cell) for cell in header]
    key = next((name for name in (LSOA_2021, LSOA_2011, LSOA) if name in names), "")
    if RANK in names:
        names = [(rank_column(key) if name == RANK else name) for name in names]
    kept = [at for at, name in enumerate(names) if name and name not in names[:at]]
    width = len(header)
    whole = [row + [""] * (width - len(row)) for row in rows[1:]]
    table = pd.DataFrame(
        [[blank(row[at]) for at in kept] for row in whole], columns=[names[at] for at in kept], dtype=str
    )
    mark = key or ("ward_code" if "ward_code" in table else "ward")
    table = table[table[mark] != ""].drop_duplicates()
    if table.empty:
        raise InputError(file, f"has no row with a value in '{header[names.index(mark)]}'")
    unused = tuple(cell for cell, name in zip(header, names, strict=True) if cell and not name)
    headers = {names[at]: header[at] for at in kept}
    return Given(file, table.reset_index(drop=True), headers, unused, key)


def blank(cell: str) -> str:
    """Return a cell, '' where it says in one of the usual ways that there is nothing."""
    return "" if cell.lower() in BLANKS else cell
