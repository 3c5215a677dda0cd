"""Synthetic control of several treated units: its error is that of a mean, not of one unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.designs import Table, evaluate
from evaluation.causal.study import Study
from evaluation.causal.synthetic import PLACEBO_DRAWS, Predictors, synthetic_control
from evaluation.draws import generator
from tests.unit.test_causal_variants import study_of

MONTHS, START = 16, 10


def world(seed: int, treated: int, donors: int = 24) -> pd.DataFrame:
    """Units that follow two shared walks, no effect: from month 10 on the first are said to be treated."""
    rng = generator(seed, "several treated")
    units = treated + donors
    walks = rng.normal(size=(2, MONTHS)).cumsum(axis=1)
    outcome = 20 + rng.uniform(0, 1, (units, 2)) @ walks + rng.normal(size=(units, MONTHS))
    first = np.where(np.arange(units) < treated, float(START), np.nan)
    columns = {"unit": np.arange(units), "start": first, "weight": 1.0 + np.arange(units) % 3}
    frame = pd.DataFrame({name: np.repeat(values, MONTHS) for name, values in columns.items()})
    return frame.assign(month=np.tile(np.arange(MONTHS), units), outcome=outcome.ravel())


def placebos(study: Study, **more: object) -> pd.DataFrame:
    return synthetic_control(study, **more).tables["placebo"]  # type: ignore[arg-type]


@pytest.mark.parametrize("treated", [1, 3, 12])
def test_the_error_is_the_spread_of_estimates_whatever_the_number_treated(treated: int) -> None:
    found = [synthetic_control(study_of(world(seed, treated))) for seed in range(40)]
    spread = float(np.std([each.estimate for each in found], ddof=1))
    assert float(np.mean([each.se for each in found])) == pytest.approx(spread, rel=0.35)
    assert np.mean([each.lower < 0 < each.upper for each in found]) > 0.84  # three Monte Carlo errors below 95%
    assert np.mean([each.p_value <= 0.05 for each in found]) < 0.16
    assert sum("above 95% of placebos" in " ".join(each.cautions) for each in found) <= 6  # one in twenty, by chance


def test_placebos_are_means_of_as_many_donors_drawn_by_the_seed() -> None:
    study = study_of(world(1, 3))
    one = placebos(study)
    assert len(one) == PLACEBO_DRAWS
    assert one["unit"].iloc[0] == "mean of 3 donors, draw 1"
    pd.testing.assert_frame_equal(one, placebos(study))
    assert not one["estimate"].equals(placebos(study, seed=2)["estimate"])
    alone = placebos(study_of(world(1, 1)))
    assert alone["unit"].to_list() == [str(each) for each in range(1, 25)]
    pd.testing.assert_frame_equal(alone, placebos(study_of(world(1, 1)), seed=2))


def test_too_few_donors_to_average_are_told_to_make_limits_too_wide() -> None:
    found = synthetic_control(study_of(world(1, 4, donors=7)))
    assert "4 treated units and 7 donors: placebos are single donors, so limits are too wide" in found.cautions
    assert len(found.tables["placebo"]) == 7
    assert "too wide" not in " ".join(synthetic_control(study_of(world(1, 4, donors=8))).cautions)
    few = synthetic_control(study_of(world(1, 2, donors=4)))
    assert few.reason == "4 donors: too few placebos for an interval"
    assert np.isnan(few.se)


def test_treated_units_that_donors_cannot_follow_are_told_that_limits_are_too_narrow() -> None:
    frame = world(4, 3)
    wild = frame["outcome"] + 4.0 * (frame["unit"] < 3) * np.cos(3.0 * frame["month"])
    told = synthetic_control(study_of(frame.assign(outcome=wild))).cautions
    assert "the error before the start is above 95% of placebos': limits, made of theirs, are too narrow" in told


def test_placebos_weigh_donors_as_the_treated_weigh() -> None:
    frame = world(2, 6)
    heavy = frame.assign(weight=np.where(frame["unit"] == 0, 1e6, 1.0))
    one_counts, all_count = (synthetic_control(study_of(each, weight="weight")) for each in (heavy, frame))
    assert one_counts.se > 1.5 * all_count.se


@pytest.mark.parametrize("ridge", [False, True])
def test_predictors_and_the_ridge_are_those_of_the_mean_drawn(ridge: bool) -> None:
    frame = world(3, 2, donors=8)
    early = frame[frame["month"] < START].assign(half=lambda f: f["month"] // 5)
    table = early.pivot_table(index="half", columns="unit", values="outcome")
    found = synthetic_control(study_of(frame), Predictors(table, importance=(1.0, 1.0)), ridge=ridge)
    assert len(found.tables["placebo"]) == 28  # pairs of eight donors
    assert 0 < found.se < placebos(study_of(frame[frame["unit"] != 0]), ridge=ridge)["estimate"].std() * 1.2


def test_the_design_passes_its_seed_on() -> None:
    table = Table(world(1, 3, donors=16).drop(columns="weight"), "outcome", first_treated="start")
    one, other = (evaluate(table, "synthetic", seed=seed).results for seed in (1, 2))
    for first, second in zip(one[2:], other[2:], strict=True):
        assert first.method.startswith("synthetic_control")
        assert (first.estimate == second.estimate, first.se == second.se) == (True, False)


def test_few_donors_make_few_placebos_each_once_and_a_p_value_no_smaller_than_they_allow() -> None:
    frame = world(3, 2, donors=5).assign(weight=1.0)
    frame.loc[(frame["unit"] < 2) & (frame["month"] >= START), "outcome"] += 100.0
    found = synthetic_control(study_of(frame))
    table = found.tables["placebo"]
    assert len(table) == 10  # pairs of five donors
    assert not table.duplicated("estimate").any()
    assert found.diagnostics["p_value"] == pytest.approx(1 / 11)
    many = placebos(study_of(world(4, 3)))
    assert len(many) == PLACEBO_DRAWS
    assert not many.duplicated("estimate").any()
