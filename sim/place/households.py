"""Who lives with whom: households within a community, and the one person in each who opens the door."""

from __future__ import annotations

import numpy as np

from sim.jit import jit
from sim.rules.stages import DAYS_PER_YEAR

ADULT_YEARS = 18  # legal age: adults head households
PARENT_YEARS = (25, 55)  # children are placed with households headed at these ages where there are any
CHILDREN_TOGETHER = 2  # two by two, so that children gather


@jit
def give_households(people: np.ndarray, start: int, stop: int, base: int, shared: int) -> None:
    """Give rows [start, stop), one community's in order of age, a household number from ``base`` up.

    Those who live alone have one each. The other adults, in order of age, fill ``shared`` households as evenly as
    whole people allow (fewer if there are fewer adults, at least one), so that people of like age live together;
    children join households headed at parents' ages. The first adult of each is the one visited. Residents of care
    homes are not told apart.
    """
    number = base
    adults = 0
    for i in range(start, stop):
        if people[i]["lives_alone"] == 1:
            people[i]["household"] = number
            people[i]["visited_home"] = 1
            number += 1
        elif age_years(people, i) >= ADULT_YEARS:
            adults += 1
    homes = max(min(shared, adults), 1)
    first, last = place_adults(people, start, stop, number, adults, homes)
    place_children(people, start, stop, number + first, last - first + 1, adults)


@jit
def place_adults(people: np.ndarray, start: int, stop: int, number: int, adults: int, homes: int) -> tuple[int, int]:
    """Place the adults who do not live alone; return the first and last home (from 0) headed at parents' ages."""
    adult = 0
    before = -1
    first, last = homes, -1
    for i in range(start, stop):
        if people[i]["lives_alone"] == 1 or age_years(people, i) < ADULT_YEARS:
            continue
        home = adult * homes // adults
        people[i]["household"] = number + home
        people[i]["visited_home"] = 1 if home != before else 0
        if PARENT_YEARS[0] <= age_years(people, i) < PARENT_YEARS[1]:
            first = min(first, home)
            last = max(last, home)
        before = home
        adult += 1
    if last < 0:
        return 0, homes - 1
    return first, last


@jit
def place_children(people: np.ndarray, start: int, stop: int, number: int, homes: int, adults: int) -> None:
    """Place the children, two by two, in turn into ``homes`` households numbered from ``number``."""
    child = 0
    for i in range(start, stop):
        if people[i]["lives_alone"] == 1 or age_years(people, i) >= ADULT_YEARS:
            continue
        people[i]["household"] = number + (child // CHILDREN_TOGETHER) % homes
        people[i]["visited_home"] = 1 if adults == 0 and child == 0 else 0
        child += 1


@jit
def age_years(people: np.ndarray, i: int) -> float:
    """Return a person's age in years at day 0."""
    return -people[i]["birth_day"] / DAYS_PER_YEAR
