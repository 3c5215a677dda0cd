"""People who arrive in the place and children who are born there, month by month."""

from __future__ import annotations

import numpy as np

from sim import codes
from sim.jit import jit
from sim.place import purposes
from sim.place.columns import PERSON
from sim.place.households import ADULT_YEARS, age_years, elsewhere, take_home
from sim.place.rates import Rates
from sim.place.resident import PRESENT, give_proneness, make_resident
from sim.rules.keys import key2, key4, poisson_count, uniform
from sim.rules.stages import DAYS_PER_YEAR
from sim.rules.tables import age_band

MONTHS_PER_YEAR = 12.0
TRAVELLER, ASYLUM = codes.INCLUSION_NAMES.index("traveller"), codes.INCLUSION_NAMES.index("asylum")
FEMALE = codes.SEX_NAMES.index("female")
CHUNK_MEAN = 50.0  # a Poisson count is drawn in parts, so that exp(-mean) keeps its precision
CHUNK_MOST = 400
AT_ONCE = 64  # women drawn for at once: a processor works on many draws side by side
MOST_PER_MONTH = 4096  # arrivals in a community in a month, so that household numbers do not meet


def movers_in(rates: Rates, communities: np.ndarray, month: int, first_day: int) -> np.ndarray:
    """Return the people who arrive in ``communities`` (indices) in month ``month``: PERSON[].

    ``first_day`` is the month's first day, counted from the start date. As many are expected, by age, as keep
    the place's day-0 numbers against leaving, ageing, births and deaths (sim/place/turnover.py). Count and people are
    keyed by (community, month, ordinal) alone, so they are the same in every arm. Household numbers are negative, so
    that none is a resident's.
    """
    chosen = np.asarray(communities, dtype=np.int64)
    counts = count_movers(rates, chosen, month)
    people = np.zeros(int(counts.sum()), dtype=PERSON)
    fill_movers(people, rates, chosen, counts, month, first_day)
    return people


@jit
def count_movers(rates: Rates, communities: np.ndarray, month: int) -> np.ndarray:
    """Return how many arrive in each of ``communities``: int64, Poisson by inverse distribution."""
    counts = np.zeros(len(communities), dtype=np.int64)
    for j in range(len(communities)):
        community = communities[j]
        left = rates.arriving[community].sum() / MONTHS_PER_YEAR
        part = 0
        while left > 0.0:
            mean = left if left < CHUNK_MEAN else CHUNK_MEAN
            draw = uniform(rates.seed[0], key4_of(rates, community, month, part), purposes.MOVERS, month)
            counts[j] += poisson_count(draw, mean, CHUNK_MOST)
            left -= mean
            part += 1
        counts[j] = min(counts[j], MOST_PER_MONTH)
    return counts


@jit
def key4_of(rates: Rates, community: int, month: int, ordinal: int) -> int:
    """Return the key of arrival number ``ordinal`` of a community and month."""
    return key4(rates.place_key[0], rates.community_key[community], month + 1, ordinal)  # type: ignore[return-value]


