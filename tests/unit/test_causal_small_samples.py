"""Few units: degrees of freedom, drift before the start, and the randomisation test's quick way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from evaluation.causal.att_gt import Choice
from evaluation.causal.bands import degrees_of_freedom, drift, joint_degrees_of_freedom
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.designs import Evaluation
from evaluation.causal.export import Results, write
from evaluation.causal.few_clusters import randomisation_test
from evaluation.causal.fixed_effects import fit, fit_each
from evaluation.causal.study import Study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.draws import generator
from evaluation.estimate import Estimate
from tests.unit.test_causal_variants import panel, study_of


def test_two_periods_are_welchs_test() -> None:
    """Callaway-Sant'Anna with two periods compares two means of changes: the same t, limits and degrees of freedom."""
    frame = panel(3, treated=5, others=20)
    frame = frame[frame["month"].isin([5, 6])]
    wide = frame.pivot(index="unit", columns="month", values="outcome")
    change = wide[6] - wide[5]
    welch = stats.ttest_ind(change[:5], change[5:], equal_var=False)
    found = callaway_santanna(study_of(frame))
    df = found.diagnostics["degrees_of_freedom"]
    clusters = (25 / 24) ** 0.5  # the factor of all clusters, beside those of the two samples
    assert df == pytest.approx(welch.df)
    assert found.estimate / found.se * clusters == pytest.approx(welch.statistic)
    limits = welch.confidence_interval(0.95)
    assert (found.upper - found.lower) / clusters == pytest.approx(limits.high - limits.low)


def test_degrees_of_freedom_are_those_of_the_smaller_sample_where_it_varies_most() -> None:
    study = study_of(panel(4, treated=3, others=27))
    influence = np.where(study.never, 0.01, 1.0)[:, None]
    assert degrees_of_freedom(influence, study)[0] == pytest.approx(2.0, abs=0.01)
    assert degrees_of_freedom(np.zeros((30, 1)), study)[0] == 29
    assert (degrees_of_freedom(np.ones((30, 2)), study) <= 29).all()


def test_two_alike_samples_together_have_their_clusters_less_two() -> None:
    study = study_of(panel(4, treated=15, others=15))
    half = generator(1, "halves").normal(size=(15, 3))
    half -= half.mean(0)
    assert joint_degrees_of_freedom(np.concatenate([half, half]), study) == pytest.approx(28)
    few = np.concatenate([half, 1e-3 * half])
    assert joint_degrees_of_freedom(few, study) == pytest.approx(14, abs=0.01)


def test_the_test_before_the_start_of_one_coefficient_is_students() -> None:
    """With one coefficient Hotelling's F is the square of t with Welch's degrees of freedom."""
    frame = panel(6, treated=6, others=14)
    frame = frame[frame["month"] >= 4]
    for estimator in (sun_abraham, callaway_santanna):
        found = estimator(study_of(frame))
        event = found.tables["event_study"].set_index("event_time")
        row = event.loc[-2 if estimator is sun_abraham else -1]
        limits = float((row["upper"] - row["estimate"]) / row["se"])
        df = found.diagnostics["pretrend_df_error"]
        assert limits == pytest.approx(stats.t.ppf(0.975, df))
        t = abs(row["estimate"]) / row["se"]
        assert found.diagnostics["pretrend_p_value"] == pytest.approx(2 * stats.t.sf(t, df))
        assert found.diagnostics["pretrend_wald"] == pytest.approx(t**2)


@pytest.mark.parametrize("estimator", [sun_abraham, lambda s: callaway_santanna(s, Choice(shares="fixed"))])
@pytest.mark.parametrize("treated", [20, 10])
def test_parallel_trends_are_refused_about_as_often_as_the_test_says(
    estimator: Callable[[Study], Estimate], treated: int
) -> None:
    """Forty areas, eight periods before: chi-squared refused 16% of these with 20 treated, 34% to 36% with 10."""
    worlds = 200
    frames = [panel(seed, treated, 40 - treated) for seed in range(worlds)]
    for frame in frames:
        frame["outcome"] += 2.0 * (frame["month"] >= frame["start"])  # no effect, so that the start can be later
        frame["start"] += 2
    found = [estimator(study_of(frame)).diagnostics["pretrend_p_value"] for frame in frames]
    refused = float(np.mean([p < 0.05 for p in found]))
    print(f"\n{treated} of 40 treated: refused {refused:.1%}")
    assert np.isfinite(found).all()
    assert refused < 0.05 + 3 * (0.05 * 0.95 / worlds) ** 0.5


