"""Which INT serves whom: residence, registration, merged neighbourhoods, and a group wherever it lives."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.errors import InputError
from scenarios.registry.reader import load_registry
from scenarios.schema.modules.geography import Geography, Group
from sim.codes import CONDITION_NAMES, DEMENTIA, INCLUSION_NAMES
from sim.place.columns import PERSON
from sim.place.groups import USUAL, membership, neighbours, set_teams

VALUES = load_registry().central()
NEAR = np.array([1, 0, 3, 2])  # four neighbourhoods; the group's row is 4
GROUP = 4


def people(number: int = 2000) -> np.ndarray:
    """Return residents of four neighbourhoods with a little of everything."""
    made = np.zeros(number, PERSON)
    chance = np.random.default_rng(3)
    made["key"] = chance.integers(1, 2**63, number)
    made["neighbourhood"] = np.arange(number) % 4
    made["birth_day"] = -chance.integers(0, 36_000, number)
    made["language"] = chance.integers(0, 4, number)
    made["inclusion"] = chance.integers(0, 3, number)
    made["care_home"] = chance.integers(0, 3, number)
    made["known"] = chance.integers(0, 2, number) << DEMENTIA
    made["conditions"] = made["known"] | (1 << DEMENTIA)
    return made


def served(made: np.ndarray, geography: Geography, today: int = 0) -> np.ndarray:
    """Return the team of everyone under a design's geography."""
    set_teams(made, membership(geography, VALUES), NEAR, 9, today)
    return made["team"]


def test_by_default_everyone_is_served_where_they_live() -> None:
    made = people()
    assert membership(Geography(group=Group()), VALUES) == USUAL
    assert (served(made, Geography(group=Group())) == made["neighbourhood"]).all()


def test_a_group_is_served_wherever_it_lives_and_others_where_they_live() -> None:
    made = people()
    for group, members in (
        (Group(by="language", value="french"), made["language"] == 2),
        (Group(by="inclusion", value="homeless"), made["inclusion"] == INCLUSION_NAMES.index("homeless")),
        (Group(by="inclusion"), made["inclusion"] > 0),
        (Group(by="care_home", value="any"), made["care_home"] > 0),
        (Group(by="care_home", value="nursing"), made["care_home"] == 2),
        (Group(by="condition", value="dementia"), made["known"] > 0),  # whom services know to have it
    ):
        team = served(made, Geography(group=group))
        assert ((team == GROUP) == members).all(), group
        assert (team[~members] == made["neighbourhood"][~members]).all()


def test_a_group_by_age_ages() -> None:
    made = people()
    older = Geography(group=Group(by="age", age_from=65, age_to=75))
    ages = -made["birth_day"] / 365.25
    assert ((served(made, older) == GROUP) == ((ages >= 65) & (ages < 75))).all()
    later = served(made, older, today=3653).copy()
    assert (later[(ages > 55.1) & (ages < 64.9)] == GROUP).all()
    assert (later[ages > 75] != GROUP).all()


def test_a_share_of_a_group_joins_and_they_are_the_same_people_every_month() -> None:
    made = people()
    half, more = (Geography(group=Group(by="care_home", share=share)) for share in (0.5, 0.8))
    first = served(made, half).copy()
    assert (served(made, half, today=400) == first).all()
    members = made["care_home"] > 0
    assert (first == GROUP)[members].mean() == pytest.approx(0.5, abs=0.05)
    assert (served(made, more) == GROUP)[first == GROUP].all()


def test_merged_neighbourhoods_share_the_first_ones_int() -> None:
    made = people()
    assert (served(made, Geography(group=Group(), merge_neighbourhoods=2)) == made["neighbourhood"] // 2 * 2).all()
    assert (served(made, Geography(group=Group(), merge_neighbourhoods=20)) == 0).all()


def test_some_are_registered_with_the_neighbouring_neighbourhood() -> None:
    made = people()
    team = served(made, Geography(group=Group(), served_by="registration"))
    away = team != made["neighbourhood"]
    assert away.mean() == pytest.approx(VALUES["registered_elsewhere_share"], abs=0.03)
    assert (team[away] == NEAR[made["neighbourhood"][away]]).all()


def test_a_group_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="no such condition 'demensia': did you mean 'dementia'"):
        membership(Geography(group=Group(by="condition", value="demensia")), VALUES)
    assert "dementia" in CONDITION_NAMES


def test_the_neighbour_is_the_nearest_other() -> None:
    lat, lon = np.array([51.0, 51.1, 51.12, 53.0]), np.zeros(4)
    assert neighbours(lat, lon, np.arange(4), np.ones(4), 4).tolist() == [1, 2, 1, 2]
    assert neighbours(lat[:1], lon[:1], np.zeros(1, np.int64), np.ones(1), 1).tolist() == [0]
