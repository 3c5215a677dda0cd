"""The most that a need's hazard can be, by what is quickly seen of a person.

Most people have none of most needs in a month, and their draws say so whatever their hazards may be within reason: a
hazard is worked out only where the draw is not below its ceiling. No result depends on ceilings, so long as none is
too low.

A ceiling is the solved hazard of age, sex and quintile in its season, times the person's own proneness, times the
product of the largest factor that each other mediator can have among people who look alike.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from sim.codes import ASTHMA, COPD, HAZARD_KINDS, INCLUSION_NAMES, NO_CARE_HOME, SOCIAL_NAMES
from sim.jit import jit_entry, jit_small
from sim.place.columns import PERSON
from sim.rules.conditions import count_bits
from sim.rules.mediators import BY_PRONENESS, PARTS, PLAYS, played, proneness
from sim.rules.products import named
from sim.rules.tables import CONDITIONS, QUINTILES, SEXES, ResidentTables

KINDS = len(HAZARD_KINDS)
# How people look: a bit each and the number of their conditions, and one look for those in whom levers and homes play a
# part, who have no ceiling.
FRAIL, TROUBLED, UNWELL, ONE_CONDITION = 1, 2, 4, 8
MANY = 3  # conditions: so many or more
OTHERWISE = (MANY + 1) * ONE_CONDITION
LOOKS = OTHERWISE + 1
CALM_UNMET = 0.5  # up to so much unmet need nobody is unwell for it
NONE = 1e300
ROUNDING = 1.0 + 1e-9  # far above what the order of multiplication does to a product
AIRWAYS = (1 << COPD, 1 << ASTHMA, (1 << COPD) | (1 << ASTHMA))
EVERYTHING = (1 << CONDITIONS) - 1
EVERY_TROUBLE = (1 << len(SOCIAL_NAMES)) - 1


@jit_small
def look_of(person):  # type: ignore[no-untyped-def]
    """Return how a person looks: 0 to LOOKS - 1."""
    if person["care_home"] != NO_CARE_HOME or person["plan"] == 1 or person["falls_months"] > 0:
        return OTHERWISE
    look = min(count_bits(person["conditions"]), MANY) * ONE_CONDITION
    if person["frailty"] > 0:
        look |= FRAIL
    if person["social"] != 0:
        look |= TROUBLED
    unwell = person["inclusion"] != 0 or person["spike_months"] > 0 or person["disability"] != 0
    return look | UNWELL if unwell or person["unmet"] > CALM_UNMET else look


def extremes(look: int, unmet_most: float) -> np.ndarray:
    """Return PERSON[]: people of a look in whom, between them, every mediator is as large as it can be.

    A mediator reads one column, or columns whose combinations are all here: conditions with those known and with all
    troubles, and each trouble with being cared for. It is linear in columns that are no codes.
    """
    conditions = conditions_of(look // ONE_CONDITION)
    troubles = (EVERY_TROUBLE, *(1 << bit for bit in range(len(SOCIAL_NAMES)))) if look & TROUBLED else (0,)
    unwell = bool(look & UNWELL)
    columns: dict[str, Any] = {
        "frailty": (1, 2, 3) if look & FRAIL else (0,),
        "inclusion": range(len(INCLUSION_NAMES)) if unwell else (0,),
        "spike_months": (0, 1) if unwell else (0,),
        "disability": (0, 1, 2) if unwell else (0,),
        "unmet": (0.0, unmet_most if unwell else min(CALM_UNMET, unmet_most)),
        "trust": (0.0, 1.0),
        "tie": (0.0, 1.0),
        "lives_alone": (0, 1),
        "household_deprivation": range(5),
        "conditions": np.repeat(conditions, 2),
        "known": np.stack([np.zeros_like(conditions), conditions], axis=1).ravel(),
        "benefit": (0.0, 1.0),
        "covered": (0.0, 1.0),
    }
    own = max(len(values) for values in columns.values())
    people = np.zeros(own + 2 * len(troubles), PERSON)
    for name, values in columns.items():
        people[name] = np.resize(np.array(values), len(people))
    people["social"][:own] = troubles[0]
    people["social"][own:] = np.repeat(troubles, 2)
    people["cared_for"][own::2] = 1
    return people


def conditions_of(number: int) -> np.ndarray:
    """Return masks that between them do the most of ``number`` conditions, or of MANY or more."""
    if number == MANY:
        return np.array([EVERYTHING, *AIRWAYS])
    return np.array([sum(1 << bit for bit in held) for held in combinations(range(CONDITIONS), number)])


@jit_entry
def raise_to_highest(tables, looks, highest):  # type: ignore[no-untyped-def]
    """Multiply ``highest`` float64[LOOKS, kind] by the largest of each mediator among ``tables.people`` of a look.

    looks: int64[people].
    """
    for kind in range(KINDS):
        need_type = HAZARD_KINDS[kind]
        for part in range(PARTS.shape[1]):
            which = PARTS[need_type, part]
            if which < 0:
                break
            if which == BY_PRONENESS:
                continue
            i = 0
            while i < len(looks):
                look, largest = looks[i], 0.0
                while i < len(looks) and looks[i] == look:
                    largest = max(largest, abs(played(tables, i, need_type, which)))
                    i += 1
                highest[look, kind] *= largest
    for kind in range(KINDS):
        highest[OTHERWISE, kind] = NONE
    return len(looks)


@lru_cache(maxsize=4)
def all_extremes(unmet_most: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``extremes`` of all looks, and how each of them looks: the same every month, so kept, for reading."""
    people = [extremes(look, unmet_most) for look in range(OTHERWISE)]
    return np.concatenate(people), np.repeat(np.arange(OTHERWISE), [len(part) for part in people])


def highest_factors(tables: ResidentTables) -> np.ndarray:
    """Return float64[LOOKS, kind of HAZARD_KINDS]: the most that mediators but proneness make of a hazard."""
    people, looks = all_extremes(float(tables.params[0]["unmet_most"]))
    highest = np.full((LOOKS, KINDS), ROUNDING)
    raise_to_highest(tables._replace(people=people), looks, highest)
    return highest


@jit_small
def stratum_of(band, sex, quintile):  # type: ignore[no-untyped-def]
    """Return the place of an age band, sex and national quintile (0 to 4) among strata."""
    return (band * SEXES + sex) * QUINTILES + quintile


def ceilings_for(kinds: tuple[int, ...]) -> Any:
    """Return a compiled function that writes the ceilings of ``kinds`` for one who is drawn for."""
    if not kinds:

        def none(tables, draws, k, i, stratum, look):  # type: ignore[no-untyped-def]
            return k

        return jit_small(named(none, 0))
    before, kind, need_type = ceilings_for(kinds[:-1]), len(kinds) - 1, kinds[-1]
    prone = bool(PLAYS[need_type, BY_PRONENESS])

    def ceilings(tables, draws, k, i, stratum, look):  # type: ignore[no-untyped-def]
        before(tables, draws, k, i, stratum, look)
        most = draws.plain[stratum, kind] * draws.highest[look, kind]
        draws.hazards[kind, k] = most * proneness(tables, i, need_type) if prone else most
        return k

    return jit_small(named(ceilings, *kinds))


write_ceilings = ceilings_for(HAZARD_KINDS)
