"""Read one file by LSOA or by ward as it was published: CSV or Excel, with lines above the header and notes below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scenarios.errors import InputError
from scenarios.place_build.headers import (
    LSOA,
    LSOA_2011,
    LSOA_2021,
    LSOA_KEYS,
    OF_EITHER_YEAR,
    PUBLISHED_CODE,
    RANK,
    VINTAGES,
    form_of,
    meaning,
    plain,
    rank_column,
    year_of,
)
from scenarios.place_build.sheets import LOOKED_AT, SHEET, Sheet, open_sheets

BLANKS = ("", "-", "..", ":", "[x]", "na", "n/a", "nan", "none")
OF_A_SEX = re.compile(r"(?<![a-z])(fe)?males?(?![a-z])", re.IGNORECASE)  # of 'Mid-2020 Males', not of 'Smales'
NOTHING = (
    "has no column of LSOA codes (such as 'LSOA 2021 Code' or 'lsoa_code') in its first "
    f"{LOOKED_AT} lines, nor one of wards beside one called 'neighbourhood'"
)


@dataclass(frozen=True, eq=False)  # one file is not another, whatever they hold
class Given:
    """One file as read.

    ``table``: text, under our names; ``headers``: our name, the file's own; ``unused``: headers that say nothing to us;
    ``key``: which of its columns rows are known by: a year's LSOA code, or '' where rows are wards.
    """

    file: str
    table: pd.DataFrame
    headers: dict[str, str]
    unused: tuple[str, ...]
    key: str

    @property
    def is_crosswalk(self) -> bool:
        """Whether it says which LSOAs of 2011 those of 2021 were."""
        return LSOA_2011 in self.table and LSOA_2021 in self.table


def read_given(named: str) -> Given:
    """Return the file, or sheet of a workbook, of that name.

    ``named``: a path, or ``workbook.xlsx#sheet``. Raises InputError for a file that is not there or cannot be read, one
    without a column of LSOA codes (or of wards and neighbourhoods), and a workbook with several such sheets.
    """
    with open_sheets(named) as sheets:
        found = [(sheet, at) for sheet in sheets if (at := header_at(sheet)) is not None]
        if not found:
            raise InputError(named, codes_alone(sheets) or NOTHING)
        if len(found) > 1:
            names = ", ".join(sheet.name for sheet, _ in found)
            example = f"{Path(named).name}{SHEET}{found[0][0].name}"
            raise InputError(named, f"has several sheets by LSOA ({names}): name one, as {example}")
        sheet, at = found[0]
        return tidy(sheet.file, sheet.rows(at))


def header_at(sheet: Sheet) -> int | None:
    """Return the line of the header, from 0; None where the first lines hold none."""
    lines = enumerate(sheet.first())
    return next((at for at, row in lines if is_header([meaning(cell) for cell in row])), None)


def codes_alone(sheets: Sequence[Sheet]) -> str:
    """Return what to say where there are LSOA codes and nothing known beside them; '' if there are none."""
    for sheet in sheets:
        for row in sheet.first():
            if any(meaning(cell) in LSOA_KEYS[:-1] for cell in row):
                others = ", ".join(cell for cell in row if cell and not meaning(cell))
                return f"has LSOA codes, and beside them nothing that is known here (found: {others or 'nothing'})"
    return ""


def is_header(names: Sequence[str]) -> bool:
    """Whether a line's ``names`` are those of a table by LSOA with something to say, or of wards in neighbourhoods."""
    told = [name for name in names if name and name not in LSOA_KEYS]
    if "neighbourhood" in told and ("ward" in told or "ward_code" in told):
        return True
    keys = {name for name in names if name in LSOA_KEYS}
    return bool(keys) and (bool(told) or {LSOA_2011, LSOA_2021} <= keys)


