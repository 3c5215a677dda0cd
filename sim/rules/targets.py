"""England's margins that the residual hazards must meet, from the registry's tables, and England's rates to compare.

Rates are per person per month, deprivation quintile 0 = most deprived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenarios.registry.reader import Registry
from sim.codes import NEED_NAMES, SEX_NAMES
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import AGE_BANDS, BAND_YEARS, NEED_KINDS, QUINTILES, SEXES, age_band

PER_1000 = 1000.0
PER_MONTH = 1.0 / PER_1000 / MONTHS_PER_YEAR  # from a rate per 1,000 a year
AGE_FROM = np.array([0, 1, *range(BAND_YEARS, BAND_YEARS * AGE_BANDS - BAND_YEARS, BAND_YEARS)])
ADULT_FROM = 20  # the first band of the parameter social_requests_18
OLDER_FROM = 65  # and of social_requests_65
PERSONS = "persons"


@dataclass(frozen=True)
class Targets:
    """England's margins per person per month, by age band, and by sex and quintile where there is such a figure.

    ed[band, q], admissions[band, sex, q], gp[band, sex] (all practice staff), outpatients[band, sex] (first
    attendances), deaths[band, sex, q], direct[need type, band, sex]: needs whose own rate is given (0: none is).
    """

    ed: np.ndarray
    admissions: np.ndarray
    gp: np.ndarray
    outpatients: np.ndarray
    deaths: np.ndarray
    direct: np.ndarray


def by_age(values: Mapping[str, float], stem: str, ages: tuple[int, ...]) -> np.ndarray:
    """Return parameter ``stem``_AGE by band (0 below the first of ``ages``): (20,)."""
    found = np.zeros(AGE_BANDS)
    for age in ages:
        found[age <= AGE_FROM] = values[f"{stem}_{age}"]
    return found


def nearest_rows(index: np.ndarray) -> np.ndarray:
    """Return, for each age band, the position of the last of sorted ``index`` ages that is not above it."""
    return np.searchsorted(index, AGE_FROM, side="right") - 1


def banded(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return ``column`` of rows by ``age_from`` for every age band: (20,)."""
    rows = table.sort_values("age_from")
    return rows[column].to_numpy(dtype=float)[nearest_rows(rows["age_from"].to_numpy())]


def by_quintile(table: pd.DataFrame) -> np.ndarray:
    """Return per_1000_per_year of rows by ``age_from`` and ``national_quintile``, per person per month: (20, 5)."""
    grid = table.pivot(index="age_from", columns="national_quintile", values="per_1000_per_year")
    return grid.to_numpy(dtype=float)[nearest_rows(grid.index.to_numpy())] * PER_MONTH


def by_sex(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return ``column`` by band and sex; a sex without rows of its own takes those of ``persons``: (20, 2)."""
    found = np.zeros((AGE_BANDS, SEXES))
    for sex, name in enumerate(SEX_NAMES):
        rows = table[table["sex"] == name]
        found[:, sex] = banded(rows if len(rows) else table[table["sex"] == PERSONS], column)
    return found


def scaled(grid: np.ndarray, mean: float, weights: np.ndarray) -> np.ndarray:
    """Return ``grid`` [band, sex] brought to England's ``mean``."""
    return grid * (mean / float((grid.mean(axis=1) * weights.sum(axis=1)).sum()))


def death_rates(registry: Registry) -> np.ndarray:
    """Return the life table by band, sex and quintile, per person per month (mean of the single ages): (20, 2, 5)."""
    sums = np.zeros((AGE_BANDS, SEXES, QUINTILES))
    ages = np.zeros((AGE_BANDS, SEXES, QUINTILES))
    for row in registry.table("life_table").to_dict("records"):
        cell = age_band(float(row["age"])), SEX_NAMES.index(row["sex"]), int(row["national_quintile"]) - 1
        sums[cell] += row["deaths_per_person_year"] / MONTHS_PER_YEAR
        ages[cell] += 1
    return sums / np.maximum(ages, 1)


def direct_rates(registry: Registry, values: Mapping[str, float]) -> np.ndarray:
    """Return needs whose own rate is known or assumed, per person per month: (need type, band, sex)."""
    found = np.zeros((NEED_KINDS, AGE_BANDS, SEXES))
    for name, rows in registry.table("need_rates").groupby("need_type"):
        found[NEED_NAMES.index(str(name))] = by_sex(rows, "per_1000_per_year") * PER_MONTH
    social = found[NEED_NAMES.index("social_need")]
    social[AGE_FROM >= ADULT_FROM] = values["social_requests_18_per_1000"] * PER_MONTH
    social[AGE_FROM >= OLDER_FROM] = values["social_requests_65_per_1000"] * PER_MONTH
    return found


def targets(registry: Registry, values: Mapping[str, float], weights: np.ndarray) -> Targets:
    """Return the margins to hold; ``weights`` [band, q] are England's population shares."""
    rates = registry.table("emergency_admission_rates")
    admissions = np.stack([by_quintile(rates[rates["sex"] == name]) for name in SEX_NAMES], axis=1)
    gp = by_sex(registry.table("gp_rates"), "visits_per_person_year")
    clinics = by_sex(registry.table("outpatient_rates"), "per_1000_per_year") / PER_1000
    new = values["outpatient_attendances_per_person_year"] * values["outpatient_new_share"]
    return Targets(
        by_quintile(registry.table("ed_rates")),
        admissions,
        scaled(gp, values["gp_contacts_per_person_year"], weights) / MONTHS_PER_YEAR,
        scaled(clinics, new, weights) / MONTHS_PER_YEAR,
        death_rates(registry),
        direct_rates(registry, values),
    )
