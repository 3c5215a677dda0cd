"""Care outside hospital: where planned and offered care begins, what follows each contact, and giving up the wait."""

from __future__ import annotations

from sim.codes import (
    CARE_HOME_ROUND,
    CHILD_DEVELOPMENT,
    CHILDHOOD_ACUTE,
    CHILDREN_SOCIAL_CARE,
    CLINIC_KINDS,
    COMMUNITY,
    EXACERBATION,
    FALLS_CLASS,
    FRAILTY_CRISIS,
    GP,
    HEALTH_VISITING,
    INT_CORE,
    LINK_VISIT,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    NURSE,
    OFFERED_KINDS,
    OUT_NONE,
    OUT_NOT_HOME,
    OUT_UNMET,
    OUTREACH,
    OUTREACH_VISIT,
    PHARMACIST,
    PHARMACY,
    PLANNED_REVIEW,
    PRACTICAL_NEED,
    PREVENTION,
    PUBLIC_HEALTH,
    SOCIAL_CARE,
    SOCIAL_NEED,
    TEAM_REVIEW,
)
from sim.jit import jit_borrowing, jit_small
from sim.rules import clinic, practical, practice, purposes, team
from sim.rules.acute import to_ed
from sim.rules.contacts import draw, offered, to_service, unmet
from sim.rules.referral import onward
from sim.rules.stages import FOLLOWED_UP, HANDED_OVER, end

STAFF = (NURSE, PHARMACIST, PHARMACY, PUBLIC_HEALTH, COMMUNITY)
SELDOM_WAITS = (EXACERBATION, FRAILTY_CRISIS, MENTAL_HEALTH_CRISIS)
MINOR = (MINOR_ACUTE, CHILDHOOD_ACUTE)


@jit_small
def first_for_child(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step of a child's developmental need: health visitor, children's social care or GP."""
    p = tables.params[0]
    u = draw(tables, rows, r, purposes.CHILD_BY)
    kind = HEALTH_VISITING
    if u < p["child_social_care_share"]:
        kind = CHILDREN_SOCIAL_CARE
    elif u >= 1.0 - p["child_gp_share"]:
        kind = GP
    if not offered(tables, rows, r, kind):
        kind = GP
    return to_service(tables, rows, r, kind, 0, OUT_NONE)


@jit_borrowing
def first_contact(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step of planned care, a practical or social need, or a need made by a lever."""
    kind = rows[r]["need_type"]
    if kind == PLANNED_REVIEW:
        return practice.first_review(tables, rows, r)
    if kind == PREVENTION:
        return practice.first_prevention(tables, rows, r)
    if kind in (PRACTICAL_NEED, LINK_VISIT):
        return practical.first_contact(tables, rows, r)
    if kind == CHILD_DEVELOPMENT:
        return first_for_child(tables, rows, r)
    if kind == CARE_HOME_ROUND:
        return team.first_round(tables, rows, r)
    service = GP
    if kind == SOCIAL_NEED:
        service = SOCIAL_CARE
    elif kind == TEAM_REVIEW:
        service = INT_CORE
    elif kind == OUTREACH_VISIT:
        service = OUTREACH
    elif kind == FALLS_CLASS:
        service = PUBLIC_HEALTH
    return to_service(tables, rows, r, service, 0, OUT_NONE)


@jit_borrowing
def after(tables, rows, r, now, kind):  # type: ignore[no-untyped-def]
    """Return the step after a finished contact with a service of ``kind`` outside hospital."""
    need_type = rows[r]["need_type"]
    if need_type == CARE_HOME_ROUND and kind in (GP, COMMUNITY) and (rows[r]["flags"] & FOLLOWED_UP) == 0:
        team.round_done(tables, rows, r)
    if need_type == FALLS_CLASS:
        return team.after_class(tables, rows, r)
    if need_type in practical.PRACTICAL_NEEDS and kind in practical.PRACTICAL_SERVICES:
        return practical.after_contact(tables, rows, r, now, kind)
    if kind == GP:
        return practice.after_practice(tables, rows, r, now)
    if kind in STAFF:
        return practice.after_staff(tables, rows, r, now, kind)
    if kind in CLINIC_KINDS:
        practice.count_review(tables, rows, r, kind)
        return clinic.after_clinic(tables, rows, r, now, kind)
    if kind == INT_CORE:
        return team.after_core(tables, rows, r, now)
    if kind == OUTREACH:
        return team.after_outreach(tables, rows, r)
    if kind == SOCIAL_CARE:
        return team.after_social_care(tables, rows, r, now)
    return onward(tables, rows, r, now, kind, 1.0, 1.0)


@jit_small
def gave_up(tables, rows, r, now, service):  # type: ignore[no-untyped-def]
    """Return the step of someone who stopped waiting for ``service`` (a kind): to ED by severity, or unmet.

    Care that a lever offered, or an invitation, comes to nothing without harm: nobody had sought it.
    """
    p = tables.params[0]
    i = rows[r]["person"]
    kind = rows[r]["need_type"]
    first = (rows[r]["flags"] & HANDED_OVER) == 0
    if kind == OUTREACH_VISIT and service == OUTREACH:
        return end(OUT_NOT_HOME)  # the month's round ended before the worker came: nothing happened to the resident
    if kind == PREVENTION and first:
        return end(OUT_NOT_HOME)
    if kind in OFFERED_KINDS and kind != OUTREACH_VISIT and first:
        return end(OUT_UNMET)
    tables.people[i]["m_bad"] += 1
    urgent = kind in SELDOM_WAITS
    share = p["renege_to_ed_urgent"] if urgent else p["renege_to_ed_minor"]
    acute_need = urgent or kind in MINOR
    if acute_need and draw(tables, rows, r, purposes.RENEGE_ED) < share * rows[r]["value"]:
        rows[r]["value"] = rows[r]["value"] + p["return_sicker"] * (1.0 - rows[r]["value"])
        return to_ed(tables, rows, r, now, OUT_UNMET)
    return unmet(tables, rows, r)