def tidy(file: str, rows: Iterable[list[str]]) -> Given:
    """Return the table under our names, without rows that have no key: notes, blank lines, totals."""
    lines = iter(rows)
    header = next(lines)
    names = [meaning(cell) for cell in header]
    key = key_of(header, names)
    names = [key if name == LSOA and key not in names else name for name in names]
    if key in OF_EITHER_YEAR and RANK in names:
        column = header[names.index(RANK)]
        raise InputError(f"{file} column {column}", "say of which edition: call it imd_2019_rank or imd_2025_rank")
    names = [ours(name, key, file) for name in names]
    kept = [at for at, name in enumerate(names) if at == newest(names, header, name)]
    width = len(header)
    known: dict[str, str] = {}
    cells = []
    for row in lines:
        whole = row + [""] * (width - len(row))
        cells.append([known.setdefault(whole[at], blank(whole[at])) for at in kept])  # counts repeat: one text for each
    table = pd.DataFrame(cells, columns=[names[at] for at in kept], dtype=str)
    mark = key or ("ward_code" if "ward_code" in table else "ward")
    check_codes(file, table, mark, header[names.index(mark)])
    rows_of = table[mark].str.fullmatch(PUBLISHED_CODE) if mark in VINTAGES else table[mark] != ""
    table = table[rows_of].drop_duplicates()
    if table.empty:
        wanted = "an LSOA's code (such as E01000001)" if mark in VINTAGES else "a value"
        raise InputError(file, f"has no row with {wanted} in '{header[names.index(mark)]}'")
    unused = tuple(header[at] for at in range(width) if header[at] and at not in kept)
    return Given(file, table.reset_index(drop=True), {names[at]: header[at] for at in kept}, unused, key)


def check_codes(file: str, table: pd.DataFrame, key: str, header: str) -> None:
    """Raise InputError for a row that puts what is no LSOA of England in a neighbourhood: it would be left out."""
    if "neighbourhood" not in table or key not in LSOA_KEYS:
        return
    wrong = (table["neighbourhood"] != "") & ~table[key].str.fullmatch(form_of(key))
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(f"{file} data row {row + 1} column {header}", not_english(str(table[key][row])))


def not_english(code: str) -> str:
    """Return what is wrong with a code that is no LSOA of England, and what is allowed."""
    said = "is an LSOA of Wales" if re.fullmatch(PUBLISHED_CODE, code) else "is no code of an LSOA"
    return f"'{code}' {said}: places are of England, whose codes are E01 and six digits, such as E01000001"


def key_of(header: Sequence[str], names: Sequence[str]) -> str:
    """Return the surest key among ``names``, '' if there is none.

    A plain 'LSOA Code' beside the districts of a year's boundaries is ONS's of before 2021: LSOAs of 2011.
    """
    key = next((name for name in LSOA_KEYS if name in names), "")
    if key == LSOA and any("boundaries)" in plain(cell) for cell in header):
        return LSOA_2011
    return key


def ours(name: str, key: str, file: str) -> str:
    """Return the name of a column once the table's key, and the sex its sheet is of, are known; '' for one left out."""
    if name in LSOA_KEYS:
        return name if name in (key, *VINTAGES) else ""
    if name == RANK:
        return rank_column(key)
    if name.startswith("name_"):
        return "name" if name.removeprefix("name_") == VINTAGES.get(key) else ""
    sex = OF_A_SEX.search(file)
    if sex and (name.startswith("persons_") or name == "population"):
        return name.replace("persons_", "female_" if sex[1] else "male_") if name != "population" else ""
    return name


def newest(names: Sequence[str], header: Sequence[str], name: str) -> int:
    """Return which column of that name to take: that of the latest year, the first of equals; -1 for no name."""
    if not name:
        return -1
    of_name = [at for at, one in enumerate(names) if one == name]
    return max(of_name, key=lambda at: (year_of(header[at]), -at))


def blank(cell: str) -> str:
    """Return a cell, '' where it says in one of the usual ways that there is nothing."""
    return "" if cell.lower() in BLANKS else cell
