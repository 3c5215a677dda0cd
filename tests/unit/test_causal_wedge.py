"""The stepped wedge's mixed model stands at the optimum, tells of months alike, and plans with the test it uses."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from evaluation.causal.mixed import fit_mixed
from evaluation.causal.stepped_wedge import (
    WedgeDesign,
    detectable_effect,
    effect_variance,
    mixed_model,
    power,
    power_curve,
    standard_wedge,
)
from evaluation.causal.study import Study, read_study
from evaluation.draws import generator
from evaluation.estimate import NO_WIDTH
from scenarios.errors import InputError

ALIKE = "resemble the one before"


def starts(clusters: int, periods: int) -> np.ndarray:
    return 1 + np.arange(clusters) * (periods - 1) // clusters


def study_of(outcome: np.ndarray, first: np.ndarray) -> Study:
    """Return the study of clusters x periods, one unit to a cluster."""
    clusters, periods = outcome.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(clusters), periods),
            "month": np.tile(np.arange(periods), clusters),
            "first": np.repeat(first, periods),
            "outcome": outcome.ravel(),
        }
    )
    return read_study(frame, unit="unit", time="month", outcome="outcome", first_treated="first")


def drawn(seed: int, clusters: int, periods: int, between: float, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return an outcome with noise of 1 and cluster effects of standard deviation ``between``, and its starts."""
    rng, first = generator(seed, "wedge at its optimum"), starts(clusters, periods)
    shared = rng.normal(0, between, (clusters, 1)) + rng.normal(0, 1, periods)
    return shared + rng.normal(0, 1, (clusters, periods)) + effect * (np.arange(periods) >= first[:, None]), first


def design_of(first: np.ndarray, periods: int) -> np.ndarray:
    treated = (np.arange(periods) >= first[:, None]).astype(float)
    return np.column_stack([treated.ravel(), np.tile(np.eye(periods), (len(first), 1))])


def dense(y: np.ndarray, x: np.ndarray, covariance: np.ndarray) -> tuple[float, float, float, float]:
    """Return residual log-likelihood, first coefficient, its error and residual variance, by whole matrices."""
    inverse = np.linalg.inv(covariance)
    information = x.T @ inverse @ x
    beta = np.linalg.solve(information, x.T @ inverse @ y)
    rest = float((y - x @ beta) @ inverse @ (y - x @ beta))
    df = len(y) - x.shape[1]
    logs = df * math.log(rest) + np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    return -0.5 * float(logs), beta[0], math.sqrt(rest / df * np.linalg.inv(information)[0, 0]), rest / df


def best_by_hand(outcome: np.ndarray, first: np.ndarray) -> tuple[float, float, float]:
    """Return the correlation, estimate and error at the optimum of the random intercept's residual likelihood."""
    clusters, periods = outcome.shape
    x, y = design_of(first, periods), outcome.ravel()
    together = np.kron(np.eye(clusters), np.ones((periods, periods)))

    def at(ratio: float) -> tuple[float, float, float, float]:
        return dense(y, x, np.eye(len(y)) + ratio * together)

    top = optimize.minimize_scalar(lambda log: -at(math.exp(log))[0], bounds=(-14, 8), method="bounded")
    ratio = math.exp(top.x) if -top.fun > at(0.0)[0] else 0.0
    _, value, se, _ = at(ratio)
    return ratio / (1 + ratio), value, se


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("clusters", "periods", "between"),
    [(12, 13, 0.3), (12, 13, 1.0), (24, 7, 0.5), (24, 7, 1.0), (6, 4, 1.0), (8, 9, 0.0)],
)
def test_the_mixed_model_stands_at_the_optimum_of_its_likelihood(
    seed: int, clusters: int, periods: int, between: float
) -> None:
    outcome, first = drawn(seed, clusters, periods, between)
    icc, value, se = best_by_hand(outcome, first)
    made = mixed_model(study_of(outcome, first))
    assert made.diagnostics["icc"] == pytest.approx(icc, abs=1e-4)
    assert made.estimate == pytest.approx(value, abs=1e-3 * se)
    assert made.se == pytest.approx(se, rel=1e-3)


