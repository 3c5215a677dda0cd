"""Small numbers: hidden and rounded before a table leaves the machine, so that nobody can be found in it.

The default is NHS England's method for hospital episodes and emergency care below national level: counts of 1 to 7 are
hidden, others rounded to the nearest 5, zeros kept; means over 1 to 7 people are hidden; standardised rates, limits and
regression need nothing further. Source: NHS Digital, Disclosure control methodology for Hospital Episode Statistics and
Emergency Care Data Set, from September 2018 (digital.nhs.uk; its scope and reason read there, the rules in a copy of
its text). Rounding makes a second hidden count needless where totals are rounded too; here one is hidden all the same
where one of a group is hidden alone, in case a total is known from elsewhere; and where all hidden ones together are
as few, or as many, as they can be, for a known total would then give each of them away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns
from evaluation.estimate import Estimate, estimates_table
from scenarios.errors import InputError
from scenarios.whole_file import whole


@dataclass(frozen=True)
class SmallNumbers:
    """Hide counts from 1 to ``hide_to``; round the others to the nearest ``round_to`` (1: not at all).

    ``second``: hide another count where those hidden of a group could be had from its total (see ``hidden_cells``).
    """

    hide_to: int = 7
    round_to: int = 5
    second: bool = True

    def __post_init__(self) -> None:
        """Refuse a rule that is none."""
        if self.hide_to < 0 or self.round_to < 1:
            raise InputError("small numbers", f"hide_to {self.hide_to}, round_to {self.round_to}; allowed: 0+ and 1+")


HES = SmallNumbers()
UNDER_SIX = SmallNumbers(5, 1)
AS_IT_IS = SmallNumbers(0, 1, False)
RULES: Mapping[str, SmallNumbers] = {"hes": HES, "under_six": UNDER_SIX, "none": AS_IT_IS}


def hidden_cells(counts: pd.Series, rule: SmallNumbers = HES, groups: pd.Series | None = None) -> pd.Series:
    """Return which of ``counts`` (whole, 0 or above; may be missing) must be hidden, as a boolean series.

    ``groups``: whose sum may be published, for hiding the smallest other one (ties: the first) where a single count of
    a group is hidden, or those hidden are all 1 or all ``hide_to``: their sum then tells each. Missing counts are not
    hidden again, but count as hidden. Raises InputError for a count below 0 or not whole.
    """
    values = pd.to_numeric(counts, errors="coerce")
    if (counts.notna() & values.isna()).any() or (values < 0).any() or (values.dropna() % 1 != 0).any():
        raise InputError(f"counts '{counts.name}'", "holds something that is not a count; allowed: 0, 1, 2 and so on")
    hidden = (values > 0) & (values <= rule.hide_to)
    if not rule.second:
        return hidden
    group = pd.Series(0, index=counts.index) if groups is None else groups
    for _, places in group.groupby(group, observed=True, dropna=False).groups.items():
        mine, small = values.loc[places], hidden.loc[places]
        left = mine[~small & (mine > 0)]
        if _told_by_total(mine[small], rule.hide_to) and not mine.isna().any() and not left.empty:
            hidden |= pd.Series(hidden.index == left.idxmin(), index=hidden.index)
    return hidden


def _told_by_total(hidden: pd.Series, hide_to: int) -> bool:
    """Return whether the sum of hidden counts, each 1 to ``hide_to``, leaves one way only to make it up."""
    number, total = len(hidden), float(hidden.sum())
    return number == 1 or (number > 1 and total in (number, number * hide_to))


def suppress(
    table: pd.DataFrame, counts: Mapping[str, Sequence[str]], rule: SmallNumbers = HES, groups: Sequence[str] = ()
) -> pd.DataFrame:
    """Return ``table`` with small counts hidden (missing) and the others rounded, and a column ``suppressed``.

    ``counts``: each column of counts to the columns worked out from it (rates, limits), which are hidden with it; those
    not hidden stay as they are, so publish them to few digits. ``groups``: columns that name the groups whose totals
    may be known. Raises InputError for a column that is missing, an index with repeats, or a count that is none.
    """
    need_columns(table, [*counts, *(name for names in counts.values() for name in names), *groups], "table")
    if not table.index.is_unique:
        raise InputError("table", "has rows with the same index; reset the index first")
    found = table.copy()
    group = table.groupby(list(groups), sort=False, dropna=False).ngroup() if groups else None
    every = pd.Series(False, index=table.index)
    for column, derived in counts.items():
        hidden = hidden_cells(table[column], rule, group)
        rounded = _rounded(pd.to_numeric(table[column]).to_numpy(dtype=float), rule.round_to)
        found[column] = pd.Series(rounded, index=table.index).astype("Int64").mask(hidden, pd.NA)
        for name in derived:
            found[name] = found[name].mask(hidden)
        every |= hidden
    return found.assign(suppressed=every)


def export_csv(
    table: pd.DataFrame,
    path: Path,
    counts: Mapping[str, Sequence[str]],
    labels: Sequence[str] = (),
    rule: SmallNumbers = HES,
    groups: Sequence[str] = (),
) -> Path:
    """Write ``table`` as CSV to ``path``, small numbers hidden and rounded by ``rule``, and return the path.

    ``labels``: whole-numbered columns that count nobody (a year, a quintile). The file is written to a temporary name
    first. Raises InputError as ``suppress``, for a whole-numbered column of which it is not said whether it is a count,
    a label or a group, and where the folder does not exist.
    """
    if not path.parent.is_dir():
        raise InputError(str(path.parent), "no such folder; make it first")
    derived = [name for names in counts.values() for name in names]
    for column in table.columns:
        if column not in {*counts, *derived, *labels, *groups} and _looks_counted(table[column]):
            raise InputError(f"column '{column}'", "is whole-numbered; say whether it is in counts, labels or groups")
    with whole(path) as part:
        suppress(table, counts, rule, groups).to_csv(part, index=False)
    return path


def export_estimates(estimates: Iterable[Estimate], path: Path, rule: SmallNumbers = HES) -> Path:
    """Write ``estimates`` (see estimates_table) as CSV to ``path``, small numbers hidden by ``rule``; return the path.

    A figure whose ``n`` counts 1 to ``hide_to`` events or people is hidden, with its limits and the reason; other such
    counts are rounded. Raises InputError where the folder does not exist.
    """
    if not path.parent.is_dir():
        raise InputError(str(path.parent), "no such folder; make it first")
    made = estimates_table(estimates)
    counted = made["n_of"].isin(["events", "people"])
    few = counted & (made["n"] > 0) & (made["n"] <= rule.hide_to)
    rounded = _rounded(made["n"].to_numpy(dtype=float), rule.round_to)
    made["n"] = made["n"].where(~counted, rounded).mask(few)
    for name in ("estimate", "lower", "upper", "se"):
        made[name] = made[name].mask(few)
    made["reason"] = made["reason"].mask(few, f"suppressed: it rests on 1 to {rule.hide_to}")
    with whole(path) as part:
        made.to_csv(part, index=False)
    return path


def _looks_counted(values: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return False
    known = values.dropna()
    return bool(len(known)) and bool((known % 1 == 0).all())


def _rounded(values: np.ndarray, to: int) -> np.ndarray:
    """Return values to the nearest ``to``, halves up."""
    return np.floor(values / to + 0.5) * to
