"""Which LSOAs make up the place, and what the files given say of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scenarios.errors import InputError, nearest
from scenarios.place_build.given import Given, not_english
from scenarios.place_build.headers import (
    LSOA,
    LSOA_2011,
    LSOA_2021,
    LSOA_KEYS,
    OF_EITHER_YEAR,
    VINTAGES,
    editions,
    form_of,
)

SHOWN = 5  # codes or columns in a message
CROSSING = (*(f"imd_{edition}_rank" for edition in editions()), "name", "borough", "borough_code", "ward", "ward_code")


@dataclass
class Areas:
    """What is given of each LSOA.

    ``table``: by code, text under our names; ``key``: LSOAs of which year; ``origins``: of a column, each (file, its
    header) that told something, first the one that stands before; ``order``: of a column, the number of that file;
    ``crossed``: columns that come from LSOAs of another year; ``left_out``: lines of what could not cross;
    ``unplaced``: lines of LSOAs without a neighbourhood, which are not of the place.
    """

    table: pd.DataFrame
    key: str
    origins: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    crossed: set[str] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)

    def number(self, column: str, blank: bool = False) -> pd.Series:
        """Return a column as numbers by code. Raises InputError for a cell that is none, or blank if not ``blank``."""
        cells = self.table[column]
        numbers = pd.to_numeric(cells.str.replace(",", "").str.replace(" ", ""), errors="coerce")
        numbers = numbers.where(np.isfinite(numbers))
        bad = numbers.index[numbers.isna() & ((cells != "") | (not blank))]
        if len(bad):
            code = str(bad[0])
            cell = str(cells[code])
            said = f"'{cell}' is not a number" if cell else "is empty, or the LSOA is not in the file"
            raise InputError(self.where(code, column), f"{said}; give a number for each of the place's LSOAs")
        return numbers.astype(float)

    def where(self, code: str, column: str) -> str:
        """Return the file(s), row and header(s) of a cell, for a message."""
        files = ", ".join(dict.fromkeys(file for file, _ in self.origins[column]))
        headers = ", ".join(dict.fromkeys(header for _, header in self.origins[column]))
        return f"{files} row {code} column {headers}"

    def has(self, *columns: str) -> bool:
        """Whether some file gives every one of ``columns``."""
        return all(column in self.table for column in columns)

    def lacking(self) -> str:
        """Return what to add where something is not there: what files say of it and could not be used."""
        return "".join(f". {line}" for line in self.left_out)


def areas_of(given: Sequence[Given], boroughs: Sequence[str]) -> Areas:
    """Return the place's LSOAs: those of ``boroughs`` (names or codes), else those that a file puts in a neighbourhood.

    An earlier file stands before a later one, which fills what it leaves blank; files of LSOAs of another year come
    after all others. Raises InputError for a borough that no file knows, and where neither boroughs nor neighbourhoods
    say which LSOAs are meant; and for one that is not of England.
    """
    by_area = [one for one in given if one.key]
    key = next((one for one in (LSOA_2021, LSOA_2011) if any(each.key == one for each in by_area)), LSOA)
    own = [one for one in by_area if one.key in (key, *OF_EITHER_YEAR)]
    others = [one for one in by_area if one not in own]
    crossed = crosswalk(given)
    ready = [(one, keyed(one)) for one in own] + [(one, across(one, key, crossed)) for one in others]
    tables = [table for _, table in ready[: len(own)]]
    lines = [line for one in others if (line := left_out(one, key))]
    codes = in_boroughs(tables, boroughs, lines) if boroughs else in_neighbourhoods(tables)
    check_english(codes, ready)
    areas = Areas(pd.DataFrame(index=pd.Index(codes, name="code")), key, left_out=lines)
    areas.unplaced += [] if boroughs else unplaced(ready[: len(own)], codes)
    for number, (one, table) in enumerate(ready):
        take(areas, one, table, number)
    return areas


def crosswalk(given: Sequence[Given]) -> pd.DataFrame:
    """Return the pairs of LSOAs of 2011 and 2021 that a lookup among ``given`` tells; no rows where there is none."""
    for one in given:
        if one.is_crosswalk:
            return one.table[[LSOA_2011, LSOA_2021]].drop_duplicates()
    return pd.DataFrame({LSOA_2011: [], LSOA_2021: []}, dtype=str)


def keyed(one: Given) -> pd.DataFrame:
    """Return a file's table by its codes."""
    return one.table.set_index(one.key).drop(
        columns=[name for name in LSOA_KEYS if name in one.table and name != one.key]
    )


def across(one: Given, key: str, crossed: pd.DataFrame) -> pd.DataFrame:
    """Return what can cross to LSOAs of another year, by those: of ranks the mean, of names the first.

    Without a lookup it is what is said of codes that both years have: an LSOA that did not change kept its code.
    """
    columns = [name for name in CROSSING if name in one.table]
    table = one.table.set_index(one.key)[columns]
    if crossed.empty:
        return table
    moved = table.join(crossed.set_index(one.key)[key], how="inner").set_index(key)
    return pd.DataFrame({name: merged(moved[name]) for name in columns})


