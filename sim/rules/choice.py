"""What a resident makes of each place they could take a need: its utility, by alternative and need.

Utilities read severity, trust, tie, the waits residents expect (last month's means), distance, registration, opening
hours, main language and digital access. General practice is the zero of the constants. There is no deprivation term:
with equal trust, waits and distance, use given need is equal across quintiles.
"""

from __future__ import annotations

import math

from sim.codes import (
    AMBULANCE,
    CALL_111,
    CARE_COORDINATION,
    CHILDHOOD_ACUTE,
    COLOCATION,
    ED,
    EXACERBATION,
    EXTENDED_ACCESS,
    GP,
    INT_CORE,
    MENTAL_HEALTH_CRISIS,
    PARTICIPATION,
    PHARMACY,
    URGENT_TREATMENT,
    VCFSE,
)
from sim.fields import one_of
from sim.jit import jit_borrowing, jit_small
from sim.rules.contacts import expected_wait, offered, service_of
from sim.rules.dose import dose, effect_of, standing_dose
from sim.rules.maths import log
from sim.rules.needs import trust_of
from sim.rules.stages import DAYS_PER_WEEK, HOURS_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_HOUR

(
    BY_SELF,  # caring for oneself, knowing what to do
    WITHOUT,  # leaving it, for want of anything better
    BY_PHARMACY,
    BY_GP,
    BY_VCFSE,
    BY_111,
    BY_999,
    BY_ED,
    BY_URGENT_TREATMENT,
    BY_CORE,
) = range(10)
ALTERNATIVES = 10
MINOR, WORSE, OF_A_CHILD, OF_THE_MIND = range(4)  # the needs people choose a place for
WORKING_DAYS = 5  # of seven, from Monday on
CHOICE_SELF_CARE = one_of(
    "choice_self_care_minor_acute",
    "choice_self_care_exacerbation",
    "choice_self_care_childhood_acute",
    "choice_self_care_mental_health_crisis",
)
CHOICE_WITHOUT = one_of(
    "choice_without_minor_acute",
    "choice_without_exacerbation",
    "choice_without_childhood_acute",
    "choice_without_mental_health_crisis",
)
CHOICE_PHARMACY = one_of(
    "choice_pharmacy_minor_acute",
    "choice_pharmacy_exacerbation",
    "choice_pharmacy_childhood_acute",
    "choice_pharmacy_mental_health_crisis",
)
CHOICE_VCFSE = one_of(
    "choice_vcfse_minor_acute",
    "choice_vcfse_exacerbation",
    "choice_vcfse_childhood_acute",
    "choice_vcfse_mental_health_crisis",
)
CHOICE_CALL_111 = one_of(
    "choice_call_111_minor_acute",
    "choice_call_111_exacerbation",
    "choice_call_111_childhood_acute",
    "choice_call_111_mental_health_crisis",
)
CHOICE_AMBULANCE = one_of(
    "choice_ambulance_minor_acute",
    "choice_ambulance_exacerbation",
    "choice_ambulance_childhood_acute",
    "choice_ambulance_mental_health_crisis",
)
CHOICE_ED = one_of(
    "choice_ed_minor_acute",
    "choice_ed_exacerbation",
    "choice_ed_childhood_acute",
    "choice_ed_mental_health_crisis",
)
CHOICE_URGENT_TREATMENT = one_of(
    "choice_urgent_treatment_minor_acute",
    "choice_urgent_treatment_exacerbation",
    "choice_urgent_treatment_childhood_acute",
    "choice_urgent_treatment_mental_health_crisis",
)
CHOICE_INT_CORE = one_of(
    "choice_int_core_minor_acute",
    "choice_int_core_exacerbation",
    "choice_int_core_childhood_acute",
    "choice_int_core_mental_health_crisis",
)


