"""What prices and values of health do to a case: each at both ends of its range, without simulating again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.economics.discounting import discount_factors
from evaluation.economics.ledger import USE
from evaluation.economics.money import PENCE
from evaluation.sensitivity.tornado import tornado
from intsim.cases.ledgers import Place
from intsim.cases.spending import Added, spending_lines
from intsim.cases.valuation import Book, price_lines, rates_of

VIRTUAL_DAY = "virtual_ward_day"  # the one price of care that a design pays for itself
# Values that say what health is worth: nothing that a design spends hangs on them.
OF_HEALTH = ("utility_per_condition", "remaining_share", "aversion_atkinson", "income_elasticity")


@dataclass(frozen=True)
class Health:
    """Mean QALYs of an option: lived, for each unit of utility a condition, and beyond the run for a share of 1."""

    lived: float
    per_condition: float
    beyond: float


def price_tornado(
    book: Book, mean: pd.DataFrame, added: Added, health: Health, place: Place, threshold: float
) -> pd.DataFrame:
    """Return the tornado of one option's net monetary benefit (pounds): every uncertain price and value.

    Care used is in proportion to its unit price; what a design spends is worked out again. A price that is drawn with
    another has no bar of its own: it moves with that one. ``mean``: increments of the option (see
    ledgers.mean_increments), at central prices.
    """
    central = gbp_by_line(book)
    used = mean[mean["nature"] == USE].groupby("line")["discounted_pence"].sum() / PENCE
    quantities = {str(line): float(amount) / central[str(line)] for line, amount in used.items()}
    base = {**book.prices, **book.values}
    option = str(mean["option"].iloc[0]) if len(mean) else ""

    spent: dict[tuple[float, ...], float] = {}  # what a design spends does not hang on most prices

    def net(numbers: Mapping[str, float]) -> float:
        own = _with(book, numbers)
        gbp = gbp_by_line(own)
        key = (*(value for name, value in own.values.items() if name not in OF_HEALTH), own.prices[VIRTUAL_DAY])
        if key not in spent:
            spent[key] = _spent(own, option, added, place)
        cost = sum(amount * gbp[line] for line, amount in quantities.items()) + spent[key]
        effect = health.lived + health.per_condition * numbers["utility_per_condition"]
        if book.case.beyond_run == "remaining_life":
            effect += health.beyond * numbers["remaining_share"]
        return effect * threshold - cost

    own = {name: book.economics.prices[name].parameter for name in moving(book, quantities, added)}
    own |= {name: each.parameter for name, each in book.economics.values.items()}
    ranges = {name: (row.low, row.high) for name, row in own.items() if row.low < row.high}
    return tornado(net, base, ranges)


def moving(book: Book, lines: Collection[str], added: Added) -> list[str]:
    """Return the prices that the net benefit of an option hangs on, each that is drawn with another under that name.

    Those of the ``lines`` of care whose use differs, what is taken off them, and that of virtual ward places where the
    design buys or saves some: their use is then no line, for the places are paid.
    """
    table = book.economics.prices
    priced = {name for name in table if name in lines}
    priced |= {table[name].less for name in priced if table[name].less}
    if added.virtual_places:
        priced.add(VIRTUAL_DAY)
    led = {table[name].drawn_with if follows(book, name) else name for name in priced}
    return [name for name in table if name in led]


def follows(book: Book, name: str) -> bool:
    """Return whether a price moves with the one that it is drawn with: not where the user has fixed one of them."""
    table = book.economics.prices
    first = table[name].drawn_with
    return bool(first) and all(table[each].parameter.low < table[each].parameter.high for each in (name, first))


def gbp_by_line(book: Book) -> dict[str, float]:
    """Return unit prices in pounds by line."""
    table = price_lines(book)
    return dict(zip(table["line"].astype(str), table["gbp"].astype(float), strict=True))


def _with(book: Book, numbers: Mapping[str, float]) -> Book:
    """Return the book at ``numbers``; where a price is at an end, those drawn with it are at the same end of theirs."""
    prices = {name: numbers[name] for name in book.prices}
    for name, price in book.economics.prices.items():
        first = price.drawn_with
        if follows(book, name) and prices[first] != book.prices[first]:
            at_high = prices[first] == book.economics.prices[first].parameter.high
            prices[name] = price.parameter.high if at_high else price.parameter.low
    return replace(book, prices=prices, values={name: numbers[name] for name in book.values})


def _spent(book: Book, option: str, added: Added, place: Place) -> float:
    lines = spending_lines(book, option, added, place.registered, place.months, place.first_month)
    if lines.empty:
        return 0.0
    factors = discount_factors(np.arange(int(lines["year"].max()) + 1), rates_of(book, "cost"))
    return float((lines["pence"].to_numpy(float) * factors[lines["year"].to_numpy(int)]).sum()) / PENCE
