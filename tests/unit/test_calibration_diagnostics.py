"""Weights, chains, scores, ranks and closed-form posteriors do what their sources say, at the edges too."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calibration.diagnostics import chains as c
from calibration.diagnostics import scores as s
from calibration.diagnostics import weights as w
from calibration.diagnostics.coverage import coverage_table, predictions
from calibration.diagnostics.ranks import coverage, ecdf_bands, rank_of, uniformity
from calibration.fit.results import Results
from calibration.page.words import worth
from calibration.posterior import conjugate as k
from calibration.posterior.importance import Weighted, reweighted
from calibration.posterior.pareto import limit, smoothed
from evaluation.draws import generator
from scenarios.errors import InputError

some_weights = st.lists(st.floats(0.0, 1e3), min_size=1, max_size=30).filter(lambda values: sum(values) > 1e-6)


@given(some_weights)
def test_sizes_of_weights_lie_between_one_and_their_number(values: list[float]) -> None:
    found = np.array(values)
    kish, perplexity = w.kish_size(found), w.perplexity(found)
    assert 1 - 1e-9 <= kish <= perplexity + 1e-6
    assert perplexity <= len(found) + 1e-6
    assert w.kish_size(3 * found) == pytest.approx(kish)


def test_equal_weights_are_all_worth_one() -> None:
    assert w.kish_size(np.full(7, 0.3)) == pytest.approx(7)
    assert w.perplexity(np.full(7, 0.3)) == pytest.approx(7)
    assert w.entropy(np.full(7, 0.3)) == pytest.approx(math.log(7))
    assert w.from_logs(np.array([-1000.0, -1000.0])) == pytest.approx([0.5, 0.5])
    assert w.from_logs(np.array([0.0, -np.inf])) == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([], "there are none"),
        ([0.0, 0.0], "all weights are zero"),
        ([1.0, -0.1], "row 1: is -0.1"),
        ([np.nan], "row 0"),
    ],
)
def test_weights_that_are_none_are_refused(weights: list[float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        w.kish_size(np.array(weights))
    if weights and not np.isnan(weights[0]):
        with pytest.raises(InputError, match="all weights are zero"):
            w.from_logs(np.full(len(weights), -np.inf))


def test_weighted_means_and_spreads_are_those_of_repeated_values() -> None:
    values, counts = np.array([[1.0, 5.0], [2.0, 3.0], [4.0, 8.0]]), np.array([2, 1, 3])
    repeated = np.repeat(values, counts, axis=0)
    assert w.weighted_mean(values, counts) == pytest.approx(repeated.mean(axis=0))
    assert w.weighted_covariance(values, counts) == pytest.approx(np.cov(repeated.T, bias=True))
    assert w.weighted_sd(values, counts) == pytest.approx(repeated.std(axis=0))
    equal = w.weighted_covariance(repeated, np.ones(6), unbiased=True)
    assert equal == pytest.approx(np.cov(repeated.T))


def test_weighted_quantiles_by_three_rules() -> None:
    values, equal = np.array([3.0, 1.0, 2.0, 5.0, 4.0]), np.ones(5)
    at = np.array([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
    assert w.weighted_quantile(values, at, equal, "midpoint") == pytest.approx(np.quantile(values, at, method="hazen"))
    assert w.weighted_quantile(values, at, equal, "linear") == pytest.approx(np.quantile(values, at))
    inverted = np.quantile(values, at, method="inverted_cdf")
    assert w.weighted_quantile(values, at, equal, "inverse_cdf") == pytest.approx(inverted)
    uneven = np.array([0.1, 0.7, 0.2])
    assert w.weighted_quantile(np.array([1.0, 2.0, 3.0]), 0.5, uneven, "inverse_cdf") == 2.0
    assert w.weighted_quantile(np.array([1.0, 2.0, 9.0]), 0.99, np.array([0.5, 0.5, 0.0])) == 2.0
    with pytest.raises(InputError):
        w.weighted_quantile(values, 1.2, equal)
    with pytest.raises(ValueError, match="no method"):
        w.weighted_quantile(values, 0.5, equal, "type 6")


@settings(max_examples=30)
@given(some_weights, st.integers(1, 60))
def test_systematic_resampling_takes_each_in_proportion(values: list[float], count: int) -> None:
    weights = np.array(values)
    taken = np.bincount(w.resampled(weights, count, generator(1, "resampled", count)), minlength=len(weights))
    expected = count * weights / weights.sum()
    assert (np.abs(taken - expected) < 1 + 1e-6).all()


def autoregressive(phi: float, count: int, draws: int) -> np.ndarray:
    steps = generator(2, "ar", str(phi), count, draws).standard_normal((count, draws))
    found = np.empty_like(steps)
    found[:, 0] = steps[:, 0] / math.sqrt(1 - phi**2)
    for at in range(1, draws):
        found[:, at] = phi * found[:, at - 1] + steps[:, at]
    return found


@pytest.mark.parametrize("phi", [-0.5, 0.0, 0.5, 0.9])
def test_sizes_of_chains_are_those_of_theory(phi: float) -> None:
    made = autoregressive(phi, 8, 20_000)
    expected = c.ar1_size(made.size, phi)
    assert c.bulk_size(made) == pytest.approx(expected, rel=0.1)
    assert c.mean_size(made) == pytest.approx(expected, rel=0.1)
    sd = 1 / math.sqrt(1 - phi**2)
    assert c.mean_error(made) == pytest.approx(sd / math.sqrt(expected), rel=0.1)
    assert c.rhat(made) < 1.01


def test_rhat_sees_chains_that_differ_in_place_or_spread() -> None:
    alike = autoregressive(0.3, 4, 1000)
    moved = alike + np.array([0, 0, 0, 2])[:, None]
    wider = alike * np.array([1, 1, 1, 4])[:, None]
    for method in ("rank", "split", "plain", "z_scale"):
        assert c.rhat(moved, method) > 1.1
    assert c.rhat(wider) > 1.1
    assert c.rhat(wider, "split") < 1.05  # only folding sees a difference in spread
    trend = alike + np.linspace(0, 3, 1000)
    assert c.rhat(trend) > 1.1
    assert c.rhat(trend, "plain") < 1.05  # only splitting sees a trend
    heavy = generator(3, "cauchy").standard_cauchy((4, 1000))
    assert c.rhat(heavy) < 1.05


def test_chains_of_which_nothing_can_be_said() -> None:
    assert math.isnan(c.rhat(np.zeros((2, 3))))
    assert math.isnan(c.bulk_size(np.full((2, 100), np.nan)))
    assert math.isnan(c.rhat(np.ones((4, 100))))
    assert c.bulk_size(np.ones((4, 100))) == 400
    with pytest.raises(ValueError, match="no method"):
        c.rhat(autoregressive(0.0, 2, 100), "other")


def test_other_sizes_and_errors_of_chains() -> None:
    made = autoregressive(0.5, 4, 4000)
    assert 0 < c.tail_size(made) < made.size
    assert c.tail_size(made) == min(c.quantile_size(made, 0.05), c.quantile_size(made, 0.95))
    assert c.median_size(made) == c.quantile_size(made, 0.5)
    assert 0 < c.local_size(made, 0.4, 0.6) < 1.2 * made.size
    assert 0 < c.sd_size(made) < made.size
    several = [np.quantile(autoregressive(0.5, 4, 4000 + at), 0.9) for at in range(60)]
    assert c.quantile_error(made, 0.9) == pytest.approx(np.std(several), rel=0.3)


def test_scores_agree_with_integrals_and_with_each_other() -> None:
    y = 1.3
    law = stats.lognorm(0.5, scale=math.exp(0.2))
    by_hand = s.crps_of(y, law.cdf, 0.0, 60.0)
    assert float(s.crps_log_normal(y, 0.2, 0.5)) == pytest.approx(by_hand, abs=1e-6)
    draws = law.rvs(40_000, random_state=generator(4, "log normal"))
    assert s.crps_sample(y, draws) == pytest.approx(by_hand, rel=0.03)
    count = stats.nbinom(5, 0.3)
    brute = sum((count.cdf(j) - (j >= 9)) ** 2 for j in range(200))
    assert s.crps_counts(9, count.cdf, 400) == pytest.approx(brute)
    assert s.crps_sample(9, count.rvs(40_000, random_state=generator(5, "count"))) == pytest.approx(brute, rel=0.04)
    assert float(s.absolute_error(3.0, 5.0)) == s.crps_sample(3.0, np.array([5.0])) == 2.0


def test_the_score_of_draws_is_their_double_sum() -> None:
    draws, weights = generator(6, "draws").standard_normal(40), generator(6, "weights").random(40)
    share = weights / weights.sum()
    apart = np.abs(draws[:, None] - draws[None, :])
    expected = (share * np.abs(draws - 0.4)).sum() - 0.5 * share @ apart @ share
    assert s.crps_sample(0.4, draws, weights) == pytest.approx(expected)
    equal = np.abs(draws - 0.4).mean() - 0.5 * apart.sum() / (40 * 39)
    assert s.crps_sample(0.4, draws, fair=True) == pytest.approx(equal)
    assert s.energy_score(np.array([0.4]), draws[:, None], weights) == pytest.approx(expected)
    assert s.energy_score(np.array([0.4]), draws[:, None], fair=True) == pytest.approx(equal)


def test_proper_scores_are_best_at_the_truth() -> None:
    truth = generator(7, "truth").normal(1.0, 2.0, 20_000)
    laws = [(1.0, 2.0), (1.5, 2.0), (1.0, 3.0), (1.0, 1.2)]
    for score in (s.crps_normal, s.dawid_sebastiani, lambda y, m, d: -s.log_score_normal(y, m, d)):
        found = [float(np.mean(score(truth, mean, sd))) for mean, sd in laws]
        assert min(found) == found[0]
    ends = [(stats.norm.ppf(0.05, m, d), stats.norm.ppf(0.95, m, d)) for m, d in laws]
    assert np.argmin([s.interval_score(truth, low, high, 0.9).mean() for low, high in ends]) == 0
    assert np.argmin([s.quantile_score(truth, high, 0.95).mean() for _, high in ends]) == 0
    pairs = generator(8, "pairs").multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 300)
    right = generator(9, "right").multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 400)
    wrong = generator(9, "wrong").multivariate_normal([0, 0], [[1, -0.8], [-0.8, 1]], 400)
    for score in (s.energy_score, s.variogram_score):
        assert np.mean([score(y, right) for y in pairs]) < np.mean([score(y, wrong) for y in pairs])


def test_the_weighted_interval_score_comes_near_the_crps() -> None:
    levels = np.linspace(0.01, 0.99, 99)
    intervals = [(stats.norm.ppf((1 - x) / 2), stats.norm.ppf((1 + x) / 2), x) for x in levels]
    found = s.weighted_interval_score(0.7, 0.0, intervals)
    assert found == pytest.approx(float(s.crps_normal(0.7, 0.0, 1.0)) / 1.0, rel=0.03)
    assert s.brier(1.0, 0.8) == pytest.approx(0.04)
    assert s.skill(1.0, 4.0) == 0.75
    assert math.isnan(s.skill(1.0, 0.0))
    assert s.pit_sample(2.0, np.array([1.0, 2.0, 3.0]), u=0.5) == pytest.approx(0.5)
    assert s.pit_sample(2.0, np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 1.0]), u=1.0) == pytest.approx(0.75)


def test_ranks_are_counts_and_uneven_bins_are_allowed_for() -> None:
    assert rank_of(np.array([0.5, 2.0]), np.array([[0.1, 1.0], [0.4, 3.0], [0.9, 1.5]])).tolist() == [2, 2]
    ranks = generator(10, "ranks").integers(0, 64, 3000)
    found = uniformity(ranks, 63, 10)  # 64 ranks in 10 bins: of 6 or 7
    assert found.p_value > 0.01
    assert found.passes
    assert coverage(np.arange(100), 99, 0.9) == pytest.approx(0.9)
    assert coverage(np.arange(100), 99, 0.5) == pytest.approx(0.5)
    for wrong, bins, words in (
        (np.array([100]), 20, "0 to 99"),
        (ranks, 1, "from 2 to 100"),
        (ranks[:50], 20, "at least 5"),
    ):
        with pytest.raises(InputError, match=words):
            uniformity(wrong, 99, bins)


def test_bands_hold_uniform_ranks_as_often_as_they_say() -> None:
    places, lower, upper = ecdf_bands(200, 99, 0.95)
    inside = 0
    for at in range(300):
        ranks = generator(11, "bands", at).integers(0, 100, 200)
        share = (ranks[:, None] < places * 100).mean(axis=0)
        inside += bool(((share >= lower) & (share <= upper)).all())
    assert 0.90 < inside / 300 < 0.99


def test_closed_forms_agree_with_sampling() -> None:
    rng = generator(12, "conjugate")
    y = rng.normal(3.0, 2.0, 12)
    after = k.NormalInverseGamma(0.0, 0.5, 2.0, 3.0).updated(y.tolist())
    variances = stats.invgamma(2.0, scale=3.0).rvs(200_000, random_state=rng)
    means = rng.normal(0.0, np.sqrt(variances / 0.5))
    logs = stats.norm.logpdf(y[:, None], means, np.sqrt(variances)).sum(axis=0)
    weights = w.from_logs(logs)
    assert after.mean.mean == pytest.approx(float(weights @ means), abs=0.05)
    assert after.variance.mean == pytest.approx(float(weights @ variances), rel=0.05)
    assert after.mean.sd == pytest.approx(float(w.weighted_sd(means, weights)), rel=0.06)
    assert after.prediction.sd == pytest.approx(math.sqrt(after.variance.mean * (1 + 1 / after.size)), rel=0.01)
    step = k.NormalInverseGamma(0.0, 0.5, 2.0, 3.0).updated(y[:5].tolist()).updated(y[5:].tolist())
    assert step.scale == pytest.approx(after.scale)
    assert k.normal_variance(2.0, 3.0, 3.0, y.tolist()).mean == pytest.approx(
        (3 + ((y - 3) ** 2).sum() / 2) / (2 + 6 - 1)
    )
    shares = k.dirichlet_multinomial([1, 1, 2], [10, 5, 3])
    assert [each.mean for each in shares] == pytest.approx([11 / 22, 6 / 22, 5 / 22])
    assert np.sqrt(np.diag(k.dirichlet_covariance([1, 1, 2], [10, 5, 3]))) == pytest.approx(
        [each.sd for each in shares]
    )
    assert k.gamma_exponential(2.0, 1.0, [0.5, 1.5]).mean == pytest.approx(4 / 3)
    assert k.beta_binomial_prediction(2, 3, 4, 10, 20).mean == pytest.approx(20 * k.beta_binomial(2, 3, 4, 10).mean)
    one = k.normal_mean_prediction(0.0, 4.0, 1.5, y.tolist())
    assert one.variance == pytest.approx(k.normal_mean(0.0, 4.0, 1.5, y.tolist()).variance + 1.5**2)
    assert k.normal_mean(0.0, 4.0, 1.5, y.tolist()).interval(0.9)[0] < one.mean


def test_the_linear_gaussian_posterior_is_that_of_one_number_at_a_time() -> None:
    y = [1.0, 2.0, 4.0]
    found = k.linear_gaussian(np.ones((3, 1)), np.array(y), np.full(3, 2.25), np.array([0.5]), np.array([9.0]))
    known = k.normal_mean(0.5, 3.0, 1.5, y)
    assert found.of(0).mean == pytest.approx(known.mean)
    assert found.sd[0] == pytest.approx(known.sd)


def test_smoothed_weights_say_when_they_cannot_be_trusted() -> None:
    rng = generator(13, "pareto")
    good = stats.norm.logpdf(z := rng.standard_normal(4000) * 1.2) - stats.norm.logpdf(z, scale=1.2)
    bad = stats.norm.logpdf(z2 := rng.standard_normal(4000), 3.0) - stats.norm.logpdf(z2)  # three sds away
    logs, shape = smoothed(good)
    assert shape < 0.5
    assert smoothed(bad)[1] > 0.7
    assert w.kish_size(w.from_logs(logs)) >= 0.98 * w.kish_size(w.from_logs(good))
    assert math.isnan(smoothed(np.zeros(10))[1])
    assert smoothed(np.zeros(100))[0] == pytest.approx(np.zeros(100))


def test_the_shape_that_can_be_trusted_hangs_on_how_many_draws_there_are() -> None:
    assert limit(24) == pytest.approx(0.275, abs=0.001)
    assert limit(200) == pytest.approx(0.565, abs=0.001)
    assert limit(10_000) == 0.7
    assert limit(1) == -math.inf
    weights = np.full(200, 1 / 200)
    assert Weighted(weights, 200.0, 0.5, 200.0).reliable
    assert Weighted(weights, 200.0, 0.65, 200.0).reliable is False  # below 0.7, and 200 draws do not bear it
    assert Weighted(np.full(4000, 1 / 4000), 4000.0, 0.65, 4000.0).reliable
    assert Weighted(np.full(4000, 1 / 4000), 4000.0, 0.65, 4000.0, tail_draws=200).reliable is False


def test_a_tail_of_too_few_draws_is_not_told() -> None:
    few = reweighted(-np.arange(12.0), np.zeros(12))
    assert math.isnan(few.tail_shape)
    assert few.reliable is None
    result = {"points": 12, "kish_size": 5.0, "pareto_shape": math.nan, "weights_reliable": few.reliable}
    assert worth(Results({}, {"result": result})).verdict == "not met"
    assert worth(Results({}, {"result": result | {"kish_size": 120.0}})).verdict == "not told"


def test_predictions_are_told_with_coverage_and_scores() -> None:
    rng = generator(14, "predictions")
    truth = rng.normal(10.0, 1.0, 400)
    draws = truth + rng.normal(0, 2.0, 400) + rng.normal(0, 2.0, (3000, 400))
    found = predictions([f"t{at}" for at in range(400)], truth, draws)
    table = coverage_table(found).set_index("level")
    for level in (0.5, 0.8, 0.9, 0.95):
        assert table["by_chance_low"][level] - 0.02 <= table["inside"][level] <= table["by_chance_high"][level] + 0.02
    assert found["half_width_share"].median() == pytest.approx(1.645 * 2 / 10, rel=0.1)
    assert stats.kstest(found["pit"], "uniform").pvalue > 0.001
    assert isinstance(found, pd.DataFrame)
    weighted = predictions(["a"], np.array([0.0]), np.array([[0.0], [10.0]]), np.array([1.0, 0.0])).iloc[0]
    assert weighted["mean"] == weighted["crps"] == 0.0
