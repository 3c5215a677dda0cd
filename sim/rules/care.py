"""What happens after a contact outside hospital: general practice, community, INT core, social care, outreach."""

from __future__ import annotations

from sim.codes import (
    CARE_COORDINATION,
    EXACERBATION,
    FRAILTY_CRISIS,
    HOME_PACKAGE,
    INT_CORE,
    MINOR_ACUTE,
    OUT_ESCALATED,
    OUT_FOUND,
    OUT_LOST,
    OUT_NONE,
    OUT_NOT_HOME,
    OUT_REFERRED,
    OUT_RESOLVED,
    OUT_UNMET,
    OUTREACH_LEVER,
    OUTREACH_VISIT,
    PLANNED_REVIEW,
    SOCIAL_NEED,
    TEAM_REVIEW,
)
from sim.jit import jit_borrowing
from sim.rules import purposes
from sim.rules.acute import to_ed
from sim.rules.contacts import (
    TO_COMMUNITY,
    TO_HOME,
    TO_INT_CORE,
    TO_SOCIAL,
    draw,
    drawn_length,
    handover_lost,
    patience,
    service_of,
    to_community,
    to_core,
    to_gp,
    to_outreach,
    to_social_care,
    unmet,
)
from sim.rules.dose import dose, effect_of, odds_scaled
from sim.rules.maths import exp, whole_seconds
from sim.rules.needs import drawn_bit, trust_of
from sim.rules.stages import (
    AT_CORE,
    AT_OUTREACH,
    AT_PACKAGE,
    DAYS_PER_WEEK,
    FOLLOWED_UP,
    HANDED_OVER,
    SECONDS_PER_DAY,
    STAY_BEFORE_COMMUNITY,
    STAY_BEFORE_FOLLOW_UP,
    end,
    seek,
    stay,
)


