"""Draws of many people's needs at once: whether any arise, kind by kind, before each is dated.

A draw waits for the one before it in nothing, so a processor works on many side by side; person by person it would
wait for each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import (
    COLOCATION,
    CONTINUITY,
    EXTENDED_ACCESS,
    HAZARD_KINDS,
    PARTICIPATION,
    PRESENT,
    SHARED_RECORDS,
)
from sim.jit import jit_small
from sim.prefetch import fetch
from sim.rules import purposes
from sim.rules.counts import ROUNDING, rare_count, uniform_of
from sim.rules.dose import lever_column
from sim.rules.keys import key2
from sim.rules.tables import AGE_BANDS, QUINTILES, SEXES, age_band, age_years

PEOPLE = 64  # drawn for at once
FLAGS = 8  # marks looked at together: a byte of a word each
AHEAD = 16  # people: how soon memory is asked for
STANDING = (  # levers that reach the same people every month, and more as they grow
    CONTINUITY,
    PARTICIPATION,
    COLOCATION,
    SHARED_RECORDS,
    EXTENDED_ACCESS,
)


@passed_by_reference
class Draws(NamedTuple):
    """Whom is being drawn for. who: int64[PEOPLE]. own: uint64[PEOPLE], key2(seed, person key).

    ages: float64[PEOPLE], years; bands: int64[PEOPLE], of age. columns: int64[PEOPLE], dose.lever_column's. hazards:
    float64[kind of HAZARD_KINDS, PEOPLE], or the most they can be. some: uint8[kind, PEOPLE], 1 where a need may arise.
    any: uint64[kind, PEOPLE / FLAGS], the same marks seen together. near: uint8[lever of STANDING, PEOPLE], 1 where a
    lever may reach somebody of whom that is not recorded; nearby: uint64, the same marks seen together. search, round:
    float64[PEOPLE], draws of case finding and outreach. asked: uint8[PEOPLE], 1 where a lever may have something to
    offer; all_asked: uint64, the same marks seen together. plain: float64[stratum, kind], hazards that mediators work
    on; highest: float64[look, kind], the most they make of them (sim/rules/ceilings.py).
    """

    who: np.ndarray
    own: np.ndarray
    ages: np.ndarray
    bands: np.ndarray
    columns: np.ndarray
    hazards: np.ndarray
    some: np.ndarray
    any: np.ndarray
    near: np.ndarray
    nearby: np.ndarray
    search: np.ndarray
    round: np.ndarray
    asked: np.ndarray
    all_asked: np.ndarray
    plain: np.ndarray
    highest: np.ndarray


def room_for_draws() -> Draws:
    """Return room to draw for PEOPLE at once."""
    kinds = len(HAZARD_KINDS)
    some = np.zeros((kinds, PEOPLE), np.uint8)
    near = np.zeros((len(STANDING), PEOPLE), np.uint8)
    asked = np.zeros(PEOPLE, np.uint8)
    return Draws(
        who=np.zeros(PEOPLE, np.int64),
        own=np.zeros(PEOPLE, np.uint64),
        ages=np.zeros(PEOPLE),
        bands=np.zeros(PEOPLE, np.int64),
        columns=np.zeros(PEOPLE, np.int64),
        hazards=np.zeros((kinds, PEOPLE)),
        some=some,
        any=some.view(np.uint64),
        near=near,
        nearby=near.view(np.uint64),
        search=np.zeros(PEOPLE),
        round=np.zeros(PEOPLE),
        asked=asked,
        all_asked=asked.view(np.uint64),
        plain=np.zeros((AGE_BANDS * SEXES * QUINTILES, kinds)),
        highest=np.zeros((0, kinds)),
    )


@jit_small
def call_up(tables, i, draws):  # type: ignore[no-untyped-def]
    """Write whom to draw for: those present from person ``i`` on; return the next person, and how many they are."""
    people = tables.people
    drawn = 0
    while i < len(people) and drawn < PEOPLE:
        if i + AHEAD < len(people):
            fetch(people, i + AHEAD)
        draws.who[drawn] = i
        draws.own[drawn] = people[i]["key"]
        drawn += people[i]["presence"] == PRESENT
        i += 1
    for k in range(drawn):
        draws.own[k] = key2(tables.seed[0], draws.own[k])
    return i, drawn


@jit_small
def tell_ages(tables, now, who, people, ages, bands):  # type: ignore[no-untyped-def]
    """Write ages in years, and their bands, of the first ``people`` of ``who``."""
    for k in range(people):
        ages[k] = tables.people[who[k]]["birth_day"]
    for k in range(people):
        ages[k] = age_years(ages[k], now)
    for k in range(people):
        bands[k] = age_band(ages[k])


@jit_small
def draw_standing(tables, draws, people):  # type: ignore[no-untyped-def]
    """Mark whom of the first ``people`` the levers of STANDING reach: ``dose.is_reached`` makes the same draws.

    All but for those whom engagement leaves out (``dose.reach_of``).
    """
    for k in range(people):
        draws.columns[k] = lever_column(tables, draws.who[k])
    for place in range(len(STANDING)):
        lever = STANDING[place]
        for k in range(people):
            u = uniform_of(draws.own[k], purposes.REACHED + lever, 0)
            draws.near[place, k] = np.uint8(u < tables.lever_reach[lever, draws.columns[k]])


@jit_small
def draw_selection(draws, people, month):  # type: ignore[no-untyped-def]
    """Write the draws of the first ``people`` by which case finding and outreach select."""
    for k in range(people):
        draws.search[k] = uniform_of(draws.own[k], purposes.FIND_CASE, month)
    for k in range(people):
        draws.round[k] = uniform_of(draws.own[k], purposes.OUTREACH_PICK, 0)


@jit_small
def draw_all(draws, people, month):  # type: ignore[no-untyped-def]
    """Mark for whom of the first ``people`` needs of each kind may arise: those left out have none (see rare_count)."""
    for kind in range(len(HAZARD_KINDS)):
        purpose = purposes.NEED_COUNT + HAZARD_KINDS[kind]
        for k in range(people):
            u = uniform_of(draws.own[k], purpose, month)
            draws.some[kind, k] = np.uint8(u > 1.0 - draws.hazards[kind, k] - ROUNDING)


@jit_small
def drawn_count(draws, kind, k, month, most):  # type: ignore[no-untyped-def]
    """Return how many needs of a kind (its place in HAZARD_KINDS) the ``k``-th person has this month."""
    u = uniform_of(draws.own[k], purposes.NEED_COUNT + HAZARD_KINDS[kind], month)
    return rare_count(u, draws.hazards[kind, k], most)
