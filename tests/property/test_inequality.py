"""Identities of inequality indices and life tables that hold for any population."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evaluation.inequality.concentration import (
    ConcentrationMethod,
    concentration_grouped,
    concentration_index,
    extended_concentration_index,
    symmetric_concentration_index,
)
from evaluation.inequality.dispersion import between_group_variance, gini, mean_log_deviation, theil
from evaluation.inequality.rank import fractional_rank
from evaluation.inequality.slope_ohid import SlopeMethod, slope_ohid
from evaluation.inequality.slope_variants import slope_york
from evaluation.inequality.welfare import MEASURES, equivalent, equivalent_gain, inequality
from evaluation.life_tables.arriaga import by_age, by_age_both_ways
from evaluation.life_tables.table import chiang_table
from evaluation.standardisation.crude import crude_rate, mean, proportion
from evaluation.standardisation.direct import DirectMethod, direct_rate
from tests.unit.life_table_data import area

FAST = SlopeMethod(simulations=1_000)
CLOSE = 1e-9
shares = st.floats(0.01, 0.99)
levels = st.floats(1.0, 100.0)
sizes = st.integers(2, 30)


@st.composite
def people(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome (0 to 1), order (with ties) and weights of up to 30 people, at least two ranks among them."""
    n = draw(sizes)
    outcome = np.array(draw(st.lists(shares, min_size=n, max_size=n)))
    order = np.array(draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)), dtype=float)
    assume(len(set(order.tolist())) > 1)
    return outcome, order, np.array(draw(st.lists(st.floats(0.1, 10.0), min_size=n, max_size=n)))


