"""Urgent care before the hospital's door: 111, ambulances, the two-hour crisis team, the urgent treatment centre."""

from __future__ import annotations

import math

from sim.codes import (
    AMBULANCE,
    CALL_111,
    COMMUNITY,
    END_OF_LIFE,
    EXACERBATION,
    FRAILTY_CRISIS,
    GP,
    MINOR_ACUTE,
    NO_CARE_HOME,
    NURSING,
    OUT_ABSORBED,
    OUT_ESCALATED,
    OUT_REFERRED,
    OUT_RESOLVED,
    OUT_SELF_CARE,
    OUT_UNMET,
    PHARMACY,
    SERVED,
    SHARED_RECORDS,
    UNAVOIDABLE,
    URGENT_RESPONSE,
    URGENT_RESPONSE_LEVER,
    URGENT_TREATMENT,
)
from sim.fields import one_of
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.contacts import (
    consents,
    draw,
    drawn,
    drawn_length,
    episode_key,
    patience,
    service_of,
    to_service,
    unmet,
)
from sim.rules.dose import dose, effect_of, month_number, reach_of, standing_dose
from sim.rules.emergency import LOWEST_ACUITY, acuity_shift, to_ed
from sim.rules.maths import exp, log, whole_seconds
from sim.rules.noise import gumbel_most, gumbel_of
from sim.rules.stages import (
    AT_111,
    AT_AMBULANCE,
    AT_URGENT_RESPONSE,
    AT_URGENT_TREATMENT,
    CONVEYED,
    HEARD,
    HOURS_PER_DAY,
    REBOUNDED,
    RESPONDED,
    SECONDS_PER_DAY,
    SECONDS_PER_MINUTE,
    STAY_BEFORE_REBOUND,
    UNASKED,
    end,
    seek,
    stay,
)
from sim.rules.tables import age_years

SELF_CARE, TO_PHARMACY, TO_GP, TO_CENTRE, TO_DEPARTMENT, TO_CREW = range(6)  # where 111 sends people
DISPOSITIONS = TO_CREW + 1

CALL_111_SHARE = one_of(
    "call_111_self_care",
    "call_111_pharmacy",
    "call_111_gp",
    "call_111_urgent_treatment",
    "call_111_ed",
    "call_111_ambulance",
)
CALL_111_TILT = one_of(
    "call_111_tilt_self_care",
    "call_111_tilt_pharmacy",
    "call_111_tilt_gp",
    "call_111_tilt_urgent_treatment",
    "call_111_tilt_ed",
    "call_111_tilt_ambulance",
)
AMBULANCE_PATIENCE_HOURS = one_of(
    "ambulance_patience_0_hours",
    "ambulance_patience_1_hours",
    "ambulance_patience_2_hours",
    "ambulance_patience_3_hours",
)


# NHS 111.


