"""Price years: the same thing at the prices of another financial year.

An index is a table of financial years ('2024/25') and levels; a price moves by the quotient of two levels. Pay and
prices of the health service rise otherwise than the economy's, so the index is named with every price.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from scenarios.errors import InputError

YEAR = re.compile(r"(\d{4})/(\d{2})")
INDEX = ("year", "level")


def check_year(year: str, where: str = "financial year") -> str:
    """Return ``year``, or raise InputError unless it is a financial year such as '2024/25'."""
    match = YEAR.fullmatch(str(year))
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        raise InputError(where, f"'{year}' is no financial year; write it as 2024/25")
    return str(year)


def financial_year(month_start: str) -> str:
    """Return the financial year (April to March) of a month such as '2024-04'."""
    year, month = int(month_start[:4]), int(month_start[5:7])
    first = year if month >= 4 else year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def index_from_rises(rises: pd.DataFrame) -> pd.DataFrame:
    """Return levels (first year's predecessor = 100) from yearly rises: columns year, rise (0.0402 for 4.02%).

    Raises InputError for a year that does not follow the one before, or a rise of -1 or below.
    """
    need_columns(rises, ("year", "rise"), "price index")
    table = rises.sort_values("year").reset_index(drop=True)
    years = [check_year(each, f"price index row {row} year") for row, each in enumerate(table["year"])]
    for before, after in pairwise(years):
        if int(after[:4]) != int(before[:4]) + 1:
            raise InputError("price index", f"goes from {before} to {after}; a year between is missing")
    rise = numbers(table["rise"], "price index rise", -1.0, above=True)
    first = int(years[0][:4]) - 1
    levels = 100.0 * np.concatenate([[1.0], np.cumprod(1 + rise)])
    return pd.DataFrame({"year": [f"{first}/{(first + 1) % 100:02d}", *years], "level": levels})


def inflation(index: pd.DataFrame, from_year: str, to_year: str, where: str = "price year") -> float:
    """Return what prices of ``from_year`` are multiplied by to be those of ``to_year``.

    Raises InputError for a year that the index does not have: a cost without a deflator cannot be moved.
    """
    need_columns(index, INDEX, "price index")
    if from_year == to_year:
        return 1.0
    levels = dict(zip(index["year"].astype(str), numbers(index["level"], "price index level", 0.0, True), strict=True))
    for year in (from_year, to_year):
        if check_year(year, where) not in levels:
            known = f"{min(levels)} to {max(levels)}"
            raise InputError(where, f"{year} has no deflator; the index runs from {known}")
    return float(levels[to_year] / levels[from_year])