def merged(cells: pd.Series) -> pd.Series:
    """Return one cell for each code."""
    if str(cells.name).endswith("_rank"):
        numbers = pd.to_numeric(cells.str.replace(",", ""), errors="coerce").groupby(level=0).mean()
        return numbers.round().map(lambda rank: "" if pd.isna(rank) else str(int(rank)))
    return cells.groupby(level=0).first()


def left_out(one: Given, key: str) -> str:
    """Return the line that says what of a file of another year's LSOAs is not used; '' if nothing is left out."""
    left = [header for name, header in one.headers.items() if name not in (*CROSSING, *LSOA_KEYS)]
    if not left:
        return ""
    years = VINTAGES[one.key], VINTAGES[key]
    return f"{one.file} is by LSOAs of {years[0]} and the place by those of {years[1]}: not used: {listed(left)}"


def in_boroughs(tables: Sequence[pd.DataFrame], boroughs: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return the codes of the LSOAs of ``boroughs``, sorted. Raises InputError for one that no file has.

    ``lines``: what to add where no file tells any: which files are of another year.
    """
    known: dict[str, str] = {}
    codes: set[str] = set()
    wanted = {name.casefold() for name in boroughs}
    for table in tables:
        for column in ("borough", "borough_code"):
            if column in table:
                known |= {str(name).casefold(): str(name) for name in table[column].unique() if name}
                codes |= set(table.index[table[column].str.casefold().isin(wanted)])
    if not known:
        problem = "no file given tells the local authority of an LSOA of the place's year (such as 'LAD24NM')"
        raise InputError("--borough", "; ".join([problem, *lines]))
    for name in boroughs:
        if name.casefold() not in known:
            holding = [whole for small, whole in known.items() if name.casefold() in small]
            hint = f"did you mean '{holding[0]}'?" if holding else nearest(name, known.values())
            raise InputError("--borough", f"no such local authority '{name}': {hint}")
    return sorted(map(str, codes))


def in_neighbourhoods(tables: Sequence[pd.DataFrame]) -> list[str]:
    """Return the codes of the LSOAs that a file puts in a neighbourhood. Raises InputError if none does."""
    told = [table for table in tables if "neighbourhood" in table]
    codes = {str(code) for table in told for code in table.index[table["neighbourhood"] != ""]}
    if not codes:
        problem = "say which LSOAs make up the place: --borough NAME, or a file of codes with a column neighbourhood"
        raise InputError("intsim place build", problem)
    return sorted(codes)


def check_english(codes: Sequence[str], ready: Sequence[tuple[Given, pd.DataFrame]]) -> None:
    """Raise InputError for an LSOA of the place that is not of England, naming a file and row that tell of it."""
    for one, table in ready:
        wrong = [
            code for code in table.index.intersection(pd.Index(codes)) if not form_of(one.key).fullmatch(str(code))
        ]
        if wrong:
            raise InputError(f"{one.file} row {wrong[0]} column {one.headers[one.key]}", not_english(str(wrong[0])))


def unplaced(ready: Sequence[tuple[Given, pd.DataFrame]], codes: Sequence[str]) -> list[str]:
    """Return a line for each file that names LSOAs and leaves their neighbourhood blank: they are not in the place."""
    lines = []
    for one, table in ready:
        if "neighbourhood" in table:
            left = sorted({str(code) for code in table.index[table["neighbourhood"] == ""]} - set(codes))
            if left:
                header = one.headers["neighbourhood"]
                lines.append(f"{one.file}: left out of the place, as '{header}' is blank: {listed(left)}")
    return lines


def take(areas: Areas, one: Given, table: pd.DataFrame, number: int) -> None:
    """Put into ``areas`` what ``table``, the file of that number, says of its LSOAs and no earlier file did."""
    mine = table[table.index.isin(areas.table.index)]
    for column in mine.columns:
        cells = mine[column][mine[column] != ""]
        if cells.empty:
            continue
        there = areas.table[column] if column in areas.table else pd.Series("", index=areas.table.index)
        cells = cells[cells.index.isin(there.index[there == ""])]
        several = cells.groupby(level=0).nunique()
        if (several > 1).any():
            code = str(several.index[several > 1][0])
            problem = f"has {several[code]} different values for this LSOA; give one row for each"
            raise InputError(f"{one.file} row {code} column {one.headers[column]}", problem)
        if cells.empty:
            continue
        areas.table[column] = there.where(there != "", cells.groupby(level=0).first().reindex(there.index).fillna(""))
        areas.origins.setdefault(column, []).append((one.file, one.headers[column]))
        areas.order.setdefault(column, number)
        if one.key not in (areas.key, *OF_EITHER_YEAR):
            areas.crossed.add(column)


def listed(names: Sequence[str]) -> str:
    """Return the first few of ``names`` in words."""
    shown = ", ".join(names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