@jit_small
def to_111(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to a call to 111 (unmet where there is none)."""
    p = tables.params[0]
    service = service_of(tables, rows, r, CALL_111)
    if service < 0:
        return unmet(tables, rows, r)
    minutes = drawn_length(tables, rows, r, purposes.CALL_MINUTES, p["call_111_minutes"], p["call_111_minutes_scv"])
    wait = patience(tables, rows, r, purposes.CALL_PATIENCE, p["call_111_patience_hours"] / HOURS_PER_DAY)
    rows[r]["stage"] = AT_111
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(p["call_111_priority"]), wait, 0, outcome)


@jit_small
def disposition_utility(tables, rows, r, which):  # type: ignore[no-untyped-def]
    """Return the log weight of one disposition: its published share, tilted by how urgent the need sounds."""
    p = tables.params[0]
    if which == TO_PHARMACY and service_of(tables, rows, r, PHARMACY) < 0:
        return -math.inf
    if which == TO_GP and service_of(tables, rows, r, GP) < 0:
        return -math.inf
    if which == TO_CENTRE and service_of(tables, rows, r, URGENT_TREATMENT) < 0:
        return -math.inf
    share = CALL_111_SHARE(p, which)
    tilt = CALL_111_TILT(p, which)
    if share <= 0.0:
        return -math.inf
    return log(share) + tilt * (rows[r]["value"] + acuity_shift(p, rows[r]["need_type"]) - p["call_111_middle"])


@jit_small
def disposition(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return where 111 sends the caller: the largest log weight plus keyed Gumbel noise."""
    best = SELF_CARE
    most = -math.inf
    key = episode_key(tables, rows, r)
    ordinal = rows[r]["ordinal"]
    for which in range(DISPOSITIONS):
        value = disposition_utility(tables, rows, r, which)
        if value == -math.inf:
            continue
        u = drawn(key, purposes.CALL_DISPOSITION + which, ordinal)
        if value + gumbel_most(u) <= most:
            continue
        noise = gumbel_of(u)
        if value + noise > most:
            most = value + noise
            best = which
    return best


@jit_small
def after_111(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after a call: where it sends the caller; the sicker of those who hang up go to ED."""
    p = tables.params[0]
    if in_acute == 1:
        return end(OUT_ABSORBED)
    if event != SERVED:
        tables.people[rows[r]["person"]]["m_bad"] += 1
        if draw(tables, rows, r, purposes.CALL_ABANDONED) < p["call_111_abandoned_ed"] * rows[r]["value"]:
            return to_ed(tables, rows, r, now, OUT_UNMET)
        return unmet(tables, rows, r)
    where = disposition(tables, rows, r)
    if where == TO_PHARMACY:
        return to_service(tables, rows, r, PHARMACY, 1, OUT_REFERRED)
    if where == TO_GP:
        return to_service(tables, rows, r, GP, 1, OUT_REFERRED)
    if where == TO_CENTRE:
        return to_urgent_treatment(tables, rows, r, now, OUT_REFERRED)
    if where == TO_DEPARTMENT:
        return to_ed(tables, rows, r, now, OUT_ESCALATED)
    if where == TO_CREW:
        return to_ambulance(tables, rows, r, now, OUT_ESCALATED)
    return end(OUT_SELF_CARE)


# The urgent treatment centre.


@jit_small
def to_urgent_treatment(tables, rows, r, now, outcome):  # type: ignore[no-untyped-def]
    """Return the step to the urgent treatment centre (ED where there is none)."""
    p = tables.params[0]
    service = service_of(tables, rows, r, URGENT_TREATMENT)
    if service < 0:
        return to_ed(tables, rows, r, now, outcome)
    minutes = drawn_length(tables, rows, r, purposes.UTC_MINUTES, p["utc_minutes"], p["utc_minutes_scv"])
    wait = patience(tables, rows, r, purposes.UTC_PATIENCE, p["utc_patience_hours"] / HOURS_PER_DAY)
    rows[r]["stage"] = AT_URGENT_TREATMENT
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(p["utc_priority"]), wait, 0, outcome)


@jit_small
def after_urgent_treatment(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after the urgent treatment centre: the sick go on to ED; others are done, or left unseen."""
    p = tables.params[0]
    if in_acute == 1:
        return end(OUT_ABSORBED)
    if event != SERVED:
        if rows[r]["need_type"] == UNAVOIDABLE:
            return to_ed(tables, rows, r, now, OUT_UNMET)
        tables.people[rows[r]["person"]]["m_bad"] += 1
        return unmet(tables, rows, r)
    if draw(tables, rows, r, purposes.UTC_ESCALATE) < p["utc_escalate"] * rows[r]["value"]:
        return to_ed(tables, rows, r, now, OUT_ESCALATED)
    return end(OUT_RESOLVED)


# Ambulances.


@jit_small
def category_of(p, need_type, value):  # type: ignore[no-untyped-def]
    """Return the ambulance category less 1 (0: life-threatening, to 3) from severity and need type."""
    score = value + acuity_shift(p, need_type)
    if score > p["ambulance_above_0"]:
        return 0
    if score > p["ambulance_above_1"]:
        return 1
    if score > p["ambulance_above_2"]:
        return 2
    return LOWEST_ACUITY


@jit_small
def wishes_dose(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the effect of known wishes on conveyance: a plan that exists, is shared, opened and acted on (else 0)."""
    kind = rows[r]["need_type"]
    if kind != END_OF_LIFE and kind != FRAILTY_CRISIS:
        return 0.0
    i = rows[r]["person"]
    person = tables.people[i]
    if person["plan"] != 1 or not consents(tables, i):
        return 0.0
    team = tables.teams[person["team"]]
    u = drawn(episode_key(tables, rows, r), purposes.WISHES, 0)  # as conveyance itself: one draw for the episode
    if u >= team["record_opened"] * team["record_acted"]:
        return 0.0
    return standing_dose(tables, i, SHARED_RECORDS)


@jit_small
def conveyance_chance(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the probability of being taken to hospital when a crew comes: need, severity, frailty, home, wishes.

    The need UNAVOIDABLE is always conveyed: the placebo is left alone.
    """
    p = tables.params[0]
    kind = rows[r]["need_type"]
    if kind == UNAVOIDABLE:
        return 1.0
    person = tables.people[rows[r]["person"]]
    score = p["convey_other"]
    if kind == MINOR_ACUTE:
        score = p["convey_minor_acute"]
    elif kind == EXACERBATION:
        score = p["convey_exacerbation"]
    elif kind == FRAILTY_CRISIS:
        score = p["convey_frailty_crisis"]
    elif kind == END_OF_LIFE:
        score = p["convey_end_of_life"]
    score = score + p["convey_severity"] * (rows[r]["value"] - 0.5) + p["convey_per_frailty"] * person["frailty"]
    if person["care_home"] == NURSING:
        score = score + p["convey_nursing_home"]
    elif person["care_home"] != NO_CARE_HOME:
        score = score + p["convey_care_home"]
    return dose(wishes_dose(tables, rows, r), p["wishes_conveyance_rr"]) / (1.0 + exp(-score))


@jit_small
def is_conveyed(tables, rows, r, ratio):  # type: ignore[no-untyped-def]
    """Return whether the person is taken to hospital: one draw for the episode, with and without a crisis team."""
    u = drawn(episode_key(tables, rows, r), purposes.CONVEY, 0)
    return u < ratio * conveyance_chance(tables, rows, r)


@jit_small
def to_ambulance(tables, rows, r, now, outcome):  # type: ignore[no-untyped-def]
    """Return the step of someone who calls 999: to the crisis team if it is offered, else to an ambulance."""
    if response_offered(tables, rows, r, now):
        return to_response(tables, rows, r, outcome)
    return call_crew(tables, rows, r, now, is_conveyed(tables, rows, r, 1.0), outcome)


@jit_borrowing
def call_crew(tables, rows, r, now, conveyed, outcome):  # type: ignore[no-untyped-def]
    """Return the step to an ambulance (or to advice by telephone), by category; what follows is decided already.

    Where there is no ambulance service people make their own way.
    """
    p = tables.params[0]
    category = category_of(p, rows[r]["need_type"], rows[r]["value"])
    rows[r]["acuity"] = category
    rows[r]["flags"] &= ~(CONVEYED | HEARD)
    service = service_of(tables, rows, r, AMBULANCE)
    if conveyed:
        if service < 0:
            return to_ed(tables, rows, r, now, outcome)
        rows[r]["flags"] |= CONVEYED
        mean = p["ambulance_minutes_convey"]
    elif category > 1 and draw(tables, rows, r, purposes.HEAR) < p["ambulance_hear"]:
        rows[r]["flags"] |= HEARD
        mean = p["ambulance_minutes_hear"]
    else:
        mean = p["ambulance_minutes_treat"]
    if service < 0:
        return left_at_home(tables, rows, r, outcome)
    minutes = drawn_length(tables, rows, r, purposes.AMBULANCE_MINUTES, mean, p["ambulance_minutes_scv"])
    hours = AMBULANCE_PATIENCE_HOURS(p, category)
    wait = patience(tables, rows, r, purposes.AMBULANCE_PATIENCE, hours / HOURS_PER_DAY)
    rows[r]["stage"] = AT_AMBULANCE
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), category, wait, 0, outcome)


@jit_small
def after_ambulance(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after an ambulance: ED, or left at home; those whom no crew reached in time go by themselves.

    The outcome says what the crew did: escalated (conveyed), resolved (treated there), self_care (by telephone).
    """
    if in_acute == 1:
        return end(OUT_ABSORBED)
    p = tables.params[0]
    if event != SERVED:
        if rows[r]["need_type"] == UNAVOIDABLE:
            return to_ed(tables, rows, r, now, OUT_UNMET)
        tables.people[rows[r]["person"]]["m_bad"] += 1
        wanted = (rows[r]["flags"] & CONVEYED) != 0
        if wanted and draw(tables, rows, r, purposes.CRISIS_MODE) < p["ambulance_gave_up_ed"]:
            return to_ed(tables, rows, r, now, OUT_UNMET)
        return unmet(tables, rows, r)
    if (rows[r]["flags"] & CONVEYED) != 0:
        return to_ed(tables, rows, r, now, OUT_ESCALATED)
    return left_at_home(tables, rows, r, OUT_SELF_CARE if (rows[r]["flags"] & HEARD) != 0 else OUT_RESOLVED)


@jit_small
def left_at_home(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step of someone treated or advised at home: some come back to hospital sicker, some see their GP."""
    p = tables.params[0]
    if rebounds(tables, rows, r):
        return rebound(tables, rows, r, outcome)
    if service_of(tables, rows, r, GP) >= 0 and draw(tables, rows, r, purposes.AFTER_TREATED) < p["treated_to_gp"]:
        settle(tables, rows, r)
        return to_service(tables, rows, r, GP, 1, outcome)
    return end(outcome)


@jit_small
def settle(tables, rows, r):  # type: ignore[no-untyped-def]
    """Make a need that was treated outside hospital, and is seen again there, milder; the placebo stays as it is."""
    if rows[r]["need_type"] != UNAVOIDABLE:
        rows[r]["value"] = rows[r]["value"] * tables.params[0]["settled_ratio"]
    return 0


@jit_small
def rebounds(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return whether someone treated at home comes to hospital within days: once in an episode, the sicker likelier."""
    if (rows[r]["flags"] & REBOUNDED) != 0:
        return False
    p = tables.params[0]
    return draw(tables, rows, r, purposes.REBOUND) < p["treated_rebound"] * 2.0 * rows[r]["value"]


@jit_small
def rebound(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step of someone who will come back to hospital: days at home, growing sicker."""
    p = tables.params[0]
    rows[r]["flags"] |= REBOUNDED
    rows[r]["value"] = rows[r]["value"] + p["rebound_sicker"] * (1.0 - rows[r]["value"])
    rows[r]["stage"] = STAY_BEFORE_REBOUND
    days = drawn_length(tables, rows, r, purposes.REBOUND_DAYS, p["rebound_days"], p["rebound_days_scv"])
    return stay(whole_seconds(days * SECONDS_PER_DAY), outcome)


# The two-hour crisis team.


@jit_small
def can_respond(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return whether a need is one for the crisis team: by kind and severity, once in an episode.

    Of older people it sees what is minor, too (Mason and colleagues 2007, BMJ 335: 919).
    """
    p = tables.params[0]
    kind = rows[r]["need_type"]
    if kind == MINOR_ACUTE:
        if age_years(tables.people[rows[r]["person"]]["birth_day"], now) < p["response_minor_age_from"]:
            return False
    elif kind != FRAILTY_CRISIS and kind != EXACERBATION and kind != END_OF_LIFE:
        return False
    if (rows[r]["flags"] & RESPONDED) != 0 or service_of(tables, rows, r, URGENT_RESPONSE) < 0:
        return False
    return rows[r]["value"] < p["response_severity_most"]


@jit_small
def response_reaches(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return whether the crisis team is on offer for this need, and record who is: one draw for the episode."""
    i = rows[r]["person"]
    u = drawn(episode_key(tables, rows, r), purposes.RESPONSE_OFFER, 0)
    if u >= reach_of(tables, i, URGENT_RESPONSE_LEVER):
        return False
    tables.reach[i]["urgent_response"] = month_number(now)
    return True


@jit_small
def response_offered(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return whether someone who calls 999 is sent the crisis team first (never where it has no effect)."""
    if not can_respond(tables, rows, r, now) or not response_reaches(tables, rows, r, now):
        return False
    return effect_of(tables, rows[r]["person"], URGENT_RESPONSE_LEVER) != 0.0


@jit_small
def response_induced(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return whether a mild crisis that GP or community team would have met goes to the crisis team: new demand."""
    if not response_offered(tables, rows, r, now):
        return False
    effect = effect_of(tables, rows[r]["person"], URGENT_RESPONSE_LEVER)
    return draw(tables, rows, r, purposes.RESPONSE_INDUCED) < effect * tables.params[0]["response_induced"]


@jit_borrowing
def to_response(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to the crisis team: if nobody comes in about two hours an ambulance is called."""
    p = tables.params[0]
    service = service_of(tables, rows, r, URGENT_RESPONSE)
    rows[r]["flags"] |= RESPONDED
    rows[r]["stage"] = AT_URGENT_RESPONSE
    minutes = drawn_length(tables, rows, r, purposes.RESPONSE_MINUTES, p["response_minutes"], p["response_scv"])
    hours = drawn_length(
        tables, rows, r, purposes.RESPONSE_PATIENCE, p["response_patience_hours"], p["response_patience_scv"]
    )
    wait = whole_seconds(hours * SECONDS_PER_DAY / HOURS_PER_DAY)
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(p["response_priority"]), wait, 0, outcome)


@jit_small
def after_response(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after the crisis team: conveyed all the same, or treated at home and followed up.

    Of people for whom nobody had called 999 it sends fewer in; if it does not come, the GP sees them.
    """
    if in_acute == 1:
        return end(OUT_ABSORBED)
    p = tables.params[0]
    unasked = (rows[r]["flags"] & UNASKED) != 0
    if event != SERVED:
        if unasked and service_of(tables, rows, r, GP) >= 0:
            return to_service(tables, rows, r, GP, 1, OUT_UNMET)
        return call_crew(tables, rows, r, now, is_conveyed(tables, rows, r, 1.0), OUT_UNMET)
    ratio = dose(effect_of(tables, rows[r]["person"], URGENT_RESPONSE_LEVER), p["response_conveyance_rr"])
    if unasked:
        ratio = ratio * p["response_unasked_ratio"]
    if is_conveyed(tables, rows, r, ratio):
        return call_crew(tables, rows, r, now, True, OUT_ESCALATED)
    if rebounds(tables, rows, r):
        return rebound(tables, rows, r, OUT_RESOLVED)
    follow = draw(tables, rows, r, purposes.RESPONSE_FOLLOW_UP) < p["response_follow_up"]
    if follow and service_of(tables, rows, r, COMMUNITY) >= 0:
        settle(tables, rows, r)
        return to_service(tables, rows, r, COMMUNITY, 1, OUT_RESOLVED)
    return end(OUT_RESOLVED)
