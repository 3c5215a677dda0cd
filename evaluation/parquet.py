"""Parquet files of results, read whole or refused in a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from scenarios.errors import InputError, nearest, one_line

MOST_SHOWN = 120  # letters of what the reader complains of


def read_table(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return the table in ``path``, which has to have ``columns``.

    Raises InputError for a file that is missing, cut short or of another kind, and for a column that is not there.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file; the folder of a run holds it")
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as problem:  # pyarrow's own errors are of one kind or the other
        words = one_line(str(problem))[:MOST_SHOWN]
        raise InputError(str(path), f"cannot be read as Parquet: it may be cut short ({words})") from None
    for column in columns:
        if column not in frame.columns:
            raise InputError(path.name, f"column '{column}' is missing; {nearest(column, map(str, frame.columns))}")
    return frame
