"""Residents' circumstances: shares as the registry says, households that share a home, care homes apart."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.place_files import load_place
from scenarios.registry.reader import load_registry
from sim import codes
from sim.place.margins import band_of
from sim.place.newcomers import movers_in, newborns
from sim.place.population import Population, make_population

OLD = 18  # the band 85-89


@pytest.fixture(scope="module")
def average() -> Population:
    return make_population(load_place("england_average"), None, 5)


def by_quintile(made: Population, what: np.ndarray) -> np.ndarray:
    """Return the mean of ``what`` by national quintile."""
    quintile = made.communities["national_quintile"][made.people["community"]]
    return np.array([what[quintile == q].mean() for q in range(1, 6)])


def test_englands_shares_hold(average: Population) -> None:
    people, bands = average.people, band_of(average.people)
    assert (people["language"] == 0).mean() == pytest.approx(0.908, abs=0.01)
    assert (people["disability"] > 0).mean() == pytest.approx(0.173, abs=0.005)
    assert (people["care_home"] > 0)[bands >= 14].mean() == pytest.approx(0.026, abs=0.003)
    assert (people["care_home"] > 0)[bands >= OLD].mean() == pytest.approx(0.125, abs=0.01)
    assert people["carer"][bands >= 2].mean() == pytest.approx(0.09, abs=0.006)
    assert people["cared_for"].mean() == pytest.approx(people["carer"].mean(), abs=0.02)
    assert people["registered"].mean() > 0.98


def test_conditions_that_bring_people_to_teams_are_as_common_as_their_registers(average: Population) -> None:
    known = average.people["known"].astype(np.int64)
    for bit, share in (
        (codes.LEARNING_DISABILITY, 0.0051),
        (codes.NEUROLOGICAL_DISEASE, 0.0105),
        (codes.PALLIATIVE, 0.0048),
    ):
        assert ((known >> bit) & 1).mean() == pytest.approx(share, rel=0.1)


def test_practical_needs_fall_with_affluence_and_keep_to_their_ages(average: Population) -> None:
    people, values = average.people, load_registry().central()
    ages = -people["birth_day"] / 365.25
    for bit, name in enumerate(codes.SOCIAL_NAMES):
        has = ((people["social"] >> bit) & 1) == 1
        shares = by_quintile(average, has)
        assert shares[0] > shares[4], name
        if name == "loneliness":
            grown = ages >= 16
            aim = np.mean([values[f"social_prevalence_loneliness_quintile_{q}"] for q in range(1, 6)])
            assert has[grown].mean() == pytest.approx(aim, rel=0.05)
            assert not has[~grown].any()
        elif name == "worklessness":
            assert ((ages[has] >= 16) & (ages[has] < 65)).all()
        elif name == "carer_strain":
            assert (people["carer"][has] == 1).all()


def test_frail_people_are_oftener_in_care_homes_where_nobody_lives_alone(average: Population) -> None:
    people = average.people
    there = people["care_home"] > 0
    old = band_of(people) >= OLD
    share = [there[old & (people["frailty"] == level)].mean() for level in range(4)]
    assert share == sorted(share)
    assert share[3] > 3 * share[0]
    assert (people["lives_alone"][there] == 0).all()
    assert (people["registered"][there] == 1).all()
    homes = set(people["household"][there].tolist())
    assert not homes & set(people["household"][~there].tolist())


def test_a_household_shares_its_deprivation_and_its_housing(average: Population) -> None:
    people = average.people[average.people["care_home"] == 0]
    order = np.argsort(people["household"], kind="stable")
    together = people["household"][order][1:] == people["household"][order][:-1]
    for what in (people["household_deprivation"], people["social"] & codes.POOR_HOUSING):
        assert (np.diff(what[order].astype(int))[together] == 0).all()


def test_arrivals_have_circumstances_and_children_their_mothers(average: Population) -> None:
    arriving = movers_in(average.rates, np.arange(150), 5, 150)
    assert 0.05 < 1 - arriving["registered"].mean() < 0.25  # many have no practice yet
    assert (arriving["language"] > 0).any()
    babies = newborns(average.people.copy(), average.rates, 4, 122)
    mothers = {home: person for home, person in zip(average.people["household"], average.people, strict=True)}
    assert (babies["registered"] == 1).all()
    assert all(baby["household_deprivation"] == mothers[baby["household"]]["household_deprivation"] for baby in babies)
    assert (babies["team"] == babies["neighbourhood"]).all()


def test_consent_goes_with_trust(average: Population) -> None:
    people = average.people
    low, high = people["trust"] < 0.4, people["trust"] > 0.85
    assert people["consents"].mean() == pytest.approx(0.93, abs=0.01)
    assert people["consents"][low].mean() < people["consents"][high].mean()
