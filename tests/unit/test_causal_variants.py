"""Variants of estimators: their errors against repeated samples or a second way of doing the same sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.causal.adjustment import doubly_robust, g_formula, inverse_probability
from evaluation.causal.att_gt import Choice
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.cohort import Cohort, read_cohort
from evaluation.causal.matched import Matching, matched_cohort
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.stepped_wedge import mixed_model
from evaluation.causal.study import Study, read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.draws import generator
from scenarios.errors import InputError


def panel(seed: int, treated: int = 6, others: int = 20, months: int = 10, per_cluster: int = 1) -> pd.DataFrame:
    """Areas by month: an effect of -2 from month 6 on, a level of each area, noise of 1."""
    rng = generator(seed, "variants")
    units = treated + others
    unit, month = np.repeat(np.arange(units), months), np.tile(np.arange(months), units)
    first = np.where(unit < treated, 6.0, np.nan)
    level = rng.normal(20, 3, units)[unit] + rng.normal(0, 1, months)[month]
    outcome = level - 2.0 * (month >= first) + rng.normal(0, 1, len(unit))
    return pd.DataFrame(
        {"unit": unit, "month": month, "outcome": outcome, "start": first, "cluster": unit // per_cluster}
    )


def study_of(frame: pd.DataFrame, **more: object) -> Study:
    return read_study(frame, unit="unit", time="month", outcome="outcome", first_treated="start", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("errors", ["placebo", "jackknife", "bootstrap"])
def test_errors_of_synthetic_did_are_about_the_spread_of_estimates(errors: str) -> None:
    seeds = 48
    found = [synthetic_did(study_of(panel(seed, 4, 12)), 20, errors=errors) for seed in range(seeds)]
    spread = float(np.std([each.estimate for each in found], ddof=1))
    mean = float(np.mean([each.se for each in found]))
    print(f"\n{errors}: standard error {mean / spread:.2f} of the spread")
    assert mean == pytest.approx(spread, rel=0.3)
    assert np.mean([each.estimate for each in found]) == pytest.approx(-2.0, abs=4 * spread / np.sqrt(seeds))


def test_placebos_of_synthetic_did_weigh_as_the_treated_weigh() -> None:
    frame = panel(3, treated=6, others=20)
    heavy = frame.assign(weight=np.where(frame["unit"] == 0, 1e6, 1.0))
    one_counts, all_count = (
        synthetic_did(study_of(each, weight="weight"), 40) for each in (heavy, frame.assign(weight=1.0))
    )
    assert one_counts.se > 1.5 * all_count.se
    assert all_count.se == synthetic_did(study_of(frame), 40).se


def test_starts_of_synthetic_did_are_averaged_by_the_weight_of_their_units() -> None:
    """Two starts with effects of -2 and -8: weight on the one moves the average to it, as it does in Sun-Abraham's."""
    frame = panel(4, treated=6, others=20)
    early = frame["unit"] < 3
    frame["start"] = frame["start"].where(~early, 4.0)
    frame["outcome"] -= np.where(early & (frame["month"] >= 4), 6.0, 0.0)
    frame["weight"] = np.where(early, 1e6, 1.0)
    study = study_of(frame, weight="weight")
    alone = synthetic_did(study_of(frame[early | frame["start"].isna()]), 3)
    assert synthetic_did(study, 3).estimate == pytest.approx(alone.estimate, abs=1e-3)
    assert sun_abraham(study).estimate == pytest.approx(alone.estimate, abs=1.0)


def test_placebos_of_synthetic_did_weigh_starts_as_the_treated_are_weighed() -> None:
    """With all the weight on one start, the error is that of the start alone: more than of the mean of both."""
    frame = panel(5, treated=6, others=24)
    early = frame["unit"] == 0
    frame["start"] = frame["start"].where(~early, 4.0)
    heavy = frame.assign(weight=np.where(early, 1e6, 1.0))
    assert synthetic_did(study_of(heavy, weight="weight"), 60).se > 1.5 * synthetic_did(study_of(frame), 60).se


