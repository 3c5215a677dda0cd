"""Draws of the steps that many people's slow states make in a month, at once, and what is the same for all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import CONTINUITY, PARTICIPATION, SOCIAL_NAMES
from sim.jit import jit_entry, jit_small
from sim.rules import purposes
from sim.rules.care_homes import entry_base
from sim.rules.counts import uniform_of
from sim.rules.draws import PEOPLE
from sim.rules.social import onset_chance, resolution
from sim.rules.tables import ADULT_AGES, AGE_BANDS, CONDITIONS, QUINTILES, ResidentTables

SOCIAL_NEEDS = len(SOCIAL_NAMES)
ADULT_GROUPS = len(ADULT_AGES) + 1


@passed_by_reference
class Steps(NamedTuple):
    """Who steps, and with which draws. who: int64[PEOPLE]. own: uint64[PEOPLE], key2(seed, person key).

    ages: float64[PEOPLE], years; bands: int64[PEOPLE], of age.
    spike, onset, home, participation, continuity: float64[PEOPLE], social: float64[practical need, PEOPLE]; draws.
    onsets: float64[age band, quintile], hazard of a first condition. troubles: float64[quintile, practical need],
    chances that it comes; resolutions: float64[practical need], that it ends by itself. entries: float64[age group],
    care_homes.entry_base.
    """

    who: np.ndarray
    own: np.ndarray
    ages: np.ndarray
    bands: np.ndarray
    spike: np.ndarray
    onset: np.ndarray
    home: np.ndarray
    participation: np.ndarray
    continuity: np.ndarray
    social: np.ndarray
    onsets: np.ndarray
    troubles: np.ndarray
    resolutions: np.ndarray
    entries: np.ndarray


def month_steps(tables: ResidentTables) -> Steps:
    """Return room for the steps of PEOPLE at once."""
    steps = Steps(
        who=np.zeros(PEOPLE, np.int64),
        own=np.zeros(PEOPLE, np.uint64),
        ages=np.zeros(PEOPLE),
        bands=np.zeros(PEOPLE, np.int64),
        spike=np.zeros(PEOPLE),
        onset=np.zeros(PEOPLE),
        home=np.zeros(PEOPLE),
        participation=np.zeros(PEOPLE),
        continuity=np.zeros(PEOPLE),
        social=np.zeros((SOCIAL_NEEDS, PEOPLE)),
        onsets=np.zeros((AGE_BANDS, QUINTILES)),
        troubles=np.zeros((QUINTILES, SOCIAL_NEEDS)),
        resolutions=np.zeros(SOCIAL_NEEDS),
        entries=np.zeros(ADULT_GROUPS),
    )
    write_chances(tables, steps)
    return steps


@jit_entry
def write_chances(tables, steps):  # type: ignore[no-untyped-def]
    """Write what is the same for all: hazards of a first condition, chances of practical needs and of moving in."""
    for quintile in range(QUINTILES):
        for band in range(AGE_BANDS):
            total = 0.0
            for bit in range(CONDITIONS):
                total += tables.onsets[band, quintile, bit]
            steps.onsets[band, quintile] = total
        for bit in range(SOCIAL_NEEDS):
            steps.troubles[quintile, bit] = onset_chance(tables.params[0], bit, quintile)
    for bit in range(SOCIAL_NEEDS):
        steps.resolutions[bit] = resolution(tables.params[0], bit)
    for group in range(ADULT_GROUPS):
        steps.entries[group] = entry_base(tables.params[0], group)
    return QUINTILES


@jit_small
def draw_steps(tables, steps, people, month):  # type: ignore[no-untyped-def]
    """Draw for the steps of the first ``people`` of ``steps``."""
    own = steps.own
    for k in range(people):
        steps.spike[k] = uniform_of(own[k], purposes.SPIKE_START, month)
    for k in range(people):
        steps.onset[k] = uniform_of(own[k], purposes.ONSET, tables.people[steps.who[k]]["onsets"])
    for k in range(people):
        steps.home[k] = uniform_of(own[k], purposes.CARE_HOME_ENTRY, month)
    for k in range(people):
        steps.participation[k] = uniform_of(own[k], purposes.REACHED + PARTICIPATION, 0)
    for k in range(people):
        steps.continuity[k] = uniform_of(own[k], purposes.REACHED + CONTINUITY, 0)
    for bit in range(SOCIAL_NEEDS):
        for k in range(people):
            steps.social[bit, k] = uniform_of(own[k], purposes.SOCIAL_STEP + bit, month)
