"""CSV files as they come: codes kept as text until somebody says that they are numbers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scenarios.errors import InputError

MOST_BYTES = 4_000_000_000
SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods")
SAVE_AS = "save it as CSV UTF-8 (in Excel: Save As, CSV UTF-8)"


def read_csv(path: Path) -> pd.DataFrame:
    """Return the CSV file ``path``, codes such as '01' kept as text, blanks around them and empty rows left out.

    Raises InputError if it is not one.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file; give a CSV file or the folder of a run")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(str(path), f"is larger than {MOST_BYTES // 10**9} GB: split it by year")
    if path.suffix.lower() in SPREADSHEETS:
        raise InputError(str(path), f"is a spreadsheet; {SAVE_AS}")
    try:
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(str(path), f"has letters that are not UTF-8; {SAVE_AS}") from None
    except (ValueError, OSError) as problem:
        raise InputError(str(path), f"is not a CSV file ({str(problem).splitlines()[0]})") from None
    frame.columns = frame.columns.str.strip()
    return frame.apply(lambda column: column.str.strip().replace("", None)).dropna(how="all").reset_index(drop=True)


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with each column that holds only numbers (or nothing) as numbers."""
    made = frame.copy()
    for name in made.columns:
        values = pd.to_numeric(made[name], errors="coerce")
        if (values.notna() | made[name].isna()).all():
            made[name] = values
    return made
