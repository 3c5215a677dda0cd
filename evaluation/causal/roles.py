"""What a column of a table may be used for: an outcome is no covariate of itself, and a start is a period there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.causal.periods import in_years_and_months, written_as_months
from scenarios.errors import InputError

SHOWN = 3  # starts named in a caution


def refuse_two_roles(where: str, covariates: Sequence[str], outcome: str, treatment: Sequence[str]) -> None:
    """Raise InputError for an outcome that is the treatment, and a covariate that is either: it explains all by itself.

    ``treatment``: the columns that say who is treated, or when.
    """
    if outcome in treatment:
        raise InputError(where, f"column '{outcome}' is both the outcome and the treatment; name two columns")
    for name in covariates:
        if name == outcome or name in treatment:
            role = "outcome" if name == outcome else "treatment"
            raise InputError(
                where, f"covariate '{name}' is the {role} itself; covariates are what was measured before the start"
            )


def refuse_months(column: str, periods: np.ndarray) -> None:
    """Raise InputError for a number among years and months (202312, 202401) whose month is none (202313)."""
    wrong = in_years_and_months(periods)
    if wrong.any():
        words = f"column '{column}' holds {np.asarray(periods)[wrong][0]:g}, whose month is not 1 to 12"
        raise InputError("panel", f"{words}; years and months go on from 202312 to 202401")


def refuse_starts(column: str, starts: pd.Series, periods: np.ndarray) -> None:
    """Raise InputError for a start that can be no period: a fraction, or no year and month where periods are those.

    ``starts``: of each unit (its index), NaN, 0 or infinite where there is none.
    """
    given = starts[np.isfinite(starts) & (starts != 0)]
    wrong = given % 1 != 0
    allowed = "a whole number"
    if written_as_months(periods):
        wrong |= np.array([not written_as_months(np.array([each])) for each in given], dtype=bool)
        allowed = f"a year and month such as {periods[0]:g}"
    if wrong.any():
        unit, value = given[wrong].index[0], given[wrong].iloc[0]
        words = f"column '{column}' is {value:.10g} for unit '{unit}'; a period as in the time column, {allowed},"
        raise InputError("panel", f"{words} is needed, or nothing (never treated)")


def starts_told(starts: pd.Series, periods: np.ndarray) -> tuple[str, ...]:
    """Return a caution of starts (of each unit) that may be meant but are no period of the table."""
    given = starts[np.isfinite(starts) & ~((starts == 0) & (periods[0] > 0))]
    between = given.between(periods[0], periods[-1]) & ~given.isin(periods)
    kinds = (
        (given > periods[-1], "after the last period: taken as never treated"),
        (given < periods[0], "before the first period: taken as treated throughout"),
        (between, "in a period without rows: taken as started in the next there is"),
    )
    return tuple(_words(given[flags], words) for flags, words in kinds if flags.any())


def _words(starts: pd.Series, words: str) -> str:
    values = sorted(starts.unique())
    shown = ", ".join(f"{value:.10g}" for value in values[:SHOWN]) + (" and others" if len(values) > SHOWN else "")
    return f"{len(starts)} unit{'s start' if len(starts) > 1 else ' starts'} ({shown}) {words}"
