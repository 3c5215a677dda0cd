"""Digits follow the interval."""

from __future__ import annotations

import math

import pytest

from evaluation.rounding import change, decimals, level, number, spread

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "lower", "upper", "text"),
    [
        (-12.345, -18.9, -5.8, "-12 (-19 to -6)"),
        (-12.345, -12.6, -12.1, "-12.35 (-12.60 to -12.10)"),
        (1234.5, 1100.0, 1369.0, "+1,230 (+1,100 to +1,370)"),
        (12345.0, 5000.0, 19690.0, "+12,000 (+5,000 to +20,000)"),
        (0.0123, -0.004, 0.0286, "+0.012 (-0.004 to +0.029)"),
        (0.4, 0.008, 0.792, "+0.4 (+0.008 to +0.8)"),  # a limit beside zero does not read as zero
        (35930.0, 50.0, 71810.0, "+40,000 (+50 to +70,000)"),
        (-35930.0, -71810.0, -50.0, "-40,000 (-70,000 to -50)"),
        (0.4, 0.0, 0.8, "+0.4 (0.0 to +0.8)"),
        (0.0, 0.0, 0.0, "0 (0 to 0)"),
        (0.50158, 0.50149, 0.50166, "+0.5016 (+0.5015 to +0.5017)"),  # narrow by luck: four digits at most
        (-12345.67, -12346.0, -12345.3, "-12,350 (-12,350 to -12,350)"),
        (-12.345, NAN, NAN, "-12"),
    ],
)
def test_change(value: float, lower: float, upper: float, text: str) -> None:
    assert change(value, lower, upper) == text


def test_levels_and_spreads() -> None:
    assert level(412.3456, 405.2, 419.5) == "412"
    assert spread(412.3456, 405.2, 419.6) == "412 (405 to 420)"
    assert spread(100.0, 100.0, 100.0) == "100"
    assert spread(99.9961, 99.985, 100.0, most=1) == "100.0 (100.0 to 100.0)"


def test_no_minus_zero_and_the_page_has_its_own_minus() -> None:
    assert number(-0.001, 1) == "0.0"
    assert number(-3.0, 0, minus="−") == "−3"


def test_an_undefined_figure_has_no_digits() -> None:
    with pytest.raises(ValueError, match="print its reason"):
        number(NAN, 1)


def test_a_wider_interval_never_earns_more_digits() -> None:
    widths = [0.01, 0.1, 0.9, 2.0, 5.0, 40.0, 300.0]
    places = [decimals(1000.0, 1000 - width, 1000 + width) for width in widths]
    assert places == sorted(places, reverse=True)


def test_a_difference_too_small_for_any_reader_is_nothing_unless_it_is_clear() -> None:
    assert change(-4e-7, -1.2e-6, 5e-7) == "0 (0 to 0)"
    assert change(-4e-7, -5e-7, -3e-7) != "0 (0 to 0)"
    assert change(0.0004, -0.0001, 0.0009) == "+0.0004 (-0.0001 to +0.0009)"
