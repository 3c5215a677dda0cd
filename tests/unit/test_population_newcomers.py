"""Arrivals and births: keyed, the same in every arm, as many as leave, and never someone already there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.place_files import load_place
from scenarios.registry.reader import load_registry
from sim.place.ages import first_days
from sim.place.margins import band_of, bits
from sim.place.newcomers import movers_in, newborns
from sim.place.population import Population, make_population
from sim.place.turnover import band_death_rates, spread_excess


@pytest.fixture(scope="module")
def borough() -> Population:
    return make_population(load_place("bi_borough"), None, 3)


def test_as_many_arrive_as_leave_or_die_less_those_born(borough: Population) -> None:
    arrivals = sum(len(movers_in(borough.rates, np.arange(224), month, 30 * month)) for month in range(12))
    people = borough.people
    ages = -people["birth_day"] / 365.25
    rates = np.select([ages < 16, ages < 25, ages < 35, ages < 50, ages < 65], [0.07, 0.24, 0.22, 0.11, 0.06], 0.035)
    bands = band_of(people)
    births = borough.rates.births[bands][people["sex"] == 0].sum()
    deaths = band_death_rates(load_registry())[bands, people["sex"], borough.rates.quintile[people["community"]]].sum()
    expected = rates.sum() + deaths * load_place("bi_borough").factor("mortality") - births
    assert arrivals == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert 0.10 < rates.sum() / len(people) < 0.17  # a tenth to a sixth leave in a year


def test_the_place_keeps_its_size_and_ages(borough: Population) -> None:
    """Two years of leaving, dying, arriving and being born, by a plain chance each month."""
    death = band_death_rates(load_registry()) * load_place("bi_borough").factor("mortality")
    rates, people = borough.rates, borough.people.copy()
    chance = np.random.default_rng(5)
    for month in range(1, 25):
        day = int(month * 30.4375)
        bands = np.clip(np.searchsorted(first_days(), day - people["birth_day"], side="right") - 1, 0, 19)
        going = rates.leaving[bands] + death[bands, people["sex"], rates.quintile[people["community"]]]
        people = people[chance.random(len(people)) > going / 12]
        people = np.concatenate(
            [people, movers_in(rates, np.arange(224), month, day), newborns(people, rates, month, day)]
        )
    older = (730 - people["birth_day"]) > 65 * 365.25
    assert len(people) == pytest.approx(500_000, rel=0.005)
    assert older.mean() == pytest.approx((borough.people["birth_day"] < -65 * 365.25).mean(), rel=0.02)


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=30))
def test_an_excess_is_spread_without_loss(needed: list[float]) -> None:
    spread = spread_excess(np.array(needed))
    assert (spread >= 0).all()
    assert spread.sum() == pytest.approx(max(sum(needed), 0.0), abs=1e-3)


def test_arrivals_depend_on_community_and_month_alone(borough: Population) -> None:
    everyone = movers_in(borough.rates, np.arange(224), 5, 150)
    two = movers_in(borough.rates, np.array([3, 40]), 5, 150)
    assert (two == everyone[np.isin(everyone["community"], [3, 40])]).all()
    assert not np.isin(movers_in(borough.rates, np.arange(224), 6, 180)["key"], everyone["key"]).any()


def test_nobody_arrives_twice_or_with_a_residents_key_or_household(borough: Population) -> None:
    batches = [movers_in(borough.rates, np.arange(224), month, 30 * month) for month in range(3)]
    batches += [newborns(borough.people.copy(), borough.rates, month, 30 * month) for month in range(3)]
    keys = np.concatenate([borough.people["key"], *[batch["key"] for batch in batches]])
    assert len(np.unique(keys)) == len(keys)
    movers = np.concatenate(batches[:3])
    assert (movers["household"] < 0).all()
    _, at = np.unique(movers["household"], return_inverse=True)
    assert (np.bincount(at, weights=movers["visited_home"]) == 1).all()
    adult = movers["birth_day"] < -6575  # 18 years: grown up on arrival
    assert np.bincount(at, weights=adult).max() == 2
    assert movers["visited_home"][~adult].mean() < 0.1  # a child opens the door only where no adult came before
    assert (np.bincount(at)[at[movers["lives_alone"] == 1]] == 1).all()


def test_arrivals_are_healthier_and_know_their_clinicians_less(borough: Population) -> None:
    movers = np.concatenate([movers_in(borough.rates, np.arange(224), month, 0) for month in range(12)])

    def middle(people: np.ndarray) -> np.ndarray:
        return people[(people["birth_day"] < -45 * 365) & (people["birth_day"] > -65 * 365)]

    assert bits(middle(movers)["conditions"]).mean() < bits(middle(borough.people)["conditions"]).mean()
    assert movers["tie"].mean() < 0.6 * borough.people["tie"].mean()


def test_ages_on_arrival_are_counted_from_the_month(borough: Population) -> None:
    early, late = (movers_in(borough.rates, np.arange(224), 9, day) for day in (0, 270))
    assert (late["birth_day"] - early["birth_day"] == 270).all()
    assert early["birth_day"].max() <= 0


def test_a_child_is_born_to_a_woman_of_childbearing_age_and_takes_her_home(borough: Population) -> None:
    people = borough.people.copy()
    babies = newborns(people, borough.rates, 4, 122)
    expected = load_place("bi_borough").factor("births")
    assert expected < 1
    assert (babies["birth_day"] == 122).all()
    assert (babies["conditions"] == 0).all()
    assert 0.4 < babies["sex"].mean() < 0.62
    women = (people["sex"] == 0) & (people["birth_day"] < 122 - 15 * 365) & (people["birth_day"] > 122 - 46 * 365)
    assert np.isin(babies["household"], people["household"][women]).all()
    assert (people["lives_alone"][np.isin(people["household"], babies["household"])] == 0).all()


def test_the_dead_have_no_children_and_others_births_do_not_change(borough: Population) -> None:
    all_born = newborns(borough.people.copy(), borough.rates, 4, 122)
    people = borough.people.copy()
    people["presence"][::2] = 2
    half = newborns(people, borough.rates, 4, 122)
    assert np.isin(half["key"], all_born["key"]).all()
    assert len(half) < len(all_born)


def test_births_over_a_year_match_the_childrens_ages_at_the_start(borough: Population) -> None:
    born = sum(len(newborns(borough.people.copy(), borough.rates, month, 0)) for month in range(12))
    infants = int((borough.people["birth_day"] > -366).sum())
    assert born == pytest.approx(infants, rel=0.08)
