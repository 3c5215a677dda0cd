"""What a design changes in the life-expectancy gap, replication by replication, from a results folder's deaths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns
from evaluation.estimate import Estimate, normal_limits, z_value
from evaluation.inequality.slope_ohid import LEAST_SIMULATIONS, SlopeMethod
from evaluation.life_tables.aim import Aim, AimLine, aim_line
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


def simulated_baseline(mortality: pd.DataFrame, baseline: str, sex: str, years: int = 3) -> Estimate:
    """Return usual care's gap at birth in the first ``years`` of a run: a baseline where none was observed.

    The mean over draws and replications; its interval is that of one place of this size (the mean variance of deaths)
    and what draws and replications differ by, together. Raises InputError as ``modelled_changes``.
    """
    need_columns(mortality, [*UNIT, "sex"], "mortality")
    chosen = mortality[(mortality["sex"] == sex) & (mortality["arm"] == baseline)]
    if chosen.empty:
        raise InputError("mortality", f"has no rows of '{baseline}' and sex '{sex}'")
    table = pooled(chosen, ["decile"], years)
    first = table[table["period"] == table["period"].min()]
    values, variances = [], []
    for key, mine in first.groupby([*UNIT, "period"], sort=True):
        found = expectancy_gap(mine, renumber=True).slope
        if math.isnan(found.estimate):
            raise InputError(", ".join(map(str, key)), f"has no life-expectancy gap: {found.reason}")
        values.append(found.estimate)
        variances.append(((found.upper - found.lower) / (2 * z_value(found.level))) ** 2)
    between = float(np.var(values, ddof=1)) / len(values) if len(values) > 1 else 0.0
    value, se = float(np.mean(values)), math.sqrt(float(np.mean(variances)) + between)
    lower, upper = normal_limits(value, se)
    note = f"simulated: usual care in the first {years} years, {len(values)} replications"
    who = f"{sex}, the place's own ranks of deprivation"
    return Estimate(value, lower, upper, "le_gap_ohid", who, len(values), "replications", se=se).with_notes(note)


@dataclass(frozen=True)
class Tracked:
    """An aim followed for one sex: the ``line`` (see AimLine), the ``baseline`` gap, and whose deaths it counts."""

    sex: str
    line: AimLine
    baseline: Estimate


def tracked_aim(
    mortality: pd.DataFrame,
    arms: tuple[str, str],
    aim: Aim,
    first_year: int,
    baselines: Mapping[str, Estimate] | None = None,
    years: int = 3,
) -> list[Tracked]:
    """Return the aim's line for each sex of ``mortality``, with what the design (``arms``: usual care, design) changes.

    ``first_year``: the calendar year of go-live. ``baselines``: the observed gap by sex; else usual care's own (see
    simulated_baseline). Deaths are counted by national tenth, but the slope's ranks are the place's own residents in
    order of deprivation, so that it is a slope over local deprivation. Raises InputError as ``modelled_changes`` and
    ``aim_line``, and for a baseline of a sex that is not there.
    """
    need_columns(mortality, [*UNIT, "sex"], "mortality")
    sexes = sorted(map(str, mortality["sex"].unique()))
    for sex in baselines or {}:
        if sex not in sexes:
            raise InputError("baseline", f"of sex '{sex}': {nearest(sex, sexes)}")
    found = []
    for sex in sexes:
        changes = modelled_changes(mortality, *arms, sex, first_year, years)
        start = (baselines or {}).get(sex) or simulated_baseline(mortality, arms[0], sex, years)
        within = {year: change for year, change in changes.items() if year <= aim.target_year}
        found.append(Tracked(sex, aim_line(aim, start, first_year, within), start))
    return found
