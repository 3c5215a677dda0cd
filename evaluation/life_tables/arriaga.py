"""Which ages and causes make the difference between two life expectancies, and what changed it. Source: Arriaga
1984."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.life_tables.table import LifeTable
from scenarios.errors import InputError

ROUNDING = 1e-9  # of a band's rates: a difference this small is floating-point noise


def by_age(one: LifeTable, other: LifeTable) -> pd.DataFrame:
    """Return what each band adds to life expectancy at birth of ``other`` less ``one``: columns start_age, years.

    The years sum to the difference. Arriaga's direct, indirect and interaction effects together; turning the tables
    round does not quite turn the signs (see ``by_age_both_ways``). Raises InputError for a table that could not be
    made, or two with other bands.
    """
    a, b = _pair(one, other)
    l1, l2, years1, years2 = (each / a["l"].iloc[0] for each in (a["l"], b["l"], a["L"], b["L"]))
    total2 = b["T"] / b["l"].iloc[0]
    s1, s2 = l1.to_numpy(), l2.to_numpy()
    if (s1 == 0).any() or (s2 == 0).any():
        raise InputError("life table", "has a band that nobody reaches; a difference there cannot be shared out")
    here = s1 * (years2.to_numpy() / s2 - years1.to_numpy() / s1)
    ahead = np.append(total2.to_numpy()[1:], 0.0)
    after1, after2 = np.append(s1[1:], 0.0), np.append(s2[1:], 1.0)
    later = ahead * (s1 / s2 - np.where(np.arange(len(s1)) < len(s1) - 1, after1 / after2, 0.0))
    return pd.DataFrame({"start_age": a["start_age"].astype(int), "years": here + later})


def by_age_both_ways(one: LifeTable, other: LifeTable) -> pd.DataFrame:
    """Return the mean of Arriaga's shares in both directions, which turns its sign when the tables are turned round."""
    there, back = by_age(one, other), by_age(other, one)
    return there.assign(years=(there["years"] - back["years"]) / 2)


def by_age_and_cause(
    one: LifeTable, other: LifeTable, deaths_one: pd.DataFrame, deaths_other: pd.DataFrame, both_ways: bool = True
) -> pd.DataFrame:
    """Return what each band and cause adds to the difference, ``other`` less ``one``: start_age, cause, years.

    ``deaths_one`` and ``deaths_other``: columns start_age, cause, deaths, whose causes sum to the table's deaths. A
    band's years are shared by the differences of the cause-specific rates; a band whose all-cause rates are equal (to
    1e-9 of them) has none to share. ``both_ways``: see ``by_age_both_ways``. Raises InputError for causes that do not
    sum to the table's deaths.
    """
    shares = by_age_both_ways(one, other) if both_ways else by_age(one, other)
    rates1, rates2 = _cause_rates(one, deaths_one), _cause_rates(other, deaths_other)
    causes = sorted(set(rates1.columns) | set(rates2.columns))
    apart = rates2.reindex(columns=causes, fill_value=0.0) - rates1.reindex(columns=causes, fill_value=0.0)
    total = apart.sum(axis=1).to_numpy()
    # equal rates, summed over causes, differ by rounding: years over that would be any number at all
    real = np.abs(total) > ROUNDING * (rates1.sum(axis=1) + rates2.sum(axis=1)).to_numpy()
    scale = np.divide(shares["years"].to_numpy(), total, out=np.zeros_like(total), where=real)
    wide = apart.mul(scale, axis=0)
    long = wide.rename_axis("start_age").reset_index().melt("start_age", var_name="cause", value_name="years")
    return long.sort_values(["start_age", "cause"], ignore_index=True)


def gap_change(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return how each part of a gap in life expectancy changed: the columns of both but ``years``, before, after,
    change.

    ``before`` and ``after``: what ``by_age`` or ``by_age_and_cause`` give for most against least deprived at two times.
    Changes sum to the change of the gap. A part there at one time only counts 0 at the other. Raises InputError for
    tables with other columns.
    """
    keys = [name for name in before.columns if name != "years"]
    if list(before.columns) != list(after.columns) or "years" not in before.columns:
        raise InputError("after", f"has columns {list(after.columns)}; {list(before.columns)} are needed, as in before")
    both = before.merge(after, on=keys, how="outer", suffixes=("_before", "_after")).fillna(
        {"years_before": 0.0, "years_after": 0.0}
    )
    return both.assign(change=both["years_after"] - both["years_before"])


def _pair(one: LifeTable, other: LifeTable) -> tuple[pd.DataFrame, pd.DataFrame]:
    for table in (one, other):
        if table.reason:
            raise InputError(f"life table of {table.population}", f"cannot be compared: {table.reason}")
    if one.method != other.method or one.rows["start_age"].tolist() != other.rows["start_age"].tolist():
        raise InputError("life tables", "are of other methods or bands; the same are needed to compare them")
    return one.rows, other.rows


def _cause_rates(table: LifeTable, deaths: pd.DataFrame) -> pd.DataFrame:
    """Return cause-specific rates of ``table``: index start_age, a column per cause."""
    if "people" not in table.rows.columns:
        raise InputError("life table", "holds no deaths; causes need a table made from deaths (le_chiang_open)")
    wide = deaths.pivot_table(index="start_age", columns="cause", values="deaths", aggfunc="sum", fill_value=0.0)
    rows = table.rows.set_index("start_age")
    wide = wide.reindex(rows.index, fill_value=0.0)
    if not np.allclose(wide.sum(axis=1), rows["deaths"]):
        age = int(rows.index[~np.isclose(wide.sum(axis=1), rows["deaths"])][0])
        raise InputError(
            f"deaths at {age}", f"sum to {wide.sum(axis=1)[age]:g} over causes, not {rows['deaths'][age]:g}"
        )
    return wide.div(rows["people"], axis=0)
