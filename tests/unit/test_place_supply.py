"""Supply of every service: England's unless the place says otherwise, contacts turned into staff, and the GP tilt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scenarios.errors import InputError
from scenarios.place_files import load_place
from scenarios.registry.reader import load_registry
from scenarios.service_names import SERVICES
from sim.codes import (
    ASSESSMENT,
    BED,
    CALL_111,
    ED,
    GP,
    HOME_PACKAGE,
    HOSPITAL_KINDS,
    NURSE,
    OUTREACH,
    SERVICE_KINDS,
    VIRTUAL_WARD,
)
from sim.place.columns import TEAM
from sim.place.counts import resident_counts
from sim.place.need import england_weights, need_over_england
from sim.place.rates import make_rates
from sim.place.supply import (
    CONTACTS,
    SHARED_KINDS,
    make_supply,
    open_patterns,
    per_unit,
    practice_weights,
    service_table,
    type_1_shares,
)

VALUES = load_registry().central()


def teams() -> np.ndarray:
    """Return two neighbourhoods of 10,000, the second not simulated, and a group's INT."""
    table = np.zeros(3, TEAM)
    table["registered"] = [10_000, 0, 0]
    table["needs_index"] = [1.2, 0.8, 0.0]
    return table


def test_every_service_has_supply_wherever_someone_lives_and_none_elsewhere() -> None:
    place = load_place("england_average")
    supply = make_supply(place, service_table(place, load_registry(), VALUES), teams(), np.ones(2), VALUES)
    assert supply.shape == (SERVICE_KINDS, 3)
    for kind in range(SERVICE_KINDS):
        if kind in HOSPITAL_KINDS:
            assert supply[kind, 0] > 0
        elif kind != OUTREACH:  # none in England today
            assert supply[kind, 0] > 0, SERVICES[kind]
            assert (supply[kind, 1:] == 0).all()
    assert supply[VIRTUAL_WARD, 0] == pytest.approx(2.2)
    assert supply[HOME_PACKAGE, 0] == pytest.approx(VALUES["home_package_per_10000"] * 1.2)  # where the need is


def test_the_places_own_rows_replace_englands() -> None:
    registry, place = load_registry(), load_place("toy")
    own = pd.DataFrame({"service": ["nurse"], "amount": [3.0], "unit": ["fte_per_10000_registered"]})
    table = service_table(replace(place, services=own.assign(open_pattern="always")), registry, VALUES)
    assert table.loc["nurse", "amount"] == 3.0
    assert open_patterns(table)["nurse"] == "always"
    assert table["amount"]["gp"] == registry.table("supply").set_index("service")["amount"]["gp"]
    assert list(table.index) == list(SERVICES)
    blank = own.assign(amount=np.nan, open_pattern="always")
    with pytest.raises(InputError, match=r"services.csv \(nurse\) column amount"):
        service_table(replace(place, services=blank), registry, VALUES)


def test_home_care_follows_the_places_need_and_what_is_local_of_it() -> None:
    registry = load_registry()
    values = {**VALUES, "home_package_per_10000": 5.0, "local_home_care_adjustment": 0.8}
    amounts = [
        service_table(load_place(name), registry, values, 0.9)["amount"]["home_package"]
        for name in ("england_average", "bi_borough")
    ]
    assert amounts == pytest.approx([5.0 * 0.9, 5.0 * 0.9 * 0.8])  # at England's level nothing is local


def test_a_young_place_needs_less_than_england_and_england_as_much() -> None:
    registry = load_registry()
    ratios = {}
    for name in ("england_average", "bi_borough"):
        place = load_place(name)
        rates = make_rates(place, place.total(), 1, "2019", registry, VALUES)
        counts = resident_counts(place, place.total())
        ratios[name] = need_over_england(rates, counts, england_weights(registry))
    assert ratios["england_average"] == pytest.approx(1.0, abs=0.03)
    assert 0.8 < ratios["bi_borough"] < 0.95


def test_services_that_never_shut_are_open_always() -> None:
    patterns = open_patterns(service_table(load_place("england_average"), load_registry(), VALUES))
    for name in ("ambulance", "call_111", "urgent_treatment", "urgent_response", "community"):
        assert patterns[name] == "always"
    assert patterns["gp"] == patterns["outpatient_new"] == "weekday_8_1830"


