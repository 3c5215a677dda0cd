"""Discounting, cycles and price years, by sums that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.economics.cycles import cycle_weights
from evaluation.economics.discounting import (
    check_schedule,
    discount_factors,
    equivalent_annual_amount,
    present_value,
)
from evaluation.economics.markov import (
    Counting,
    cohort_total,
    cohort_trace,
    moves,
    probability_to_rate,
    rate_to_probability,
)
from evaluation.economics.prices import financial_year, index_from_rises, inflation
from scenarios.errors import InputError

GREEN = pd.DataFrame({"from_year": [0, 31], "to_year": [30, 75], "rate": [0.035, 0.03]})


def test_a_hundred_pounds_a_year_for_three_years() -> None:
    assert present_value([100, 100, 100], [0, 1, 2], 0.10) == pytest.approx(100 + 100 / 1.1 + 100 / 1.21)
    assert present_value([100, 100, 100], [0, 1, 2], 0.0) == 300


def test_year_31_goes_on_from_year_30_at_the_lower_rate() -> None:
    thirty, thirty_one = discount_factors([30, 31], GREEN)
    assert thirty == pytest.approx(1.035**-30)
    assert thirty_one == pytest.approx(1.035**-30 / 1.03)
    assert discount_factors([30.5], GREEN)[0] == pytest.approx(1.035**-30 * 1.03**-0.5)


def test_middle_of_the_first_year_is_half_a_year_of_discounting() -> None:
    assert discount_factors([0.5], 0.035)[0] == pytest.approx(1.035**-0.5)
    assert discount_factors([0], 1.0)[0] == 1.0


def test_an_equivalent_annual_amount_gives_its_present_value_back() -> None:
    amount = equivalent_annual_amount(1_000, 4, GREEN)
    assert present_value([amount] * 4, [1, 2, 3, 4], GREEN) == pytest.approx(1_000)


@pytest.mark.parametrize(
    ("rates", "years", "message"),
    [
        (3.5, [1], "discount rate: is 3.5; a discount rate lies within 0 and 1 (3.5% is 0.035)"),
        (-0.01, [1], "discount rate: is -0.01"),
        (0.035, [-1], "years row 0: is -1"),
        (GREEN, [76], "years: reach 76; the schedule ends with year 75"),
    ],
)
def test_a_rate_or_a_year_that_cannot_be(rates: float | pd.DataFrame, years: list[float], message: str) -> None:
    with pytest.raises(InputError) as problem:
        discount_factors(years, rates)
    assert message in str(problem.value)


def test_schedules_with_holes_overlaps_or_rates_in_per_cent_are_refused() -> None:
    for change, message in (
        ({"from_year": [0, 32]}, "row 1 from_year: is 32; 31 is next"),
        ({"from_year": [0, 30]}, "row 1 from_year: is 30; 31 is next"),
        ({"rate": [3.5, 3.0]}, "row 0 rate: is 3.5"),
        ({"to_year": [30, 20]}, "row 1 to_year: is 20; allowed: 31 or later"),
        ({"from_year": [2, 31]}, "begins at 2"),
    ):
        with pytest.raises(InputError, match=message.replace("(", r"\(")):
            check_schedule(GREEN.assign(**change))


def test_half_cycle_weights_are_a_half_at_both_ends() -> None:
    assert cycle_weights(3).tolist() == [0.5, 1, 1, 0.5]
    assert cycle_weights(3, "start").tolist() == [1, 1, 1, 0]
    assert cycle_weights(3, "end").tolist() == [0, 1, 1, 1]


def test_half_cycle_by_hand() -> None:
    # everybody alive at 0, half at 1, a quarter at 2
    trace = cohort_trace([1.0, 0.0], np.array([[0.5, 0.5], [0.0, 1.0]]), 2)
    alive = np.array([1.0, 0.0])
    assert cohort_total(trace, alive, 0.0, Counting("half_cycle")) == pytest.approx(0.5 * 1 + 0.5 + 0.5 * 0.25)
    assert cohort_total(trace, alive, 0.0, Counting("start")) == pytest.approx(1 + 0.5)
    assert cohort_total(trace, alive, 0.0, Counting("end")) == pytest.approx(0.5 + 0.25)
    discounted = 0.5 * 1 + 0.5 / 1.1 + 0.5 * 0.25 / 1.21
    assert cohort_total(trace, alive, 0.10) == pytest.approx(discounted)
    at_mid = 0.75 / 1.1**0.5 + 0.375 / 1.1**1.5
    assert cohort_total(trace, alive, 0.10, Counting("half_cycle", discount="mid")) == pytest.approx(at_mid)


def test_cycles_of_a_month_are_discounted_by_the_year() -> None:
    trace = np.ones((13, 1))
    found = cohort_total(trace, np.array([1 / 12]), 0.035, Counting("end", cycle_years=1 / 12))
    assert found == pytest.approx(sum(1.035 ** (-month / 12) for month in range(1, 13)) / 12)


def test_rewards_may_change_from_cycle_to_cycle_and_be_paid_on_a_move() -> None:
    matrix = np.array([[0.9, 0.1], [0.0, 1.0]])
    trace = cohort_trace([1.0, 0.0], matrix, 2)
    reward = np.array([[10.0, 0.0], [20.0, 0.0]])
    assert cohort_total(trace, reward, 0.0, Counting("start")) == pytest.approx(10 + 20 * 0.9)
    paid = 500 * moves(trace, matrix)[:, 0, 1]
    total = cohort_total(trace, np.zeros(2), 0.05, Counting("start"), once=paid)
    assert total == pytest.approx(500 * 0.1 / 1.05 + 500 * 0.09 / 1.05**2)


def test_rates_and_probabilities_turn_into_each_other() -> None:
    assert rate_to_probability([0.2], 1.0)[0] == pytest.approx(1 - np.exp(-0.2))
    assert probability_to_rate(rate_to_probability([0.2, 3.0], 0.25), 0.25) == pytest.approx([0.2, 3.0])
    with pytest.raises(InputError, match="probability: is 1"):
        probability_to_rate([1.0])


def test_a_matrix_that_loses_people_is_refused() -> None:
    with pytest.raises(InputError, match=r"row 1: adds up to 0\.9"):
        cohort_trace([1, 0], np.array([[1.0, 0.0], [0.4, 0.5]]), 3)


def test_price_years() -> None:
    index = index_from_rises(pd.DataFrame({"year": ["2023/24", "2024/25"], "rise": [0.02, 0.05]}))
    assert index["year"].tolist() == ["2022/23", "2023/24", "2024/25"]
    assert inflation(index, "2022/23", "2024/25") == pytest.approx(1.02 * 1.05)
    assert inflation(index, "2024/25", "2023/24") == pytest.approx(1 / 1.05)
    assert inflation(index, "1999/00", "1999/00") == 1.0


def test_a_cost_year_without_a_deflator_is_refused() -> None:
    index = index_from_rises(pd.DataFrame({"year": ["2023/24", "2024/25"], "rise": [0.02, 0.05]}))
    with pytest.raises(InputError) as problem:
        inflation(index, "2019/20", "2024/25", "price of 'gp' price_year")
    message = "price of 'gp' price_year: 2019/20 has no deflator; the index runs from 2022/23 to 2024/25"
    assert str(problem.value) == message
    with pytest.raises(InputError, match="'2019/21' is no financial year"):
        inflation(index, "2019/21", "2024/25")
    with pytest.raises(InputError, match="a year between is missing"):
        index_from_rises(pd.DataFrame({"year": ["2021/22", "2023/24"], "rise": [0.02, 0.05]}))


@pytest.mark.parametrize(
    ("month", "year"), [("2024-04", "2024/25"), ("2025-03", "2024/25"), ("2000-01", "1999/00"), ("1999-12", "1999/00")]
)
def test_financial_years_run_from_april(month: str, year: str) -> None:
    assert financial_year(month) == year
