"""One result type for every estimator: the number, its interval, what it is about, what it rests on, and its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVEL = 0.95
DIFFERENCE, RATIO = "difference", "rate ratio"


@dataclass(frozen=True)
class Estimate:
    """What one estimator says.

    ``estimate``, ``lower`` and ``upper`` are on ``scale`` ('difference', in the outcome's own unit, or 'rate ratio');
    ``se`` is on the scale's own line (the log for a ratio). A number that cannot be given is NaN, and ``reason`` says
    why. ``diagnostics`` are named numbers; ``tables`` hold what figures draw ('event_study', 'path', 'weights',
    'att_gt', 'balance', 'placebo', 'left_out'); ``covariance`` is that of the event study's coefficients, in order.
    """

    method: str
    estimate: float
    se: float
    lower: float
    upper: float
    estimand: str
    population: str
    assumptions: tuple[str, ...]
    scale: str = DIFFERENCE
    level: float = LEVEL
    cautions: tuple[str, ...] = ()
    reason: str = ""
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    covariance: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Refuse a missing number without a reason: a fault of the estimator, not of the user."""
        if any(math.isnan(value) for value in (self.estimate, self.lower, self.upper)) and not self.reason:
            raise ValueError(f"{self.method}: a missing number needs a reason beside it")

    @property
    def p_value(self) -> float:
        """Two-sided p-value of no effect: an estimator's own where it gives one, else normal; NaN without an SE."""
        if "p_value" in self.diagnostics:
            return self.diagnostics["p_value"]
        middle = math.log(self.estimate) if self.scale == RATIO and self.estimate > 0 else self.estimate
        return float(2 * stats.norm.sf(abs(middle / self.se))) if self.se > 0 else math.nan

    def with_cautions(self, *cautions: str) -> Estimate:
        """Return the same with ``cautions`` added."""
        return replace(self, cautions=(*self.cautions, *cautions))

    def row(self) -> dict[str, object]:
        """Return one flat row for a table of several estimators; cautions and assumptions are joined by '; '."""
        return {
            "method": self.method,
            "estimate": self.estimate,
            "lower": self.lower,
            "upper": self.upper,
            "se": self.se,
            "level": self.level,
            "scale": self.scale,
            "estimand": self.estimand,
            "population": self.population,
            "assumptions": "; ".join(self.assumptions),
            "cautions": "; ".join(self.cautions),
            "reason": self.reason,
        }

    def figure(self) -> Figure:
        """Return the estimator's own figure: event study, path with its counterfactual, balance, or the interval."""
        from evaluation.causal.figures import draw

        return draw(self)


def student_interval(estimate: float, se: float, df: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the limits ``estimate`` +- t(df) x ``se``; df infinite is the normal."""
    half = critical(level, df) * se
    return estimate - half, estimate + half


def critical(level: float, df: float = math.inf) -> float:
    """Return the two-sided critical value of Student's t with ``df`` degrees of freedom."""
    tail = 0.5 + level / 2
    return float(stats.norm.ppf(tail) if math.isinf(df) else stats.t.ppf(tail, df))


def table_of(results: list[Estimate]) -> pd.DataFrame:
    """Return one row per result (see Estimate.row)."""
    return pd.DataFrame([each.row() for each in results])
