"""Writes targets as a tidy table, so that what was read from another form can be looked at, completed and kept."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

from calibration.targets.columns import COLUMNS
from calibration.targets.reader import DEFAULTS
from calibration.targets.target import Target
from scenarios.errors import InputError
from scenarios.whole_file import write_text

DIGITS = 10  # significant digits of a number: more than any source has


def to_csv(targets: Iterable[Target]) -> str:
    """Return the table as text, one row per target, columns as in ``columns.COLUMNS``; defaults are left empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in COLUMNS])
    for target in targets:
        writer.writerow([cell(getattr(target, column.name), column.name) for column in COLUMNS])
    return out.getvalue()


def cell(value: object, column: str) -> str:
    """Return one value as a cell."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float | int):
        if math.isnan(value) or value == DEFAULTS.get(column):
            return ""
        return f"{value:.{DIGITS}g}"
    return str(value)


def write_targets(path: Path, targets: Iterable[Target]) -> Path:
    """Write the table to ``path``, whole or not at all, and return it. Raises InputError if that cannot be done."""
    try:
        return write_text(path, to_csv(targets))
    except OSError as problem:
        raise InputError(str(path), f"cannot be written: {problem.strerror}") from None
