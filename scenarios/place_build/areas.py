"""Which LSOAs make up the place, and what the files given say of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from scenarios.errors import InputError, nearest
from scenarios.place_build.given import Given
from scenarios.place_build.headers import LSOA, LSOA_2011, LSOA_2021, LSOA_KEYS, editions

SHOWN = 5  # codes in a message
CROSSING = (*(f"imd_{edition}_rank" for edition in editions()), "name", "borough", "borough_code", "ward", "ward_code")


@dataclass
class Areas:
    """What is given of each LSOA.

    ``table``: by code, text under our names; ``key``: LSOAs of which year; ``origins``: column, (file, its header);
    ``crossed``: columns that come from LSOAs of another year.
    """

    table: pd.DataFrame
    key: str
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)
    crossed: set[str] = field(default_factory=set)

    def number(self, column: str, blank: bool = False) -> pd.Series:
        """Return a column as numbers by code. Raises InputError for a cell that is none, or blank if not ``blank``."""
        cells = self.table[column]
        numbers = pd.to_numeric(cells.str.replace(",", "").str.replace(" ", ""), errors="coerce")
        bad = numbers.index[numbers.isna() & ((cells != "") | (not blank))]
        if len(bad):
            code = str(bad[0])
            file, header = self.origins[column]
            cell = str(cells[code])
            said = f"'{cell}' is not a number" if cell else "is empty or the LSOA is not in the file"
            raise InputError(
                f"{file} row {code} column {header}", f"{said}; give a number for each of the place's LSOAs"
            )
        return numbers.astype(float)

    def has(self, *columns: str) -> bool:
        """Whether some file gives every one of ``columns``."""
        return all(column in self.table for column in columns)


def areas_of(given: Sequence[Given], boroughs: Sequence[str]) -> Areas:
    """Return the place's LSOAs: those of ``boroughs`` (names or codes), else those that a file puts in a neighbourhood.

    An earlier file stands before a later one, which fills what it leaves blank. Raises InputError for a borough that
    no file knows, and where neither boroughs nor neighbourhoods say which LSOAs are meant.
    """
    by_area = [one for one in given if one.key]
    key = LSOA_2021 if any(one.key == LSOA_2021 for one in by_area) else LSOA_2011
    if not any(one.key in (LSOA_2011, LSOA_2021) for one in by_area):
        key = LSOA
    crossed = crosswalk(given)
    ready = [(one, keyed(one, key, crossed)) for one in by_area]
    codes = in_boroughs(ready, boroughs) if boroughs else in_neighbourhoods(ready)
    areas = Areas(pd.DataFrame(index=pd.Index(codes, name="code")), key)
    for one, table in ready:
        take(areas, one, table)
    return areas


def crosswalk(given: Sequence[Given]) -> pd.DataFrame:
    """Return the pairs of LSOAs of 2011 and 2021 that a lookup among ``given`` tells; no rows where there is none."""
    for one in given:
        if one.is_crosswalk:
            return one.table[[LSOA_2011, LSOA_2021]].drop_duplicates()
    return pd.DataFrame({LSOA_2011: [], LSOA_2021: []}, dtype=str)


def keyed(one: Given, key: str, crossed: pd.DataFrame) -> pd.DataFrame:
    """Return a file's table by the place's codes; of other years' LSOAs what can cross: ranks and names."""
    table = one.table
    if one.key in (key, LSOA):
        return table.set_index(one.key).drop(columns=[name for name in LSOA_KEYS if name in table and name != one.key])
    columns = [name for name in CROSSING if name in table]
    table = table.set_index(one.key)[columns]
    if crossed.empty:  # an LSOA that did not change kept its code
        return table
    pairs = crossed.set_index(one.key)[key]
    moved = table.join(pairs, how="inner").set_index(key)
    return pd.DataFrame({name: across(moved[name]) for name in columns})


def across(cells: pd.Series) -> pd.Series:
    """Return one cell for each code: of ranks the mean, of words the first."""
    if str(cells.name).endswith("_rank"):
        numbers = pd.to_numeric(cells.str.replace(",", ""), errors="coerce").groupby(level=0).mean()
        return numbers.round().map(lambda rank: "" if pd.isna(rank) else str(int(rank)))
    return cells.groupby(level=0).first()


def in_boroughs(ready: Sequence[tuple[Given, pd.DataFrame]], boroughs: Sequence[str]) -> list[str]:
    """Return the codes of the LSOAs of ``boroughs``, sorted. Raises InputError for one that no file has."""
    known: dict[str, str] = {}
    codes: set[str] = set()
    wanted = {name.casefold() for name in boroughs}
    for _, table in ready:
        for column in ("borough", "borough_code"):
            if column in table:
                known |= {str(name).casefold(): str(name) for name in table[column].unique() if name}
                codes |= set(table.index[table[column].str.casefold().isin(wanted)])
    if not known:
        raise InputError("--borough", "no file given tells the local authority of an LSOA (such as 'LAD24NM')")
    for name in boroughs:
        if name.casefold() not in known:
            raise InputError("--borough", f"no such local authority '{name}': {nearest(name, known.values())}")
    return sorted(map(str, codes))


def in_neighbourhoods(ready: Sequence[tuple[Given, pd.DataFrame]]) -> list[str]:
    """Return the codes of the LSOAs that a file puts in a neighbourhood. Raises InputError if none does."""
    codes = {
        str(code)
        for _, table in ready
        if "neighbourhood" in table
        for code in table.index[table["neighbourhood"] != ""]
    }
    if not codes:
        problem = (
            "say which LSOAs make up the place: --borough NAME, or a file with their codes and a column neighbourhood"
        )
        raise InputError("intsim place build", problem)
    return sorted(codes)


def take(areas: Areas, one: Given, table: pd.DataFrame) -> None:
    """Put into ``areas`` what ``table`` says of its LSOAs and no earlier file did."""
    mine = table[table.index.isin(areas.table.index)]
    for column in mine.columns:
        cells = mine[column][mine[column] != ""]
        several = cells.groupby(level=0).nunique()
        if (several > 1).any():
            code = str(several.index[several > 1][0])
            problem = f"has {several[code]} different values for this LSOA; give one row for each"
            raise InputError(f"{one.file} row {code} column {one.headers[column]}", problem)
        single = cells.groupby(level=0).first().reindex(areas.table.index).fillna("")
        if column not in areas.table:
            areas.table[column] = single
            areas.origins[column] = (one.file, one.headers[column])
            if one.key not in (areas.key, LSOA):
                areas.crossed.add(column)
        else:
            areas.table[column] = areas.table[column].where(areas.table[column] != "", single)


def listed(codes: Sequence[str]) -> str:
    """Return the first few of ``codes`` in words."""
    shown = ", ".join(codes[:SHOWN])
    return shown + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")
