"""Replays: definitions are read and refused in a line, and a study on a made-up table of people finds what is there."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from evaluation.replays.comparisons import Result, carry_out
from evaluation.replays.contrast import Arms
from evaluation.replays.definition import COVARIATES, Effect, People, Replay
from evaluation.replays.lives import NEVER, Lives
from evaluation.replays.page import digits, predicted_words, published_words
from evaluation.replays.prediction import Prediction
from evaluation.replays.published import Finding, read_published
from evaluation.replays.reader import STUDIES, chosen, names_in, read_replay
from evaluation.replays.scoring import INSIDE, OUTSIDE, UNSCORED, WIDE, coverage, printed_se, score
from evaluation.replays.selection import covariates, followed, outcome_table, own_share
from scenarios.errors import InputError

BEFORE, AFTER = 12, 12
COLUMNS = (
    "ed_attendances",
    "ed_acuity_4",
    "conveyed_acuity_4",
    "emergency_admissions",
    "acsc_admissions",
    "bed_seconds",
    "virtual_ward_admissions",
    "gp_contacts",
    "gp_own_contacts",
    "outpatient_new_contacts",
    "outpatient_follow_up_contacts",
    "deaths",
)


def made(people: int = 4000, factor: float = 1.0, key: int = 7) -> Lives:
    """Return people whose admissions follow a lasting rate of their own, times ``factor`` after the start."""
    rng = np.random.Generator(np.random.Philox(key=key))
    months = BEFORE + AFTER
    rate = rng.gamma(0.5, 0.1, people)
    plain = rng.random((people, months))
    level = np.where(np.arange(months) < BEFORE, 1.0, factor)
    admissions = (plain < 1 - np.exp(-rate[:, None] * level)).astype(np.int32)
    zero = np.zeros((people, months), np.int32)
    counts = dict.fromkeys(COLUMNS, zero) | {
        "emergency_admissions": admissions,
        "ed_attendances": admissions,
        "gp_contacts": zero + 1,
    }
    return Lives(
        key=np.arange(people).astype(np.uint64),
        community=np.arange(people) % 40,
        quintile=np.arange(people) % 5 + 1,
        female=np.arange(people) % 2,
        age=60 + rng.random(people) * 30,
        first=-BEFORE,
        present=np.ones((people, months), bool),
        states={
            name: np.zeros((people, months), np.int8) for name in ("care_home", "frailty", "conditions", "enrolled")
        },
        counts=counts,
        reached={"care_coordination": np.where(np.arange(people) % 4 == 0, 2, NEVER)},
    )


def study(**changes: object) -> Replay:
    """Return a small replay with some settings changed."""
    settings_of = {
        "study": "made up",
        "programme": "made up",
        "source": "none",
        "year": 2020,
        "country": "none",
        "setting": "none",
        "use": "predicted",
        "evidence": "trial",
        "levers": [],
        "selection": "everyone",
        "dose": "none",
        "design": {},
        "comparison": {"kind": "trial", "treated": 100.0, "untreated": 100.0},
        "effects": {"admissions": {"measure": "emergency_admissions", "months": [0, 12], "scale": "ratio"}},
    }
    return Replay.model_validate(settings_of | changes)


def outcome(replay: Replay, arms: Arms) -> Result:
    """Return what the study finds of its one effect."""
    return carry_out(replay, next(iter(replay.effects.values())), arms)


def test_every_shipped_replay_is_read_with_its_published_figures() -> None:
    programmes, figures = set(), 0
    for name in names_in():
        replay = read_replay(STUDIES / name)
        found = read_published(STUDIES / name, replay.effects)
        if replay.use != "bracket":
            programmes.add(replay.programme)
            figures += sum(each.estimate is not None for each in found.values())
    assert len(programmes) >= 20, "at least 20 programmes are wanted"
    assert figures >= 40, "at least 40 effects are wanted"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"use": "guessed"}, "use: must be one of tuned, predicted, bracket"),
        ({"levars": []}, "levars: no such setting: did you mean 'levers'?"),
        ({"year": "soon"}, "year: must be a whole number"),
        ({"comparison": {"kind": "trial", "treated": 0.0, "untreated": 1.0}}, "comparison.treated: must be above 0"),
        ({"people": {"index": "reached"}}, "lever goes with index: reached"),
        ({"people": {"ages": [80, 65]}}, "ages go from the lower to the higher"),
        ({"people": {"index": "moved_in"}}, "index: moved_in needs people.care_home"),
        (
            {"effects": {"x": {"measure": "ed_attendances", "months": [0, 6], "scale": "ratio", "without": ["a"]}}},
            "cost",
        ),
        ({"effects": {"x": {"measure": "admisions", "months": [0, 6], "scale": "ratio"}}}, "no outcome 'admisions'"),
        ({"effects": {"x": {"measure": "deaths", "months": [6, 6], "scale": "ratio"}}}, "months go from 0 or later"),
    ],
)
def test_a_wrong_replay_is_refused_in_a_line(tmp_path: Path, change: dict[str, object], said: str) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(STUDIES / "prismatic", folder)
    text = yaml.safe_load((folder / "replay.yaml").read_text(encoding="utf-8")) | change
    (folder / "replay.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    with pytest.raises(InputError) as problem:
        read_replay(folder)
    assert said in str(problem.value)
    assert "replay.yaml" in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: *x\n", "aliases"),
        ("a: 1\na: 2\n", "given twice"),
        ("a: !!python/object/apply:os.getcwd []\n", "not valid YAML"),
        ("- 1\n", "must be a group"),
        ("a: [1\n", "not valid YAML"),
    ],
)
def test_yaml_is_data_and_nothing_else(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "replay.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_replay(tmp_path)


def test_names_are_checked() -> None:
    assert chosen(["all"]) == names_in()
    assert chosen(["prismatic", "prismatic"]) == ["prismatic"]
    with pytest.raises(InputError, match="did you mean 'prismatic'"):
        chosen(["prismatik"])
    with pytest.raises(InputError, match="name replays, or all"):
        chosen([])


def test_published_figures_must_fit_the_effects(tmp_path: Path) -> None:
    shutil.copytree(STUDIES / "camden_trial", tmp_path / "mine")
    path = tmp_path / "mine" / "published.yaml"
    path.write_text("effects: {readmision: {estimate: 1.0}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'readmission'"):
        read_published(tmp_path / "mine", ["readmission"])
    path.write_text("effects: {readmission: {estimate: 1.0, low: 2.0, high: 3.0}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="outside its interval"):
        read_published(tmp_path / "mine", ["readmission"])


def test_twins_that_are_alike_show_no_effect_and_no_noise() -> None:
    lives = made()
    found = outcome(study(), Arms(lives, lives, {}))
    assert found.estimate == 0.0
    assert found.noise == pytest.approx(0.0, abs=1e-12)
    assert found.se > 0.0


def test_a_trial_finds_the_ratio_that_was_put_in() -> None:
    found = outcome(study(), Arms(made(20000, 0.7), made(20000), {}))
    assert found.estimate == pytest.approx(math.log(0.7), abs=0.06)
    assert found.noise < 0.05


def test_the_sampling_error_is_that_of_the_studys_size() -> None:
    arms = Arms(made(4000, 0.7), made(4000), {})
    small = outcome(study(), arms)
    large = outcome(study(comparison={"kind": "trial", "treated": 400.0, "untreated": 400.0}), arms)
    assert small.se == pytest.approx(2 * large.se, rel=1e-9)
    assert small.estimate == large.estimate
    assert small.noise == large.noise


def test_areas_find_the_same_ratio_and_add_their_own_growth() -> None:
    arms = Arms(made(20000, 0.7), made(20000), {})
    size = {"kind": "areas", "treated": 20000.0, "untreated": 20000.0, "size_in": "person_years"}
    plain = outcome(study(comparison=size), arms)
    grown = outcome(study(comparison=size | {"growth_sd_per_year": 0.1, "areas": 2, "other_areas": 2}), arms)
    assert plain.estimate == pytest.approx(math.log(0.7), abs=0.06)
    assert grown.se**2 == pytest.approx(plain.se**2 + 0.1**2 * (2 / 2), rel=1e-9)  # a year from middle to middle


def test_people_taken_on_after_a_bad_year_fall_back_without_a_programme() -> None:
    lives = made(20000)
    people = {"prior": {"outcome": "emergency_admissions", "months": 6, "least": 2}}
    effect = {"x": {"measure": "emergency_admissions", "months": [0, 6], "scale": "difference", "before": 6}}
    sizes = {"treated": 500.0, "untreated": 500.0}
    arms = Arms(lives, lives, {})
    alone = outcome(study(people=people, comparison={"kind": "before_after"} | sizes, effects=effect), arms)
    beside = outcome(study(people=people, comparison={"kind": "trial"} | sizes, effects=effect), arms)
    assert alone.estimate < -1.0
    assert beside.estimate == 0.0


def test_matched_controls_are_others_and_find_nothing_where_there_is_nothing() -> None:
    lives = made(6000)
    people = {"index": "reached", "lever": "care_coordination", "within_months": 6}
    comparison = {"kind": "matched", "treated": 500.0, "untreated": 500.0, "match_on": ["age", "admissions"]}
    effect = {"x": {"measure": "emergency_admissions", "months": [0, 6], "scale": "ratio"}}
    nobody = replace(lives, reached={"care_coordination": np.full(lives.people, NEVER)})
    for controls in ("local", "elsewhere"):
        replay = study(people=people, comparison=comparison | {"controls": controls}, effects=effect)
        found = outcome(replay, Arms(lives, nobody, {}))
        assert abs(found.estimate) < 3 * found.noise
        assert found.noise > 0.01, "controls who are the same people would leave no noise"


def test_an_age_cut_finds_a_step() -> None:
    lives = made(20000)
    step = (lives.age >= 75).astype(np.int32)[:, None]
    stepped = replace(lives, counts=dict(lives.counts) | {"gp_contacts": lives.counts["gp_contacts"] + step})
    effect = {"x": {"measure": "gp_contacts", "months": [0, 9], "scale": "difference", "per_months": 9.0}}
    replay = study(
        people={"ages": [65, 85]}, comparison={"kind": "age_cut", "treated": 1.0, "untreated": 1.0}, effects=effect
    )
    assert outcome(replay, Arms(stepped, stepped, {})).estimate == pytest.approx(9.0, abs=1e-6)


def test_an_event_is_followed_from_its_month_in_both_arms() -> None:
    usual = made(3000)
    stay = np.zeros_like(usual.counts["emergency_admissions"])
    stay[::10, BEFORE + 3] = 1
    programme = replace(usual, counts=dict(usual.counts) | {"virtual_ward_admissions": stay})
    people = {"index": "event", "event": "virtual_ward_stays", "within_months": 6}
    effect = {"x": {"measure": "emergency_admissions", "months": [0, 3], "scale": "ratio"}}
    replay = study(people=people, effects=effect)
    found = followed(programme, replay.people)
    assert (found.index == 3).all()
    assert len(found) == 300
    twins = outcome(replay, Arms(programme, usual, {}))
    assert (twins.treated, twins.untreated, twins.estimate) == (300.0, 300.0, 0.0)


def test_people_who_move_into_a_home_are_followed_from_the_first_month_begun_there() -> None:
    lives = made(4)
    homes = lives.states["care_home"].copy()  # as each month ends; the first after the start is column 12
    homes[0, :] = 1  # there all along
    homes[1, BEFORE + 2 :] = 1  # moved in in month 2
    homes[2, BEFORE - 1 :] = 2  # in the month before the start, a nursing home
    lives = replace(lives, states={**lives.states, "care_home": homes}, age=np.full(4, 80.0))

    def index(**more: object) -> dict[int, int]:
        found = followed(lives, People.model_validate({"care_home": "either", "within_months": 12, **more}))
        return dict(zip(found.rows.tolist(), found.index.tolist(), strict=True))

    assert index(index="moved_in") == {1: 3, 2: 0}
    assert index(index="moved_in", care_home="residential") == {1: 3}
    assert index(index="care_home") == {0: 0, 1: 3, 2: 0}


def test_a_risk_ratio_counts_people_and_not_events() -> None:
    lives = made(2000)
    often = lives.counts["emergency_admissions"].copy()
    often[:, BEFORE:] *= 5  # the same people, five times as often
    arms = Arms(replace(lives, counts={**lives.counts, "emergency_admissions": often}), lives, {})
    effect = {"measure": "emergency_admissions", "months": [0, 12], "scale": "risk_ratio"}
    assert outcome(study(effects={"any": effect}), arms).estimate == pytest.approx(0.0)
    times = study(effects={"any": effect | {"scale": "ratio"}})
    assert outcome(times, arms).estimate == pytest.approx(math.log(5))
    half = lives.counts["emergency_admissions"] * (lives.key % 2 == 0)[:, None].astype(np.int32)
    fewer = Arms(replace(lives, counts={**lives.counts, "emergency_admissions": half}), lives, {})
    any_of = [(each[:, BEFORE:].sum(1) > 0).mean() for each in (half, lives.counts["emergency_admissions"])]
    assert outcome(study(effects={"any": effect}), fewer).estimate == pytest.approx(math.log(any_of[0] / any_of[1]))


def test_a_cost_leaves_out_what_the_study_did_not_price() -> None:
    lives = made(500)
    prices = {"ed_attendances": 300.0, "gp_contacts": 40.0}
    effect = {"measure": "cost", "months": [0, 12], "scale": "difference", "without": ["gp_contacts"]}
    more = {**lives.counts, "gp_contacts": lives.counts["gp_contacts"] * 3}
    dearer = Arms(replace(lives, counts=more), lives, prices)
    assert outcome(study(effects={"cost": effect}), dearer).estimate == 0.0
    assert outcome(study(effects={"cost": effect | {"without": []}}), dearer).estimate == pytest.approx(960.0)
    with pytest.raises(InputError, match="no price of 'gp_contact'; did you mean 'gp_contacts'"):
        outcome_table(
            lives, followed(lives, People()), Effect.model_validate(effect | {"without": ["gp_contact"]}), prices
        )


def test_those_whom_a_programme_spares_nothing_can_be_left_out() -> None:
    usual = made(3000)
    stay, admitted = (np.zeros_like(usual.counts["emergency_admissions"]) for _ in range(2))
    stay[:300, BEFORE + 3] = 1
    admitted[:100, BEFORE + 3] = 1  # a third would have been admitted in that month, and were not
    admitted[100:200, BEFORE + 4] = 1  # a third in the next
    none = np.zeros_like(stay)
    programme = replace(
        usual, counts=dict(usual.counts) | {"virtual_ward_admissions": stay, "emergency_admissions": none}
    )
    usual = replace(usual, counts=dict(usual.counts) | {"emergency_admissions": admitted})
    there = usual.present.copy()
    there[:10, BEFORE + 2 :] = False  # their twins have moved away
    usual = replace(usual, present=there)
    people = {"index": "event", "event": "virtual_ward_stays", "instead_of": "emergency_admissions", "within_months": 6}
    effect = {"x": {"measure": "emergency_admissions", "months": [0, 1], "scale": "difference", "per_months": 1.0}}
    found = outcome(study(people=people, effects=effect), Arms(programme, usual, {}))
    assert (found.treated, found.untreated) == (100.0, 90.0)
    assert found.estimate == pytest.approx(-1.0)
    with pytest.raises(ValueError, match="goes with index: event"):
        study(people={"instead_of": "emergency_admissions"})
    with pytest.raises(ValueError, match="kind: trial"):
        study(people=people, effects=effect, comparison={"kind": "exposed", "treated": 9.0, "untreated": 9.0})


def test_the_stay_at_which_people_were_taken_on_is_not_counted_after() -> None:
    lives = made(3000)
    stays = np.zeros_like(lives.counts["emergency_admissions"])
    stays[:600, BEFORE - 2] = 1  # a stay before the one at which people are taken on
    stays[:600, BEFORE + 3] = 1
    stays[:150, BEFORE + 5] = 1  # and a quarter come back
    stays[600:900, BEFORE + 3] = 1  # nothing before: not taken on
    lives = replace(lives, counts=dict(lives.counts) | {"emergency_admissions": stays})
    prior = {"outcome": "emergency_admissions", "months": 6, "least": 1}
    people = {"index": "event", "event": "emergency_admissions", "within_months": 5, "prior": prior}
    effect = {"measure": "emergency_admissions", "months": [0, 6], "scale": "risk", "before": 6, "less_index": True}
    sizes = {"kind": "before_after", "treated": 400.0, "untreated": 400.0}
    found = outcome(study(people=people, comparison=sizes, effects={"x": effect}), Arms(lives, lives, {}))
    assert found.treated == 600
    assert found.estimate == pytest.approx(25.0 - 100.0)
    with pytest.raises(ValueError, match="not taken on at an event of that measure"):
        study(effects={"x": effect})


def test_a_study_that_cannot_be_carried_out_says_why() -> None:
    lives = made(200)
    found = outcome(study(people={"frailty_least": 3}), Arms(lives, lives, {}))
    assert math.isnan(found.estimate)
    assert "use a larger place" in found.reason


def test_a_ratio_of_what_happened_to_nobody_says_so_in_plain_words() -> None:
    lives = made(200)
    nothing = {name: np.zeros_like(table) for name, table in lives.counts.items()}
    lives = replace(lives, counts=nothing)
    found = outcome(study(), Arms(lives, lives, {}))
    assert math.isnan(found.estimate)
    assert "happened to none of 200 people with the programme: use a larger place" in found.reason


def test_the_error_that_a_study_printed_is_on_the_scale_of_the_comparison() -> None:
    effect = Effect.model_validate({"measure": "emergency_admissions", "months": [0, 12], "scale": "ratio"})
    seen = Finding(estimate=0.6, low=0.42, high=0.86)
    assert printed_se(effect, seen) == pytest.approx(math.log(0.86 / 0.42) / 2 / 1.959964)
    assert math.isnan(printed_se(effect, Finding(estimate=0.6)))


def scored(low: float, high: float, finding: Finding, study_se: float = 0.1, scale: str = "log") -> dict[str, object]:
    """Return the score of a prediction of these limits."""
    effect = {"measure": "emergency_admissions", "months": [0, 12], "scale": scale}
    replay = study(effects={"x": effect})
    return score("r", replay, "x", Prediction((low + high) / 2, low, high, 0.0, study_se, 8, 8), finding)


def test_inside_outside_and_too_wide() -> None:
    seen = Finding(estimate=-0.1, low=-0.15, high=-0.05)
    assert scored(-0.15, 0.05, seen)["verdict"] == INSIDE
    assert scored(0.0, 0.1, seen)["verdict"] == OUTSIDE
    assert scored(-0.4, 0.3, seen)["verdict"] == WIDE, "over three times the published interval says nothing"
    bare = Finding(estimate=-0.1)
    assert scored(-0.4, 0.3, bare)["verdict"] == INSIDE, "within three times the study's own error: 0.35 of 0.49"
    assert scored(-0.6, 0.5, bare)["verdict"] == WIDE
    assert scored(-0.4, 0.3, Finding(direction="none"))["verdict"] == UNSCORED
    assert scored(math.nan, math.nan, seen)["verdict"] == OUTSIDE, "silence is no success"


def test_ratios_are_scored_on_the_log_and_shown_as_ratios() -> None:
    row = scored(math.log(0.5), math.log(1.5), Finding(estimate=0.9), 0.2, "ratio")
    assert row["low"] == pytest.approx(0.5)
    assert row["verdict"] == INSIDE
    row = scored(math.log(0.5), math.log(1.5), Finding(estimate=-60.0), 0.2, "percent")
    assert row["verdict"] == OUTSIDE


def test_coverage_counts_tuned_and_predicted_apart_and_no_bracket() -> None:
    rows = []
    for use, verdict in (("tuned", INSIDE), ("predicted", INSIDE), ("predicted", WIDE), ("bracket", INSIDE)):
        row = scored(-0.2, 0.2, Finding(estimate=0.0)) | {"use": use, "verdict": verdict}
        rows.append(row)
    table = coverage(pd.DataFrame(rows)).set_index("use")
    assert list(table["effects"]) == [1, 2]
    assert table["median_half_width_log"].isna().all(), "no study printed an interval"
    assert table.loc["predicted", "share_inside"] == 0.5


def test_figures_have_few_digits() -> None:
    assert [digits(x) for x in (0.0, 1.234, -26.4, 0.0112, math.nan)] == ["0", "1.23", "-26", "0.0112", "not known"]


def test_a_prediction_has_no_more_digits_than_its_limits_allow() -> None:
    row = pd.Series({"predicted": 0.014355, "low": 0.001052, "high": 0.027658})
    assert predicted_words(row) == "0.014 (0.001 to 0.028)"
    published = {"published": -0.01, "published_low": -0.1, "published_high": 0.08, "basis": "found"}
    assert published_words(pd.Series(published)) == "-0.01 (-0.1 to 0.08)"


def test_effects_know_their_scale() -> None:
    effect = Effect.model_validate({"measure": "deaths", "months": [0, 6], "scale": "ratio"})
    assert effect.logged
    assert not effect.model_copy(update={"scale": "risk"}).logged


def test_recent_use_is_what_records_tell_of_the_last_three_months() -> None:
    lives = made()
    known = covariates(lives, followed(lives, People()))
    assert set(COVARIATES) == set(known.columns)
    last = lives.counts["emergency_admissions"][:, BEFORE - 3 : BEFORE].sum(axis=1)
    assert np.array_equal(known["recent_admissions"].to_numpy(), last)
    assert (known["recent_admissions"] <= known["admissions"]).all()


def test_trials_that_differ_and_areas_that_grow_add_to_the_error_where_they_should() -> None:
    arms = Arms(made(), made(key=8), {})
    plain = study()
    pooled = {"kind": "trial", "treated": 100.0, "untreated": 100.0, "trials": 4, "between_trials_sd": 0.2}
    assert outcome(study(comparison=pooled), arms).context == pytest.approx(0.1)
    assert outcome(study(comparison=pooled), arms).se == outcome(plain, arms).se
    assert outcome(plain, arms).context == 0.0
    per_person = {"x": {"measure": "emergency_admissions", "months": [0, 12], "scale": "difference"}}
    rate = float(arms.usual.counts["emergency_admissions"][:, BEFORE:].sum() / arms.usual.people)
    assert outcome(study(comparison=pooled, effects=per_person), arms).context == pytest.approx(0.1 * rate)
    growth = {"growth_sd_per_year": 0.1, "areas": 10, "other_areas": 10}
    own = study(comparison={"kind": "trial", "treated": 100.0, "untreated": 100.0, **growth})
    still = {
        "admissions": {"measure": "emergency_admissions", "months": [0, 12], "scale": "ratio", "areas_grow": False}
    }
    assert outcome(own, arms).se > outcome(plain, arms).se
    same = own.model_copy(update={"effects": {"admissions": Effect.model_validate(still["admissions"])}})
    assert outcome(same, arms).se == outcome(plain, arms).se


def test_a_step_that_was_there_before_is_no_effect_of_a_policy() -> None:
    lives = made(8000)
    older = (lives.age >= 75)[:, None]
    some = lives.counts["emergency_admissions"]
    counts = {**lives.counts, "gp_contacts": lives.counts["gp_contacts"] + some + older * 1}
    lives = replace(lives, counts=counts)
    cut = {"kind": "age_cut", "treated": 4000.0, "untreated": 4000.0}
    effect = {"gp": {"measure": "gp_contacts", "months": [0, 9], "scale": "difference", "per_months": 9.0, "before": 9}}
    people = {"ages": [65, 85]}
    arms = Arms(lives, lives, {})
    assert outcome(study(people=people, comparison=cut, effects=effect), arms).estimate == pytest.approx(9.0, abs=0.2)
    changes = cut | {"change": True, "without_ages": [75.0, 76.0]}
    there = outcome(study(people=people, comparison=changes, effects=effect), arms)
    assert there.estimate == pytest.approx(0.0, abs=0.2)
    assert 0 < there.treated < (lives.age >= 75).sum()


def test_the_usual_provider_index_counts_another_clinician_once() -> None:
    lives = made(300)
    months = BEFORE + AFTER
    own = np.zeros((300, months), np.int32)
    own[:100] = 1
    lives = replace(lives, counts={**lives.counts, "gp_own_contacts": own})
    at = np.zeros(300, np.int64)
    index = own_share(lives, at, at + 4)
    assert (index[:100] == 1.0).all()
    assert (index[100:] == 0.25).all()
    assert np.isnan(own_share(lives, at, at + 1)).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trials": 3}, "between_trials_sd"),
        ({"between_trials_sd": 0.1}, "trials"),
        ({"without_ages": [75.0]}, "two ages"),
    ],
)
def test_half_of_a_setting_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        study(comparison={"kind": "trial", "treated": 100.0, "untreated": 100.0, **changes})
