"""Limits of a ratio agree with the test of its numerator, and hold the true ratio as often as they say."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evaluation.twins import NO_DIFFERENCE, paired

counts = st.lists(st.tuples(st.integers(40, 60), st.integers(0, 80)), min_size=4, max_size=20)


@settings(max_examples=200, deadline=None)
@given(counts)
def test_a_percentage_holds_nothing_just_where_the_difference_does(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs, float).T
    found = paired(a, b)
    assume(not math.isnan(found.percent_lower))
    assume((b - a).any())
    assume(min(abs(found.lower), abs(found.upper)) > 1e-9)
    holds = found.percent_lower <= 0 <= found.percent_upper
    assert holds == (found.verdict == NO_DIFFERENCE)
    assert found.percent_lower <= found.percent + 1e-9
    assert found.percent <= found.percent_upper + 1e-9


def test_limits_of_a_percentage_hold_the_truth_as_often_as_they_say() -> None:
    draws = 4_000
    rng = np.random.Generator(np.random.Philox(7))
    a = rng.gamma(8.0, 12.5, size=(draws, 10))
    b = 0.8 * a + rng.normal(0.0, 20.0, size=a.shape)
    found = [paired(one, other) for one, other in zip(a, b, strict=True)]
    told = [each for each in found if not math.isnan(each.percent_lower)]
    assert len(told) > 0.99 * draws
    held = np.mean([each.percent_lower <= -20 <= each.percent_upper for each in told])
    assert abs(held - 0.95) < 0.015
