"""How often a resident needs care: the hazard of each need type, its mediators, and the needs of one month.

Hazard per month = solved residual (age band, sex, national quintile; sim/rules/margins.py) x mediators x season x
local factor. Hazards are frozen within a month; counts come from one keyed uniform per (person, type, month).
"""

from __future__ import annotations

import numpy as np

from sim.codes import (
    EXACERBATION,
    FRAILTY_CRISIS,
    MINOR_ACUTE,
    NEED_NAMES,
    PLANNED_REVIEW,
    PRESENT,
    SCHEDULED,
    SOCIAL_NEED,
    UNAVOIDABLE,
)
from sim.engines.records import blank_rows
from sim.jit import jit, jit_borrowing
from sim.rules import purposes
from sim.rules.keys import key4, poisson_count, uniform
from sim.rules.maths import lognormal_quantile, power
from sim.rules.stages import SECONDS_PER_DAY, SECONDS_PER_HOUR
from sim.rules.tables import CONDITIONS, NEED_KINDS, ResidentTables, age_band, age_years

HOURS = 24
LOCAL_KINDS = (EXACERBATION, FRAILTY_CRISIS, UNAVOIDABLE)  # needs on which a place's local factor works
LEVER_K = 1000  # needs made by levers are numbered from here, so their ids never meet those of the hazards

# Mediators, in the order they are multiplied.
BY_CONDITIONS, BY_FRAILTY, BY_UNMET, BY_BENEFIT, BY_TRUST, BY_SPIKE, BY_LIVING_ALONE, BY_PRONENESS = range(8)
MEDIATORS = 8
MEDIATOR_NAMES = ("conditions", "frailty", "unmet", "treatment benefit", "trust", "spike", "living alone", "proneness")


@jit_borrowing
def condition_weight(tables, mask):  # type: ignore[no-untyped-def]
    """Return the summed exacerbation weights of the conditions in ``mask`` (1: as often as COPD)."""
    p = tables.params[0]
    weights = (
        p["exacerbation_weight_hypertension"],
        p["exacerbation_weight_diabetes"],
        p["exacerbation_weight_copd"],
        p["exacerbation_weight_asthma"],
        p["exacerbation_weight_coronary_heart_disease"],
        p["exacerbation_weight_heart_failure"],
        p["exacerbation_weight_stroke"],
        p["exacerbation_weight_chronic_kidney_disease"],
        p["exacerbation_weight_depression"],
        p["exacerbation_weight_severe_mental_illness"],
        p["exacerbation_weight_dementia"],
        p["exacerbation_weight_cancer"],
        p["exacerbation_weight_learning_disability"],
        p["exacerbation_weight_neurological_disease"],
        p["exacerbation_weight_palliative"],
    )
    total = 0.0
    for bit in range(CONDITIONS):
        if (int(mask) >> bit) & 1:
            total += weights[bit]
    return total


@jit_borrowing
def count_bits(mask):  # type: ignore[no-untyped-def]
    """Return how many conditions are in ``mask``."""
    count = 0
    for bit in range(CONDITIONS):
        count += (int(mask) >> bit) & 1
    return count


@jit_borrowing
def drawn_bit(mask, u):  # type: ignore[no-untyped-def]
    """Return one of the bits set in ``mask`` (not 0), each as likely as another, by the uniform ``u``."""
    skip = int(u * count_bits(mask))
    for bit in range(CONDITIONS):
        if (int(mask) >> bit) & 1:
            if skip == 0:
                return bit
            skip -= 1
    return 0


@jit_borrowing
def known_conditions(tables, i):  # type: ignore[no-untyped-def]
    """Return the mask of conditions services know of (all of them when the hidden-need switch is off)."""
    person = tables.people[i]
    if tables.params[0]["switch_hidden_need"] == 0.0:
        return int(person["conditions"])
    return int(person["known"]) & int(person["conditions"])


@jit_borrowing
def trust_of(tables, i):  # type: ignore[no-untyped-def]
    """Return trust less its midpoint, from -0.5 to 0.5 (0 when the trust switch is off)."""
    if tables.params[0]["switch_trust"] == 0.0:
        return 0.0
    return tables.people[i]["trust"] - 0.5


@jit_borrowing
def proneness(tables, i, scv):  # type: ignore[no-untyped-def]
    """Return the person's own lasting tendency to need care, mean 1: what no column explains.

    Keyed by the person alone, so it is theirs in every replication and never changes.
    """
    return lognormal_quantile(uniform(0, tables.people[i]["key"], purposes.PRONENESS, 0), 1.0, scv)


