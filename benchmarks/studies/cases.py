"""Every study by name."""

from __future__ import annotations

from benchmarks.studies.case import Case
from benchmarks.studies.gap_cases import GAP_CASES
from benchmarks.studies.panel_cases import PANEL_CASES
from benchmarks.studies.people_cases import PEOPLE_CASES
from benchmarks.studies.wedge_cases import WEDGE_CASES

CASES: tuple[Case, ...] = (*PANEL_CASES, *WEDGE_CASES, *GAP_CASES, *PEOPLE_CASES)


def case(name: str) -> Case:
    """Return the study called ``name``. Raises KeyError if there is none."""
    return {each.name: each for each in CASES}[name]
