"""Who lives with whom: households within a community, and the one person in each who opens the door."""

from __future__ import annotations

import numpy as np

from sim.codes import NO_CARE_HOME, POOR_HOUSING, SOCIAL_NAMES
from sim.jit import jit
from sim.rules.stages import DAYS_PER_YEAR

ADULT_YEARS = 18  # legal age: adults head households
PARENT_YEARS = (25, 55)  # children are placed with households headed at these ages where there are any
ALL_NEEDS = 2 ** len(SOCIAL_NAMES) - 1
CHILDREN_TOGETHER = 2  # two by two, so that children gather


@jit
def give_households(people: np.ndarray, start: int, stop: int, base: int, shared: int) -> None:
    """Give rows [start, stop), one community's in order of age, a household number from ``base`` up.

    Those who live alone have one each. The other adults, in order of age, fill ``shared`` households as evenly as
    whole people allow (fewer if there are fewer adults, at least one), so that people of like age live together;
    children join households headed at parents' ages. The first adult of each is the one visited. Residents of care
    homes are one household of their community, visited by way of the first of them.
    """
    number = base
    adults = 0
    in_homes = 0
    for i in range(start, stop):
        if in_care_home(people, i):
            people[i]["household"] = base
            people[i]["visited_home"] = 1 if in_homes == 0 else 0
            in_homes += 1
    number += 1 if in_homes > 0 else 0
    for i in range(start, stop):
        if in_care_home(people, i):
            continue
        if people[i]["lives_alone"] == 1:
            people[i]["household"] = number
            people[i]["visited_home"] = 1
            number += 1
        elif age_years(people, i) >= ADULT_YEARS:
            adults += 1
    homes = max(min(shared, adults), 1)
    first, last = place_adults(people, start, stop, number, adults, homes)
    place_children(people, start, stop, number + first, last - first + 1, adults)
    share_household(people, start, stop, base)


@jit
def place_adults(people: np.ndarray, start: int, stop: int, number: int, adults: int, homes: int) -> tuple[int, int]:
    """Place the adults who do not live alone; return the first and last home (from 0) headed at parents' ages."""
    adult = 0
    before = -1
    first, last = homes, -1
    for i in range(start, stop):
        if elsewhere(people, i) or age_years(people, i) < ADULT_YEARS:
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
        if elsewhere(people, i) or age_years(people, i) >= ADULT_YEARS:
            continue
        people[i]["household"] = number + (child // CHILDREN_TOGETHER) % homes
        people[i]["visited_home"] = 1 if adults == 0 and child == 0 else 0
        child += 1


@jit
def age_years(people: np.ndarray, i: int) -> float:
    """Return a person's age in years at day 0."""
    return -people[i]["birth_day"] / DAYS_PER_YEAR


@jit
def in_care_home(people: np.ndarray, i: int) -> bool:
    """Return whether a person lives in a care home."""
    return bool(people[i]["care_home"] != NO_CARE_HOME)


@jit
def elsewhere(people: np.ndarray, i: int) -> bool:
    """Return whether a person shares no private household: alone, or in a care home."""
    return bool(people[i]["lives_alone"] == 1) or in_care_home(people, i)


@jit
def share_household(people: np.ndarray, start: int, stop: int, base: int) -> None:
    """Give each of rows [start, stop) the deprivation and housing of whoever opens the door of their household.

    Household numbers run from ``base``, fewer than the rows. Care homes have no household deprivation.
    """
    head = np.full(stop - start + 1, -1, np.int64)
    for i in range(start, stop):
        if people[i]["visited_home"] == 1:
            head[people[i]["household"] - base] = i
    for i in range(start, stop):
        if in_care_home(people, i):
            people[i]["household_deprivation"] = 0
            continue
        first = head[people[i]["household"] - base]
        if first >= 0:
            take_home(people, i, first)


@jit
def take_home(people: np.ndarray, i: int, head: int) -> None:
    """Give person ``i`` the household deprivation and the housing of ``head``."""
    people[i]["household_deprivation"] = people[head]["household_deprivation"]
    housing = people[head]["social"] & POOR_HOUSING
    people[i]["social"] = (people[i]["social"] & (ALL_NEEDS - POOR_HOUSING)) | housing
