"""The ledger of costs: who pays how much for what, in which year, for which fifth, in whole pence.

One row per arm, draw, replication, year, financial year, organisation, sector, line and quintile. A row is rounded
once, when it is made; every table is a sum of rows, so sectors, years and quintiles add up to the total to the penny.
A line is of one of two natures: ``case`` is money that a design spends, ``use`` the value of care that residents used,
at unit cost. A change in use is capacity taken up or set free, not cash: see ``released``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns
from evaluation.economics.discounting import Rates, discount_factors
from evaluation.economics.money import split, whole_pence
from evaluation.economics.prices import financial_year
from evaluation.panel import UNIT, after_go_live
from scenarios.errors import InputError

KEYS = (*UNIT, "year", "financial_year", "organisation", "sector", "line", "nature", "recurrence", "quintile")
AMOUNTS = ("pence", "discounted_pence")
CASE, USE = "case", "use"
RECURRENT, ONCE = "recurrent", "once"
PRICES = ("line", "column", "units_per_count", "pence", "organisation", "sector")
MONTHS = 12


def price_use(panel: pd.DataFrame, prices: pd.DataFrame, rates: Rates) -> pd.DataFrame:
    """Return the ledger of care used from go-live on.

    ``prices``, one row a line: line, column (of the panel), units_per_count (1, or 1/86400 for seconds priced by the
    day), pence (whole, per unit), organisation, sector. ``rates`` discount each run year (months 0 to 11 are year 0) by
    its factor. A draw of its own prices: column draw. Raises InputError for a column the panel has not, a price that is
    negative or not whole, or a line there twice.
    """
    need_columns(prices, PRICES, "prices")
    _check_prices(prices, panel)
    live = after_go_live(panel)
    columns = list(dict.fromkeys(prices["column"]))
    table = live[[*UNIT, "quintile", *columns]].assign(
        year=(live["month"] // MONTHS).astype(int), financial_year=_financial_years(live["month_start"])
    )
    by = [*UNIT, "year", "financial_year", "quintile"]
    summed = table.groupby(by, sort=True, observed=True)[columns].sum().reset_index()
    return _finished(_priced(summed, prices.reset_index(drop=True)), rates)


def spend(lines: pd.DataFrame, people: pd.DataFrame, rates: Rates) -> pd.DataFrame:
    """Return the ledger of what designs spend, each amount split among quintiles by the people who live there.

    ``lines``: arm, year, financial_year, organisation, sector, line, recurrence ('recurrent' or 'once') and pence
    (whole, for everyone). ``people``: arm, draw, replication, quintile, people: every run gets the lines of its arm.
    """
    need_columns(
        lines, ("arm", "year", "financial_year", "organisation", "sector", "line", "recurrence", "pence"), "lines"
    )
    need_columns(people, (*UNIT, "quintile", "people"), "people")
    own = {arm: mine.reset_index(drop=True) for arm, mine in lines.groupby("arm")}
    parts = [
        _shared(own.get(arm, lines.iloc[:0]), mine.reset_index(drop=True))
        for arm, mine in people.sort_values([*UNIT, "quintile"], kind="stable").groupby("arm", sort=True)
    ]
    return _finished(pd.concat(parts, ignore_index=True), rates)


def totals(ledger: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the sums of pence and discounted pence for each combination of ``by`` that occurs, in whole pence."""
    need_columns(ledger, (*by, *AMOUNTS), "ledger")
    if not by:
        return pd.DataFrame([{name: int(ledger[name].sum()) for name in AMOUNTS}])
    return ledger.groupby(list(by), sort=True, observed=True)[list(AMOUNTS)].sum().reset_index()


