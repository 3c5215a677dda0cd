"""The outputs a target can be compared with: what each counts, from which tables of a run, and in what unit."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from scenarios.errors import InputError, nearest

FILE = Path(__file__).with_name("outputs.csv")
SECONDS_PER_YEAR = 31_557_600.0  # 365.25 days, the person-year of demography
SECONDS_PER_DAY = 86_400.0
SCALES: Mapping[str, float] = {
    "one": 1.0,
    "percent": 100.0,
    "per_year": SECONDS_PER_YEAR,
    "per_1000_years": 1_000.0 * SECONDS_PER_YEAR,
    "bed_days_per_1000_years": 1_000.0 * SECONDS_PER_YEAR / SECONDS_PER_DAY,
}
KINDS = (
    "quotient",
    "total",
    "share_of_all",
    "share_of_set",
    "over_least_deprived",
    "over_all_ages",
    "standardised",
    "life_expectancy",
    "life_expectancy_gap",
)
RELATIVE = ("share_of_all", "share_of_set", "over_least_deprived", "over_all_ages", "standardised")


@dataclass(frozen=True)
class Term:
    """One column of one table of a run; ``only``: of the services table, the service whose rows count."""

    table: str
    column: str
    only: str = ""


@dataclass(frozen=True)
class Output:
    """One output: the sum of ``numerator`` over that of ``denominator`` times ``scale``, combined as ``kind`` says.

    ``activity``: a volume of services used, which months of the pandemic distort. ``gradient``: its differences by
    deprivation are published, so that they may be fitted; where they are not, they are the model's prediction.
    """

    name: str
    label: str
    unit: str
    kind: str
    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...]
    scale: float
    activity: bool
    gradient: bool
    definition: str

    @property
    def tables(self) -> frozenset[str]:
        """The tables it is made from."""
        return frozenset(term.table for term in (*self.numerator, *self.denominator))

    @property
    def relative(self) -> bool:
        """Whether it compares groups or parts, so that a change of level leaves it as it is."""
        return self.kind in RELATIVE or self.unit == "share"


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Output]:
    """Return every output by name."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["output"]: read_output(row) for row in csv.DictReader(file)}


def read_output(row: Mapping[str, str]) -> Output:
    """Return the output that one row of the catalogue describes. Raises ValueError for a kind or scale unknown."""
    if row["kind"] not in KINDS or row["scale"] not in SCALES:
        raise ValueError(f"{FILE.name}: '{row['output']}' has kind '{row['kind']}' and scale '{row['scale']}'")
    return Output(
        row["output"],
        row["label"],
        row["unit"],
        row["kind"],
        terms(row["numerator"]),
        terms(row["denominator"]),
        SCALES[row["scale"]],
        row["activity"] == "yes",
        row["gradient"] == "yes",
        row["definition"],
    )


def terms(text: str) -> tuple[Term, ...]:
    """Return the terms in ``text``: 'table.column' or 'table.column.service', with blanks between."""
    return tuple(Term(*word.split(".")) for word in text.split())


def output_called(name: str, where: str) -> Output:
    """Return the output called ``name``. Raises InputError naming ``where`` and the nearest one."""
    found = catalogue().get(name)
    if found is None:
        raise InputError(where, f"no output of the model is called '{name}': {nearest(name, catalogue())}")
    return found
