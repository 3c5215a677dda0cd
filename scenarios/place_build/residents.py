"""Residents, households and deprivation of each LSOA: as given, and England's where the files are silent."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scenarios.errors import InputError
from scenarios.place_build.areas import Areas, listed
from scenarios.place_build.england import BY_DECILE, EVERYWHERE, England
from scenarios.place_build.headers import OLDEST, SEXES, editions
from scenarios.place_build.traced import AS_GIVEN, Traced
from scenarios.place_checks import decile_of
from scenarios.place_schema import AGE_COLUMNS, AGE_LOWER_YEARS, DEPRIVED_COLUMNS, ETHNIC_COLUMNS, IMD_AREAS

YEARS = range(OLDEST + 1)
AS_PASSED = (  # columns of our own that are taken as they are, where a file has them for every LSOA
    "distance_pharmacy_km",
    "distance_hub_km",
    "english_main_language_share",
)
CROSSED = "of LSOAs of another year: the mean rank of those that became one, the rank of one that was split"
ALONE = "one_person_household_share"
MAY_BE_BLANK = ("social_rented_households", "overcrowded_households")


def add_deprivation(made: Traced) -> None:
    """Add ranks and deciles of both editions; an edition not given has the other's place in the ranking.

    Raises InputError for LSOAs that no file ranks.
    """
    ranks = {edition: ranks_of(made.areas, edition) for edition in editions()}
    lacking = [str(code) for code in made.table.index[pd.DataFrame(ranks).isna().all(axis=1)]]
    if lacking:
        problem = (
            f"no file gives a rank for {listed(lacking)}: give File 7 of the Indices of Deprivation 2025 (LSOAs of "
            "2021), or that of 2019 with the lookup of LSOAs 2011 to 2021"
        )
        raise InputError("deprivation", problem)
    for edition in editions():
        other = next(one for one in editions() if one != edition)
        there = (ranks[other] / IMD_AREAS[other] * IMD_AREAS[edition]).round().clip(1, IMD_AREAS[edition])
        rank = ranks[edition].fillna(there).astype(int)
        column, own = f"imd_{edition}_rank", int(ranks[edition].notna().sum())
        if own == 0:
            made.assumed(column, rank, f"the same place in the ranking as in the edition of {other}", "derived")
        else:
            used = [name for name in (column, f"imd_{edition}_decile") if made.areas.has(name)]
            words = CROSSED if column in made.areas.crossed else AS_GIVEN
            if own < len(rank):
                words += f"; of {len(rank) - own} LSOAs as in the edition of {other}"
            made.from_file(column, rank, used, words)
        deciles = rank.map(lambda one, areas=IMD_AREAS[edition]: decile_of(one, areas))
        made.assumed(f"imd_{edition}_decile", deciles, "decile of the rank", "derived")


def ranks_of(areas: Areas, edition: str) -> pd.Series:
    """Return the ranks of an edition by LSOA, the middle of the decile where that alone is given; else NaN."""
    found = pd.Series(np.nan, index=areas.table.index)
    for column, of in ((f"imd_{edition}_rank", 0.0), (f"imd_{edition}_decile", IMD_AREAS[edition] / 10)):
        if areas.has(column):
            numbers = areas.number(column, blank=True)
            found = found.fillna(((numbers - 0.5) * of).round() if of else numbers)
    return found


def add_residents(made: Traced, england: England) -> None:
    """Add residents, by age too. Raises InputError if no file counts them."""
    areas = made.areas
    for sexes in (("female", "male"), ("persons",)):
        single = [f"{sex}_{year}" for sex in sexes for year in YEARS]
        if areas.has(*single):
            return add_ages(made, banded(areas, sexes), single[:1] + single[-1:], "single years of age added up")
    if areas.has(*AGE_COLUMNS):
        counts = pd.DataFrame({name: areas.number(name) for name in AGE_COLUMNS})
        return add_ages(made, counts, AGE_COLUMNS[:1] + AGE_COLUMNS[-1:], "as given")
    if not areas.has("population"):
        problem = "no file counts the residents: give ONS mid-year estimates by LSOA and single year of age"
        raise InputError("residents", problem)
    people = areas.number("population")
    made.from_file("population", people, ["population"])
    shares = england.ages.loc[made.table["imd_2019_decile"]].set_axis(made.table.index)
    for name in AGE_COLUMNS:
        made.table[name] = (shares[name] * people).round(2)
    return made.from_england("age_*", None, BY_DECILE)


def add_ages(made: Traced, counts: pd.DataFrame, used: tuple[str, ...] | list[str], derivation: str) -> None:
    """Add residents by age, and in all as their sum."""
    made.from_file("population", counts.sum(axis=1), used, "all ages added up")
    made.from_file("age_*", None, used, derivation)
    for name in AGE_COLUMNS:
        made.table[name] = counts[name]


def banded(areas: Areas, sexes: tuple[str, ...]) -> pd.DataFrame:
    """Return residents of ``sexes`` in our age bands: float64[LSOA, band]."""
    edges = [*AGE_LOWER_YEARS[1:], OLDEST + 1]
    counts = {}
    for name, first, beyond in zip(AGE_COLUMNS, AGE_LOWER_YEARS, edges, strict=True):
        columns = [areas.number(f"{sex}_{year}") for sex in sexes for year in range(first, beyond)]
        counts[name] = pd.concat(columns, axis=1).sum(axis=1)
    return pd.DataFrame(counts)


def male_shares(made: Traced, england: England) -> tuple[pd.DataFrame, str]:
    """Return (age_sex.csv, where from): each borough's share of men by age; England's where ages are not by sex."""
    boroughs = made.table["borough"]
    by_sex = made.areas.has(*(f"{sex}_{year}" for sex in list(SEXES.values())[:2] for year in YEARS))
    if by_sex:
        men, all_of = (banded(made.areas, sexes).groupby(boroughs).sum() for sexes in (("male",), ("female", "male")))
        shares = (men / all_of.where(all_of > 0)).fillna(england.male)
    else:
        shares = pd.DataFrame([england.male] * boroughs.nunique(), index=sorted(boroughs.unique()))
    wide = shares.round(5).rename_axis(index="borough").reset_index()
    long = wide.melt("borough", list(AGE_COLUMNS), "age_band", "male_share")
    return long, "derived from residents by sex and single year of age" if by_sex else EVERYWHERE


def add_people(made: Traced, england: England) -> None:
    """Add households, ethnic groups and what else is said of residents, as given or England's."""
    areas, people = made.areas, made.table["population"]
    counted = next((name for name in ("households", "households_by_size") if areas.has(name)), "")
    if counted:
        made.from_file("households", areas.number(counted), [counted])
    else:
        homes = (people / england.residents_per_household).round().clip(lower=1)
        made.from_england("households", homes, f"{england.residents_per_household:.2f} residents to a household")
    if areas.has(ALONE):
        made.from_file(ALONE, areas.number(ALONE), [ALONE])
    elif areas.has("one_person_households", "households_by_size"):
        alone = share(areas, "one_person_households", "households_by_size")
        used = ["one_person_households", "households_by_size"]
        made.from_file(ALONE, alone, used, "one-person households over all")
    else:
        made.from_england(ALONE, round(england.one_person_share, 4), EVERYWHERE)
    add_ethnic(made, england)
    for name in MAY_BE_BLANK:
        if areas.has(name):
            made.from_file(name, areas.number(name, blank=True), [name])
        else:
            made.table[name] = ""
    add_parts(made)


