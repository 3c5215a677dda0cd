"""Rows without a source opened for them are wide, or fixed because they define something."""

from __future__ import annotations

import pytest

from scenarios.registry.limits import limits_of
from scenarios.registry.reader import Registry, load_registry
from scenarios.registry.row import Parameter

LEAST = {"assumption": 1.5, "recalled": 1.2}  # high over low; of the odds, for a share
FIXED_DESIGNS = ("definition", "contract", "convention", "national statistics")
SET_BY_THE_PLACE = "local_factor_"
RATIOS = ("ratio", "rate ratio", "odds ratio")


@pytest.fixture(scope="module")
def unsourced() -> list[Parameter]:
    """Return our rows that are recalled or assumed."""
    registry: Registry = load_registry()
    return [each for each in registry.parameters.values() if each.basis in LEAST]


def test_an_unsourced_row_is_fixed_only_where_it_defines_something(unsourced: list[Parameter]) -> None:
    assert not [
        f"{each.where}: {each.name} ({each.design})"
        for each in unsourced
        if each.distribution == "fixed"
        and not each.name.startswith(SET_BY_THE_PLACE)
        and not each.design.startswith(FIXED_DESIGNS)
    ]


def test_the_central_value_of_an_unsourced_row_lies_within_its_range(unsourced: list[Parameter]) -> None:
    assert not [each.name for each in unsourced if is_drawn(each) and not each.low < each.central < each.high]


def test_an_unsourced_row_has_a_wide_range(unsourced: list[Parameter]) -> None:
    assert not [
        f"{each.where}: {each.name} {each.low:g} to {each.high:g} {each.unit}, {each.basis}"
        for each in unsourced
        if is_drawn(each) and not is_wide(each)
    ]


def test_no_unsourced_row_claims_high_certainty_unless_it_is_a_convention(unsourced: list[Parameter]) -> None:
    assert not [each.name for each in unsourced if each.certainty == "high" and each.distribution != "fixed"]
    assert not [each.name for each in unsourced if each.basis == "assumption" and each.certainty == "moderate"]


def is_drawn(parameter: Parameter) -> bool:
    """Return whether a parameter has a range at all."""
    return parameter.distribution != "fixed"


def is_wide(parameter: Parameter) -> bool:
    """Return whether a range is wide for its basis; one that reaches both sides of no effect always is."""
    low, high, least = parameter.low, parameter.high, LEAST[parameter.basis]
    if low <= 0:
        return True
    if limits_of(parameter.name, parameter.unit).high == 1 and high < 1:
        return high / (1 - high) >= least * low / (1 - low)
    if parameter.unit.startswith(RATIOS):
        if low <= 1 <= high:
            return True
        near, far = sorted((abs(low - 1), abs(high - 1)))  # what counts is the distance from no effect
        return high >= least * low or far >= least * near
    return high >= least * low


@pytest.mark.parametrize(
    ("unit", "low", "high", "wide"),
    [
        ("minutes", 10, 15, True),
        ("minutes", 10, 14, False),
        ("share", 0.85, 0.95, True),
        ("share", 0.50, 0.55, False),
        ("rate ratio", 0.92, 1.05, True),
        ("rate ratio", 0.80, 0.84, False),
        ("log odds", -0.1, 0.2, True),
    ],
)
def test_what_counts_as_wide(unit: str, low: float, high: float, wide: bool) -> None:
    words = {"name": "x", "meaning": "", "population": "", "source": "", "design": "", "used_by": "", "where": ""}
    row = Parameter(
        unit=unit,
        central=(low + high) / 2,
        low=low,
        high=high,
        distribution="normal",
        certainty="low",
        basis="assumption",
        **words,
    )
    assert is_wide(row) == wide