def differences(ledger: pd.DataFrame, baseline: str, design: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return design less baseline in pence for each draw, replication and combination of ``by``; 0 where one has none.

    Raises InputError for an arm or a replication that one of the two lacks.
    """
    keys = [*UNIT[1:], *by]
    sums = {}
    for arm in (baseline, design):
        mine = ledger[ledger["arm"] == arm]
        if mine.empty:
            raise InputError("arm", f"the ledger has no arm '{arm}'")
        sums[arm] = totals(mine, keys).set_index(keys)
    runs = [set(map(tuple, each.reset_index()[list(UNIT[1:])].to_numpy())) for each in sums.values()]
    if runs[0] != runs[1]:
        draw, replication = sorted(runs[0] ^ runs[1])[0]
        raise InputError(
            "ledger", f"only one of '{baseline}' and '{design}' has draw {draw}, replication {replication}"
        )
    return sums[design].sub(sums[baseline], fill_value=0).astype(np.int64).reset_index()


def reconcile(ledger: pd.DataFrame, splits: Sequence[Sequence[str]]) -> None:
    """Raise InputError unless the sums by each of ``splits`` add up to the ledger's total to the penny."""
    whole = totals(ledger, ())
    for by in splits:
        found = totals(ledger, by)
        for name in AMOUNTS:
            if int(found[name].sum()) != int(whole[name].iloc[0]):
                off = int(found[name].sum()) - int(whole[name].iloc[0])
                raise InputError("ledger", f"{name} by {', '.join(by)} is {off} pence from the total")


def _priced(summed: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    amounts = []
    for column, units, pence in zip(prices["column"], prices["units_per_count"], prices["pence"], strict=True):
        counts = summed[column].to_numpy()
        exact = float(units) == 1  # whole pence of whole counts need no rounding
        amounts.append(counts * int(pence) if exact else whole_pence(counts * float(units) * int(pence)))
    keys = summed[[*UNIT, "year", "financial_year", "quintile"]]
    row, line = np.tile(np.arange(len(keys)), len(prices)), np.repeat(np.arange(len(prices)), len(keys))
    made = keys.take(row).reset_index(drop=True)
    kept = [name for name in ("line", "organisation", "sector") if name in prices]
    made[kept] = prices[kept].take(line).reset_index(drop=True)
    made = made.assign(pence=np.concatenate(amounts).astype(np.int64), nature=USE, recurrence=RECURRENT)
    if "draw" not in prices:
        return made
    own = prices["draw"].take(line).reset_index(drop=True)
    return made[own.isna() | (own == made["draw"])]


def _shared(lines: pd.DataFrame, mine: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of one arm in each of its runs, split among the fifths of that run."""
    starts = np.flatnonzero(~mine.duplicated(list(UNIT)).to_numpy())
    weights = np.split(mine["people"].to_numpy(float), starts[1:])
    parts = [split(int(pence), each) for pence in lines["pence"] for each in weights]
    made = lines.drop(columns="pence").take(np.repeat(np.arange(len(lines)), len(mine))).reset_index(drop=True)
    row = np.tile(np.arange(len(mine)), len(lines))
    made[[*UNIT[1:], "quintile"]] = mine[[*UNIT[1:], "quintile"]].take(row).reset_index(drop=True)
    pence = np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
    return made.assign(pence=pence, nature=CASE)


def _finished(table: pd.DataFrame, rates: Rates) -> pd.DataFrame:
    years = np.sort(table["year"].unique())
    factors: dict[int, float] = {}
    if len(years):
        factors = dict(zip(years.tolist(), discount_factors(years, rates).tolist(), strict=True))
    worth = whole_pence(table["pence"].to_numpy(float) * table["year"].map(factors).to_numpy(float))
    return table.assign(discounted_pence=worth)[[*KEYS, *AMOUNTS]].reset_index(drop=True)


def _financial_years(starts: pd.Series) -> pd.Series:
    return starts.map({each: financial_year(str(each)) for each in starts.unique()})


def _check_prices(prices: pd.DataFrame, panel: pd.DataFrame) -> None:
    own = [name for name in ("line", "draw") if name in prices.columns]
    if prices.duplicated(own).any():
        name = prices["line"][prices.duplicated(own)].iloc[0]
        raise InputError("prices", f"line '{name}' is there twice; each is allowed once")
    for price in prices.to_dict("records"):
        where = f"price of '{price['line']}'"
        need_columns(panel, [str(price["column"])], "panel")
        if float(price["pence"]) < 0:
            raise InputError(where, f"is {float(price['pence']) / 100:.2f} GBP; a price is 0 or above")
        if float(price["pence"]) != int(price["pence"]):
            raise InputError(where, f"is {price['pence']} pence; whole pence are needed")
