"""The rule that gives a resident circumstances: language, home, registration, disability, practical needs, caring."""

from __future__ import annotations

import math

import numpy as np

from sim import codes
from sim.jit import jit
from sim.place import purposes
from sim.place.rates import Rates
from sim.rules.keys import normal, uniform
from sim.rules.maths import exp
from sim.rules.stages import DAYS_PER_YEAR

HOMELESS = codes.INCLUSION_NAMES.index("homeless")
HOUSING_NEED, DEBT_NEED, LONELY, STRAINED, WORKLESS = range(5)  # positions in codes.SOCIAL_NAMES
ADULT_YEARS, WORK_FROM, WORK_TO = 18, 16, 65  # legal age; ages at which worklessness is counted
NONE, LITTLE, LOT = range(3)


@jit
def give_circumstances(people: np.ndarray, i: int, band: int, mover: int, rates: Rates) -> None:
    """Set everything of row ``i`` that is drawn from rates.life, its conditions, frailty and trust being set.

    What a household shares (its deprivation, poor housing) is drawn for everyone and given by
    ``households.share_household`` from the one who opens the door.
    """
    seed = rates.seed[0]
    person = people[i]
    key = person["key"]
    community = person["community"]
    q = rates.quintile[community]
    person["language"] = pick(
        uniform(seed, key, purposes.LANGUAGE, 0), rates.life.language[community, person["ethnic"]]
    )
    person["inclusion"] = pick(uniform(seed, key, purposes.INCLUSION, 0), rates.life.inclusion[band, q])
    draw = uniform(seed, key, purposes.HOUSEHOLD_DEPRIVATION, 0)
    person["household_deprivation"] = pick(draw, rates.life.deprivation[community])
    excluded = 1 if person["inclusion"] > 0 else 0
    without = rates.life.unregistered[mover, excluded]
    person["registered"] = 0 if uniform(seed, key, purposes.REGISTERED, 0) < without else 1
    give_home(people, i, band, rates)
    give_disability(people, i, band, rates)
    give_social(people, i, band, rates)
    p = rates.params[0]
    trusting = p["consent_log_odds_per_trust"] * (person["trust"] - rates.trust[q])
    share = p["consent_share_start"]
    consents = 1.0 / (1.0 + (1.0 - share) / share * exp(-trusting))
    person["consents"] = 1 if uniform(seed, key, purposes.CONSENTS, 0) < consents else 0


@jit
def pick(draw: float, cumulative: np.ndarray) -> int:
    """Return the first position of ``cumulative`` (ending in 1) that ``draw`` does not exceed."""
    at = 0
    while draw > cumulative[at]:
        at += 1
    return at


@jit
def give_home(people: np.ndarray, i: int, band: int, rates: Rates) -> None:
    """Set care_home by age and frailty, and living alone of those outside."""
    seed = rates.seed[0]
    person = people[i]
    key = person["key"]
    chance = rates.life.care_home[band, rates.quintile[person["community"]], person["frailty"]]
    if uniform(seed, key, purposes.CARE_HOME, 0) < chance:
        nursing = uniform(seed, key, purposes.NURSING_HOME, 0) < rates.params[0]["care_home_nursing_share"]
        person["care_home"] = codes.NURSING if nursing else codes.RESIDENTIAL
        person["lives_alone"] = 0
        person["registered"] = 1  # homes register their residents
    elif uniform(seed, key, purposes.LIVES_ALONE, 0) < rates.alone[person["community"], band]:
        person["lives_alone"] = 1


@jit
def give_disability(people: np.ndarray, i: int, band: int, rates: Rates) -> None:
    """Set disability: part of its variance is the tendency that conditions and frailty share."""
    seed = rates.seed[0]
    person = people[i]
    key = person["key"]
    part = rates.params[0]["disability_shared_latent"]
    latent = math.sqrt(part) * normal(seed, key, purposes.LATENT, 0)
    latent += math.sqrt(1.0 - part) * normal(seed, key, purposes.DISABILITY, 0)
    limited = NONE
    for level in range(2):
        if latent < rates.life.disability[level, person["community"], band]:
            limited = level + 1
    person["disability"] = limited


@jit
def give_social(people: np.ndarray, i: int, band: int, rates: Rates) -> None:
    """Set carer, cared_for and the mask of practical needs.

    Debt from 18, loneliness and worklessness from 16 (worklessness below 65), carer strain among carers; people in
    care homes have none of housing, debt or work. Whoever is homeless is badly housed.
    """
    seed = rates.seed[0]
    person = people[i]
    key = person["key"]
    q = rates.quintile[person["community"]]
    age = -person["birth_day"] / DAYS_PER_YEAR
    at_home = person["care_home"] == codes.NO_CARE_HOME
    if at_home:
        person["carer"] = 1 if uniform(seed, key, purposes.CARER, 0) < rates.life.carer[band, q] else 0
        cared = rates.life.cared_for[person["disability"]]
        person["cared_for"] = 1 if uniform(seed, key, purposes.CARED_FOR, 0) < cared else 0
    mask = 0
    for need in range(len(codes.SOCIAL_NAMES)):
        may = at_home
        if need == DEBT_NEED:
            may = at_home and age >= ADULT_YEARS
        elif need == LONELY:
            may = age >= WORK_FROM
        elif need == STRAINED:
            may = person["carer"] == 1
        elif need == WORKLESS:
            may = at_home and WORK_FROM <= age < WORK_TO
        if may and uniform(seed, key, purposes.SOCIAL + need, 0) < rates.life.social[need, q]:
            mask |= 1 << need
    if person["inclusion"] == HOMELESS:
        mask |= codes.POOR_HOUSING
    person["social"] = mask
