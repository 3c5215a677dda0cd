"""A roll-out with a known effect, made of a simulated comparison: to try estimators before real data are there.

Both arms of a run are lived by the same residents from month 0. A unit that starts in month s is given usual care's
outcome, plus from s on the simulated effect at the same number of months since the start: design less usual care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from evaluation.outcomes import PER_RESIDENTS, SECONDS_PER_YEAR, Outcome
from evaluation.panel import rates, totals
from scenarios.errors import InputError, nearest

MONTHS_A_YEAR = 12
QUINTILE = "quintile"


def unit_months(panel: pd.DataFrame, unit: str, outcomes: Sequence[Outcome], quintiles: bool = False) -> pd.DataFrame:
    """Return a row per arm, draw, replication, ``unit`` (and quintile) and month, with each outcome's value.

    Also 'population': residents that month as exposure, in person-months of 30.4375 days (a resident of all February
    counts 0.92). Months in which a unit has nobody, or no contact to average over, have no
    row. Raises InputError if ``unit`` is no column of the panel.
    """
    if unit not in ("neighbourhood", "quintile", "age_band", "sex"):
        raise InputError("unit", f"'{unit}'; allowed: neighbourhood, quintile, age_band, sex")
    by = ["arm", "draw", "replication", unit, *([QUINTILE] if quintiles and unit != QUINTILE else []), "month"]
    wide = rates(panel, by, outcomes).pivot(index=by, columns="outcome", values="value").reset_index()
    wide.columns.name = None
    people = totals(panel, by, ["person_seconds"])
    people["population"] = people.pop("person_seconds") / SECONDS_PER_YEAR * MONTHS_A_YEAR
    return wide.dropna().merge(people, on=by).reset_index(drop=True)


def rolled_out(
    table: pd.DataFrame,
    arms: tuple[str, str],
    unit: str,
    outcome: str,
    starts: Mapping[str, int],
    as_lived: bool = False,
    live: int = 0,
) -> pd.DataFrame:
    """Return unit, month, outcome, population, first_treated (NaN: never) and effect (true), of one replication.

    ``table``: of unit_months, one draw and replication, by quintile or not; ``arms``: (usual care, design);
    ``starts``: month of start by unit; ``as_lived``: the design arm as it is, for a design that itself starts unit by
    unit (``starts`` says when); ``live``: the month in which the design goes live. Raises InputError for a start of a
    unit that is not there, or outside the months after that (and after the first there is) to the last.
    """
    keys = [unit, *([QUINTILE] if QUINTILE in table.columns and unit != QUINTILE else [])]
    by_arm = {arm: table[table["arm"] == arm].set_index([*keys, "month"]) for arm in arms}
    gain: dict[Any, float] = (by_arm[arms[1]][outcome] - by_arm[arms[0]][outcome]).dropna().to_dict()
    usual = by_arm[arms[0]][[outcome, "population"]].reset_index()
    months = np.sort(table["month"].unique())
    origin = max(int(months[0]), live)
    units = table[unit].unique()
    for name, start in starts.items():
        if name not in set(map(str, units)):
            raise InputError("starts", f"no unit '{name}': {nearest(name, map(str, units))}")
        if origin >= months[-1]:
            words = f"no unit can start within the run, which ends in month {months[-1]}: run more months"
            raise InputError("starts", f"'{name}' starts in month {start}; {words}")
        if not origin < start <= months[-1]:
            raise InputError("starts", f"'{name}' starts in month {start}; {origin + 1} to {months[-1]} are allowed")
    first = usual[unit].astype(str).map(starts).astype(float).to_numpy()
    since = usual["month"].to_numpy() - first
    at = usual["month"].to_numpy() if as_lived else origin + since
    effect = np.where(since >= 0, np.nan, 0.0)
    effect[np.isnan(since)] = 0.0
    for row in np.flatnonzero(np.ones(len(usual), dtype=bool) if as_lived else since >= 0):
        place = tuple(usual.loc[row, keys])
        effect[row] = float(gain.get((*place, int(at[row])), np.nan))
    made = usual.assign(first_treated=first, effect=effect)
    made[outcome] += made["effect"]
    return made.dropna(subset=[outcome]).reset_index(drop=True)


def monthly_counts(table: pd.DataFrame, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Return ``table`` (of rolled_out) with '<outcome>_count' of each month, and 'treated' (0 or 1): a series' columns.

    Events are whole; days and hours need not be. Outcomes are per resident (a mean per contact has no count).
    """
    made = table.assign(treated=(table["month"] >= table["first_treated"]).astype(int))
    for each in outcomes:
        count = made[each.name] * made["population"] / (MONTHS_A_YEAR * PER_RESIDENTS)
        made[f"{each.name}_count"] = np.rint(count).clip(lower=0) if each.counts_events else count
    return made


def known_ratio(on: pd.DataFrame, outcome: str) -> float:
    """Return the rate ratio of the rows ``on`` (treated): as they are, over what they were without '<outcome>_effect'.

    NaN where nothing would have happened without it.
    """
    seen = float((on[outcome] * on["population"]).sum())
    without = float(((on[outcome] - on[f"{outcome}_effect"]) * on["population"]).sum())
    return seen / without if without > 0 else float("nan")
