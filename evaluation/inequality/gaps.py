"""Gaps between deprivation quintiles, and what a design does to them.

Quintile 1 is the most deprived. Every gap is signed so that a positive one (a ratio over 1) means more among the most
deprived. Which Index of Multiple Deprivation, national or local quintiles: the caller says, with ``QuintileBasis``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.inequality.slope import slope_index
from evaluation.inequality.standard import (
    MOST_WEIGHT_LOST,
    complete_strata,
    esp2013,
    own_population,
    standardised_rates,
)
from evaluation.outcomes import RATES, Outcome
from evaluation.panel import QUINTILES, UNIT, rates
from evaluation.twins import LEVEL, pair_arms, paired_frame
from scenarios.errors import InputError, nearest

CRUDE = "crude"
STANDARDS = ("esp2013", "own")
MEASURES = {
    "absolute_q1_minus_q5": "Most deprived fifth minus least deprived fifth",
    "relative_q1_over_q5": "Most deprived fifth over least deprived fifth",
    "sii_ohid": "Slope index of inequality",
    "rii_ohid": "Relative index of inequality",
}
RATIOS = ("relative_q1_over_q5", "rii_ohid")


@dataclass(frozen=True)
class QuintileBasis:
    """Which deprivation index and whose quintiles a gap is about, for labels."""

    imd_edition: str = "edition not stated"
    scope: str = "local"

    def __str__(self) -> str:
        """Return for example 'local quintiles, IMD 2019, 1 = most deprived'."""
        return f"{self.scope} quintiles, IMD {self.imd_edition}, 1 = most deprived"

    @property
    def fifths(self) -> str:
        """The same in a sentence: 'local fifths by IMD 2019'."""
        return f"{self.scope} fifths by IMD {self.imd_edition}"


def gaps(panel: pd.DataFrame, outcomes: Sequence[Outcome] = RATES, standard: str = "esp2013") -> pd.DataFrame:
    """Return every gap measure, crude and age-sex standardised, for each arm, draw and replication of ``panel``.

    ``standard``: 'esp2013' or 'own' (the panel's own population, all arms together). Columns: arm, draw, replication,
    outcome, basis ('crude', 'age_sex_esp2013', 'age_sex_own'), measure (a key of MEASURES), value (the outcome's
    unit, or a ratio; NaN if undefined), reason, and standard_lost: the share of the standard in age and sex groups that
    are left out of every fifth because some fifth has nobody in them. Raises InputError for an unknown standard or a
    mean-per-contact outcome.
    """
    _refuse_means(outcomes)
    by = [*UNIT, "quintile"]
    crude = rates(panel, by, outcomes)
    population = crude[crude["outcome"] == outcomes[0].name][[*by, "denominator"]]
    parts = [_measures(crude, population, CRUDE, "").assign(standard_lost=0.0)]
    chosen = _standard(panel, standard)
    weights, lost = complete_strata(panel, by, chosen)
    note = "" if lost <= MOST_WEIGHT_LOST else f"age and sex groups with {lost:.0%} of the standard have no residents"
    adjusted = standardised_rates(panel, by, outcomes, chosen if note else weights)
    parts.append(_measures(adjusted, population, f"age_sex_{standard}", note).assign(standard_lost=lost))
    return pd.concat(parts, ignore_index=True)


def gap_changes(table: pd.DataFrame, baseline: str, design: str, level: float = LEVEL) -> pd.DataFrame:
    """Return the paired change in every gap of ``table`` (from ``gaps``) between two arms.

    One row per outcome, basis and measure with the fields of twins.Paired, 'pairs' and 'standard_lost'; a negative
    difference means a narrower gap where the baseline gap is positive. Raises InputError for an unknown arm or a
    missing twin.
    """
    both = pair_arms(table, baseline, design)
    rows = []
    for key, mine in both.groupby(["outcome", "basis", "measure"], sort=False, observed=True):
        head = dict(zip(("outcome", "basis", "measure"), key, strict=True))
        lost = float(mine["standard_lost"].max())
        rows.append({**head, **paired_frame(mine, baseline, design, level), "standard_lost": lost})
    return pd.DataFrame(rows)


def gaps_over_time(
    panel: pd.DataFrame, outcomes: Sequence[Outcome], months_per_period: int = 3, standard: str = "esp2013"
) -> pd.DataFrame:
    """Return ``gaps`` of each period of ``months_per_period`` months, counted from go-live (period 0).

    Columns as ``gaps`` plus period, month (first of the period) and month_start. Months before go-live have negative
    periods; a part period at either end is left out.
    """
    period = panel["month"] // months_per_period
    parts = []
    for number, mine in panel.groupby(period, sort=True):
        if mine["month"].nunique() == months_per_period:
            first = mine.sort_values("month").iloc[0]
            part = gaps(mine, outcomes, standard)
            parts.append(part.assign(period=number, month=int(first["month"]), month_start=str(first["month_start"])))
    if not parts:
        columns = [*UNIT, "outcome", "basis", "measure", "value", "reason", "standard_lost"]
        columns += ["period", "month", "month_start"]
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)


def _standard(panel: pd.DataFrame, name: str) -> pd.DataFrame:
    if name == "own":
        return own_population(panel)
    if name == "esp2013":
        return esp2013(sorted(panel["age_band"].unique()), sorted(panel["sex"].unique()))
    raise InputError("standard", f"no standard population '{name}'; {nearest(name, STANDARDS)}")


def _refuse_means(outcomes: Sequence[Outcome]) -> None:
    for each in outcomes:
        if not each.is_rate:
            raise InputError("outcome", f"'{each.name}' is a mean per contact; gaps need a rate over residents' time")


def _measures(values: pd.DataFrame, population: pd.DataFrame, basis: str, note: str) -> pd.DataFrame:
    joined = values[[*UNIT, "quintile", "outcome", "value"]].merge(population, on=[*UNIT, "quintile"], how="left")
    keys = [*UNIT, "outcome"]
    joined = joined.sort_values([*keys, "quintile"], kind="stable")
    starts = np.flatnonzero(~joined.duplicated(keys).to_numpy())
    columns = (joined[name].to_numpy() for name in ("quintile", "value", "denominator"))
    quintile, value, people = (np.split(each, starts[1:]) for each in columns)
    found = [
        (at, measure, *((math.nan, note) if note else told))
        for at, (fifths, mine, lived) in enumerate(zip(quintile, value, people, strict=True))
        for measure, told in _one(dict(zip(fifths, mine, strict=True)), dict(zip(fifths, lived, strict=True))).items()
    ]
    at, measure, number, reason = (list(each) for each in zip(*found, strict=True)) if found else ([], [], [], [])
    heads = joined[keys].iloc[starts].iloc[at].reset_index(drop=True)
    return heads.assign(basis=basis, measure=measure, value=np.array(number, float), reason=reason)


def _one(value: dict[int, float], people: dict[int, float]) -> dict[str, tuple[float, str]]:
    rate = [value.get(quintile, math.nan) for quintile in QUINTILES]
    lived = [people.get(quintile, 0.0) for quintile in QUINTILES]
    slope = slope_index(rate, lived, multiplier=-1.0)
    found = {"sii_ohid": (slope.sii, slope.reason if math.isnan(slope.sii) else "")}
    found["rii_ohid"] = (slope.rii, slope.reason)
    most, least = rate[0], rate[-1]
    empty = [f"no residents in quintile {q}" for q, r in ((1, most), (5, least)) if math.isnan(r)]
    found["absolute_q1_minus_q5"] = (most - least, "; ".join(empty))
    if empty:
        found["relative_q1_over_q5"] = (math.nan, "; ".join(empty))
    elif least == 0:
        found["relative_q1_over_q5"] = (math.nan, "nothing counted in quintile 5: no ratio")
    else:
        found["relative_q1_over_q5"] = (most / least, "")
    return {measure: found[measure] for measure in MEASURES}
