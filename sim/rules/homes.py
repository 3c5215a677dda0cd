"""Who is left alone: a death or a care home takes somebody, and one other person is left of the household.

Those who move away take nobody with them in the model, but do in life: a household that has lost somebody so counts as
it was.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import NO_CARE_HOME
from sim.jit import jit_small
from sim.rules.tables import adult_group, age_years

SIEVE = 2**14  # most people's households are no one's who left: that is seen at a glance


@passed_by_reference
class Parted(NamedTuple):
    """Households that somebody left for good last month, who is still there, and who leaves this month.

    homes: int64[home], their numbers, in order, each once. sieve: uint8[SIEVE], 1 for every number's remainder. left:
    int64[home], people who live there; last: int64[home], the row of the last of them. entered: int64[person], rows of
    those who move into a care home this month; numbers: int64[1], how many they are.
    """

    homes: np.ndarray
    sieve: np.ndarray
    left: np.ndarray
    last: np.ndarray
    entered: np.ndarray
    numbers: np.ndarray


def parted_from(households: np.ndarray, people: int) -> Parted:
    """Return the table of ``households`` (numbers, in any order) that somebody has left, for so many ``people``."""
    homes = np.unique(households.astype(np.int64))
    sieve = np.zeros(SIEVE, np.uint8)
    sieve[homes & (SIEVE - 1)] = 1
    count = len(homes)
    left, last = np.zeros(count, np.int64), np.zeros(count, np.int64)
    return Parted(homes, sieve, left, last, np.empty(people, np.int64), np.zeros(1, np.int64))


@jit_small
def place_of(homes, number):  # type: ignore[no-untyped-def]
    """Return the first place in ``homes`` whose number is not below ``number``."""
    low, high = 0, len(homes)
    while low < high:
        middle = (low + high) >> 1
        if homes[middle] < number:
            low = middle + 1
        else:
            high = middle
    return low


@jit_small
def note_home(tables, i, was_at_home, parted):  # type: ignore[no-untyped-def]
    """Count person ``i`` in a household that somebody has left, or note that they move into a care home."""
    person = tables.people[i]
    if person["care_home"] != NO_CARE_HOME:
        if was_at_home:
            parted.entered[parted.numbers[0]] = i
            parted.numbers[0] += 1
        return
    number = np.int64(person["household"])
    if parted.sieve[number & (SIEVE - 1)] == 0:
        return
    place = place_of(parted.homes, number)
    if place < len(parted.homes) and parted.homes[place] == number:
        parted.left[place] += 1
        parted.last[place] = i


@jit_small
def leave_alone(tables, now, parted):  # type: ignore[no-untyped-def]
    """Let every adult who is all that is left of a household live alone from now on."""
    for place in range(len(parted.homes)):
        person = tables.people[parted.last[place]]
        adult = adult_group(age_years(person["birth_day"], now)) > 0  # children alone are looked after by somebody
        if parted.left[place] == 1 and adult:
            person["lives_alone"] = 1