@jit
def fill_movers(
    people: np.ndarray, rates: Rates, communities: np.ndarray, counts: np.ndarray, month: int, first_day: int
) -> None:
    """Make each arrival; adults who do not live alone share a household two by two, children join the latest such."""
    i = 0
    for j in range(len(communities)):
        community = communities[j]
        base = (month * len(rates.community_key) + community) * MOST_PER_MONTH
        partner = -1  # an adult who shares and has no one yet
        head = -1  # the latest adult who shares
        for ordinal in range(counts[j]):
            key = key4_of(rates, community, month, ordinal)
            group = mover_group(rates, community, key)
            make_resident(people, i, key, community, group // 2, group % 2, 1, rates)
            adult = age_years(people, i) >= ADULT_YEARS
            people[i]["birth_day"] += first_day
            people[i]["household"] = -1 - base - ordinal
            people[i]["visited_home"] = 1
            joins = -1
            if not elsewhere(people, i):
                joins = partner if adult else head
                partner = i if adult and partner < 0 else (-1 if adult else partner)
                head = i if adult else head
            if joins >= 0:
                people[i]["household"] = people[joins]["household"]
                people[i]["visited_home"] = 0
                take_home(people, i, joins)
            i += 1


@jit
def mover_group(rates: Rates, community: int, key: int) -> int:
    """Return an arrival's age band x 2 + sex, in proportion to those expected to leave."""
    expected = rates.arriving[community]
    aim = uniform(rates.seed[0], key, purposes.MOVER_GROUP, 0) * expected.sum()
    group = 0
    total = expected[0]
    while total < aim and group < len(expected) - 1:
        group += 1
        total += expected[group]
    return group


def newborns(people: np.ndarray, rates: Rates, month: int, first_day: int) -> np.ndarray:
    """Return the children born to ``people`` in month ``month``, each on its ``first_day``: PERSON[].

    A woman present has a child with a twelfth of the yearly chance of her age band; the key is hash(mother's key,
    birth day), so who is born depends on no one else. The child takes the mother's community, household, ethnic group
    and trust, and has no condition. A mother who lived alone no longer does: that column of ``people`` is written.
    """
    mothers = find_mothers(people, rates, month, first_day)
    babies = np.zeros(len(mothers), dtype=PERSON)
    fill_babies(babies, people, mothers, rates, first_day)
    return babies


@jit
def find_mothers(people: np.ndarray, rates: Rates, month: int, first_day: int) -> np.ndarray:
    """Return the indices of the women who have a child in the month: int64."""
    found = np.zeros(len(people), dtype=np.int64)
    draws, chances = np.zeros(AT_ONCE), np.zeros(AT_ONCE)
    keys = np.zeros(AT_ONCE, dtype=np.uint64)
    n = 0
    for first in range(0, len(people), AT_ONCE):
        count = min(AT_ONCE, len(people) - first)
        for k in range(count):
            person = people[first + k]
            keys[k] = person["key"]
            may = (person["sex"] == FEMALE) & (person["presence"] == PRESENT)
            band = age_band((first_day - person["birth_day"]) / DAYS_PER_YEAR)
            chances[k] = rates.births[band] / MONTHS_PER_YEAR if may else 0.0
        for k in range(count):
            draws[k] = uniform(rates.seed[0], keys[k], purposes.BIRTH, month)
        for k in range(count):
            if draws[k] < chances[k]:  # never where there is no chance
                found[n] = first + k
                n += 1
    return found[:n].copy()


@jit
def child_key(mother: int, birth_day: int) -> int:
    """Return the key of the child born to the person ``mother`` on a day."""
    return key2(mother, birth_day)  # type: ignore[return-value]


@jit
def family_group(inclusion: int) -> bool:
    """Return whether a child is in its mother's inclusion group."""
    return inclusion in (TRAVELLER, ASYLUM)


@jit
def fill_babies(babies: np.ndarray, people: np.ndarray, mothers: np.ndarray, rates: Rates, first_day: int) -> None:
    """Make the child of each of ``mothers`` (indices of ``people``)."""
    p = rates.params[0]
    for b in range(len(mothers)):
        mother = people[mothers[b]]
        baby = babies[b]
        key = child_key(mother["key"], first_day)
        baby["key"] = key
        baby["birth_day"] = first_day
        baby["presence"] = PRESENT
        baby["sex"] = 1 if uniform(rates.seed[0], key, purposes.BABY_SEX, 0) < p["boy_share_at_birth"] else 0
        baby["community"] = mother["community"]
        baby["neighbourhood"] = mother["neighbourhood"]
        baby["hospital"] = mother["hospital"]
        baby["household"] = mother["household"]
        baby["ethnic"] = mother["ethnic"]
        baby["trust"] = mother["trust"]
        baby["tie"] = mother["tie"]
        baby["digital"] = mother["digital"]
        baby["team"] = mother["neighbourhood"]
        baby["language"] = mother["language"]
        baby["inclusion"] = mother["inclusion"] if family_group(mother["inclusion"]) else 0
        baby["household_deprivation"] = mother["household_deprivation"]
        baby["social"] = mother["social"] & codes.POOR_HOUSING
        baby["registered"] = 1
        baby["consents"] = mother["consents"]
        give_proneness(babies, b, rates)
        mother["lives_alone"] = 0
