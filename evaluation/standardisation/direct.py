"""Directly standardised rates: what the rate would be with the standard's ages, with Dobson's limits.

Rate: sum(w O / n) / sum(w) over strata. Variance: sum(w^2 O / n^2) / sum(w)^2, each event a Poisson one of its own.
Limits: rate + sqrt(variance / O) x (Byar's limit of O - O). Source: Dobson, Kuulasmaa, Eberle and Scherer, Stat Med
1991;10:457-62; OHID PHEindicatormethods, calculate_dsr.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.estimate import LEVEL, Estimate, undefined
from evaluation.inequality.standard import esp2013
from evaluation.standardisation.crude import PER_100_000
from evaluation.standardisation.limits import byars_limits
from scenarios.errors import InputError, nearest

LEAST_EVENTS = 10  # OHID: fewer in all are not standardised
ESP2013_BANDS = (*(f"{age}-{age + 4}" for age in range(0, 90, 5)), "90+")
METHOD = "dsr_dobson"
METHOD_REPEATS = "dsr_dobson_non_independent"


@dataclass(frozen=True)
class DirectMethod:
    """Rates per ``multiplier`` people, limits at ``level``; fewer than ``least_events`` in all are not standardised."""

    multiplier: float = PER_100_000
    level: float = LEVEL
    least_events: float = LEAST_EVENTS


@dataclass(frozen=True)
class _Strata:
    """Arrays of shape (strata,): events, people and weights, and how many counts were missing."""

    count: np.ndarray
    people: np.ndarray
    weight: np.ndarray
    missing: int


def esp2013_weights() -> pd.Series:
    """Return the 2013 European Standard Population by its 19 bands of age, '0-4' to '90+' (100,000 in all)."""
    table = esp2013(ESP2013_BANDS, ["persons"])
    return table.set_index("age_band")["weight"].reindex(list(ESP2013_BANDS))


def direct_rate(table: pd.DataFrame, method: DirectMethod | None = None, population: str = "not stated") -> Estimate:
    """Return the directly standardised rate of ``table``, one row per stratum of age (or age and sex).

    Columns: ``count`` (events; a missing one is read as 0, and noted), ``population``, ``weight`` (the standard's).
    Fewer events than the method's least are undefined, with the reason. Raises InputError for a missing column, a count
    below 0, or a population or weight of 0 or below.
    """
    used = method or DirectMethod()
    strata = _read(table)
    return _rate(strata, _poisson_variance(strata, strata.count), used, METHOD, population)


def direct_rate_repeats(
    table: pd.DataFrame,
    people_by_events: pd.DataFrame,
    method: DirectMethod | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the directly standardised rate of events that the same people have again and again.

    ``people_by_events``: columns ``stratum`` (as in ``table``), ``events`` (f, 1 and above) and ``people`` (with
    exactly f). ``table``: columns ``stratum``, ``population``, ``weight``. The variance is the sum over f of f squared
    times that of the people with exactly f events: attenders are independent, their attendances are not. Source: OHID
    PHEindicatormethods, calculate_dsr with independent_events = FALSE. Raises InputError as ``direct_rate``, for a
    stratum that ``table`` lacks, and for an f below 1.
    """
    used = method or DirectMethod()
    need_columns(table, ("stratum", "population", "weight"), "table")
    need_columns(people_by_events, ("stratum", "events", "people"), "people_by_events")
    known = pd.Index(table["stratum"])
    for stratum in people_by_events["stratum"].drop_duplicates():
        if stratum not in known:
            raise InputError("people_by_events", f"stratum '{stratum}' is not in the table; {nearest(stratum, known)}")
    if not known.is_unique:
        raise InputError("table stratum", f"'{known[known.duplicated()][0]}' is there twice; each is allowed once")
    events = numbers(people_by_events["events"], "events", 1.0)
    people = numbers(people_by_events["people"], "people", 0.0)
    place = known.get_indexer(pd.Index(people_by_events["stratum"]))
    counts = np.bincount(place, weights=events * people, minlength=len(known))
    strata = _read(table.assign(count=counts))
    squares = np.bincount(place, weights=events**2 * people, minlength=len(known))
    return _rate(strata, _poisson_variance(strata, squares), used, METHOD_REPEATS, population)


def direct_rates(table: pd.DataFrame, by: Sequence[str], method: DirectMethod | None = None) -> pd.DataFrame:
    """Return ``direct_rate`` of every group of ``by``: columns ``by`` and those of estimates_table.

    Raises InputError as ``direct_rate``, and where groups differ in their strata or the weights of these (a rate over
    part of the standard is not comparable).
    """
    need_columns(table, [*by, "stratum", "weight"], "table")
    rows, first = [], None
    for key, mine in table.groupby(list(by), sort=True, observed=True):
        names = key if isinstance(key, tuple) else (key,)
        head = dict(zip(by, names, strict=True))
        strata = mine.set_index("stratum")["weight"].sort_index()
        where = ", ".join(f"{name} {value}" for name, value in head.items())
        if first is None:
            first = strata
        elif not strata.index.equals(first.index) or not np.allclose(strata, first):
            raise InputError(where, "has other strata or weights than the first group; the same are needed everywhere")
        rows.append({**head, **direct_rate(mine, method, where).as_row()})
    return pd.DataFrame(rows)


def _read(table: pd.DataFrame) -> _Strata:
    need_columns(table, ("count", "population", "weight"), "table")
    missing = int(table["count"].isna().sum())
    count = numbers(table["count"].fillna(0.0), "count", 0.0)
    people = numbers(table["population"], "population", 0.0, above=True)
    weight = numbers(table["weight"], "weight", 0.0, above=True)
    return _Strata(count, people, weight, missing)


def _poisson_variance(strata: _Strata, squares: np.ndarray) -> float:
    return float((strata.weight**2 * squares / strata.people**2).sum()) / float(strata.weight.sum()) ** 2


def _rate(strata: _Strata, variance: float, method: DirectMethod, name: str, population: str) -> Estimate:
    total = float(strata.count.sum())
    if total < method.least_events or total == 0:
        least = max(method.least_events, 1)
        reason = f"{total:g} events in all; at least {least:g} are needed for a standardised rate"
        return undefined(name, population, total, reason, "events", method.level)
    rate = float((strata.weight * strata.count / strata.people).sum()) / float(strata.weight.sum())
    lower, upper = byars_limits([total], method.level)
    scale = math.sqrt(variance / total)
    limits = [(rate + scale * (float(each[0]) - total)) * method.multiplier for each in (lower, upper)]
    note = f"{strata.missing} missing counts read as 0" if strata.missing else ""
    reason = "too few events for Byar's lower limit at this level" if math.isnan(limits[0]) else ""
    value, se = rate * method.multiplier, math.sqrt(variance) * method.multiplier
    found = Estimate(value, limits[0], limits[1], name, population, total, "events", method.level, se, reason)
    return found.with_notes(note)
