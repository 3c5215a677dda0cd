"""What a design changes in the life-expectancy gap, replication by replication, from a results folder's deaths."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns
from evaluation.inequality.slope_ohid import LEAST_SIMULATIONS, SlopeMethod
from evaluation.life_tables.gap import UNIT, expectancy_gap, pooled
from scenarios.errors import InputError, nearest

_PAIR = ["draw", "replication"]
_POINT_ONLY = SlopeMethod(simulations=LEAST_SIMULATIONS)  # the limits of each replication's gap are not used


def modelled_changes(
    mortality: pd.DataFrame, baseline: str, design: str, sex: str, first_year: int, years: int = 3
) -> dict[int, np.ndarray]:
    """Return the change in the gap at birth, ``design`` less ``baseline``, by calendar year, for ``aim_line``.

    ``mortality``: the table of that name in a results folder; ``first_year``: the calendar year of go-live. Years are
    pooled ``years`` at a time, and a change is put at the last year of its period. Arrays have one value per draw and
    replication (years of life; negative narrows the gap): the slope over the national tenths there are, in both arms
    alike. Raises InputError for an unknown arm or sex, a replication without its twin, no whole period, or a gap that
    is undefined (too few people or deaths in a tenth), naming it.
    """
    need_columns(mortality, [*UNIT, "sex"], "mortality")
    for column, name in (("arm", baseline), ("arm", design), ("sex", sex)):
        if name not in set(mortality[column]):
            raise InputError(column, f"no '{name}' in mortality; {nearest(name, map(str, mortality[column].unique()))}")
    chosen = mortality[(mortality["sex"] == sex) & mortality["arm"].isin([baseline, design])]
    table = pooled(chosen, ["decile"], years)
    rows = [(*key, _gap(mine, key)) for key, mine in table.groupby([*UNIT, "period"], sort=True)]
    wide = pd.DataFrame(rows, columns=[*UNIT, "period", "gap"]).pivot(
        index=["period", *_PAIR], columns="arm", values="gap"
    )
    lost = wide.isna().any(axis=1)
    if lost.any():
        period, draw, replication = wide.index[lost][0]
        raise InputError("mortality", f"draw {draw}, replication {replication}, period {period} is in one arm only")
    change = wide[design] - wide[baseline]
    periods = [int(each) for each in sorted(set(change.index.get_level_values("period").tolist()))]
    return {first_year + each + years - 1: change.xs(each, level="period").to_numpy(dtype=float) for each in periods}


def _gap(mine: pd.DataFrame, key: tuple[object, ...]) -> float:
    found = expectancy_gap(mine, method=_POINT_ONLY, renumber=True).slope
    if math.isnan(found.estimate):
        arm, draw, replication, period = key
        where = f"{arm}, draw {draw}, replication {replication}, period {period}"
        raise InputError(where, f"has no life-expectancy gap: {found.reason}; a larger place, or more years, is needed")
    return found.estimate
