"""CSV files as they come: codes kept as text until somebody says that they are numbers."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from scenarios.errors import InputError

MOST_BYTES = 4_000_000_000
SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods")
MARKS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
SEPARATORS = "".join(MARKS)
SAVE_AS = "save it as CSV UTF-8 (in Excel: Save As, CSV UTF-8)"


def read_csv(path: Path) -> pd.DataFrame:
    """Return the CSV file ``path``, codes such as '01' kept as text, blanks around them and empty rows left out.

    Cells may be parted by commas, semicolons, tabs or bars, whichever the header has most of.

    Raises InputError if it is not one.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file; give a CSV file or the folder of a run")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(str(path), f"is larger than {MOST_BYTES // 10**9} GB: split it by year")
    if path.suffix.lower() in SPREADSHEETS:
        raise InputError(str(path), f"is a spreadsheet; {SAVE_AS}")
    separator = separator_of(path)
    check_cells(path, separator)
    try:
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", index_col=False, sep=separator)
    except UnicodeDecodeError:
        raise InputError(str(path), f"has letters that are not UTF-8; {SAVE_AS}") from None
    except (ValueError, OSError) as problem:
        raise InputError(str(path), f"is not a CSV file ({str(problem).splitlines()[0]})") from None
    frame.columns = frame.columns.str.strip()
    return frame.apply(lambda column: column.str.strip().replace("", None)).dropna(how="all").reset_index(drop=True)


def separator_of(path: Path) -> str:
    """Return what parts the cells of a CSV file, by its header: rows below may have decimal commas."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next((line for line in file if line.strip()), "")
    except (UnicodeDecodeError, OSError):
        return SEPARATORS[0]  # said by who reads on
    return max(SEPARATORS, key=header.count)


def check_cells(path: Path, separator: str = ",") -> None:
    """Raise InputError, naming the row as a spreadsheet does, unless all rows have as many cells as the header.

    A row with one cell more would move every column by one, and a short one be filled up, without a word.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=separator)
            header = [name.strip() for name in next(reader, [])]
            for name in header:
                if header.count(name) > 1:
                    raise InputError(str(path), f"column '{name}' is there {header.count(name)} times")
            for cells in reader:
                if cells and len(cells) != len(header):
                    found = f"has {len(cells)} cells where the header has {len(header)}"
                    raise InputError(
                        f"{path} row {reader.line_num}", f"{found} (quote a cell that holds {MARKS[separator]})"
                    )
    except UnicodeDecodeError:
        raise InputError(str(path), f"has letters that are not UTF-8; {SAVE_AS}") from None
    except (OSError, csv.Error) as problem:
        raise InputError(str(path), f"is not a CSV file ({problem})") from None


def numbers(frame: pd.DataFrame, codes: Collection[str] = ()) -> pd.DataFrame:
    """Return ``frame`` with each column that holds only numbers (or nothing) as numbers.

    ``codes``: columns that stay text if any value begins with a 0 ('01' is not 1).
    """
    made = frame.copy()
    for name in made.columns:
        if name in codes and made[name].astype("string").str.fullmatch(r"0\d+").any():
            continue
        values = pd.to_numeric(made[name], errors="coerce")
        if (values.notna() | made[name].isna()).all():
            made[name] = values
    return made
