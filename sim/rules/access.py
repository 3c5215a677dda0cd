"""Where a resident takes a need: a discrete choice (Gumbel-max, keyed noise per alternative).

Utilities read severity, trust, tie, the waits residents expect (last month's means), distance and digital access.
There is no deprivation term: with equal trust, waits and distance, use given need is equal across quintiles.
"""

from __future__ import annotations

import math

from sim.codes import (
    CARE_COORDINATION,
    ED,
    EXACERBATION,
    GP,
    INT_CORE,
    MINOR_ACUTE,
    OUT_SELF_CARE,
    OUT_UNMET,
)
from sim.jit import jit_borrowing
from sim.rules import purposes
from sim.rules.acute import to_ed
from sim.rules.contacts import expected_wait, service_of, to_core, to_gp, unmet
from sim.rules.dose import effect_of
from sim.rules.keys import gumbel, uniform
from sim.rules.maths import log, lognormal_quantile, whole_seconds
from sim.rules.needs import trust_of
from sim.rules.stages import CAME_BACK, HOURS_PER_DAY, SECONDS_PER_DAY, STAY_BEFORE_ED, end, stay

TO_GP, TO_ED, TO_NOTHING, TO_CORE = 0, 1, 2, 3
ALTERNATIVES = 4


@jit_borrowing
def utility(tables, rows, r, alternative):  # type: ignore[no-untyped-def]
    """Return the utility of one alternative for the need in row ``r`` (minus infinity where it is not on offer)."""
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    community = tables.communities[person["community"]]
    trust = trust_of(tables, rows[r]["person"])
    value = rows[r]["value"]
    minor = rows[r]["need_type"] == MINOR_ACUTE
    if alternative == TO_GP:
        if service_of(tables, rows, r, GP) < 0:
            return -math.inf
        return (
            p["choice_trust_gp"] * trust
            + p["choice_tie_gp"] * person["tie"]
            + p["choice_digital_gp"] * person["digital"]
            - p["choice_wait_gp"] * log(1.0 + expected_wait(tables, rows, r, GP))
            - p["choice_distance"] * community["distance_gp_km"]
        )
    if alternative == TO_ED:
        if service_of(tables, rows, r, ED) < 0:
            return -math.inf
        constant = p["choice_ed_minor"] if minor else p["choice_ed_exacerbation"]
        return (
            constant
            + p["choice_severity_ed"] * value
            - p["choice_wait_ed"] * log(1.0 + HOURS_PER_DAY * expected_wait(tables, rows, r, ED))
            - p["choice_distance"] * community["distance_ed_km"]
        )
    if alternative == TO_NOTHING:
        constant = p["choice_nothing_minor"] if minor else p["choice_nothing_exacerbation"]
        return constant - p["choice_severity_nothing"] * value
    effect = effect_of(tables, rows[r]["person"], CARE_COORDINATION)
    if person["enrolled"] != 1 or effect <= 0.0 or service_of(tables, rows, r, INT_CORE) < 0:
        return -math.inf
    return (
        p["choice_core"]
        + log(effect)  # at part of the effect, as many fewer turn to the team
        + p["choice_trust_gp"] * trust
        + p["choice_tie_gp"] * person["tie"]
        - p["choice_wait_gp"] * log(1.0 + expected_wait(tables, rows, r, INT_CORE))
    )


@jit_borrowing
def choose(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the chosen alternative: the largest utility plus keyed Gumbel noise."""
    best = TO_NOTHING
    most = -math.inf
    for alternative in range(ALTERNATIVES):
        value = utility(tables, rows, r, alternative)
        if value == -math.inf:
            continue
        noise = gumbel(tables.seed[0], rows[r]["need"], purposes.CHOOSE + alternative, rows[r]["ordinal"])
        if value + noise > most:
            most = value + noise
            best = alternative
    return best


@jit_borrowing
def go_without(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step of someone who gets no care: it settles, comes back sicker to ED after days, or stays unmet.

    ``outcome`` is what the step says when the person was not simply caring for themselves (OUT_UNMET after reneging).
    """
    p = tables.params[0]
    seed = tables.seed[0]
    value = rows[r]["value"]
    exacerbation = rows[r]["need_type"] == EXACERBATION
    worsens = p["without_worse_exacerbation"] if exacerbation else p["without_worse_minor"]
    ordinal = rows[r]["ordinal"]
    if uniform(seed, rows[r]["need"], purposes.WITHOUT, ordinal) >= worsens * value:
        return end(OUT_SELF_CARE if outcome != OUT_UNMET else outcome)
    comes_back = p["return_share_exacerbation"] if exacerbation else p["return_share_minor"]
    first_time = (rows[r]["flags"] & CAME_BACK) == 0
    if first_time and uniform(seed, rows[r]["need"], purposes.RETURN, ordinal) < comes_back:
        rows[r]["flags"] |= CAME_BACK
        rows[r]["value"] = value + p["return_sicker"] * (1.0 - value)
        rows[r]["stage"] = STAY_BEFORE_ED
        u = uniform(seed, rows[r]["need"], purposes.RETURN_DAYS, ordinal)
        days = lognormal_quantile(u, p["return_days"], p["return_days_scv"])
        return stay(whole_seconds(days * SECONDS_PER_DAY), outcome)
    return unmet(tables, rows, r)


@jit_borrowing
def first_contact(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the first step of a minor acute need or an exacerbation."""
    choice = choose(tables, rows, r)
    if choice == TO_ED:
        return to_ed(tables, rows, r, now, 0)
    if choice == TO_GP:
        return to_gp(tables, rows, r, 0)
    if choice == TO_CORE:
        return to_core(tables, rows, r, 0)
    return go_without(tables, rows, r, 0)
