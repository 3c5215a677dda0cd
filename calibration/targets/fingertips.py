"""A download of OHID's Fingertips, as it comes: its rows as targets, with what we know of the indicator added.

The columns read are those of the service's CSV files ('Indicator ID', 'Area Code', 'Time period', 'Lower CI 95.0
limit', ...). A download says neither the unit nor the definition, so ``indicators.csv`` says for each indicator which
output of the model it is, how its value is scaled to the output's unit, and how its definition differs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.matching.catalogue import output_called
from calibration.targets.columns import FITTED, LIKELIHOODS, ROLES
from calibration.targets.reader import MOST_BYTES
from calibration.targets.target import NAN, Target, TargetSet
from scenarios.csv_rows import Rows, need_columns, rows_of
from scenarios.errors import InputError, nearest

RECIPES = Path(__file__).with_name("indicators.csv")
FIRST = "Indicator ID"  # a file with this column is a Fingertips download
NAME = "Indicator Name"
NUMBERS = ("Value", "Lower CI 95.0 limit", "Upper CI 95.0 limit", "Count", "Denominator")
NEEDED = (FIRST, NAME, "Area Code", "Area Name", "Sex", "Age", "Category Type", "Category", "Time period", *NUMBERS)
RECIPE_COLUMNS = ("indicator_name", "output", "scale", "likelihood", "denominator_scale", "differs", "source")
SEXES = {"Persons": "persons", "Male": "male", "Female": "female", "Not applicable": "persons"}
DECILES = (
    "most deprived",
    "second most deprived",
    "third more deprived",
    "fourth more deprived",
    "fifth more deprived",
    "fifth less deprived",
    "fourth less deprived",
    "third less deprived",
    "second least deprived",
    "least deprived",
)


@dataclass(frozen=True)
class Recipe:
    """How rows of one indicator become targets: output, factor on values, likelihood, factor on the denominator."""

    output: str
    scale: float
    likelihood: str
    denominator_scale: float
    differs: str
    source: str


def read_recipes(path: Path | None = None) -> dict[str, Recipe]:
    """Return the recipes by indicator name in small letters: ours, a user's file on top. Raises InputError."""
    found: dict[str, Recipe] = {}
    for file in [RECIPES, *([path] if path is not None else [])]:
        if not file.is_file():
            raise InputError(str(file), "no such file of indicators")
        header, rows = rows_of(file)
        need_columns(file, header, RECIPE_COLUMNS)
        for number, row in rows:
            found[row["indicator_name"].lower()] = recipe(row, f"{file.name} row {number}")
    return found


def recipe(row: Mapping[str, str], where: str) -> Recipe:
    """Return the recipe in one row. Raises InputError for an unknown output, likelihood, or factor that is none."""
    output_called(row["output"], f"{where} column output")
    if row["likelihood"] not in LIKELIHOODS:
        words = f"'{row['likelihood']}': {nearest(row['likelihood'], LIKELIHOODS)}"
        raise InputError(f"{where} column likelihood", words)
    factors = []
    for column in ("scale", "denominator_scale"):
        try:
            factors.append(float(row[column] or 1))
        except ValueError:
            raise InputError(f"{where} column {column}", f"must be a number (found '{row[column]}')") from None
    return Recipe(row["output"], factors[0], row["likelihood"], factors[1], row["differs"], row["source"])


def is_fingertips(path: Path) -> bool:
    """Return whether a file is a Fingertips download, by its first line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return FIRST in file.readline()
    except (OSError, UnicodeDecodeError):
        return False


def download_rows(path: Path) -> Rows:
    """Return the rows of a download with their numbers; raise InputError for a file that is none, or is ragged."""
    header, rows = rows_of(path)
    need_columns(path, header, NEEDED, ": is it a Fingertips download?")
    return rows


def read_fingertips(
    path: Path, area: str = "", period: str = "", recipes: Path | None = None, role: str = FITTED
) -> TargetSet:
    """Return the targets in a download: of one ``area`` (code or name) and ``period``, or of all.

    Rows without a value are left out. Every row has the ``role``; where it is compared with the model
    is decided by its indicator. Raises InputError naming file and row.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError(path.name, f"is larger than {MOST_BYTES:,} bytes")
    if role not in ROLES:
        raise InputError("role", f"'{role}': {nearest(role, ROLES)}")
    known = read_recipes(recipes)
    found: list[Target] = []
    for number, row in download_rows(path):
        wanted = area in ("", row["Area Code"], row["Area Name"]) and period in ("", row["Time period"])
        if wanted and row["Value"].strip():
            found.append(target_of(row, f"{path.name} row {number}", known, role))
    if not found:
        said = f"area '{area}'" if area else "any area"
        raise InputError(path.name, f"holds no value for {said}{f' in {period}' if period else ''}")
    return TargetSet(tuple(found), path.stem)


