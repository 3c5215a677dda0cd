"""Slope and relative indices: what they refuse, what they leave undefined, and their named variants."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit

from evaluation.inequality.rank import check_direction, fractional_rank
from evaluation.inequality.slope import slope_index
from evaluation.inequality.slope_ohid import SlopeMethod, reliability, slope_ohid, slopes_ohid
from evaluation.inequality.slope_variants import slope_who_linear, slope_who_logit, slope_york
from scenarios.errors import InputError

FEW = 1_000


def five(**columns: object) -> pd.DataFrame:
    """Return five quintiles on a line from 30 (most deprived) to 10, a hundred people each."""
    table = {
        "quantile": [1, 2, 3, 4, 5],
        "population": [100.0] * 5,
        "value": [30.0, 25.0, 20.0, 15.0, 10.0],
        "se": [1.0] * 5,
    }
    return pd.DataFrame({**table, **columns})


def test_a_straight_line_gives_its_ends() -> None:
    found = slope_ohid(five(), SlopeMethod(simulations=FEW))
    assert found.sii.estimate == pytest.approx(-25.0)
    assert found.intercept == pytest.approx(32.5)
    assert found.rii.estimate == pytest.approx(7.5 / 32.5)
    assert found.sii.lower < -25.0 < found.sii.upper


def test_limits_of_the_normal_line_are_those_of_its_exact_distribution() -> None:
    found = slope_ohid(five(), SlopeMethod(simulations=200_000)).sii
    away = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
    exact = 1.959964 * math.sqrt(((away / (away**2).sum()) ** 2).sum())
    assert found.upper - found.estimate == pytest.approx(exact, rel=0.01)
    assert found.estimate - found.lower == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize(("kind", "transform"), [("normal", False), ("rate", False), ("rate", True)])
def test_simulated_limits_cover_the_true_slope(kind: str, transform: bool) -> None:
    random = np.random.Generator(np.random.Philox(key=51))
    population, rank = np.array([900.0, 1100.0, 1000.0, 1000.0, 1000.0]), np.array([0.09, 0.29, 0.5, 0.7, 0.9])
    truth = np.exp(3.4 - 0.5 * rank) if transform else 30 - 12 * rank
    table, repeats = five(population=population, value=truth), 400
    slope = slope_ohid(table.drop(columns="se"), SlopeMethod(kind, transform)).sii.estimate
    hits = 0
    for counts in random.poisson(truth * population / 100, size=(repeats, 5)):
        value = 100 * counts / population
        se = 1 / np.sqrt(counts) if kind == "rate" else value / np.sqrt(counts)
        found = slope_ohid(
            five(population=population, value=value, se=se), SlopeMethod(kind, transform, simulations=4_000)
        )
        hits += found.sii.lower <= slope <= found.sii.upper
    assert hits / repeats == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / repeats))


def test_agrees_with_the_slope_of_the_compare_report() -> None:
    people, values = [90.0, 210.0, 150.0, 60.0, 120.0], [30.0, 21.0, 22.0, 15.0, 11.0]
    found = slope_ohid(five(population=people, value=values), SlopeMethod(multiplier=-1.0, simulations=FEW))
    other = slope_index(values, people, multiplier=-1.0)
    assert (found.sii.estimate, found.rii.estimate) == (pytest.approx(other.sii), pytest.approx(other.rii))


def test_a_negative_multiplier_turns_both_indices_round() -> None:
    there, back = (slope_ohid(five(), SlopeMethod(multiplier=m, simulations=FEW)) for m in (1.0, -1.0))
    assert back.sii.estimate == pytest.approx(-there.sii.estimate)
    assert back.rii.estimate == pytest.approx(1 / there.rii.estimate)
    assert back.sii.lower == pytest.approx(-there.sii.upper, rel=0.01)


def test_a_multiplier_below_one_keeps_the_sign_with_the_transformed_rate() -> None:
    found = slope_ohid(five(se=[0.05] * 5), SlopeMethod("rate", transform=True, multiplier=0.5, simulations=FEW))
    assert found.sii.lower < found.sii.estimate < found.sii.upper < 0
    assert found.rii.lower < found.rii.estimate < found.rii.upper < 1


@pytest.mark.parametrize("kind", ["rate", "proportion"])
@pytest.mark.parametrize("transform", [False, True])
def test_limits_given_as_limits_are_those_of_their_standard_errors(kind: str, transform: bool) -> None:
    value = np.array([0.5, 0.4, 0.35, 0.3, 0.2])
    to, back = (np.log, np.exp) if kind == "rate" else (lambda x: np.log(x / (1 - x)), expit)
    half = 1.959963984540054 * 0.1
    method = SlopeMethod(kind, transform, simulations=FEW)
    by_se = slope_ohid(five(value=value, se=[0.1] * 5), method)
    limits = five(value=value, lower=back(to(value) - half), upper=back(to(value) + half)).drop(columns="se")
    by_limits = slope_ohid(limits, method)
    assert by_limits.sii.lower == pytest.approx(by_se.sii.lower, rel=1e-9)
    assert by_limits.rii.upper == pytest.approx(by_se.rii.upper, rel=1e-9)


def test_many_areas_at_once_give_what_each_gives_alone() -> None:
    one, two = five(area="one"), five(area="two", value=[9.0, 4.0, 6.0, 8.0, 7.0])
    method = SlopeMethod("rate", simulations=FEW)
    together = slopes_ohid(pd.concat([two, one]).assign(se=0.1), ["area"], method).set_index("area")
    for name, mine in (("one", one), ("two", two)):
        alone = slope_ohid(mine.assign(se=0.1), method)
        assert together.loc[name, "sii"] == alone.sii.estimate
        assert together.loc[name, "rii_upper"] == alone.rii.upper


def test_the_same_seed_gives_the_same_limits_and_another_seed_others() -> None:
    found = [slope_ohid(five(), SlopeMethod(simulations=FEW, seed=seed)).sii.lower for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_reliability_falls_with_more_simulations() -> None:
    few, many = (reliability(five(), SlopeMethod(simulations=n)) for n in (1_000, 50_000))
    assert 0 < many[0] < few[0]
    assert 0 < many[1] < few[1]


def test_undefined_results_say_why() -> None:
    one = slope_ohid(five().head(1), SlopeMethod(simulations=FEW))
    assert math.isnan(one.sii.estimate)
    assert "one group" in one.sii.reason
    zero = slope_ohid(five(value=[0.0] * 5), SlopeMethod(simulations=FEW))
    assert zero.sii.estimate == 0
    assert math.isnan(zero.rii.estimate)
    assert "no ratio" in zero.rii.reason
    silent = slope_ohid(five().drop(columns="se"))
    assert silent.sii.estimate == pytest.approx(-25.0)
    assert math.isnan(silent.sii.lower)
    assert "no interval" in silent.sii.reason
    wide = slope_ohid(
        five(value=[10.0, 8.0, 6.0, 4.0, 2.0], se=[6.0] * 5), SlopeMethod(multiplier=-1.0, simulations=FEW)
    )
    assert math.isnan(wide.rii.upper)
    assert "reach zero" in wide.rii.reason


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"population": [100.0, 0.0, 100.0, 100.0, 100.0]}, "population row 1"),
        ({"quantile": [1, 2, 4, 5, 6]}, "3 of 6 is missing"),
        ({"quantile": [1, 2, 2, 3, 4]}, "2 is there more than once"),
        ({"quantile": [0, 1, 2, 3, 4]}, "row 0"),
        ({"value": [1.0, 2.0, math.nan, 4.0, 5.0]}, "value row 2"),
        ({"se": [1.0, -1.0, 1.0, 1.0, 1.0]}, "se row 1"),
    ],
)
def test_bad_tables_are_refused_in_one_line(columns: dict[str, list[float]], says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        slope_ohid(five(**columns), SlopeMethod(simulations=FEW))
    assert "\n" not in str(caught.value)


def test_a_missing_last_quintile_is_refused_when_five_are_expected() -> None:
    with pytest.raises(InputError, match="5 of 5 is missing"):
        slope_ohid(five().head(4), SlopeMethod(quantiles=5, simulations=FEW))


def test_settings_without_meaning_are_refused() -> None:
    for bad in ({"value_type": "rates"}, {"multiplier": 0.0}, {"simulations": 10}, {"level": 95.0}, {"usual": "up"}):
        with pytest.raises(InputError):
            SlopeMethod(**bad)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="above 0"):
        slope_ohid(five(value=[0.0, 1.0, 2.0, 3.0, 4.0]), SlopeMethod("rate"))


def test_deprivation_coded_from_the_wrong_end_is_detected() -> None:
    quintile = np.repeat([1, 2, 3, 4, 5], 20)
    score = 60.0 - 10 * quintile + np.tile(np.arange(20.0), 5)
    check_direction(quintile, score)
    check_direction(quintile, -score, "rises")
    with pytest.raises(InputError, match="wrong end"):
        check_direction(6 - quintile, score)
    with pytest.raises(InputError, match="wrong end"):
        check_direction([1, 2], [10.0, 40.0])
    check_direction(quintile, np.tile([3.0, 9.0, 4.0, 8.0], 25))  # says nothing about deprivation
    check_direction(quintile, np.zeros(100))
    usual = slope_ohid(five(), SlopeMethod(usual="falls", simulations=FEW))
    turned = slope_ohid(five(quantile=[5, 4, 3, 2, 1]), SlopeMethod(usual="falls", simulations=FEW))
    assert not any("most deprived?" in note for note in usual.sii.notes)
    assert any("most deprived?" in note for note in turned.sii.notes)


def test_ties_share_the_middle_of_their_interval() -> None:
    assert fractional_rank([2, 1, 2], [1.0, 2.0, 1.0]).tolist() == [0.75, 0.25, 0.75]


def test_york_is_not_weighted_and_divides_by_the_mean() -> None:
    people, values = np.array([100.0, 100.0, 300.0]), np.array([60.0, 66.0, 70.0])
    sii, rii = slope_york(values, people)
    rank = np.array([0.1, 0.3, 0.7])
    assert sii.estimate == pytest.approx(np.polyfit(rank, values, 1)[0])
    assert rii.estimate == pytest.approx(sii.estimate / 67.2)
    assert sii.estimate != pytest.approx(slope_index(values, people).sii)
    ols = sm.OLS(values, sm.add_constant(rank)).fit()
    assert sii.se == pytest.approx(ols.bse[1])


def test_who_with_a_straight_line_is_weighted_least_squares_with_hc1_errors() -> None:
    values, people = np.array([81.0, 74.0, 70.0, 69.0, 55.0]), np.array([78.0, 91.0, 162.0, 103.0, 105.0])
    sii, rii = slope_who_linear(values, people)
    rank = fractional_rank(range(5), people)
    line = sm.WLS(values, sm.add_constant(rank), weights=people).fit(cov_type="HC1")
    assert (sii.estimate, sii.se) == pytest.approx((line.params[1], line.bse[1]))
    assert rii.estimate == pytest.approx(line.params.sum() / line.params[0])
    moved = slope_who_linear(values * 1_000, people)
    assert (moved[0].estimate, moved[1].estimate) == pytest.approx((1_000 * sii.estimate, rii.estimate))
    assert "0 or below" in slope_who_linear([-3.0, 1.0, 5.0], [1, 1, 1])[1].reason
    assert "three groups" in slope_who_linear([3.0, 1.0], [1, 1])[0].reason


def test_who_takes_counts_and_weights_twice_over() -> None:
    share, people = np.array([0.42, 0.36, 0.31, 0.22, 0.2]), np.array([500.0, 700.0, 650.0, 400.0, 900.0])
    sii, rii = slope_who_logit(100 * share, people, scale=100.0)
    rank = fractional_rank(range(5), people)
    counted = np.round(share * people) / people
    line = np.zeros(2)
    for _ in range(50):  # Newton's method for the weighted logistic curve
        p = expit(line[0] + line[1] * rank)
        w = people**2 * p * (1 - p)
        x = np.column_stack([np.ones(5), rank])
        line = line + np.linalg.solve((x * w[:, None]).T @ x, x.T @ (people**2 * (counted - p)))
    most, least = expit(line[0]), expit(line.sum())
    assert sii.estimate == pytest.approx(100 * (least - most), rel=1e-8)
    assert rii.estimate == pytest.approx(least / most, rel=1e-8)
    assert sii.lower < sii.estimate < sii.upper < 0
    with pytest.raises(InputError, match="scale"):
        slope_who_logit([1.2, 0.4, 0.3], [10, 10, 10])
    flat, _ = slope_who_logit([0.0] * 5, people)
    assert "no curve" in flat.reason


def test_an_error_that_cannot_be_of_a_log_and_one_group_alone_are_refused() -> None:
    with pytest.raises(InputError, match="a standard error of the log"):
        slope_ohid(five(se=[500.0] * 5), SlopeMethod("rate"))
    with pytest.raises(InputError, match="one group"):
        reliability(five(se=[5.0] * 5).head(1))
    below = reliability(five(value=[-1.0, -2.0, -3.0, -4.0, -5.0], se=[0.5] * 5), SlopeMethod(simulations=1_000))
    assert below[0] > 0
    assert np.isnan(below[1])