@jit_borrowing
def need_place(need_type):  # type: ignore[no-untyped-def]
    """Return which of the four needs people choose for this is: minor acute 0, exacerbation, childhood, mental health.

    Any other need of which the same is asked (going without) counts as a minor one.
    """
    if need_type == EXACERBATION:
        return WORSE
    if need_type == CHILDHOOD_ACUTE:
        return OF_A_CHILD
    if need_type == MENTAL_HEALTH_CRISIS:
        return OF_THE_MIND
    return MINOR


@jit_small
def constant(p, alternative, which):  # type: ignore[no-untyped-def]
    """Return the constant of ``alternative`` for need ``which`` (0 to 3), against general practice."""
    if alternative == BY_SELF:
        return CHOICE_SELF_CARE(p, which)
    if alternative == WITHOUT:
        return CHOICE_WITHOUT(p, which)
    if alternative == BY_PHARMACY:
        return CHOICE_PHARMACY(p, which)
    if alternative == BY_VCFSE:
        return CHOICE_VCFSE(p, which)
    return urgent_constant(p, alternative, which)


@jit_small
def urgent_constant(p, alternative, which):  # type: ignore[no-untyped-def]
    """Return the constant of an urgent service or the INT core for need ``which``, against general practice."""
    if alternative == BY_111:
        return CHOICE_CALL_111(p, which)
    if alternative == BY_999:
        return CHOICE_AMBULANCE(p, which)
    if alternative == BY_ED:
        return CHOICE_ED(p, which)
    if alternative == BY_URGENT_TREATMENT:
        return CHOICE_URGENT_TREATMENT(p, which)
    return CHOICE_INT_CORE(p, which)


