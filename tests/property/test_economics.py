"""What has to hold of any costs, effects and draws."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.economics.acceptability import acceptability
from evaluation.economics.discounting import discount_factors, present_value
from evaluation.economics.frontier import FRONTIER, best_at, frontier
from evaluation.economics.markov import Counting, cohort_total, cohort_trace
from evaluation.economics.money import split
from evaluation.economics.options import Options

AMOUNT = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
LEAST = 1e-30  # smaller sizes are refused: nothing is measured in them


def up_to(most: float) -> st.SearchStrategy[float]:
    """Return numbers from 0 to ``most`` that are accepted."""
    return st.one_of(st.just(0.0), st.floats(LEAST, most))


OPTION = st.tuples(st.integers(-1_000, 1_000), st.integers(-1_000, 1_000))
DRAWS = arrays(float, st.tuples(st.integers(1, 30), st.integers(2, 5)), elements=AMOUNT)


@given(st.lists(OPTION, min_size=1, max_size=40))
def test_ratios_on_the_frontier_never_fall_and_nothing_off_it_is_ever_best(points: list[tuple[int, int]]) -> None:
    cost, effect = (np.array([point[at] for point in points], float) for at in (0, 1))
    table = frontier(range(len(points)), cost, effect)
    on = table[table["status"] == FRONTIER]
    ratios = on["icer"].to_numpy()[1:]
    assert (np.diff(ratios) >= 0).all()
    for threshold in (0.0, 0.5, 1.0, 3.0, 1e6):
        best = (effect * threshold - cost).max()
        chosen = int(best_at(table, threshold))
        assert effect[chosen] * threshold - cost[chosen] == pytest.approx(best, abs=1e-6, rel=1e-9)
        if len(ratios) and ratios[0] < threshold:
            assert chosen != int(on["option"].iloc[0])


@given(st.lists(OPTION, min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_the_frontier_does_not_depend_on_the_order_given(points: list[tuple[int, int]], shuffle) -> None:
    unique = list(dict.fromkeys(points))
    mixed = unique.copy()
    shuffle.shuffle(mixed)
    found = [
        set(frontier(list(map(str, each)), *zip(*each, strict=True)).query("status == 'ND'")["option"])
        for each in (unique, mixed)
    ]
    assert found[0] == found[1]


@given(DRAWS, up_to(1e5))
def test_probabilities_add_up_and_perfect_information_is_the_least_expected_loss(
    effect: np.ndarray, threshold: float
) -> None:
    cost = np.roll(effect, 1, axis=1)
    curves = acceptability(Options(tuple("abcde"[: effect.shape[1]]), cost, effect), [threshold])
    assert curves["probability_best"].sum() == pytest.approx(1)
    assert (curves["expected_loss"] >= 0).all()
    scale = max(1.0, float(np.abs(curves["expected_net_benefit"]).max()))
    assert curves["evpi"].iloc[0] == pytest.approx(curves["expected_loss"].min(), abs=1e-9 * scale)
    assert int(curves["best"].sum()) == 1


@given(st.integers(-(10**12), 10**12), st.lists(up_to(1e6), min_size=1, max_size=20).filter(lambda w: sum(w) > 0))
def test_pence_split_by_any_weights_add_up(total: int, weights: list[float]) -> None:
    parts = split(total, weights)
    assert int(parts.sum()) == total
    exact = total * np.array(weights) / sum(weights)
    assert (np.abs(parts - exact) <= 1 + 1e-6 * abs(total)).all()


@given(st.lists(up_to(100), min_size=1, max_size=20), up_to(1))
def test_discounting_never_adds_value_and_factors_multiply(years: list[float], rate: float) -> None:
    factors = discount_factors(years, rate)
    assert ((factors > 0) & (factors <= 1)).all()
    assert discount_factors([5], rate)[0] * discount_factors([7], rate)[0] == pytest.approx(
        discount_factors([12], rate)[0]
    )
    assert present_value(np.ones(len(years)), years, rate) <= len(years) + 1e-9


@settings(max_examples=30)
@given(arrays(float, (3, 3), elements=st.floats(0.01, 1)), st.integers(1, 20))
def test_a_cohort_loses_nobody_and_half_cycle_lies_between(weights: np.ndarray, cycles: int) -> None:
    matrix = weights / weights.sum(axis=1, keepdims=True)
    trace = cohort_trace([1.0, 0.0, 0.0], matrix, cycles)
    assert trace.sum(axis=1) == pytest.approx(np.ones(cycles + 1))
    reward = np.array([1.0, 0.4, 0.0])
    first, half, last = (cohort_total(trace, reward, 0.035, Counting(way)) for way in ("start", "half_cycle", "end"))
    assert half == pytest.approx((first + last) / 2)


def test_a_frontier_of_a_hundred_thousand_options_takes_under_five_seconds() -> None:
    draws = np.random.Generator(np.random.Philox(1)).random((2, 100_000))
    began = time.perf_counter()
    table = frontier(np.arange(100_000), draws[0] ** 2 * 1e6, draws[1] + draws[0])
    assert time.perf_counter() - began < 5
    assert (np.diff(table.loc[table["status"] == FRONTIER, "icer"].to_numpy()[1:]) > 0).all()
    assert isinstance(table, pd.DataFrame)
