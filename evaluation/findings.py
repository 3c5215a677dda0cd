"""What a comparison found: every paired difference and every change in a gap, computed once for page and table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from evaluation.inequality.gaps import gap_changes, gaps
from evaluation.outcomes import MAIN, chosen
from evaluation.panel import COUNTS, UNIT, after_go_live, totals
from evaluation.run_folder import RunFolder
from evaluation.twins import compare

Row = Mapping[str, Any]  # one row of a table from twins.compare or gaps.gap_changes
STANDARD = "esp2013"
STANDARDISED = f"age_sex_{STANDARD}"


@dataclass(frozen=True)
class Findings:
    """A run and, per design, its differences from the baseline and its changes in gaps (both as tables).

    ``gap_table``: every gap of every arm and replication (see gaps.gaps), behind the changes.
    """

    run: RunFolder
    differences: dict[str, pd.DataFrame]
    gaps: dict[str, pd.DataFrame]
    gap_table: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def _of_groups(self) -> dict[str, dict[str, list[Row]]]:
        """Return the outcome rows by design and group; a page asks for single ones hundreds of times."""
        found: dict[str, dict[str, list[Row]]] = {}
        for design, table in self.differences.items():
            groups = found.setdefault(design, {})
            for row in _records(table):
                groups.setdefault(row["group"], []).append(row)
        return found

    @cached_property
    def _of_gaps(self) -> dict[str, list[Row]]:
        return {design: _records(table) for design, table in self.gaps.items()}

    def rows(self, design: str, group: str = "all") -> list[Row]:
        """Return the outcome rows of one design and group ('all', '1' ... '5')."""
        return list(self._of_groups[design].get(group, []))

    def row(self, design: str, name: str, group: str = "all") -> Row | None:
        """Return one outcome's row, or None if that group does not exist."""
        return next((row for row in self.rows(design, group) if row["outcome"] == name), None)

    def gap_rows(self, design: str) -> list[Row]:
        """Return the gap rows of one design: main outcomes, crude and standardised, every measure."""
        return list(self._of_gaps[design])

    def gap_row(self, design: str, name: str, measure: str, basis: str = STANDARDISED) -> Row | None:
        """Return one outcome's gap, or None."""
        wanted = {"outcome": name, "measure": measure, "basis": basis}
        return next((r for r in self.gap_rows(design) if all(r[key] == value for key, value in wanted.items())), None)


def happens(row: Row) -> bool:
    """Return whether an outcome happens at all in either arm: False for a service that is not there."""
    if math.isnan(row["baseline"]) and math.isnan(row["design"]):
        return not str(row["reason"]).startswith("no ")
    return not (row["baseline"] == 0 and row["design"] == 0)


def find(run: RunFolder) -> Findings:
    """Compare every design of ``run`` with its baseline. Raises InputError for a replication without its twin."""
    cells = summed(after_go_live(run.panel), [*UNIT, "quintile", "age_band", "sex"])
    fifths = summed(cells, [*UNIT, "quintile"])  # sums of sums: each arm is then compared on few rows
    differences = {design: compare(fifths, run.baseline, design) for design in run.designs}
    table = gaps(cells, chosen(MAIN), STANDARD)
    changes = {design: gap_changes(table, run.baseline, design) for design in run.designs}
    return Findings(run, differences, changes, table)


def summed(panel: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the counts of ``panel`` summed over all but ``by``; all of it is then month 0."""
    return totals(panel, by, COUNTS).assign(month=0)


def _records(table: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
