"""Indirectly standardised ratios and rates: events against what reference rates would give the same people."""

from __future__ import annotations

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
    table: pd.DataFrame,
    multiplier: float = 1.0,
    level: float = LEVEL,
    population: str = "not stated",
    observed: float | None = None,
) -> Indirect:
    """Return observed over expected events times ``multiplier`` (100: a standardised mortality ratio as published).

    ``table``, one row per stratum: ``count``, ``population``, ``reference_count``, ``reference_population``. A missing
    count, population or reference count is read as 0, as OHID does, and noted: a missing population lowers what is
    expected. ``observed``: all events, where they are not known by stratum (``count`` is then not needed). Byar's
    limits of the observed, exact Poisson below ten. Undefined where none is expected. Source: OHID PHEindicatormethods,
    calculate_ISRatio. Raises InputError for a missing column, a count below 0, or a reference population of 0 or below.
    """
    found = _counts(table, observed)
    return _indirect(found, multiplier, level, (RATIO, population))


def indirect_rate(
    table: pd.DataFrame,
    multiplier: float = PER_100_000,
    level: float = LEVEL,
    population: str = "not stated",
    observed: float | None = None,
) -> Indirect:
    """Return the ratio times the reference's crude rate, per ``multiplier``. Table, limits and errors as the ratio."""
    found = _counts(table, observed)
    return _indirect(found, multiplier * found.crude, level, (RATE, population))


@dataclass(frozen=True)
class _Counts:
    """Observed and expected events, the reference's crude rate, and what was read as 0."""

    observed: float
    expected: float
    crude: float
    notes: tuple[str, ...]
    cautions: tuple[str, ...]


def _counts(table: pd.DataFrame, observed: float | None) -> _Counts:
    known = () if observed is not None else ("count",)
    need_columns(table, (*known, "population", "reference_count", "reference_population"), "table")
    filled = {name: table[name].fillna(0.0) for name in (*known, "population", "reference_count")}
    if observed is None:
        events = float(numbers(filled["count"], "count", 0.0).sum())
    else:
        events = float(numbers([observed], "observed", 0.0)[0])
    reference = numbers(filled["reference_count"], "reference_count", 0.0)
    people = numbers(filled["population"], "population", 0.0)
    standard = numbers(table["reference_population"], "reference_population", 0.0, above=True)
    lost = {name: int(table[name].isna().sum()) for name in filled}
    words = {"count": "counts", "population": "populations", "reference_count": "reference counts"}
    notes = tuple(f"{number} missing {words[name]} read as 0" for name, number in lost.items() if number)
    low = ("a missing population or reference count lowers what is expected",)
    caution = low if lost["population"] + lost["reference_count"] else ()
    expected, crude = float(np.sum(people * reference / standard)), float(reference.sum() / standard.sum())
    return _Counts(events, expected, crude, notes, caution)


def _indirect(counts: _Counts, scale: float, level: float, names: tuple[str, str]) -> Indirect:
    observed, expected = counts.observed, counts.expected
    if expected == 0:
        reason = "no events are expected: no ratio"
        return Indirect(undefined(*names, observed, reason, "events", level), observed, expected)
    lower, upper = count_limits([observed], level)
    times = scale / expected
    limits = float(lower[0]) * times, float(upper[0]) * times
    found = Estimate(observed * times, *limits, names[0], names[1], observed, "events", level)
    return Indirect(found.with_notes(*counts.notes).with_cautions(*counts.cautions), observed, expected)
