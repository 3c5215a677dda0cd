"""Designs fill the prior, screening finds what matters, history matching keeps what fits and says when nothing does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.stats import norm

from calibration.design.points import latent_points, spread_subset, uniform_points
from calibration.design.screening import by_chance, effects, ranked, trajectories
from calibration.history_matching.conflict import HEADING, explain
from calibration.history_matching.implausibility import (
    implausibility,
    judged_by,
    multivariate,
    multivariate_cut,
    not_ruled_out,
    nth_largest,
)
from calibration.history_matching.sampling import sample_region
from calibration.posterior.abc import adjusted, population, rejection
from calibration.posterior.sampler import sample
from calibration.space import of_laws, of_registry
from evaluation.draws import generator
from scenarios.errors import InputError
from scenarios.registry.reader import load_registry


def test_designs_are_even_and_keyed() -> None:
    for method in ("sobol", "latin_hypercube"):
        made = uniform_points(64, 5, 3, method)
        assert made.shape == (64, 5)
        assert made.min() > 0
        assert made.max() < 1
        assert (np.histogram(made[:, 2], bins=8, range=(0, 1))[0] == 8).all()
        assert (made == uniform_points(64, 5, 3, method)).all()
        assert (made != uniform_points(64, 5, 4, method)).any()
    assert (uniform_points(100, 5, 3)[:64] == uniform_points(64, 5, 3)).all()
    assert latent_points(256, 3, 1).std(axis=0) == pytest.approx(np.ones(3), abs=0.05)
    with pytest.raises(ValueError, match="no design 'grid'"):
        uniform_points(4, 2, 1, "grid")


def test_a_spread_subset_reaches_the_ends() -> None:
    many = generator(1, "many").standard_normal((500, 2))
    few = many[spread_subset(many, 20)]
    assert len({tuple(each) for each in few}) == 20
    gaps = np.linalg.norm(few[:, None] - few[None, :], axis=2) + 9 * np.eye(20)
    at_random = np.linalg.norm(many[:20, None] - many[None, :20], axis=2) + 9 * np.eye(20)
    assert gaps.min() > 3 * at_random.min()
    assert (spread_subset(many[:5], 20) == np.arange(5)).all()


def test_the_space_is_the_registrys_own_priors() -> None:
    registry = load_registry()
    names = ["find_share", "unmet_kept", "recruitment_months"]
    space = of_registry(registry, names)
    middle = space.point(np.zeros(3))
    for name in ("find_share", "unmet_kept"):
        assert middle[name] == pytest.approx(registry.parameters[name].at(0.5))
    ends = space.values(np.array([[-1.6448536] * 3, [1.6448536] * 3]))
    assert ends[:, 0] == pytest.approx(
        [registry.parameters["find_share"].low, registry.parameters["find_share"].high], rel=1e-3
    )
    drawn = generator(2, "latent").standard_normal((20, 3))
    assert space.latent(space.values(drawn)) == pytest.approx(drawn, abs=1e-5)
    assert list(space.frame(drawn).columns) == names
    fixed = next(name for name, row in registry.parameters.items() if row.distribution == "fixed")
    cases = [([], "none are named"), (["find_shar"], "did you mean 'find_share'"), ([fixed], "is fixed")]
    cases += [(["find_share"] * 2, "named twice"), ([f"p{n}" for n in range(21)], "at most 20")]
    for wrong, words in cases:
        with pytest.raises(InputError, match=words):
            of_registry(registry, wrong)


def test_screening_ranks_parameters_and_leaves_out_what_does_nothing() -> None:
    space = of_laws({name: stats.uniform(0, 1) for name in ("strong", "weak", "curved", "nothing")})
    design = trajectories(space, 12, 1)
    assert design.latent.shape == (12 * 5, 4)
    u = stats.norm.cdf(design.latent)
    outputs = np.stack([10 * u[:, 0] + u[:, 1], 20 * (u[:, 2] - 0.5) ** 2 + 2 * u[:, 1]], axis=1)
    noise = 0.05 * generator(3, "noise").standard_normal(outputs.shape)
    table = effects(design, outputs + noise, ["a", "b"], np.array([0.5, 0.5]))
    strong = table[(table["parameter"] == "strong") & (table["target"] == "a")].iloc[0]
    assert strong["mu_star"] == pytest.approx(9.0, rel=0.05)  # 10 over the middle 90% of the prior
    assert strong["in_errors"] == pytest.approx(2 * strong["mu_star"])
    found = ranked(table, by_chance(np.full(2, 0.05)), ["a", "b"], most=2)
    assert found["parameter"].tolist()[:2] == ["strong", "curved"]
    assert found["chosen"].tolist() == [True, True, False, False]
    assert found.set_index("parameter")["targets_moved"]["nothing"] == 0
    curved = table[(table["parameter"] == "curved") & (table["target"] == "b")].iloc[0]
    assert curved["sigma"] > 0.5 * curved["mu_star"]


def test_what_chance_alone_gives_is_known() -> None:
    space = of_laws({name: stats.uniform(0, 1) for name in "abcd"})
    design = trajectories(space, 400, 2)
    noise = 0.7 * generator(4, "chance").standard_normal((len(design.latent), 1))
    table = effects(design, noise, ["t"], np.array([1.0]))
    assert table["mu_star"].mean() == pytest.approx(float(by_chance(np.array([0.7]))[0]), rel=0.08)


def test_implausibilities_and_their_edges() -> None:
    found = implausibility(
        np.array([[3.0, 10.0]]), 1.0, np.array([0.0, 10.0]), 2.0, 1.0, replicate_var=5.0, replications=1
    )
    assert found[0] == pytest.approx([1.0, 0.0])
    assert implausibility(3.0, 1.0, 0.0, 2.0, 1.0, 50.0, 10) == pytest.approx(1.0)  # type: ignore[arg-type]
    assert nth_largest(np.array([[5.0, 1.0, 3.0]]), 2)[0] == 3.0
    assert not not_ruled_out(np.array([3.0, 0.0]))
    assert not_ruled_out(np.array([3.5, 2.0, 1.0]), n=2)
    assert (judged_by(10), judged_by(11)) == (1, 2)
    with pytest.raises(ValueError, match="3-th largest of 2"):
        nth_largest(np.array([1.0, 2.0]), 3)
    with pytest.raises(ValueError, match="more than 0"):
        implausibility(1.0, 0.0, 0.0, 0.0)  # type: ignore[arg-type]
    together = multivariate(np.array([[1.0, 1.0]]), np.array([[1.0, 0.5], [0.5, 1.0]]), np.zeros(2))
    assert together[0] == pytest.approx(4 / 3)
    assert multivariate_cut(2) == pytest.approx(stats.chi2.ppf(0.995, 2))


def test_the_region_left_is_that_of_the_prior_within_it() -> None:
    """A ball far out in six dimensions: its share of the prior is known from the non-central chi-squared."""
    centre, radius = np.full(6, 0.9), 1.2

    def judge(z: np.ndarray) -> np.ndarray:
        return 3 * np.linalg.norm(z - centre, axis=1) / radius

    region = sample_region(judge, 6, generator(5, "region"), pool=1500)
    share = float(stats.ncx2.cdf(radius**2, 6, float(centre @ centre)))
    assert share < 0.01
    assert region.share == pytest.approx(share, rel=0.35)
    assert (judge(region.latent) < 3).all()
    inside = generator(6, "brute").standard_normal((2_000_000, 6))
    inside = inside[judge(inside) < 3]
    assert region.latent.mean(axis=0) == pytest.approx(inside.mean(axis=0), abs=0.08)
    assert region.latent.std(axis=0) == pytest.approx(inside.std(axis=0), rel=0.12)


def test_a_region_that_is_nowhere_is_empty_and_its_best_point_is_told() -> None:
    region = sample_region(lambda z: 5 + np.linalg.norm(z - 1, axis=1), 3, generator(7, "nowhere"), pool=400)
    assert region.empty
    assert region.share == 0.0
    assert region.best == pytest.approx(np.ones(3), abs=0.15)
    assert region.least == pytest.approx(5.0, abs=0.2)


def test_conflicts_name_what_cannot_be_met_alone_and_together() -> None:
    def predict(z: np.ndarray) -> np.ndarray:
        return np.stack([z[:, 0], 2 * z[:, 0], z[:, 1], np.exp(z[:, 1])], axis=1)

    observed, sd = np.array([1.0, -2.0, 0.5, -3.0]), np.array([0.1, 0.1, 0.1, 0.1])
    found = explain(
        lambda z: np.abs(predict(z) - observed) / sd,
        predict,
        generator(8, "looked at").standard_normal((400, 2)),
        ["one", "double", "other", "negative"],
        observed,
    )
    assert found.table["alone"].tolist() == [True, True, True, False]
    assert found.pairs[["target", "other"]].to_numpy().tolist() == [["one", "double"]]
    said = str(found).splitlines()
    assert said[0] == HEADING == "no plausible parameters: these targets conflict"
    assert "negative: observed -3" in said[1]
    assert "a mechanism is missing" in said[1]
    assert "one with double: each can be met, not both" in said[2]


def test_three_that_conflict_only_together_are_told_as_such() -> None:
    def predict(z: np.ndarray) -> np.ndarray:
        angles = 2 * math.pi * np.arange(3) / 3
        return z @ np.stack([np.cos(angles), np.sin(angles)])

    looked_at = generator(9, "three").standard_normal((500, 2))
    found = explain(lambda z: np.abs(predict(z) - 1.0) / 0.2, predict, looked_at, ["a", "b", "c"], np.ones(3))
    assert found.table["alone"].all()
    assert found.pairs.empty
    assert "no pair conflicts by itself" in str(found)


def test_chains_find_a_curved_and_correlated_posterior() -> None:
    def density(z: np.ndarray) -> np.ndarray:
        return -0.5 * (z[:, 0] ** 2 / 4 + (z[:, 1] - 0.4 * z[:, 0] ** 2) ** 2 / 0.25)

    start = 2 * generator(10, "start").standard_normal((48, 2))
    made = sample(density, start, 2500, 2000, generator(10, "steps"), thin=8)
    table = made.diagnostics(["a", "b"])
    assert table["good"].all(), table
    assert made.flat[:, 0].std() == pytest.approx(2.0, rel=0.05)
    assert made.flat[:, 1].mean() == pytest.approx(1.6, rel=0.06)
    assert 0.05 < made.accepted < 0.6


def test_a_nearly_normal_posterior_of_many_parameters_is_crossed_in_a_few_steps() -> None:
    inputs = 20
    spread = np.linspace(0.05, 1.0, inputs)
    covariance = np.outer(spread, spread) * (0.5 * np.eye(inputs) + 0.5)
    precision = np.linalg.inv(covariance)

    def density(z: np.ndarray) -> np.ndarray:
        return -0.5 * np.einsum("pi,ij,pj->p", z - 1, precision, z - 1)

    start = generator(20, "start").standard_normal((32, inputs))
    made = sample(density, start, 1000, 1000, generator(20, "steps"))
    table = made.diagnostics([str(at) for at in range(inputs)])
    assert table["good"].all(), table
    assert table["mcmc_bulk_size"].min() > 0.05 * 32 * 1000  # a random walk gives about 0.015 a step
    assert (np.abs(made.flat.mean(axis=0) - 1) / spread).max() < 0.06
    assert np.cov(made.flat.T) / np.outer(spread, spread) == pytest.approx(0.5 * np.eye(inputs) + 0.5, abs=0.08)


def test_chains_keep_to_what_is_allowed_and_only_moves_that_count_are_asked() -> None:
    asked = []

    def allowed(z: np.ndarray) -> np.ndarray:
        asked.append(len(z))
        return z[:, 0] > 0.5

    start = np.full((16, 2), 1.0)
    made = sample(lambda z: -0.5 * (z**2).sum(axis=1), start, 1500, 500, generator(21, "steps"), 2, allowed)
    assert (made.flat[:, 0] > 0.5).all()
    tail = norm.pdf(0.5) / norm.sf(0.5)  # mean of a normal number above 0.5
    assert made.flat[:, 0].mean() == pytest.approx(tail, rel=0.03)
    assert made.flat[:, 1].std() == pytest.approx(1.0, rel=0.05)
    assert sum(asked) < 0.8 * 16 * (500 + 3000)


def test_starts_that_cannot_be_are_moved_or_refused() -> None:
    def density(z: np.ndarray) -> np.ndarray:
        return np.where(z[:, 0] > 0, -0.5 * (z**2).sum(axis=1), -1e300)

    start = np.array([[-1.0], [0.5], [-2.0], [1.0]])
    made = sample(density, start, 200, 100, generator(11, "half"))
    assert (made.flat > 0).all()
    with pytest.raises(ValueError, match="no start has a density above 0"):
        sample(density, -np.ones((4, 1)), 10, 10, generator(11, "none"))


def test_approximate_computation_comes_near_and_adjustment_nearer() -> None:
    rng = generator(12, "abc")
    draws = rng.normal(0.0, 4.0, (40_000, 1))
    summaries = draws + rng.normal(0, 0.3, draws.shape)
    observed, known = np.array([2.0]), stats.norm(2 / (1 + 0.09 / 16), math.sqrt(1 / (1 / 16 + 1 / 0.09)))
    wide = rejection(draws, summaries, observed, 0.2)
    near = adjusted(wide, observed)
    assert wide.draws.std() > 2 * known.std()
    assert float(near.weights @ near.draws[:, 0]) == pytest.approx(known.mean(), abs=0.03)
    spread = math.sqrt(float(near.weights @ (near.draws[:, 0] - known.mean()) ** 2))
    assert spread == pytest.approx(known.std(), rel=0.15)
    found = population(
        lambda p: p + rng.normal(0, 0.3, p.shape),
        lambda n, g: g.normal(0.0, 4.0, (n, 1)),
        lambda p: stats.norm.pdf(p[:, 0], 0.0, 4.0),
        observed,
        1500,
        6,
        generator(13, "population"),
    )
    assert float(found.weights @ found.draws[:, 0]) == pytest.approx(known.mean(), abs=0.05)
    assert 400 < found.kish_size <= 1500
    assert found.simulations > 1500