@jit_borrowing
def exacerbation_part(tables, i, which):  # type: ignore[no-untyped-def]
    """Return one mediator's factor on the hazard of an exacerbation."""
    person = tables.people[i]
    p = tables.params[0]
    if which == BY_CONDITIONS:
        return p["exacerbation_no_condition"] + condition_weight(tables, person["conditions"])
    if which == BY_FRAILTY:
        gains = (0.0, p["exacerbation_gain_mild"], p["exacerbation_gain_moderate"], p["exacerbation_gain_severe"])
        return 1.0 + gains[int(person["frailty"])]
    if which == BY_UNMET:
        return 1.0 + p["unmet_gain_exacerbation"] * min(person["unmet"], p["unmet_most"])
    if which == BY_BENEFIT:
        total = condition_weight(tables, person["conditions"])
        if total <= 0.0:
            return 1.0
        known = condition_weight(tables, known_conditions(tables, i)) / total
        return 1.0 - p["benefit_effect"] * person["benefit"] * known
    if which == BY_SPIKE and person["spike_months"] > 0:
        return p["spike_multiplier"]
    if which == BY_PRONENESS:
        return proneness(tables, i, p["proneness_scv_exacerbation"])
    return 1.0


@jit_borrowing
def frailty_part(tables, i, which):  # type: ignore[no-untyped-def]
    """Return one mediator's factor on the hazard of a frailty crisis (fall, delirium, loss of function)."""
    person = tables.people[i]
    p = tables.params[0]
    if which == BY_CONDITIONS:
        return 1.0 + p["crisis_gain_per_condition"] * count_bits(person["conditions"])
    if which == BY_FRAILTY:
        factors = (p["crisis_fit"], 1.0, p["crisis_moderate"], p["crisis_severe"])
        return factors[int(person["frailty"])]
    if which == BY_UNMET:
        return 1.0 + p["unmet_gain_crisis"] * min(person["unmet"], p["unmet_most"])
    if which == BY_SPIKE and person["spike_months"] > 0:
        return p["spike_multiplier"]
    if which == BY_LIVING_ALONE and person["lives_alone"] == 1:
        return p["crisis_living_alone"]
    return 1.0


@jit_borrowing
def other_part(tables, i, need_type, which):  # type: ignore[no-untyped-def]
    """Return one mediator's factor on minor acute needs, planned reviews and social needs."""
    person = tables.people[i]
    p = tables.params[0]
    if need_type == MINOR_ACUTE:
        if which == BY_CONDITIONS:
            return 1.0 + p["minor_gain_per_condition"] * count_bits(person["conditions"])
        if which == BY_UNMET:
            return 1.0 + p["unmet_gain_minor"] * min(person["unmet"], p["unmet_most"])
        if which == BY_PRONENESS:
            return proneness(tables, i, p["proneness_scv_minor"])
    elif need_type == PLANNED_REVIEW:
        if which == BY_CONDITIONS:
            return 1.0 + p["review_gain_per_known"] * count_bits(known_conditions(tables, i))
        if which == BY_FRAILTY:
            return 1.0 + p["review_gain_frailty"] * person["frailty"]
        if which == BY_TRUST:
            return 1.0 + p["review_gain_trust"] * trust_of(tables, i)
    elif need_type == SOCIAL_NEED:
        if which == BY_FRAILTY:
            return 1.0 + p["social_gain_frailty"] * person["frailty"]
        if which == BY_LIVING_ALONE and person["lives_alone"] == 1:
            return p["social_living_alone"]
    return 1.0


@jit_borrowing
def mediator(tables, i, need_type, which):  # type: ignore[no-untyped-def]
    """Return the factor of mediator ``which`` on person ``i``'s hazard of ``need_type`` (1 where it plays no part)."""
    if need_type == UNAVOIDABLE:
        return 1.0  # the placebo need: nothing but age, sex and the margins
    if need_type == EXACERBATION:
        return exacerbation_part(tables, i, which)
    if need_type == FRAILTY_CRISIS:
        return frailty_part(tables, i, which)
    return other_part(tables, i, need_type, which)


