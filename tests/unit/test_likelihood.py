"""Each likelihood is the distribution it says, with what is not known of the model's value integrated out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from calibration.likelihood.build import Likelihood, likelihood_of
from calibration.likelihood.components import Binomial, Multinomial, Normal, Poisson
from calibration.likelihood.scales import from_scale, slope, to_scale
from evaluation.draws import generator
from tests.calibration_targets import made, together

NONE = np.zeros((1, 1))


def at(value: float) -> np.ndarray:
    return np.array([[value]])


def test_without_variance_each_is_its_plain_distribution() -> None:
    assert Normal("a", 5.0, 2.0).log_likelihood(at(4.0), NONE)[0] == pytest.approx(stats.norm(4, 2).logpdf(5.0))
    log = Normal("a", 5.0, 0.1, "log").log_likelihood(at(4.0), NONE)[0]
    assert log == pytest.approx(stats.norm(math.log(4), 0.1).logpdf(math.log(5)))
    assert Binomial("a", 33, 100).log_likelihood(at(0.3), NONE)[0] == pytest.approx(stats.binom(100, 0.3).logpmf(33))
    assert Poisson("a", 33, 10).log_likelihood(at(3.0), NONE)[0] == pytest.approx(stats.poisson(30).logpmf(33))
    gamma = Poisson("a", 33, 10, dispersion=0.04).log_likelihood(at(3.0), NONE)[0]
    assert gamma == pytest.approx(stats.nbinom(25, 25 / (25 + 30)).logpmf(33))
    shares = np.array([[0.5, 0.3, 0.2]])
    multinomial = Multinomial(("a", "b", "c"), (48, 33, 19)).log_likelihood(shares, np.zeros((1, 3)))[0]
    assert multinomial == pytest.approx(stats.multinomial(100, shares[0]).logpmf([48, 33, 19]))


def test_a_value_that_is_uncertain_is_integrated_out() -> None:
    """By brute force: the mean likelihood over draws of the model's value."""
    rng = generator(1, "integrated")
    mean, sd = 0.3, 0.05
    size = mean * (1 - mean) / sd**2 - 1
    draws = rng.beta(mean * size, (1 - mean) * size, 400_000)
    found = Binomial("a", 33, 100).log_likelihood(at(mean), at(sd**2))[0]
    assert found == pytest.approx(math.log(stats.binom(100, draws).pmf(33).mean()), abs=0.01)
    draws = rng.gamma(3.0**2 / 0.5**2, 0.5**2 / 3.0, 400_000)
    found = Poisson("a", 33, 10).log_likelihood(at(3.0), at(0.25))[0]
    assert found == pytest.approx(math.log(stats.poisson(10 * draws).pmf(33).mean()), abs=0.01)
    draws = rng.normal(4.0, 1.5, 400_000)
    found = Normal("a", 5.0, 2.0).log_likelihood(at(4.0), at(1.5**2))[0]
    assert found == pytest.approx(math.log(stats.norm(draws, 2.0).pdf(5.0).mean()), abs=0.01)


def test_a_dirichlet_multinomial_of_two_parts_is_a_beta_binomial() -> None:
    share, spread = np.array([[0.3, 0.7]]), np.full((1, 2), 0.05**2)
    two = Multinomial(("a", "b"), (33, 67)).log_likelihood(share, spread)[0]
    one = Binomial("a", 33, 100).log_likelihood(at(0.3), at(0.05**2))[0]
    assert two == pytest.approx(one, abs=1e-9)


def test_probabilities_add_to_1() -> None:
    counts = np.arange(0, 41)
    for variance in (0.0, 0.004):
        beta = [Binomial("a", k, 40).log_likelihood(at(0.4), at(variance))[0] for k in counts]
        assert np.exp(beta).sum() == pytest.approx(1.0, abs=1e-9)
    many = [Poisson("a", k, 2.0, dispersion=0.3).log_likelihood(at(3.0), at(0.4))[0] for k in range(400)]
    assert np.exp(many).sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    "component",
    [
        Normal("a", 5.0, 0.7),
        Normal("a", 5.0, 0.2, "log", discrepancy=0.1),
        Binomial("a", 33, 60),
        Poisson("a", 33, 6.0, factor=1.2, relative=0.1),
        Poisson("a", 33, 6.0, dispersion=0.05),
    ],
)
def test_draws_have_the_spread_that_error_states(component: Any) -> None:
    mean = np.full((200_000, 1), float(component.observed[0]))
    drawn = component.draw(mean, np.zeros_like(mean), generator(1, "draws", repr(component)))
    if component.scale == "log" and isinstance(component, Normal):
        drawn, mean = np.log(drawn), np.log(mean)
        assert drawn.std() == pytest.approx(math.hypot(0.2, 0.1), rel=0.01)
    else:
        assert drawn.std() == pytest.approx(float(component.error(mean[:1])[0, 0]), rel=0.02)
    assert drawn.mean() == pytest.approx(float(mean[0, 0]), rel=0.01)


