"""Emulators reproduce what they were fitted to, say how sure they are, and are right about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import chi2, norm

from evaluation.draws import generator
from evaluation.emulators.basis import basis, columns_of
from evaluation.emulators.bundle import fit_bundle
from evaluation.emulators.checks import check_held_back, check_left_out, judged, mahalanobis
from evaluation.emulators.kernel import correlation, slope_factor, squared_distance, weighted_squares
from evaluation.emulators.noise import mean_covariance, pooled_covariance
from evaluation.emulators.process import Settings, conditioned, fit_process, fit_with, objective
from sim.execution.draws import sobol_points


def points(count: int, inputs: int, seed: int = 1) -> np.ndarray:
    """Return an even design of standard normal inputs."""
    return norm.ppf(0.001 + 0.998 * sobol_points(inputs, count, seed))


def curved(x: np.ndarray) -> np.ndarray:
    """A smooth function that is neither linear nor additive."""
    return 3 + x[:, 0] + 0.5 * np.sin(2 * x[:, 1]) + 0.3 * x[:, 0] * x[:, 2]


def test_an_exact_model_is_passed_through() -> None:
    x = points(64, 3)
    made = fit_process(x, curved(x), np.zeros(64))
    mean, variance = made.predict(x)
    assert mean == pytest.approx(curved(x), abs=0.02)
    assert (variance < 0.01).all()
    far = made.predict(np.full((1, 3), 9.0))[1]
    assert far[0] > 20 * variance.max()


def test_predictions_are_as_uncertain_as_they_are_wrong() -> None:
    x, new = points(128, 3), generator(2, "new").standard_normal((500, 3))
    mean, variance = fit_process(x, curved(x), np.zeros(128)).predict(new)
    standard = (curved(new) - mean) / np.sqrt(variance)
    assert 0.9 < (np.abs(standard) < 1.96).mean() <= 1.0
    assert np.corrcoef(mean, curved(new))[0, 1] > 0.995


def test_noise_is_told_from_signal() -> None:
    x = points(256, 3)
    noisy = curved(x) + 0.4 * generator(3, "noise").standard_normal(256)
    known, learned = fit_process(x, noisy, np.full(256, 0.16)), fit_process(x, noisy)
    for made in (known, learned):
        mean, variance = made.predict(x)
        assert np.sqrt(np.mean((mean - curved(x)) ** 2)) < 0.2
        assert np.mean(np.abs(curved(x) - mean) < 1.96 * np.sqrt(variance)) > 0.9
    assert learned.nugget * learned.scale**2 == pytest.approx(0.16, rel=0.35)


def test_a_linear_model_is_found_from_few_points() -> None:
    x = points(32, 8)
    slopes = np.arange(1.0, 9.0)
    made = fit_process(x, x @ slopes, np.zeros(32))
    new = generator(4, "new").standard_normal((50, 8))
    assert made.mean == "linear"
    assert made.predict(new)[0] == pytest.approx(new @ slopes, abs=0.05)


@pytest.mark.parametrize("kernel", ["matern52", "squared_exponential"])
@pytest.mark.parametrize("mean", ["constant", "linear", "quadratic"])
def test_the_gradient_is_that_of_the_objective(kernel: str, mean: str) -> None:
    x = points(32, 3)
    y = (curved(x) - curved(x).mean()) / curved(x).std()
    logs = np.array([0.2, -0.3, 0.8, -0.5, -4.0])
    noise = np.full(32, 0.01)
    gap = check_grad(
        lambda at: objective(at, x, y, noise, kernel, mean)[0],
        lambda at: objective(at, x, y, noise, kernel, mean)[1],
        logs,
        epsilon=1e-6,
    )
    assert gap < 1e-3


def test_leaving_one_out_is_fitting_without_it() -> None:
    x = points(32, 2)
    y = curved(np.hstack([x, x[:, :1]]))
    made = fit_process(x, y, np.full(32, 0.01), Settings(mean="linear"))
    mean, variance = made.left_out()
    for at in (0, 7, 31):
        rest = np.arange(32) != at
        hyper = (made.lengths, made.signal, made.nugget)
        parts = conditioned(made.points[rest], made.values[rest], made.noise[rest], hyper, made.kernel, made.mean)
        without = replace(
            made, points=made.points[rest], values=made.values[rest], noise=made.noise[rest],
            factor=parts[0], solved=parts[1], inner=parts[2], coefficients=parts[3], weights=parts[4],
        )  # fmt: skip
        there, spread = without.predict(x[at : at + 1])
        assert there[0] == pytest.approx(mean[at], abs=1e-5)
        assert spread[0] + 0.01 == pytest.approx(variance[at], rel=1e-4)


def test_a_quadratic_mean_is_taken_where_it_helps() -> None:
    x = points(128, 4)
    assert fit_process(x, (x**2).sum(axis=1), np.zeros(128)).mean == "quadratic"
    assert columns_of("quadratic", 4) == basis(x, "quadratic").shape[1] == 9


def test_hyperparameters_may_come_from_some_points_and_predictions_from_all() -> None:
    x = points(256, 3)
    some = fit_process(x, curved(x), np.zeros(256), Settings(most=64))
    assert len(some.points) == 256
    assert some.predict(x)[0] == pytest.approx(curved(x), abs=0.02)


@pytest.mark.parametrize("wrong", ["few", "nan"])
def test_what_cannot_be_fitted_is_refused(wrong: str) -> None:
    x = points(8, 3)
    if wrong == "few":
        with pytest.raises(ValueError, match="too few for a quadratic mean"):
            fit_with(x, curved(x), np.zeros(8), Settings(), "quadratic")
    else:
        with pytest.raises(ValueError, match="must be finite"):
            fit_process(x, np.full(8, np.nan))


def outputs(x: np.ndarray, count: int = 20) -> np.ndarray:
    """Many outputs that share three shapes, one that never moves, and one far larger than the rest."""
    shapes = np.stack([curved(x), x[:, 1] ** 2, x[:, 2]], axis=1)
    loads = generator(5, "loads").standard_normal((3, count))
    found = shapes @ loads
    found[:, 0], found[:, 1] = 7.0, 1e6 * found[:, 1]
    return found


def test_many_outputs_go_through_their_components() -> None:
    x, new = points(128, 4), generator(6, "new").standard_normal((200, 4))
    made = fit_bundle(x, outputs(x), np.zeros((20, 20)))
    assert len(made.processes) <= 4
    mean, variance = made.predict(new)
    scale = outputs(x).std(axis=0)
    assert mean[:, 0] == pytest.approx(np.full(200, 7.0))
    close = np.abs(mean[:, 1:] - outputs(new)[:, 1:]) / scale[1:]
    assert close.mean() < 0.03
    inside = np.abs(mean - outputs(new))[:, 1:] < 1.96 * np.sqrt(variance[:, 1:])
    assert inside.mean() > 0.9
    _, shared = made.covariance(new[:3])
    assert np.diagonal(shared, axis1=1, axis2=2) == pytest.approx(variance[:3])
    assert np.linalg.eigvalsh(shared[0] / np.outer(made.scale, made.scale)).min() > -1e-12


def test_few_outputs_are_emulated_each_by_itself() -> None:
    x = points(64, 4)
    assert len(fit_bundle(x, outputs(x)[:, :5], np.zeros((5, 5))).processes) == 5
    assert len(fit_bundle(x, outputs(x)[:, 2:7], np.zeros((5, 5)), components=True).processes) <= 4


def replicated(x: np.ndarray, replications: int, sd: float) -> np.ndarray:
    rng = generator(7, "replicates", replications)
    return outputs(x, 10)[:, None, 2:] + sd * rng.standard_normal((len(x), replications, 8))


def test_chance_is_pooled_over_points_and_shrinks_with_replications() -> None:
    made = replicated(points(256, 4), 3, 0.5)
    assert np.diag(pooled_covariance(made)) == pytest.approx(np.full(8, 0.25), rel=0.2)
    assert mean_covariance(made) == pytest.approx(pooled_covariance(made) / 3)
    assert (pooled_covariance(made[:, :1]) == 0).all()
    with pytest.raises(ValueError, match="points x replications x outputs"):
        pooled_covariance(made[0])


def test_checks_pass_a_good_emulator_and_fail_a_bad_one() -> None:
    x, new = points(128, 4), generator(8, "new").standard_normal((60, 4))
    made = replicated(x, 2, 0.2)
    bundle = fit_bundle(x, made.mean(axis=1), mean_covariance(made))
    left_out = check_left_out(bundle, made.mean(axis=1))
    fresh = replicated(new, 2, 0.2)
    held = check_held_back(bundle, new, fresh.mean(axis=1), mean_covariance(made))
    assert left_out.good, left_out.table
    assert held.good, held.table
    assert held.table["covered"].mean() > 0.88
    wrong = judged(fresh.mean(axis=1), bundle.predict(new)[0], np.full((60, 8), 1e-6), bundle.names)
    assert not wrong.good
    blind = judged(outputs(new, 10)[:, 2:], np.zeros((60, 8)), np.full((60, 8), 0.01), bundle.names)
    assert len(blind.failing) == 8


def test_the_mahalanobis_distance_of_right_predictions_is_chi_squared() -> None:
    rng = generator(9, "mahalanobis")
    root = rng.standard_normal((6, 6))
    covariance = root @ root.T + np.eye(6)
    drawn = rng.multivariate_normal(np.zeros(6), covariance, 2000)
    found = np.array([mahalanobis(each, np.zeros(6), covariance)[0] for each in drawn])
    assert found.mean() == pytest.approx(6.0, rel=0.05)
    assert mahalanobis(drawn[0], np.zeros(6), covariance)[1] == pytest.approx(chi2.sf(found[0], 6))


def test_sums_over_pairs_are_those_of_a_loop() -> None:
    x = points(16, 3)
    weights = generator(10, "weights").standard_normal((16, 16))
    weights = weights + weights.T
    loop = [sum(weights[i, j] * (x[i, d] - x[j, d]) ** 2 for i in range(16) for j in range(16)) for d in range(3)]
    assert weighted_squares(weights, x) == pytest.approx(np.array(loop))
    squared = squared_distance(x, x, np.ones(3))
    assert correlation(squared, "matern52")[0, 0] == pytest.approx(1.0, abs=1e-6)
    for kernel in ("matern52", "squared_exponential"):
        small = 1e-6
        there, here = np.exp(0.4 + small), np.exp(0.4 - small)
        change = (correlation(squared / there**2, kernel) - correlation(squared / here**2, kernel)) / (2 * small)
        scaled = squared / np.exp(0.8)
        assert slope_factor(scaled, kernel) * scaled == pytest.approx(change, abs=1e-6)
    for function in (correlation, slope_factor):
        with pytest.raises(ValueError, match="no kernel"):
            function(squared, "linear")