@jit_borrowing
def multiplier(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the product of all mediators of person ``i`` for ``need_type``."""
    product = 1.0
    for which in range(MEDIATORS):
        product = product * mediator(tables, i, need_type, which)
    return product if product > 0.0 else 0.0  # a draw of effects far below nothing cannot make a hazard negative


@jit_borrowing
def monthly_hazard(tables, i, need_type, now, calendar_month):  # type: ignore[no-untyped-def]
    """Return the expected needs of ``need_type`` this month (calendar_month 1-12; ``now`` is the month's start)."""
    person = tables.people[i]
    p = tables.params[0]
    band = age_band(age_years(person["birth_day"], now))
    quintile = int(tables.communities[person["community"]]["national_quintile"]) - 1
    hazard = tables.hazards[need_type, band, int(person["sex"]), quintile]
    if hazard <= 0.0:
        return 0.0
    hazard = hazard * multiplier(tables, i, need_type) * tables.seasons[need_type, calendar_month - 1]
    if need_type in LOCAL_KINDS:
        hazard = hazard * p["local_factor_emergency"]
    return hazard


@jit_borrowing
def severity(tables, need_id, need_type):  # type: ignore[no-untyped-def]
    """Return a need's severity, 0 to 1: a keyed uniform to the type's power (above 1: mostly mild)."""
    p = tables.params[0]
    powers = (
        p["severity_power_minor_acute"],
        p["severity_power_exacerbation"],
        p["severity_power_frailty_crisis"],
        p["severity_power_unavoidable_emergency"],
    )
    u = uniform(tables.seed[0], need_id, purposes.SEVERITY, 0)
    if need_type < len(powers):
        return power(u, powers[need_type])
    return u


@jit_borrowing
def need_time(tables, need_id, need_type, start_s, end_s):  # type: ignore[no-untyped-def]
    """Return the second a need arises: day uniform in [start_s, end_s), hour by the type's profile."""
    days = (end_s - start_s) // SECONDS_PER_DAY
    day = int(uniform(tables.seed[0], need_id, purposes.NEED_DAY, 0) * days)
    left = uniform(tables.seed[0], need_id, purposes.NEED_HOUR, 0)
    hour = 0
    share = tables.profiles[need_type, 0]
    while hour < HOURS - 1 and left >= share:
        left = left - share
        hour += 1
        share = tables.profiles[need_type, hour]
    within = int(left / share * SECONDS_PER_HOUR) if share > 0.0 else 0
    within = within if within < SECONDS_PER_HOUR - 1 else SECONDS_PER_HOUR - 1
    return start_s + day * SECONDS_PER_DAY + hour * SECONDS_PER_HOUR + within


@jit
def need_counts(tables, month, start_s, calendar_month):  # type: ignore[no-untyped-def]
    """Return int32[people, 8]: how many needs of each type every present person has this month."""
    people = tables.people
    counts = np.zeros((len(people), NEED_KINDS), np.int32)
    most = int(tables.params[0]["needs_per_month_most"])
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT:
            continue
        for need_type in range(SOCIAL_NEED + 1):
            hazard = monthly_hazard(tables, i, need_type, start_s, calendar_month)
            if hazard > 0.0:
                u = uniform(tables.seed[0], people[i]["key"], purposes.NEED_COUNT + need_type, month)
                counts[i, need_type] = poisson_count(u, hazard, most)
    return counts


@jit_borrowing
def fill_rows(tables, rows, counts, month, start_s, end_s, first_k):  # type: ignore[no-untyped-def]
    """Write a scheduled row for every counted need; k runs from ``first_k``. Returns how many were written."""
    people = tables.people
    at = 0
    for i in range(len(people)):
        for need_type in range(NEED_KINDS):
            for k in range(counts[i, need_type]):
                need_id = key4(people[i]["key"], need_type, month, first_k + k)
                time = need_time(tables, need_id, need_type, start_s, end_s)
                rows[at]["need"] = need_id
                rows[at]["person_key"] = people[i]["key"]
                rows[at]["person"] = i
                rows[at]["status"] = SCHEDULED
                rows[at]["need_type"] = need_type
                rows[at]["site"] = people[i]["neighbourhood"]
                rows[at]["arose"] = time
                rows[at]["due"] = time
                at += 1
    return at


def scheduled_rows(
    tables: ResidentTables, counts: np.ndarray, month: int, start_s: int, end_s: int, first_k: int = 0
) -> np.ndarray:
    """Return ROW[] for ``counts`` int32[people, 8] of needs in [start_s, end_s)."""
    rows = blank_rows(int(counts.sum()))
    fill_rows(tables, rows, counts, month, start_s, end_s, first_k)
    return rows


def month_needs(tables: ResidentTables, month: int, start_s: int, end_s: int, month_of_year: int) -> np.ndarray:
    """Return the month's needs as ROW[], status SCHEDULED, due = arose in [start_s, end_s).

    ``month`` counts from go-live's origin (it keys the draws); ``month_of_year`` 1-12 picks the season.
    """
    return scheduled_rows(tables, need_counts(tables, month, start_s, month_of_year), month, start_s, end_s)


def need_code(name: str) -> int:
    """Return the code of a need type's name; raise KeyError if there is none."""
    try:
        return NEED_NAMES.index(name)
    except ValueError:
        raise KeyError(name) from None
