"""Bad or awkward tables give a result with its stated rule, or one line that says what is wrong."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.adjustment import Counts, inverse_probability, rate_ratio, regression
from evaluation.causal.att_gt import Choice
from evaluation.causal.by_quintile import together
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.checks import leave_one_out, placebo_in_space, placebo_in_time, spillover_check
from evaluation.causal.cohort import read_cohort
from evaluation.causal.designs import Table, primary
from evaluation.causal.few_clusters import randomisation_test, wild_bootstrap
from evaluation.causal.gsynth import covariate_array, generalised_synthetic_control
from evaluation.causal.honest import honest_bounds
from evaluation.causal.interrupted import before_after, interrupted_time_series
from evaluation.causal.matched import Matching, entropy_balance, matched_cohort
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.series_model import SeriesModel
from evaluation.causal.stepped_wedge import (
    WedgeDesign,
    detectable_effect,
    effect_variance,
    hussey_hughes_variance,
    mixed_model,
    standard_wedge,
)
from evaluation.causal.study import Study, read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.draws import generator
from evaluation.estimate import NO_WIDTH, Estimate
from scenarios.errors import InputError

ALL: dict[str, Callable[[Study], Estimate]] = {
    "never": callaway_santanna,
    "not_yet": lambda study: callaway_santanna(study, Choice("not_yet")),
    "sun_abraham": sun_abraham,
    "twfe": two_way_fixed_effects,
    "sdid": lambda study: synthetic_did(study, replications=3),
    "gsynth": lambda study: generalised_synthetic_control(study, bootstraps=3),
    "wedge": mixed_model,
}


ROOT = Path(__file__).resolve().parents[2]
STARTS = (4, 4, 6, 6, 6, *[np.nan] * 7)


def panel(starts: tuple[float, ...] = STARTS, months: int = 9) -> pd.DataFrame:
    """Return units 0.. with these starts: outcome 10 + unit + a wave of months, -2 when treated, and noise of 0.5."""
    unit, month = np.repeat(np.arange(len(starts)), months), np.tile(np.arange(months), len(starts))
    first = np.repeat(starts, months)
    noise = generator(1, "panel").normal(0, 0.5, len(unit))
    outcome = 10 + unit + np.cos(month) - 2.0 * (month >= first) + noise
    return pd.DataFrame({"unit": unit, "month": month, "outcome": outcome, "first_treated": first})


def study_of(frame: pd.DataFrame, **more: str) -> Study:
    return read_study(frame, unit="unit", time="month", outcome="outcome", first_treated="first_treated", **more)


def refused(run: Callable[[], object]) -> str:
    with pytest.raises(InputError) as problem:
        run()
    text = str(problem.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("name", ALL)
def test_every_estimator_finds_the_effect_of_a_plain_panel(name: str) -> None:
    result = ALL[name](study_of(panel()))
    assert result.estimate == pytest.approx(-2.0, abs=0.6)
    assert result.lower < result.estimate < result.upper
    assert result.estimand
    assert result.assumptions
    assert "treated" in result.population


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_an_outcome_that_never_varies_is_refused(value: float) -> None:
    assert "in every row: there is nothing to estimate" in refused(lambda: study_of(panel().assign(outcome=value)))


def test_nobody_treated_and_one_unit_are_refused() -> None:
    assert "no unit is treated" in refused(lambda: study_of(panel().assign(first_treated=np.nan)))
    assert "one unit" in refused(lambda: study_of(panel()[lambda f: f["unit"] == 0]))
    assert "no rows" in refused(lambda: study_of(panel().iloc[:0]))


def test_a_treatment_that_switches_off_is_refused_by_unit_and_period() -> None:
    frame = panel().assign(on=lambda f: ((f["month"] >= f["first_treated"]) & (f["month"] != 7)).astype(int))
    text = refused(lambda: read_study(frame, unit="unit", time="month", outcome="outcome", treated="on"))
    assert "unit '0' switches off at period 7" in text


def test_treated_flags_and_first_treated_say_the_same() -> None:
    frame = panel().assign(on=lambda f: (f["month"] >= f["first_treated"]).astype(int))
    flagged = read_study(frame, unit="unit", time="month", outcome="outcome", treated="on")
    assert np.array_equal(flagged.start, study_of(panel()).start)


def test_other_faults_of_a_panel_are_named() -> None:
    frame = panel()
    assert "did you mean 'outcome'" in refused(
        lambda: read_study(frame, unit="unit", time="month", outcome="outcom", first_treated="first_treated")
    )
    assert "twice" in refused(lambda: study_of(pd.concat([frame, frame.iloc[[3]]])))
    assert "'many'" in refused(lambda: study_of(frame.assign(outcome=["many", *frame["outcome"][1:]])))
    assert "changes within unit '0'" in refused(lambda: study_of(frame.assign(first_treated=frame["month"] % 5.0)))
    assert "above 0" in refused(lambda: study_of(frame.assign(w=0.0), weight="w"))
    assert "no option" in refused(lambda: study_of(frame, weigth="w"))
    assert "one of the two" in refused(lambda: read_study(frame, unit="unit", time="month", outcome="outcome"))


def test_no_never_treated_group_asks_for_not_yet_treated_which_then_works() -> None:
    everyone = panel((3, 3, 3, 3, 6, 6, 6, 6))
    assert "control='not_yet'" in refused(lambda: callaway_santanna(study_of(everyone)))
    result = callaway_santanna(study_of(everyone), Choice("not_yet"))
    assert result.estimate == pytest.approx(-2.0, abs=0.6)
    assert result.tables["att_gt"]["period"].max() == 5  # from month 6 on there is no control left
    saturated = sun_abraham(study_of(everyone))
    assert saturated.estimate == pytest.approx(-2.0, abs=0.6)
    assert "the last cohort (6) is the control" in " ".join(saturated.cautions)


@pytest.mark.parametrize("name", [name for name in ALL if name not in ("twfe", "wedge")])
def test_an_unbalanced_panel_drops_incomplete_units_and_says_so(name: str) -> None:
    result = ALL[name](study_of(panel().drop(index=[2, 80])))
    assert "2 of 12 units lack a period and were left out" in " ".join(result.cautions)


def test_two_way_fixed_effects_uses_the_rows_of_an_unbalanced_panel() -> None:
    whole, part = two_way_fixed_effects(study_of(panel())), two_way_fixed_effects(study_of(panel().drop(index=[2, 80])))
    assert part.estimate != whole.estimate
    assert part.estimate == pytest.approx(whole.estimate, abs=0.3)


def test_a_panel_without_a_complete_treated_unit_is_refused() -> None:
    frame = panel((4, np.nan, np.nan, np.nan)).drop(index=[0])
    assert "unbalanced: no treated unit" in refused(lambda: callaway_santanna(study_of(frame)))


def test_units_treated_from_the_first_period_are_left_out_and_named() -> None:
    result = callaway_santanna(study_of(panel((0, 4, 4, 4, np.nan, np.nan, np.nan))))
    assert "1 units treated from the first period on were left out" in result.cautions
    assert "no period before" in refused(lambda: callaway_santanna(study_of(panel((0, 0, np.nan, np.nan)))))


def test_everyone_starting_at_once_cannot_be_told_from_the_period() -> None:
    study = study_of(panel((4, 4, 4, 4)))
    assert "cannot be told from the period" in refused(lambda: two_way_fixed_effects(study))
    assert "cannot be told from the period" in refused(lambda: mixed_model(study))
    assert refused(lambda: synthetic_control(study))
    assert refused(lambda: callaway_santanna(study, Choice("not_yet")))


def test_synthetic_control_refuses_several_starts_and_names_what_to_use() -> None:
    assert "use gsynth or sdid" in refused(lambda: synthetic_control(study_of(panel())))


def test_with_few_donors_the_estimate_stands_without_an_interval_and_says_why() -> None:
    result = synthetic_control(study_of(panel((5, np.nan, np.nan, np.nan))))
    assert np.isfinite(result.estimate)
    assert np.isnan(result.lower)
    assert "too few placebos" in result.reason


def test_a_missing_number_without_a_reason_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="reason"):
        Estimate(float("nan"), 0.0, 0.0, "m")


def test_few_clusters_are_called_out_and_lone_cohorts_too() -> None:
    assert "only 5 treated clusters" not in " ".join(two_way_fixed_effects(study_of(panel())).cautions)
    assert "only 12 clusters" in " ".join(two_way_fixed_effects(study_of(panel())).cautions)
    alone = callaway_santanna(study_of(panel((4, 6, np.nan, np.nan, np.nan))))
    assert "one cluster alone starts at 4, 6" in " ".join(alone.cautions)


def test_wild_bootstrap_and_randomisation_refuse_what_they_cannot_do() -> None:
    two = panel().assign(cluster=lambda f: (f["unit"] >= 5).astype(int))
    assert "at least three" in refused(lambda: wild_bootstrap(study_of(two, cluster="cluster")))
    mixed = panel().assign(cluster=lambda f: f["unit"] // 3)
    assert "different dates" in refused(lambda: randomisation_test(study_of(mixed, cluster="cluster"), permutations=3))
    result = wild_bootstrap(study_of(panel()), 199)
    assert result.lower < result.estimate < result.upper


def test_placebos_and_leaving_out_say_what_they_need() -> None:
    study = study_of(panel())
    assert abs(placebo_in_time(study, two_way_fixed_effects, 1).estimate) < 1.0
    assert "1 to 2 are allowed" in refused(lambda: placebo_in_time(study, two_way_fixed_effects, 4))
    few = study_of(panel((4, 4, 4, np.nan, np.nan, np.nan)))
    assert "too few" in refused(lambda: placebo_in_space(few, two_way_fixed_effects, 3))
    many = study_of(panel((4, 4, *[np.nan] * 12)))
    assert placebo_in_space(many, two_way_fixed_effects, 5)["estimate"].abs().max() < 1.0
    two = study_of(panel((4, np.nan)))
    left = leave_one_out(two, two_way_fixed_effects)
    assert left["estimate"].isna().all()
    assert (left["reason"] != "").all()


def test_spillover_is_seen_and_leaving_the_reached_out_mends_it() -> None:
    frame = panel((4, 4, 4, 4, *[np.nan] * 8))
    reached = frame["unit"].isin([4, 5, 6, 7]) & (frame["month"] >= 4)
    study = study_of(frame.assign(outcome=frame["outcome"] - 1.5 * reached))
    spill, clean = spillover_check(study, {4: 4, 5: 4, 6: 4, 7: 4}, two_way_fixed_effects)
    assert spill.estimate == pytest.approx(-1.5, abs=0.5)
    assert clean.estimate == pytest.approx(-2.0, abs=0.5)
    assert two_way_fixed_effects(study).estimate == pytest.approx(-2.0 + 0.75, abs=0.5)
    assert "'0' is no never-treated unit" in refused(lambda: spillover_check(study, {0: 4}, two_way_fixed_effects))
    assert "no period" in refused(lambda: spillover_check(study, {4: 99}, two_way_fixed_effects))


def test_honest_bounds_need_a_base_period_and_widen() -> None:
    result = sun_abraham(study_of(panel((5, 5, 5, 5, np.nan, np.nan, np.nan, np.nan))))
    for restriction in ("relative_magnitudes", "smoothness"):
        table = honest_bounds(result, (0.0, 1.0, 3.0), restriction)
        assert (table["upper"] - table["lower"]).is_monotonic_increasing
    assert "universal" in refused(lambda: honest_bounds(callaway_santanna(study_of(panel()))))
    assert "no event study" in refused(lambda: honest_bounds(two_way_fixed_effects(study_of(panel()))))
    assert "did you mean 'smoothness'" in refused(lambda: honest_bounds(result, restriction="smothness"))


def series(**columns: object) -> pd.DataFrame:
    month = np.arange(24)
    base = pd.DataFrame({"month": month, "n": 100 + 5 * np.sin(month), "on": (month >= 12).astype(int), "pop": 1000.0})
    return base.assign(**columns)


def test_a_series_that_cannot_be_modelled_is_refused() -> None:
    names = {"time": "month", "outcome": "n", "treated": "on", "population": "pop"}

    def run(frame: pd.DataFrame, model: SeriesModel | None = None) -> Estimate:
        return interrupted_time_series(frame, **names, model=model)

    assert run(series()).estimate == pytest.approx(1.0, abs=0.1)
    assert "0 in every period before" in refused(lambda: run(series(n=0)))
    assert "switches off at 13" in refused(lambda: run(series(on=[0] * 12 + [1] + [0] * 11)))
    assert "periods after the start" in refused(lambda: run(series(on=0)))
    assert "above 0" in refused(lambda: run(series(pop=0.0)))
    assert "0 or more" in refused(lambda: run(series(n=-1.0)))
    assert "did you mean 'poisson'" in refused(lambda: run(series(), SeriesModel("poison")))
    assert "nothing" not in refused(lambda: run(series(), SeriesModel(level=False)))
    assert "collinear" in refused(lambda: run(series(), SeriesModel(harmonics=12)))


def test_where_the_slope_counts_from_moves_the_level_and_not_the_fit() -> None:
    frame = series(n=lambda f: 100 + f["month"] + 2.0 * f["on"] * (f["month"] - 11) + 0.01 * np.sin(7 * f["month"]))
    names = {"time": "month", "outcome": "n", "treated": "on"}
    made = [
        interrupted_time_series(frame, **names, model=SeriesModel("gaussian", slope=True, slope_from=origin))
        for origin in (None, 11.0)
    ]
    levels = [each.tables["terms"].set_index("term")["estimate"]["level"] for each in made]
    assert levels == pytest.approx([2.0, 0.0], abs=0.05)
    assert made[0].estimate == pytest.approx(made[1].estimate)


@pytest.mark.parametrize("name", ["never", "not_yet", "sun_abraham", "twfe"])
def test_a_single_treated_area_has_no_clustered_limits_and_says_why(name: str) -> None:
    result = ALL[name](study_of(panel((4, *[np.nan] * 6))))
    assert result.estimate == pytest.approx(-2.0, abs=1.5)
    assert np.isnan(result.lower)
    assert "1 treated and 6 other clusters" in result.reason
    assert "1 treated and 6" in refused(lambda: wild_bootstrap(study_of(panel((4, *[np.nan] * 6)))))


def people(n: int = 60) -> pd.DataFrame:
    at = np.arange(n)
    return pd.DataFrame({"t": at % 2, "y": np.sin(at) + at % 3, "a": np.cos(at * 1.7), "g": np.where(at % 5, "x", "z")})


def test_a_cohort_that_cannot_be_read_is_refused() -> None:
    def read(frame: pd.DataFrame, *covariates: str) -> object:
        return read_cohort(frame, treated="t", outcome="y", covariates=covariates)

    assert "0 treated people" in refused(lambda: read(people().assign(t=0)))
    assert "allowed: 0, 1" in refused(lambda: read(people().assign(t=2)))
    assert "0 for everyone" in refused(lambda: read(people().assign(y=0)))
    assert "collinear" in refused(lambda: read(people().assign(b=lambda f: 2 * f["a"]), "a", "b"))
    gaps = read_cohort(
        people().assign(a=lambda f: f["a"].where(f.index > 3)), treated="t", outcome="y", covariates=["a"]
    )
    assert "rows that lack a value were left out" in gaps.notes[0]
    assert gaps.counts()["people left out for a missing value"] == 4
    one = read_cohort(people().assign(c=1), treated="t", outcome="y", covariates=["a", "c", "g"])
    assert one.names == ("a", "g=z")
    assert "one value" in one.notes[0]


def test_no_overlap_is_refused_by_weights_matching_and_balance() -> None:
    frame = people().assign(a=lambda f: f["t"] * 10 + np.cos(np.arange(len(f))))
    cohort = read_cohort(frame, treated="t", outcome="y", covariates=["a"])
    assert "no overlap" in refused(lambda: inverse_probability(cohort))
    assert "no overlap" in refused(lambda: matched_cohort(cohort))
    assert "no weights balance" in refused(lambda: entropy_balance(cohort))
    assert "did you mean 'genetic'" in refused(lambda: matched_cohort(cohort, Matching("genetics")))


def test_rates_need_events_and_time() -> None:
    frame = pd.DataFrame({"t": [0, 0, 1, 1], "e": [1, 2, 0, 0], "y": 1.0})
    assert "no e among the treated" in refused(lambda: rate_ratio(frame, Counts("e", "y", "t")))
    assert "time at risk" in refused(lambda: rate_ratio(frame.assign(y=0.0), Counts("e", "y", "t")))
    assert "at least two" in refused(lambda: before_after(frame.iloc[:1], "e", "y"))


def test_people_are_counted_apart_from_events() -> None:
    rows = pd.DataFrame({"p": [1, 1, 2, 3, 4, 4], "t": [0, 0, 0, 1, 1, 1], "e": [3, 2, 0, 1, 0, 4], "y": 0.5})
    found = rate_ratio(rows, Counts("e", "y", "t", "p")).counts
    assert (found["treated people"], found["treated events"], found["treated people with events"]) == (2, 5, 2)
    assert (found["untreated people"], found["untreated events"], found["untreated people with events"]) == (2, 5, 1)


def test_the_heavy_library_is_imported_only_when_it_is_needed() -> None:
    code = "import sys, evaluation.causal.designs; print('statsmodels' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_designs_that_cannot_be_are_refused() -> None:
    assert "cannot be shared equally" in refused(lambda: standard_wedge(7, 4))
    assert "from 0 to 1" in refused(lambda: effect_variance(WedgeDesign(standard_wedge(6, 4), 10, 1.5)))
    assert "treated at once" in refused(lambda: effect_variance(WedgeDesign(np.ones((4, 3), dtype=int), 10, 0.1)))
    assert "treated at once" in refused(lambda: hussey_hughes_variance(standard_wedge(4, 2), 1.0, 0.1))
    assert "between 0 and 1" in refused(lambda: detectable_effect(WedgeDesign(standard_wedge(6, 4), 10, 0.1), 1.0))


def test_time_varying_covariates_move_the_factor_model() -> None:
    frame = panel().assign(x=lambda f: np.cos(f["unit"] * 3.3 + f["month"] ** 1.5))
    frame["outcome"] += 3.0 * frame["x"]
    study = study_of(frame)
    covariates = covariate_array(frame, study, "unit", "month", ["x"])
    result = generalised_synthetic_control(study, 0, covariates, bootstraps=5)
    assert result.estimate == pytest.approx(-2.0, abs=0.5)
    assert "empty" in refused(lambda: covariate_array(frame.iloc[1:], study, "unit", "month", ["x"]))


def test_a_placebo_in_space_needs_somebody_never_treated() -> None:
    with pytest.raises(InputError, match="no unit is never treated"):
        placebo_in_space(study_of(panel((4, 4, 6, 6, 6, 8, 8))), sun_abraham)


def test_a_series_that_never_varies_is_refused() -> None:
    frame = pd.DataFrame({"month": range(12), "visits": 5, "on": [0] * 6 + [1] * 6})
    with pytest.raises(InputError, match="in every period"):
        interrupted_time_series(frame, time="month", outcome="visits", treated="on")


def test_treatment_that_follows_from_the_covariates_is_refused() -> None:
    frame = pd.DataFrame({"treated": [0, 1] * 20, "age": [0.0, 5.0] * 20, "outcome": np.arange(40.0)})
    with pytest.raises(InputError, match="cannot be told apart"):
        regression(read_cohort(frame, treated="treated", outcome="outcome", covariates=("age",)))


def test_a_wedge_whose_periods_cannot_differ_has_no_variance() -> None:
    with pytest.raises(InputError, match="periods of a cluster cannot differ"):
        effect_variance(WedgeDesign(standard_wedge(4, 5), people=10, icc=1.0))


def test_a_table_that_lacks_the_outcome_is_told_so_by_its_design() -> None:
    table = Table(pd.DataFrame({"unit": [1, 1], "month": [0, 0], "start": [1, 1]}), "visits", first_treated="start")
    with pytest.raises(InputError, match="column 'visits' is missing"):
        primary(together(table), "did")


def test_a_start_that_is_a_word_is_refused_and_not_taken_for_never() -> None:
    frame = panel().astype({"first_treated": object})
    frame.loc[frame["unit"] == 2, "first_treated"] = "2024-07"
    assert "'first_treated' is '2024-07' for unit '2'" in refused(lambda: study_of(frame))
    blank = panel().astype({"first_treated": object})
    blank.loc[blank["first_treated"].isna(), "first_treated"] = " "
    assert np.array_equal(study_of(blank).start, study_of(panel()).start)


def test_names_mixed_with_numbers_weights_that_change_and_sizes_beyond_use_are_refused() -> None:
    frame = panel()
    mixed = frame.astype({"unit": object})
    mixed.loc[mixed["unit"] == 3, "unit"] = "x"
    assert "'unit' mixes numbers and words" in refused(lambda: study_of(mixed))
    assert "'w' changes within unit '0'" in refused(lambda: study_of(frame.assign(w=frame["month"] + 1.0), weight="w"))
    assert "at most 1e+30" in refused(lambda: study_of(frame.assign(outcome=frame["outcome"] * 1e200)))


def test_a_period_that_nobody_has_is_told_and_years_with_months_are_not_uneven() -> None:
    frame = panel()
    assert study_of(frame).notes == ()
    assert "none between 4 and 6" in study_of(frame[frame["month"] != 5]).notes[0]
    written = {"month": 202308 + frame["month"] + 88 * (frame["month"] > 4), "first_treated": np.nan}
    dated = frame.assign(**written)
    dated.loc[frame["unit"] < 5, "first_treated"] = 202312.0
    assert study_of(dated).notes == ()
    assert "not evenly spaced" in study_of(dated[dated["month"] != 202310]).notes[0]


def test_months_of_a_series_are_numbered_one_after_another() -> None:
    names = {"time": "month", "outcome": "n", "treated": "on"}
    written = series(month=202301 + np.arange(24) // 12 * 100 + np.arange(24) % 12)
    words = refused(lambda: interrupted_time_series(written, **names))
    assert "runs from 202301 to 202412; number the months one after another" in words
    holed = interrupted_time_series(series().drop(index=5), **names)
    assert "none between 4 and 6" in holed.cautions[0]


def test_rows_that_name_no_person_stay_in_and_are_told() -> None:
    rows = pd.DataFrame({"p": [1, 1, None, 3, 4, None], "t": [0, 0, 0, 1, 1, 1], "e": [3, 2, 4, 1, 2, 4], "y": 0.5})
    found = rate_ratio(rows, Counts("e", "y", "t", "p"))
    assert (found.counts["treated events"], found.counts["untreated events"]) == (7, 9)
    assert found.counts["treated people"] == 3
    assert found.cautions == ("2 rows name no person: each is taken as a person of its own",)
    for value in ("x", math.inf, -1, None):
        bad = rows.astype({"e": object})
        bad.loc[1, "e"] = value
        assert "counts are needed" in refused(lambda bad=bad: rate_ratio(bad, Counts("e", "y", "t", "p")))


def test_a_handful_of_treated_people_is_told_and_covariates_of_many_words_are_not_listed() -> None:
    few = read_cohort(people().assign(t=lambda f: (f.index < 3).astype(int)), treated="t", outcome="y")
    assert "only 3 people in the smaller arm" in few.notes[0]
    named = people().assign(g=lambda f: f.index.map(str))
    assert len(refused(lambda: read_cohort(named, treated="t", outcome="y", covariates=["a", "g"]))) < 200
    assert "at most 1e+30" in refused(lambda: read_cohort(people().assign(y=1e200), treated="t", outcome="y"))


def test_limits_of_no_width_and_an_event_study_without_errors_are_told() -> None:
    exact = panel().assign(outcome=lambda f: f["unit"] + f["month"] - 2.0 * (f["month"] >= f["first_treated"]))
    assert NO_WIDTH in callaway_santanna(study_of(exact)).cautions
    assert NO_WIDTH not in callaway_santanna(study_of(panel())).cautions
    lone = sun_abraham(study_of(panel((4, 6))))
    assert "has no errors (1 treated and 1 other clusters" in refused(lambda: honest_bounds(lone))
    placebos = placebo_in_space(study_of(panel((4, *[np.nan] * 6))), two_way_fixed_effects, 3)
    assert (placebos.loc[placebos["se"].isna(), "reason"] != "").all()
