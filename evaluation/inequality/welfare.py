"""Equally distributed equivalents: the health that, if all had the same, would be worth as much as what they have.

Atkinson (relative aversion), Kolm (absolute aversion) and the extended Gini (aversion by rank). Powers and exponentials
are taken about the largest term, and changes term by term, because what a neighbourhood team changes is of the order of
1e-4 years a head. Sources: Atkinson 1970; Kolm 1976; Yitzhaki 1983; Asaria, Griffin and Cookson 2016 (York DCEA).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evaluation.arrays import Numbers, numbers, same_length
from evaluation.estimate import LEVEL, Estimate, normal_limits
from scenarios.errors import InputError, nearest

MEASURES = ("atkinson", "kolm", "extended_gini")
_NO_ERRORS = "no standard errors given: no interval"
_STEP = 1e-6  # relative step of the numerical gradient
TINY = 1e-290  # below it products lose their digits: a mean so nearly plain is the plain mean


def equivalent(
    health: Numbers,
    people: Numbers | None = None,
    measure: str = "atkinson",
    aversion: float = 1.0,
    errors: Numbers | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the equally distributed equivalent of ``health`` (shape: groups or people), in its unit.

    ``people``: how many have it (1 each unless given). ``measure``: one of MEASURES; ``aversion``: e of Atkinson (0 or
    above), alpha of Kolm (0 or above), v of the extended Gini (1 or above); 0, or 1 for the Gini, gives the mean.
    ``errors``: standard errors of ``health``, for limits by the delta method. Raises InputError for an unknown measure,
    an aversion out of range or, for Atkinson, health below 0.
    """
    return _estimate(health, people, measure, aversion, errors, (f"ede_{measure}_{aversion:g}", _ede, population))


