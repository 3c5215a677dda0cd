"""Concentration, welfare and dispersion indices against closed forms and other libraries' regressions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from evaluation.inequality.concentration import (
    ConcentrationMethod,
    concentration_grouped,
    concentration_index,
    extended_concentration_index,
    symmetric_concentration_index,
)
from evaluation.inequality.dispersion import between_group_variance, gini, mean_log_deviation, theil
from evaluation.inequality.rank import fractional_rank
from evaluation.inequality.welfare import equivalent, equivalent_gain, inequality
from scenarios.errors import InputError

RNG = np.random.Generator(np.random.Philox(key=5))
INCOME = RNG.normal(size=300).round(1)  # with ties
WEIGHT = RNG.uniform(0.5, 2.0, 300)
ILL = (RNG.uniform(size=300) < 0.5 - 0.1 * INCOME).astype(float)
AREA = np.repeat(np.arange(30), 10)


def _regression(errors: str) -> tuple[float, float]:
    """Return slope and standard error of the convenient regression, fitted by statsmodels."""
    rank = fractional_rank(INCOME, WEIGHT)
    share = WEIGHT / WEIGHT.sum()
    left = 2 * (share * (rank - 0.5) ** 2).sum() * ILL / (share * ILL).sum()
    scale = np.sqrt(WEIGHT)
    model = sm.OLS(left * scale, np.column_stack([rank * scale, scale]))
    options = {"ols": {}, "robust": {"cov_type": "HC1"}}.get(
        errors, {"cov_type": "cluster", "cov_kwds": {"groups": AREA}}
    )
    fit = model.fit(**options)
    return float(fit.params[0]), float(fit.bse[0])


@pytest.mark.parametrize("errors", ["ols", "robust", "cluster"])
def test_standard_errors_are_those_of_the_convenient_regression(errors: str) -> None:
    slope, se = _regression(errors)
    found = concentration_index(ILL, INCOME, WEIGHT, ConcentrationMethod(errors=errors), AREA)
    assert found.estimate == pytest.approx(slope, rel=1e-10)
    assert found.se == pytest.approx(se, rel=1e-8)


@pytest.mark.parametrize(("errors", "df"), [("ols", 3), ("robust", 3), ("delta", 3), ("cluster", 4)])
def test_limits_of_few_groups_are_students_and_a_caution_says_what_they_rest_on(errors: str, df: int) -> None:
    method, groups = ConcentrationMethod(errors=errors), np.arange(5)
    found = concentration_index([30.0, 27, 21, 19, 10], groups, [1000] * 5, method, groups)
    assert (found.upper - found.estimate) / found.se == pytest.approx(stats.t.ppf(0.975, df))
    (words,) = found.cautions
    kind = "clusters" if errors == "cluster" else "units"
    assert words.startswith(f"limits from the residuals of 5 {kind}: ")
    assert ("still too narrow" in words) == (errors in ("robust", "cluster"))
    many = concentration_index(ILL, INCOME, WEIGHT, method, AREA)
    assert many.cautions == ()
    assert concentration_index(ILL[:29], INCOME[:29], None, method, AREA[:29]).cautions


def test_limits_of_five_groups_about_a_line_hold_the_truth_as_often_as_they_say() -> None:
    """Rates of five groups of 1,000 people: normal limits held 86% of such worlds."""
    rng, rank = np.random.Generator(np.random.Philox(key=11)), np.arange(5)
    chance = 0.3 - 0.04 * rank
    truth = concentration_index(chance, rank).estimate
    found = [concentration_index(rng.binomial(1000, chance) / 1000, rank) for _ in range(600)]
    held = np.mean([each.lower <= truth <= each.upper for each in found])
    assert held == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / 600) ** 0.5)


def test_the_delta_method_adds_the_error_of_the_mean() -> None:
    ranks = np.arange(400.0)
    random = np.random.Generator(np.random.Philox(key=9))

    def sample() -> np.ndarray:
        return (random.uniform(size=400) < 0.2 - 0.15 * (ranks / 400 - 0.5)).astype(float)

    many = [concentration_index(sample(), ranks).estimate for _ in range(400)]
    deltas = [concentration_index(sample(), ranks, None, ConcentrationMethod(errors="delta")).se for _ in range(50)]
    assert np.mean(deltas) == pytest.approx(np.std(many), rel=4 / math.sqrt(800))
    assert "delta" in concentration_index(ILL, INCOME, None, ConcentrationMethod(errors="delta")).notes[0]


def test_erreygers_uses_the_bounds_not_the_range_seen() -> None:
    score = [2.0, 3.0, 5.0, 6.0]
    standard = concentration_index(score, range(4))
    found = concentration_index(score, range(4), None, ConcentrationMethod("erreygers", 0.0, 10.0))
    assert found.estimate == pytest.approx(4 * 4.0 * standard.estimate / 10)
    with pytest.raises(InputError, match="0 to 1"):
        concentration_index(score, range(4), None, ConcentrationMethod("erreygers"))


def test_wagstaff_of_a_scaled_outcome_is_that_of_its_share() -> None:
    score = np.array([2.0, 3.0, 5.0, 6.0])
    scaled = concentration_index(score, range(4), None, ConcentrationMethod("wagstaff", 1.0, 9.0))
    share = concentration_index((score - 1) / 8, range(4), None, ConcentrationMethod("wagstaff"))
    assert scaled.estimate == pytest.approx(share.estimate)
    assert scaled.se == pytest.approx(share.se)


def test_grouped_errors_rest_on_people_when_their_spread_is_known() -> None:
    random = np.random.Generator(np.random.Philox(key=3))
    group = np.repeat(np.arange(5), 200)
    outcome = random.gamma(4.0, (6 - group) / 4)
    means = [outcome[group == g].mean() for g in range(5)]
    spreads = [outcome[group == g].std() for g in range(5)]
    groups = concentration_grouped(means, [200] * 5)
    people = concentration_grouped(means, [200] * 5, spreads)
    micro = concentration_index(outcome, group, None, ConcentrationMethod(errors="delta"))
    assert groups.estimate == people.estimate == pytest.approx(micro.estimate)
    assert people.se == pytest.approx(micro.se, rel=0.15)
    assert (groups.n, people.n) == (5, 1000)


def test_extended_index_by_hand() -> None:
    # ranks 1/6, 1/2, 5/6; weights 1/n + (1 - i/n)^3 - (1 - (i-1)/n)^3 of v = 3
    share = [Fraction(1, 3) + Fraction(3 - i, 3) ** 3 - Fraction(4 - i, 3) ** 3 for i in (1, 2, 3)]
    health = [1, 2, 6]
    by_hand = float(sum(h * w for h, w in zip(health, share, strict=True)) / 3)
    assert extended_concentration_index(health, [1, 2, 3], 3.0).estimate == pytest.approx(by_hand)
    with pytest.raises(InputError, match="above 1"):
        symmetric_concentration_index(health, [1, 2, 3], 1.0)


def test_variants_that_are_multiples_of_one_another() -> None:
    plain, mean = concentration_index(ILL, INCOME, WEIGHT), float(np.average(ILL, weights=WEIGHT))
    rineq = concentration_index(ILL, INCOME, WEIGHT, ConcentrationMethod(small_sample=True))
    assert (rineq.estimate, rineq.se) == pytest.approx((plain.estimate * 299 / 300, plain.se * 299 / 300))
    for index in (extended_concentration_index, symmetric_concentration_index):
        found = index(ILL, INCOME, 3.0, WEIGHT, generalised=True)
        assert found.estimate == pytest.approx(mean * index(ILL, INCOME, 3.0, WEIGHT).estimate)
        assert found.method.startswith("concentration_generalised_")


def test_undefined_concentration_says_why() -> None:
    for outcome, order, says in (
        ([0.0, 0.0, 0.0], [1, 2, 3], "0 everywhere"),
        ([1.0, 2.0, 3.0], [1, 1, 1], "same rank"),
    ):
        found = concentration_index(outcome, order)
        assert math.isnan(found.estimate)
        assert says in found.reason
    assert "same bound" in concentration_index([1.0] * 4, range(4), None, ConcentrationMethod("wagstaff")).reason
    two = concentration_index([1.0, 2.0], [1, 2])
    assert two.estimate > 0
    assert "no standard error" in two.reason


def test_concentration_refuses_bad_input() -> None:
    for outcome, order, weights in (
        ([1.0, math.nan], [1, 2], None),
        ([1.0, -1.0], [1, 2], None),
        ([1.0, 2.0], [1, 2, 3], None),
        ([1.0, 2.0], [1, 2], [0.0, 0.0]),
    ):
        with pytest.raises(InputError):
            concentration_index(outcome, order, weights)
    with pytest.raises(InputError, match="clusters"):
        concentration_index(ILL, INCOME, None, ConcentrationMethod(errors="cluster"))


def test_equivalents_have_their_closed_forms() -> None:
    health, people = [50.0, 70.0, 80.0], [2.0, 1.0, 1.0]
    assert equivalent(health, people, aversion=1.0).estimate == pytest.approx((50.0**2 * 70 * 80) ** 0.25)
    assert equivalent(health, people, aversion=2.0).estimate == pytest.approx(4 / (2 / 50 + 1 / 70 + 1 / 80))
    kolm = -math.log((2 * math.exp(-5) + math.exp(-7) + math.exp(-8)) / 4) / 0.1
    assert equivalent(health, people, "kolm", 0.1).estimate == pytest.approx(kolm)
    assert inequality(health, people, "kolm", 0.1).estimate == pytest.approx(62.5 - kolm)
    assert inequality(health, people, "extended_gini", 2.0).estimate == pytest.approx(gini(health, people).estimate)


def test_extreme_aversion_stays_finite_and_tends_to_the_worst_off() -> None:
    health = [62.0, 68.0, 75.0]
    assert equivalent(health, aversion=5_000.0).estimate == pytest.approx(62.0, rel=1e-3)
    assert equivalent(health, None, "kolm", 500.0).estimate == pytest.approx(62.0, rel=1e-3)
    assert equivalent([0.0, 10.0], aversion=2.0).estimate == 0.0
    assert equivalent([0.0, 16.0], aversion=0.5).estimate == pytest.approx(4.0)


@pytest.mark.parametrize("near", [1e-9, -1e-9, 1e-16])
def test_aversion_beside_a_special_value_gives_what_that_value_gives(near: float) -> None:
    health = [62.0, 68.0, 75.0]
    geometric = equivalent(health, aversion=1.0).estimate
    assert equivalent(health, aversion=1.0 + near).estimate == pytest.approx(geometric, rel=1e-8)
    for measure in ("atkinson", "kolm"):
        assert equivalent(health, None, measure, abs(near)).estimate == pytest.approx(np.mean(health), rel=1e-8)


@pytest.mark.parametrize("measure", ["atkinson", "kolm", "extended_gini"])
def test_a_tiny_change_is_not_lost_in_rounding(measure: str) -> None:
    before, people = np.array([63.0, 68.0, 70.0, 73.0, 75.0]), [10.0] * 5
    change = np.array([3.0, 2.0, 1.0, 1.0, 0.0])
    small = equivalent_gain(before, 1e-13 * change, people, measure, 1.5).estimate
    slope = (equivalent_gain(before, 1e-5 * change, people, measure, 1.5).estimate) / 1e-5
    assert small / 1e-13 == pytest.approx(slope, rel=1e-4)
    whole = equivalent_gain(before, change, people, measure, 1.5).estimate
    apart = [equivalent(at, people, measure, 1.5).estimate for at in (before + change, before)]
    assert whole == pytest.approx(50 * (apart[0] - apart[1]))


def test_large_changes_and_empty_groups_are_not_lost_either() -> None:
    for measure, aversion in (("kolm", 500.0), ("atkinson", 300.0), ("atkinson", 2.0)):
        before, change, people = np.array([40.0, 60.0, 70.0]), np.array([5.0, -8.0, 1.0]), [0.0, 2.0, 1.0]
        gain = equivalent_gain(before, change, people, measure, aversion).estimate
        apart = [equivalent(at, people, measure, aversion).estimate for at in (before + change, before)]
        assert gain == pytest.approx(3 * (apart[0] - apart[1]))


def test_welfare_limits_follow_from_the_groups_errors() -> None:
    found = equivalent([60.0, 70.0], [1.0, 1.0], "kolm", 0.0, [1.0, 1.0])
    assert found.se == pytest.approx(math.sqrt(0.5), rel=1e-6)
    assert found.upper - found.estimate == pytest.approx(1.959964 * math.sqrt(0.5), rel=1e-5)


def test_welfare_refuses_bad_input() -> None:
    for options in ({"measure": "atkins"}, {"aversion": -1.0}, {"measure": "extended_gini", "aversion": 0.5}):
        with pytest.raises(InputError):
            equivalent([1.0, 2.0], **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="health row 0"):
        equivalent([-1.0, 2.0])
    with pytest.raises(InputError, match="all 0"):
        equivalent([1.0, 2.0], [0.0, 0.0])


def test_dispersion_by_hand() -> None:
    assert gini([0.0, 0.0, 4.0]).estimate == pytest.approx(2 / 3)
    assert gini([0.0, 0.0, 4.0], corrected=True).estimate == pytest.approx(1.0)
    assert theil([0.0, 2.0]).estimate == pytest.approx(math.log(2))
    assert mean_log_deviation([1.0, 4.0]).estimate == pytest.approx(math.log(2.5) - math.log(4) / 2)
    assert "no logarithm" in mean_log_deviation([0.0, 1.0]).reason
    assert "no share" in gini([0.0, 0.0]).reason
    assert "no share" in theil([0.0, 0.0]).reason


def test_between_group_variance_and_its_error() -> None:
    found = between_group_variance([10.0, 20.0], [3.0, 1.0], [1.0, 2.0])
    assert found.estimate == pytest.approx(0.75 * 2.5**2 + 0.25 * 7.5**2)
    random = np.random.Generator(np.random.Philox(key=11))
    draws = np.array([10.0, 20.0]) + random.normal(size=(40_000, 2)) * [1.0, 2.0]
    simulated = 0.75 * 0.25 * (draws[:, 0] - draws[:, 1]) ** 2
    assert found.se == pytest.approx(simulated.std(), rel=0.03)
    assert "one group" in between_group_variance([1.0], [1.0]).reason
