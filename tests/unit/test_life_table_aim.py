"""The aim for the gap: a line, a band, and a chance in words no finer than the method."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.estimate import Estimate, undefined
from evaluation.life_tables.aim import STATUS, Aim, aim_line, chance_in_words, read_aim
from scenarios.errors import InputError

HALVE = read_aim("bi_borough_2035")
GAP = Estimate(10.0, 8.04, 11.96, "le_gap_ohid", "a place", 10, se=1.0)


def test_the_aim_is_a_row_with_its_source() -> None:
    assert (HALVE.left_share, HALVE.target_year) == (0.5, 2035)
    assert HALVE.source
    with pytest.raises(InputError, match="did you mean 'bi_borough_2035'"):
        read_aim("bi_borough_2036")


def test_the_line_falls_straight_to_its_share_with_the_baselines_band() -> None:
    found = aim_line(HALVE, GAP, 2025)
    line = found.line.set_index("year")
    assert line.loc[[2025, 2030, 2035], "aim"].tolist() == pytest.approx([10.0, 7.5, 5.0])
    assert line.loc[2035, "aim_upper"] == pytest.approx(0.5 * (10 + 1.959964), rel=1e-6)
    assert line["gap"].isna().all()
    assert (line["reason"] != "").all()
    assert found.chance.startswith("not stated")
    assert found.status == STATUS == "a model, not a forecast"


def test_the_models_gap_carries_the_baselines_uncertainty() -> None:
    changes = np.array([-0.2, -0.1, -0.3])
    line = aim_line(HALVE, GAP, 2025, {2028: changes}).line.set_index("year")
    assert line.loc[2028, "gap"] == pytest.approx(9.8)
    assert line.loc[2028, "gap_upper"] - 9.8 == pytest.approx(1.959964 * math.hypot(1.0, 0.1), rel=1e-6)
    assert math.isnan(line.loc[2029, "gap"])
    assert "model ends" in line.loc[2029, "reason"]


@pytest.mark.parametrize(("change", "says"), [(-0.2, "below 5%"), (-20.0, "above 95%"), (-5.0, "about 50%")])
def test_the_chance_of_meeting_the_aim(change: float, says: str) -> None:
    assert aim_line(HALVE, GAP, 2025, {2035: [change, change]}).chance == says


def test_no_chance_is_finer_than_five_in_a_hundred() -> None:
    assert [chance_in_words(share) for share in (0.0, 0.049, 0.05, 0.423, 0.95, 0.951)] == [
        "below 5%",
        "below 5%",
        "about 5%",
        "about 40%",
        "about 95%",
        "above 95%",
    ]


def test_an_aim_needs_a_gap_and_time() -> None:
    with pytest.raises(InputError, match="quintile 2"):
        aim_line(HALVE, undefined("le_gap", "a place", 5, "quintile 2: too small"), 2025)
    with pytest.raises(InputError, match="before the target"):
        aim_line(HALVE, GAP, 2035)
    with pytest.raises(InputError, match="2040"):
        aim_line(HALVE, GAP, 2025, {2040: [0.0, 0.1]})
    with pytest.raises(InputError, match="no limits"):
        aim_line(HALVE, Estimate(9.0, math.nan, math.nan, "gap", reason="no interval"), 2025)
    with pytest.raises(InputError, match="left_share"):
        Aim("none", 1.0, 2035, "nobody", "invented")
