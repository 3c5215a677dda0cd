"""Where a resident takes a need: a discrete choice (Gumbel-max, keyed noise per alternative), and going without.

The utilities are in sim/rules/choice.py.
"""

from __future__ import annotations

import math

from sim.codes import GP, INT_CORE, OUT_NONE, OUT_SELF_CARE, OUT_UNMET, PHARMACY, VCFSE
from sim.fields import one_of
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.acute import to_ed
from sim.rules.choice import (
    ALTERNATIVES,
    BY_111,
    BY_999,
    BY_CORE,
    BY_ED,
    BY_GP,
    BY_PHARMACY,
    BY_SELF,
    BY_URGENT_TREATMENT,
    BY_VCFSE,
    WITHOUT,
    need_place,
    utility,
)
from sim.rules.contacts import draw, drawn, episode_key, is_urgent, offered, to_service, unmet
from sim.rules.home_plan import acts_on_plan
from sim.rules.maths import lognormal_quantile, whole_seconds
from sim.rules.noise import gumbel_most, gumbel_of
from sim.rules.stages import CAME_BACK, SECONDS_PER_DAY, STAY_BEFORE_ED, end, stay
from sim.rules.urgent import to_111, to_ambulance, to_urgent_treatment

WITHOUT_WORSE = one_of(
    "without_worse_minor_acute",
    "without_worse_exacerbation",
    "without_worse_childhood_acute",
    "without_worse_mental_health_crisis",
)
RETURN_SHARE = one_of(
    "return_share_minor_acute",
    "return_share_exacerbation",
    "return_share_childhood_acute",
    "return_share_mental_health_crisis",
)


@jit_small
def choose(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the chosen alternative: the largest utility plus keyed Gumbel noise."""
    best = WITHOUT
    most = -math.inf
    key = episode_key(tables, rows, r)
    ordinal = rows[r]["ordinal"]
    for alternative in range(ALTERNATIVES):
        value = utility(tables, rows, r, now, alternative)
        if value == -math.inf:
            continue
        u = drawn(key, purposes.CHOOSE_OF + alternative, ordinal)
        if value + gumbel_most(u) <= most:
            continue
        noise = gumbel_of(u)
        if value + noise > most:
            most = value + noise
            best = alternative
    return best


@jit_small
def worsening_chance(p, which):  # type: ignore[no-untyped-def]
    """Return the chance at full severity that an untreated need does not settle, by need (sim/rules/choice.py)."""
    return WITHOUT_WORSE(p, which)


@jit_small
def return_chance(p, which):  # type: ignore[no-untyped-def]
    """Return the share of untreated needs that do not settle and come to ED later."""
    return RETURN_SHARE(p, which)


@jit_small
def go_without(tables, rows, r, alternative, outcome):  # type: ignore[no-untyped-def]
    """Return the step of someone who gets no care: it settles, comes back sicker to ED after days, or stays unmet.

    ``alternative`` BY_SELF: they look after themselves, and it settles more often. ``outcome`` is what the step says
    when the person was not simply caring for themselves (OUT_UNMET after reneging).
    """
    p = tables.params[0]
    value = rows[r]["value"]
    which = need_place(rows[r]["need_type"])
    worsens = worsening_chance(p, which) * (p["self_care_worse_ratio"] if alternative == BY_SELF else 1.0)
    if draw(tables, rows, r, purposes.WITHOUT) >= worsens * value:
        return end(OUT_SELF_CARE if outcome != OUT_UNMET else outcome)
    first_time = (rows[r]["flags"] & CAME_BACK) == 0
    if first_time and draw(tables, rows, r, purposes.RETURN) < return_chance(p, which):
        rows[r]["flags"] |= CAME_BACK
        rows[r]["value"] = value + p["return_sicker"] * (1.0 - value)
        rows[r]["stage"] = STAY_BEFORE_ED
        u = draw(tables, rows, r, purposes.RETURN_DAYS)
        days = lognormal_quantile(u, p["return_days"], p["return_days_scv"])
        return stay(whole_seconds(days * SECONDS_PER_DAY), outcome)
    return unmet(tables, rows, r)


@jit_borrowing
def first_contact(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the first step of a need whose place is the resident's own choice, or a care home's that has a plan."""
    if offered(tables, rows, r, GP) and acts_on_plan(tables, rows, r):
        return to_service(tables, rows, r, GP, 1, OUT_NONE)
    choice = choose(tables, rows, r, now)
    urgent = is_urgent(rows[r]["need_type"])
    if choice == BY_ED:
        return to_ed(tables, rows, r, now, OUT_NONE)
    if choice == BY_999:
        return to_ambulance(tables, rows, r, now, OUT_NONE)
    if choice == BY_111:
        return to_111(tables, rows, r, OUT_NONE)
    if choice == BY_URGENT_TREATMENT:
        return to_urgent_treatment(tables, rows, r, now, OUT_NONE)
    if choice == BY_GP:
        return to_service(tables, rows, r, GP, urgent, OUT_NONE)
    if choice == BY_PHARMACY:
        return to_service(tables, rows, r, PHARMACY, urgent, OUT_NONE)
    if choice == BY_VCFSE:
        return to_service(tables, rows, r, VCFSE, urgent, OUT_NONE)
    if choice == BY_CORE:
        return to_service(tables, rows, r, INT_CORE, 1, OUT_NONE)
    return go_without(tables, rows, r, choice, OUT_NONE)
