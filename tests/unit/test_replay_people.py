"""Whom replays follow and compare: nobody already on the caseload, ratios adjusted, completers, bands, comparators."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluation.replays.adjusted import adjusted_ratio, poisson
from evaluation.replays.contrast import Arms, Found
from evaluation.replays.definition import Comparison, People
from evaluation.replays.lives import NEVER, Lives
from evaluation.replays.people import log_ratio_of_difference, log_ratio_of_same, not_taken
from evaluation.replays.reader import STUDIES
from evaluation.replays.selection import Followed, followed, outcome_table
from intsim.replays.plan import arm_of, study_plan
from scenarios.errors import InputError
from sim.experiment import usual_care
from tests.unit.test_replays import BEFORE, made, outcome, study

REACHED = {"index": "reached", "lever": "care_coordination", "within_months": 6}
SIZES = {"treated": 500.0, "untreated": 500.0}


def on_the_caseload(lives: Lives, rows: np.ndarray, months: slice) -> Lives:
    enrolled = lives.states["enrolled"].copy()
    enrolled[rows, months] = 1
    return replace(lives, states={**lives.states, "enrolled": enrolled})


def test_whoever_was_on_the_caseload_in_the_year_before_is_neither_newly_taken_on_nor_a_control() -> None:
    lives, people = made(400), People.model_validate(REACHED)
    taken = followed(lives, people)
    others = not_taken(lives, people, taken)
    renewed, today = taken.rows[:10], others.rows[:10]
    marked = on_the_caseload(lives, np.concatenate([renewed, today]), slice(BEFORE - 6, BEFORE - 3))
    assert set(followed(marked, people).rows) == set(taken.rows) - set(renewed)
    assert set(not_taken(marked, people, taken).rows) == set(others.rows) - set(today)
    long_ago = on_the_caseload(lives, renewed, slice(0, 2))  # 14 and 13 months before the index month, 2
    assert set(followed(long_ago, people).rows) == set(taken.rows)


def test_people_taken_on_by_another_lever_may_be_on_a_caseload() -> None:
    lives = replace(made(400), reached={"outreach": np.where(np.arange(400) % 4 == 0, 2, NEVER)})
    marked = on_the_caseload(lives, np.arange(400), slice(0, BEFORE))
    people = People.model_validate(REACHED | {"lever": "outreach"})
    assert set(followed(marked, people).rows) == set(followed(lives, people).rows) != set()


def matched_table(people: int = 20_000, effect: float = 0.8) -> pd.DataFrame:
    """Return people of whom those treated had more before, which tells of what comes after."""
    rng = np.random.Generator(np.random.Philox(key=11))
    treated = np.arange(people) % 2
    before = rng.poisson(1.0 + 0.5 * treated)
    time = rng.uniform(3.0, 12.0, people)
    rate = 0.05 * (1.0 + before) * np.where(treated == 1, effect, 1.0)
    columns = {"treated": treated, "admissions": before, "age": 70.0, "y": rng.poisson(rate * time), "time": time}
    return pd.DataFrame(columns)


def test_what_matching_leaves_apart_is_taken_out_of_a_ratio() -> None:
    table = matched_table()
    crude = Found(0.3, 0.1, 0.1, 1.0, 1.0)
    found = adjusted_ratio(table, ["admissions", "age"], crude)  # everyone is of one age: nothing to adjust for
    rates = table.groupby("treated")[["y", "time"]].sum()
    apart = math.log(rates["y"][1] / rates["time"][1] * rates["time"][0] / rates["y"][0])
    assert found.value == pytest.approx(math.log(0.8), abs=3 * found.se)
    assert abs(apart - math.log(0.8)) > 5 * found.se, "without adjustment it would be wrong"
    assert (found.treated, found.untreated, found.level) == (crude.treated, crude.untreated, crude.level)


def test_without_covariates_a_poisson_regression_is_the_ratio_of_rates_with_its_robust_error() -> None:
    table = matched_table(2_000)
    on = table["treated"].to_numpy() == 1
    y, time = table["y"].to_numpy(dtype=float), table["time"].to_numpy()
    beta, error = poisson(np.column_stack([on.astype(float), np.ones(len(on))]), y, time)
    rates = [y[arm].sum() / time[arm].sum() for arm in (on, ~on)]
    assert beta == pytest.approx(math.log(rates[0] / rates[1]))
    parts = [np.square(y[a] - r * time[a]).sum() / y[a].sum() ** 2 for a, r in zip((on, ~on), rates, strict=True)]
    assert error == pytest.approx(math.sqrt(sum(parts)))


@pytest.mark.parametrize("people", [12, 40, 400])
def test_a_ratio_that_covariates_run_away_with_is_refused_in_words(people: int) -> None:
    told = np.where(np.arange(people) % 4 < 2, 1.0, -1.0)  # tells who had events and who did not, to the person
    x = np.column_stack([np.arange(people) % 2, np.ones(people), told])
    with pytest.raises(InputError, match="does not settle: use a larger place"):
        poisson(x, np.where(told > 0, 1.0, 0.0), np.full(people, 12.0))


def test_too_few_people_are_a_reason_and_no_traceback() -> None:
    for people in (30, 60, 120, 240):
        lives = made(people)
        arms = Arms(lives, replace(lives, reached={"care_coordination": np.full(people, NEVER)}), {})
        kind = {"kind": "matched", "controls": "elsewhere"} | SIZES
        effect = {"x": {"measure": "emergency_admissions", "months": [0, 6], "scale": "ratio"}}
        found = outcome(study(people=REACHED, comparison=kind, effects=effect), arms)
        assert np.isfinite(found.estimate) or "larger place" in found.reason


def test_completers_alone_are_followed_where_a_study_did() -> None:
    lives = made(4_000)
    present = lives.present.copy()
    present[::2, BEFORE + 3 :] = False  # half move away after three months, and nothing of theirs is counted then
    counts = {name: np.where(present, counted, 0) for name, counted in lives.counts.items()}
    left = replace(lives, present=present, counts=counts)
    effect = {"x": {"measure": "gp_contacts", "months": [0, 12], "scale": "percent"}}
    kind = {"kind": "before_after"} | SIZES
    found = [
        outcome(study(comparison=kind | more, effects=effect), Arms(left, left, {}))
        for more in ({}, {"completers": True})
    ]
    assert found[0].estimate == pytest.approx(math.log((1 + 3 / 12) / 2))
    assert found[1].estimate == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(ValueError, match="completers goes with kind: before_after"):
        Comparison.model_validate({"kind": "trial", "completers": True} | SIZES)


def test_bands_of_continuity_are_as_the_study_set_them() -> None:
    lives = made(3_000)
    months = np.arange(lives.present.shape[1])
    own = np.zeros_like(lives.counts["gp_contacts"])
    own[::3, :] = 1  # all contacts with one's own clinician
    own[1::3, months % 2 == 0] = 1  # half: between the bands
    twice = lives.counts["emergency_admissions"] * np.where(np.arange(3_000) % 3 == 0, 2, 1)[:, None]
    lives = replace(lives, counts={**lives.counts, "gp_own_contacts": own, "emergency_admissions": twice})
    effect = {"x": {"measure": "emergency_admissions", "months": [0, 12], "scale": "ratio"}}
    kind = {"kind": "continuity", "bands": [0.4, 0.7], "match_on": ["age"]} | SIZES
    found = outcome(study(comparison=kind, effects=effect), Arms(lives, lives, {}))
    assert (found.treated, found.untreated) == (1_000, 1_000)
    assert found.estimate == pytest.approx(math.log(2.0), abs=3 * found.noise)
    for bands in ([0.4], [0.7, 0.4]):
        with pytest.raises(ValueError, match="bands"):
            Comparison.model_validate(kind | {"bands": bands})


def test_who_is_not_at_home_is_dead_or_in_a_care_home() -> None:
    lives, chosen = made(100), Followed(np.arange(100), np.zeros(100, np.int64))
    homes, deaths = lives.states["care_home"].copy(), lives.counts["deaths"].copy()
    homes[:5, :] = 1
    deaths[5:8, BEFORE + 2] = 1
    lives = replace(lives, states={**lives.states, "care_home": homes}, counts={**lives.counts, "deaths": deaths})
    effect = {"measure": "not_at_home", "months": [0, 12], "scale": "ratio"}
    table = outcome_table(lives, chosen, study(effects={"x": effect}).effects["x"], {})
    assert np.flatnonzero(table["y"]).tolist() == list(range(8))


def test_a_figure_of_other_trials_differs_between_places_as_so_many_do() -> None:
    kind = {"kind": "trial", "trials": 9, "between_trials_sd": 0.3} | SIZES
    effects = [
        {"measure": "emergency_admissions", "months": [0, 12], "scale": "ratio"} | n for n in ({}, {"trials": 4})
    ]
    arms = Arms(made(factor=0.9), made(), {})
    found = [outcome(study(comparison=kind, effects={"x": effect}), arms).context for effect in effects]
    assert found == pytest.approx([0.1, 0.15])


def test_one_design_beside_two_comparators_is_two_arms_each_as_strong_as_what_it_adds() -> None:
    usual = usual_care()
    plan = study_plan(["rushcliffe", "hospital_at_home"], STUDIES, usual)
    for one in plan.studies:
        assert plan.arms[one.arm].against == plan.arms[one.comparator].design
    homes = plan.studies[0]
    design, before = plan.arms[homes.arm].design, plan.arms[homes.comparator].design
    assert homes.arm == arm_of(design, before) != arm_of(design, usual)
    assert arm_of(design, design) == arm_of(design)


def test_the_error_of_a_change_in_per_cent_is_what_it_varies_by() -> None:
    random = np.random.Generator(np.random.Philox(3))
    for after_mean in (0.8, 2.0, 3.2):
        own = random.gamma(1.0, 1.0, (600, 400))
        before, after = random.poisson(2.0 * own), random.poisson(after_mean * own)
        pairs = zip(before.astype(float), after.astype(float), strict=True)
        found = np.array([log_ratio_of_same(*pair) for pair in pairs])
        assert found[:, 0].mean() == pytest.approx(np.log(after_mean / 2.0), abs=0.02)
        assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.1)
    with pytest.raises(InputError, match="no events before or after"):
        log_ratio_of_same(np.zeros(3), np.ones(3))
    with pytest.raises(InputError, match="use a larger place"):
        log_ratio_of_same(np.ones(1), np.ones(1))


def test_the_error_of_a_ratio_made_of_a_difference_is_what_it_varies_by() -> None:
    random = np.random.Generator(np.random.Philox(5))
    for mean in (0.6, 2.0, 3.0):
        others, those = random.poisson(1.5, (600, 300)).astype(float), random.poisson(mean, (600, 200)).astype(float)
        se = np.sqrt(others.var(axis=1, ddof=1) / 300 + those.var(axis=1, ddof=1) / 200)
        difference = those.mean(axis=1) - others.mean(axis=1)
        rows = zip(others, difference, se, strict=True)
        found = np.array([log_ratio_of_difference(group, float(gap), float(error)) for group, gap, error in rows])
        assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.1)