def test_what_cannot_be_is_finite_and_hopeless() -> None:
    for component, value in (
        (Normal("a", 5.0, 1.0, "log"), -1.0),
        (Binomial("a", 3, 10), 0.0),
        (Poisson("a", 3, 1), 0.0),
    ):
        found = component.log_likelihood(at(value), NONE)[0]
        assert found < -1e200
        assert math.isfinite(found)
    assert Binomial("a", 0, 10).log_likelihood(at(0.0), NONE)[0] == 0.0
    assert Poisson("a", 0, 1).log_likelihood(at(0.0), NONE)[0] == 0.0


def test_targets_become_components_with_their_bridges() -> None:
    bridge: dict[str, Any] = {"bridge_factor": 1.1, "bridge_error": 0.04, "bridge_why": "older"}
    normal = made("beds", "bed_occupancy", 0.8, lower_95=0.76, upper_95=0.84, **bridge)
    log = made("ed", "ed_attendance_rate", 400.0, likelihood="log_normal", discrepancy=0.03, **bridge)
    count = made("calls", "call_111_rate", 375.0, likelihood="poisson", count=3750.0, denominator=10_000.0, **bridge)
    parts = [
        made(
            f"p{n}",
            "ed_attender_frequency",
            v,
            likelihood="multinomial",
            count=100 * v,
            group="g",
            category_type="part",
            category=str(n),
        )
        for n, v in enumerate((0.7, 0.2, 0.08, 0.02), start=1)
    ]
    found = likelihood_of(together(normal, log, count, *parts))
    assert found.names == ["beds", "ed", "calls", "p1", "p2", "p3", "p4"]
    assert len(found.components) == 4
    assert found.observed == pytest.approx([0.88, 440.0, 412.5, 0.7, 0.2, 0.08, 0.02])
    working, variance = found.working()
    stated = (math.log(440) - math.log(360)) / (2 * 1.959964)
    assert working[1] == pytest.approx(math.log(440))
    assert variance[1] == pytest.approx(stated**2 + 0.04**2 + 0.03**2)
    assert variance[0] == pytest.approx((1.1 * 0.08 / (2 * 1.959964)) ** 2 + (0.04 * 0.88) ** 2)
    assert variance[2] == pytest.approx(1 / 3750 + 0.04**2, rel=1e-6)
    exact = np.array([[0.88, 440.0, 412.5, 0.7, 0.2, 0.08, 0.02]])
    assert found.log_likelihood(exact)[0] > found.log_likelihood(1.2 * exact)[0]
    assert found.without_discrepancy().working()[1][1] == pytest.approx(stated**2 + 0.04**2)


def test_weights_multiply_the_log_likelihood() -> None:
    counted: dict[str, Any] = {"likelihood": "binomial", "count": 33.0, "denominator": 100.0}
    for name, output, value, others in (
        ("ed", "ed_attendance_rate", 400.0, {}),
        ("z", "zero_day_share", 0.33, counted),
    ):
        whole = likelihood_of([made(name, output, value, **others)])
        quarter = likelihood_of([made(name, output, value, weight=0.25, **others)])
        gaps = [
            float(each.log_likelihood(at(value))[0] - each.log_likelihood(at(1.1 * value))[0])
            for each in (whole, quarter)
        ]
        assert gaps[1] == pytest.approx(0.25 * gaps[0])
    nothing = likelihood_of([made("ed", "ed_attendance_rate", 400.0, weight=0.0), made("z", "zero_day_share", 0.3)])
    assert nothing.names == ["z"]


def test_counts_of_none_still_have_a_place_on_the_scale() -> None:
    none = made("zero", "zero_day_share", 0.0, likelihood="binomial", count=0.0, denominator=60.0)
    values, variances = Likelihood(likelihood_of([none]).components).working()
    assert np.isfinite(values).all()
    assert np.isfinite(variances).all()


@pytest.mark.parametrize("scale", ["natural", "log", "logit"])
def test_scales_go_there_and_back(scale: str) -> None:
    values = np.array([0.01, 0.2, 0.5, 0.97])
    assert from_scale(to_scale(values, scale), scale) == pytest.approx(values)
    small = 1e-6
    change = (to_scale(values + small, scale) - to_scale(values - small, scale)) / (2 * small)
    assert slope(values, scale) == pytest.approx(change, rel=1e-5)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.4])
def test_the_error_of_a_bridged_share_is_that_of_the_share_observed(factor: float) -> None:
    """0.4 observed of 1,000, carried by the factor: the sd is factor x sqrt(0.4 x 0.6 / 1,000), whatever the factor."""
    component = Binomial("a", 400, 1000, factor=factor)
    error = float(component.error(at(0.4 * factor))[0, 0])
    assert error == pytest.approx(factor * math.sqrt(0.4 * 0.6 / 1000), rel=1e-9)
    drawn = component.draw(np.full((100_000, 1), 0.4 * factor), np.zeros((100_000, 1)), generator(9, "bridged"))
    assert drawn.std() == pytest.approx(error, rel=0.02)
