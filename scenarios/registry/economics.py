"""Prices, pay, rates and quality of life: economic numbers, which are applied after a simulation and never inside it.

Tables of their own beside the evidence registry, in ``economics/``: no rule, agent or engine reads them. Uncertain ones
(``prices.csv``, ``values.csv``) are rows as in the registry, with the year whose prices they are in; the others are
plain tables with a source, a basis and our rating of certainty in every row.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.errors import InputError, nearest
from scenarios.registry.row import BASES, CERTAINTIES, COLUMNS, Parameter, read_row

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "economics"
PRICES, VALUES = "prices", "values"
PRICE_COLUMNS = (*COLUMNS, "price_year", "quantity", "per", "organisation", "sector", "less", "drawn_with")
VALUE_COLUMNS = (*COLUMNS, "price_year")
PER = ("count", "day", "hour")  # what one unit of a price is: a count, or a day or hour of a column of seconds
SECTORS = ("NHS", "social care", "other public")
DATED = ("source", "basis", "certainty")
TABLES: Mapping[str, tuple[str, ...]] = {
    "staff": ("service", "role", "grade", "organisation", "sector", "time_valued", "source", "basis", "note"),
    "pay": ("grade", "pay_gbp_per_year", "all_in", "price_year", "source", "certainty", "basis", "note"),
    "deflators": ("index", "year", "rise", "source", "basis", "certainty", "note"),
    "discount_rates": (
        "preset",
        "what",
        "from_year",
        "to_year",
        "rate",
        "in_force_from",
        "in_force_to",
        "source",
        "basis",
        "certainty",
        "note",
    ),
    "thresholds": (
        "name",
        "meaning",
        "gbp_per_qaly",
        "price_year",
        "in_force_from",
        "in_force_to",
        "source",
        "basis",
        "certainty",
    ),
    "eq5d_norms": ("age_from", "sex", "utility", "low", "high", "source", "basis", "certainty"),
    "expectancy": ("quintile", "quality_adjusted_years", "source", "basis", "certainty"),
    "opportunity_cost": ("gradient", "quintile", "share", "source", "basis", "certainty"),
    "claims_tested": ("claim", "outcome", "source", "basis", "certainty"),
}
TEXT = ("price_year", "year", "in_force_from", "in_force_to", "note")


@dataclass(frozen=True)
class Price:
    """A unit price: the number, the year of its prices, what column of a run it is for, and who bears it.

    less: another price that is taken off, as its quantity is counted apart (empty: none). drawn_with: another price
    that this one is drawn with, for both are the same thing (empty: none).
    """

    parameter: Parameter
    price_year: str
    quantity: str
    per: str
    organisation: str
    sector: str
    less: str = ""
    drawn_with: str = ""


@dataclass(frozen=True)
class Value:
    """Another economic number; ``price_year`` is empty where it is not money."""

    parameter: Parameter
    price_year: str


@dataclass(frozen=True)
class Economics:
    """The economic tables: prices, other numbers, and the plain tables named in TABLES."""

    prices: Mapping[str, Price]
    values: Mapping[str, Value]
    tables: Mapping[str, pd.DataFrame]

    def table(self, name: str) -> pd.DataFrame:
        """Return a copy of a table of TABLES; raise InputError with the nearest name if there is none."""
        if name not in self.tables:
            raise InputError(f"economic table '{name}'", f"no such table: {nearest(name, self.tables)}")
        return self.tables[name].copy()

    def value(self, name: str) -> Value:
        """Return an economic number by name; raise InputError with the nearest name if there is none."""
        if name not in self.values:
            raise InputError("economic values", f"no such number '{name}': {nearest(name, self.values)}")
        return self.values[name]

    def draw(self, uniform: Callable[[str], float]) -> tuple[dict[str, float], dict[str, float]]:
        """Return one sample of every price and every value, each at the quantile ``uniform(name)`` (see Registry).

        A price that is drawn with another is at the other's quantile.
        """
        prices = {name: each.parameter.at(uniform(each.drawn_with or name)) for name, each in self.prices.items()}
        return prices, {name: each.parameter.at(uniform(name)) for name, each in self.values.items()}

    def central(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return the central value of every price and of every value."""
        prices = {name: each.parameter.central for name, each in self.prices.items()}
        return prices, {name: each.parameter.central for name, each in self.values.items()}

    def with_prices(self, own: Mapping[str, float], price_year: str) -> Economics:
        """Return the tables with a user's own prices and values, fixed, in the prices of ``price_year``.

        Raises InputError for a name that there is not, or a price below 0.
        """
        prices, values = dict(self.prices), dict(self.values)
        for name, number in own.items():
            where = f"case.prices.{name}"
            if name in prices:
                check_price(prices[name].parameter.unit, number, where, "you gave")
                prices[name] = replace(prices[name], parameter=fixed(prices[name].parameter, number, where))
                prices[name] = replace(prices[name], price_year=price_year)
            elif name in values:
                check_price(values[name].parameter.unit, number, where, "you gave")
                year = price_year if values[name].price_year else ""
                values[name] = Value(fixed(values[name].parameter, number, where), year)
            else:
                raise InputError("case.prices", f"no such price '{name}': {nearest(name, {**prices, **values})}")
        return replace(self, prices=prices, values=values)