def test_clusters_that_differ_moderately_are_never_said_to_be_alike() -> None:
    made = [mixed_model(study_of(*drawn(seed, 12, 25, 1.0))) for seed in range(30)]
    assert min(each.diagnostics["icc"] for each in made) > 0.1
    assert np.mean([each.diagnostics["icc"] for each in made]) == pytest.approx(0.5, abs=0.06)
    assert not any("found to be 0" in " ".join(each.cautions) for each in made)


def test_where_clusters_do_not_differ_the_variance_is_0_about_half_the_time_and_users_are_told() -> None:
    made = [mixed_model(study_of(*drawn(seed, 12, 13, 0.0))) for seed in range(60)]
    none = [each.diagnostics["between_variance"] == 0 for each in made]
    assert 0.3 < np.mean(none) < 0.75
    assert [any("found to be 0" in words for words in each.cautions) for each in made] == none


@pytest.mark.parametrize("random", [("cluster_period",), ("cluster_period", "unit")])
@pytest.mark.parametrize("seed", range(3))
def test_no_other_variances_are_likelier_where_there_are_several(seed: int, random: tuple[str, ...]) -> None:
    """Units that come and go: the likelihood of whole matrices falls whichever way one or all variances are moved."""
    rng, first = generator(seed, "several variances"), starts(6, 5)
    cluster, month = np.repeat(np.arange(6), 15), np.tile(np.arange(5), 18)
    unit, kept = np.repeat(np.arange(18), 5), rng.random(90) < 0.9
    shocks = rng.normal(0, 0.7, (6, 5))[cluster, month] + rng.normal(0, 1, 6)[cluster] + rng.normal(0, 0.7, 18)[unit]
    y, x = (shocks + rng.normal(0, 1, 90))[kept], design_of(first[np.arange(18) // 3], 5)[kept]
    cluster, labels = cluster[kept], {"cluster_period": month[kept], "unit": unit[kept]}
    parts = [np.zeros(len(y), dtype=int), *(labels[name] for name in random)]
    made = fit_mixed(y, x, cluster, parts)
    assert made.settled
    same = cluster[:, None] == cluster
    shared = [(same & (part[:, None] == part)).astype(float) for part in parts]

    def likelihood(ratios: np.ndarray) -> float:
        return dense(y, x, np.eye(len(y)) + sum(r * s for r, s in zip(ratios, shared, strict=True)))[0]

    found = made.variances / made.within
    top = likelihood(found)
    for moved in (
        *(found * (1 + 0.2 * step) for step in rng.uniform(-1, 1, (20, len(parts)))),
        found + 0.02,
        found + 2.0,
    ):
        assert likelihood(moved) <= top + 1e-6
    for at in np.eye(len(parts)):
        assert likelihood(found + 0.02 * at) <= top + 1e-6
    _, value, se, within = dense(y, x, np.eye(len(y)) + sum(r * s for r, s in zip(found, shared, strict=True)))
    assert (made.coefficients[0], made.within) == pytest.approx((value, within), rel=1e-6)
    assert math.sqrt(made.covariance[0, 0]) == pytest.approx(se, rel=1e-6)


def test_the_unit_of_the_outcome_changes_nothing() -> None:
    outcome, first = drawn(3, 12, 13, 1.0, effect=-1.0)
    plain, other = mixed_model(study_of(outcome, first)), mixed_model(study_of(1e6 + 1e3 * outcome, first))
    assert other.estimate == pytest.approx(1e3 * plain.estimate, rel=1e-5)
    assert other.se == pytest.approx(1e3 * plain.se, rel=1e-5)
    assert other.diagnostics["icc"] == pytest.approx(plain.diagnostics["icc"], rel=1e-4)


@pytest.mark.parametrize("own", [0.0, 1.0])
def test_where_nothing_varies_within_clusters_limits_have_no_width_and_say_so(own: float) -> None:
    first = starts(12, 7)
    outcome = own * np.arange(12.0)[:, None] + np.arange(7) - 2.0 * (np.arange(7) >= first[:, None])
    made = mixed_model(study_of(outcome, first))
    assert made.estimate == pytest.approx(-2.0)
    assert NO_WIDTH in made.cautions
    assert not any(ALIKE in words for words in made.cautions)


def test_more_rows_than_effects_are_needed() -> None:
    with pytest.raises(InputError, match="more are needed"):
        mixed_model(study_of(np.array([[1.0, 2.0, np.nan], [np.nan, 4.0, 9.0]]), np.array([1, 2])))


def carried_over(seed: int, correlation: float) -> Study:
    """Twelve clusters, 25 months, each month's deviation ``correlation`` times the last one's and noise; no effect."""
    rng, first = generator(seed, "months alike"), starts(12, 25)
    errors = rng.normal(0, 1, (12, 25))
    for month in range(1, 25):
        errors[:, month] = correlation * errors[:, month - 1] + math.sqrt(1 - correlation**2) * errors[:, month]
    return study_of(rng.normal(0, 1, (12, 1)) + errors, first)


def told(make: Callable[[int], Study], seeds: int) -> float:
    """Return the share of studies whose user is told that a cluster's months are alike."""
    return float(np.mean([any(ALIKE in each for each in mixed_model(make(s)).cautions) for s in range(seeds)]))


def test_users_are_told_where_months_of_a_cluster_resemble_the_last() -> None:
    assert told(lambda seed: carried_over(seed, 0.6), 20) == 1.0
    assert told(lambda seed: carried_over(seed, 0.3), 20) >= 0.8
    assert told(lambda seed: carried_over(seed, 0.0), 60) <= 0.15
    made = [mixed_model(carried_over(seed, 0.3)) for seed in range(20)]
    found = [each.diagnostics["autocorrelation_lag_1"] for each in made]
    assert np.mean(found) == pytest.approx(0.28, abs=0.06)  # short series give a little less than 0.3
    words = next(each for each in made[0].cautions if ALIKE in each)
    assert "randomisation test" in words
    assert any("differ by chance alone" in each for each in made[0].assumptions)


def test_with_two_periods_nothing_is_said_of_months_alike() -> None:
    outcome = generator(1, "two periods").normal(0, 1, (8, 2))
    made = mixed_model(study_of(outcome, np.where(np.arange(8) < 4, 1.0, np.nan)))
    assert "autocorrelation_lag_1" not in made.diagnostics


def test_power_is_that_of_the_analysis_own_test() -> None:
    """Six clusters: a t that is not central has the power, drawn and analysed; the normal's 80% would be 56%."""
    design = WedgeDesign(standard_wedge(6, 4), people=100, icc=0.05)
    se, bound = math.sqrt(effect_variance(design)), float(stats.t.ppf(0.975, 4))
    rng = generator(1, "power of t")
    t = (rng.normal(2.8, 1, 200_000)) / np.sqrt(rng.chisquare(4, 200_000) / 4)
    assert power(design, 2.8 * se) == pytest.approx(float((t > bound).mean()), abs=0.005)
    assert power(design, detectable_effect(design, df=math.inf)) == pytest.approx(0.564, abs=0.002)
    effect, found = detectable_effect(design), 0
    for _ in range(400):
        outcome = rng.normal(0, math.sqrt(0.05), (6, 1)) + rng.normal(0, math.sqrt(0.0095), (6, 4))
        found += mixed_model(study_of(outcome + effect * design.treated, np.argmax(design.treated, axis=1))).lower > 0
    assert 0.74 < found / 400 < 0.91


def test_what_is_detectable_has_the_power_asked_for() -> None:
    for clusters in (3, 6, 12, 24, 120):
        design = WedgeDesign(standard_wedge(clusters, 4), people=50, icc=0.05)
        for chance in (0.5, 0.8, 0.95):
            assert power(design, detectable_effect(design, chance)) == pytest.approx(chance, abs=1e-6)
    assert detectable_effect(design) == pytest.approx(detectable_effect(design, df=math.inf), rel=0.02)
    assert detectable_effect(design, 0.01) == 0.0  # chance alone finds that often
    hand = math.sqrt(effect_variance(design)) * float(stats.norm.ppf(0.8) + stats.norm.ppf(0.975))
    assert detectable_effect(design, df=math.inf) == pytest.approx(hand, rel=1e-9)
    assert (np.diff(power_curve(design, [0.0, 0.05, 0.1, 50.0])) > 0).all()
    with pytest.raises(InputError, match="degrees of freedom"):
        power(design, 1.0, df=0.0)
