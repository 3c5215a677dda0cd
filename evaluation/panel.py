"""The panel: who, when and how much. Read, checked and summed here; simulated and observed panels are the same table.

One row per arm, draw, replication, month, neighbourhood, quintile, age band and sex. Month 0 is the go-live month and
quintile 1 the most deprived. Counts are integers, times are whole seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.outcomes import OUTCOMES, RATES, Outcome
from scenarios.errors import InputError, nearest

UNIT = ("arm", "draw", "replication")
KEYS = (*UNIT, "month", "month_start", "neighbourhood", "quintile", "age_band", "sex")
WHOLE_KEYS = ("draw", "replication", "month", "quintile")
COUNTS: tuple[str, ...] = tuple(
    dict.fromkeys(["person_seconds", *(each.numerator for each in OUTCOMES), *(each.denominator for each in OUTCOMES)])
)
QUINTILES = (1, 2, 3, 4, 5)


def read_panel(path: Path, counts: Sequence[str] = COUNTS) -> pd.DataFrame:
    """Return the checked panel in the Parquet file ``path``.

    Raises InputError naming the file, column and first bad row: no such file, a missing column, a value that is
    empty, not whole or negative, a quintile outside 1 to 5, or two rows with the same keys.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file; a run folder holds panel.parquet")
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(str(path), "not a Parquet file that can be read") from error
    return check_panel(frame, path.name, counts)


def check_panel(frame: pd.DataFrame, where: str, counts: Sequence[str] = COUNTS) -> pd.DataFrame:
    """Return ``frame`` with the key columns and ``counts`` only, or raise InputError (see read_panel)."""
    for column in (*KEYS, *counts):
        if column not in frame.columns:
            raise InputError(where, f"column '{column}' is missing; {nearest(column, map(str, frame.columns))}")
    panel = frame.loc[:, [*KEYS, *counts]].reset_index(drop=True)
    if panel.empty:
        raise InputError(where, "has no rows; at least one is needed")
    for column in KEYS:
        _refuse_empty(panel[column], where)
    for column in (*WHOLE_KEYS, *counts):
        _refuse_fraction(panel[column], where)
    for column in counts:
        _refuse(panel[column], panel[column] < 0, where, "0 or more")
    _refuse(panel["quintile"], ~panel["quintile"].isin(QUINTILES), where, "1 to 5, 1 = most deprived")
    repeated = panel.duplicated(list(KEYS))
    if repeated.any():
        raise InputError(f"{where} row {_first(repeated)}", "repeats the keys of an earlier row; each is allowed once")
    return panel


def after_go_live(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of month 0 and later. Raises InputError if there are none."""
    kept = panel[panel["month"] >= 0]
    if kept.empty:
        raise InputError("panel", "has no month from go-live (month 0) on; results need at least one")
    return kept


def totals(panel: pd.DataFrame, by: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Return the sums of ``columns`` for each combination of ``by`` that occurs, sorted by ``by``."""
    return panel.groupby(list(by), sort=True, observed=True)[list(columns)].sum().reset_index()


def rates(panel: pd.DataFrame, by: Sequence[str], outcomes: Sequence[Outcome] = RATES) -> pd.DataFrame:
    """Return one row per combination of ``by`` and outcome.

    Columns: ``by``, outcome, numerator and denominator (in the outcome's own units), value (their quotient) and
    reason: empty, or why value is NaN (nobody there, or no contact to average over).
    """
    columns = dict.fromkeys([name for each in outcomes for name in (each.numerator, each.denominator)])
    summed = totals(panel, by, list(columns))
    size, count = len(summed), len(outcomes)
    over = np.array([summed[each.numerator].to_numpy(dtype=float) * each.scale for each in outcomes])
    under = np.array([summed[each.denominator].to_numpy(dtype=float) * each.denominator_scale for each in outcomes])
    over, under = over.reshape(-1), under.reshape(-1)
    empty = under == 0
    why = ["no residents" if each.is_rate else f"no {each.denominator}" for each in outcomes]
    keys = summed[list(by)].take(np.tile(np.arange(size), count)).reset_index(drop=True)
    return keys.assign(
        outcome=np.repeat(np.array([each.name for each in outcomes], object), size),
        numerator=over,
        denominator=under,
        value=np.divide(over, under, out=np.full(len(over), np.nan), where=~empty),
        reason=np.where(empty, np.repeat(np.array(why, object), size), ""),
    )


def _refuse_empty(values: pd.Series, where: str) -> None:
    empty = values.isna()
    if empty.any():
        raise InputError(f"{where} row {_first(empty)}", f"column '{values.name}' is empty; a value is needed")


def _refuse_fraction(values: pd.Series, where: str) -> None:
    _refuse_empty(values, where)
    if pd.api.types.is_integer_dtype(values.dtype):
        return
    numbers = pd.to_numeric(values, errors="coerce")
    bad = numbers.isna() | (numbers != np.floor(numbers))
    if bad.any():
        _refuse(values, bad, where, "a whole number")
    raise InputError(where, f"column '{values.name}' is stored as {values.dtype}; whole numbers (int64) are needed")


def _refuse(values: pd.Series, bad: pd.Series, where: str, allowed: str) -> None:
    if bad.any():
        row = _first(bad)
        raise InputError(f"{where} row {row}", f"column '{values.name}' is {values.iloc[row]!s}; allowed: {allowed}")


def _first(flags: pd.Series) -> int:
    return int(np.flatnonzero(flags.to_numpy())[0])
