"""One estimate with its interval: what every method of inequality, standardisation and life tables returns.

An undefined figure is NaN and its reason stands beside it; an estimate cannot be made without one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from scipy.stats import norm

from scenarios.errors import InputError

LEVEL = 0.95
_LEAST_LEVEL, _MOST_LEVEL = 0.5, 1.0
COLUMNS = ("method", "population", "estimate", "lower", "upper", "level", "se", "n", "n_of", "reason", "notes")


@dataclass(frozen=True)
class Estimate:
    """One figure: ``estimate`` with limits at ``level``, in the unit that ``method`` documents.

    ``population``: whom it is about. ``n`` counts ``n_of`` ('groups', 'people', 'events'): what the interval rests on.
    ``se``: standard error, NaN where the interval has none. ``reason``: why ``estimate`` or a limit is NaN.
    Raises ValueError if a figure is NaN without a reason.
    """

    estimate: float
    lower: float
    upper: float
    method: str
    population: str = "not stated"
    n: float = math.nan
    n_of: str = "groups"
    level: float = LEVEL
    se: float = math.nan
    reason: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a NaN that nobody explains."""
        if any(math.isnan(each) for each in (self.estimate, self.lower, self.upper)) and not self.reason:
            raise ValueError(f"{self.method}: an undefined figure needs its reason")

    def with_notes(self, *notes: str) -> Estimate:
        """Return the same estimate with ``notes`` (those not empty) added."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note)))

    def as_row(self) -> dict[str, Any]:
        """Return the fields as one row of ``estimates_table``; notes are joined by '; '."""
        row = {name: getattr(self, name) for name in COLUMNS}
        return {**row, "notes": "; ".join(self.notes)}


def undefined(
    method: str, population: str, n: float, reason: str, n_of: str = "groups", level: float = LEVEL
) -> Estimate:
    """Return an estimate without figures, and why."""
    nan = math.nan
    return Estimate(nan, nan, nan, method, population, n, n_of, level, nan, reason)


def normal_limits(estimate: float, se: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the limits ``estimate`` less and plus z standard errors."""
    half = z_value(level) * se
    return estimate - half, estimate + half


def z_value(level: float) -> float:
    """Return the two-sided standard normal quantile of ``level`` (0.95: 1.96). Raises InputError (see check_level)."""
    return float(norm.ppf(0.5 + check_level(level) / 2))


def check_level(level: float) -> float:
    """Return ``level``, or raise InputError unless it is from 0.5 to below 1 (0.95, not 95)."""
    if not _LEAST_LEVEL <= level < _MOST_LEVEL:
        raise InputError("level", f"{level} is not a level of confidence; allowed: 0.5 to below 1, such as 0.95")
    return level


def estimates_table(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Return one row per estimate, columns as ``COLUMNS``."""
    return pd.DataFrame([each.as_row() for each in estimates], columns=list(COLUMNS))
