"""Counts the people of one closed month: time lived, deaths, and the stocks at its end; and writes their cells."""

from __future__ import annotations

import numpy as np

from sim.calendar import DAY_S
from sim.codes import DIED, LEARNING_DISABILITY, NO_CARE_HOME, PANEL_AGE_LOWER, PRESENT, SEVERE_MENTAL_ILLNESS
from sim.jit import jit_entry, jit_small
from sim.outcomes.columns import COLUMN
from sim.outcomes.composition import AGE_NAMES, CORE20_NAMES, DECILES, MORTALITY, PLUS_NAMES
from sim.outcomes.fold import add
from sim.outcomes.month_books import WHOSE
from sim.outcomes.panel import AGE_BANDS, QUINTILES, SEXES
from sim.outcomes.stocks import STOCKS, THOUSAND
from sim.rules.conditions import count_bits

CORE20, PLUS = len(CORE20_NAMES), len(PLUS_NAMES)
INCLUSION, DISABLED, ILL = (PLUS_NAMES.index(name) for name in PLUS_NAMES[1:])
PERSON_SECONDS, DEATHS = COLUMN["person_seconds"], COLUMN["deaths"]
LIVED, DIED_AT = MORTALITY.index("person_seconds"), MORTALITY.index("deaths")
(PEOPLE, ENROLLED, WITH_PLAN, IN_CARE_HOME, CONDITIONS, HIDDEN, UNMET, TRUST, TIE) = range(len(STOCKS))
AGES = len(AGE_NAMES)
BAND_YEARS = 5


@jit_small
def whole_age(birth_day, day):  # type: ignore[no-untyped-def]
    """Return whole years of age, as panel.age_years does."""
    return max((4 * (day - birth_day)) // 1461, 0)


@jit_small
def thousandths(value):  # type: ignore[no-untyped-def]
    """Return a value in whole thousandths, halves to the even one."""
    return np.int64(np.rint(value * THOUSAND))


@jit_small
def plus_group(person):  # type: ignore[no-untyped-def]
    """Return which of PLUS_NAMES a person is in: the first that holds."""
    if person["inclusion"] > 0:
        return INCLUSION
    if (person["conditions"] >> LEARNING_DISABILITY) & 1 == 1:
        return DISABLED
    return ILL if (person["conditions"] >> SEVERE_MENTAL_ILLNESS) & 1 == 1 else 0


@jit_small
def mortality_cell(person, decile, age):  # type: ignore[no-untyped-def]
    """Return a person's cell in the table of deaths by decile, sex and twenty ages."""
    band = 0 if age < 1 else min(1 + age // BAND_YEARS, AGES - 1)
    return (min(max(decile - 1, 0), DECILES - 1) * SEXES + person["sex"]) * AGES + band


@jit_small
def count_stocks(b, person, cell):  # type: ignore[no-untyped-def]
    """Add a person present at the month's end to the stocks of their cell."""
    b.stocks[cell, PEOPLE] += 1
    b.stocks[cell, ENROLLED] += person["enrolled"] == 1
    b.stocks[cell, WITH_PLAN] += person["plan"] == 1
    b.stocks[cell, IN_CARE_HOME] += person["care_home"] != NO_CARE_HOME
    held = np.int64(person["conditions"])
    b.stocks[cell, CONDITIONS] += count_bits(held)
    b.stocks[cell, HIDDEN] += count_bits(held & ~np.int64(person["known"]))
    b.stocks[cell, UNMET] += thousandths(person["unmet"])
    b.stocks[cell, TRUST] += thousandths(person["trust"])
    b.stocks[cell, TIE] += thousandths(person["tie"])


@jit_entry
def fold_people(b, window):  # type: ignore[no-untyped-def]
    """Write every person's cells and when they left, and count time lived, deaths and stocks; return how many people.

    ``window``: int64[2], the month's first second and its end's.
    """
    start_s, end_s = window[0], window[1]
    day = start_s // DAY_S
    half = b.panel.shape[1] // WHOSE
    left = 0  # exits stand in the order of people
    for i in range(len(b.people)):
        person = b.people[i]
        gone_s = end_s if person["presence"] == PRESENT else start_s
        where = b.where[i]
        where["died"] = 0
        if left < len(b.exits) and b.exits[left]["person"] == i:
            gone_s = b.exits[left]["time"]
            where["died"] = b.exits[left]["how"] == DIED
            left += 1
        where["gone_s"] = gone_s
        community = b.communities[person["community"]]
        age = whole_age(np.int64(person["birth_day"]), day)
        band = 0
        for lower in PANEL_AGE_LOWER[1:]:
            band += age >= lower
        quintile = np.int64(community["local_quintile"]) - 1
        cell = ((person["neighbourhood"] * QUINTILES + quintile) * AGE_BANDS + band) * SEXES + person["sex"]
        cell += half * b.came_since[i]
        core20 = 1 if community["national_quintile"] == 1 else 0
        where["cell"] = cell
        where["mixed"] = (person["ethnic"] * CORE20 + core20) * PLUS + plus_group(person)
        where["team"] = person["team"]
        lived = gone_s - start_s
        if lived > 0:
            add(b, i, PERSON_SECONDS, lived)
            b.mortality[mortality_cell(person, np.int64(community["imd_decile"]), age), LIVED] += lived
        if gone_s >= end_s:
            count_stocks(b, person, cell)
    for x in range(len(b.exits)):
        if b.exits[x]["how"] != DIED:
            continue
        i = b.exits[x]["person"]
        person = b.people[i]
        add(b, i, DEATHS, 1)
        if b.exit_class[x] >= 0:
            add(b, i, b.death_columns[b.exit_class[x]], 1)
        decile = np.int64(b.communities[person["community"]]["imd_decile"])
        b.mortality[mortality_cell(person, decile, whole_age(np.int64(person["birth_day"]), day)), DIED_AT] += 1
    return len(b.people)
