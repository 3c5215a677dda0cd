"""Finds the known-answer cases: those kept in the project, and the shared ones that are not part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

REPO = Path(__file__).resolve().parents[1]
RETYPED = REPO / "tests" / "known_answers" / "retyped"


def folder() -> Path:
    """Return the folder of cases: INTSIM_KNOWN_ANSWERS, else beside the repository."""
    given = os.environ.get("INTSIM_KNOWN_ANSWERS")
    return Path(given) if given else REPO.parent / "shared" / "known_answers" / "open"


def read_case(case: str, inputs: str = "inputs.csv") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (inputs, expected) of a case, from its copy here where the shared folder has none; else skips the test."""
    here = next((each / case for each in (folder(), RETYPED) if (each / case).is_dir()), None)
    if here is None:
        pytest.skip(f"known-answer case {case} is not at {folder()} (set INTSIM_KNOWN_ANSWERS)")
    return pd.read_csv(here / inputs), pd.read_csv(here / "expected.csv")


def misses(expected: pd.DataFrame, got: dict[str, float]) -> list[str]:
    """Return one line for every quantity outside the file's own tolerance."""
    lines = []
    for row in expected.fillna({"tol_abs": 0.0, "tol_rel": 0.0}).itertuples():
        allowed = max(row.tol_abs, row.tol_rel * abs(row.expected), 1e-12)
        if not abs(got[row.quantity] - row.expected) <= allowed:
            lines.append(f"{row.quantity}: got {got[row.quantity]!r}, expected {row.expected!r} within {allowed:.3g}")
    return lines
