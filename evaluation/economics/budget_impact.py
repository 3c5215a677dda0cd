"""Budget impact: what a payer spends year by year, before and after what it saves.

Undiscounted, the payer's own prices, year by year; a present value is given beside it and never instead. Gross and net
of offsets apart, because bed days avoided are seldom money saved. Source: Sullivan et al. 2014 (ISPOR Budget Impact
Analysis Good Practice II).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers, same_length
from evaluation.economics.discounting import Rates, discount_factors
from scenarios.errors import InputError

PER_PERSON = ("cost_new", "cost_displaced", "offset")
_ONE = 1e-9


def budget_impact(
    table: pd.DataFrame,
    costs: Mapping[str, float] | None = None,
    rates: Rates = 0.0,
    first_time: float = 0.0,
    persistence: Sequence[float] = (1.0,),
) -> pd.DataFrame:
    """Return one row a year: year, people, gross, offset, net, discount_factor, net_present_value (pounds).

    ``table``: year, eligible (people), uptake (0 to 1: those treated, or starting with ``persistence``), and where they
    apply fixed_cost and offset_realised (0 to 1: the share of the offset that is money in that year). Pounds a person:
    ``cost_new``, ``cost_displaced`` and ``offset``, each a column of the table or given in ``costs`` (0 unless given).
    gross = people x (new - displaced) + fixed; net = gross - people x offset x realised. ``persistence``: the share
    still treated 0, 1, 2 ... years after starting; with one number, 1, uptake is of those treated that year.
    ``first_time``: when the first year is discounted (0 now, 1 at its end). Raises InputError for a missing column or a
    share outside 0 to 1.
    """
    need_columns(table, ("year", "eligible", "uptake"), "budget impact")
    for name in costs or {}:
        if name not in PER_PERSON:
            raise InputError("costs", f"no such cost '{name}'; allowed: {', '.join(PER_PERSON)}")
    started = numbers(table["eligible"], "eligible", 0.0) * _share(table, "uptake", 0.0)
    kept = numbers(persistence, "persistence", 0.0)
    people = np.convolve(started, kept)[: len(started)]
    each = {name: _per_person(table, costs or {}, name) for name in PER_PERSON}
    fixed = numbers(table["fixed_cost"], "fixed_cost") if "fixed_cost" in table else np.zeros(len(table))
    realised = _share(table, "offset_realised", 1.0)
    gross = people * (each["cost_new"] - each["cost_displaced"]) + fixed
    offset = people * each["offset"] * realised
    factors = discount_factors(first_time + np.arange(len(table)), rates)
    return pd.DataFrame(
        {
            "year": table["year"].to_numpy(),
            "people": people,
            "gross": gross,
            "offset": offset,
            "net": gross - offset,
            "discount_factor": factors,
            "net_present_value": factors * (gross - offset),
            "offset_people": people * realised,
        }
    )


def break_even_offset(impact: pd.DataFrame) -> float:
    """Return the offset a person (pounds) at which the net impact over all years of ``budget_impact`` is nothing.

    NaN if no offset is ever realised.
    """
    people = float(impact["offset_people"].sum())
    return float(impact["gross"].sum()) / people if people > 0 else float("nan")


def shares_impact(
    eligible: pd.Series, before: pd.DataFrame, after: pd.DataFrame, costs: Mapping[str, float] | pd.DataFrame
) -> pd.DataFrame:
    """Return the impact of a change in who gets what: year, cost_before, cost_after, net (pounds).

    ``eligible``: people by year (index); ``before`` and ``after``: share of them (0 to 1, adding up to 1) by year and
    treatment (columns); ``costs``: pounds a person and year by treatment, the same every year or by year. Raises
    InputError for shares that do not add up to 1 or a treatment without a cost.
    """
    people = numbers(eligible, "eligible", 0.0)
    found = {}
    for what, shares in (("before", before), ("after", after)):
        each = shares.to_numpy(float)
        same_length(eligible=people, **{what: each})
        if (each < 0).any() or (abs(each.sum(axis=1) - 1) > _ONE).any():
            raise InputError(what, "needs shares of 0 or above that add up to 1 in every year")
        price = [_price(costs, str(name), len(people)) for name in shares.columns]
        found[what] = people * (each * np.column_stack(price)).sum(axis=1)
    years = eligible.index.to_numpy()
    net = found["after"] - found["before"]
    return pd.DataFrame({"year": years, "cost_before": found["before"], "cost_after": found["after"], "net": net})


def _price(costs: Mapping[str, float] | pd.DataFrame, name: str, years: int) -> np.ndarray:
    if name not in costs:
        raise InputError("costs", f"has none for '{name}'")
    return np.broadcast_to(np.asarray(costs[name], float), (years,))


def _per_person(table: pd.DataFrame, costs: Mapping[str, float], name: str) -> np.ndarray:
    if name in table and name in costs:
        raise InputError(name, "is a column of the table and among the costs; give one of them")
    if name in table:
        return numbers(table[name], name)
    return np.full(len(table), float(costs.get(name, 0.0)))


def _share(table: pd.DataFrame, name: str, default: float) -> np.ndarray:
    if name not in table:
        return np.full(len(table), default)
    found = numbers(table[name], name, 0.0)
    if (found > 1).any():
        raise InputError(name, f"is {found.max():g}; allowed: 0 to 1")
    return found
