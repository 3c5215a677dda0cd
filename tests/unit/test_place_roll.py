"""The roll kept from month to month says what a call of everyone would say."""

from __future__ import annotations

import numpy as np

from sim.codes import LEFT, PRESENT
from sim.place.columns import PERSON
from sim.place.roll import Roll, call_roll

TEAMS, PEOPLE = 5, 400


def called(people: np.ndarray) -> Roll:
    """Return the roll by asking everyone."""
    living, gone = np.zeros(TEAMS, np.int64), np.zeros(len(people), np.int64)
    return Roll(living, gone[: call_roll(people, living, gone)].copy())


def test_who_leaves_and_who_comes_is_told_as_by_a_call() -> None:
    rng = np.random.default_rng(3)
    people = np.zeros(PEOPLE, PERSON)
    people["presence"], people["neighbourhood"] = PRESENT, rng.integers(0, TEAMS - 1, PEOPLE)
    roll = called(people)
    for _ in range(12):
        leaving = rng.integers(0, len(people), 30)  # some twice, some who have gone already
        roll = roll.without(people, leaving)
        people["presence"][leaving] = LEFT
        new = np.zeros(20, PERSON)
        new["presence"], new["neighbourhood"] = PRESENT, rng.integers(0, TEAMS - 1, 20)
        reused = min(len(new), len(roll.gone), 15)
        people[roll.gone[:reused]] = new[:reused]
        people = np.concatenate([people, new[reused:]])
        roll = roll.with_new(new, reused)
        again = called(people)
        assert (roll.living == again.living).all()
        assert (roll.gone == again.gone).all()
