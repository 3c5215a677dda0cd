"""Samples of the evidence: even, keyed, and each parameter's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.registry.reader import load_registry
from sim.execution.draws import check_draws, sobol_points, uniforms
from sim.task import drawn_values

DRAWS = ("place=toy", "experiment=quick", "experiment.replications=2", "experiment.draws=8")


@pytest.mark.parametrize("draws", [0, 3, 6, 100])
def test_draws_are_a_power_of_two(draws: int) -> None:
    with pytest.raises(InputError, match=f"power of two, such as 8 .you gave {draws}."):
        check_draws(draws)


def test_every_coordinate_is_stratified_and_strictly_inside() -> None:
    points = sobol_points(400, 64, 7)
    assert points.shape == (64, 400)
    assert points.min() > 0.0
    assert points.max() < 1.0
    cells = np.sort((points * 64).astype(int), axis=0)
    assert (cells == np.arange(64)[:, None]).all()  # one point in each 64th of every parameter's range


def test_points_fill_space_more_evenly_than_chance() -> None:
    chance = np.random.Generator(np.random.Philox(1)).random((64, 6))
    assert qmc.discrepancy(sobol_points(6, 64, 1)) < 0.5 * qmc.discrepancy(chance)


def test_twice_as_many_draws_begin_with_the_same_ones() -> None:
    np.testing.assert_array_equal(sobol_points(50, 32, 3)[:16], sobol_points(50, 16, 3))


def test_the_seed_decides_the_points() -> None:
    np.testing.assert_array_equal(sobol_points(5, 8, 3), sobol_points(5, 8, 3))
    assert not np.isclose(sobol_points(5, 8, 3), sobol_points(5, 8, 4)).any()


def test_a_mean_over_draws_is_the_mean_of_the_scrambles() -> None:
    # scrambled points are uniform: over scrambles the mean of one coordinate is a half
    found = [sobol_points(1, 1, seed)[0, 0] for seed in range(2_000)]
    assert abs(np.mean(found) - 0.5) < 4 * 0.2887 / np.sqrt(2_000)


def test_names_are_given_the_same_numbers_in_any_order() -> None:
    assert uniforms(["b", "a", "c"], 4, 2, 1, 2) == uniforms(["a", "b", "c"], 4, 2, 1, 2)


def test_fixing_one_parameter_moves_no_other() -> None:
    free, fixed = compose(DRAWS), compose([*DRAWS, "evidence.overrides.find_share=0.1"])
    one, other = drawn_values(free, 3), drawn_values(fixed, 3)
    assert other["find_share"] == 0.1
    assert one["find_share"] != 0.1
    assert {name for name in one if one[name] != other[name]} == {"find_share"}


def test_draws_of_a_parameter_follow_its_distribution() -> None:
    registry = load_registry()
    many = compose([*DRAWS[:-1], "experiment.draws=64"])
    values = [drawn_values(many, draw) for draw in range(64)]
    uncertain = [name for name, row in registry.parameters.items() if row.distribution != "fixed"]
    assert len(uncertain) > 100
    for name in uncertain:
        row = registry.parameters[name]
        drawn = np.sort([value[name] for value in values])
        below = (drawn < row.at(0.5) - 1e-12).sum()
        assert below <= 32  # each half of the distribution has half of the draws, ties at a limit apart
        assert (drawn > row.at(0.5) + 1e-12).sum() <= 32
        # one point in each 64th: the smallest and largest lie outside the 5th and 95th percentiles
        assert drawn[0] <= row.at(0.05) <= row.at(0.95) <= drawn[-1], name
