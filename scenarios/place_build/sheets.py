"""Rows of a CSV file or of the sheets of a workbook, whatever their encoding and separator."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from scenarios.errors import InputError

LOOKED_AT = 20  # lines in which the header is looked for
SHEET = "#"  # parts a workbook's name from its sheet's
EXCEL = (".xlsx", ".xlsm")
REFUSED = {
    ".zip": "is a zip file: take the CSV file out of it",
    ".xls": "is an Excel file of the old kind: save it as .xlsx or .csv",
    ".ods": "is an OpenDocument file: save it as .xlsx or .csv",
    ".parquet": "is a Parquet file: save it as .csv",
}
SEPARATORS = ",;\t|"
MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # at the beginning of a file


@dataclass(frozen=True)
class Sheet:
    """``file``: its name in messages; ``name``: of the sheet, '' of a CSV file; ``read``: gives all its rows."""

    file: str
    name: str
    read: Callable[[], Iterable[Sequence[Any]]]

    def first(self) -> list[list[str]]:
        """Return the first lines."""
        return list(islice(self.rows(), LOOKED_AT))

    def rows(self, start: int = 0) -> Iterator[list[str]]:
        """Yield the rows from number ``start`` on, each cell as text without space around it."""
        for row in islice(self.read(), start, None):
            yield ["" if cell is None else str(cell).strip() for cell in row]


@contextmanager
def open_sheets(named: str) -> Iterator[list[Sheet]]:
    """Yield the sheets of the file of that name (``workbook.xlsx#sheet``: that one); of a CSV file itself.

    Raises InputError for a file that is not there, of a kind that is not read, or spoilt.
    """
    before, mark, after = named.rpartition(SHEET)
    whole = not (mark and Path(before).suffix.lower() in EXCEL)
    path, sheet = (Path(named), "") if whole else (Path(before), after)
    if not path.is_file():
        raise InputError(named, "is no file")
    if path.suffix.lower() in REFUSED:
        raise InputError(named, REFUSED[path.suffix.lower()])
    if path.suffix.lower() not in EXCEL:
        lines, separator = csv_lines(path)
        yield [Sheet(path.name, "", partial(csv_rows, path.name, lines, separator))]
        return
    book = workbook(path)
    try:
        names = [one.title for one in book.worksheets]
        if sheet and sheet not in names:
            raise InputError(path.name, f"has no sheet '{sheet}': it has {', '.join(names)}")
        found = [one for one in book.worksheets if sheet in ("", one.title)]
        for one in found:
            one.reset_dimensions()  # what some programs write of a sheet's size is wrong
        reads = [partial(one.iter_rows, values_only=True) for one in found]
        yield [Sheet(f"{path.name}{SHEET}{one.title}", one.title, read) for one, read in zip(found, reads, strict=True)]
    finally:
        book.close()


def workbook(path: Path) -> Any:
    """Return an Excel file opened to be read from. Raises InputError if it is none."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError) as fault:
        raise InputError(path.name, f"cannot be read as an Excel file ({fault})") from None


def csv_lines(path: Path) -> tuple[list[str], str]:
    """Return (lines, separator) of a CSV file: UTF-8, UTF-16 or, as older files are, Windows-1252.

    Raises InputError if it is no text.
    """
    raw = path.read_bytes()
    coding = MARKS.get(raw[:2], "utf-8-sig")
    try:
        text = raw.decode(coding)
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    if "\0" in text:
        raise InputError(path.name, "is no text: give a CSV file or an Excel workbook (.xlsx)")
    lines = text.splitlines()
    head = "\n".join(lines[:LOOKED_AT])
    return lines, max(SEPARATORS, key=head.count)


def csv_rows(file: str, lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Yield the rows of a CSV file's lines, without space around cells. Raises InputError for what is no CSV."""
    try:
        for row in csv.reader(lines, delimiter=separator):
            yield [cell.strip() for cell in row]
    except csv.Error as fault:
        raise InputError(file, f"cannot be read as CSV ({fault})") from None
