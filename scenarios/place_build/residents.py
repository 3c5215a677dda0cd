"""Residents, households and deprivation of each LSOA: as given, and England's where the files are silent."""

from __future__ import annotations

import pandas as pd

from scenarios.errors import InputError
from scenarios.place_build.areas import Areas
from scenarios.place_build.england import BY_DECILE, EVERYWHERE, England
from scenarios.place_build.headers import OLDEST, SEXES
from scenarios.place_build.traced import AS_GIVEN, Traced
from scenarios.place_schema import AGE_COLUMNS, AGE_LOWER_YEARS, DEPRIVED_COLUMNS, ETHNIC_COLUMNS

YEARS = range(OLDEST + 1)
AS_PASSED = (  # columns of our own that are taken as they are, where a file has them for every LSOA
    "distance_pharmacy_km",
    "distance_hub_km",
    "english_main_language_share",
)
ADDED = "single years of age added up"
ALONE = "one_person_household_share"
MAY_BE_BLANK = ("social_rented_households", "overcrowded_households")


def add_residents(made: Traced, england: England) -> None:
    """Add residents, by age too: of the file that stands before others. Raises InputError if no file counts them."""
    areas = made.areas
    ages = ages_of(areas)
    told = areas.has("population")
    if not ages and not told:
        problem = "no file counts the residents: give ONS mid-year estimates by LSOA and single year of age"
        raise InputError("residents", problem + areas.lacking())
    if ages and (not told or areas.order[ages[0]] <= areas.order["population"]):
        counts = counts_of(areas, ages)
        made.from_file("population", counts.sum(axis=1), ends(ages), "all ages added up")
        made.from_file("age_*", None, ends(ages), AS_GIVEN if ages == AGE_COLUMNS else ADDED)
    else:
        people = areas.number("population")
        made.from_file("population", people, ["population"])
        counts = england.ages.loc[made.table["imd_2019_decile"]].set_axis(made.table.index)
        if ages:
            counts = counts_of(areas, ages)
            made.from_file("age_*", None, [*ends(ages), "population"], "shares of ages times residents")
        else:
            made.from_england("age_*", None, BY_DECILE)
        total = counts.sum(axis=1)
        counts = (
            counts.div(total.where(total > 0), axis=0).fillna(counts.sum() / total.sum()).mul(people, axis=0).round(2)
        )
    for name in AGE_COLUMNS:
        made.table[name] = counts[name]


def ages_of(areas: Areas) -> tuple[str, ...]:
    """Return the columns that tell residents by age: single years by sex, of all, or bands, whichever file is first."""
    kinds = [tuple(f"{sex}_{year}" for sex in sexes for year in YEARS) for sexes in (("female", "male"), ("persons",))]
    there = [kind for kind in (*kinds, AGE_COLUMNS) if areas.has(*kind)]
    return min(there, key=lambda kind: areas.order[kind[0]], default=())


def counts_of(areas: Areas, ages: tuple[str, ...]) -> pd.DataFrame:
    """Return residents in our age bands: float64[LSOA, band]. ``ages``: the columns that tell them."""
    if ages == AGE_COLUMNS:
        return pd.DataFrame({name: areas.number(name) for name in AGE_COLUMNS})
    return banded(areas, tuple(dict.fromkeys(name.rpartition("_")[0] for name in ages)))


def ends(columns: tuple[str, ...]) -> list[str]:
    """Return the first and last of a row of columns, by which it is named."""
    return [columns[0], columns[-1]]


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
    areas = made.areas
    add_households(made, england)
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
            made.assumed(name, "", "left blank: no file says", "derived")
    add_parts(made)


def add_households(made: Traced, england: England) -> None:
    """Add households: as given; a census's scaled by residents now over those it counted; or England's size of them."""
    areas, people = made.areas, made.table["population"]
    counted = next((name for name in ("census_households", "households_by_size") if areas.has(name)), "")
    asked = next((name for name in ("census_residents", "asked_of_disability") if areas.has(name)), "")
    if areas.has("households"):
        made.from_file("households", areas.number("households"), ["households"])
    elif counted and asked:
        then = areas.number(asked)
        grown = (people / then.where(then > 0)).fillna(1.0)
        homes = (areas.number(counted) * grown).round(1)
        made.from_file("households", homes, [counted, asked], "census households times residents over the census's")
    elif counted:
        made.from_file("households", areas.number(counted), [counted])
    else:
        homes = (people / england.residents_per_household).round().clip(lower=1)
        made.from_england("households", homes, f"{england.residents_per_household:.2f} residents to a household")


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
