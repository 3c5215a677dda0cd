"""Deaths and moves out of the place. No lever reaches deaths in this version.

Death: the summed monthly hazard passes -ln U of a fixed key; the second within the month follows from how far.
"""

from __future__ import annotations

import numpy as np

from sim.codes import DIED, MOVED, PRESENT
from sim.engines.records import EXIT
from sim.jit import jit_borrowing
from sim.rules import purposes
from sim.rules.keys import exponential, uniform
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import SINGLE_AGES, ResidentTables, age_years

MOVE_AGES = (16, 25, 35, 50, 65)  # where the age bands named by the parameters moves_out_per_year_* begin


@jit_borrowing
def frailty_mortality(p, frailty):  # type: ignore[no-untyped-def]
    """Return the mortality ratio of a frailty category against fit."""
    return (1.0, p["death_mild"], p["death_moderate"], p["death_severe"])[int(frailty)]


@jit_borrowing
def death_hazard(tables, i, now):  # type: ignore[no-untyped-def]
    """Return person ``i``'s hazard of death per month: life table x frailty (normalised) x local factor."""
    p = tables.params[0]
    person = tables.people[i]
    age = int(age_years(person["birth_day"], now))
    age = age if age < SINGLE_AGES - 1 else SINGLE_AGES - 1
    quintile = int(tables.communities[person["community"]]["national_quintile"]) - 1
    base = tables.deaths[age, int(person["sex"]), quintile]
    return base * frailty_mortality(p, person["frailty"]) * p["local_factor_mortality"]


@jit_borrowing
def move_chance(tables, i, now):  # type: ignore[no-untyped-def]
    """Return the probability of moving out of the place this month, by age."""
    p = tables.params[0]
    rates = (
        p["moves_out_per_year_0_15"],
        p["moves_out_per_year_16_24"],
        p["moves_out_per_year_25_34"],
        p["moves_out_per_year_35_49"],
        p["moves_out_per_year_50_64"],
        p["moves_out_per_year_65_plus"],
    )
    age = age_years(tables.people[i]["birth_day"], now)
    band = 0
    while band < len(MOVE_AGES) and age >= MOVE_AGES[band]:
        band += 1
    return rates[band] / MONTHS_PER_YEAR


@jit_borrowing
def find_exits(tables, month, start_s, end_s, exits):  # type: ignore[no-untyped-def]
    """Add this month's hazard to every present person's sum and write who leaves; returns how many."""
    people = tables.people
    seed = tables.seed[0]
    at = 0
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT:
            continue
        key = people[i]["key"]
        died = end_s
        hazard = death_hazard(tables, i, start_s)
        limit = exponential(seed, key, purposes.DEATH, 0)
        before = people[i]["death_sum"]
        people[i]["death_sum"] = before + hazard
        if before + hazard >= limit and hazard > 0.0:
            share = (limit - before) / hazard
            share = share if share > 0.0 else 0.0
            died = start_s + int(share * (end_s - start_s))
        moved = end_s
        if uniform(seed, key, purposes.MOVE, month) < move_chance(tables, i, start_s):
            moved = start_s + int(uniform(seed, key, purposes.MOVE_TIME, month) * (end_s - start_s))
        first = died if died <= moved else moved
        if first >= end_s:
            continue
        exits[at]["time"] = first
        exits[at]["person"] = i
        exits[at]["how"] = DIED if died <= moved else MOVED
        at += 1
    return at


def month_exits(tables: ResidentTables, month: int, start_s: int, end_s: int) -> np.ndarray:
    """Return EXIT[] of deaths (codes.DIED) and moves (codes.MOVED) in [start_s, end_s), one per person at most."""
    exits = np.zeros(len(tables.people), EXIT)
    return exits[: find_exits(tables, month, start_s, end_s, exits)].copy()
