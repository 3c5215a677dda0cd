"""Concentration indices: is an outcome found among the deprived or the well-off, from people or from groups?

Rank 0 is the most deprived; a negative index means more among them. C = 2 cov(h, rank) / mean; generalised C x mean;
Erreygers 4 x (C x mean) / (highest - lowest possible); Wagstaff C / (1 - mean) of the outcome scaled to 0 to 1.
Sources: Kakwani, Wagstaff and van Doorslaer 1997; Erreygers 2009; Wagstaff 2005; O'Donnell and others 2016 (conindex).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, numbers, same_length
from evaluation.estimate import LEVEL, Estimate, check_level, normal_limits, student_interval, undefined
from evaluation.inequality.rank import fractional_rank
from evaluation.inequality.slope_variants import FEW
from scenarios.errors import InputError, nearest

INDICES = ("standard", "generalised", "erreygers", "wagstaff")
ERRORS = ("ols", "robust", "cluster", "delta")
_ALL_ZERO = "the outcome is 0 everywhere: no relative index"


@dataclass(frozen=True)
class ConcentrationMethod:
    """Which index, between which bounds, with which standard error.

    ``index``: one of INDICES. ``lowest`` and ``highest``: bounds of the outcome; Erreygers' and Wagstaff's need them
    (0 and 1 unless given), and never the range observed. ``errors``: 'ols' (the convenient regression), 'robust' (HC1),
    'cluster' (HC1 by ``clusters``) or 'delta' (the mean is estimated too). ``small_sample``: index and error times
    (n - 1) / n, as the R package rineq has it. Raises InputError for other names or bounds out of order.
    """

    index: str = "standard"
    lowest: float = 0.0
    highest: float = 1.0
    errors: str = "ols"
    level: float = LEVEL
    small_sample: bool = False

    def __post_init__(self) -> None:
        """Refuse settings that have no meaning."""
        if self.index not in INDICES:
            raise InputError("index", f"no such index '{self.index}'; {nearest(self.index, INDICES)}")
        if self.errors not in ERRORS:
            raise InputError("errors", f"no such standard error '{self.errors}'; {nearest(self.errors, ERRORS)}")
        if not self.lowest < self.highest:
            raise InputError("lowest", f"is {self.lowest:g}, not below highest {self.highest:g}")
        check_level(self.level)

    @property
    def bounded(self) -> bool:
        """Whether the index is for an outcome with bounds."""
        return self.index in ("erreygers", "wagstaff")

    @property
    def name(self) -> str:
        """The variant as a column says it."""
        return f"concentration_{self.index}"


@dataclass(frozen=True)
class _Ranked:
    """An outcome with its ranks: arrays of shape (units,)."""

    outcome: np.ndarray
    rank: np.ndarray
    weight: np.ndarray
    mean: float
    rank_variance: float


def concentration_index(
    outcome: Numbers,
    order: Numbers,
    weights: Numbers | None = None,
    method: ConcentrationMethod | None = None,
    clusters: Numbers | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the concentration index of ``outcome`` (shape: units) by ``order`` (lowest = most deprived; ties allowed).

    Units are people (``weights``: survey weights), or groups (``weights``: their populations); the standard error of
    the convenient regression rests on the number of units, so that of groups is about groups. Limits are Student's t
    (units - 2 degrees of freedom; clusters - 1), and below FEW units or clusters a caution says what they rest on.
    Undefined, with its reason: one unit or one rank, or an outcome of 0 everywhere for a relative index. Raises
    InputError for a value that is not a number, lists of unequal length, an outcome outside the bounds or, for a
    relative index, below 0.
    """
    used = method or ConcentrationMethod()
    data = _ranked(outcome, order, weights)
    n, kind = len(data.outcome), "people" if weights is None else "units"
    _refuse_outcome(data.outcome, used)
    index, reason = _index(data, used)
    if reason:
        return undefined(used.name, population, n, reason, kind, used.level)
    times = (n - 1) / n if used.small_sample else 1.0
    index *= times
    if n < 3:
        why = "fewer than three units: no standard error"
        return Estimate(index, math.nan, math.nan, used.name, population, n, kind, used.level, reason=why)
    se = times * _standard_error(data, used, clusters)
    df, few = _degrees_of_freedom(n, kind, used, clusters)
    lower, upper = student_interval(index, se, df, used.level)
    notes = (f"errors: {used.errors}",)
    return Estimate(index, lower, upper, used.name, population, n, kind, used.level, se, notes=notes, cautions=few)


