"""Classes of death, the paths by which care reaches them, and moving into care homes."""

import numpy as np
import pytest

from sim import codes
from sim.rules import purposes
from sim.rules.care_homes import entry_chance, step_care_home
from sim.rules.keys import uniform
from sim.rules.mortality import DEATH_CLASS_NAMES, OTHER, PREVENTABLE, TREATABLE, death_class, death_hazard, death_parts
from sim.rules.steps import month_steps
from sim.rules.tables import MONTH_LENGTH, TREND_DEATHS, adult_group, age_years
from tests.small_world import ages, small_world

PATHS = (0.0, 1.0)


def parts(tables):  # type: ignore[no-untyped-def]
    return np.array([death_parts(tables, i, 0) for i in range(len(tables.people))])


def usual(**changes):  # type: ignore[no-untyped-def]
    tables = small_world(**changes)
    groups = np.array([adult_group(age) for age in ages(tables)])
    names = ("under_18", "18_39", "40_64", "65_74", "75_84", "85_plus")
    for column, stem in (("recent_admissions", "admissions_mean"), ("unmet", "unmet_mean")):
        tables.people[column] = np.array([tables.params[0][f"{stem}_{name}"] for name in names])[groups]
    return tables


@pytest.mark.parametrize("path", PATHS)
def test_under_usual_care_the_classes_add_up_to_the_life_table(path: float) -> None:
    total = parts(usual(mortality_path=path)).sum(axis=1)
    assert total.mean() == pytest.approx(1.0, abs=0.01)
    groups = np.array([adult_group(age) for age in ages(usual())])
    for group in range(6):
        assert total[groups == group].mean() == pytest.approx(1.0, abs=0.02)


def test_treatment_reaches_treatable_deaths_alone() -> None:
    tables = usual(death_benefit_effect=0.4)
    before = parts(tables)
    tables.people["benefit"] += 0.1
    after = parts(tables)
    assert np.array_equal(before[:, 1:], after[:, 1:])
    reached = np.where(tables.people["conditions"] == 0, 1.0, tables.people["covered"])  # of what nobody knows, nothing
    assert (after[reached > 0, 0] < before[reached > 0, 0]).all()
    shares = before[:, 0].mean() / (1.0 - 0.4 * 0.1)
    assert (before[:, 0] - after[:, 0]).mean() == pytest.approx(0.04 * (reached * shares).mean(), rel=0.1)


def test_a_condition_that_is_not_known_is_not_treated_and_found_it_comes_under_treatment() -> None:
    tables = usual(death_benefit_effect=0.4)
    ill = tables.people["conditions"] != 0
    tables.people["covered"] = 0.0
    hidden = parts(tables)
    tables.people["covered"] = 1.0
    found = parts(tables)
    assert np.array_equal(found[~ill], hidden[~ill])
    treated = ill & (tables.people["benefit"] > 0.0)
    assert treated.sum() > 100
    assert (found[treated, 0] < hidden[treated, 0]).all()
    assert np.array_equal(found[:, 1:], hidden[:, 1:])


def test_on_the_other_path_unmet_need_and_crises_do_and_treatment_does_not() -> None:
    tables = usual(mortality_path=1.0)
    before = parts(tables)
    tables.people["benefit"] = 1.0
    assert np.array_equal(parts(tables), before)
    tables.people["unmet"] += 0.5
    more = parts(tables)
    assert (more[:, 0] > before[:, 0]).all()
    tables.people["recent_admissions"] += 0.1
    assert (parts(tables)[:, 0] > more[:, 0]).all()
    assert np.array_equal(parts(tables)[:, 1:], before[:, 1:])


def test_hardship_reaches_preventable_deaths_alone() -> None:
    tables = usual(death_hardship_effect=0.2)
    before = parts(tables)
    tables.people["hardship"] = 4.0
    after = parts(tables)
    assert (after[:, PREVENTABLE] > before[:, PREVENTABLE]).all()
    assert np.array_equal(after[:, [TREATABLE, OTHER]], before[:, [TREATABLE, OTHER]])


def test_effects_may_go_either_way_and_hazards_never_fall_below_nothing() -> None:
    for effect in (-0.5, 30.0):
        tables = usual(death_benefit_effect=effect, death_hardship_effect=effect)
        tables.people["benefit"], tables.people["hardship"] = 1.0, 1.0
        assert (parts(tables) >= 0.0).all()
    tables = usual(death_benefit_effect=-0.5)
    before = parts(tables)
    tables.people["benefit"] = 1.0
    reached = (tables.people["conditions"] == 0) | (tables.people["covered"] > 0.0)
    assert (parts(tables)[reached, 0] > before[reached, 0]).all()


