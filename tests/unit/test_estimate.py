"""One result type: every named method says what it estimates, on which scale, and what it rests on."""

from __future__ import annotations

import math
import re
from importlib.resources import files
from pathlib import Path

import pytest
from scipy import stats

from evaluation.estimate import DIFFERENCE, RATIO, VALUE, Estimate, estimates_table, student_interval, undefined
from evaluation.inequality.pairs import absolute_gap, relative_gap
from evaluation.methods import _methods, method_of
from evaluation.standardisation.crude import crude_rate

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("inequality", "standardisation", "life_tables")
NAMED = re.compile(r"\"((?:sii|rii|le|concentration|dsr|indirect|rate|proportion|mean)_[a-z_]+)\"")


def test_a_value_a_difference_and_a_ratio_know_what_no_effect_is() -> None:
    most, least = crude_rate(120, 1_000), crude_rate(60, 1_000)
    assert most.scale == VALUE
    assert math.isnan(most.p_value)
    assert absolute_gap(most, least).scale == DIFFERENCE
    assert relative_gap(most, least).scale == RATIO
    ratio = Estimate(2.0, 1.0, 4.0, "some_ratio", se=math.log(2) / 2, scale=RATIO)
    assert ratio.p_value == pytest.approx(0.05)  # its lower limit is no effect


def test_every_method_of_the_tables_is_said_to_estimate_something() -> None:
    found = set()
    for folder in FOLDERS:
        for path in (ROOT / "evaluation" / folder).glob("*.py"):
            found |= set(NAMED.findall(path.read_text(encoding="utf-8")))
    assert len(found) > 10
    lost = sorted(name for name in found if method_of(name) is None)
    assert lost == []


def test_the_rows_of_the_table_are_whole() -> None:
    assert files("evaluation").joinpath("methods.csv").is_file()
    for prefix, row in _methods().items():
        assert row.scale in (VALUE, DIFFERENCE, RATIO), prefix
        assert row.estimand, prefix
        assert all(row.assumptions), prefix


def test_the_longest_name_wins_and_what_the_caller_says_stands() -> None:
    assert undefined("le_gap_ohid", "a place", 0, "no deaths").scale == DIFFERENCE
    assert "straight line" in undefined("sii_ohid_rate", "a place", 0, "one group").assumptions[0]
    made = Estimate(1.0, 0.0, 2.0, "sii_ohid", estimand="mine", assumptions=("also mine",))
    assert (made.estimand, made.assumptions) == ("mine", ("also mine",))
    row = estimates_table([made.with_cautions("one", "", "two")]).iloc[0]
    assert row["cautions"] == "one; two"
    assert row["estimand"] == "mine"


@pytest.mark.parametrize("df", [1.0, 2.6, 7.0, 59.0, math.inf])
@pytest.mark.parametrize("ratio", [False, True])
def test_a_p_value_is_that_of_the_limits(df: float, ratio: bool) -> None:
    value, se = -0.4, 0.15
    lower, upper = student_interval(value, se, df)
    figures = [math.exp(each) for each in (value, lower, upper)] if ratio else [value, lower, upper]
    made = Estimate(*figures, "did_x", se=se, scale="ratio" if ratio else "difference")
    known = stats.norm.sf(0.4 / se) if math.isinf(df) else stats.t.sf(0.4 / se, df)
    assert made.p_value == pytest.approx(2 * known, rel=1e-4)
    assert (made.p_value < 0.05) == (not lower <= 0 <= upper)


def test_limits_of_unlike_sides_give_the_p_value_of_the_side_towards_no_effect() -> None:
    made = Estimate(2.0, 0.0, 9.0, "x", se=1.0, scale="difference")
    assert made.p_value == pytest.approx(0.05)
    assert Estimate(2.0, -0.1, 9.0, "x", se=1.0, scale="difference").p_value > 0.05


def test_a_ratio_without_a_logarithm_has_no_p_value_and_one_without_limits_the_normal() -> None:
    assert math.isnan(Estimate(0.0, 0.0, 1.2, "x", se=0.4, scale="ratio").p_value)
    bare = Estimate(math.e, math.nan, math.nan, "x", se=1.0, scale="ratio", reason="no limits")
    assert bare.p_value == pytest.approx(2 * stats.norm.sf(1.0))
