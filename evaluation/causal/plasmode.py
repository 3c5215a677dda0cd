"""A roll-out with a known effect, made of a simulated comparison: to try estimators before real data are there.

Both arms of a run are lived by the same residents from month 0. A unit that starts in month s is given usual care's
outcome, plus from s on the simulated effect at the same number of months since the start: design less usual care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from evaluation.outcomes import Outcome
from evaluation.panel import rates
from scenarios.errors import InputError, nearest


def unit_months(panel: pd.DataFrame, unit: str, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Return a row per arm, draw, replication, ``unit`` and month, with each outcome's value (rates: see rates).

    Months in which a unit has nobody, or no contact to average over, have no row. Raises InputError if ``unit`` is no
    column of the panel.
    """
    if unit not in ("neighbourhood", "quintile", "age_band", "sex"):
        raise InputError("unit", f"'{unit}'; allowed: neighbourhood, quintile, age_band, sex")
    by = ["arm", "draw", "replication", unit, "month"]
    table = rates(panel, by, outcomes)
    wide = table.pivot(index=by, columns="outcome", values="value").reset_index()
    wide.columns.name = None
    return wide.dropna().reset_index(drop=True)


def rolled_out(
    table: pd.DataFrame,
    arms: tuple[str, str],
    unit: str,
    outcome: str,
    starts: Mapping[str, int],
    as_lived: bool = False,
) -> pd.DataFrame:
    """Return unit, month, outcome, first_treated (NaN: never) and effect (true), from one replication's unit-months.

    ``table``: of unit_months, one draw and replication; ``arms``: (usual care, design); ``starts``: month of start by
    unit; ``as_lived``: the design arm as it is, for a design that itself starts unit by unit (``starts`` says when).
    Raises InputError for a start of a unit that is not there, or outside the months from 1 to the last.
    """
    by_arm = {arm: table[table["arm"] == arm].set_index([unit, "month"])[outcome] for arm in arms}
    gain: dict[Any, float] = (by_arm[arms[1]] - by_arm[arms[0]]).dropna().to_dict()
    usual = by_arm[arms[0]].reset_index()
    months = np.sort(table["month"].unique())
    units = table[unit].unique()
    for name, start in starts.items():
        if name not in set(map(str, units)):
            raise InputError("starts", f"no unit '{name}': {nearest(name, map(str, units))}")
        if not months[0] < start <= months[-1]:
            raise InputError("starts", f"'{name}' starts in month {start}; {months[0] + 1} to {months[-1]} are allowed")
    rows = []
    for name, month, value in zip(usual[unit], usual["month"], usual[outcome], strict=True):
        first = float(starts[str(name)]) if str(name) in starts else np.nan
        since = month - first
        if as_lived:
            effect = float(gain.get((name, month), np.nan))
        else:
            effect = float(gain.get((name, int(months[0] + since)), np.nan)) if since >= 0 else 0.0
        rows.append((name, month, value + effect, first, effect))
    made = pd.DataFrame(rows, columns=[unit, "month", outcome, "first_treated", "effect"])
    return made.dropna(subset=[outcome]).reset_index(drop=True)