def test_the_two_tenths_of_a_fifth_die_at_their_own_rates_and_the_fifth_at_its_own() -> None:
    tables = usual()
    tables.communities["imd_decile"] = 0
    plain = np.array([death_hazard(tables, i, 0) for i in range(len(tables.people))])
    quintile = tables.communities["national_quintile"][tables.people["community"]].astype(int)
    found = []
    for tenth in (1, 2):
        tables.communities["imd_decile"] = 2 * (tables.communities["national_quintile"] - 1) + tenth
        found.append(np.array([death_hazard(tables, i, 0) for i in range(len(tables.people))]))
    more = np.array([tables.params[0][f"death_tenth_{fifth}"] for fifth in range(1, 6)])[quintile - 1]
    assert found[0] == pytest.approx(plain * (1.0 + more))
    assert (found[0] + found[1]) / 2 == pytest.approx(plain)
    assert (found[0] > found[1])[plain > 0].all()


def test_the_trend_multiplies_deaths() -> None:
    tables = usual()
    tables.deaths[:] = 0.01
    before = death_hazard(tables, 3, 0)
    tables.trend[TREND_DEATHS] = 0.8
    assert before > 0.0
    assert death_hazard(tables, 3, 0) == pytest.approx(0.8 * before)


def test_as_many_die_a_day_in_short_and_long_months() -> None:
    tables = usual()
    tables.deaths[:] = 0.01
    mean_month = death_hazard(tables, 3, 0)
    tables.trend[MONTH_LENGTH] = 28 / 30.4375
    assert death_hazard(tables, 3, 0) / 28 == pytest.approx(mean_month / 30.4375)


def test_the_class_of_a_death_is_drawn_in_proportion_and_never_changes() -> None:
    tables = usual()
    drawn = np.array([death_class(tables, i, 0) for i in range(len(tables.people))])
    again = np.array([death_class(tables, i, 0) for i in range(len(tables.people))])
    assert np.array_equal(drawn, again)
    expected = parts(tables).mean(axis=0)
    got = np.bincount(drawn, minlength=len(DEATH_CLASS_NAMES)) / len(drawn)
    assert got == pytest.approx(expected / expected.sum(), abs=0.04)


def test_as_many_move_into_care_homes_as_replace_those_there() -> None:
    tables = small_world()
    p, age = tables.params[0], ages(tables)
    for first, stays in ((0, "under_65"), (65, "65_74"), (75, "75_84"), (85, "85_plus")):
        tables.people["recent_admissions"][age >= first] = p[f"care_home_stays_{stays}"]  # as after a burn-in
    chance = np.array([entry_chance(tables, i, 0) for i in range(len(tables.people))])
    assert (chance[age < 18] == 0.0).all()
    share = p["care_home_share_85_plus"]
    expected = p["care_home_turnover_per_year_85_plus"] / 12 * share / (1 - share)
    assert chance[age >= 85].mean() == pytest.approx(expected, rel=0.25)
    assert chance[age >= 85].mean() > 4 * chance[(age >= 65) & (age < 85)].mean()
    tables.params["local_factor_care_home"] = 0.5  # half as many there: half as many to replace
    half = np.array([entry_chance(tables, i, 0) for i in range(len(tables.people))])
    assert half[age >= 85].mean() / chance[age >= 85].mean() == pytest.approx(0.5 * (1 - share) / (1 - share / 2))


def test_dementia_frailty_and_living_alone_bring_people_into_care_homes() -> None:
    tables = small_world()
    old = int(np.flatnonzero(ages(tables) >= 85)[0])
    tables.people["frailty"], tables.people["conditions"], tables.people["lives_alone"] = 0, 0, 0
    plain = entry_chance(tables, old, 0)
    for column, value in (("frailty", 3), ("conditions", 1 << codes.DEMENTIA), ("lives_alone", 1)):
        tables.people[column] = value
        assert entry_chance(tables, old, 0) > plain
        tables.people[column] = 0


def step(tables, i, month):  # type: ignore[no-untyped-def]
    """Step where one person lives, by their own draw of the month."""
    person = tables.people[i]
    entry = uniform(tables.seed[0], person["key"], purposes.CARE_HOME_ENTRY, month)
    step_care_home(tables, i, month, age_years(person["birth_day"], 0), month_steps(tables).entries, entry)


def test_moving_in_and_out_of_a_care_home_is_written_down() -> None:
    tables = small_world(care_home_turnover_per_year_85_plus=1000.0, care_home_nursing_share=1.0)
    old = int(np.flatnonzero(ages(tables) >= 85)[0])
    person = tables.people[old]
    person["lives_alone"], person["carer"] = 1, 1
    step(tables, old, 0)
    assert (person["care_home"], person["lives_alone"], person["carer"]) == (codes.NURSING, 0, 0)
    stays = small_world(care_home_exit_per_month=1.0)
    stays.people[old]["care_home"] = codes.NURSING
    step(stays, old, 0)
    assert stays.people[old]["care_home"] == codes.NO_CARE_HOME