def test_contacts_become_the_staff_whose_year_they_fill() -> None:
    values = {**VALUES, "service_nurse_minutes": 15.0}
    found = per_unit(NURSE, 20_000.0, CONTACTS, values)
    year = 365.25 / 7 * values["contract_hours_per_week"] * values["productive_share_of_year"]
    hours = year * values["facing_share_nurse"]
    assert found * hours / 0.25 == pytest.approx(20_000 * values["supply_slack"])
    without = {name: value for name, value in values.items() if name != "service_nurse_minutes"}
    fallback = per_unit(NURSE, 20_000.0, CONTACTS, without)
    assert fallback / found == pytest.approx(values["supply_minutes_default"] / 15.0)
    with pytest.raises(InputError, match="is for staff, not places"):
        per_unit(VIRTUAL_WARD, 1.0, CONTACTS, values)


def test_deprived_practices_have_less_time_and_the_total_is_kept() -> None:
    counts = np.zeros((3, 20, 2), np.int64)
    counts[:, 5, 0] = [1000, 500, 2500]
    where, quintile = np.array([0, 0, 1]), np.array([0, 1, 4])
    tilted = practice_weights(2, where, quintile, counts, 0.03)
    assert tilted[0] < 1 < tilted[1]
    assert (tilted * [1500, 2500]).sum() == pytest.approx(4000)
    assert np.allclose(practice_weights(2, where, quintile, counts, 0.0), 1.0)
    place = load_place("england_average")
    table = service_table(place, load_registry(), VALUES)
    usual, less = (make_supply(place, table, teams(), weights, VALUES) for weights in (np.ones(2), tilted))
    assert less[GP, 0] == pytest.approx(tilted[0] * usual[GP, 0])
    assert (np.delete(less, GP, axis=0) == np.delete(usual, GP, axis=0)).all()


def test_a_hospital_has_cubicles_for_type_1_alone_and_assessment_places_for_same_day_stays() -> None:
    place = load_place("england_average")
    table = service_table(place, load_registry(), VALUES)
    supply = make_supply(place, table, teams(), np.ones(2), VALUES)
    every_type = make_supply(place, table, teams(), np.ones(2), {**VALUES, "ed_type1_share": 1.0})
    assert supply[ED, 0] / every_type[ED, 0] == pytest.approx(VALUES["ed_type1_share"], abs=0.02)
    assert supply[BED, 0] == 388  # of 409 available, what is not being turned over
    fewer = make_supply(place, table, teams(), np.ones(2), {**VALUES, "bed_turnover_share": 0.3})
    assert fewer[BED, 0] == 387  # never fewer than are in use on the mean day
    assert supply[ASSESSMENT, 0] == np.ceil(28_024 * 0.36 / 365.25 * 7 / 24 / 0.8)


def test_a_part_of_a_larger_service_is_never_unstaffed() -> None:
    place = load_place("england_average")
    table = service_table(place, load_registry(), VALUES)
    small = teams()
    small["registered"][0] = 500
    shared = {**VALUES, "supply_least_at_once": 1.0}
    supply = make_supply(place, table, small, np.ones(2), shared)
    bare = make_supply(place, table, small, np.ones(2), {**shared, "supply_least_at_once": 0.0})
    week = VALUES["contract_hours_per_week"] * VALUES["productive_share_of_year"] * VALUES["facing_share_call_111"]
    assert supply[CALL_111, 0] * week == pytest.approx(168.0)
    assert bare[CALL_111, 0] < 0.2
    assert (np.delete(supply, SHARED_KINDS, axis=0) == np.delete(bare, SHARED_KINDS, axis=0)).all()
    assert supply[CALL_111, 1] == 0


def test_a_trusts_own_share_of_type_1_sets_its_cubicles_and_englands_does_without_one() -> None:
    place, values = load_place("bi_borough"), load_registry().central()
    assert type_1_shares(place, values).tolist() == [0.4109, 0.6795, 1.0]
    blank = place.hospitals.assign(type_1_share=[np.nan, 0.6795, 1.0])
    england = values["ed_type1_share"]
    assert type_1_shares(replace(place, hospitals=blank), values).tolist() == [england, 0.6795, 1.0]
    without = replace(place, hospitals=place.hospitals.drop(columns="type_1_share"))
    assert type_1_shares(without, values).tolist() == [england] * 3
