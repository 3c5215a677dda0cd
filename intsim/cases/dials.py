"""What prices and values of health do to a case: each at both ends of its range, without simulating again."""

from __future__ import annotations

from collections.abc import Mapping
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

    Care used is in proportion to its unit price; what a design spends is worked out again. ``mean``: increments of the
    option (see ledgers.mean_increments), at central prices.
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
        key = (*(value for name, value in own.values.items() if name not in OF_HEALTH), own.prices["virtual_ward_day"])
        if key not in spent:
            spent[key] = _spent(own, option, added, place)
        cost = sum(amount * gbp[line] for line, amount in quantities.items()) + spent[key]
        effect = health.lived + health.per_condition * numbers["utility_per_condition"]
        if book.case.beyond_run == "remaining_life":
            effect += health.beyond * numbers["remaining_share"]
        return effect * threshold - cost

    own = {name: each.parameter for name, each in book.economics.prices.items() if name in quantities}
    own |= {name: each.parameter for name, each in book.economics.values.items()}
    ranges = {name: (row.low, row.high) for name, row in own.items() if row.low < row.high}
    return tornado(net, base, ranges)


def gbp_by_line(book: Book) -> dict[str, float]:
    """Return unit prices in pounds by line."""
    table = price_lines(book)
    return dict(zip(table["line"].astype(str), table["gbp"].astype(float), strict=True))


def _with(book: Book, numbers: Mapping[str, float]) -> Book:
    prices = {name: numbers[name] for name in book.prices}
    return replace(book, prices=prices, values={name: numbers[name] for name in book.values})


def _spent(book: Book, option: str, added: Added, place: Place) -> float:
    lines = spending_lines(book, option, added, place.registered, place.months, place.first_month)
    if lines.empty:
        return 0.0
    factors = discount_factors(np.arange(int(lines["year"].max()) + 1), rates_of(book, "cost"))
    return float((lines["pence"].to_numpy(float) * factors[lines["year"].to_numpy(int)]).sum()) / PENCE
