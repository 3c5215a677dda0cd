"""One rule that makes a resident: for those present at the start and for those who arrive."""

from __future__ import annotations

import math

import numpy as np

from sim import codes
from sim.jit import jit
from sim.place import purposes
from sim.place.circumstances import give_circumstances
from sim.place.rates import CONDITIONS, Rates
from sim.place.shares import NEVER_LIABLE
from sim.rules.conditions import known_share
from sim.rules.keys import exponential, normal, uniform
from sim.rules.maths import exp, lognormal_quantile
from sim.rules.purposes import PRONENESS
from sim.rules.stages import DAYS_PER_YEAR

LAST_BAND = 19
OLDEST_YEARS_BEYOND_90 = 20
PRESENT = codes.PRESENT


@jit
def make_resident(
    people: np.ndarray, i: int, key: int, community: int, band: int, sex: int, mover: int, rates: Rates
) -> None:
    """Fill row ``i`` of ``people`` (zeroed) with the resident ``key`` of a community, age band and sex.

    ``mover`` 1: someone who arrives (healthier by the mover's log odds, less continuity). Ages are counted at day 0;
    household and visited_home are given afterwards. Same key and rates, same resident, whoever else is made.
    """
    seed = rates.seed[0]
    person = people[i]
    q = rates.quintile[community]
    person["key"] = key
    person["presence"] = PRESENT
    person["community"] = community
    person["neighbourhood"] = rates.neighbourhood[community]
    person["team"] = rates.neighbourhood[community]
    person["hospital"] = rates.hospital[community]
    person["sex"] = sex
    person["birth_day"] = -age_in_days(key, band, rates)
    person["ethnic"] = ethnic_group(key, community, rates)
    person["digital"] = 1 if uniform(seed, key, purposes.DIGITAL, 0) < rates.digital[band, q] else 0
    p = rates.params[0]
    person["trust"] = within_unit(rates.trust[q] + p["trust_sd"] * normal(seed, key, purposes.TRUST, 0))
    tie = within_unit(rates.tie[band] + p["tie_sd"] * normal(seed, key, purposes.TIE, 0))
    person["tie"] = within_unit(tie * p["mover_tie_ratio"]) if mover == 1 else tie
    person["unmet"] = p["unmet_start"]
    person["recent_admissions"] = rates.admissions[band]
    give_health(people, i, band, mover, rates)
    give_circumstances(people, i, band, mover, rates)
    treated = rates.treated[band] * (1.0 if person["known"] != 0 else p["treated_start_unknown_ratio"])
    person["treated"] = treated
    person["benefit"] = treated
    person["covered"] = known_share(rates, person["known"], person["conditions"])
    give_proneness(people, i, rates)


@jit
def give_proneness(people: np.ndarray, i: int, rates: Rates) -> None:
    """Set how much more or less often than others like them a person needs care: what no other column explains.

    Keyed by the person alone, so it is theirs in every replication and never changes; one draw for every kind of
    need, so that those who often need one kind of care often need another. Among older people, whose conditions and
    frailty tell much of it, less of what no care prevents is left unexplained (by their age at the start).
    """
    person = people[i]
    p = rates.params[0]
    u = uniform(0, person["key"], PRONENESS, 0)
    person["prone_minor"] = lognormal_quantile(u, 1.0, p["proneness_scv_minor"])
    person["prone_exacerbation"] = lognormal_quantile(u, 1.0, p["proneness_scv_exacerbation"])
    person["prone_childhood"] = lognormal_quantile(u, 1.0, p["proneness_scv_childhood_acute"])
    person["prone_mental"] = lognormal_quantile(u, 1.0, p["proneness_scv_mental_health_crisis"])
    scv = p["proneness_scv_unavoidable_emergency"]
    if person["birth_day"] < -p["proneness_older_from_age"] * DAYS_PER_YEAR:
        scv = p["proneness_scv_unavoidable_emergency_older"]
    person["prone_unavoidable"] = lognormal_quantile(u, 1.0, scv)


@jit
def age_in_days(key: int, band: int, rates: Rates) -> int:
    """Return an age in days, uniform within the band; beyond 90 exponential, at most 20 years more."""
    if band == LAST_BAND:
        draw = exponential(rates.seed[0], key, purposes.BIRTH_DAY, 0) * rates.params[0]["years_beyond_90_mean"]
        extra = draw if draw < OLDEST_YEARS_BEYOND_90 else OLDEST_YEARS_BEYOND_90 * 1.0
        return rates.first_day[band] + int(extra * DAYS_PER_YEAR)
    return rates.first_day[band] + int(uniform(rates.seed[0], key, purposes.BIRTH_DAY, 0) * rates.days[band])


@jit
def ethnic_group(key: int, community: int, rates: Rates) -> int:
    """Return the ethnic group (position in codes.ETHNIC_NAMES) by the community's shares."""
    draw = uniform(rates.seed[0], key, purposes.ETHNIC, 0)
    group = 0
    while draw > rates.ethnic[community, group]:
        group += 1
    return group


@jit
def give_health(people: np.ndarray, i: int, band: int, mover: int, rates: Rates) -> None:
    """Set conditions, which of them are known, and frailty.

    One keyed tendency per person is shared by all (a Gaussian copula: every margin stays exact, and conditions gather
    in the same people). A condition is known by log odds that rise with the person's trust; where the switch of hidden
    need is off every one is.
    """
    seed = rates.seed[0]
    person = people[i]
    key = person["key"]
    sex = person["sex"]
    q = rates.quintile[person["community"]]
    p = rates.params[0]
    tendency = normal(seed, key, purposes.LATENT, 0)
    shared, own = math.sqrt(p["condition_shared_latent"]), math.sqrt(1.0 - p["condition_shared_latent"])
    conditions, known = 0, 0
    for c in range(CONDITIONS):
        limit = rates.liability[mover, c, band, sex, q]
        if limit <= NEVER_LIABLE:
            continue
        if shared * tendency + own * normal(seed, key, purposes.CONDITION, c) < limit:
            conditions |= 1 << c
            trusting = person["trust"] - rates.trust[q]
            log_odds = rates.known_log_odds[c, q] + p["diagnosed_log_odds_per_trust"] * trusting
            chance = 1.0 / (1.0 + exp(-log_odds)) if p["switch_hidden_need"] != 0.0 else 1.0
            if uniform(seed, key, purposes.KNOWN, c) < chance:
                known |= 1 << c
    person["conditions"] = conditions
    person["known"] = known
    shared, own = math.sqrt(p["frailty_shared_latent"]), math.sqrt(1.0 - p["frailty_shared_latent"])
    latent = shared * tendency + own * normal(seed, key, purposes.FRAILTY, 0)
    frailty = 0
    for level in range(3):
        if latent < rates.frailty[level, band, q]:
            frailty = level + 1
    person["frailty"] = frailty


@jit
def within_unit(x: float) -> float:
    """Return ``x`` kept within 0 and 1."""
    return 0.0 if x < 0.0 else (1.0 if x > 1.0 else x)
