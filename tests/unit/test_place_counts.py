"""Largest remainder: whole numbers that keep their total and stay within one of their share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.place_files import load_place
from sim.place.counts import largest_remainder, resident_counts

WEIGHTS = st.lists(st.floats(0, 1e9, allow_nan=False, allow_infinity=False), min_size=1, max_size=60)


@given(weights=WEIGHTS, total=st.integers(0, 1_000_000))
def test_counts_keep_the_total_and_stay_within_one_of_their_share(weights: list[float], total: int) -> None:
    array = np.array(weights)
    if array.sum() == 0:
        array[0] = 1.0
    counts = largest_remainder(array, total)
    assert counts.sum() == total
    assert (counts >= 0).all()
    scaled = array / array.max()
    exact = scaled / scaled.sum() * total
    assert (np.abs(counts - exact) < 1 + 1e-6).all()
    assert (counts[array == 0] == 0).all()


@given(weights=WEIGHTS, total=st.integers(0, 10_000))
def test_a_larger_weight_never_gets_fewer(weights: list[float], total: int) -> None:
    array = np.array(weights) + 1.0
    counts = largest_remainder(array, total)
    order = np.argsort(array, kind="stable")
    by_weight, in_order = array[order], counts[order]
    for i in range(len(order) - 1):
        if by_weight[i + 1] > by_weight[i] * (1 + 1e-9):
            assert in_order[i + 1] >= in_order[i]


def test_weights_that_cannot_be_shared_are_refused() -> None:
    with pytest.raises(ValueError, match="all 0"):
        largest_remainder(np.zeros(3), 5)
    with pytest.raises(ValueError, match="negative"):
        largest_remainder(np.array([1.0, -1.0]), 5)
    with pytest.raises(ValueError, match="finite"):
        largest_remainder(np.array([1.0, np.nan]), 5)
    assert largest_remainder(np.zeros(3), 0).tolist() == [0, 0, 0]


def test_the_shape_is_kept_and_ties_go_to_the_earlier_cell() -> None:
    assert largest_remainder(np.ones((2, 2)), 6).tolist() == [[2, 2], [1, 1]]


@pytest.mark.parametrize("basis", ["census_2021", "mid_2020", "programme_500k", "gp_registered"])
def test_residents_add_up_to_the_basis_and_to_each_community(basis: str) -> None:
    place = load_place("bi_borough")
    total = place.total(basis)
    counts = resident_counts(place, total)
    assert counts.shape == (224, 20, 2)
    assert counts.sum() == total
    exact = place.communities["population"].to_numpy() * total / place.communities["population"].sum()
    assert np.abs(counts.sum(axis=(1, 2)) - exact).max() < 1
