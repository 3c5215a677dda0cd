"""Tornado, Sobol, Morris, turning points, structure, warm-up and replications beyond the known answers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evaluation.estimate import Estimate
from evaluation.replications import equivalent_independent, paired_standard_error, replications_needed
from evaluation.sensitivity.structure import structural_range
from evaluation.sensitivity.tornado import tornado, tornado_of_draws, two_way
from evaluation.sensitivity.turning_points import turning_points
from evaluation.sensitivity.variance_based import morris_effects, sobol_exact, sobol_indices
from evaluation.warm_up import mser
from scenarios.errors import InputError

BASE = {"reach": 0.5, "price": 100.0, "idle": 1.0}


def net(values: dict[str, float]) -> float:
    """Return a made-up net benefit."""
    return 900 * values["reach"] - 3 * values["price"]


def test_the_widest_bar_comes_first() -> None:
    found = tornado(net, BASE, {"idle": (0, 9), "price": (90, 110), "reach": (0.2, 0.8)})
    assert found["name"].tolist() == ["reach", "price", "idle"]
    assert found["swing"].tolist() == pytest.approx([540, 60, 0])
    assert (found["at_low"].iloc[0], found["at_high"].iloc[0]) == pytest.approx((-120, 420))
    for ranges, message in (
        ({"prize": (0, 1)}, "range of 'prize': has no base value"),
        ({"price": (2, 1)}, "from 2 to 1"),
    ):
        with pytest.raises(InputError, match=message):
            tornado(net, BASE, ranges)


def test_bars_from_a_bank_of_draws_see_through_its_noise() -> None:
    draws = np.random.Generator(np.random.Philox(2))
    table = pd.DataFrame({"reach": draws.random(3_000), "price": draws.normal(100, 20, 3_000), "flat": 1.0})
    outcome = 900 * table["reach"] - 3 * table["price"] + draws.normal(0, 200, 3_000)
    found = tornado_of_draws(outcome.to_numpy(), table).set_index("name")
    assert found.loc["reach", "swing"] == pytest.approx(810, rel=0.1)
    assert found.loc["price", "swing"] == pytest.approx(3 * 2 * 1.645 * 20, rel=0.3)  # 3 standard errors
    assert found.loc["flat", "swing"] == 0
    assert 0.4 < found.loc["reach", "explained"] < 0.8
    with pytest.raises(InputError, match="have 3000 draws where the outcome has 2999"):
        tornado_of_draws(outcome.to_numpy()[1:], table)


def test_two_numbers_at_once() -> None:
    found = two_way(net, BASE, ("reach", [0.2, 0.4]), ("price", [50.0, 100.0]))
    assert found.to_numpy().tolist() == [
        [pytest.approx(30), pytest.approx(-120)],
        [pytest.approx(210), pytest.approx(60)],
    ]


def test_a_sum_has_no_interactions_and_a_product_nothing_else() -> None:
    bounds = {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}
    both, mean, variance = sobol_exact(lambda x: x[:, 0] + 2 * x[:, 1], bounds)
    assert both["first"].tolist() == pytest.approx([0.2, 0.8])
    assert both["total"].tolist() == pytest.approx([0.2, 0.8])
    assert (mean, variance) == pytest.approx((0, 5 / 3))
    product, _, _ = sobol_exact(lambda x: x[:, 0] * x[:, 1], bounds)
    assert product["first"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert product["total"].tolist() == pytest.approx([1, 1])
    sampled = sobol_indices(lambda x: x[:, 0] * x[:, 1], bounds, 1024)
    assert sampled["total"].tolist() == pytest.approx([1, 1], abs=0.1)


def test_a_result_that_never_changes_has_no_indices() -> None:
    found = sobol_indices(lambda x: np.ones(len(x)), {"x": (0.0, 1.0)}, 64)
    assert found["total"].tolist() == [0]


def test_the_same_seed_gives_the_same_indices() -> None:
    bounds = {"x": (0.0, 1.0), "y": (0.0, 2.0)}
    one, same, other = (sobol_indices(lambda x: x[:, 0] ** 2 + x[:, 1], bounds, 64, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert one["first"].tolist() != other["first"].tolist()


def test_morris_screens_out_what_does_nothing() -> None:
    bounds = {"idle": (0.0, 1.0), "line": (0.0, 1.0), "curve": (0.0, 1.0)}
    found = morris_effects(lambda x: 3 * x[:, 1] + x[:, 2] ** 3, bounds).set_index("name")
    assert found.index[0] == "line"
    assert found.loc["idle", "mean_absolute"] == 0
    assert found.loc["line", "mean"] == pytest.approx(3)
    assert found.loc["line", "spread"] == pytest.approx(0, abs=1e-9)
    assert found.loc["curve", "spread"] > 0


def test_bounds_samples_and_points_that_cannot_be() -> None:
    for bounds, samples, message in (
        ({"x": (1.0, 0.0)}, 64, "go from 1 to 0"),
        ({}, 64, "are empty"),
        ({"x": (0.0, 1.0)}, 60, "are 60"),
    ):
        with pytest.raises(InputError, match=message):
            sobol_indices(lambda x: x[:, 0], bounds, samples)
    with pytest.raises(InputError, match="40 to the power of 5"):
        sobol_exact(lambda x: x[:, 0], {name: (0.0, 1.0) for name in "abcde"})


def test_where_a_case_turns_is_said_in_words() -> None:
    found = turning_points(lambda reach: 900 * reach - 306, "reach", 0.0, 1.0)
    assert found.points == pytest.approx((0.34,))
    assert found.sentence(share=True) == "The case holds while reach is above 34%."
    falls = turning_points(lambda price: 120 - price, "price_of_a_post", 0, 200)
    assert falls.sentence("net benefit", unit="GBP") == "Net benefit holds while price of a post is below 120 GBP."
    never = turning_points(lambda reach: -1.0, "reach", 0.0, 1.0)
    assert never.sentence(share=True) == "The case does not hold at any reach between 0% and 100%."
    twice = turning_points(lambda dose: (dose - 1) * (3 - dose), "dose", 0.0, 4.0)
    assert twice.points == pytest.approx((1, 3))
    assert twice.sentence() == "The case does not hold from dose 0.00 on and turns at 1.00, 3.00."


def test_structure_is_a_range_and_says_if_it_turns_the_result() -> None:
    def result(value: float) -> Estimate:
        return Estimate(value, value - 1, value + 1, "net")

    found = structural_range(result(2.0), {"trust off": result(-1.0), "refill off": result(5.0)})
    assert (found.lowest_switch, found.highest_switch, found.width) == ("trust off", "refill off", 6)
    assert found.changes_sign
    alone = structural_range(result(2.0), {})
    assert (alone.lowest_switch, alone.width, alone.changes_sign) == ("as built", 0, False)
    with pytest.raises(InputError, match="structure 'trust off': has no result"):
        structural_range(result(2.0), {"trust off": Estimate(math.nan, math.nan, math.nan, "net", reason="none")})


def test_pairs_that_move_together_have_no_error() -> None:
    assert paired_standard_error(10, 10, 1.0, 50) == 0
    assert equivalent_independent(10, 10, 1.0, 50) == math.inf
    for bad, message in (((10, 10, 1.5, 50), r"correlation: is 1\.5"), ((10, 10, 0.5, 0), "replications: are 0")):
        with pytest.raises(InputError, match=message):
            paired_standard_error(*bad)
    with pytest.raises(InputError, match="precision: is 0"):
        replications_needed([1.0, 2.0, 3.0], 0)


def test_warm_up_says_when_a_series_is_too_short() -> None:
    rising = mser(np.arange(100.0))
    assert rising.at_limit
    assert mser(np.ones(40)).truncation == 0
    with pytest.raises(InputError, match="make 3 batches of 5"):
        mser(np.ones(19))