def load_economics(folder: Path | None = None) -> Economics:
    """Return the economic tables in ``folder`` (our own by default).

    Raises InputError naming file, row and column for what cannot be used: a negative price, a name there twice, an
    unknown basis or rating, no source, a sector or a unit of quantity that there is not.
    """
    root = FOLDER if folder is None else Path(folder)
    prices = {name: read_price(cells, row) for name, (cells, row) in rows(root / "prices.csv", PRICE_COLUMNS).items()}
    values = {name: read_value(cells, row) for name, (cells, row) in rows(root / "values.csv", VALUE_COLUMNS).items()}
    check_named(prices)
    for name in prices:
        if name in values:
            raise InputError(f"{values[name].parameter.where} column name", f"'{name}' is already a price")
    tables = {name: read_table(root / f"{name}.csv", columns) for name, columns in TABLES.items()}
    return Economics(prices, values, tables)


def rows(path: Path, columns: tuple[str, ...]) -> dict[str, tuple[dict[str, str], str]]:
    """Return the rows of a CSV file by name: cells and where they are. Raises InputError for a name there twice."""
    found: dict[str, tuple[dict[str, str], str]] = {}
    for cells, where in read_cells(path, columns):
        name = cells["name"]
        if name in found:
            raise InputError(f"{where} column name", f"'{name}' is already in {found[name][1]}")
        found[name] = (cells, where)
    return found


def read_cells(path: Path, columns: tuple[str, ...]) -> list[tuple[dict[str, str], str]]:
    """Return each row of a CSV file as cells by column, with its place; raise InputError for a wrong header."""
    if not path.is_file():
        raise InputError(str(path), "no such file")
    reader = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True))
    header = [name.strip() for name in reader.fieldnames or []]
    for column in columns:
        if column not in header:
            raise InputError(path.name, f"column '{column}' is missing (found: {', '.join(header) or 'nothing'})")
    for column in header:
        if column not in columns:
            raise InputError(path.name, f"no such column '{column}': {nearest(column, columns)}")
    found = []
    for index, cells in enumerate(reader):
        where = f"{path.name} row {index + 2}"
        if None in cells:
            raise InputError(where, "has more cells than the header has columns (quote a cell that holds a comma)")
        found.append(({column: (cells[column] or "").strip() for column in columns}, where))
    return found


def read_price(cells: dict[str, str], where: str) -> Price:
    """Return the price that ``cells`` describe; raise InputError naming row and column."""
    parameter = read_row(cells, where)
    check_price(parameter.unit, parameter.low, f"{where} column low", "found")
    check_price(parameter.unit, parameter.central, f"{where} column central", "found")
    check_drawn(parameter, where)
    for column, allowed in (("per", PER), ("sector", SECTORS)):
        if cells[column] not in allowed:
            problem = f"must be one of {', '.join(allowed)} (found '{cells[column]}')"
            raise InputError(f"{where} column {column}", problem)
    for column in ("price_year", "quantity", "organisation"):
        if not cells[column]:
            raise InputError(f"{where} column {column}", f"is empty for '{cells['name']}'")
    return Price(parameter, **{column: cells[column] for column in PRICE_COLUMNS if column not in COLUMNS})


def check_named(prices: Mapping[str, Price]) -> None:
    """Raise InputError where a price is less, or is drawn with, one that there is not, or one that is so itself."""
    for name, price in prices.items():
        for column, other in (("less", price.less), ("drawn_with", price.drawn_with)):
            where = f"{price.parameter.where} column {column}"
            if other and other not in prices:
                raise InputError(where, f"no such price '{other}': {nearest(other, prices)}")
            if other and (other == name or getattr(prices[other], column)):
                raise InputError(where, f"'{name}' needs a price that stands by itself (found '{other}')")


def read_value(cells: dict[str, str], where: str) -> Value:
    """Return the economic number that ``cells`` describe; raise InputError naming row and column."""
    parameter = read_row(cells, where)
    check_price(parameter.unit, parameter.low, f"{where} column low", "found")
    check_drawn(parameter, where)
    if parameter.unit.startswith("GBP") != bool(cells["price_year"]):
        raise InputError(f"{where} column price_year", f"goes with money alone; the unit is '{parameter.unit}'")
    return Value(parameter, cells["price_year"])


def check_price(unit: str, value: float, where: str, said: str) -> None:
    """Raise InputError for money below 0."""
    if unit.startswith("GBP") and value < 0:
        raise InputError(where, f"a price must be at least 0 ({said} {value:g}); unit: {unit}")


def check_drawn(parameter: Parameter, where: str) -> None:
    """Raise InputError if money would be drawn from a distribution that reaches below 0."""
    if parameter.unit.startswith("GBP") and parameter.distribution == "normal":
        raise InputError(f"{where} column distribution", "'normal' may be drawn below 0: use lognormal for money")


def fixed(parameter: Parameter, value: float, where: str) -> Parameter:
    """Return ``parameter`` fixed at a user's value."""
    changed = {"central": value, "low": value, "high": value, "distribution": "fixed", "where": where}
    return replace(parameter, **changed, source="given by the user", certainty="very low", basis="assumption")  # type: ignore[arg-type]


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return one of TABLES as a frame, numbers as numbers; raise InputError naming row and column."""
    import pandas as pd

    cells = read_cells(path, columns)
    for row, where in cells:
        for column, allowed in (("basis", BASES), ("certainty", CERTAINTIES)):
            if column in columns and row[column] not in allowed:
                problem = f"must be one of {', '.join(allowed)} (found '{row[column]}')"
                raise InputError(f"{where} column {column}", problem)
        if not row["source"]:
            raise InputError(f"{where} column source", "is empty: give the source, or the word 'assumption'")
    frame = pd.DataFrame([row for row, _ in cells], columns=list(columns))
    for column in columns:
        if column not in TEXT:
            numbers = pd.to_numeric(frame[column], errors="coerce")
            if numbers.notna().all():
                frame[column] = numbers
    return frame
