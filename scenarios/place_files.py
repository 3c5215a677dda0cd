"""Read a place: a folder of CSV files whose columns are those of ``scenarios/place_schema.py``."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from scenarios.errors import InputError, nearest, raise_all
from scenarios.place_checks import (
    check_activity,
    check_beds,
    check_cells,
    check_deprived,
    check_facts,
    check_header,
    check_links,
    check_parts,
    check_people,
    check_ranks,
    check_repeats,
    check_services,
    columns_of,
)
from scenarios.place_schema import FILES, OPTIONAL

PLACES = Path(__file__).parent / "places"
MOST_SHOWN = 60  # letters of a cell in a message


@dataclass(frozen=True)
class Place:
    """One place as read: its tables (numbers as numbers, codes as text), facts by key, and the files' hashes.

    ``communities`` has one row per community in file order; ``observed`` has no rows when the place gives no figures
    of its own; ``hashes`` maps file name to SHA-256.
    """

    name: str
    folder: Path
    facts: dict[str, str]
    communities: pd.DataFrame
    neighbourhoods: pd.DataFrame
    hospitals: pd.DataFrame
    services: pd.DataFrame
    age_sex: pd.DataFrame
    sources: pd.DataFrame
    observed: pd.DataFrame
    hashes: dict[str, str]

    @property
    def start(self) -> date:
        """The default first day of a run."""
        return date.fromisoformat(self.facts["start_date"])

    @property
    def bases(self) -> dict[str, int]:
        """Total residents by population basis, such as {'census_2021': 347626}."""
        return {
            key.removeprefix("basis_"): round(float(value))
            for key, value in self.facts.items()
            if key.startswith("basis_") and key != "basis_default"
        }

    def total(self, basis: str | int | None = None) -> int:
        """Return the residents of ``basis``: a name, a number of people, or None for the place's default.

        Raises InputError for a name the place does not have, or a number below 1.
        """
        if basis is None:
            basis = self.facts["basis_default"]
        if isinstance(basis, str):
            if basis not in self.bases:
                raise InputError("population.basis", f"no such basis '{basis}': {nearest(basis, self.bases)}")
            return self.bases[basis]
        if basis < 1:
            raise InputError("population.basis", f"{basis} is not allowed; give 1 or more residents")
        return int(basis)

    def factor(self, name: str) -> float:
        """Return the local factor ``name`` (births, care_home, emergency or mortality), England = 1."""
        return float(self.facts[f"local_factor_{name}"])

    @property
    def is_england(self) -> bool:
        """Whether its residents need and die as England's of their age, sex and deprivation do: nothing is local."""
        return self.factor("emergency") == self.factor("mortality") == 1.0


def load_place(name_or_folder: str | Path) -> Place:
    """Return the built-in place of that name, or the place in that folder. Raises InputError (all problems at once)."""
    folder = find_folder(name_or_folder)
    tables, problems = read_tables(folder)
    raise_all(problems)
    facts = dict(zip(tables["place.csv"]["key"], tables["place.csv"]["value"], strict=True))
    ready = {file.removesuffix(".csv"): with_numbers(file, table) for file, table in tables.items()}
    return Place(
        name=facts["name"],
        folder=folder,
        facts=facts,
        communities=ready["communities"],
        neighbourhoods=ready["neighbourhoods"],
        hospitals=ready["hospitals"],
        services=ready["services"],
        age_sex=ready["age_sex"],
        sources=ready["sources"],
        observed=ready["observed"],
        hashes={
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
            for file in FILES
            if (folder / file).is_file()
        },
    )


def check_place(folder: str | Path) -> list[str]:
    """Return every problem of the place in ``folder``, one line each; empty when it can be used."""
    try:
        return [str(problem) for problem in read_tables(find_folder(folder))[1]]
    except InputError as problem:
        return [str(problem)]


def built_in_places() -> list[str]:
    """Return the names of the places that come with intsim."""
    return sorted(path.parent.name for path in PLACES.glob("*/place.csv"))


def find_folder(name_or_folder: str | Path) -> Path:
    """Return the folder of a place; raise InputError naming the nearest built-in place if there is none."""
    given = Path(name_or_folder)
    built_in = PLACES / given.name
    if given.name == str(name_or_folder) and (built_in / "place.csv").is_file():
        return built_in
    if given.is_dir():
        return given
    raise InputError(
        "place", f"'{name_or_folder}' is no folder and no built-in place: {nearest(given.name, built_in_places())}"
    )


def read_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], list[InputError]]:
    """Return every table as text and the problems found; what needs sound cells is checked only when they are."""
    tables: dict[str, pd.DataFrame] = {}
    problems: list[InputError] = []
    for file in FILES:
        if file in OPTIONAL and not (folder / file).exists():
            tables[file] = pd.DataFrame({column.name: pd.Series(dtype=str) for column in FILES[file]})
            continue
        try:
            tables[file] = read_text(folder / file)
        except InputError as problem:
            problems.append(problem)
            continue
        header = check_header(file, list(tables[file].columns))
        problems += header if header else check_cells(file, tables[file]) + check_repeats(file, tables[file])
    if not problems:
        problems += check_facts(tables["place.csv"])
        problems += check_links(tables)
        problems += check_people(tables["communities.csv"])
        problems += check_parts(tables["communities.csv"])
        problems += check_services(tables["services.csv"])
        problems += check_deprived(tables["communities.csv"])
        problems += check_ranks(tables["communities.csv"])
        problems += check_activity(tables["hospitals.csv"])
        problems += check_beds(tables["hospitals.csv"])
    return tables, problems


def read_text(path: Path) -> pd.DataFrame:
    """Return a CSV file with every cell as text; raise InputError if it is absent, unreadable or ragged."""
    if not path.is_file():
        raise InputError(path.name, f"is missing from {path.parent}")
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        raise InputError(path.name, "is not a text file in UTF-8") from None
    except (OSError, csv.Error) as fault:
        raise InputError(path.name, f"cannot be read as CSV ({fault})") from None
    return table_of(path.name, lines)


def table_of(file: str, lines: Sequence[list[str]]) -> pd.DataFrame:
    """Return the table that ``lines`` make, the first its header; raise InputError if it is empty or ragged."""
    rows = [line for line in lines if line]
    header = [name.strip() for name in rows[0]] if rows else []
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):
            problem = f"has {len(row)} cells and the header {len(header)} (quote a cell that holds a comma)"
            raise InputError(f"{file} data row {number} ({row[0][:MOST_SHOWN]})", problem)
    if not any(header):
        raise InputError(file, "is empty: the first line names the columns, and at least one row follows")
    cells = [[cell.strip() for cell in row] for row in rows[1:]]
    return pd.DataFrame(cells, columns=header, dtype=str)


def with_numbers(file: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` with its number columns as float64 (decile and rank as int64) and blanks as not-a-number."""
    ready = table.copy()
    for column in columns_of(file, list(table.columns)):
        if column.kind in ("decile", "rank"):
            ready[column.name] = table[column.name].astype(float).astype("int64")
        elif column.kind not in ("text", "choice"):
            ready[column.name] = [float(cell) if cell else math.nan for cell in table[column.name]]
    return ready