def target_of(row: Mapping[str, str], where: str, known: Mapping[str, Recipe], role: str) -> Target:
    """Return the target in one row of a download.

    Raises InputError naming ``where`` and the column, for what we cannot use.
    """
    made = known.get(row[NAME].strip().lower())
    if made is None:
        words = f"'{row[NAME]}' has no matching output that we know of: name one with --indicators FILE"
        raise InputError(f"{where} column {NAME}", words)
    kind, category = category_of(row, where)
    values = {name: read_number(row, name, where) for name in NUMBERS}
    numbers: dict[str, Any] = {
        "value": values["Value"] * made.scale,
        "lower_95": values["Lower CI 95.0 limit"] * made.scale,
        "upper_95": values["Upper CI 95.0 limit"] * made.scale,
        "count": values["Count"],
        "denominator": values["Denominator"] * made.denominator_scale,
    }
    sex = SEXES.get(row["Sex"].strip())
    if sex is None:
        raise InputError(f"{where} column Sex", f"'{row['Sex']}': {nearest(row['Sex'], SEXES)}")
    return Target(
        target=name_of(row, sex, kind, category),
        indicator=row[NAME],
        output=made.output,
        unit=output_called(made.output, where).unit,
        area_code=row["Area Code"],
        area_name=row["Area Name"],
        sex=sex,
        age=age_of(row["Age"]),
        category_type=kind,
        category=category,
        period=row["Time period"],
        limits="" if math.isnan(numbers["lower_95"]) else "published",
        likelihood=made.likelihood,
        role=role,
        definition=row[NAME],
        differs=made.differs,
        basis="found",
        source=f"OHID Fingertips indicator {row[FIRST].strip()}; {made.source}",
        where=where,
        **numbers,
    )


def name_of(row: Mapping[str, str], sex: str, kind: str, category: str) -> str:
    """Return a name for the row: small letters, digits and _."""
    parts = ["i", row[FIRST], row["Area Code"], sex, row["Age"], kind, category, row["Time period"]]
    return re.sub(r"[^a-z0-9]+", "_", "_".join(filter(None, parts)).lower()).strip("_")


def read_number(row: Mapping[str, str], column: str, where: str) -> float:
    """Return a number of the download, NaN where the cell is empty. Raises InputError for other words."""
    text = (row[column] or "").strip()
    if not text:
        return NAN
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{where} column {column}", f"must be a number (found '{text}')") from None


def age_of(text: str) -> str:
    """Return ages as targets write them: 'All ages' -> all, '65+ yrs' -> 65+, '<75 yrs' -> 0-74, '10-24 yrs'."""
    said = text.strip().lower().removesuffix("yrs").removesuffix("yr").strip()
    if said in ("all ages", "not applicable", ""):
        return "all"
    if match := re.fullmatch(r"<\s*(\d+)", said):
        return f"0-{int(match[1]) - 1}"
    if match := re.fullmatch(r"(\d+)\s*-\s*(\d+)", said):
        return f"{match[1]}-{match[2]}"
    return said.replace(" ", "")


def category_of(row: Mapping[str, str], where: str) -> tuple[str, str]:
    """Return (category type, category) of a row: tenths of communities (LSOAs), of England or within an area.

    Raises InputError for another division: tenths of local authorities, say, are not tenths of residents.
    """
    kind, text = row["Category Type"].strip(), row["Category"].strip()
    if not kind:
        return "", ""
    words = text.lower().split(" decile")[0]
    if kind.startswith("LSOA") and "deprivation deciles" in kind and words in DECILES:
        within = "local_decile" if "within area" in kind else "imd_decile"
        return within, str(DECILES.index(words) + 1)
    raise InputError(f"{where} column Category Type", f"'{kind}: {text}' divides by something the model does not")
