"""A share of a user's own at its ends: a report is made, and nothing is divided by nought."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.case_folder import Size, write_case_folder
from intsim.cases.results import investment

pytestmark = pytest.mark.slow


def test_years_after_the_run_that_count_for_nothing_leave_a_report(tmp_path: Path) -> None:
    words = ("place=toy", "case=default", "case.options=[frailty]")
    folder = write_case_folder(tmp_path / "run", Size(residents=1_000, draws=1, replications=2, months=1), words)
    found = investment(folder, ["case.prices={remaining_share: 0, utility_per_condition: 0}"])
    assert np.isfinite(found.tornado[["at_low", "at_high"]].to_numpy()).all()
    assert not {"remaining_share", "utility_per_condition"} & set(found.tornado["name"])
    assert (found.beyond == 0).all()
    assert {"slope_lower", "slope_upper"} <= set(found.impact.columns)
    assert found.impact.set_index("gradient").loc["flat", "slope_lower"] <= 0  # cost a head moves no gap by itself
