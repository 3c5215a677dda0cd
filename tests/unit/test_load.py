"""Everyone who is not simulated: a hospital's load is its observed activity, however much of the place is simulated."""

from __future__ import annotations

import pytest

from scenarios.compose import compose
from sim.world import World, build_world

DAYS_PER_YEAR = 365.25


def world(*overrides: str) -> World:
    return build_world(compose(["place=bi_borough", "place.basis=census_2021", *overrides]))


def test_one_neighbourhood_alone_leaves_more_of_the_hospital_to_others() -> None:
    one, two = world("place.neighbourhoods=[W4]"), world("place.neighbourhoods=[W4,W3]")
    for column in ("background_ed_per_day", "background_emergency_beds_per_day"):
        assert 0 < two.template.hospitals[0][column] < one.template.hospitals[0][column]
    observed = one.place.hospitals.iloc[0]
    assert one.template.hospitals[0]["background_ed_per_day"] < observed["ed_attendances_per_year"] / DAYS_PER_YEAR
    for column in ("beds", "cubicles", "background_elective_beds_per_day"):
        assert one.template.hospitals[0][column] == two.template.hospitals[0][column]


def test_what_residents_are_expected_to_use_is_what_background_gives_up() -> None:
    one, two = world("place.neighbourhoods=[W4]"), world("place.neighbourhoods=[W4,W3]")
    more = two.residents - one.residents
    given_up = one.template.hospitals[0]["background_ed_per_day"] - two.template.hospitals[0]["background_ed_per_day"]
    assert given_up * DAYS_PER_YEAR / more == pytest.approx(0.42, abs=0.12)  # about England's 0.47 a head, local factor


def test_a_hospital_that_nobody_uses_is_left_out() -> None:
    hospitals = world("place.neighbourhoods=[W4]").template.hospitals
    assert hospitals[0]["beds"] > 0
    assert hospitals[1]["beds"] == hospitals[1]["background_ed_per_day"] == 0
