"""A table that knows of each of its columns where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from scenarios.place_build.areas import Areas
from scenarios.place_build.england import LICENCE

PUBLISHERS = "as the file's publisher says"
ENGLAND, OURS = "built-in place england_average: see its sources.csv", "intsim place build"
AS_GIVEN = "as given"
MOST_NAMED = 200  # letters of the headers that a source names

Values = pd.Series | float | str | None


class Origin(NamedTuple):
    """Where a column is from, as a row of sources.csv says it."""

    source: str
    licence: str
    year: str
    basis: str
    derivation: str


@dataclass
class Traced:
    """``table``: one row for each LSOA; ``origins``: of its columns, or of a family of them (age_*)."""

    areas: Areas
    table: pd.DataFrame
    origins: dict[str, Origin] = field(default_factory=dict)

    @classmethod
    def of(cls, areas: Areas) -> Traced:
        """Return an empty table for the LSOAs of ``areas``."""
        return cls(areas, pd.DataFrame(index=areas.table.index))

    def from_file(self, column: str, values: Values, used: Iterable[str], derivation: str = AS_GIVEN) -> None:
        """Add a column made of the columns ``used`` of the files given."""
        told = [origin for name in used for origin in self.areas.origins[name]]
        files = "; ".join(dict.fromkeys(file for file, _ in told))
        headers = ", ".join(dict.fromkeys(header for _, header in told))
        named = headers if len(headers) < MOST_NAMED else headers[:MOST_NAMED] + " ..."
        basis = "found" if derivation == AS_GIVEN else "derived"
        self.add(column, values, Origin(f"{files}: {named}", PUBLISHERS, "as the file", basis, derivation))

    def from_england(self, column: str, values: Values, derivation: str) -> None:
        """Add a column of England's figures."""
        self.add(column, values, Origin(ENGLAND, LICENCE, "2020-2024", "derived", derivation))

    def assumed(self, column: str, values: Values, derivation: str, basis: str = "assumption") -> None:
        """Add a column that rests on nothing published."""
        self.add(column, values, Origin(OURS, "MIT", "-", basis, derivation))

    def add(self, column: str, values: Values, origin: Origin) -> None:
        """Add a column and where it is from; of a family (None for its values) where it is from alone."""
        if values is not None:
            self.table[column] = values
        self.origins[column] = origin

    def stand_ins(self) -> list[str]:
        """Return the columns that no file gave and nothing given leads to."""
        return [
            column
            for column, origin in self.origins.items()
            if origin.source == ENGLAND or (origin.source == OURS and origin.basis in ("assumption", "invented"))
        ]

    def sources(self) -> pd.DataFrame:
        """Return the rows of sources.csv."""
        rows = [{"file": "communities.csv", "column": column} | one._asdict() for column, one in self.origins.items()]
        return pd.DataFrame(rows)
