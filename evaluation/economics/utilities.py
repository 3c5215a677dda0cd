"""Quality of life by age, sex and deprivation, solved so that quality-adjusted life expectancy by fifth holds.

Population norms of EQ-5D hold by age and sex, not by deprivation; published quality-adjusted life expectancy holds by
fifth. One number for each fifth, added to the norms at every age, brings the two together: people of the poorest fifth
live each year in worse health, besides living fewer of them. Decrements of conditions, where they are used, are taken
about the mean number of conditions of the cell, because the norms already hold what people there have on average.
Sources: Asaria, Griffin and Cookson 2016 (additive shift); Love-Koh et al. 2015.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.economics.discounting import Rates, discount_factors
from scenarios.errors import InputError

BEST = 1.0  # full health
OPEN_YEARS = 200  # of the open age told apart for discounting; the last holds all that follow
NORMS = ("age_from", "sex", "utility")
SEXES = ("female", "male")
RATES = ("age", "sex", "quintile", "deaths_per_person_year")


def norm_at(norms: pd.DataFrame, ages: np.ndarray, sex: str) -> np.ndarray:
    """Return the norm of ``sex`` at each of ``ages``: that of the band it falls in; below the first band, the first's.

    ``norms``: age_from, sex, utility, one row per band and sex. Raises InputError for a sex without norms, or a norm
    above 1.
    """
    need_columns(norms, NORMS, "utility norms")
    mine = norms[norms["sex"] == sex].sort_values("age_from")
    if mine.empty:
        raise InputError("utility norms", f"have no row for sex '{sex}'")
    values = numbers(mine["utility"], "utility norms utility")
    if (values > BEST).any():
        raise InputError("utility norms", f"hold {values.max():g}; allowed: up to 1, full health")
    at = np.searchsorted(mine["age_from"].to_numpy(float), np.asarray(ages, float), side="right") - 1
    return values[np.clip(at, 0, None)]


def survival(mortality: pd.DataFrame, sex: str, quintile: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (ages, years lived at each age by one newborn) from single-age death rates, the last age being open.

    ``mortality``: age, sex, quintile (1 most deprived), deaths_per_person_year. A rate m gives the chance of dying
    1 - exp(-m), and those who die live half the year; in the open age 1 / m years are lived. Raises InputError for ages
    that are not 0, 1, 2 ...
    """
    ages, _, lived = _life_table(mortality, sex, quintile)
    return ages, lived


