"""One estimate with its interval: what every method of inequality, standardisation, life tables and causes returns.

An undefined figure is NaN and its reason stands beside it; an estimate cannot be made without one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from evaluation.methods import method_of
from scenarios.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVEL = 0.95
VALUE, DIFFERENCE, RATIO = "value", "difference", "ratio"
NO_EFFECT: Mapping[str, float] = {DIFFERENCE: 0.0, RATIO: 1.0}
_LEAST_LEVEL, _MOST_LEVEL = 0.5, 1.0
_ALIKE, _MOST_LOG_DF = 1e-6, 16.0  # relative difference that is none; log of degrees of freedom that are infinite
NO_WIDTH = "limits of no width: nothing varies by which their error could be told"
_JOINED = ("assumptions", "cautions", "notes")
COLUMNS = (
    "method",
    "estimand",
    "population",
    "estimate",
    "lower",
    "upper",
    "level",
    "scale",
    "se",
    "n",
    "n_of",
    "assumptions",
    "cautions",
    "reason",
    "notes",
)


@dataclass(frozen=True)
class Estimate:
    """One figure: ``estimate`` with limits at ``level``, in the unit that ``method`` documents.

    ``population``: whom it is about. ``n`` counts ``n_of`` ('groups', 'people', 'events'): what the interval rests on.
    ``se``: standard error (of the log for a causal ratio), NaN where the interval has none. ``reason``: why
    ``estimate`` or a limit is NaN. ``notes``: how it was made. ``scale``: 'value', 'difference' (no effect is 0) or
    'ratio' (1). ``estimand`` and ``assumptions``: what it is an estimate of, and what it rests on; those of methods.csv
    unless given. ``cautions``: what speaks against it. ``diagnostics``: named numbers. ``counts``: how many people and
    events are behind it, by what they are; suppressed and rounded before they leave. ``tables``: what figures draw
    ('event_study', 'path', 'weights', 'att_gt', 'balance', 'placebo', 'left_out'). ``covariance``: of the event study's
    coefficients, in order. Raises ValueError if a figure is NaN without a reason.
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
    notes: tuple[str, ...] = ()
    scale: str = ""
    estimand: str = ""
    assumptions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    covariance: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Refuse a NaN that nobody explains; say what the method estimates where the caller did not."""
        if any(math.isnan(each) for each in (self.estimate, self.lower, self.upper)) and not self.reason:
            raise ValueError(f"{self.method}: an undefined figure needs its reason")
        known = method_of(self.method)
        for name in ("scale", "estimand", "assumptions"):
            if not getattr(self, name) and known is not None:
                object.__setattr__(self, name, getattr(known, name))
        if not self.scale:
            object.__setattr__(self, "scale", DIFFERENCE)
        if self.upper - self.lower <= _ALIKE**2 * abs(self.estimate) and NO_WIDTH not in self.cautions:
            object.__setattr__(self, "cautions", (*self.cautions, NO_WIDTH))

    @property
    def p_value(self) -> float:
        """Two-sided p-value of no effect: a method's own where it gives one, else that of its limits.

        The limits hold no effect just where it is above 1 - level: with the Student's t that they were made with, or,
        where the two sides differ, with the normal error of the side towards no effect. NaN without a standard error,
        and for a value, which no effect leaves where it is.
        """
        if "p_value" in self.diagnostics:
            return self.diagnostics["p_value"]
        if self.scale not in NO_EFFECT or not self.se > 0 or (self.scale == RATIO and not self.estimate > 0):
            return math.nan
        middle, low, high = self.estimate, self.lower, self.upper
        if self.scale == RATIO:
            middle, low, high = (math.log(each) if each > 0 else math.nan for each in (middle, low, high))
        return _p_of_limits(middle, (middle - low, high - middle), self.se, self.level)

    def with_notes(self, *notes: str) -> Estimate:
        """Return the same estimate with ``notes`` (those not empty) added."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note)))

    def with_cautions(self, *cautions: str) -> Estimate:
        """Return the same with ``cautions`` (those not empty) added."""
        return replace(self, cautions=(*self.cautions, *(words for words in cautions if words)))

    def as_row(self) -> dict[str, Any]:
        """Return the fields as one row of ``estimates_table``; lists of words are joined by '; '."""
        row = {name: getattr(self, name) for name in COLUMNS}
        return {**row, **{name: "; ".join(row[name]) for name in _JOINED}}

    def figure(self) -> Figure:
        """Return the estimate's own figure: event study, path with its counterfactual, balance, or the interval."""
        from evaluation.figures.estimates import draw

        return draw(self)


def undefined(
    method: str, population: str, n: float, reason: str, n_of: str = "groups", level: float = LEVEL
) -> Estimate:
    """Return an estimate without figures, and why."""
    nan = math.nan
    return Estimate(nan, nan, nan, method, population, n, n_of, level, nan, reason)


def _p_of_limits(middle: float, sides: tuple[float, float], se: float, level: float) -> float:
    """Return the two-sided p-value of 0 from how far the limits lie below and above an estimate."""
    near = sides[0] if middle > 0 else sides[1]
    if not (math.isfinite(near) and near > 0):
        return float(2 * stats.norm.sf(abs(middle) / se))
    if abs(sides[0] - sides[1]) > _ALIKE * sum(sides):
        return float(2 * stats.norm.sf(abs(middle) * critical(level) / near))
    wide = near / se
    if wide <= critical(level) * (1 + _ALIKE):
        return float(2 * stats.norm.sf(abs(middle) / se))
    if wide >= critical(level, 1.0):
        return float(2 * stats.t.sf(abs(middle) / se, 1.0))
    df = optimize.brentq(lambda log_df: critical(level, math.exp(log_df)) - wide, 0.0, _MOST_LOG_DF)
    return float(2 * stats.t.sf(abs(middle) / se, math.exp(df)))


def normal_limits(estimate: float, se: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the limits ``estimate`` less and plus z standard errors."""
    half = z_value(level) * se
    return estimate - half, estimate + half


def student_interval(estimate: float, se: float, df: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the limits ``estimate`` +- t(df) x ``se``; df infinite is the normal."""
    half = critical(level, df) * se
    return estimate - half, estimate + half


def z_value(level: float) -> float:
    """Return the two-sided standard normal quantile of ``level`` (0.95: 1.96). Raises InputError (see check_level)."""
    return critical(level)


def critical(level: float, df: float = math.inf) -> float:
    """Return the two-sided critical value of Student's t with ``df`` degrees of freedom (infinite: normal).

    Raises InputError (see check_level).
    """
    tail = 0.5 + check_level(level) / 2
    return float(stats.norm.ppf(tail) if math.isinf(df) else stats.t.ppf(tail, df))


def check_level(level: float) -> float:
    """Return ``level``, or raise InputError unless it is from 0.5 to below 1 (0.95, not 95)."""
    if not _LEAST_LEVEL <= level < _MOST_LEVEL:
        raise InputError("level", f"{level} is not a level of confidence; allowed: 0.5 to below 1, such as 0.95")
    return level


def estimates_table(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Return one row per estimate, columns as ``COLUMNS``."""
    return pd.DataFrame([each.as_row() for each in estimates], columns=list(COLUMNS))
