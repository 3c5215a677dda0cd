"""What any right estimator obeys, whatever the data: tried on drawn panels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.studies.generators import staggered
from evaluation.causal.att_gt import Choice
from evaluation.causal.balance import balance
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.cohort import read_cohort
from evaluation.causal.few_clusters import randomisation_test, wild_bootstrap
from evaluation.causal.fixed_effects import demean
from evaluation.causal.gsynth import generalised_synthetic_control
from evaluation.causal.honest import honest_bounds
from evaluation.causal.matched import entropy_balance
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.simplex import simplex_weights
from evaluation.causal.stepped_wedge import WedgeDesign, effect_variance, hussey_hughes_variance, standard_wedge
from evaluation.causal.study import Study, read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.draws import generator
from evaluation.estimate import Estimate

SEEDS = st.integers(0, 10_000)
PANELS: dict[str, Callable[[Study], Estimate]] = {
    "never": callaway_santanna,
    "not_yet": lambda study: callaway_santanna(study, Choice("not_yet")),
    "sun_abraham": sun_abraham,
    "twfe": two_way_fixed_effects,
    "sdid": lambda study: synthetic_did(study, replications=3),
    "gsynth": lambda study: generalised_synthetic_control(study, factors=1, bootstraps=0),
}


def drawn(seed: int) -> pd.DataFrame:
    return staggered(generator(seed, "property")).frame


def study_of(frame: pd.DataFrame) -> Study:
    return read_study(frame, unit="unit", time="month", outcome="outcome", first_treated="first_treated")


@pytest.mark.parametrize("name", PANELS)
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS)
def test_renaming_and_reordering_units_changes_nothing(name: str, seed: int) -> None:
    frame = drawn(seed)
    renamed = frame.assign(unit=generator(seed, "names").permutation(60)[frame["unit"]])
    shuffled = renamed.sample(frac=1, random_state=seed)
    estimate = PANELS[name]
    assert estimate(study_of(shuffled)).estimate == pytest.approx(estimate(study_of(frame)).estimate, abs=1e-7)


@pytest.mark.parametrize("name", PANELS)
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, shift=st.floats(-100, 100), scale=st.floats(0.1, 10))
def test_unit_levels_and_common_months_do_not_matter_and_scale_carries_over(
    name: str, seed: int, shift: float, scale: float
) -> None:
    frame = drawn(seed)
    own = generator(seed, "levels").normal(0, 20, 60)[frame["unit"]]
    common = generator(seed, "months").normal(0, 20, 20)[frame["month"]]
    if name == "sdid":
        common = np.zeros(len(frame))  # its penalty goes by how much outcomes move from month to month
    moved = frame.assign(outcome=scale * (frame["outcome"] + shift + common + own))
    estimate = PANELS[name]
    base = estimate(study_of(frame)).estimate
    assert estimate(study_of(moved)).estimate == pytest.approx(scale * base, rel=1e-6, abs=1e-6 * scale)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, extra=st.floats(-20, 20))
def test_an_effect_added_by_hand_comes_back_whole(seed: int, extra: float) -> None:
    frame = drawn(seed)
    on = frame["month"] >= frame["first_treated"]
    added = frame.assign(outcome=frame["outcome"] + extra * on)
    for estimate in PANELS.values():
        gain = estimate(study_of(added)).estimate - estimate(study_of(frame)).estimate
        assert gain == pytest.approx(extra, abs=1e-6)


@pytest.mark.parametrize("estimate", [callaway_santanna, sun_abraham, two_way_fixed_effects])
def test_four_times_the_units_halve_the_interval(estimate: Callable[[Study], Estimate]) -> None:
    frame = drawn(5)
    many = pd.concat([frame.assign(unit=frame["unit"] + 60 * copy) for copy in range(4)])
    one, four = estimate(study_of(frame)), estimate(study_of(many))
    assert four.estimate == pytest.approx(one.estimate, abs=1e-8)
    assert (four.upper - four.lower) / (one.upper - one.lower) == pytest.approx(0.5, abs=0.03)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, donors=st.integers(2, 12), periods=st.integers(2, 15), ridge=st.sampled_from([0.0, 0.5, 20.0]))
def test_simplex_weights_are_weights_and_no_move_between_donors_gains(
    seed: int, donors: int, periods: int, ridge: float
) -> None:
    rng = generator(seed, "simplex")
    columns, target = rng.normal(size=(periods, donors)), rng.normal(size=periods)
    weights = simplex_weights(columns, target, ridge)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1.0)
    slope = columns.T @ (columns @ weights - target) + ridge * weights
    held = weights > 1e-9
    assert slope[held].max() - slope.min() < 1e-6 * max(1.0, np.abs(slope).max())  # first-order condition


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_a_synthetic_control_of_its_own_donors_is_exact(seed: int) -> None:
    rng = generator(seed, "convex")
    donors = rng.normal(0, 1, (8, 20)).cumsum(axis=1)
    share = rng.dirichlet(np.ones(8))
    outcome = np.vstack([share @ donors, donors])
    outcome[0, 12:] -= 2.0
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(9), 20),
            "month": np.tile(np.arange(20), 9),
            "outcome": outcome.ravel(),
            "first_treated": np.repeat([12.0] + [np.nan] * 8, 20),
        }
    )
    assert synthetic_control(study_of(frame)).estimate == pytest.approx(-2.0, abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_demeaned_panels_have_no_unit_or_period_means_left_even_with_gaps(seed: int) -> None:
    rng = generator(seed, "demean")
    weight = (rng.random((12, 9)) < 0.8) * rng.uniform(0.5, 2, (12, 1))
    weight[:, 0], weight[0, :] = 1.0, 1.0
    left = demean(rng.normal(size=(12, 9)), weight)
    assert np.abs((weight * left).sum(0)).max() < 1e-8
    assert np.abs((weight * left).sum(1)).max() < 1e-8


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_entropy_balance_balances_means_to_nothing(seed: int) -> None:
    rng = generator(seed, "entropy")
    x = rng.normal(size=(300, 3))
    treated = (rng.random(300) < 1 / (1 + np.exp(-0.5 * x[:, 0]))).astype(int)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(t=treated, y=rng.normal(size=300))
    result = entropy_balance(read_cohort(frame, treated="t", outcome="y", covariates=["a", "b", "c"]))
    assert result.tables["balance"]["smd_after"].abs().max() < 1e-4


def event_study(slope: float, effect: float, before: int, after: int, sd: float) -> Estimate:
    """An event study whose trends part by a straight line, and an effect on top of it from the start on."""
    times = np.arange(-before - 1, after)
    values = slope * (times + 1) + effect * (times >= 0)
    table = pd.DataFrame({"event_time": times, "estimate": np.where(times == -1, 0.0, values)})
    covariance = np.diag(np.where(times == -1, 0.0, sd**2))
    return Estimate(effect, 0.0, 0.0, "e", se=sd, tables={"event_study": table}, covariance=covariance)


@settings(max_examples=15, deadline=None)
@given(
    slope=st.floats(-2, 2),
    effect=st.floats(-5, 5),
    before=st.integers(2, 5),
    after=st.integers(1, 4),
    sd=st.floats(0.05, 1),
)
def test_honest_bounds_see_through_a_straight_line(
    slope: float, effect: float, before: int, after: int, sd: float
) -> None:
    result = event_study(slope, effect, before, after, sd)
    for at in range(after):
        weights = np.eye(after)[at]
        straight = honest_bounds(result, (0.0,), "smoothness", weights).iloc[0]
        assert straight["estimate"] == pytest.approx(effect, abs=1e-6)
        assert straight["lower"] < effect < straight["upper"]
        largest_step = honest_bounds(result, (1.0,), weights=weights).iloc[0]
        assert largest_step["lower"] < effect < largest_step["upper"]
    parallel = honest_bounds(result, (0.0,)).iloc[0]
    assert parallel["estimate"] == pytest.approx(slope + effect)
    assert (parallel["upper"] - parallel["lower"]) / 2 == pytest.approx(1.959964 * sd, rel=1e-5)


def test_wild_bootstrap_with_many_clusters_is_the_clustered_interval() -> None:
    frame = pd.concat([drawn(seed).assign(unit=lambda f, at=seed: f["unit"] + 60 * at) for seed in range(3)])
    study = study_of(frame)
    clustered, wild = two_way_fixed_effects(study), wild_bootstrap(study, 1999)
    assert wild.lower == pytest.approx(clustered.lower, abs=0.15 * clustered.se)
    assert wild.upper == pytest.approx(clustered.upper, abs=0.15 * clustered.se)


def test_the_randomisation_p_value_is_the_rank_among_all_deals() -> None:
    """Four clusters, two treated: six deals, and the data's own is the most extreme; swapping arms ties with it."""
    outcome = np.array([[5.0, 9.0], [3.0, 7.5], [4.0, 4.0], [6.0, 5.5]])
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(4), 2),
            "month": np.tile([0, 1], 4),
            "outcome": outcome.ravel(),
            "first_treated": np.repeat([1.0, 1.0, np.nan, np.nan], 2),
        }
    )
    result = randomisation_test(study_of(frame), permutations=1999, studentised=False)
    assert result.p_value == pytest.approx(2 / 6, abs=0.04)


def test_balance_is_nothing_where_both_arms_are_the_same_people() -> None:
    frame = pd.DataFrame({"t": [0, 0, 0, 1, 1, 1], "a": [1, 2, 3, 1, 2, 3], "y": [1, 2, 3, 2, 3, 4]})
    table = balance(read_cohort(frame, treated="t", outcome="y", covariates=["a"]), np.ones(6))
    assert table["smd_before"].to_list() == [0.0]


@settings(max_examples=20, deadline=None)
@given(
    steps=st.integers(2, 6),
    each=st.integers(1, 4),
    people=st.floats(1, 500),
    icc=st.floats(0.001, 0.5),
    sd=st.floats(0.1, 10),
)
def test_least_squares_and_the_closed_form_of_the_wedge_agree(
    steps: int, each: int, people: float, icc: float, sd: float
) -> None:
    treated = standard_wedge(steps * each, steps + 1)
    formula = hussey_hughes_variance(treated, (1 - icc) * sd**2 / people, icc * sd**2)
    design = WedgeDesign(treated, people, icc, sd)
    assert effect_variance(design) == pytest.approx(formula, rel=1e-8)
    weaker = replace(design, people=people * 2)
    assert effect_variance(weaker) < effect_variance(design)
