"""Our own exp, log and normal quantile against the library's, to 1e-14; and whole seconds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.rules import maths

RNG = np.random.default_rng(4)


def relative_error(got: float, expected: float) -> float:
    """Return the error as a share of the expected value (absolute near 0)."""
    return abs(got - expected) / max(abs(expected), 1e-300)


def test_exp_is_the_librarys_to_1e_14() -> None:
    for x in [*RNG.uniform(-600, 600, 4_000), *RNG.uniform(-1, 1, 1_000), 0.0, 1.0, -1.0, 1e-12]:
        assert relative_error(maths.exp(x), math.exp(x)) < 1e-14, x


def test_exp_at_its_ends() -> None:
    assert maths.exp(0.0) == 1.0
    assert maths.exp(-800.0) == 0.0
    assert maths.exp(800.0) == math.inf


def test_log_is_the_librarys_to_1e_14() -> None:
    for x in [*10.0 ** RNG.uniform(-300, 300, 4_000), *RNG.uniform(1e-6, 3, 2_000), 2.0, 0.5, 10.0]:
        assert abs(maths.log(x) - math.log(x)) <= 1e-14 * max(1.0, abs(math.log(x))), x


def test_log_at_its_ends() -> None:
    assert maths.log(1.0) == 0.0
    assert maths.log(0.0) == -math.inf
    assert math.isnan(maths.log(-1.0))


def test_exp_and_log_undo_each_other() -> None:
    for x in RNG.uniform(-50, 50, 1_000):
        assert maths.log(maths.exp(x)) == pytest.approx(x, abs=1e-13)


def test_normal_quantile_is_the_librarys_to_1e_14() -> None:
    for p in [*RNG.uniform(0, 1, 3_000), *10.0 ** RNG.uniform(-15, -2, 500), 0.075, 0.925, 0.5]:
        expected = float(stats.norm.ppf(p))
        assert abs(maths.normal_quantile(p) - expected) <= 1e-14 * max(1.0, abs(expected)), p


def test_normal_quantile_is_odd() -> None:
    for p in (0.5, 0.25, 0.125, 2.0**-20):
        assert maths.normal_quantile(p) == -maths.normal_quantile(1.0 - p)


@pytest.mark.parametrize(("base", "exponent"), [(2.0, 10.0), (0.3, 2.5), (7.0, -1.2), (1.0, 40.0)])
def test_power(base: float, exponent: float) -> None:
    assert maths.power(base, exponent) == pytest.approx(base**exponent, rel=1e-13)
    assert maths.power(0.0, exponent) == 0.0


@pytest.mark.parametrize(("mean", "scv"), [(3.0, 0.5), (12.0, 2.0), (86_400.0, 4.0)])
def test_lognormal_quantile_has_its_mean_and_spread(mean: float, scv: float) -> None:
    sigma = math.sqrt(math.log(1 + scv))
    law = stats.lognorm(sigma, scale=mean * math.exp(-(sigma**2) / 2))
    assert law.mean() == pytest.approx(mean, rel=1e-12)
    assert law.var() / law.mean() ** 2 == pytest.approx(scv, rel=1e-12)
    for p in (0.001, 0.1, 0.5, 0.9, 0.999):
        assert maths.lognormal_quantile(p, mean, scv) == pytest.approx(law.ppf(p), rel=1e-12)


@pytest.mark.parametrize(("x", "seconds"), [(-3.0, 1), (0.0, 1), (0.4, 1), (1.49, 1), (1.5, 2), (86_400.2, 86_400)])
def test_whole_seconds_are_nearest_and_at_least_one(x: float, seconds: int) -> None:
    assert maths.whole_seconds(x) == seconds
