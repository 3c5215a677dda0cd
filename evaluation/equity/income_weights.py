"""Green Book distributional weights: a pound is worth more to those who have fewer of them.

weight = (median income / income) to the power of the elasticity of marginal utility (1.3). They weight money by income
and are never put on top of equity weights on health: both say that the same people count for more. Source: HM Treasury,
The Green Book, annex on distributional appraisal.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, need_columns, numbers
from scenarios.errors import InputError

GREEN_BOOK_COLUMNS = ("group", "equivalised_income", "benefit")
EQUITY_WEIGHTED = ("ede_gain", "equity", "aversion")


def income_weights(incomes: Numbers, median: float, elasticity: float) -> np.ndarray:
    """Return the weight of each of ``incomes`` (equivalised, pounds a year, above 0). 1 at the median.

    Raises InputError for an income or median that is not above 0, or an elasticity below 0.
    """
    income = numbers(incomes, "equivalised_income", 0.0, above=True)
    middle = float(numbers([median], "median income", 0.0, above=True)[0])
    power = float(numbers([elasticity], "elasticity", 0.0)[0])
    return (middle / income) ** power


def weighted_benefits(table: pd.DataFrame, median: float, elasticity: float) -> pd.DataFrame:
    """Return ``table`` (group, equivalised_income, benefit in pounds) with weight and weighted_benefit.

    Raises InputError for a table that already carries equity weights on health: never both.
    """
    for column in EQUITY_WEIGHTED:
        if column in table.columns:
            problem = f"column '{column}' is of health weighted for equity; Green Book weights are never put on top"
            raise InputError("distributional weights", problem)
    need_columns(table, GREEN_BOOK_COLUMNS, "distributional weights")
    weight = income_weights(table["equivalised_income"], median, elasticity)
    return table.assign(weight=weight, weighted_benefit=weight * numbers(table["benefit"], "benefit"))