def add_ethnic(made: Traced, england: England) -> None:
    """Add residents by ethnic group: the groups' shares times residents."""
    if made.areas.has(*ETHNIC_COLUMNS):
        counts = pd.DataFrame({name: made.areas.number(name) for name in ETHNIC_COLUMNS})
        total = counts.sum(axis=1)
        shares = counts.div(total.where(total > 0), axis=0).fillna(counts.sum() / max(float(total.sum()), 1.0))
        made.from_file("ethnic_*", None, ETHNIC_COLUMNS, "shares of the groups times residents")
    else:
        shares = england.ethnic.loc[made.table["imd_2025_decile"]].set_axis(made.table.index)
        made.from_england("ethnic_*", None, BY_DECILE)
    for name in ETHNIC_COLUMNS:
        made.table[name] = (shares[name] * made.table["population"]).round(1)


def add_parts(made: Traced) -> None:
    """Add the columns that a place may lack, where the files have them."""
    areas = made.areas
    if areas.has(*DEPRIVED_COLUMNS):
        counts = pd.DataFrame({name: areas.number(name, blank=True) for name in DEPRIVED_COLUMNS})
        scale = made.table["households"] / counts.sum(axis=1).where(lambda total: total > 0)
        for name in DEPRIVED_COLUMNS:
            made.table[name] = (counts[name] * scale).round(1)
        made.from_file("households_deprived_*", None, DEPRIVED_COLUMNS, "shares times households")
    if areas.has("disabled", "asked_of_disability"):
        used = ["disabled", "asked_of_disability"]
        made.from_file("disabled_share", share(areas, *used).round(4), used, "disabled residents over all")
    elif areas.has("disabled_share"):
        made.from_file("disabled_share", areas.number("disabled_share", blank=True), ["disabled_share"])
    for name in AS_PASSED:
        if areas.has(name):
            made.from_file(name, areas.number(name, blank=True), [name])


def share(areas: Areas, part: str, whole: str) -> pd.Series:
    """Return ``part`` over ``whole`` by LSOA; that of the place where an LSOA has nobody."""
    parts, wholes = areas.number(part), areas.number(whole)
    overall = float(parts.sum() / max(float(wholes.sum()), 1.0))
    return (parts / wholes.where(wholes > 0)).fillna(overall).round(4)
