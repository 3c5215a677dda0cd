"""Everyone who is not simulated: a hospital's load is its observed activity, however much of the place is simulated."""

from __future__ import annotations

import pytest

from scenarios.compose import compose
from sim.codes import BED, ED, HOSPITAL_KINDS, MISSED
from sim.engines import compiled
from sim.load import bed_days_each
from sim.month import first_course, make_plan, run_month
from sim.place.supply import type_1_shares
from sim.world import World, build_world
from tests.hospital_world import hospital, registry

DAYS_PER_YEAR = 365.25
MONTHS = 3


def world(*overrides: str) -> World:
    return build_world(compose(["place=bi_borough", "place.basis=census_2021", *overrides]))


def test_one_neighbourhood_alone_leaves_more_of_the_hospital_to_others() -> None:
    one, two = world("place.neighbourhoods=[W4]"), world("place.neighbourhoods=[W4,W3]")
    for column in ("background_ed_per_day", "background_emergency_beds_per_day"):
        assert 0 < two.template.hospitals[0][column] < one.template.hospitals[0][column]
    column = "background_elective_beds_per_day"
    assert one.template.hospitals[0][column] == two.template.hospitals[0][column]
    for kind in HOSPITAL_KINDS:
        assert one.template.supply[kind, 0] == two.template.supply[kind, 0]


def test_residents_use_what_background_gives_up_though_they_use_less_than_england() -> None:
    made = world("place.neighbourhoods=[W4]")
    assert made.factors["emergency"] < 0.8  # else this would prove nothing of the factor
    everywhere = made.place.hospitals.iloc[0]["ed_attendances_per_year"] / DAYS_PER_YEAR
    observed = everywhere * type_1_shares(made.place, made.values)[0]  # the rest are at the treatment centres
    expected = observed - made.template.hospitals[0]["background_ed_per_day"]
    usual = made.scenario.int_design
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
    tables = world("place.neighbourhoods=[W4]").template
    assert tables.supply[BED, 0] > 0
    assert tables.hospitals[1]["background_ed_per_day"] == 0
    assert all(tables.supply[kind, 1] == 0 for kind in HOSPITAL_KINDS)


def test_an_assessment_unit_spares_beds_the_stays_that_end_the_same_day() -> None:
    values = registry().central()
    without, with_unit = (bed_days_each(hospital(assessment=places), values)[0] for places in (0.0, 20.0))
    same_day = values["background_zero_day"] * values["zero_day_days"]
    assert without - with_unit == pytest.approx(same_day)
