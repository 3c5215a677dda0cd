"""Funnel plots: which areas differ from the average of all by more than chance would make them.

OHID's limits (Fingertips technical guidance; PHEindicatormethods, calculate_funnel_limits): for proportions the score
limits about the average, the reverse of Wilson's; for ratios and rates the expected events at which the observed ones
would be at their exact Poisson limit. Two pairs of limits, 95% and 99.8%. Spiegelhalter, Stat Med 2005;24:1185-1202:
areas that are alike in everything else still differ more than chance; many outside is overdispersion, and is noted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, need_columns, numbers, same_length
from evaluation.estimate import z_value
from evaluation.standardisation.limits import exact_poisson_limits
from scenarios.errors import InputError, nearest

KINDS = ("proportion", "ratio", "rate")
LEVELS = (0.95, 0.998)
OVERDISPERSED = 0.25  # share of areas outside the inner limits above which chance alone is no fair yardstick


@dataclass(frozen=True)
class Funnel:
    """``areas``: the table with value, average and place ('within', 'low 95%', 'high 99.8%', ...); ``average``;

    ``note``: where so many areas lie outside that chance alone is no fair yardstick.
    """

    areas: pd.DataFrame
    average: float
    note: str = ""


def funnel(table: pd.DataFrame, kind: str, multiplier: float = 1.0) -> Funnel:
    """Return where each row of ``table`` lies against the limits of chance about the average of all.

    Columns: ``count`` and ``denominator``: people for a 'proportion', expected events for a 'ratio', people or
    person-years for a 'rate'. The average is all events over all denominators. Value and average are times
    ``multiplier``. Raises InputError for another kind, a missing column, a count below 0 (or above the denominator of a
    proportion), or a denominator of 0 or below.
    """
    count, people, average = _read(table, kind)
    place = np.full(len(count), "within", dtype=object)
    for level in LEVELS:  # the outer overwrites the inner
        low, high = _outside(count, people, average, kind, level)
        place[low], place[high] = f"low {100 * level:g}%", f"high {100 * level:g}%"
    made = table.assign(value=count / people * multiplier, average=average * multiplier, place=place)
    share = float((place != "within").mean())
    note = f"{share:.0%} of areas lie outside 95% limits: they differ by more than chance (overdispersion)"
    return Funnel(made, average * multiplier, note if share > OVERDISPERSED else "")


def funnel_lines(
    average: float, kind: str, lowest: float, highest: float, multiplier: float = 1.0, points: int = 100
) -> pd.DataFrame:
    """Return limits to draw: columns denominator, level, lower, upper (values), from ``lowest`` to ``highest``.

    ``average``: events over denominators, not multiplied. For a ratio or a rate a lower limit is that of the most
    events still low for the denominator, an upper that of the fewest still high. Raises InputError for another kind, an
    average of 0 or below (or above 1 for a proportion), or denominators that are not above 0 and rising.
    """
    _known(kind)
    if kind == "proportion" and average > 1:
        raise InputError("average", f"is {average:g}; allowed: above 0 to 1 for a proportion")
    if not average > 0 or not 0 < lowest < highest or points < 2:
        raise InputError(
            "denominators", f"from {lowest:g} to {highest:g} about {average:g}; above 0 and rising is needed"
        )
    at = np.geomspace(lowest, highest, points)
    rows = []
    for level in LEVELS:
        if kind == "proportion":
            half = z_value(level) * np.sqrt(average * (1 - average) / at)
            low, high = np.maximum(average - half, 0.0), np.minimum(average + half, 1.0)
        else:
            low, high = (each / at for each in _turning_counts(at * average, level))
        rows.append(
            pd.DataFrame({"denominator": at, "level": level, "lower": low * multiplier, "upper": high * multiplier})
        )
    return pd.concat(rows, ignore_index=True)


def _turning_counts(expected: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the most events still significantly low, and the fewest still high, for each number expected."""
    most = np.arange(int(np.ceil(expected.max() + 10 * np.sqrt(expected.max()) + 20)))
    lower, upper = exact_poisson_limits(most, level)
    low = np.searchsorted(upper, expected, side="left") - 1.0  # upper limits rise with the count
    high = np.searchsorted(lower, expected, side="right").astype(float)
    return np.maximum(low, 0.0), high


def _outside(
    count: np.ndarray, people: np.ndarray, average: float, kind: str, level: float
) -> tuple[np.ndarray, np.ndarray]:
    if kind == "proportion":
        half = z_value(level) * np.sqrt(average * (1 - average) / people)
        return count / people < average - half, count / people > average + half
    lower, upper = exact_poisson_limits(count, level)
    expected = people * average
    return upper < expected, lower > expected


def _read(table: pd.DataFrame, kind: str) -> tuple[np.ndarray, np.ndarray, float]:
    _known(kind)
    need_columns(table, ("count", "denominator"))
    count = numbers(table["count"], "count", 0.0)
    people = numbers(table["denominator"], "denominator", 0.0, above=True)
    same_length(count=count, denominator=people)
    if kind == "proportion" and (count > people).any():
        at = int(np.argmax(count > people))
        raise InputError(f"count row {at}", f"is {count[at]:g}; allowed: 0 to the denominator, {people[at]:g}")
    return count, people, 1.0 if kind == "ratio" else float(count.sum() / people.sum())


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise InputError("kind", f"no such kind '{kind}'; {nearest(kind, KINDS)}")


def average_of(counts: Numbers, denominators: Numbers) -> float:
    """Return all events over all denominators, for ``funnel_lines``."""
    count, people = numbers(counts, "counts", 0.0), numbers(denominators, "denominators", 0.0, above=True)
    same_length(counts=count, denominators=people)
    return float(count.sum() / people.sum())