def _life_table(mortality: pd.DataFrame, sex: str, quintile: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ages, survivors of one newborn at the start of each, and years lived in it: see ``survival``."""
    need_columns(mortality, RATES, "mortality")
    mine = mortality[(mortality["sex"] == sex) & (mortality["quintile"] == quintile)].sort_values("age")
    ages = mine["age"].to_numpy(int)
    if len(ages) == 0 or (ages != np.arange(len(ages))).any():
        raise InputError("mortality", f"needs every age from 0 for sex '{sex}', quintile {quintile}")
    rates = numbers(mine["deaths_per_person_year"], "deaths_per_person_year", 0.0)
    alive = np.concatenate([[1.0], np.exp(-np.cumsum(rates[:-1]))])
    after = np.append(alive[1:], 0.0)
    lived = (alive + after) / 2
    lived[-1] = alive[-1] / rates[-1] if rates[-1] > 0 else alive[-1]
    return ages, alive, lived


def shifts_by_quintile(
    norms: pd.DataFrame, mortality: pd.DataFrame, expectancy: Mapping[int, float], female_share: float = 0.5
) -> dict[int, float]:
    """Return what is added to the norms at every age so that quality-adjusted life expectancy at birth is as published.

    ``expectancy``: quality-adjusted years by quintile, both sexes together. With years lived L and norm u at each age,
    the shift is (expectancy - sum L u) / sum L, sexes weighted by ``female_share``: exact, nothing is iterated.
    """
    found = {}
    for quintile, wanted in expectancy.items():
        years, quality = 0.0, 0.0
        for sex, weight in zip(SEXES, (female_share, 1 - female_share), strict=True):
            ages, lived = survival(mortality, sex, quintile)
            years += weight * float(lived.sum())
            quality += weight * float((lived * norm_at(norms, ages, sex)).sum())
        found[int(quintile)] = (wanted - quality) / years
    return found


def expectancy_by_quintile(
    norms: pd.DataFrame, mortality: pd.DataFrame, shifts: Mapping[int, float], female_share: float = 0.5
) -> dict[int, float]:
    """Return quality-adjusted life expectancy at birth by quintile that norms and shifts give, for checking."""
    found = {}
    for quintile, shift in shifts.items():
        total = 0.0
        for sex, weight in zip(SEXES, (female_share, 1 - female_share), strict=True):
            ages, lived = survival(mortality, sex, quintile)
            total += weight * float((lived * (norm_at(norms, ages, sex) + shift)).sum())
        found[int(quintile)] = total
    return found


def utility_of_bands(
    norms: pd.DataFrame, shifts: Mapping[int, float], bands: Mapping[str, tuple[int, int]], ages: pd.DataFrame
) -> pd.DataFrame:
    """Return mean quality of life by age band, sex and quintile: columns age_band, sex, quintile, utility.

    ``bands``: name to (first, last) age; ``ages``: age and persons by quintile (columns age, quintile, persons), which
    weight the ages of a band. No value is above 1. Raises InputError for a band of a quintile with nobody in it.
    """
    need_columns(ages, ("age", "quintile", "persons"), "ages")
    rows = []
    for name, (first, last) in bands.items():
        for quintile, shift in shifts.items():
            mine = ages[(ages["quintile"] == quintile) & ages["age"].between(first, last)]
            if mine.empty or mine["persons"].sum() <= 0:
                raise InputError("ages", f"hold nobody of band '{name}' in quintile {quintile}")
            weights = mine["persons"].to_numpy(float)
            for sex in SEXES:
                mean = float(np.average(norm_at(norms, mine["age"].to_numpy(), sex), weights=weights))
                rows.append((name, sex, int(quintile), min(mean + shift, BEST)))
    return pd.DataFrame(rows, columns=["age_band", "sex", "quintile", "utility"])


def remaining_by_band(
    norms: pd.DataFrame,
    mortality: pd.DataFrame,
    shifts: Mapping[int, float],
    bands: Mapping[str, tuple[int, int]],
    rates: Rates,
    from_year: float = 0.0,
) -> pd.DataFrame:
    """Return discounted quality-adjusted years to come of somebody in each band: age_band, sex, quintile, years.

    People of a band are taken to be spread over its ages as the life table's survivors are: half-way through their age
    on average, and in the open age for as long as any. ``rates``: a rate a year or a schedule of them (see
    discounting); ``from_year``: the year of that schedule at which they are looked at, in whose value the years are.
    """
    reach = len(set(mortality["age"])) + OPEN_YEARS
    factors = {
        each: discount_factors(from_year + np.arange(reach) + each, rates) / discount_factors([from_year], rates)[0]
        for each in (0.0, 0.25, 0.5)
    }
    rows = []
    for quintile, shift in shifts.items():
        for sex in SEXES:
            ages, alive, lived = _life_table(mortality, sex, quintile)
            quality = np.minimum(norm_at(norms, ages, sex) + shift, BEST)
            ahead = _years_ahead(alive, lived, quality, factors)
            for name, (first, last) in bands.items():
                inside = (ages >= first) & (ages <= last)
                rows.append((name, sex, int(quintile), float(np.average(ahead[inside], weights=lived[inside]))))
    return pd.DataFrame(rows, columns=["age_band", "sex", "quintile", "years"])


def _years_ahead(
    alive: np.ndarray, lived: np.ndarray, quality: np.ndarray, factors: Mapping[float, np.ndarray]
) -> np.ndarray:
    """Return discounted quality-adjusted years to come by age, mean over the people alive in it.

    ``factors``: of years 0, 1, 2 ... after now, and of those and a quarter and a half. Somebody half-way through an age
    has half of it to come, at a quarter of a year from now on average; the middle of each later age is a whole number
    of years off. The open age is lived through at its constant rate, year by year.
    """
    closed = len(lived) - 1
    mean_years = lived[-1] / alive[-1]
    years = np.exp(-np.arange(OPEN_YEARS + 1) / mean_years) * mean_years
    years[:-1] -= years[1:]  # lived in each year of the open age by one who enters it
    worth = np.concatenate([lived[:-1] * quality[:-1], alive[-1] * quality[-1] * years])
    ahead = np.empty(len(lived))
    for at in range(closed):
        later = worth[at + 1 :]
        ahead[at] = (worth[at] / 2 * factors[0.25][0] + later @ factors[0.0][1 : len(later) + 1]) / lived[at]
    ahead[closed] = quality[-1] * (years @ factors[0.5][: len(years)])
    return ahead
