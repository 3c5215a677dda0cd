"""CSV files as they come: codes kept as text until somebody says that they are numbers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scenarios.errors import InputError

MOST_BYTES = 4_000_000_000


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