def test_limits_from_few_placebos_are_students_and_none_from_fewer_than_five() -> None:
    for others in (2, 4):
        few = synthetic_did(study_of(panel(1, treated=1, others=others)), 20)
        assert np.isnan([few.se, few.lower, few.upper]).all()
        assert few.reason == f"{others} never-treated units: too few placebos for an interval"
        assert np.isfinite(few.estimate)
    for estimator in (lambda s: synthetic_did(s, 20), synthetic_control):
        found = estimator(study_of(panel(1, treated=1, others=5)))
        assert (found.upper - found.estimate) / found.se == pytest.approx(stats.t.ppf(0.975, 4))
    other = synthetic_did(study_of(panel(1, treated=2, others=5)), errors="jackknife")
    assert (other.upper - other.estimate) / other.se == pytest.approx(stats.norm.ppf(0.975))


def test_limits_of_synthetic_did_beside_five_controls_hold_the_effect_about_as_often_as_they_say() -> None:
    """In these 150 worlds normal limits would hold 128 times (85%)."""
    found = [synthetic_did(study_of(panel(seed, 1, 5)), 30) for seed in range(150)]
    assert sum(each.lower <= -2.0 <= each.upper for each in found) / 150 > 0.9


def test_errors_that_cannot_be_had_say_why() -> None:
    one = study_of(panel(1, treated=1))
    assert "one treated unit: no jackknife" in synthetic_did(one, errors="jackknife").reason
    assert "one treated unit: no bootstrap" in synthetic_did(one, 3, errors="bootstrap").reason
    many = study_of(panel(1, treated=12, others=10))
    assert "no placebo standard error" in synthetic_did(many).reason
    assert np.isfinite(synthetic_did(many, errors="jackknife").se)
    two = panel(2).assign(start=lambda f: f["start"].where(f["unit"] != 0, 4.0))
    assert "several starts" in synthetic_did(study_of(two), errors="jackknife").reason
    with pytest.raises(InputError, match="did you mean 'jackknife'"):
        synthetic_did(one, errors="jacknife")


def test_cells_of_an_unbalanced_panel_can_use_whoever_is_seen_in_both_periods() -> None:
    frame = panel(3)
    holes = frame[generator(3, "holes").random(len(frame)) > 0.08]
    with pytest.raises(InputError, match="no treated unit"):
        callaway_santanna(study_of(holes.drop(holes[(holes["unit"] < 6) & (holes["month"] == 0)].index)))
    found = callaway_santanna(study_of(holes), Choice(kept="pairs"))
    assert "each cell uses those seen in both" in " ".join(found.cautions)
    assert found.lower < -2.0 < found.upper
    cells = found.tables["att_gt"].set_index("period")
    wide = holes.pivot(index="unit", columns="month", values="outcome")
    change = (wide[8] - wide[5]).dropna()
    by_hand = change[change.index < 6].mean() - change[change.index >= 6].mean()
    assert cells.loc[8, "estimate"] == pytest.approx(by_hand)
    whole = study_of(frame)
    same = callaway_santanna(whole, Choice(kept="pairs"))
    assert (same.estimate, same.se) == pytest.approx((callaway_santanna(whole).estimate, callaway_santanna(whole).se))


def test_an_estimator_that_leaves_covariates_out_says_so() -> None:
    study = study_of(panel(4).assign(need=lambda f: np.cos(f["unit"])), covariates=["need"])
    for estimator in (two_way_fixed_effects, sun_abraham, lambda s: synthetic_did(s, 3)):
        assert "covariates are not used here (need)" in " ".join(estimator(study).cautions)
    assert "not used" not in " ".join(callaway_santanna(study).cautions)


def confounded(seed: int, effect_by_age: float = 0.5, people: int = 250) -> tuple[Cohort, dict[str, float]]:
    """People whose effect is -1 + 0.5 x age, older ones treated more; the true mean effects by target."""
    rng = generator(seed, "confounded variants")
    age, sick = rng.normal(size=people), rng.integers(0, 2, people)
    treated = (rng.random(people) < 1 / (1 + np.exp(0.3 - 0.7 * age - 0.5 * sick))).astype(int)
    gain = -1.0 + effect_by_age * age
    outcome = 5 + 1.5 * age + sick + treated * gain + rng.normal(size=people)
    frame = pd.DataFrame({"t": treated, "y": outcome, "age": age, "sick": sick})
    cohort = read_cohort(frame, treated="t", outcome="y", covariates=["age", "sick"])
    on = treated == 1
    return cohort, {"ate": gain.mean(), "att": gain[on].mean(), "atc": gain[~on].mean()}


