"""A death foreseen: needs before it add up to those of a death, and a stay begun near to it lasts until it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from scenarios.registry.reader import load_registry
from sim.codes import DEAD, DIED, END_OF_LIFE, EXACERBATION, UNAVOIDABLE
from sim.rules import purposes
from sim.rules.dying import NOT_FORESEEN, death_after_need, gathered, taken_along
from sim.rules.keys import uniform
from sim.rules.mortality import death_hazard, month_exits
from sim.rules.needs import monthly_hazard
from sim.rules.stages import SECONDS_PER_DAY, SECONDS_PER_MEAN_MONTH
from sim.rules.tables import MONTH_LENGTH, ResidentTables
from sim.rules.walk import Y_ADMISSION, Y_ALONG, Y_BED_SECONDS, episode_yields, led_somewhere
from sim.rules.ward import admit
from tests import rules_world
from tests.hospital_world import OLD, hospital
from tests.single_steps import row_of
from tests.small_world import small_world

MONTH_S = SECONDS_PER_MEAN_MONTH


def dying_world(**changes: float) -> ResidentTables:
    return small_world(3, switch_dying=1.0, **changes)


@pytest.mark.parametrize(("age", "name"), [(70, "dying_needs_per_death_0"), (90, "dying_needs_per_death_85")])
@pytest.mark.parametrize("months_left", [12.0, 11.4])
def test_needs_of_the_year_before_a_death_add_up(age: int, name: str, months_left: float) -> None:
    tables = dying_world()
    tables.people["birth_day"][0] = -int(age * 365.25)
    death_s = int(months_left * MONTH_S)
    tables.people["death_s"][0] = death_s
    total = 0.0
    for month in range(12):
        start_s = month * MONTH_S
        lived = min((death_s - start_s) / MONTH_S, 1.0)  # a need after death is none
        total += monthly_hazard(tables, 0, END_OF_LIFE, start_s, 1) * lived
    whole = load_registry().central()[name]
    assert total == pytest.approx(whole, rel=1e-6) if months_left == 12.0 else 0.97 * whole < total < whole


def test_needs_of_the_year_before_a_death_add_up_over_months_of_all_lengths() -> None:
    tables = dying_world()
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31.25]
    starts = [sum(days[:month]) * SECONDS_PER_DAY for month in range(12)]
    tables.people["death_s"][0] = 365.25 * SECONDS_PER_DAY
    total = 0.0
    for start_s, length in zip(starts, days, strict=True):
        tables.trend[MONTH_LENGTH] = length * SECONDS_PER_DAY / MONTH_S
        total += monthly_hazard(tables, 0, END_OF_LIFE, int(start_s), 1)
    assert total == pytest.approx(load_registry().central()["dying_needs_per_death_0"], rel=1e-6)


def test_needs_gather_from_as_long_before_as_a_death_is_foreseen() -> None:
    tables = dying_world()
    values = load_registry().central()
    months = int(values["dying_foreseen_months"])
    tables.people["death_s"][0] = months * MONTH_S
    hazards = [monthly_hazard(tables, 0, END_OF_LIFE, month * MONTH_S, 1) for month in range(months)]
    assert 0.0 < hazards[0] < 0.1 * hazards[-1]
    assert sum(hazards[-12:]) == pytest.approx(values["dying_needs_per_death_0"], rel=1e-6)
    whole = sum(hazards) / values["dying_needs_per_death_0"]  # what the margins count by
    assert whole == pytest.approx(gathered(values, 0.0, float(months)), rel=1e-6)
    assert 1.2 < whole < 1.6


def test_needs_come_oftener_the_nearer_death_is() -> None:
    tables = dying_world()
    tables.people["death_s"][0] = 12 * MONTH_S
    hazards = [monthly_hazard(tables, 0, END_OF_LIFE, month * MONTH_S, 1) for month in range(12)]
    assert (np.diff(hazards) > 0).all()
    assert monthly_hazard(tables, 0, END_OF_LIFE, 12 * MONTH_S, 1) == 0.0


def test_a_death_is_foreseen_long_before_and_comes_when_it_was_foreseen() -> None:
    tables = rules_world.world(switch_dying=1.0)
    people, first_s, later_s = tables.people, MONTH_S, 2 * MONTH_S
    gone = month_exits(tables, 0, 0, first_s)
    foreseen = people["death_s"].copy()
    hazards = np.array([death_hazard(tables, i, 0) for i in range(len(people))])
    draws = np.array([uniform(tables.seed[0], key, purposes.DEATH, 0) for key in people["key"]])
    months = load_registry().central()["dying_foreseen_months"]
    soon = months * hazards > -np.log(draws)
    assert ((foreseen != NOT_FORESEEN) == soon).mean() > 0.999  # but for rounding
    assert foreseen.max() <= months * MONTH_S + 1
    people["presence"][gone["person"]] = DEAD
    exits = month_exits(tables, 1, first_s, later_s)
    died = exits[exits["how"] == DIED]
    assert len(died) > 20
    known = foreseen[died["person"]]
    assert (known != NOT_FORESEEN).all()
    sooner = known - died["time"]
    assert (sooner == 0).mean() > 0.8
    assert 0 <= sooner.min() <= sooner.max() < 7 * SECONDS_PER_DAY  # who has a birthday in between dies a little sooner


def test_nobody_is_foreseen_to_die_without_the_switch() -> None:
    tables = rules_world.world(switch_dying=0.0)
    month_exits(tables, 0, 0, MONTH_S)
    assert (tables.people["death_s"] == NOT_FORESEEN).all()


def stays(need_type: int, days_left: float, **changes: float) -> list[float]:
    """Return the days of 200 stays of a person of whom death is foreseen in so many days."""
    tables = hospital(admit_exacerbation=50.0, **changes)
    tables.people[OLD]["death_s"] = int(days_left * SECONDS_PER_DAY)
    found = []
    for k in range(200):
        rows = row_of(tables, OLD, need_type, k, 0.5)
        step = admit(tables, rows, 0, 0)
        found.append(step[2] / SECONDS_PER_DAY)
    return found


def test_most_stays_begun_in_the_last_weeks_last_until_death() -> None:
    near = stays(EXACERBATION, 9.0)
    until = sum(days == pytest.approx(10.0, abs=1e-4) for days in near) / len(near)
    assert until == pytest.approx(load_registry().central()["last_stay_share"], abs=0.07)
    assert not any(days == pytest.approx(41.0, abs=1e-4) for days in stays(EXACERBATION, 40.0))


def test_the_placebo_need_does_not_know_of_a_death() -> None:
    assert stays(UNAVOIDABLE, 9.0) == stays(UNAVOIDABLE, 0.0)


def test_deaths_after_walked_needs_are_as_far_off_as_needs_come_before_deaths() -> None:
    tables, age, now = dying_world(), 70.0, 1000
    p, values = tables.params[0], load_registry().central()
    left = np.array([death_after_need(p, age, now, np.uint64(need), 5) - now for need in range(4000)]) / MONTH_S
    assert left.min() > 0
    assert left.max() <= values["dying_foreseen_months"] + 0.001
    each, last = values["dying_needs_per_death_0"], values["last_illness_share"]
    whole = each * gathered(values, 0.0, values["dying_foreseen_months"]) + last
    for months in (3.0, 12.0, 24.0):
        of_last = last * (1.0 - np.exp(-months * MONTH_S / SECONDS_PER_DAY / values["last_illness_days"]))
        expected = (each * gathered(values, 0.0, months) + of_last) / whole
        assert (left <= months).mean() == pytest.approx(expected, abs=0.03)


def test_a_walked_need_at_the_end_of_life_ends_with_death_and_leaves_nobody_marked() -> None:
    repeats = np.zeros(END_OF_LIFE + 1, np.int64)
    repeats[END_OF_LIFE] = 4
    tables = rules_world.world(
        switch_dying=1.0, last_illness_days=0.001, dying_late_share=1.0, dying_gather_months=0.001
    )
    dying = episode_yields(tables, repeats)[END_OF_LIFE]
    assert (tables.people["death_s"] == NOT_FORESEEN).all()
    usual = episode_yields(rules_world.world(switch_dying=0.0), repeats)[END_OF_LIFE]
    assert dying[:, Y_BED_SECONDS].mean() < 0.5 * usual[:, Y_BED_SECONDS].mean()


def test_needs_while_in_hospital_are_those_of_its_days_and_add_up() -> None:
    p, values = dying_world().params[0], load_registry().central()
    death_s = int(values["dying_foreseen_months"] * MONTH_S)
    each, last = values["dying_needs_per_death_0"], values["last_illness_share"]
    others = each * gathered(values, 0.0, values["dying_foreseen_months"])
    every = taken_along(p, 70.0, 0, death_s, death_s)
    assert every == pytest.approx(others + last * others / (others + last), rel=1e-6)
    edges = [*range(0, death_s, 10 * SECONDS_PER_DAY), death_s]
    parts = [taken_along(p, 70.0, since, until, death_s) for since, until in pairwise(edges)]
    assert sum(parts) == pytest.approx(every, rel=1e-6)
    assert parts[0] < 0.05 < parts[-2]


def test_needs_that_come_in_hospital_make_each_need_at_the_end_of_life_yield_less() -> None:
    repeats = np.zeros(END_OF_LIFE + 1, np.int64)
    repeats[END_OF_LIFE] = 8
    sure = {"dying_999": 50.0, "dying_admit": 50.0, "last_stay_share": 1.0}  # hospital, and until death
    walked = episode_yields(rules_world.world(switch_dying=1.0, **sure), repeats)[END_OF_LIFE]
    usual = episode_yields(rules_world.world(switch_dying=0.0, **sure), repeats)[END_OF_LIFE]
    assert (usual[:, Y_ALONG] == 0.0).all()
    assert 0.05 < walked[:, Y_ALONG].mean() < 0.5
    assert walked[:, Y_ADMISSION].mean() > 0.5
    made = walked[:, :, None, None].mean(axis=0) * 2.0  # of one cell, at two needs for each unit of residual
    led = led_somewhere(made, np.full((1, 1), 2.0))
    along = walked[:, Y_ALONG].mean()
    assert led[Y_ADMISSION, 0, 0] == pytest.approx(made[Y_ADMISSION, 0, 0] / (1.0 + along))
    unmoved = usual[:, :, None, None].mean(axis=0)
    assert np.array_equal(led_somewhere(unmoved, np.ones((1, 1))), unmoved)
