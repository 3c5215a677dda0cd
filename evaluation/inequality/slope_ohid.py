"""Slope and relative index of inequality by the OHID method, with limits by simulation.

The line: weighted least squares of value on ridit (cumulative population share less half a group's own), weights the
population shares, rank 0 the most deprived and 1 the least. The slope index is the fitted value at 1 less that at 0,
times a multiplier; the relative index is their ratio, turned over for a negative multiplier.

The limits: normal draws of every group's value, on the natural scale (value type 'normal'), the log scale ('rate') or
the logit scale ('proportion'), each set refitted; the limits are order statistics of the refits. With ``transform`` the
line itself is fitted on the log or logit scale; then the simulated limits of its slope are turned about the middle of
the line (rank one half) and read back at ranks 0 and 1.

Source: OHID PHEindicatormethods, phe_sii; Low and Low, J Public Health 2004;26:388-395.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from evaluation.arrays import need_columns, numbers, same_length
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, check_level, undefined, z_value
from evaluation.inequality.rank import SCORE_FALLS, SCORE_RISES, check_quantiles
from evaluation.inequality.slope import ridits
from scenarios.errors import InputError, nearest

VALUE_TYPES = ("normal", "rate", "proportion")
LEAST_SIMULATIONS = 1_000
RELIABILITY_REPEATS = 10  # sets of simulations compared by ``reliability``
_THREADS = 2
_BLOCK = 8_192  # simulations handled at once
_MOST_LOG_SE = 30.0  # a larger one is of the value itself, not of its log
_SAMPLE, _SAMPLE_MARGIN = 2_000, 0.02  # simulations that tell where a tail begins
_LINE_AT_ZERO = "the fitted line reaches zero or below: no ratio"

Scale = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class SlopeMethod:
    """How the slope is fitted and simulated.

    ``value_type``: 'normal', 'rate' (log scale) or 'proportion' (logit scale, values from 0 to 1). ``transform``: fit
    the line on that scale as well. ``multiplier``: of the slope index; a negative one turns the ratio over. ``level``:
    of the limits returned; ``input_level``: of the limits given (95% in OHID's files). ``seed``: same seed, same
    limits. ``quantiles``: how many groups there should be, so that a missing last one is refused too. Raises InputError
    for anything outside these.
    """

    value_type: str = "normal"
    transform: bool = False
    multiplier: float = 1.0
    level: float = LEVEL
    input_level: float = LEVEL
    simulations: int = 100_000
    seed: int = 1
    quantiles: int | None = None
    usual: str = ""

    def __post_init__(self) -> None:
        """Refuse settings that have no meaning."""
        if self.value_type not in VALUE_TYPES:
            raise InputError("value_type", f"no such type '{self.value_type}'; {nearest(self.value_type, VALUE_TYPES)}")
        if not math.isfinite(self.multiplier) or self.multiplier == 0:
            raise InputError("multiplier", f"is {self.multiplier}; allowed: any number but 0")
        if self.simulations < LEAST_SIMULATIONS:
            raise InputError("simulations", f"is {self.simulations}; allowed: {LEAST_SIMULATIONS:,} and more")
        if self.usual not in ("", SCORE_FALLS, SCORE_RISES):
            raise InputError(
                "usual", f"'{self.usual}' is no direction; {nearest(self.usual, (SCORE_FALLS, SCORE_RISES))}"
            )
        check_level(self.level)
        check_level(self.input_level)

    @property
    def name(self) -> str:
        """The variant as a column says it: 'sii_ohid_rate_transform' without its first part."""
        kind = "" if self.value_type == "normal" else f"_{self.value_type}"
        return f"ohid{kind}{'_transform' if self.transform and kind else ''}"


@dataclass(frozen=True)
class SlopeResult:
    """Both indices, and ``intercept``: the fitted value at rank 0 (most deprived) on the natural scale."""

    sii: Estimate
    rii: Estimate
    intercept: float


@dataclass(frozen=True)
class _Groups:
    """Checked input of one area: arrays of shape (groups,), most deprived first."""

    share: np.ndarray
    value: np.ndarray
    error: np.ndarray | None  # standard errors on the working scale


def slope_ohid(table: pd.DataFrame, method: SlopeMethod | None = None, population: str = "not stated") -> SlopeResult:
    """Return slope and relative index of ``table``, one row per deprivation group.

    Columns: ``quantile`` (1 = most deprived), ``population`` (people), ``value``, and ``se`` (on the working scale: of
    the log for a rate, of the logit for a proportion) or ``lower`` and ``upper``; without either there are no limits.
    ``sii`` is in the unit of ``value`` times the multiplier. Raises InputError for a missing column or quantile, a
    population or value outside what the type allows, or limits that are not around their value.
    """
    used = method or SlopeMethod()
    groups = _read(table, used)
    draws = None if groups.error is None else _draws(used, len(groups.value), 0)
    return _result(groups, used, draws, population)


def slopes_ohid(table: pd.DataFrame, by: Sequence[str], method: SlopeMethod | None = None) -> pd.DataFrame:
    """Return the indices of many areas, one row each: ``by``, sii, sii_lower, sii_upper, rii, rii_lower, rii_upper,
    intercept, n, method, level, reason.

    ``table`` as for ``slope_ohid`` with the columns ``by``. Every area is simulated with the same standard normal
    draws, group by group, so a result does not depend on which other areas are in the table; across areas the small
    error of simulation is therefore not independent.
    """
    used = method or SlopeMethod()
    need_columns(table, by)
    parts = [(key, part) for key, part in table.groupby(list(by), sort=True, observed=True)]
    read = [_read(part, used, _where(by, key)) for key, part in parts]
    with_errors = [len(each.value) for each in read if each.error is not None]
    draws = _draws(used, max(with_errors), 0) if with_errors else None

    def one(groups: _Groups) -> SlopeResult:
        mine = None if groups.error is None or draws is None else draws[: len(groups.value)]
        return _result(groups, used, mine, "")

    with ThreadPoolExecutor(_THREADS) as pool:
        results = list(pool.map(one, read))
    keys = pd.DataFrame([key for key, _ in parts], columns=list(by))
    return pd.concat([keys, pd.DataFrame([_row(each, used) for each in results])], axis=1)


def reliability(table: pd.DataFrame, method: SlopeMethod | None = None) -> tuple[float, float]:
    """Return the mean absolute difference of the simulated limits of (sii, rii) between ten sets of simulations.

    Limits of the last nine sets against the first, in each index's own unit (OHID's reliability statistic). NaN for a
    ratio that has no such limits, as ``slope_ohid`` says of the table. Raises InputError as ``slope_ohid``, for one
    group, and where the table has no errors to simulate.
    """
    used = method or SlopeMethod()
    groups = _read(table, used)
    if groups.error is None:
        raise InputError("table", "has neither 'se' nor 'lower' and 'upper'; reliability is about simulated limits")
    if len(groups.value) < 2:
        raise InputError("table", "has one group: no slope, so nothing to simulate")
    sets = [_simulated(groups, used, _draws(used, len(groups.value), repeat)) for repeat in range(RELIABILITY_REPEATS)]
    limits = np.array(sets)
    limits[np.isinf(limits)] = math.nan
    gaps = np.abs(limits[1:] - limits[0])
    return float(gaps[:, :2].mean()), float(gaps[:, 2:].mean())


def _read(table: pd.DataFrame, method: SlopeMethod, where: str = "table") -> _Groups:
    need_columns(table, ("quantile", "population", "value"), where)
    quantile = check_quantiles(table["quantile"], where, method.quantiles)
    mine = table.iloc[np.argsort(quantile, kind="stable")]
    people = numbers(mine["population"], f"{where} population", 0.0, above=True)
    value = numbers(mine["value"], f"{where} value")
    _refuse_outside(value, method, f"{where} value")
    error = _errors(mine, value, method, where)
    return _Groups(people / people.sum(), value, error)


def _refuse_outside(value: np.ndarray, method: SlopeMethod, where: str) -> None:
    if method.value_type == "normal":
        return
    top = np.inf if method.value_type == "rate" else 1.0
    bad = (value <= 0) | (value >= top)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        allowed = "above 0" if method.value_type == "rate" else "above 0 and below 1"
        raise InputError(
            f"{where} row {at}",
            f"is {value[at]:g}; allowed: {allowed} for a {method.value_type} (use 'normal' otherwise)",
        )


def _errors(mine: pd.DataFrame, value: np.ndarray, method: SlopeMethod, where: str) -> np.ndarray | None:
    if "se" in mine.columns:
        se = numbers(mine["se"], f"{where} se", 0.0)
        if method.value_type != "normal" and (se > _MOST_LOG_SE).any():
            scale = "log" if method.value_type == "rate" else "logit"
            allowed = f"a standard error of the {scale}, of at most {_MOST_LOG_SE:g}"
            raise InputError(f"{where} se row {int(np.argmax(se))}", f"is {se.max():g}; allowed: {allowed}")
        return se
    if not {"lower", "upper"} <= set(mine.columns):
        return None
    lower, upper = numbers(mine["lower"], f"{where} lower"), numbers(mine["upper"], f"{where} upper")
    same_length(value=value, lower=lower, upper=upper)
    bad = (lower > value) | (upper < value)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise InputError(f"{where} row {at}", f"value {value[at]:g} is not within {lower[at]:g} to {upper[at]:g}")
    _refuse_outside(lower, method, f"{where} lower")
    _refuse_outside(upper, method, f"{where} upper")
    to, _ = _scales(method)
    return (to(upper) - to(lower)) / (2 * z_value(method.input_level))


def _scales(method: SlopeMethod) -> tuple[Scale, Scale]:
    """Return the working scale of the value type and the way back."""
    if method.value_type == "rate":
        return np.log, np.exp
    if method.value_type == "proportion":
        return logit, expit
    return _same, _same


def _same(values: np.ndarray) -> np.ndarray:
    return values


def _weights(share: np.ndarray) -> np.ndarray:
    """Return the 2 x groups matrix that takes values to (intercept, slope) of the weighted line."""
    rank = ridits(share)
    away = rank - float((share * rank).sum())
    slope = share * away / float((share * away**2).sum())
    return np.vstack([share - slope * float((share * rank).sum()), slope])


def _draws(method: SlopeMethod, groups: int, repeat: int) -> np.ndarray:
    """Return standard normal draws, shape (groups, simulations); a row does not depend on how many follow."""
    return generator(method.seed, "slope_ohid", repeat).standard_normal((groups, method.simulations))


def _ends(line: np.ndarray, method: SlopeMethod) -> tuple[np.ndarray, np.ndarray]:
    """Return the natural-scale values at ranks 0 and 1 of lines (shape 2 or 2 x n: intercept, slope)."""
    _, back = _scales(method)
    most, least = line[0], line[0] + line[1]
    return (back(most), back(least)) if method.transform else (most, least)


def _simulated(groups: _Groups, method: SlopeMethod, draws: np.ndarray) -> tuple[float, float, float, float]:
    """Return lower and upper limits of sii, then of rii."""
    lines = _lines(groups, method, draws)
    if method.transform and method.value_type != "normal":
        to, _ = _scales(method)
        return _turned(_weights(groups.share) @ to(groups.value), lines[1], method)
    most, least = lines[0], lines[0] + lines[1]
    top, bottom = (least, most) if method.multiplier > 0 else (most, least)
    sii = _limits(lines[1] * method.multiplier, method)
    ratio = top / bottom if bottom.min() > 0 else np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.inf)
    return (*sii, *_limits(ratio, method))


def _lines(groups: _Groups, method: SlopeMethod, draws: np.ndarray) -> np.ndarray:
    """Return (intercept, slope) of every simulation, shape (2, simulations), block by block to stay in the cache."""
    to, _ = _scales(method)
    fit, centre = _weights(groups.share), to(groups.value)[:, None]
    error = np.zeros_like(groups.value) if groups.error is None else groups.error
    curved = method.value_type != "normal" and not method.transform
    found = np.empty((2, draws.shape[1]))
    room = np.empty((len(draws), _BLOCK))
    for start in range(0, draws.shape[1], _BLOCK):
        part = draws[:, start : start + _BLOCK]
        noisy = np.multiply(part, error[:, None], out=room[:, : part.shape[1]])
        noisy += centre
        np.matmul(fit, _natural(noisy, method) if curved else noisy, out=found[:, start : start + _BLOCK])
    return found


def _natural(values: np.ndarray, method: SlopeMethod) -> np.ndarray:
    """Return log rates or logit proportions as rates or proportions, in the same memory."""
    if method.value_type == "rate":
        return np.exp(values, out=values)
    np.exp(np.negative(values, out=values), out=values)
    values += 1.0
    return np.reciprocal(values, out=values)


def _turned(centre: np.ndarray, slopes: np.ndarray, method: SlopeMethod) -> tuple[float, float, float, float]:
    """Return limits of sii and rii from the limits of the slope, turned about the middle of the line."""
    bounds = np.array(_limits(slopes, method))
    middle = centre[0] + centre[1] / 2
    most, least = _ends(np.vstack([middle - bounds / 2, bounds]), method)
    sii = np.sort((least - most) * method.multiplier)
    rii = np.sort(least / most if method.multiplier > 0 else most / least)
    return float(sii[0]), float(sii[1]), float(rii[0]), float(rii[1])


def _limits(values: np.ndarray, method: SlopeMethod) -> tuple[float, float]:
    """Return the order statistics at both tails of ``level``, the places rounded as OHID does."""
    tail = (1 - method.level) / 2
    size = len(values)
    low = max(round(size * tail), 1) - 1
    high = min(round(size * (1 - tail)), size) - 1
    return _placed(values, low), -_placed(-values, size - 1 - high)


def _placed(values: np.ndarray, place: int) -> float:
    """Return the value at ``place`` in ascending order, looking only among the lowest when a sample tells where."""
    sample = np.sort(values[:_SAMPLE])
    bar = sample[min(int(len(sample) * (2 * place / len(values) + _SAMPLE_MARGIN)), len(sample) - 1)]
    lowest = values[values <= bar]
    among = lowest if len(lowest) > place else values
    return float(np.partition(among, place)[place])


def _result(groups: _Groups, method: SlopeMethod, draws: np.ndarray | None, population: str) -> SlopeResult:
    n = len(groups.value)
    names = f"sii_{method.name}", f"rii_{method.name}"
    if n < 2:
        reason = "one group: no slope"
        both = [undefined(name, population, n, reason, level=method.level) for name in names]
        return SlopeResult(both[0], both[1], math.nan)
    to, _ = _scales(method)
    fit = _weights(groups.share)
    most, least = (float(end) for end in _ends(fit @ (to(groups.value) if method.transform else groups.value), method))
    sii = (least - most) * method.multiplier
    top, bottom = (least, most) if method.multiplier > 0 else (most, least)
    limits = (math.nan,) * 4 if draws is None else _simulated(groups, method, draws)
    silent = "no standard errors or limits given: no interval" if draws is None else ""
    first = Estimate(sii, limits[0], limits[1], names[0], population, n, "groups", method.level, reason=silent)
    if min(top, bottom) <= 0:
        second = undefined(names[1], population, n, _LINE_AT_ZERO, level=method.level)
    else:
        lower, upper = (math.nan if math.isinf(each) else each for each in limits[2:])
        why = silent or ("too many simulated lines reach zero: no such limit of the ratio" if math.isnan(upper) else "")
        second = Estimate(top / bottom, lower, upper, names[1], population, n, "groups", method.level, reason=why)
    note = f"limits by {method.simulations:,} simulations, seed {method.seed}" if draws is not None else ""
    turned = _turned_round(first, method)
    return SlopeResult(first.with_notes(note, turned), second.with_notes(note, turned), most)


def _turned_round(sii: Estimate, method: SlopeMethod) -> str:
    """Return a note if the slope clearly runs against what is usual for the value, or nothing."""
    rising = sii.lower > 0 if method.multiplier > 0 else sii.upper < 0
    falling = sii.upper < 0 if method.multiplier > 0 else sii.lower > 0
    if (method.usual == SCORE_FALLS and rising) or (method.usual == SCORE_RISES and falling):
        return f"usually {method.usual} towards the least deprived, and here does not: is quantile 1 the most deprived?"
    return ""


def _row(result: SlopeResult, method: SlopeMethod) -> dict[str, float | str]:
    sii, rii = result.sii, result.rii
    reasons = dict.fromkeys(each for each in (sii.reason, rii.reason) if each)
    return {
        "sii": sii.estimate,
        "sii_lower": sii.lower,
        "sii_upper": sii.upper,
        "rii": rii.estimate,
        "rii_lower": rii.lower,
        "rii_upper": rii.upper,
        "intercept": result.intercept,
        "n": sii.n,
        "method": method.name,
        "level": method.level,
        "reason": "; ".join(reasons),
    }


def _where(by: Sequence[str], key: object) -> str:
    values = key if isinstance(key, tuple) else (key,)
    return ", ".join(f"{name} {value}" for name, value in zip(by, values, strict=True))
