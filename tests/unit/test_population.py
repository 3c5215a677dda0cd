"""Residents made from a place: exact numbers, stable keys, one door per household, neighbours that do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.errors import InputError
from scenarios.place_files import Place, load_place
from scenarios.registry.reader import load_registry
from sim.codes import GP
from sim.place.counts import resident_counts
from sim.place.margins import band_of, bits
from sim.place.population import Population, make_people, make_population
from sim.place.rates import text_key
from sim.place.resident import make_resident
from sim.place.shares import by_age, shift_to


@pytest.fixture(scope="module")
def toy() -> Place:
    return load_place("toy")


@pytest.fixture(scope="module")
def town(toy: Place) -> Population:
    return make_population(toy, None, 7)


@pytest.fixture(scope="module")
def borough() -> Population:
    return make_population(load_place("bi_borough"), "census_2021", 7)


def test_numbers_by_community_age_and_sex_are_exact(borough: Population) -> None:
    people = borough.people
    found = np.zeros((224, 20, 2), dtype=np.int64)
    np.add.at(found, (people["community"], band_of(people), people["sex"]), 1)
    assert (found == resident_counts(load_place("bi_borough"), 347_626)).all()


def test_the_same_seed_gives_the_same_people_and_another_seed_others(toy: Place, town: Population) -> None:
    again, _, _, _ = make_people(toy, None, 7)
    other, _, _, _ = make_people(toy, None, 8)
    assert (again == town.people).all()
    assert (other["key"] == town.people["key"]).all()  # keys hold no seed
    assert (other["conditions"] != town.people["conditions"]).any()


def test_keys_are_unique_and_come_from_the_community_code(borough: Population, town: Population) -> None:
    assert len(np.unique(borough.people["key"])) == len(borough.people)
    assert text_key("T1") == text_key("T1") != text_key("T2")
    assert text_key("E01002812") == 11072411765990467713


def test_a_neighbourhood_is_the_same_with_or_without_the_others(borough: Population) -> None:
    place = load_place("bi_borough")
    alone = make_population(place, "census_2021", 7, ["W7", "KC1"])
    inside = np.isin(borough.people["neighbourhood"], [0, 11])
    assert (alone.people == borough.people[inside]).all()
    simulated = np.isin(alone.communities["neighbourhood"], [0, 11])
    for column in ("residents", "trust", "local_quintile", "assets"):
        assert (alone.communities[column][simulated] == borough.communities[column][simulated]).all()
    assert (alone.communities["residents"][~simulated] == 0).all()
    assert (alone.teams[[0, 11]] == borough.teams[[0, 11]]).all()
    assert (alone.supply[:, [0, 11]] == borough.supply[:, [0, 11]]).all()
    assert (alone.supply[GP] > 0).sum() == 2


def test_a_community_moved_within_the_file_keeps_its_people(toy: Place, town: Population) -> None:
    from dataclasses import replace

    turned = replace(toy, communities=toy.communities.iloc[::-1].reset_index(drop=True))
    people, _, _, _ = make_people(turned, None, 7)
    for column in ("birth_day", "conditions", "known", "trust", "ethnic", "frailty"):
        before = dict(zip(town.people["key"].tolist(), town.people[column].tolist(), strict=True))
        after = dict(zip(people["key"].tolist(), people[column].tolist(), strict=True))
        assert before == after, column


def test_one_person_opens_the_door_of_each_household(borough: Population) -> None:
    people = borough.people
    homes, at = np.unique(people["household"], return_inverse=True)
    doors = np.bincount(at, weights=people["visited_home"])
    size = np.bincount(at)
    assert (doors == 1).all()
    assert (size[at[people["lives_alone"] == 1]] == 1).all()
    communities = np.zeros(len(homes), dtype=np.int64)
    communities[at] = people["community"]
    assert (communities[at] == people["community"]).all()
    assert (-people["birth_day"][people["visited_home"] == 1] / 365.25 >= 15).all()


def test_states_lie_where_they_may(borough: Population) -> None:
    people = borough.people
    assert (people["presence"] == 1).all()
    for column in ("trust", "tie", "treated", "benefit"):
        assert ((people[column] >= 0) & (people[column] <= 1)).all()
    assert (people["known"] & ~people["conditions"] == 0).all()
    assert people["treated"][people["known"] > 0].mean() > people["treated"][people["known"] == 0].mean()
    assert (people["benefit"] == people["treated"]).all()
    assert (people["frailty"][band_of(people) < 9] == 0).all()
    assert (people["lives_alone"][band_of(people) < 4] == 0).all()
    assert (people["lives_alone"][people["care_home"] > 0] == 0).all()
    assert people["birth_day"].max() <= 0
    assert -people["birth_day"].min() / 365.25 < 111


def test_conditions_gather_in_the_same_people(borough: Population) -> None:
    values = load_registry().central()
    apart = make_population(
        load_place("bi_borough"), "census_2021", 7, ["W7"], values={**values, "condition_shared_latent": 1e-9}
    )
    together = borough.people[borough.people["neighbourhood"] == 11]
    assert bits(together["conditions"]).mean() == pytest.approx(bits(apart.people["conditions"]).mean(), rel=0.03)
    assert (bits(together["conditions"]) >= 3).mean() > 1.15 * (bits(apart.people["conditions"]) >= 3).mean()


def test_more_is_hidden_where_trust_is_low(borough: Population) -> None:
    people = borough.people
    has = people["conditions"] > 0
    share = bits(people["known"])[has] / bits(people["conditions"])[has]
    trust = people["trust"][has]
    assert share[trust < 0.4].mean() < share[trust > 0.8].mean() - 0.05


def test_a_places_tables_are_its_own_whoever_is_drawn_to_live_there(toy: Place) -> None:
    first, again, other = (make_population(toy, None, seed) for seed in (7, 7, 8))
    assert np.array_equal(first.communities, again.communities)
    assert np.array_equal(first.people, again.people)
    assert not np.array_equal(first.people["conditions"], other.people["conditions"])
    for column in ("residents", "local_quintile", "national_quintile", "imd_decile", "assets"):
        assert np.array_equal(first.communities[column], other.communities[column]), column
    assert np.allclose(first.communities["trust"], other.communities["trust"], atol=0.05)  # the mean of its residents


def test_the_place_tables_hold_what_the_places_files_say(town: Population) -> None:
    assert town.communities["residents"].sum() == 2000
    assert town.communities["local_quintile"].tolist() == sorted(town.communities["local_quintile"].tolist())
    assert town.communities["national_quintile"].tolist() == [1, 2, 3, 3, 4, 5]
    assert town.teams["registered"].sum() == 2000
    assert town.teams["registered"].tolist() == [1010, 990, 0]  # the last is a group's INT
    weights = town.teams["registered"] / 2000
    assert (town.teams["needs_index"] * weights).sum() == pytest.approx(1.0, abs=1e-9)


def test_imd_2025_can_be_chosen_and_another_edition_cannot(toy: Place) -> None:
    place = load_place("bi_borough")
    _, first, _, _ = make_people(place, 3000, 7, ["W7"], "2019")
    _, second, _, _ = make_people(place, 3000, 7, ["W7"], "2025")
    assert (first["imd_decile"] != second["imd_decile"]).any()
    with pytest.raises(InputError, match=r"no such edition '2015'.*'2025'|allowed"):
        make_people(toy, None, 7, None, "2015")


def test_an_unknown_neighbourhood_gives_the_nearest(toy: Place) -> None:
    with pytest.raises(InputError, match="no such neighbourhood 'N9'"):
        make_people(toy, None, 7, ["N9"])
    with pytest.raises(InputError, match="is empty"):
        make_people(toy, None, 7, [])


def test_a_value_by_age_is_shared_within_a_band_that_a_step_divides() -> None:
    steps = ((0, "young"), (18, "old"))
    result = by_age({"x_young": 0.0, "x_old": 1.0}, "x_{}", steps)
    assert result[3] == 0.0
    assert result[4] == pytest.approx(2 / 5)  # 15-19: 18 and 19 of five years
    assert result[5] == 1.0


def test_shares_are_moved_to_a_target_and_zeros_stay() -> None:
    moved = shift_to(np.array([0.0, 0.2, 0.5]), np.array([100, 100, 100]), 100.0)
    assert moved[0] == 0.0
    assert moved.sum() * 100 == pytest.approx(100.0, abs=1e-6)
    assert (moved[1:] > np.array([0.2, 0.5])).all()


@pytest.mark.filterwarnings("ignore:overflow")
def test_the_rule_gives_the_same_resident_interpreted_and_compiled(town: Population) -> None:
    made = town.people[::97].copy()
    plain = np.zeros_like(made)
    bands = band_of(made)
    for i, person in enumerate(made):
        rule = make_resident.py_func  # type: ignore[attr-defined]
        rule(plain, i, person["key"], int(person["community"]), int(bands[i]), int(person["sex"]), 0, town.rates)
    for column in made.dtype.names or ():
        if column in ("household_deprivation", "social"):  # shared with whoever opens the door
            continue
        if column not in ("household", "visited_home"):
            assert (plain[column] == made[column]).all(), column