@jit_borrowing
def first_contact(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step of a planned review, a social need or a need made by a lever."""
    kind = rows[r]["need_type"]
    p = tables.params[0]
    if kind == SOCIAL_NEED:
        return to_social_care(tables, rows, r, OUT_NONE)
    if kind == TEAM_REVIEW:
        return to_core(tables, rows, r, OUT_NONE)
    if kind == OUTREACH_VISIT:
        return to_outreach(tables, rows, r, OUT_NONE)
    shares = (0.0, 0.0, p["review_at_home_moderate"], p["review_at_home_severe"])
    share = shares[int(tables.people[rows[r]["person"]]["frailty"])]
    if draw(tables, rows, r, purposes.REVIEW_PLACE) < share:
        return to_community(tables, rows, r, OUT_NONE)
    return to_gp(tables, rows, r, OUT_NONE)


@jit_borrowing
def after_gp(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step after a GP contact: escalate, hand over, follow up, or resolved."""
    p = tables.params[0]
    i = rows[r]["person"]
    kind = rows[r]["need_type"]
    person = tables.people[i]
    tables.people[i]["m_gp"] += 1
    tables.people[i]["gp_contacts"] += 1
    if draw(tables, rows, r, purposes.GP_SAME) < person["tie"]:
        tables.people[i]["gp_same"] += 1
    reviewing = kind in (PLANNED_REVIEW, OUTREACH_VISIT)
    if reviewing:
        tables.people[i]["m_reviews"] += 1
    escalates = (p["gp_escalate_minor"], p["gp_escalate_exacerbation"], p["gp_escalate_crisis"])
    chance = escalates[int(kind)] if kind <= FRAILTY_CRISIS else p["gp_escalate_review"]
    if draw(tables, rows, r, purposes.GP_ESCALATE) < chance * rows[r]["value"]:
        return to_ed(tables, rows, r, now, OUT_ESCALATED)
    if person["frailty"] > 0 or kind == EXACERBATION:
        to_team = p["gp_to_community_frail"] if person["frailty"] > 0 else p["gp_to_community_exacerbation"]
        if draw(tables, rows, r, purposes.GP_REFER) < to_team:
            if handover_lost(tables, rows, r, TO_COMMUNITY):
                return end(OUT_LOST)
            return to_community(tables, rows, r, OUT_REFERRED)
        if person["frailty"] > 0 and draw(tables, rows, r, purposes.GP_REFER + 1) < p["gp_to_social"]:
            if handover_lost(tables, rows, r, TO_SOCIAL):
                return end(OUT_LOST)
            return to_social_care(tables, rows, r, OUT_REFERRED)
    on_caseload = person["enrolled"] == 1 and kind == EXACERBATION and service_of(tables, rows, r, INT_CORE) >= 0
    if on_caseload and draw(tables, rows, r, purposes.GP_REFER + 2) < p["gp_to_core_enrolled"]:
        if handover_lost(tables, rows, r, TO_INT_CORE):
            return end(OUT_LOST)
        return to_core(tables, rows, r, OUT_REFERRED)
    follow = p["gp_follow_up_review"] if reviewing else p["gp_follow_up_acute"]
    if (rows[r]["flags"] & FOLLOWED_UP) == 0 and draw(tables, rows, r, purposes.GP_FOLLOW) < follow:
        rows[r]["flags"] |= FOLLOWED_UP
        rows[r]["stage"] = STAY_BEFORE_FOLLOW_UP
        days = drawn_length(tables, rows, r, purposes.GP_FOLLOW_DAYS, p["gp_follow_up_days"], p["gp_follow_up_scv"])
        return stay(whole_seconds(days * SECONDS_PER_DAY), OUT_RESOLVED)
    return end(OUT_RESOLVED)


@jit_borrowing
def after_community(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the step after a community contact: another visit after some days, or resolved."""
    p = tables.params[0]
    i = rows[r]["person"]
    if rows[r]["need_type"] == PLANNED_REVIEW and (rows[r]["flags"] & HANDED_OVER) == 0 and rows[r]["ordinal"] <= 1:
        tables.people[i]["m_reviews"] += 1
    more = draw(tables, rows, r, purposes.COMMUNITY_MORE) < p["community_more"]
    if more and rows[r]["ordinal"] < p["contacts_most"]:
        rows[r]["stage"] = STAY_BEFORE_COMMUNITY
        return stay(whole_seconds(p["community_gap_days"] * SECONDS_PER_DAY), OUT_RESOLVED)
    return end(OUT_RESOLVED)


@jit_borrowing
def find_hidden(tables, rows, r, purpose, share):  # type: ignore[no-untyped-def]
    """Make one hidden condition known with probability ``share``; say whether one was found."""
    i = rows[r]["person"]
    hidden = int(tables.people[i]["conditions"]) & ~int(tables.people[i]["known"])
    if hidden == 0 or draw(tables, rows, r, purpose) >= share:
        return False
    bit = drawn_bit(hidden, draw(tables, rows, r, purposes.FOUND_CONDITION))
    tables.people[i]["known"] = int(tables.people[i]["known"]) | (1 << bit)
    return True


@jit_borrowing
def after_core(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step after the INT core: a review makes a plan and surveys need; an acute need ends or escalates."""
    p = tables.params[0]
    i = rows[r]["person"]
    if rows[r]["need_type"] != TEAM_REVIEW:
        chance = p["core_escalate"] * rows[r]["value"]
        if draw(tables, rows, r, purposes.GP_ESCALATE) < chance:
            return to_ed(tables, rows, r, now, OUT_ESCALATED)
        return end(OUT_RESOLVED)
    effect = effect_of(tables, i, CARE_COORDINATION)
    tables.people[i]["plan"] = 1
    if draw(tables, rows, r, purposes.CORE_REVIEW) < effect:
        tables.people[i]["m_reviews"] += 1
    detection = effect * dose(effect, p["coordination_detection_rr"])
    found = find_hidden(tables, rows, r, purposes.CORE_FIND, p["core_find"] * detection)
    # Surveillance: who is looked at is also seen to need urgent care.
    excess = p["detection_base"] * detection
    if draw(tables, rows, r, purposes.CORE_DETECT) < excess * rows[r]["value"]:
        if rows[r]["value"] > p["core_severity_to_ed"]:
            return to_ed(tables, rows, r, now, OUT_ESCALATED)
        return to_gp(tables, rows, r, OUT_FOUND)
    return end(OUT_FOUND if found else OUT_RESOLVED)


@jit_borrowing
def after_social_care(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the step after an assessment: a home package for some, else resolved."""
    p = tables.params[0]
    service = service_of(tables, rows, r, HOME_PACKAGE)
    if service < 0 or draw(tables, rows, r, purposes.SOCIAL_PACKAGE) >= p["social_package_share"]:
        return end(OUT_RESOLVED)
    if handover_lost(tables, rows, r, TO_HOME):
        return end(OUT_LOST)
    weeks = drawn_length(tables, rows, r, purposes.PACKAGE_WEEKS, p["package_weeks"], p["package_weeks_scv"])
    wait = patience(tables, rows, r, purposes.DISCHARGE_PATIENCE, p["social_patience_weeks"] * DAYS_PER_WEEK)
    rows[r]["stage"] = AT_PACKAGE
    length = whole_seconds(weeks * DAYS_PER_WEEK * SECONDS_PER_DAY)
    return seek(service, length, int(p["package_priority_home"]), wait, 0, OUT_REFERRED)


@jit_borrowing
def after_outreach(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the step after a visit: not home, nothing found, or a found need booked into general practice."""
    p = tables.params[0]
    i = rows[r]["person"]
    effect = effect_of(tables, i, OUTREACH_LEVER)
    door = odds_scaled(p["outreach_open_door_base"], exp(p["outreach_door_trust"] * trust_of(tables, i)))
    if draw(tables, rows, r, purposes.OUTREACH_DOOR) >= door:
        return end(OUT_NOT_HOME)
    tables.people[i]["m_visits"] += 1
    share = p["outreach_find_share"] * effect
    if not find_hidden(tables, rows, r, purposes.OUTREACH_FIND, share):
        return end(OUT_RESOLVED)
    uptake = odds_scaled(p["outreach_uptake_base"], dose(effect, p["outreach_uptake_or"]))
    if draw(tables, rows, r, purposes.OUTREACH_UPTAKE) < uptake:
        return to_gp(tables, rows, r, OUT_FOUND)
    return end(OUT_FOUND)


@jit_borrowing
def gave_up(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step of someone who stopped waiting outside hospital: to ED by severity, or unmet."""
    p = tables.params[0]
    i = rows[r]["person"]
    kind = rows[r]["need_type"]
    if kind == OUTREACH_VISIT and rows[r]["stage"] == AT_OUTREACH:
        return end(OUT_NOT_HOME)  # the month's round ended before the worker came: nothing happened to the resident
    if kind == TEAM_REVIEW and rows[r]["stage"] == AT_CORE:
        return end(OUT_UNMET)
    tables.people[i]["m_bad"] += 1
    urgent = kind in (EXACERBATION, FRAILTY_CRISIS)
    share = p["renege_to_ed_urgent"] if urgent else p["renege_to_ed_minor"]
    acute_need = urgent or kind == MINOR_ACUTE
    if acute_need and draw(tables, rows, r, purposes.RENEGE_ED) < share * rows[r]["value"]:
        rows[r]["value"] = rows[r]["value"] + p["return_sicker"] * (1.0 - rows[r]["value"])
        return to_ed(tables, rows, r, now, OUT_UNMET)
    return unmet(tables, rows, r)
