"""Discounting: what a cost or a year of health some years ahead is worth today.

A schedule of rates is one number, or a table of bands (``from_year``, ``to_year``, ``rate``): the rate of year t takes
the factor of year t - 1 on to year t, so that year 31 of the Green Book is year 30's factor over 1.03 and not 1.03 to
the power of -31. Year 0 is now and is not discounted. Sources: HM Treasury, The Green Book (discounting annex); NICE
health technology evaluations manual PMG36.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, need_columns, numbers, same_length
from scenarios.errors import InputError

Rates = float | pd.DataFrame
BAND = ("from_year", "to_year", "rate")


def discount_factors(years: Numbers, rates: Rates) -> np.ndarray:
    """Return the discount factor of each of ``years`` (shape as given; may hold fractions, such as 0.5 for mid-year).

    ``rates``: a rate a year (0.035), or a table of bands as above. Raises InputError for a year below 0 or beyond the
    last band, a rate outside 0 to 1, and bands that leave a hole or overlap.
    """
    t = numbers(years, "years", 0.0)
    last = math.ceil(float(t.max()))
    yearly = _rate_of_each_year(rates, last)
    whole = np.concatenate([[1.0], np.cumprod(1.0 / (1.0 + yearly))])
    floor = np.floor(t).astype(int)
    part = t - floor
    ahead = np.append(yearly, 0.0)[floor]
    return whole[floor] * (1.0 + ahead) ** -part


def present_value(amounts: Numbers, years: Numbers, rates: Rates) -> float:
    """Return the sum of ``amounts``, each at its time in ``years``, in the value of year 0. Errors as above."""
    money, when = numbers(amounts, "amounts"), numbers(years, "years", 0.0)
    same_length(amounts=money, years=when)
    return float((money * discount_factors(when, rates)).sum())


def equivalent_annual_amount(value: float, years: int, rates: Rates, first_year: int = 1) -> float:
    """Return the level amount a year, for ``years`` years from ``first_year`` on, worth ``value`` today.

    Raises InputError for fewer years than 1.
    """
    if years < 1:
        raise InputError("years", f"is {years}; allowed: 1 or more")
    return value / float(discount_factors(np.arange(first_year, first_year + years), rates).sum())


def check_rate(rate: float, where: str) -> float:
    """Return ``rate``, or raise InputError unless it lies within 0 and 1 (0.035, not 3.5)."""
    if not (math.isfinite(rate) and 0 <= rate <= 1):
        raise InputError(where, f"is {rate:g}; a discount rate lies within 0 and 1 (3.5% is 0.035)")
    return rate


def check_schedule(bands: pd.DataFrame, where: str = "discount schedule") -> pd.DataFrame:
    """Return ``bands`` in order of years. Raises InputError for a hole, an overlap, or a rate outside 0 to 1."""
    need_columns(bands, BAND, where)
    kept = bands.sort_values("from_year").reset_index(drop=True)
    starts, ends = numbers(kept["from_year"], f"{where} from_year", 0.0), numbers(kept["to_year"], f"{where} to_year")
    for row, rate in enumerate(numbers(kept["rate"], f"{where} rate")):
        check_rate(float(rate), f"{where} row {row} rate")
    if starts[0] > 1:
        raise InputError(f"{where} from_year", f"begins at {starts[0]:g}; a schedule begins with year 0 or 1")
    for row in range(len(kept)):
        if ends[row] < starts[row]:
            raise InputError(f"{where} row {row} to_year", f"is {ends[row]:g}; allowed: {starts[row]:g} or later")
        if row and starts[row] != ends[row - 1] + 1:
            raise InputError(f"{where} row {row} from_year", f"is {starts[row]:g}; {ends[row - 1] + 1:g} is next")
    return kept


def _rate_of_each_year(rates: Rates, last: int) -> np.ndarray:
    """Return the rates of years 1 to ``last``."""
    if not isinstance(rates, pd.DataFrame):
        return np.full(last, check_rate(float(rates), "discount rate"))
    bands = check_schedule(rates)
    starts, ends = bands["from_year"].to_numpy(float), bands["to_year"].to_numpy(float)
    years = np.arange(1, last + 1)
    if last > ends[-1]:
        raise InputError("years", f"reach {last}; the schedule ends with year {ends[-1]:g}")
    return bands["rate"].to_numpy(float)[np.searchsorted(starts, years, side="right") - 1]
