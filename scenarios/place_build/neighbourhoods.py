"""Which neighbourhood each LSOA is in: as a file says, by LSOA or by ward, or else grouped by where wards lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from scenarios.errors import InputError
from scenarios.place_build.areas import Areas, listed
from scenarios.place_build.given import Given

PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,12}")
HOW = "say in a file which neighbourhood each LSOA, or each ward, is in (columns lsoa_code or ward, and neighbourhood)"
GROUPED = "illustrative: neighbouring wards put together by intsim place build, nobody's own neighbourhoods"


class Neighbourhoods(NamedTuple):
    """``of``: id by LSOA; ``names``: name by id; ``note``: what to say of them; ``grouped``: whether made up here."""

    of: pd.Series
    names: dict[str, str]
    note: str
    grouped: bool


def neighbourhoods_of(areas: Areas, given: Sequence[Given], population: pd.Series, people: int) -> Neighbourhoods:
    """Return the neighbourhoods, of about ``people`` residents each where no file says what they are.

    Raises InputError for an LSOA or a ward that a file leaves out, and where there is nothing to group by.
    """
    said = said_of(areas, given)
    if said is not None:
        return named(said)
    if not areas.has("lat", "lon"):
        problem = f"{HOW}; or give a file with lat and lon, and they are grouped by nearness"
        raise InputError("neighbourhoods", problem + areas.lacking())
    groups = grouped(areas, population, people)
    names = {code: f"{largest_ward(areas, population, groups, code)} and around" for code in sorted(set(groups))}
    return Neighbourhoods(groups, names, GROUPED, True)


def said_of(areas: Areas, given: Sequence[Given]) -> pd.Series | None:
    """Return what files say of each LSOA, None if they say nothing. Raises InputError for one left out."""
    if areas.has("neighbourhood"):
        said = areas.table["neighbourhood"]
        lacking = [str(code) for code in said.index[said == ""]]
        if lacking:
            file, header = areas.origins["neighbourhood"][0]
            raise InputError(f"{file} column {header}", f"says nothing of {listed(lacking)}: every LSOA needs one")
        return said
    by_ward = [one for one in given if not one.key]
    return said_by_ward(areas, by_ward) if by_ward else None


def said_by_ward(areas: Areas, by_ward: Sequence[Given]) -> pd.Series:
    """Return what files by ward say of each LSOA."""
    files = ", ".join(one.file for one in by_ward)
    tables = [one.table for one in by_ward]
    common = [name for name in ("ward_code", "ward") if all(name in table for table in tables)]
    column = next((name for name in common if areas.has(name)), "")
    if not column:
        problem = "puts wards in neighbourhoods, but no file tells an LSOA's ward: give the lookup of LSOAs to wards"
        raise InputError(files, problem)
    pairs = pd.concat([table[[column, "neighbourhood"]] for table in tables]).drop_duplicates()
    twice = pairs[column][pairs[column].duplicated()]
    if len(twice):
        raise InputError(files, f"ward '{twice.iloc[0]}' is in more than one neighbourhood; give it one row")
    if column == "ward" and areas.has("borough"):
        boroughs = areas.table.groupby("ward")["borough"].nunique()
        shared = sorted(set(boroughs.index[boroughs > 1]) & set(pairs["ward"]))
        if shared:
            raise InputError(files, f"ward '{shared[0]}' is in several boroughs: say which by a column ward_code")
    said = areas.table[column].map(pairs.set_index(column)["neighbourhood"]).fillna("")
    lacking = sorted(set(areas.table[column][said == ""]))
    if lacking:
        raise InputError(files, f"says nothing of {listed([str(ward) for ward in lacking])}: every ward needs one")
    return said


def named(said: pd.Series) -> Neighbourhoods:
    """Return neighbourhoods under ids short enough to type: their own names if those are, else N1, N2 and so on."""
    words = list(dict.fromkeys(str(word) for word in said))
    plain = all(PLAIN_ID.fullmatch(word) for word in words)
    ids = {word: word if plain else f"N{number}" for number, word in enumerate(sorted(words), start=1)}
    return Neighbourhoods(said.map(ids), {ids[word]: word for word in words}, "", False)


def grouped(areas: Areas, population: pd.Series, people: int) -> pd.Series:
    """Return N1, N2, ... by LSOA: wards (or LSOAs) split in two by where they lie until each part has ``people``."""
    unit = wards_of(areas)
    units = pd.DataFrame({"unit": unit, "people": population})
    for name in ("lat", "lon"):
        units[name] = areas.number(name) * population
    units = units.groupby("unit").sum()
    counted = units["people"].clip(lower=1e-9)
    units["lat"] /= counted
    units["lon"] = units["lon"] / counted * np.cos(np.radians(units["lat"].mean()))  # as far as a degree of latitude
    parts = split(units, max(1, round(float(units["people"].sum()) / people)))
    width = len(str(len(parts)))
    ids = {name: f"N{number:0{width}d}" for number, part in enumerate(parts, start=1) for name in part}
    return unit.map(ids)


def wards_of(areas: Areas) -> pd.Series:
    """Return what tells the ward of each LSOA from all others: two boroughs may have wards of one name."""
    if areas.has("ward_code"):
        return areas.table["ward_code"]
    if areas.has("ward"):
        return areas.table["borough"] + "/" + areas.table["ward"] if areas.has("borough") else areas.table["ward"]
    return pd.Series(areas.table.index, index=areas.table.index)


def split(units: pd.DataFrame, groups: int) -> list[list[str]]:
    """Return ``units`` in ``groups`` parts of about as many people: cut across the longer way, and each part again."""
    if groups <= 1 or len(units) <= 1:
        return [[str(name) for name in units.index]]
    spread = {axis: float(units[axis].max() - units[axis].min()) for axis in ("lat", "lon")}
    ordered = units.sort_values(max(spread, key=lambda axis: spread[axis]), kind="stable")
    cut, first = best_cut(ordered["people"].to_numpy(dtype=float), groups)
    return split(ordered.iloc[:cut], first) + split(ordered.iloc[cut:], groups - first)


def best_cut(people: np.ndarray, groups: int) -> tuple[int, int]:
    """Return (units before the cut, groups they make): where the groups of both sides come nearest to equal sizes.

    ``people``: of each unit, in order. Each side has at least a third of the groups, so that parts stay compact.
    """
    even = max(float(people.sum()), 1.0) / groups
    least = max(1, groups // 3)
    before = np.cumsum(people)[:-1]
    options = []
    for cut, mine in enumerate(before, start=1):
        first = min(max(round(mine / even), least), groups - least)
        off = max(abs(mine / first - even), abs((people.sum() - mine) / (groups - first) - even))
        options.append((float(off), abs(first - groups / 2), cut, first))
    _, _, cut, first = min(options)
    return cut, first


def largest_ward(areas: Areas, population: pd.Series, groups: pd.Series, code: str) -> str:
    """Return the name of the ward (or LSOA) with most residents in neighbourhood ``code``."""
    mine = groups.index[groups == code]
    column = next((name for name in ("ward", "name") if areas.has(name)), "")
    names = areas.table.loc[mine, column] if column else pd.Series(mine, index=mine)
    return str(population.loc[mine].groupby(names).sum().idxmax())
