"""Everyone who is not simulated: a hospital's load is its observed activity, however much of the place is simulated."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.compose import compose
from sim.agents.design import from_scenario
from sim.codes import ED, MISSED
from sim.engines import compiled
from sim.month import first_course, make_plan, run_month
from sim.world import World, build_world

DAYS_PER_YEAR = 365.25
MONTHS = 3


def world(*overrides: str) -> World:
    return build_world(compose(["place=bi_borough", "place.basis=census_2021", *overrides]))


def test_one_neighbourhood_alone_leaves_more_of_the_hospital_to_others() -> None:
    one, two = world("place.neighbourhoods=[W4]"), world("place.neighbourhoods=[W4,W3]")
    for column in ("background_ed_per_day", "background_emergency_beds_per_day"):
        assert 0 < two.template.hospitals[0][column] < one.template.hospitals[0][column]
    for column in ("beds", "cubicles", "background_elective_beds_per_day"):
        assert one.template.hospitals[0][column] == two.template.hospitals[0][column]


def test_residents_use_what_background_gives_up_though_they_use_less_than_england() -> None:
    made = world("place.neighbourhoods=[W4]")
    assert made.factors["emergency"] < 0.8  # else this would prove nothing of the factor
    observed = made.place.hospitals.iloc[0]["ed_attendances_per_year"] / DAYS_PER_YEAR
    expected = observed - made.template.hospitals[0]["background_ed_per_day"]
    usual = from_scenario(made.scenario.int_design)
    course, plan = first_course(made, 3), make_plan(made, usual, usual)
    days, attended = 0, 0
    for month in range(MONTHS):
        log = run_month(made, course, plan, compiled.advance).log
        contacts = log[(log["service"] >= 0) & (log["person"] >= 0) & (log["how"] != MISSED)]
        attended += int((course.state.services["kind"][contacts["service"]] == ED).sum())
        days += made.calendar.days_in_month(month)
    # Chance in some 2,500 attendances is 2%; the rest is where the place differs from England's mean beyond the
    # factor: this neighbourhood is close to its hospital, and measured 10% above. It is 0.4% of the hospital's load.
    assert attended / days == pytest.approx(expected, rel=0.15)
    assert abs(attended / days - expected) / observed < 0.01


def test_the_factor_on_needs_lies_further_from_one_than_the_observed_ratio_of_admissions() -> None:
    made = world("place.neighbourhoods=[W4]")
    assert 0.5 < made.factors["emergency_needs"] < made.factors["emergency"]
    assert made.values["local_factor_emergency"] == made.factors["emergency_needs"]


def test_a_hospital_that_nobody_uses_is_left_out() -> None:
    hospitals = world("place.neighbourhoods=[W4]").template.hospitals
    assert hospitals[0]["beds"] > 0
    assert np.array_equal([hospitals[1]["beds"], hospitals[1]["background_ed_per_day"]], [0, 0])
