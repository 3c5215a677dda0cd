"""The benefit of treatment that is usual at each age is solved, so that deaths are what the life table says."""

from __future__ import annotations

import numpy as np
import pytest

from sim.benefits import usual_benefits, weights_of
from sim.place.england import make_reference
from sim.rules.margins import PER_CELL
from sim.rules.mortality import BENEFIT_MEAN_NAMES, benefit_had
from tests.rules_world import registry


def solved(**changes: float) -> dict[str, float]:
    values = registry().central() | changes
    return usual_benefits(registry(), values, make_reference(registry(), values, PER_CELL))


def test_the_registrys_own_means_are_those_of_its_central_values() -> None:
    central = registry().central()
    for name, value in solved().items():
        assert value == pytest.approx(central[name], abs=0.03), name


def test_where_nothing_is_hidden_more_benefit_is_usual() -> None:
    usual, open_book = solved(), solved(switch_hidden_need=0.0)
    assert all(open_book[name] > usual[name] - 1e-9 for name in BENEFIT_MEAN_NAMES)
    assert open_book["benefit_mean_ratio_75_84"] > usual["benefit_mean_ratio_75_84"] + 0.2


def test_people_count_as_their_cell_does_in_england_and_have_the_benefit_that_deaths_read() -> None:
    values = registry().central()
    reference = make_reference(registry(), values, 20)
    assert weights_of(reference).sum() == pytest.approx(reference.weights.sum())
    people = reference.people[::37]
    expected = people["benefit"] * np.where(people["conditions"] == 0, 1.0, people["covered"])
    assert [float(benefit_had(person)) for person in people] == pytest.approx(expected)
