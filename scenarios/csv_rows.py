"""A table of cells as people save it: CSV in UTF-8, with a header, as many cells in every row, and nothing guessed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scenarios.errors import InputError

Cells = dict[str, str]
Rows = list[tuple[int, Cells]]  # with the number of the row as a spreadsheet or an editor shows it


def rows_of(path: Path, short: bool = False) -> tuple[list[str], Rows]:
    """Return the header, and every row with its number: cells by column, without spaces around them.

    short: a row may end before the header does, and its other cells are empty (Excel leaves out empty cells at the end
    of a row). Raises InputError for a file that cannot be read, is not in UTF-8 or not CSV, a column there twice, or a
    row with more cells than the header or, unless ``short``, fewer. Lines without any cell are passed over.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            for name in header:
                if header.count(name) > 1:
                    raise InputError(path.name, f"column '{name}' is there twice")
            return header, list(_rows(path, header, reader, short))
    except UnicodeDecodeError:
        raise InputError(path.name, "is not a text file in UTF-8 (in Excel: Save As, CSV UTF-8)") from None
    except (OSError, csv.Error) as problem:
        raise InputError(str(path), f"cannot be read as CSV ({problem})") from None


def _rows(path: Path, header: list[str], reader: Any, short: bool) -> Iterator[tuple[int, Cells]]:
    """Yield each row's number and cells."""
    for cells in reader:
        if not cells:
            continue
        if len(cells) > len(header) or (len(cells) < len(header) and not short):
            words = f"has {len(cells)} cells, the header {len(header)} (quote a cell that holds a comma)"
            raise InputError(f"{path.name} row {reader.line_num}", words)
        cells += [""] * (len(header) - len(cells))
        yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def need_columns(path: Path, header: list[str], needed: tuple[str, ...], hint: str = "") -> None:
    """Raise InputError for the first of ``needed`` that is no column; ``hint``: what is said after it."""
    for name in needed:
        if name not in header:
            said = hint or f" (found: {', '.join(header) or 'nothing'})"
            raise InputError(path.name, f"column '{name}' is missing{said}")