def inequality(
    health: Numbers,
    people: Numbers | None = None,
    measure: str = "atkinson",
    aversion: float = 1.0,
    errors: Numbers | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the index of inequality of ``health``: the share of the mean (Atkinson, Gini) or amount (Kolm) lost to it.

    Arguments and errors as ``equivalent``; also raises InputError for a mean of 0 where the index is a share.
    """
    return _estimate(health, people, measure, aversion, errors, (f"index_{measure}_{aversion:g}", _lost, population))


def equivalent_gain(
    before: Numbers,
    change: Numbers,
    people: Numbers | None = None,
    measure: str = "atkinson",
    aversion: float = 1.0,
    population: str = "not stated",
) -> Estimate:
    """Return the population's gain in equally distributed equivalent health when each group's health changes.

    ``before`` and ``change`` (shape: groups) are health a head, in one unit; the gain is that unit times everybody in
    ``people``. Exact to rounding for changes however small. Raises InputError as ``equivalent``.
    """
    h, p = _read(before, people, measure, aversion)
    d = numbers(change, "change")
    same_length(before=h, change=d)
    _read(h + d, people, measure, aversion)
    total = float(numbers(people, "people", 0.0).sum()) if people is not None else float(len(h))
    gain = total * _gain(h, d, p, measure, aversion)
    name = f"ede_gain_{measure}_{aversion:g}"
    return Estimate(gain, math.nan, math.nan, name, population, len(h), "groups", reason=_NO_ERRORS)


def _estimate(
    health: Numbers,
    people: Numbers | None,
    measure: str,
    aversion: float,
    errors: Numbers | None,
    what: tuple[str, Callable[[np.ndarray, np.ndarray, str, float], float], str],
) -> Estimate:
    name, function, population = what
    h, p = _read(health, people, measure, aversion)
    value = function(h, p, measure, aversion)
    if errors is None:
        return Estimate(value, math.nan, math.nan, name, population, len(h), "groups", reason=_NO_ERRORS)
    se = numbers(errors, "errors", 0.0)
    same_length(health=h, errors=se)
    spread = _delta(lambda at: function(at, p, measure, aversion), h, se)
    lower, upper = normal_limits(value, spread, LEVEL)
    return Estimate(value, lower, upper, name, population, len(h), "groups", LEVEL, spread)


def _read(health: Numbers, people: Numbers | None, measure: str, aversion: float) -> tuple[np.ndarray, np.ndarray]:
    if measure not in MEASURES:
        raise InputError("measure", f"no such measure '{measure}'; {nearest(measure, MEASURES)}")
    least = 1.0 if measure == "extended_gini" else 0.0
    if not (math.isfinite(aversion) and aversion >= least):
        raise InputError("aversion", f"is {aversion:g}; allowed: {least:g} or above for '{measure}'")
    h = numbers(health, "health", 0.0 if measure == "atkinson" else -np.inf)
    p = np.ones_like(h) if people is None else numbers(people, "people", 0.0)
    same_length(health=h, people=p)
    if p.sum() <= 0:
        raise InputError("people", "are all 0; somebody is needed")
    return h, p / p.sum()


def _ede(h: np.ndarray, p: np.ndarray, measure: str, aversion: float) -> float:
    if measure == "extended_gini":
        order = np.argsort(h, kind="stable")
        return float((h[order] * _rank_weights(p[order], aversion)).sum())
    mean = float((p * h).sum())
    if aversion == 0 or np.ptp(h[p > 0]) == 0:
        return mean
    there = p > 0
    h, p = h[there], p[there]
    if measure == "kolm":
        return _soft_mean(h, p, -aversion)
    if (h == 0).any() and aversion >= 1:
        return 0.0
    with np.errstate(divide="ignore"):
        logs = np.log(h)  # minus infinity counts nothing below aversion 1
    return math.exp(float((p * logs).sum()) if aversion == 1 else _soft_mean(logs, p, 1 - aversion))


def _soft_mean(x: np.ndarray, p: np.ndarray, k: float) -> float:
    """Return log(sum of p exp(k x)) / k, to rounding for any k but 0, however near to it or far."""
    if abs(k) * float(np.ptp(x)) < TINY:
        return float((p * x).sum())
    top = float(x.max() if k > 0 else x.min())
    return top + math.log1p(float((p * np.expm1(k * (x - top))).sum())) / k


def _lost(h: np.ndarray, p: np.ndarray, measure: str, aversion: float) -> float:
    mean = float((p * h).sum())
    lost = mean - _ede(h, p, measure, aversion)
    if measure == "kolm":
        return lost
    if mean <= 0:
        raise InputError("health", "has a mean of 0 or below; an index that is a share of the mean needs one above 0")
    return lost / mean


def _rank_weights(p: np.ndarray, aversion: float) -> np.ndarray:
    """Return the extended Gini's weights of shares ``p`` in ascending order of health: (1 - F before)^v - (1 - F)^v."""
    upto = np.cumsum(p)
    before = np.concatenate([[0.0], upto[:-1]])
    return np.clip(1 - before, 0.0, 1.0) ** aversion - np.clip(1 - upto, 0.0, 1.0) ** aversion


def _gain(h: np.ndarray, d: np.ndarray, p: np.ndarray, measure: str, aversion: float) -> float:
    """Return the change in EDE a head: term by term, or as a difference where a term is beyond floating point."""
    there = p > 0
    h, d, p = h[there], d[there], p[there]
    with np.errstate(over="ignore", invalid="ignore"):
        exact = _exact_gain(h, d, p, measure, aversion)
    return exact if math.isfinite(exact) else _ede(h + d, p, measure, aversion) - _ede(h, p, measure, aversion)


def _exact_gain(h: np.ndarray, d: np.ndarray, p: np.ndarray, measure: str, aversion: float) -> float:
    if aversion == 0:
        return float((p * d).sum())
    if measure == "kolm":
        if aversion * float(np.abs(d).max(initial=0.0)) < TINY:
            return float((p * d).sum())
        q = p * np.exp(-aversion * (h - h.min()))
        return -math.log1p(float((q / q.sum() * np.expm1(-aversion * d)).sum())) / aversion
    if measure == "extended_gini":
        order = np.argsort(h + d, kind="stable")
        if (np.diff(h[order]) >= 0).all():  # nobody overtakes: the weights stay, and the change is a sum
            return float((d[order] * _rank_weights(p[order], aversion)).sum())
    if measure == "extended_gini" or (h == 0).any() or (h + d == 0).any():
        return math.nan
    grown = np.log1p(d / h)
    if aversion == 1:
        return _ede(h, p, measure, aversion) * math.expm1(float((p * grown).sum()))
    power = 1 - aversion
    logs = power * np.log(h)
    q = p * np.exp(logs - logs.max())
    times = math.log1p(float((q / q.sum() * np.expm1(power * grown)).sum())) / power
    return _ede(h, p, measure, aversion) * math.expm1(times)


def _delta(function: Callable[[np.ndarray], float], at: np.ndarray, se: np.ndarray) -> float:
    """Return the delta-method standard error of ``function`` at ``at``, by central differences."""
    gradient = np.empty_like(at)
    for i in range(len(at)):
        step = np.zeros_like(at)
        step[i] = _STEP * max(abs(at[i]), 1.0)
        gradient[i] = (function(at + step) - function(at - step)) / (2 * step[i])
    return math.sqrt(float(((gradient * se) ** 2).sum()))
