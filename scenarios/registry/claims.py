"""Published totals of whole programmes: claims to test a run against, never inputs of the model.

No rule, agent or lever reads them. A programme is re-enacted by its own enrolment rule and comparator, and what the
model then gives is set beside the claim.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from scenarios.errors import InputError, nearest
from scenarios.registry.row import BASES, NAME, number

FILE = Path(__file__).parent / "claims.csv"
STATUS = "claim to test"
COLUMNS = (
    "name",
    "programme",
    "place",
    "outcome",
    "measure",
    "value",
    "low",
    "high",
    "years",
    "design",
    "source",
    "basis",
    "status",
)
RATIOS = ("rate ratio", "risk ratio", "odds ratio", "hazard ratio", "ratio")  # 1 = no difference
CHANGES = ("proportional change", "percentage points", "difference", "coefficient as printed")  # 0 = no difference
WITHOUT_NUMBER = ("no difference reported", "more reported", "less reported")
MEASURES = (*RATIOS, *CHANGES, *WITHOUT_NUMBER)
FILLED = ("programme", "place", "outcome", "design", "source")


@dataclass(frozen=True)
class Claim:
    """One published total. ``low`` and ``high`` are the interval as published (nan: none given).

    ``years`` is the time since the programme's start that the figure covers (nan: not said); ``value`` is nan where a
    study gave a direction and no number.
    """

    name: str
    programme: str
    place: str
    outcome: str
    measure: str
    value: float
    low: float
    high: float
    years: float
    design: str
    source: str
    basis: str
    status: str
    where: str  # file and row it came from


def load_claims(path: Path = FILE) -> dict[str, Claim]:
    """Return the claims of a CSV file by name, in order; raise InputError naming row and column of what is wrong."""
    if not path.is_file():
        raise InputError(str(path), "no such file")
    reader = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True))
    check_header(list(reader.fieldnames or []), path.name)
    found: dict[str, Claim] = {}
    for index, cells in enumerate(reader):
        where = f"{path.name} row {index + 2}"
        if None in cells:
            raise InputError(where, "has more cells than the header has columns (quote a cell that holds a comma)")
        claim = read_claim({column: (cells[column] or "").strip() for column in COLUMNS}, where)
        if claim.name in found:
            raise InputError(f"{where} column name", f"'{claim.name}' is already in {found[claim.name].where}")
        found[claim.name] = claim
    return dict(sorted(found.items()))


def check_header(header: list[str], where: str) -> None:
    """Raise InputError for a column that is missing or unknown."""
    for column in COLUMNS:
        if column not in header:
            raise InputError(where, f"column '{column}' is missing (found: {', '.join(header) or 'nothing'})")
    for column in header:
        if column not in COLUMNS:
            raise InputError(where, f"no such column '{column}': {nearest(column, COLUMNS)}")


def read_claim(cells: dict[str, str], where: str) -> Claim:
    """Return the claim that ``cells`` (column to text) describe; raise InputError naming the column."""
    if not NAME.fullmatch(cells["name"]):
        raise InputError(f"{where} column name", f"must be lower-case letters, digits and _ (found '{cells['name']}')")
    for column in FILLED:
        if not cells[column]:
            raise InputError(f"{where} column {column}", f"is empty for '{cells['name']}'")
    for column, allowed in (("measure", MEASURES), ("basis", BASES), ("status", (STATUS,))):
        if cells[column] not in allowed:
            problem = f"must be one of {', '.join(allowed)} (found '{cells[column]}')"
            raise InputError(f"{where} column {column}", problem)
    numbers = {column: number_or_nan(cells[column], where, column) for column in ("value", "low", "high", "years")}
    check_numbers(cells["measure"], numbers, where)
    words = {column: cells[column] for column in COLUMNS if column not in numbers}
    return Claim(where=where, **words, **numbers)  # type: ignore[arg-type]


def number_or_nan(text: str, where: str, column: str) -> float:
    """Return ``text`` as a number, nan where it is empty."""
    return number(text, where, column) if text else math.nan


def check_numbers(measure: str, numbers: dict[str, float], where: str) -> None:
    """Raise InputError unless value, interval and years are what the measure can take."""
    value, low, high, years = (numbers[column] for column in ("value", "low", "high", "years"))
    if measure in WITHOUT_NUMBER:
        if not all(math.isnan(each) for each in (value, low, high)):
            raise InputError(f"{where} column value", f"must be empty, as low and high, for '{measure}'")
    elif math.isnan(value):
        raise InputError(f"{where} column value", f"is empty for '{measure}'")
    if math.isnan(low) != math.isnan(high):
        raise InputError(f"{where} column low", "give both ends of the published interval, or neither")
    if low > value or value > high:
        raise InputError(f"{where} column low", f"needs low <= value <= high (found {low:g}, {value:g}, {high:g})")
    if measure in RATIOS and not value > 0:
        raise InputError(f"{where} column value", f"a {measure} must be above 0 (found {value:g})")
    if measure == "proportional change" and value < -1:
        raise InputError(f"{where} column value", f"a proportional change cannot be below -1 (found {value:g})")
    if years < 0:
        raise InputError(f"{where} column years", f"must not be below 0 (found {years:g})")
