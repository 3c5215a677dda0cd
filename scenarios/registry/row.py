"""One row of the evidence registry, read from text and checked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from scenarios.errors import InputError, nearest
from scenarios.registry.draw import DISTRIBUTIONS, quantile
from scenarios.registry.limits import draws_problem, limits_of, value_problem

COLUMNS = (
    "name",
    "meaning",
    "unit",
    "central",
    "distribution",
    "low",
    "high",
    "population",
    "source",
    "design",
    "certainty",
    "basis",
    "used_by",
)
BASES = ("found", "recalled", "derived", "assumption")
CERTAINTIES = ("high", "moderate", "low", "very low")
FILLED = ("meaning", "unit", "population", "design", "used_by")
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Parameter:
    """One uncertain number of the model: ``low`` and ``high`` are its 5th and 95th percentiles, in ``unit``."""

    name: str
    meaning: str
    unit: str
    central: float
    distribution: str
    low: float
    high: float
    population: str
    source: str
    design: str
    certainty: str
    basis: str
    used_by: str
    where: str  # file and row it came from

    def at(self, u: float) -> float:
        """Return the value at probability ``u``, kept within what the unit allows.

        Raises InputError for percentiles that the distribution cannot have.
        """
        try:
            value = quantile(self.distribution, self.central, self.low, self.high, u)
        except ValueError as problem:
            raise InputError(f"{self.where} column distribution", str(problem)) from None
        return limits_of(self.name, self.unit).kept(value)


def read_row(cells: dict[str, str], where: str) -> Parameter:
    """Return the parameter that ``cells`` (column to text) describe.

    ``where`` is the file and row. Raises InputError naming it and the column.
    """
    cells = {column: (cells.get(column) or "").strip() for column in COLUMNS}
    check_words(cells, where)
    distribution = cells["distribution"]
    central = number(cells["central"], where, "central")
    if distribution == "fixed":
        for column in ("low", "high"):
            if cells[column]:
                raise InputError(f"{where} column {column}", f"must be empty for 'fixed' (found '{cells[column]}')")
        low = high = central
    else:
        low, high = (number(cells[column], where, column) for column in ("low", "high"))
        check_range(cells["name"], distribution, (low, central, high), where)
    name, unit = cells["name"], cells["unit"]
    for column, value in (("low", low), ("central", central), ("high", high)):
        problem = value_problem(name, unit, value, "found")
        if problem:
            raise InputError(f"{where} column {'central' if distribution == 'fixed' else column}", problem)
    problem = draws_problem(name, unit, distribution, (low, central, high))
    if problem:
        raise InputError(f"{where} column distribution", problem)
    words = {column: cells[column] for column in COLUMNS if column not in ("central", "low", "high")}
    return Parameter(central=central, low=low, high=high, where=where, **words)


def check_words(cells: dict[str, str], where: str) -> None:
    """Check the columns that hold words; raise InputError for the first that cannot be used."""
    if not NAME.fullmatch(cells["name"]):
        raise InputError(f"{where} column name", f"must be lower-case letters, digits and _ (found '{cells['name']}')")
    for column, allowed in (("distribution", DISTRIBUTIONS), ("basis", BASES), ("certainty", CERTAINTIES)):
        if cells[column] not in allowed:
            listed = ", ".join(allowed)
            raise InputError(f"{where} column {column}", f"must be one of {listed} (found '{cells[column]}')")
    for column in FILLED:
        if not cells[column]:
            raise InputError(f"{where} column {column}", f"is empty for '{cells['name']}'")
    if not cells["source"]:
        raise InputError(f"{where} column source", "is empty: give the source, or the word 'assumption'")
    if cells["source"].lower().startswith("assumption") and cells["basis"] != "assumption":
        raise InputError(f"{where} column basis", f"must be 'assumption' as the source is (found '{cells['basis']}')")


def check_range(name: str, distribution: str, points: tuple[float, float, float], where: str) -> None:
    """Check that (low, central, high) are in order and that the distribution can have such percentiles.

    Raises InputError if not.
    """
    low, central, high = points
    if not low <= central <= high or low == high:
        found = f"found low {low:g}, central {central:g}, high {high:g}"
        raise InputError(f"{where} column low", f"'{name}' needs low <= central <= high, low below high ({found})")
    if distribution == "lognormal" and low <= 0:
        raise InputError(f"{where} column low", f"must be above 0 for lognormal (found {low:g})")
    if distribution == "beta" and (low <= 0 or high >= 1):
        raise InputError(f"{where} column low", f"beta needs 0 < low and high < 1 (found {low:g}, {high:g})")


def number(text: str, where: str, column: str) -> float:
    """Return ``text`` as a finite number; raise InputError naming the column if it is not one."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{where} column {column}", f"must be a number (found '{text}')") from None
    if not math.isfinite(value):
        raise InputError(f"{where} column {column}", f"must be a finite number (found '{text}')")
    return value


def check_columns(found: list[str] | None, where: str) -> None:
    """Check a file's header; raise InputError naming a column that is missing or unknown."""
    header = [name.strip() for name in found or []]
    for column in header:
        if header.count(column) > 1:
            raise InputError(where, f"column '{column}' is there {header.count(column)} times")
    for column in COLUMNS:
        if column not in header:
            raise InputError(where, f"column '{column}' is missing (found: {', '.join(header) or 'nothing'})")
    for column in header:
        if column not in COLUMNS:
            raise InputError(where, f"no such column '{column}': {nearest(column, COLUMNS)}")
