"""Identities of distances between groups, entropy, shares and funnels that hold for any groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.causal.relative_magnitudes import relative_interval
from evaluation.inequality.dispersion import (
    between_group_variance,
    generalised_entropy,
    gini,
    hoover,
    mean_log_deviation,
    theil,
)
from evaluation.inequality.groups import (
    Attributable,
    Distance,
    attributable_fraction,
    attributable_risk,
    between_group_sd,
    coefficient_of_variation,
    disparity_index,
    mean_difference,
)
from evaluation.inequality.quantiles import assign_quantiles
from evaluation.standardisation.funnel import funnel_lines

CLOSE = 1e-9
MEASURES = {
    "sd": between_group_sd,
    "cov": coefficient_of_variation,
    "disparity": disparity_index,
    "mean": mean_difference,
    "best": lambda value, people: mean_difference(value, people, distance=Distance("best")),
    "theil": theil,
    "mld": mean_log_deviation,
    "entropy": lambda value, people: generalised_entropy(value, people, 2.0),
    "hoover": hoover,
    "gini": gini,
}
RELATIVE = {"cov", "disparity", "theil", "mld", "entropy", "hoover", "gini"}


@st.composite
def groups(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Return values above 0 and populations of 3 to 8 groups."""
    n = draw(st.integers(3, 8))
    value = draw(st.lists(st.floats(1.0, 90.0), min_size=n, max_size=n))
    return np.array(value), np.array(draw(st.lists(st.floats(10.0, 1e5), min_size=n, max_size=n)))


@given(groups(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_order_of_groups_and_the_size_of_the_country_change_nothing(data, shuffle) -> None:  # type: ignore[no-untyped-def]
    value, people = data
    order = np.arange(len(value))
    shuffle.shuffle(order)
    for name, measure in MEASURES.items():
        plain = measure(value, people).estimate
        assert measure(value[order], 3 * people[order]).estimate == pytest.approx(plain, rel=1e-7, abs=CLOSE), name


@given(groups(), st.floats(0.1, 20.0))
@settings(deadline=None, max_examples=50)
def test_relative_measures_have_no_unit_and_the_others_take_the_values(
    data: tuple[np.ndarray, np.ndarray], unit: float
) -> None:
    value, people = data
    for name, measure in MEASURES.items():
        factor = 1.0 if name in RELATIVE else unit
        found = measure(value * unit, people).estimate
        assert found == pytest.approx(factor * measure(value, people).estimate, rel=1e-6, abs=1e-7), name


@given(st.floats(1.0, 90.0), st.integers(3, 8))
def test_groups_all_alike_are_not_apart(level: float, n: int) -> None:
    value, people = np.full(n, level), np.arange(1.0, n + 1)
    for name, measure in MEASURES.items():
        assert measure(value, people).estimate == pytest.approx(0.0, abs=1e-6), name
    for about in (Attributable(), Attributable(favourable=True), Attributable(ordered=False)):
        assert attributable_risk(value, people, about).estimate == pytest.approx(0.0, abs=CLOSE)


@given(groups())
@settings(deadline=None, max_examples=50)
def test_measures_are_one_anothers_functions(data: tuple[np.ndarray, np.ndarray]) -> None:
    value, people = data
    average = float(np.average(value, weights=people))
    sd = between_group_sd(value, people).estimate
    assert sd**2 == pytest.approx(between_group_variance(value, people).estimate, rel=1e-9, abs=CLOSE)
    assert coefficient_of_variation(value, people).estimate == pytest.approx(100 * sd / average)
    assert generalised_entropy(value, people, 2.0).estimate == pytest.approx(sd**2 / (2 * average**2), abs=CLOSE)
    assert generalised_entropy(value, people, 1.0).estimate == pytest.approx(theil(value, people).estimate, abs=CLOSE)
    mld = mean_log_deviation(value, people).estimate
    assert generalised_entropy(value, people, 0.0).estimate == pytest.approx(mld, abs=CLOSE)
    assert disparity_index(value, people).estimate == pytest.approx(200 * hoover(value, people).estimate, abs=1e-7)
    assert mean_difference(value, people).estimate == pytest.approx(
        disparity_index(value, people).estimate * average / 100, abs=1e-7
    )


@given(groups())
@settings(deadline=None, max_examples=50)
def test_what_is_attributable_is_the_average_less_the_references(data: tuple[np.ndarray, np.ndarray]) -> None:
    value, people = data
    average = float(np.average(value, weights=people))
    risk, fraction = (each(value, people).estimate for each in (attributable_risk, attributable_fraction))
    assert risk == pytest.approx(min(value[-1] - average, 0.0), abs=CLOSE)
    assert fraction == pytest.approx(100 * risk / average, abs=CLOSE)
    best = attributable_risk(value, people, Attributable(ordered=False)).estimate
    assert best == pytest.approx(value.min() - average, abs=CLOSE)


@given(st.lists(st.floats(0.0, 100.0), min_size=10, max_size=60, unique=True))
@settings(deadline=None, max_examples=50)
def test_fifths_are_as_equal_as_they_can_be_and_follow_the_score(scores: list[float]) -> None:
    fifth = assign_quantiles(scores)
    sizes = np.bincount(fifth.astype(int))[1:]
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(fifth[np.argsort(scores)]) <= 0).all()  # the highest score is the most deprived, 1


@given(st.floats(0.05, 0.6), st.integers(50, 5_000))
@settings(deadline=None, max_examples=25)
def test_funnels_narrow_with_people_and_the_wider_level_holds_the_narrower(share: float, people: int) -> None:
    lines = funnel_lines(share, "proportion", people, 10.0 * people)
    narrow, wide = (lines[lines["level"] == level] for level in sorted(lines["level"].unique()))
    assert (wide["upper"].to_numpy() >= narrow["upper"].to_numpy()).all()
    assert (wide["lower"].to_numpy() <= narrow["lower"].to_numpy()).all()
    assert (np.diff(wide["upper"] - wide["lower"]) <= CLOSE).all()


@given(st.lists(st.floats(-2.0, 2.0), min_size=2, max_size=4), st.floats(0.1, 1.0), st.floats(0.1, 2.0))
@settings(deadline=None, max_examples=10)
def test_an_interval_that_allows_more_departure_holds_the_one_that_allows_less(
    steps: list[float], se: float, much: float
) -> None:
    values, covariance = np.array([*steps, 1.0]), se**2 * (np.eye(len(steps) + 1) + 0.2)
    less, more = (relative_interval(values, covariance, each, 1.0, 0.95) for each in (much, 2 * much))
    assert more[0] <= less[0] + CLOSE
    assert more[1] >= less[1] - CLOSE
    assert less[0] < 1.0 < less[1]