@pytest.mark.parametrize("target", ["ate", "att", "atc"])
def test_each_target_is_found_by_every_adjustment(target: str) -> None:
    errors: dict[str, list[float]] = {}
    for seed in range(12):
        cohort, truth = confounded(seed)
        made = {
            "weights": inverse_probability(cohort, target),
            "g": g_formula(cohort, target),
            "robust": doubly_robust(cohort, target=target),
            "matched": matched_cohort(cohort, Matching(replacement=True, ratio=2, target=target, caliper=0.0)),
        }
        for name, each in made.items():
            errors.setdefault(name, []).append((each.estimate - truth[target]) / each.se)
            assert target == "att" or target in each.method
    for name, values in errors.items():
        assert abs(np.mean(values)) < 4 / np.sqrt(12), name
        assert max(np.abs(values)) < 4.5, name


def test_the_error_of_matching_for_everyone_is_the_spread_of_its_estimates() -> None:
    matching = Matching(replacement=True, target="ate", caliper=0.0)
    found = [matched_cohort(confounded(seed, 0.0)[0], matching) for seed in range(32)]
    spread = float(np.std([each.estimate for each in found], ddof=1))
    assert float(np.mean([each.se for each in found])) == pytest.approx(spread, rel=0.3)
    with pytest.raises(InputError, match="with replacement"):
        matched_cohort(confounded(1)[0], Matching(target="ate"))
    with pytest.raises(InputError, match="did you mean 'att'"):
        Matching(target="attt").check()


def test_the_untreated_are_matched_as_the_treated_are_with_the_arms_changed_over() -> None:
    cohort, _ = confounded(5)
    flipped = Cohort(1 - cohort.treated, cohort.outcome, cohort.covariates, cohort.names, cohort.cluster)
    one, other = matched_cohort(cohort, Matching(target="atc")), matched_cohort(flipped)
    assert (one.estimate, one.se) == pytest.approx((-other.estimate, other.se))
    assert (cohort.treated[one.tables["matches"]["treated"]] == 1).all()


def wedge(seed: int, shared: float) -> pd.DataFrame:
    """Twelve clusters of five areas start one month apart; each cluster-month has a shock of ``shared``."""
    rng = generator(seed, "wedge variants")
    unit, month = np.repeat(np.arange(60), 7), np.tile(np.arange(7), 60)
    cluster = unit // 5
    first = (cluster // 2 + 1).astype(float)
    shock = rng.normal(0, shared, (12, 7))[cluster, month] + rng.normal(0, 1, 12)[cluster]
    outcome = 10 + month + shock - 1.0 * (month >= first) + rng.normal(0, 1, len(unit))
    return pd.DataFrame({"unit": unit, "month": month, "outcome": outcome, "start": first, "cluster": cluster})


def test_shocks_that_a_cluster_shares_in_a_month_widen_the_mixed_model() -> None:
    study = study_of(wedge(1, 1.0), cluster="cluster")
    plain, by_period = mixed_model(study), mixed_model(study, random=("cluster_period",))
    assert by_period.se > 1.25 * plain.se
    assert by_period.diagnostics["cluster_period_variance"] == pytest.approx(1.0, abs=0.6)
    assert 0 < by_period.diagnostics["cluster_autocorrelation"] < 1
    none = study_of(wedge(2, 0.0), cluster="cluster")
    assert mixed_model(none, random=("cluster_period",)).se < 1.25 * mixed_model(none).se
    both = mixed_model(study, random=("cluster_period", "unit"))
    assert both.diagnostics["unit_variance"] >= 0
    with pytest.raises(InputError, match="every cluster is one unit"):
        mixed_model(study_of(wedge(1, 0.0)), random=("unit",))
    with pytest.raises(InputError, match="did you mean 'unit'"):
        mixed_model(study, random=("units",))