@st.composite
def groups(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Return values and populations of 2 to 10 groups."""
    n = draw(st.integers(2, 10))
    value = draw(st.lists(levels, min_size=n, max_size=n))
    return np.array(value), np.array(draw(st.lists(st.floats(10.0, 1e5), min_size=n, max_size=n)))


@given(people())
@settings(deadline=None)
def test_the_mean_rank_is_one_half(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    _, order, weight = data
    assert np.average(fractional_rank(order, weight), weights=weight) == pytest.approx(0.5)


@given(people())
@settings(deadline=None)
def test_reversing_the_rank_turns_the_sign(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    outcome, order, weight = data
    for index in ("standard", "generalised", "erreygers", "wagstaff"):
        there, back = (concentration_index(outcome, o, weight, ConcentrationMethod(index)) for o in (order, -order))
        assert back.estimate == pytest.approx(-there.estimate, abs=CLOSE)
    there, back = (symmetric_concentration_index(outcome, o, 3.0, weight) for o in (order, -order))
    assert back.estimate == pytest.approx(-there.estimate, abs=CLOSE)


@given(people(), shares)
@settings(deadline=None)
def test_equal_outcomes_give_no_inequality(data: tuple[np.ndarray, np.ndarray, np.ndarray], level: float) -> None:
    _, order, weight = data
    same = np.full_like(weight, level)
    for index in ("standard", "generalised", "erreygers", "wagstaff"):
        assert concentration_index(same, order, weight, ConcentrationMethod(index)).estimate == pytest.approx(
            0, abs=CLOSE
        )
    assert extended_concentration_index(same, order, 4.0, weight).estimate == pytest.approx(0, abs=CLOSE)
    for function in (gini, theil, mean_log_deviation, between_group_variance):
        assert function(same, weight).estimate == pytest.approx(0, abs=CLOSE)
    for measure in MEASURES:
        assert inequality(same, weight, measure, 2.0).estimate == pytest.approx(0, abs=CLOSE)


@given(people())
@settings(deadline=None)
def test_the_indices_of_a_bounded_outcome_are_one_anothers_multiples(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    outcome, order, weight = data
    mu = float(np.average(outcome, weights=weight))
    found = {
        name: concentration_index(outcome, order, weight, ConcentrationMethod(name)).estimate
        for name in ("standard", "generalised", "erreygers", "wagstaff")
    }
    assert found["generalised"] == pytest.approx(mu * found["standard"], abs=CLOSE)
    assert found["erreygers"] == pytest.approx(4 * found["generalised"], abs=CLOSE)
    assert found["erreygers"] == pytest.approx(4 * mu * (1 - mu) * found["wagstaff"], abs=CLOSE)
    well = concentration_index(1 - outcome, order, weight).estimate
    assert well == pytest.approx(-found["standard"] * mu / (1 - mu), abs=CLOSE)
    for mirror in ("erreygers", "wagstaff"):
        other = concentration_index(1 - outcome, order, weight, ConcentrationMethod(mirror)).estimate
        assert other == pytest.approx(-found[mirror], abs=CLOSE)


@given(people())
@settings(deadline=None)
def test_extended_and_symmetric_indices_of_two_are_the_standard_one(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    outcome, order, weight = data
    standard = concentration_index(outcome, order, weight).estimate
    assert extended_concentration_index(outcome, order, 2.0, weight).estimate == pytest.approx(standard, abs=CLOSE)
    assert symmetric_concentration_index(outcome, order, 2.0, weight).estimate == pytest.approx(standard, abs=CLOSE)


@given(people(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_permuting_people_changes_nothing(data: tuple[np.ndarray, np.ndarray, np.ndarray], shuffle) -> None:  # type: ignore[no-untyped-def]
    places = list(range(len(data[0])))
    shuffle.shuffle(places)
    there, moved = concentration_index(*data), concentration_index(*(each[places] for each in data))
    assert moved.estimate == pytest.approx(there.estimate, abs=CLOSE)
    if len(places) > 2:
        assert moved.se == pytest.approx(there.se, rel=1e-6, abs=CLOSE)
    for measure in MEASURES:
        before, after = (equivalent(data[0][p], data[2][p], measure, 1.7).estimate for p in (slice(None), places))
        assert after == pytest.approx(before)


@given(groups(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_permuting_rows_of_groups_changes_no_slope(data: tuple[np.ndarray, np.ndarray], shuffle) -> None:  # type: ignore[no-untyped-def]
    value, size = data
    table = pd.DataFrame({"quantile": range(1, len(value) + 1), "population": size, "value": value, "se": 1.0})
    places = list(range(len(value)))
    shuffle.shuffle(places)
    assert slope_ohid(table.iloc[places], FAST) == slope_ohid(table, FAST)


@given(groups())
@settings(deadline=None)
def test_reversing_the_groups_turns_the_slope(data: tuple[np.ndarray, np.ndarray]) -> None:
    value, size = data
    for function in (_ohid, lambda v, p: slope_york(v, p)[0].estimate):
        assert function(value[::-1], size[::-1]) == pytest.approx(-function(value, size), abs=1e-6)
    assert concentration_grouped(value[::-1], size[::-1]).estimate == pytest.approx(
        -concentration_grouped(value, size).estimate, abs=CLOSE
    )


@given(groups(), st.floats(0.1, 50.0), levels)
@settings(deadline=None)
def test_the_slope_follows_the_unit_and_not_the_level(
    data: tuple[np.ndarray, np.ndarray], times: float, more: float
) -> None:
    value, size = data
    assert _ohid(value * times + more, size) == pytest.approx(times * _ohid(value, size), rel=1e-6, abs=1e-6)
    assert _ohid(np.full_like(value, more), size) == pytest.approx(0, abs=1e-8)


@given(groups(), st.floats(0.0, 5.0), st.sampled_from(MEASURES))
@example((np.array([1.0, 2.0]), np.array([10.0, 10.0])), 5e-324, "kolm")
@settings(deadline=None)
def test_equivalents_lie_between_the_worst_off_and_the_mean(
    data: tuple[np.ndarray, np.ndarray], aversion: float, measure: str
) -> None:
    value, size = data
    used = aversion + 1 if measure == "extended_gini" else aversion
    middle = float(np.average(value, weights=size))
    found = equivalent(value, size, measure, used).estimate
    assert value.min() - 1e-6 <= found <= middle + 1e-6
    assert equivalent(value, size, measure, used + 1).estimate <= found + 1e-6
    everyone = equivalent_gain(value, np.ones_like(value), size, measure, used).estimate
    moved = equivalent(value + 1, size, measure, used).estimate - found
    assert everyone == pytest.approx(size.sum() * moved, rel=1e-5)


@given(st.integers(10, 10_000), st.integers(2, 50))
@settings(deadline=None)
def test_intervals_narrow_as_numbers_grow(count: int, times: int) -> None:
    def width(found) -> float:  # type: ignore[no-untyped-def]
        return found.upper - found.lower

    people = 20 * count
    assert width(crude_rate(times * count, times * people)) < width(crude_rate(count, people))
    assert width(proportion(times * count, times * people)) < width(proportion(count, people))
    values = [1.0, 2.0, 4.0]
    assert width(mean(values * times)) < width(mean(values))
    strata = pd.DataFrame({"count": [count, 2 * count], "population": [people, people], "weight": [1.0, 2.0]})
    more = strata * [times, times, 1]
    assert width(direct_rate(more)) < width(direct_rate(strata))


@given(st.lists(st.integers(20, 500), min_size=2, max_size=6), st.integers(2, 9))
@settings(deadline=None)
def test_a_rate_standardised_to_its_own_ages_is_the_crude_rate(counts: list[int], scale: int) -> None:
    population = np.arange(1.0, len(counts) + 1) * 1000 * scale
    table = pd.DataFrame({"count": counts, "population": population, "weight": population})
    crude = crude_rate(sum(counts), float(population.sum()), 1000)
    assert direct_rate(table, DirectMethod(1000)).estimate == pytest.approx(crude.estimate)


@given(st.floats(0.3, 3.0), st.floats(0.3, 3.0))
@settings(deadline=None, max_examples=30)
def test_shares_of_ages_sum_to_the_difference_in_life_expectancy(one: float, other: float) -> None:
    first, second = chiang_table(area(one)), chiang_table(area(other))
    difference = second.expectancy().estimate - first.expectancy().estimate
    assert by_age(first, second)["years"].sum() == pytest.approx(difference, abs=1e-9)
    assert by_age_both_ways(first, second)["years"].sum() == pytest.approx(difference, abs=1e-9)


@given(st.floats(0.4, 2.0), st.integers(2, 20))
@settings(deadline=None, max_examples=30)
def test_life_expectancy_falls_with_mortality_and_its_interval_with_people(level: float, times: int) -> None:
    small = area(level)
    large = small.assign(population=small["population"] * times, deaths=small["deaths"] * times)
    one, many = chiang_table(small).expectancy(), chiang_table(large).expectancy()
    assert many.estimate == pytest.approx(one.estimate)
    assert many.se == pytest.approx(one.se / math.sqrt(times))
    worse = chiang_table(small.assign(deaths=small["deaths"] * 1.1)).expectancy()
    assert worse.estimate < one.estimate


def _ohid(value: np.ndarray, size: np.ndarray) -> float:
    table = pd.DataFrame({"quantile": range(1, len(value) + 1), "population": size, "value": value})
    return slope_ohid(table, FAST).sii.estimate