def concentration_grouped(
    values: Numbers,
    people: Numbers,
    standard_deviations: Numbers | None = None,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return the standard index of group means with the standard error of Kakwani and others (1997, equation 14).

    ``values`` and ``people`` (shape: groups) run from the most deprived (first). With ``standard_deviations`` of the
    outcome within groups the error rests on people; without, on groups. Undefined for one group or a mean of 0 or
    below.
    """
    size = numbers(people, "people", 0.0, above=True)
    data = _ranked(values, np.arange(len(size)), size)
    n = len(size) if standard_deviations is None else float(size.sum())
    kind = "groups" if standard_deviations is None else "people"
    index, reason = _index(data, ConcentrationMethod())
    if reason:
        return undefined("concentration_standard_grouped", population, n, reason, kind, level)
    share = data.weight / data.weight.sum()
    held = np.cumsum(share * data.outcome) / data.mean
    before = np.concatenate([[0.0], held[:-1]])
    around = 2 * data.rank - 1 - index
    a = data.outcome / data.mean * around + 2 - before - held
    variance = (float((share * a**2).sum()) - (1 + index) ** 2) / n
    if standard_deviations is not None:
        within = numbers(standard_deviations, "standard_deviations", 0.0)
        same_length(people=size, standard_deviations=within)
        variance += float((share * within**2 * around**2).sum()) / (n * data.mean**2)
    se = math.sqrt(max(variance, 0.0))
    lower, upper = normal_limits(index, se, level)
    return Estimate(index, lower, upper, "concentration_standard_grouped", population, n, kind, level, se)


def extended_concentration_index(
    outcome: Numbers,
    order: Numbers,
    aversion: float = 2.0,
    weights: Numbers | None = None,
    generalised: bool = False,
    population: str = "not stated",
) -> Estimate:
    """Return the extended index C(v), which weighs the most deprived more as ``aversion`` v rises (v = 2: standard).

    ``generalised``: times the mean. Source: Wagstaff 2002; ties and weights as in conindex. No standard error. Raises
    InputError for v of 1 or below.
    """
    if not aversion > 1:
        raise InputError("aversion", f"is {aversion:g}; allowed: above 1 (2 is the standard index)")
    found = _of_groups(
        outcome, order, weights, lambda c, before: c - before + (1 - c) ** aversion - (1 - before) ** aversion
    )
    return _without_error(found, (f"extended_{aversion:g}", generalised), population)


def symmetric_concentration_index(
    outcome: Numbers,
    order: Numbers,
    sensitivity: float = 2.0,
    weights: Numbers | None = None,
    generalised: bool = False,
    population: str = "not stated",
) -> Estimate:
    """Return the symmetric index, which weighs both ends more as ``sensitivity`` beta rises (beta = 2: standard).

    ``generalised``: times the mean. Source: Erreygers, Clarke and Van Ourti 2012. No standard error. Raises InputError
    for beta of 1 or below.
    """
    if not sensitivity > 1:
        raise InputError("sensitivity", f"is {sensitivity:g}; allowed: above 1 (2 is the standard index)")
    factor = 2.0 ** (sensitivity - 2)

    def weight(c: np.ndarray, before: np.ndarray) -> np.ndarray:
        return factor * (np.abs(c - 0.5) ** sensitivity - np.abs(before - 0.5) ** sensitivity)

    found = _of_groups(outcome, order, weights, weight)
    return _without_error(found, (f"symmetric_{sensitivity:g}", generalised), population)


def _ranked(outcome: Numbers, order: Numbers, weights: Numbers | None) -> _Ranked:
    h, ranked = numbers(outcome, "outcome"), numbers(order, "order")
    w = np.ones_like(h) if weights is None else numbers(weights, "weights", 0.0)
    same_length(outcome=h, order=ranked, weights=w)
    rank = fractional_rank(ranked, w)
    share = w / w.sum()
    return _Ranked(h, rank, w, float((share * h).sum()), float((share * (rank - 0.5) ** 2).sum()))


def _refuse_outcome(h: np.ndarray, method: ConcentrationMethod) -> None:
    low, high = (method.lowest, method.highest) if method.bounded else (0.0, math.inf)
    if method.index == "generalised":
        return
    bad = (h < low) | (h > high)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        allowed = f"{low:g} to {high:g} for '{method.index}'" if method.bounded else "0 or above (or use 'generalised')"
        raise InputError(f"outcome row {at}", f"is {h[at]:g}; allowed: {allowed}")


def _index(data: _Ranked, method: ConcentrationMethod) -> tuple[float, str]:
    """Return the index, or NaN and the reason."""
    if data.rank_variance == 0:
        return math.nan, "everybody has the same rank: no index"
    share = data.weight / data.weight.sum()
    generalised = 2 * float((share * (data.outcome - data.mean) * (data.rank - 0.5)).sum())
    factor, reason = _factor(data.mean, method)
    return (math.nan, reason) if reason else (generalised * factor, "")


def _factor(mean: float, method: ConcentrationMethod) -> tuple[float, str]:
    """Return what takes the generalised index to this one, or the reason why nothing does."""
    span = method.highest - method.lowest
    if method.index == "generalised":
        return 1.0, ""
    if method.index == "erreygers":
        return 4 / span, ""
    if method.index == "wagstaff":
        if mean in (method.lowest, method.highest):
            return math.nan, "every outcome is at the same bound: no index"
        return span / ((method.highest - mean) * (mean - method.lowest)), ""
    return (1 / mean, "") if mean > 0 else (math.nan, _ALL_ZERO)


def _standard_error(data: _Ranked, method: ConcentrationMethod, clusters: Numbers | None) -> float:
    """Return the standard error of the index from the regression of the outcome on rank, weights as sqrt(w)."""
    scale = np.sqrt(data.weight)
    design = np.column_stack([scale, data.rank * scale])
    bread = np.linalg.inv(design.T @ design)
    params = bread @ design.T @ (data.outcome * scale)
    residual = data.outcome * scale - design @ params
    cov = bread @ _meat(design, residual, method, clusters) @ bread
    times = 2 * data.rank_variance
    gradient = np.array([0.0, times * _factor(data.mean, method)[0]])
    if method.errors == "delta":
        gradient += times * params[1] * _factor_slope(data.mean, method) * np.array([1.0, 0.5])
    return math.sqrt(max(float(gradient @ cov @ gradient), 0.0))


def _degrees_of_freedom(
    n: int, kind: str, method: ConcentrationMethod, clusters: Numbers | None
) -> tuple[float, tuple[str, ...]]:
    """Return the degrees of freedom of the convenient regression, and the caution where few units or clusters are."""
    if method.errors == "cluster" and clusters is not None:
        n, kind = len(pd.unique(np.asarray(clusters))), "clusters"
        df = n - 1
    else:
        df = n - 2
    alike = method.errors in ("ols", "delta")
    words = "right only if they lie about a line and vary alike" if alike else "still too narrow"
    return float(df), (f"limits from the residuals of {n} {kind}: {words}",) if n < FEW else ()


def _meat(
    design: np.ndarray, residual: np.ndarray, method: ConcentrationMethod, clusters: Numbers | None
) -> np.ndarray:
    n, k = design.shape
    if method.errors in ("ols", "delta"):
        return design.T @ design * float((residual**2).sum()) / (n - k)
    scores = design * residual[:, None]
    if method.errors == "robust":
        return scores.T @ scores * n / (n - k)
    if clusters is None or len(clusters) != n:
        raise InputError(
            "clusters", f"has {0 if clusters is None else len(clusters)} values; {n} are needed, one a unit"
        )
    code, names = pd.factorize(np.asarray(clusters))
    if len(names) < 2:
        raise InputError("clusters", "holds one cluster; at least two are needed")
    summed = np.zeros((len(names), k))
    np.add.at(summed, code, scores)
    return summed.T @ summed * len(names) / (len(names) - 1) * (n - 1) / (n - k)


def _factor_slope(mean: float, method: ConcentrationMethod) -> float:
    """Return the derivative of ``_factor`` by the mean."""
    if method.index in ("generalised", "erreygers"):
        return 0.0
    if method.index == "standard":
        return -1 / mean**2
    above, below = method.highest - mean, mean - method.lowest
    return (method.highest - method.lowest) * (below - above) / (above * below) ** 2


def _of_groups(
    outcome: Numbers, order: Numbers, weights: Numbers | None, weigh: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> tuple[float, float, int, str]:
    """Return (index, mean, units, reason); ``weigh`` takes the cumulative share to each rank's end and start."""
    data = _ranked(outcome, order, weights)
    _refuse_outcome(data.outcome, ConcentrationMethod())
    if data.mean == 0:
        return math.nan, 0.0, len(data.outcome), _ALL_ZERO
    _, group = np.unique(data.rank, return_inverse=True)
    share = np.bincount(group, weights=data.weight) / data.weight.sum()
    total = np.bincount(group, weights=data.weight * data.outcome) / data.weight.sum()
    average = np.divide(total, share, out=np.zeros_like(total), where=share > 0)
    c = np.cumsum(share)
    return float((average / data.mean * weigh(c, c - share)).sum()), data.mean, len(data.outcome), ""


def _without_error(found: tuple[float, float, int, str], what: tuple[str, bool], population: str) -> Estimate:
    index, mean, n, reason = found
    kind, generalised = what
    name = f"concentration_{'generalised_' if generalised else ''}{kind}"
    value = index * mean if generalised else index
    why = reason or "no standard error for this index"
    return Estimate(value, math.nan, math.nan, name, population, n, "units", reason=why)