@jit_small
def is_open(tables, now):  # type: ignore[no-untyped-def]
    """Return whether offices are open at second ``now``: working hours of a working day, Monday to Friday."""
    p = tables.params[0]
    hour = now % SECONDS_PER_DAY / SECONDS_PER_HOUR
    if (now // SECONDS_PER_DAY + tables.first_weekday[0]) % DAYS_PER_WEEK >= WORKING_DAYS:
        return False
    return p["open_from_hour"] <= hour < p["open_to_hour"]


@jit_small
def language_cost(tables, i):  # type: ignore[no-untyped-def]
    """Return the cost of telephones, forms and consultations in English for person ``i`` (0: English speaking)."""
    p = tables.params[0]
    if tables.people[i]["language"] == 0:
        return 0.0
    return p["choice_language"] * dose(standing_dose(tables, i, PARTICIPATION), p["participation_language_ratio"])


@jit_small
def distance_cost(tables, i, km):  # type: ignore[no-untyped-def]
    """Return the cost of going ``km`` to a service that may be under one roof with others."""
    p = tables.params[0]
    return p["choice_distance"] * km * dose(standing_dose(tables, i, COLOCATION), p["colocation_distance_ratio"])


@jit_small
def participation_gain(tables, i):  # type: ignore[no-untyped-def]
    """Return what participation adds to the utility of care close to home."""
    effect = standing_dose(tables, i, PARTICIPATION)
    return 0.0 if effect == 0.0 else log(dose(effect, tables.params[0]["participation_uptake_or"]))


@jit_small
def practice_utility(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the utility of general practice (minus infinity for somebody without a practice)."""
    p = tables.params[0]
    i = rows[r]["person"]
    person = tables.people[i]
    if person["registered"] != 1 or not offered(tables, rows, r, GP):
        return -math.inf
    value = (
        p["choice_trust_gp"] * trust_of(tables, i)
        + p["choice_tie_gp"] * person["tie"]
        + p["choice_digital_gp"] * person["digital"] * tables.teams[person["team"]]["digital_route"]
        + participation_gain(tables, i)
        - p["choice_wait_gp"] * log(1.0 + expected_wait(tables, rows, r, GP))
        - distance_cost(tables, i, tables.communities[person["community"]]["distance_gp_km"])
        - language_cost(tables, i)
    )
    if not is_open(tables, now):
        closed = dose(standing_dose(tables, i, EXTENDED_ACCESS), p["extended_access_closed_ratio"])
        value = value - p["choice_closed_gp"] * closed
    return value


@jit_small
def local_utility(tables, rows, r, now, alternative):  # type: ignore[no-untyped-def]
    """Return the utility of the pharmacy or a voluntary organisation."""
    p = tables.params[0]
    i = rows[r]["person"]
    community = tables.communities[tables.people[i]["community"]]
    kind = PHARMACY if alternative == BY_PHARMACY else VCFSE
    if not offered(tables, rows, r, kind):
        return -math.inf
    value = participation_gain(tables, i) - p["choice_wait_gp"] * log(1.0 + expected_wait(tables, rows, r, kind))
    value = value - p["choice_severity_pharmacy"] * rows[r]["value"]
    if alternative == BY_PHARMACY:
        value = value - p["choice_distance"] * community["distance_pharmacy_km"]
    else:
        value = value + p["choice_trust_vcfse"] * trust_of(tables, i)
        value = value - distance_cost(tables, i, community["distance_hub_km"])
    if not is_open(tables, now):
        value = value - p["choice_closed_local"]
    return value


@jit_small
def urgent_utility(tables, rows, r, alternative):  # type: ignore[no-untyped-def]
    """Return the utility of 111, 999, ED or an urgent treatment centre: never shut, near or far, and often full."""
    p = tables.params[0]
    i = rows[r]["person"]
    value = rows[r]["value"]
    community = tables.communities[tables.people[i]["community"]]
    if alternative == BY_111:
        if not offered(tables, rows, r, CALL_111):
            return -math.inf
        return p["choice_severity_111"] * value - language_cost(tables, i)
    if alternative == BY_999:
        if not offered(tables, rows, r, AMBULANCE):
            return -math.inf
        return p["choice_severity_999"] * value
    if alternative == BY_URGENT_TREATMENT:
        if not offered(tables, rows, r, URGENT_TREATMENT):
            return -math.inf
        hours = HOURS_PER_DAY * expected_wait(tables, rows, r, URGENT_TREATMENT)
        near = p["choice_severity_utc"] * value - p["choice_distance"] * community["distance_utc_km"]
        return near - p["choice_wait_ed"] * log(1.0 + hours)
    if service_of(tables, rows, r, ED) < 0:
        return -math.inf
    hours = HOURS_PER_DAY * expected_wait(tables, rows, r, ED)
    near = p["choice_severity_ed"] * value - p["choice_distance"] * community["distance_ed_km"]
    return near - p["choice_wait_ed"] * log(1.0 + hours)


@jit_small
def core_utility(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the utility of the INT core, for those on its caseload."""
    p = tables.params[0]
    i = rows[r]["person"]
    effect = effect_of(tables, i, CARE_COORDINATION)
    if tables.people[i]["enrolled"] != 1 or effect <= 0.0 or not offered(tables, rows, r, INT_CORE):
        return -math.inf
    return (
        log(effect)  # at part of the effect, as many fewer turn to the team
        + p["choice_trust_gp"] * trust_of(tables, i)
        + p["choice_tie_gp"] * tables.people[i]["tie"]
        - p["choice_wait_gp"] * log(1.0 + expected_wait(tables, rows, r, INT_CORE))
    )


@jit_small
def utility(tables, rows, r, now, alternative):  # type: ignore[no-untyped-def]
    """Return the utility of ``alternative`` for the need in row ``r`` (minus infinity where it is not on offer)."""
    p = tables.params[0]
    if alternative == BY_GP:
        return practice_utility(tables, rows, r, now)
    own = constant(p, alternative, need_place(rows[r]["need_type"]))
    if alternative == BY_SELF:
        return own - p["choice_severity_self_care"] * rows[r]["value"]
    if alternative == WITHOUT:
        return (
            own
            - p["choice_severity_without"] * rows[r]["value"]
            - p["choice_trust_without"] * trust_of(tables, rows[r]["person"])
        )
    if alternative in (BY_PHARMACY, BY_VCFSE):
        return own + local_utility(tables, rows, r, now, alternative)
    if alternative == BY_CORE:
        return own + core_utility(tables, rows, r)
    return own + urgent_utility(tables, rows, r, alternative)
