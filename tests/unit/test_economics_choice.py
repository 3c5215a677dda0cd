"""Ratios, frontiers, acceptability and returns: verdicts, ties and signs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evaluation.economics.acceptability import (
    acceptability,
    acceptability_frontier,
    credible_interval,
    probability_cost_effective,
    switch_points,
)
from evaluation.economics.decision_tree import REST, Chance, Leaf, expected, paths
from evaluation.economics.frontier import best_at, frontier
from evaluation.economics.icer import (
    DOMINANT,
    DOMINATED,
    LESS_FOR_LESS,
    MORE_FOR_MORE,
    ONLY_CHEAPER,
    ONLY_DEARER,
    ONLY_HARM,
    ONLY_HEALTH,
    SAME,
    icer,
    icer_of,
    plane,
)
from evaluation.economics.options import Options, options_from_arrays, options_from_table
from evaluation.economics.returns import break_even, cost_per_avoided, return_per_pound
from evaluation.ratio import fieller
from scenarios.errors import InputError


@pytest.mark.parametrize(
    ("cost", "effect", "ratio", "verdict"),
    [
        (1_000, 0.1, 10_000, MORE_FOR_MORE),
        (-1_000, -0.1, 10_000, LESS_FOR_LESS),
        (-1_000, 0.1, math.nan, DOMINANT),
        (1_000, -0.1, math.nan, DOMINATED),
        (1_000, 0.0, math.nan, ONLY_DEARER),
        (-1_000, 0.0, math.nan, ONLY_CHEAPER),
        (0.0, 0.1, math.nan, ONLY_HEALTH),
        (0.0, -0.1, math.nan, ONLY_HARM),
        (0.0, 0.0, math.nan, SAME),
    ],
)
def test_a_ratio_is_told_only_of_a_trade(cost: float, effect: float, ratio: float, verdict: str) -> None:
    found = icer(cost, effect)
    assert found.ratio == pytest.approx(ratio, nan_ok=True)
    assert found.verdict == verdict
    assert math.isnan(found.slope) == (effect == 0)


def test_the_ratio_of_draws_is_that_of_means_with_fiellers_limits() -> None:
    cost = np.array([[0.0, 900.0], [0.0, 1_100.0], [0.0, 1_000.0]])
    effect = np.array([[0.0, 0.09], [0.0, 0.10], [0.0, 0.11]])
    found = icer_of(Options(("a", "b"), cost, effect), "b", "a")
    assert found.ratio == pytest.approx(10_000)
    assert found.lower < 10_000 < found.upper
    noisy = icer_of(Options(("a", "b"), cost, effect * [[1, -5], [1, 1], [1, 6]]), "b", "a")
    assert math.isnan(noisy.lower)
    assert "may be nothing" in noisy.reason


def test_fieller_agrees_with_the_delta_method_where_the_denominator_is_sure() -> None:
    draws = np.random.Generator(np.random.Philox(3)).normal(size=(4_000, 2)) * [2.0, 0.05] + [50.0, 10.0]
    lower, upper, reason = fieller(draws[:, 0], draws[:, 1])
    ratio = draws[:, 0].mean() / draws[:, 1].mean()
    se = np.std(draws[:, 0] - ratio * draws[:, 1], ddof=1) / draws[:, 1].mean() / np.sqrt(len(draws))
    assert reason == ""
    assert (upper - lower) / 2 == pytest.approx(1.96 * se, rel=0.01)


def test_where_draws_lie_on_the_plane() -> None:
    cost = np.array([[0.0, 1.0], [0.0, -1.0], [0.0, -1.0], [0.0, 1.0], [0.0, 0.0]])
    effect = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, -1.0], [0.0, -1.0], [0.0, 1.0]])
    found = plane(Options(("a", "b"), cost, effect), "b", "a")["quadrant"].tolist()
    assert found == ["north-east", "south-east", "south-west", "north-west", ""]


def test_options_on_one_line_all_stay_on_the_frontier() -> None:
    found = frontier(["a", "b", "c"], [0, 10, 20], [0, 1, 2])
    assert found["status"].tolist() == ["ND", "ND", "ND"]
    assert found["icer"].tolist()[1:] == [10, 10]
    assert best_at(found, 9.99) == "a"
    assert best_at(found, 10) == "c"


def test_twins_leave_the_first_and_negative_costs_and_effects_are_allowed() -> None:
    found = frontier(["a", "twin", "saves", "harms"], [5, 5, -3, 9], [1, 1, -2, -4]).set_index("option")
    assert found["status"].to_dict() == {"saves": "ND", "a": "ND", "twin": "D", "harms": "D"}
    assert found.loc["a", "icer"] == pytest.approx(8 / 3)


def test_extended_dominance_is_repeated_until_ratios_rise() -> None:
    found = frontier("abcde", [0, 10, 18, 24, 25], [0, 1, 2, 3, 4]).set_index("option")
    assert found["status"].to_dict() == {"a": "ND", "e": "ND", "b": "ED", "c": "ED", "d": "ED"}


def test_the_choice_follows_expected_net_benefit_not_probability() -> None:
    effect = np.array([[0.0, 0.1]] * 9 + [[0.0, -2.0]])
    curves = acceptability(Options(("a", "b"), np.zeros((10, 2)), effect), [1_000])
    assert curves["probability_best"].tolist() == [0.1, 0.9]
    chosen = acceptability_frontier(curves)
    assert chosen["option"].tolist() == ["a"]
    assert chosen["evpi"].iloc[0] == pytest.approx(0.9 * 100)


def test_options_that_are_the_same_share_the_probability() -> None:
    same = Options(("a", "b", "c"), np.ones((4, 3)), np.ones((4, 3)))
    curves = acceptability(same, [0, 20_000])
    assert curves["probability_best"].to_numpy() == pytest.approx(1 / 3)
    assert (curves["evpi"] == 0).all()
    assert probability_cost_effective(same, "b", "a", [1])["probability"].tolist() == [0.5]
    assert switch_points(same, [0, 1, 2]).empty


def test_options_are_read_from_a_long_table() -> None:
    table = pd.DataFrame({"option": ["a", "a", "b", "b"], "draw": [0, 1, 0, 1], "cost": [1, 2, 3, 4], "effect": 1.0})
    found = options_from_table(table)
    assert found.names == ("a", "b")
    assert found.cost.tolist() == [[1, 3], [2, 4]]
    with pytest.raises(InputError, match="option 'b': has no cost or effect in draw 1"):
        options_from_table(table.iloc[:3])
    with pytest.raises(InputError, match="row 4: repeats"):
        options_from_table(pd.concat([table, table.iloc[:1]], ignore_index=True))
    with pytest.raises(InputError, match="no option 'B'; did you mean 'b'"):
        found.at("B")
    with pytest.raises(InputError, match="threshold row 0: is -1"):
        found.net_benefit(-1)
    with pytest.raises(InputError, match="each name is allowed once"):
        options_from_arrays(["a", "a"], found.cost, found.effect)
    assert found.net_health_benefit(10).tolist() == [[0.9, 0.7], [0.8, 0.6]]


def test_a_credible_interval_needs_enough_draws() -> None:
    assert math.isnan(credible_interval(np.arange(19.0))[0])
    assert credible_interval(np.arange(1_001.0)) == pytest.approx((25.0, 975.0))


def test_return_per_pound_and_cost_of_what_is_avoided() -> None:
    cost = np.array([100.0, 100.0, 100.0])
    found = return_per_pound(np.array([140.0, 150.0, 160.0]), cost)
    assert found.estimate == pytest.approx(1.5)
    assert found.lower < 1.5 < found.upper
    avoided = cost_per_avoided(cost, np.array([10.0, 11.0, 12.0]), np.array([8.0, 9.1, 9.9]))
    assert avoided.estimate == pytest.approx(50)
    assert "none is avoided on average" in cost_per_avoided(cost, np.zeros(3), np.ones(3)).reason
    assert cost_per_avoided(cost, np.ones(3), np.ones(3)).reason == "no difference"
    assert "no money" in return_per_pound(np.ones(3), np.zeros(3)).reason


def test_break_even() -> None:
    assert break_even(lambda reach: 900 * reach - 306, 0, 1) == pytest.approx(0.34)
    assert math.isnan(break_even(lambda reach: reach + 1, 0, 1))
    assert break_even(lambda reach: reach - 1, 0, 1) == 1
    with pytest.raises(InputError, match="low 1 must be below high 0"):
        break_even(lambda reach: reach, 1, 0)


def test_trees_take_the_rest_and_refuse_what_does_not_add_up() -> None:
    tree = Chance("start", [(0.25, Leaf("ill", {"cost": 80})), (REST, Leaf("well", {"cost": 0}))], {"cost": 5})
    assert expected(tree) == {"cost": 25}
    assert [path.names for path in paths(tree)] == [("start", "ill"), ("start", "well")]
    for branches in ([(0.5, Leaf("a"))], [(0.8, Leaf("a")), (0.4, Leaf("b"))], [(REST, Leaf("a")), (REST, Leaf("b"))]):
        with pytest.raises(InputError, match="branches of 'start'"):
            expected(Chance("start", branches))
