"""Who is all that is left of a household lives alone; whose housemate merely moved away does not."""

from __future__ import annotations

import numpy as np
import pytest

from sim.codes import DEAD, DIED, LEFT, NO_CARE_HOME, PRESENT
from sim.month import first_course, make_plan, run_month
from sim.rules.homes import parted_from, place_of
from sim.rules.month import fold_month
from sim.task import ENGINES
from tests.residents import toy, usual_care

ADULT_DAYS = 18 * 365.25


def first_tables():  # type: ignore[no-untyped-def]
    """Return the toy place's tables at the start, and the rows of households of two adults and nobody else."""
    tables = first_course(toy(), 1).state.tables
    people = tables.people
    at_home = (people["care_home"] == NO_CARE_HOME) & (people["lives_alone"] == 0)
    number, count = np.unique(people["household"][at_home], return_counts=True)
    twos = [np.flatnonzero(at_home & (people["household"] == home)) for home in number[count == 2]]
    adults = [pair for pair in twos if (people["birth_day"][pair] <= -ADULT_DAYS - 60).all()]
    return tables, adults


def test_a_death_leaves_the_other_of_two_alone() -> None:
    tables, pairs = first_tables()
    assert len(pairs) > 50
    people = tables.people
    dead, widowed = pairs[0]
    other = pairs[1]
    people["presence"][dead] = DEAD
    people["social"][[widowed, *other]] = 0
    parted = parted_from(people["household"][[dead]], len(people))
    fold_month(tables, 0, 0, parted)
    assert people["lives_alone"][widowed] == 1
    assert (people["lives_alone"][other] == 0).all()


def test_nobody_is_left_alone_with_others_or_by_a_move() -> None:
    tables, pairs = first_tables()
    people = tables.people
    moved, stayed = pairs[0]
    people["presence"][moved] = LEFT
    at_home = people["care_home"] == NO_CARE_HOME
    number, count = np.unique(people["household"][at_home], return_counts=True)
    large = np.flatnonzero(at_home & (people["household"] == number[count > 3][0]))
    people["presence"][large[0]] = DEAD
    fold_month(tables, 0, 0, parted_from(people["household"][large[:1]], len(people)))
    assert people["lives_alone"][stayed] == 0
    assert (people["lives_alone"][large[1:]] == 0).all()


def one_left_by_a_move_into_a_care_home(seed: int) -> bool | None:
    """Return whether the first of an old pair left at home by the other's move lives alone a month later; None: nobody.

    Everyone of 80 and over who lives with one other as old is made as frail as can be, so that some move.
    """
    world = toy()
    plan = make_plan(world, usual_care(world), usual_care(world))
    course = first_course(world, seed)
    tables, pairs = course.state.tables, first_tables()[1]
    older = [pair for pair in pairs if (tables.people["birth_day"][pair] < -80 * 365.25).all()]
    keys = {int(tables.people["key"][i]) for pair in older for i in pair}
    for pair in older:
        tables.people["frailty"][pair] = 3
    for _ in range(24):
        before = course.state.tables.people["care_home"].copy()
        run_month(world, course, plan, ENGINES["compiled"])
        people = course.state.tables.people
        entered = (people["care_home"][: len(before)] != NO_CARE_HOME) & (before == NO_CARE_HOME)
        entered &= people["presence"][: len(before)] == PRESENT
        for moved in np.flatnonzero(entered & np.isin(people["key"][: len(before)], list(keys))):
            assert people["household"][moved] in course.parted
            same = (people["household"] == people["household"][moved]) & (people["presence"] == PRESENT)
            left = np.flatnonzero(same & (people["care_home"] == NO_CARE_HOME))
            if len(left) != 1:
                continue
            key = people["key"][left[0]]
            run_month(world, course, plan, ENGINES["compiled"])
            people = course.state.tables.people
            if people["key"][left[0]] == key and people["care_home"][left[0]] == NO_CARE_HOME:
                return bool(people["lives_alone"][left[0]] == 1)
            break
    return None


def test_who_moves_into_a_care_home_leaves_the_other_alone_a_month_later() -> None:
    found = [one_left_by_a_move_into_a_care_home(seed) for seed in (1, 2, 3)]
    assert True in found
    assert False not in found


def test_a_course_remembers_whose_households_death_has_parted() -> None:
    world = toy()
    plan = make_plan(world, usual_care(world), usual_care(world))
    course, seen = first_course(world, 1), 0
    for _ in range(6):
        run_month(world, course, plan, ENGINES["compiled"])
        exits, people = course.state.exits, course.state.tables.people
        dead = exits["person"][exits["how"] == DIED]
        homes = people["household"][dead[people["care_home"][dead] == NO_CARE_HOME]]
        assert np.isin(homes, course.parted).all()
        seen += len(homes)
    assert seen > 0


@pytest.mark.parametrize(("number", "place"), [(-5, 0), (-4, 0), (0, 1), (3, 1), (4, 2), (9, 3)])
def test_a_household_is_found_by_its_number(number: int, place: int) -> None:
    assert place_of(np.array([-4, 3, 8]), number) == place
