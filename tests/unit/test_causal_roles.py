"""Starts that are no period of the table, and columns named for two roles: refused, or told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.cohort import read_cohort
from evaluation.causal.study import NEVER, Study, read_study
from evaluation.draws import generator
from scenarios.errors import InputError

MONTHS = [202310, 202311, 202312, 202401, 202402, 202403]


def table(starts: list[float], periods: list[int] | None = None) -> pd.DataFrame:
    """Return a unit for each start, with a row per period and an outcome that varies."""
    named = periods or list(range(6))
    unit, period = np.repeat(np.arange(len(starts)), len(named)), np.tile(named, len(starts))
    noise = generator(1, "test of roles").normal(size=len(unit))
    made = pd.DataFrame({"unit": unit, "month": period, "visits": 10 + noise, "age": unit % 3})
    return made.assign(start=np.repeat(np.array(starts, dtype=float), len(named)))


def study(frame: pd.DataFrame, *covariates: str, outcome: str = "visits") -> Study:
    return read_study(
        frame, unit="unit", time="month", outcome=outcome, first_treated="start", covariates=list(covariates)
    )


@pytest.mark.parametrize(
    ("starts", "periods", "words"),
    [
        ([8.5, np.nan], None, "'start' is 8.5 for unit '0'; a period as in the time column, a whole number"),
        ([np.nan, 202313], MONTHS, "'start' is 202313 for unit '1'; .* a year and month such as 202310"),
        ([3, np.nan], MONTHS, "'start' is 3 for unit '0'"),  # the fourth month, not the year and month
        ([3, np.nan], [202311, 202312, 202313, 202401], "'month' holds 202313, whose month is not 1 to 12"),
    ],
)
def test_a_start_that_can_be_no_period_is_refused(starts: list[float], periods: list[int] | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        study(table(starts, periods))


def test_a_start_that_may_be_meant_is_told() -> None:
    made = study(table([3, 99, 99, -2, np.nan]))
    assert made.start.tolist() == [3, NEVER, NEVER, 0, NEVER]
    assert made.notes == (
        "2 units start (99) after the last period: taken as never treated",
        "1 unit starts (-2) before the first period: taken as treated throughout",
    )
    gap = study(table([202312, np.nan], [month for month in MONTHS if month != 202312]))
    assert gap.start[0] == 2
    assert "1 unit starts (202312) in a period without rows: taken as started in the next there is" in gap.notes


def test_no_start_is_not_told() -> None:
    assert study(table([202401, 0, np.nan, np.inf], MONTHS)).notes == ()
    assert study(table([202401, 202312, np.nan], MONTHS)).start.tolist() == [3, 2, NEVER]
    assert study(table([2000, np.nan], [1999, 2000, 2001, 2002])).notes == ()  # years, not months


@pytest.mark.parametrize("name", ["visits", "start"])
def test_the_outcome_and_the_treatment_are_no_covariates(name: str) -> None:
    frame = table([3, 4, np.nan])
    with pytest.raises(InputError, match=f"covariate '{name}' is the (outcome|treatment) itself"):
        study(frame, "age", name)
    people = frame.assign(start=frame["unit"] % 2)
    with pytest.raises(InputError, match=f"covariate '{name}' is the (outcome|treatment) itself"):
        read_cohort(people, treated="start", outcome="visits", covariates=["age", name])


def test_the_outcome_is_not_the_treatment() -> None:
    with pytest.raises(InputError, match="'start' is both the outcome and the treatment"):
        study(table([3, np.nan]), outcome="start")
    with pytest.raises(InputError, match="'visits' is both the outcome and the treatment"):
        read_cohort(table([3, np.nan]), treated="visits", outcome="visits")