def test_trends_that_are_not_parallel_are_still_refused() -> None:
    frame = panel(2, 20, 20)
    frame["outcome"] += np.where(frame["start"].notna(), 0.6 * frame["month"], 0.0)
    assert sun_abraham(study_of(frame)).diagnostics["pretrend_p_value"] < 0.01


def test_more_periods_before_than_clusters_can_tell_have_no_p_value() -> None:
    for treated, others in ((4, 30), (1, 30), (4, 4)):
        found = sun_abraham(study_of(panel(3, treated, others)))
        assert np.isfinite(found.diagnostics["pretrend_wald"])
        assert np.isnan(found.diagnostics["pretrend_p_value"])


def test_units_of_a_cluster_that_start_apart_leave_the_number_of_clusters() -> None:
    study = study_of(panel(4, treated=5, others=15, per_cluster=2), cluster="cluster")
    assert degrees_of_freedom(np.ones((10, 1)), study)[0] == 9


def test_one_regression_each_is_what_each_alone_gives() -> None:
    frame = panel(5)
    frame.loc[[3, 40, 77], "outcome"] = np.nan
    study = study_of(frame)
    rng = generator(1, "designs")
    designs = rng.integers(0, 2, (*study.outcome.shape, 4)).astype(float)
    together = fit_each(study.outcome, designs, study.row_weights, study.cluster)
    for at in range(4):
        alone = fit(study.outcome, designs[..., at : at + 1], study.row_weights, study.cluster)
        assert together[at, 0] == pytest.approx(alone.coefficients[0])
        assert together[at, 1] == pytest.approx(alone.covariance[0, 0] ** 0.5)
    assert np.isnan(fit_each(study.outcome, np.ones((*study.outcome.shape, 1)), study.row_weights, study.cluster)).all()


@pytest.mark.parametrize("studentised", [True, False])
def test_the_quick_randomisation_test_is_the_slow_one(studentised: bool) -> None:
    study = study_of(panel(6, treated=4, others=8))

    def slow(given: Study) -> Estimate:
        return two_way_fixed_effects(given)

    quick = randomisation_test(study, permutations=60, studentised=studentised)
    assert quick.p_value == randomisation_test(study, slow, 60, studentised=studentised).p_value


def test_a_gap_that_drifts_before_the_start_is_told() -> None:
    alike = [two_way_fixed_effects(study_of(panel(seed, treated=4))) for seed in range(40)]
    assert sum("drifts" in " ".join(each.cautions) for each in alike) <= 7  # one in twenty, by chance
    frame = panel(7, treated=4, months=16)
    frame["start"] = frame["start"].where(frame["start"].isna(), 12.0)
    frame["outcome"] += np.where(frame["unit"] < 4, 1.5 * frame["month"], 0.0)
    for estimate in (two_way_fixed_effects, synthetic_control):
        told = estimate(study_of(frame))
        assert any("drifts before the start" in words for words in told.cautions)
        assert told.diagnostics["drift_p_value"] < 0.05
    assert told.diagnostics["drift_before"] > 0


def test_drift_needs_periods_and_a_gap_that_moves() -> None:
    assert drift(np.arange(4.0)) == ({}, ())
    assert drift(np.array([1.0, 2.0, np.nan, 4.0, 5.0])) == ({}, ())
    assert drift(np.full(8, 3.0)) == ({"drift_before": 0.0, "drift_p_value": 1.0}, ())


def test_a_period_without_one_side_has_no_drift_and_no_missing_number() -> None:
    frame = panel(8, treated=4)
    frame = frame[(frame["unit"] >= 4) | (frame["month"] != 2)]
    found = two_way_fixed_effects(study_of(frame))
    assert "drift_before" not in found.diagnostics
    assert np.isfinite(found.estimate)


def test_a_p_value_that_cannot_be_told_is_null_in_what_is_written(tmp_path: Path) -> None:
    found = sun_abraham(study_of(panel(3, treated=4, others=30)))
    write(tmp_path, Results(Evaluation("did", (found,)), "visits"), {})

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no JSON")

    text = (tmp_path / "evaluation.json").read_text(encoding="utf-8")
    told = json.loads(text, parse_constant=refuse)["diagnostics"]["did_sun_abraham"]
    assert told["pretrend_p_value"] is None
    assert told["pretrend_wald"] > 0
