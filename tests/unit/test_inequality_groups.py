"""Distances between groups by hand, with missing values, and quantiles of areas by OHID's rule."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.inequality.dispersion import generalised_entropy, hoover, mean_log_deviation, theil
from evaluation.inequality.groups import (
    Attributable,
    Distance,
    GroupMethod,
    attributable_fraction,
    attributable_risk,
    between_group_sd,
    coefficient_of_variation,
    disparity_index,
    mean_difference,
)
from evaluation.inequality.quantiles import assign_quantiles, quantile_reasons
from scenarios.errors import InputError

VALUES, PEOPLE = [40.0, 30.0, 10.0], [100.0, 100.0, 200.0]  # mean 22.5
NAN = math.nan


def test_the_measures_by_hand() -> None:
    variance = 0.25 * 17.5**2 + 0.25 * 7.5**2 + 0.5 * 12.5**2
    assert between_group_sd(VALUES, PEOPLE).estimate == pytest.approx(math.sqrt(variance))
    assert coefficient_of_variation(VALUES, PEOPLE).estimate == pytest.approx(100 * math.sqrt(variance) / 22.5)
    assert disparity_index(VALUES, PEOPLE).estimate == pytest.approx(100 * 12.5 / 22.5)
    assert disparity_index(VALUES, PEOPLE, weighted=False).estimate == pytest.approx(100 * (37.5 / 3) / 22.5)
    assert disparity_index(VALUES, average=20.0, weighted=False).estimate == pytest.approx(100 * (40 / 3) / 20)
    assert mean_difference(VALUES, PEOPLE).estimate == pytest.approx(12.5)
    best = [mean_difference(VALUES, PEOPLE, distance=Distance("best", each)).estimate for each in (True, False)]
    assert best == pytest.approx([0.5 * 30 + 0.0 + 0.25 * 10 + 0.0, 40 / 3])
    lowest = mean_difference(VALUES, PEOPLE, distance=Distance("best", favourable=False)).estimate
    assert lowest == pytest.approx(0.25 * 30 + 0.25 * 20)
    second = mean_difference(VALUES, PEOPLE, distance=Distance("reference", False, reference=1)).estimate
    assert second == pytest.approx(30 / 3)


def test_attributable_risk_and_fraction_by_hand() -> None:
    risk = attributable_risk(VALUES, PEOPLE)
    fraction = attributable_fraction(VALUES, PEOPLE)
    assert (risk.estimate, fraction.estimate) == pytest.approx((-12.5, -100 * 12.5 / 22.5))
    # a, b: the others with and without; c, d: the reference with and without
    a, b, c, d, n = 70.0, 130.0, 20.0, 180.0, 400.0
    walter = math.sqrt(c * n * (a * d * (n - c) + b * c**2) / ((a + c) ** 3 * (c + d) ** 3))
    assert fraction.se == pytest.approx(100 * walter)
    assert risk.se == pytest.approx(22.5 * walter)
    assert attributable_risk(VALUES, PEOPLE, Attributable(favourable=True)).estimate == 0.0
    best = Attributable(favourable=True, ordered=False)
    assert attributable_risk(VALUES, PEOPLE, best).estimate == pytest.approx(17.5)
    assert "no people given" in attributable_risk(VALUES).reason
    assert "beyond their scale" in attributable_risk(VALUES, PEOPLE, Attributable(scale=20.0)).reason


def test_walters_error_is_that_of_repeated_samples() -> None:
    rng = np.random.Generator(np.random.Philox(key=7))
    people = np.array([1_500, 1_500, 2_000])
    found = [attributable_fraction(100 * rng.binomial(people, [0.3, 0.25, 0.2]) / people, people) for _ in range(400)]
    spread = float(np.std([each.estimate for each in found], ddof=1))
    assert float(np.mean([each.se for each in found])) == pytest.approx(spread, rel=0.12)


def test_a_missing_value_is_left_out_and_noted_and_too_many_leave_no_figure() -> None:
    seven = [*VALUES, NAN, 20.0, 25.0, 30.0]
    found = between_group_sd(seven, [1.0] * 7)
    assert found.estimate == pytest.approx(float(np.std([40, 30, 10, 20, 25, 30])))
    assert "1 of 7 groups lack a value" in found.notes[0]
    assert "2 of 5 groups lack a value" in between_group_sd([1.0, NAN, NAN, 2.0, 3.0], [1.0] * 5).reason
    assert "at least 3 are needed" in mean_difference([1.0, 2.0]).reason
    with pytest.raises(InputError, match="all missing"):
        between_group_sd([NAN, NAN], [1.0, 1.0])
    with pytest.raises(InputError, match="above 0"):
        between_group_sd(VALUES, [1.0, 0.0, 1.0])
    with pytest.raises(InputError, match="did you mean 'best'"):
        Distance("bets")
    with pytest.raises(InputError, match="of a group with a value"):
        mean_difference([*VALUES, NAN, 1, 2, 3], distance=Distance("reference", reference=3))


def test_limits_are_simulated_within_bounds_and_say_when_they_lie_too_high() -> None:
    method = GroupMethod(simulations=4_000, highest=100.0)
    clear = mean_difference(VALUES, PEOPLE, [0.5, 0.5, 0.5], method=method)
    assert clear.lower < clear.estimate < clear.upper
    assert clear.cautions == ()
    alike = mean_difference([20.0, 20.1, 19.9], PEOPLE, [3.0, 3.0, 3.0], method=method)
    assert alike.lower > alike.estimate
    assert "lie too high" in alike.cautions[0]
    assert mean_difference(VALUES, PEOPLE, [0.5] * 3, method=method) == clear
    edge = between_group_sd([99.9, 50.0, 0.1], PEOPLE, [5.0, 5.0, 5.0], method)
    assert edge.upper < 50.0


def test_theil_and_mean_log_deviation_have_the_delta_methods_error() -> None:
    rng = np.random.Generator(np.random.Philox(key=8))
    errors = np.array([1.0, 1.5, 0.5])
    for measure in (theil, mean_log_deviation):
        drawn = [measure(rng.normal(VALUES, errors), PEOPLE).estimate for _ in range(2_000)]
        found = measure(VALUES, PEOPLE, errors)
        assert found.se == pytest.approx(float(np.std(drawn)), rel=0.06)
        assert found.lower < found.estimate < found.upper


def test_entropy_and_hoover() -> None:
    incomes = [1.0, 2.0, 3.0, 4.0]
    assert generalised_entropy(incomes, aversion=0).estimate == pytest.approx(mean_log_deviation(incomes).estimate)
    assert generalised_entropy(incomes, aversion=1).estimate == pytest.approx(theil(incomes).estimate)
    near = generalised_entropy(incomes, aversion=1 + 1e-6).estimate
    assert near == pytest.approx(theil(incomes).estimate, rel=1e-4)
    variation = float(np.var(incomes)) / 2.5**2
    assert generalised_entropy(incomes).estimate == pytest.approx(variation / 2)
    assert hoover(incomes).estimate == pytest.approx((1.5 + 0.5 + 0.5 + 1.5) / 4 / 2 / 2.5)
    assert "no such power" in generalised_entropy([0.0, 1.0], aversion=-1).reason
    assert "all values are 0" in hoover([0.0, 0.0]).reason


def test_fifths_of_areas_by_ohids_rule() -> None:
    scores = np.arange(1.0, 11.0)
    assert assign_quantiles(scores).tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert assign_quantiles(scores, highest_is_first=False).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert assign_quantiles([5.0, 5.0, 5.0, 1.0, 1.0, 1.0], 2).tolist() == [1, 1, 1, 2, 2, 2]
    tied = assign_quantiles([9.0, 5.0, 5.0, 5.0, 1.0, 0.0], 3)  # the tie starts within the first third
    assert tied.tolist() == [1, 1, 1, 1, 3, 3]
    counted = np.bincount(assign_quantiles(np.arange(13.0)).astype(int))[1:]
    assert counted.sum() == 13
    assert counted.max() - counted.min() <= 1


def test_areas_without_a_quantile_say_why() -> None:
    scores, place = [3.0, NAN, 1.0, 2.0, 7.0, 8.0], ["a", "a", "a", "a", "b", "b"]
    found, why = assign_quantiles(scores, 3, within=place), quantile_reasons(scores, 3, place)
    assert found[[0, 2, 3]].tolist() == [1, 3, 2]
    assert np.isnan(found[[1, 4, 5]]).all()
    assert [bool(text) for text in why] == [False, True, False, False, True, True]
    assert "2 areas with a score" in why[4]
    with pytest.raises(InputError, match="one each is needed"):
        assign_quantiles(scores, 3, within=["a"])
    with pytest.raises(InputError, match="is infinite"):
        assign_quantiles([1.0, math.inf])
    with pytest.raises(InputError, match="2 and more"):
        assign_quantiles([1.0], 1)
