"""Columns and lists as arrays of numbers, checked where they come in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from scenarios.errors import InputError, nearest

Numbers = Sequence[float] | np.ndarray | pd.Series
LARGEST = 1e30  # beyond it, or below its inverse, squares and ratios leave what a computer can hold


def numbers(values: Numbers, where: str, lowest: float = -np.inf, above: bool = False) -> np.ndarray:
    """Return ``values`` as a float array (shape: units), or raise InputError naming the first bad place.

    Refused: no values, a value that is missing or infinite, below ``lowest`` (or at it, with ``above``), or so large or
    so close to 0 that it cannot be computed with (see LARGEST).
    """
    found = perhaps_numbers(values, where)
    bad = np.isnan(found) | (found < lowest) | ((found == lowest) if above else False)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        allowed = "a number" if lowest == -np.inf else f"a number {'above' if above else 'of at least'} {lowest:g}"
        raise InputError(f"{where} row {at}", f"is {found[at]}; allowed: {allowed}")
    return found


def perhaps_numbers(values: Numbers, where: str) -> np.ndarray:
    """Return ``values`` as a float array, NaN where one is missing; refused otherwise as ``numbers`` does.

    Raises InputError for none, for what is no number, and for one without end or beyond any sense.
    """
    try:
        found = np.asarray(values, dtype=float).reshape(-1)
    except (TypeError, ValueError) as error:
        raise InputError(where, "holds something that is not a number; allowed: numbers") from error
    if found.size == 0:
        raise InputError(where, "has no values; at least one is needed")
    size = np.abs(found)
    bad = (size > LARGEST) | ((size > 0) & (size < 1 / LARGEST))
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        shown = "infinite" if np.isinf(found[at]) else f"{found[at]:g}"
        raise InputError(f"{where} row {at}", f"is {shown}; allowed: 0, or a size of {1 / LARGEST:g} to {LARGEST:g}")
    return found


def number(value: object, where: str) -> float:
    """Return ``value`` as a float, NaN where it is missing; refused otherwise as ``numbers`` does."""
    return float(perhaps_numbers([np.nan if value is None else value], where)[0])  # type: ignore[list-item]


def same_length(**arrays: np.ndarray) -> None:
    """Raise InputError, naming the two that differ, unless all arrays are equally long."""
    (first, head), *rest = arrays.items()
    for name, values in rest:
        if len(values) != len(head):
            raise InputError(name, f"has {len(values)} values where {first} has {len(head)}; as many are needed")


def need_columns(table: pd.DataFrame, columns: Sequence[str], where: str = "table") -> None:
    """Raise InputError, naming the first of ``columns`` that ``table`` lacks and the nearest that it has."""
    for column in columns:
        if column not in table.columns:
            raise InputError(where, f"column '{column}' is missing; {nearest(column, map(str, table.columns))}")
