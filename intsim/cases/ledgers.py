"""The money of a run: care used at unit cost and what designs spend, as increments of each option on its comparator.

Care of a service to which an option adds posts or places is paid for as those, and its use is not priced again: staff
are counted once. That is decided option by option.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.economics.ledger import CASE, KEYS, USE, differences, price_use, spend
from evaluation.economics.money import PENCE
from evaluation.panel import UNIT, after_go_live
from intsim.cases.spending import Added, spending_lines
from intsim.cases.valuation import Book, price_lines, rates_of

ROW = tuple(name for name in KEYS if name not in UNIT)
SWAPPED = {"gp", "nurse", "pharmacist"}  # what one sees less of is not set free: others of the same pay see people
IN_PERSPECTIVE = {"nhs_social_care": ("NHS", "social care"), "public_sector": ("NHS", "social care", "other public")}


@dataclass(frozen=True)
class Place:
    """What spending needs to know of a run: registered residents, months that count, and the first of them."""

    registered: float
    months: int
    first_month: str


def ledger_of(
    books: Mapping[int, Book],
    panel: pd.DataFrame,
    added: Mapping[str, Added],
    place: Place,
    staff: Mapping[int, float] | None = None,
) -> pd.DataFrame:
    """Return the whole ledger of a run: each draw at the prices of its own book (one book for all: at 0).

    ``staff``: by draw, how many times the posts and places of a design there are (a bank); once unless given.
    """
    parts = []
    live = after_go_live(panel)
    lived = live.groupby([*UNIT, "quintile"], sort=True, observed=True)["person_seconds"].sum()
    people = lived.rename("people").reset_index()
    for draw, mine in panel.groupby("draw", sort=True):
        book = books.get(int(str(draw)), books[0])
        rates = rates_of(book, "cost")
        parts.append(price_use(mine, price_lines(book), rates))
        lines = [
            spending_lines(book, name, own, place.registered, place.months, place.first_month)
            for name, own in (
                (name, each.times(staff[int(str(draw))]) if staff else each) for name, each in added.items()
            )
        ]
        told = [each for each in lines if not each.empty]
        if told:
            parts.append(spend(pd.concat(told, ignore_index=True), people[people["draw"] == draw], rates))
    return pd.concat(parts, ignore_index=True)


def increments(ledger: pd.DataFrame, comparator: str, option: str, added: Added, book: Book) -> pd.DataFrame:
    """Return ``option`` less ``comparator`` in whole pence, by draw, replication and the keys of the ledger.

    Without the use of services that the option pays for as posts or places, or swaps posts of at equal pay, and of
    sectors outside the perspective; money that a design spends counts whoever spends it.
    """
    services = price_lines(book).set_index("line")["service"]
    paid = set(added.posts)
    if added.swaps:
        paid |= SWAPPED
    if added.packages:
        paid.add("home_package")
    if added.virtual_places:
        paid.add("virtual_ward")
    skipped = set(services.index[services.isin(paid)])
    sectors = IN_PERSPECTIVE[book.case.perspective]
    case = ledger["nature"] == CASE
    kept = ledger[case | (~ledger["line"].isin(skipped) & ledger["sector"].isin(sectors))]
    kept = kept[kept["arm"].isin([comparator, option])]
    found = differences(kept, comparator, option, ROW)
    return found[found["pence"] != 0].reset_index(drop=True)


def mean_increments(found: pd.DataFrame, runs: int, option: str) -> pd.DataFrame:
    """Return the mean over runs in whole pence, such that every sum of rows is a mean rounded at its end.

    Rows are rounded by running totals, so that all tables made of them add up to the same penny.
    """
    columns = ["pence", "discounted_pence"]
    if found.empty:
        return pd.DataFrame(columns=["option", *ROW, *columns])
    summed = found.groupby(list(ROW), sort=True)[columns].sum().reset_index()
    for name in columns:
        upto = np.round(np.cumsum(summed[name].to_numpy(float) / runs)).astype(np.int64)
        summed[name] = np.diff(upto, prepend=0)
    return summed.assign(option=option)[["option", *ROW, *columns]]


def by_run(found: pd.DataFrame, runs: pd.DataFrame, nature: str | None = None, discounted: bool = True) -> np.ndarray:
    """Return pounds of each run in order of ``runs`` (draw, replication), 0 where a run has none."""
    mine = found if nature is None else found[found["nature"] == nature]
    name = "discounted_pence" if discounted else "pence"
    sums = mine.groupby(["draw", "replication"])[name].sum()
    index = pd.MultiIndex.from_frame(runs[["draw", "replication"]])
    return sums.reindex(index, fill_value=0).to_numpy(float) / PENCE


def cash_of(mean: pd.DataFrame, option: str, share: float) -> pd.DataFrame:
    """Return by financial year: option, financial_year, gross, released, cash and net, pounds, undiscounted.

    gross: money the design spends. released: value of care no longer used less care used more (below 0: more is used).
    cash: the share of what is released that becomes money: none in any year if more is used over the run, and a year in
    which more is used takes from the others. net: gross less cash.
    """
    rows = []
    share = share if mean.loc[mean["nature"] == USE, "pence"].sum() < 0 else 0.0
    for year, mine in mean.groupby("financial_year", sort=True):
        gross = mine.loc[mine["nature"] == CASE, "pence"].sum() / PENCE
        released = -mine.loc[mine["nature"] == USE, "pence"].sum() / PENCE
        cash = share * released
        rows.append((option, year, gross, released, cash, gross - cash))
    return pd.DataFrame(rows, columns=["option", "financial_year", "gross", "released", "cash", "net"])
