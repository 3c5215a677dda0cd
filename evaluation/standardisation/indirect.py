"""Indirectly standardised ratios and rates: events against what reference rates would give the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.estimate import LEVEL, Estimate, undefined
from evaluation.standardisation.crude import PER_100_000
from evaluation.standardisation.limits import count_limits

RATIO, RATE = "indirect_ratio", "indirect_rate"


@dataclass(frozen=True)
class Indirect:
    """A ratio (or rate) of observed to expected events, and both counts."""

    estimate: Estimate
    observed: float
    expected: float


def indirect_ratio(
    table: pd.DataFrame, multiplier: float = 1.0, level: float = LEVEL, population: str = "not stated"
) -> Indirect:
    """Return observed over expected events times ``multiplier`` (100: a standardised mortality ratio as published).

    ``table``, one row per stratum: ``count`` (missing: read as 0, and noted), ``population`` (may be missing where the
    reference has no events, for nothing is expected there), ``reference_count``, ``reference_population``. Byar's
    limits of the observed, exact Poisson below ten. Undefined where none is expected. Source: OHID PHEindicatormethods,
    calculate_ISRatio. Raises InputError for a missing column, a count below 0, or a reference population of 0 or below.
    """
    observed, expected, missing, _ = _counts(table)
    return _indirect((observed, expected, missing), multiplier, level, (RATIO, population))


def indirect_rate(
    table: pd.DataFrame, multiplier: float = PER_100_000, level: float = LEVEL, population: str = "not stated"
) -> Indirect:
    """Return the ratio times the reference's crude rate, per ``multiplier``. Table, limits and errors as the ratio."""
    observed, expected, missing, crude = _counts(table)
    return _indirect((observed, expected, missing), multiplier * crude, level, (RATE, population))


def _counts(table: pd.DataFrame) -> tuple[float, float, int, float]:
    """Return observed, expected, how many counts were missing, and the crude rate of the reference."""
    columns: Sequence[str] = ("count", "population", "reference_count", "reference_population")
    need_columns(table, columns, "table")
    observed = numbers(table["count"].fillna(0.0), "count", 0.0)
    reference = numbers(table["reference_count"], "reference_count", 0.0)
    people = numbers(table["population"].where(table["population"].notna() | (reference > 0), 0.0), "population", 0.0)
    standard = numbers(table["reference_population"], "reference_population", 0.0, above=True)
    expected = float(np.sum(people * reference / standard))
    return float(observed.sum()), expected, int(table["count"].isna().sum()), float(reference.sum() / standard.sum())


def _indirect(counts: tuple[float, float, int], scale: float, level: float, names: tuple[str, str]) -> Indirect:
    observed, expected, missing = counts
    if expected == 0:
        reason = "no events are expected: no ratio"
        return Indirect(undefined(*names, observed, reason, "events", level), observed, expected)
    lower, upper = count_limits([observed], level)
    times = scale / expected
    limits = float(lower[0]) * times, float(upper[0]) * times
    found = Estimate(observed * times, *limits, names[0], names[1], observed, "events", level)
    return Indirect(found.with_notes(f"{missing} missing counts read as 0" if missing else ""), observed, expected)
