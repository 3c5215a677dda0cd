"""With unlimited capacity and no monthly feedback, what happens to one resident happens to nobody else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from scenarios.schema import IntDesign
from sim.agents.design import with_settings
from sim.codes import CONDITION_NAMES, GONE
from sim.month import Course
from sim.place.columns import PERSON
from tests.residents import EVERY_LEVER, ISOLATED, STAFFED, Run, run, toy

MONTHS = {"compiled": 6, "reference": 6}
# A full caseload is capacity that people share (docs/semantics.md), so here it has room for everyone who is asked.
ROOM = {"relationships.care_coordination.caseload_per_10000": 10_000.0}
DESIGN: IntDesign = with_settings(EVERY_LEVER, {**STAFFED, **ROOM})
SEVERELY_FRAIL = 3
Change = Callable[[np.ndarray, int], None]


def the_one(done: Run) -> int:
    """Return the resident to change: a man (nobody's mother), the one whose door outreach knocks on, often seen."""
    people, log = done.world.template.people, done.log
    fitting = (people["sex"] == 1) & (people["visited_home"] == 1) & (people["birth_day"] < -18 * 366)
    keys, counts = np.unique(log["person_key"][log["person"] >= 0], return_counts=True)
    contacts = dict(zip(keys.tolist(), counts.tolist(), strict=True))
    seen = np.array([contacts.get(key, 0) for key in people["key"].tolist()])
    return int(np.argmax(np.where(fitting, seen, -1)))


def make_ill(people: np.ndarray, one: int) -> None:
    """Give the resident every condition and severe frailty."""
    people["frailty"][one] = SEVERELY_FRAIL
    people["conditions"][one] = people["known"][one] = 2 ** len(CONDITION_NAMES) - 1


def take_out(people: np.ndarray, one: int) -> None:
    """Let the resident not be there."""
    people["presence"][one] = GONE


def give_distrust(people: np.ndarray, one: int) -> None:
    """Let the resident trust nobody, know no clinician and have much need unmet."""
    people["trust"][one] = people["tie"][one] = 0.0
    people["unmet"][one] = 3.0


def log_of(done: Run, key: np.uint64, *, own: bool) -> np.ndarray:
    """Return the records of the resident ``key``, or of everybody else."""
    log = done.log
    return log[(log["person_key"] == key) == own]


@pytest.fixture(scope="module", params=MONTHS)
def as_is(request: pytest.FixtureRequest) -> tuple[str, Run]:
    """Return an engine and its run with nobody changed."""
    return request.param, run(toy(*ISOLATED), DESIGN, months=MONTHS[request.param], engine=request.param)


@pytest.mark.parametrize("change", [make_ill, take_out, give_distrust])
def test_a_change_of_one_resident_touches_nobody_else(as_is: tuple[str, Run], change: Change) -> None:
    engine, before = as_is
    one = the_one(before)
    key = before.world.template.people["key"][one]
    after = run(
        before.world, DESIGN, months=MONTHS[engine], engine=engine, change=lambda c: change(c.state.tables.people, one)
    )
    assert not np.array_equal(log_of(before, key, own=True), log_of(after, key, own=True))
    assert np.array_equal(log_of(before, key, own=False), log_of(after, key, own=False))
    others = before.course.state.tables.people["key"] != key
    left, right = before.course.state.tables.people[others], after.course.state.tables.people[others]
    for name in PERSON.names or ():
        assert np.array_equal(left[name], right[name]), name


def test_where_places_are_few_others_do_feel_it() -> None:
    world = toy("services.capacity_factor.gp=0.5")

    def make_many_ill(course: Course) -> None:
        people = course.state.tables.people
        people["conditions"][:50] = people["known"][:50] = 2 ** len(CONDITION_NAMES) - 1

    as_is, changed = run(world, DESIGN, months=3), run(world, DESIGN, months=3, change=make_many_ill)
    keys = world.template.people["key"][50:]
    one, other = (done.log[np.isin(done.log["person_key"], keys)] for done in (as_is, changed))
    assert len(one) != len(other) or not np.array_equal(one, other)
