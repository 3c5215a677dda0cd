"""Checks of a place's tables: cell by cell, then across files. Every problem is an InputError of one line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from scenarios.errors import InputError, nearest
from scenarios.place_schema import (
    AGE_COLUMNS,
    DEPRIVED_COLUMNS,
    ETHNIC_COLUMNS,
    FACTOR_LIMITS,
    FILES,
    FREE_FACTS,
    IMD_AREAS,
    KEYS,
    MAY_LACK,
    MOST_RESIDENTS,
    REQUIRED_FACTS,
    SERVICE_UNITS,
    Column,
)
from scenarios.service_names import STAFFED_SERVICES

Tables = Mapping[str, pd.DataFrame]
MOST_ADMITTED = 1.0  # emergency admissions for each ED attendance; England's are near a quarter
NEAR_RANKS = 10  # a rank this close to the edge of a decile may be given either: published tables round differently


def columns_of(file: str, found: Sequence[str]) -> list[Column]:
    """Return the columns of ``file``: those it must have, and those of the ones it may lack that were ``found``."""
    return [*FILES[file], *(column for column in MAY_LACK.get(file, ()) if column.name in found)]


def check_header(file: str, found: list[str]) -> list[InputError]:
    """Return a problem for each column missing from, or unknown to, ``file``."""
    wanted = [column.name for column in columns_of(file, found)]
    problems = [
        InputError(file, f"column '{name}' is missing (found: {', '.join(found) or 'nothing'})")
        for name in wanted
        if name not in found
    ]
    known = [*wanted, *(column.name for column in MAY_LACK.get(file, ()))]
    for name in found:
        if name not in wanted:
            problems.append(InputError(file, f"no such column '{name}': {nearest(name, known)}"))
        elif found.count(name) > 1:
            problems.append(InputError(file, f"column '{name}' is there more than once"))
    return problems


def check_cells(file: str, table: pd.DataFrame) -> list[InputError]:
    """Return a problem for each cell of ``table`` (all text) that its column does not allow; and if it is empty."""
    if table.empty:
        return [InputError(file, "has no rows: at least one is needed")]
    problems: list[InputError] = []
    for column in columns_of(file, list(table.columns)):
        for row, cell in enumerate(table[column.name]):
            problem = cell_problem(column, cell)
            if problem:
                problems.append(InputError(f"{place_of(file, table, row)} column {column.name}", problem))
    return problems


def place_of(file: str, table: pd.DataFrame, row: int) -> str:
    """Return 'file data row n (code)' for row ``row`` (from 0) of ``table``."""
    first = str(table.iloc[row, 0])
    return f"{file} data row {row + 1} ({first})"


def cell_problem(column: Column, cell: str) -> str:
    """Return what is wrong with one cell, or '' if nothing is."""
    if not cell:
        return "" if column.blank else f"is empty; give {column.allowed()}"
    if column.kind == "text":
        return ""
    if column.kind == "choice":
        return "" if cell in column.options else f"'{cell}' is not allowed: {nearest(cell, column.options)}"
    try:
        value = float(cell)
    except ValueError:
        return f"'{cell}' is not a number; give {column.allowed()}"
    whole = column.kind not in ("decile", "rank") or value.is_integer()
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    if not (math.isfinite(value) and whole and low <= value <= high):
        return f"{cell} is not allowed; give {column.allowed()}"
    return ""


def check_repeats(file: str, table: pd.DataFrame) -> list[InputError]:
    """Return a problem for each row whose code was used by an earlier row."""
    keys = list(KEYS[file])
    if not keys:
        return []
    again = table.duplicated(subset=keys, keep="first")
    problems = []
    for row in [index for index, repeated in enumerate(again) if repeated]:
        value = " and ".join(str(table.iloc[row][key]) for key in keys)
        where = f"{place_of(file, table, row)} column {' and '.join(keys)}"
        problems.append(InputError(where, f"'{value}' is already used by an earlier row; each may appear once"))
    return problems


def check_links(tables: Tables) -> list[InputError]:
    """Return a problem for each name in one file that another file does not have."""
    communities = tables["communities.csv"]
    problems = unknown(communities, "communities.csv", "neighbourhood", tables["neighbourhoods.csv"]["id"])
    problems += unknown(communities, "communities.csv", "hospital", tables["hospitals.csv"]["code"])
    problems += unknown(communities, "communities.csv", "borough", tables["age_sex.csv"]["borough"])
    used = set(communities["neighbourhood"])
    for row, code in enumerate(tables["neighbourhoods.csv"]["id"]):
        if code not in used:
            where = place_of("neighbourhoods.csv", tables["neighbourhoods.csv"], row)
            problems.append(
                InputError(where, f"no community is in neighbourhood '{code}'; every one needs at least one")
            )
    return problems + check_ages(tables["age_sex.csv"])


def unknown(table: pd.DataFrame, file: str, column: str, allowed: pd.Series) -> list[InputError]:
    """Return a problem for each value of ``column`` that is not among ``allowed``."""
    names = [str(name) for name in allowed]
    problems = []
    for row, value in enumerate(table[column]):
        if value not in names:
            where = f"{place_of(file, table, row)} column {column}"
            problems.append(InputError(where, f"no such {column} '{value}': {nearest(str(value), names)}"))
    return problems


def check_ages(age_sex: pd.DataFrame) -> list[InputError]:
    """Return a problem for each borough that lacks an age band."""
    return [
        InputError("age_sex.csv column age_band", f"borough '{borough}' has no row for '{band}'")
        for borough, rows in age_sex.groupby("borough", sort=False)
        for band in AGE_COLUMNS
        if band not in set(rows["age_band"])
    ]


def check_people(communities: pd.DataFrame) -> list[InputError]:
    """Return problems of the residents: nobody at all, ages that do not add up to the total (1%), or no households."""
    total = communities["population"].astype(float)
    if total.sum() <= 0:
        return [InputError("communities.csv column population", "adds up to 0; a place needs residents")]
    ages = communities[list(AGE_COLUMNS)].astype(float).sum(axis=1)
    problems = []
    for row, (people, by_age) in enumerate(zip(total, ages, strict=True)):
        if abs(by_age - people) > max(0.01 * people, 2.0):
            where = f"{place_of('communities.csv', communities, row)} column population"
            problems.append(InputError(where, f"{people:g} is not the sum of the age columns, {by_age:g} (1% allowed)"))
    for row, (people, homes) in enumerate(zip(total, communities["households"].astype(float), strict=True)):
        if people > 0 and homes <= 0:
            where = f"{place_of('communities.csv', communities, row)} column households"
            problems.append(InputError(where, f"{homes:g} is not allowed where {people:g} live; give a number above 0"))
    return problems


def check_deprived(communities: pd.DataFrame) -> list[InputError]:
    """Return a problem for each community whose households by deprivation are not its households (2% allowed)."""
    if any(column not in communities for column in DEPRIVED_COLUMNS):
        return []
    problems = []
    households = communities["households"].to_numpy()
    for row, cells in enumerate(communities[list(DEPRIVED_COLUMNS)].to_numpy()):
        homes = float(households[row])
        total = sum(float(cell) for cell in cells if cell)
        if all(cells) and abs(total - homes) > max(0.02 * homes, 5.0):
            where = f"{place_of('communities.csv', communities, row)} columns households_deprived_0 to 4"
            problems.append(InputError(where, f"add up to {total:g}, not to households, {homes:g} (2% allowed)"))
    return problems


def check_ranks(communities: pd.DataFrame) -> list[InputError]:
    """Return problems of deprivation: a rank beyond its edition's last, or a decile that is not the rank's."""
    problems = []
    for edition, areas in IMD_AREAS.items():
        ranks = communities[f"imd_{edition}_rank"].astype(float)
        deciles = communities[f"imd_{edition}_decile"].astype(float)
        for row, (rank, decile) in enumerate(zip(ranks, deciles, strict=True)):
            where = place_of("communities.csv", communities, row)
            if rank > areas:
                problem = f"{rank:g} is not allowed; give a whole number from 1 (most deprived) to {areas}"
                problems.append(InputError(f"{where} column imd_{edition}_rank", problem))
                continue
            first, last = (decile_of(rank + by, areas) for by in (-NEAR_RANKS, NEAR_RANKS))
            if not first <= decile <= last:
                due = f"{first}" if first == last else f"{first} or {last}"
                problem = f"{decile:g} does not go with rank {rank:g} of {areas}, which is decile {due}"
                problems.append(InputError(f"{where} column imd_{edition}_decile", problem))
    return problems


def decile_of(rank: float, areas: int) -> int:
    """Return the decile (1 most deprived, to 10) of ``rank`` among ``areas``; ranks beyond either end count as it."""
    return min(max(math.ceil(rank * 10 / areas), 1), 10)


def check_activity(hospitals: pd.DataFrame, file: str = "hospitals.csv") -> list[InputError]:
    """Return a problem for each hospital with more emergency admissions than ED attendances: columns were swapped."""
    problems = []
    columns = ("emergency_admissions_per_year", "ed_attendances_per_year")
    admitted, attended = (hospitals[name].astype(float) for name in columns)
    for row, (stays, visits) in enumerate(zip(admitted, attended, strict=True)):
        if stays > MOST_ADMITTED * visits:
            where = f"{place_of(file, hospitals, row)} column {columns[0]}"
            problems.append(InputError(where, f"{stays:g} is not allowed; give at most {columns[1]}, {visits:g}"))
    return problems


def check_beds(hospitals: pd.DataFrame, file: str = "hospitals.csv") -> list[InputError]:
    """Return a problem for each hospital with no bed occupied, or more of them than it has."""
    problems = []
    occupied, available = (hospitals[f"beds_{name}"].astype(float) for name in ("occupied", "available"))
    for row, (used, beds) in enumerate(zip(occupied, available, strict=True)):
        if not 0 < used <= beds:
            where = f"{place_of(file, hospitals, row)} column beds_occupied"
            allowed = f"give a number above 0 and at most beds_available, {beds:g}"
            problems.append(InputError(where, f"{used:g} is not allowed; {allowed}"))
    return problems


def check_facts(table: pd.DataFrame) -> list[InputError]:
    """Return problems of place.csv: a key missing, a date or number that is not one, a default basis not listed."""
    facts = dict(zip(table["key"], table["value"], strict=True))
    problems = [
        InputError("place.csv column key", f"there is no row for '{key}'") for key in REQUIRED_FACTS if key not in facts
    ]
    if not any(key.startswith("basis_") and key != "basis_default" for key in facts):
        problems.append(
            InputError("place.csv column key", "there is no population basis (a key such as basis_census_2021)")
        )
    known = (*REQUIRED_FACTS, *FREE_FACTS)
    for row, (key, value) in enumerate(facts.items()):
        where = place_of("place.csv", table, row)
        if key not in known and not key.startswith("basis_"):
            problems.append(InputError(f"{where} column key", f"no such key '{key}': {nearest(key, known)}"))
        problems += fact_problem(key, value, f"{where} column value", facts)
    return problems


def fact_problem(key: str, value: str, where: str, facts: Mapping[str, str]) -> list[InputError]:
    """Return what is wrong with one fact: [] or one problem."""
    if key == "start_date":
        try:
            if date.fromisoformat(value).day != 1:
                return [InputError(where, f"'{value}' is not the first day of a month; write it as 2024-04-01")]
        except ValueError:
            return [InputError(where, f"'{value}' is not a date; write it as 2024-04-01")]
    elif key == "basis_default":
        bases = [name.removeprefix("basis_") for name in facts if name.startswith("basis_") and name != key]
        if value not in bases:
            return [InputError(where, f"no such basis '{value}': {nearest(value, bases)}")]
    elif key == "imd_edition":
        if value not in IMD_AREAS:
            return [InputError(where, f"no such edition '{value}': {nearest(value, IMD_AREAS)}")]
    elif key.startswith(("basis_", "local_factor_")):
        low, high = (1.0, MOST_RESIDENTS) if key.startswith("basis_") else FACTOR_LIMITS
        allowed = f"give a number from {low:g} to " + (f"{high:,.0f}" if high > 100 else f"{high:g}")
        try:
            number = float(value)
        except ValueError:
            return [InputError(where, f"'{value}' is not a number; {allowed}")]
        if not (math.isfinite(number) and low <= number <= high):
            return [InputError(where, f"{value} is not allowed; {allowed}")]
    return []


def check_parts(communities: pd.DataFrame) -> list[InputError]:
    """Return a problem for each part of a community that is more than the whole (5% allowed)."""
    problems = []
    parts = {
        **dict.fromkeys(ETHNIC_COLUMNS, "population"),
        "social_rented_households": "households",
        "overcrowded_households": "households",
    }
    for column, whole in parts.items():
        for row, (cell, of) in enumerate(zip(communities[column], communities[whole].astype(float), strict=True)):
            if cell and float(cell) > 1.05 * of + 5:
                where = f"{place_of('communities.csv', communities, row)} column {column}"
                problems.append(InputError(where, f"{float(cell):g} is not allowed; give at most {whole}, {of:g}"))
    return problems


def check_services(services: pd.DataFrame) -> list[InputError]:
    """Return a problem for each service without an amount, or in a unit that it is not counted in."""
    problems = []
    for row, (name, amount, unit) in enumerate(
        zip(services["service"], services["amount"], services["unit"], strict=True)
    ):
        where = place_of("services.csv", services, row)
        if not amount:
            words = "is empty; give a number, 0 or more, or leave the row out (England's figure then stands in)"
            problems.append(InputError(f"{where} column amount", words))
        staffed, places = name in STAFFED_SERVICES, unit.startswith("places")
        if staffed == places:
            allowed = [one for one in SERVICE_UNITS if one.startswith("places") != staffed]
            problems.append(InputError(f"{where} column unit", f"'{unit}' is not allowed; one of {', '.join(allowed)}"))
    return problems
