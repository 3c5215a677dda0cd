"""General practice and its nurses and pharmacists: whose patient one is, reviews, prevention."""

from __future__ import annotations

import math

from sim.codes import (
    COMMUNITY,
    CONTINUITY,
    ELECTIVE_REFERRAL,
    GP,
    NURSE,
    OUT_FOUND,
    OUT_NONE,
    OUT_NOT_HOME,
    OUTPATIENT_FOLLOW_UP,
    OUTREACH_LEVER,
    OUTREACH_VISIT,
    PARTICIPATION,
    PHARMACIST,
    PHARMACY,
    PLANNED_REVIEW,
    PRACTICAL_NEED,
    PREVENTION,
    PUBLIC_HEALTH,
    SOCIAL_NEED,
)
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.choice import WORKING_DAYS, is_open
from sim.rules.contacts import draw, offered, to_service
from sim.rules.dose import dose, effect_of, odds_scaled, standing_dose
from sim.rules.finding import find_hidden
from sim.rules.maths import exp
from sim.rules.needs import trust_of
from sim.rules.referral import onward, seen_here
from sim.rules.stages import BOOKED_BY_OUTREACH, FOLLOWED_UP, end
from sim.rules.visiting import thinks_of_link_worker

REVIEW_NEEDS = (PLANNED_REVIEW, OUTREACH_VISIT)
PLANNED = (PLANNED_REVIEW, OUTREACH_VISIT, PREVENTION, ELECTIVE_REFERRAL, SOCIAL_NEED, PRACTICAL_NEED)
REVIEWERS = (GP, NURSE, PHARMACIST, COMMUNITY, OUTPATIENT_FOLLOW_UP)


@jit_small
def first_review(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step of a planned review: at home, at the clinic, with nurse or pharmacist, or with the GP."""
    p = tables.params[0]
    at_home = (0.0, 0.0, p["review_at_home_moderate"], p["review_at_home_severe"])
    share = at_home[int(tables.people[rows[r]["person"]]["frailty"])]
    if share > 0.0 and draw(tables, rows, r, purposes.REVIEW_PLACE) < share and offered(tables, rows, r, COMMUNITY):
        return to_service(tables, rows, r, COMMUNITY, 0, OUT_NONE)
    u = draw(tables, rows, r, purposes.REVIEW_BY)
    clinic = p["review_clinic_share"]
    nurse = clinic + p["review_nurse_share"]
    pharmacist = nurse + p["review_pharmacist_share"]
    kind = GP
    if u < clinic:
        here = draw(tables, rows, r, purposes.REVIEW_HERE) >= seen_here(tables, rows[r]["person"])
        kind = NURSE if here else OUTPATIENT_FOLLOW_UP
    elif u < nurse:
        kind = NURSE
    elif u < pharmacist:
        kind = PHARMACIST
    if not offered(tables, rows, r, kind):
        kind = GP
    return to_service(tables, rows, r, kind, 0, OUT_NONE)


@jit_small
def uptake(tables, i):  # type: ignore[no-untyped-def]
    """Return the chance that person ``i`` takes up an invitation for screening, immunisation or a health check."""
    p = tables.params[0]
    person = tables.people[i]
    score = p["prevention_trust"] * trust_of(tables, i)
    if person["language"] != 0:
        ratio = dose(standing_dose(tables, i, PARTICIPATION), p["participation_language_ratio"])
        score = score - p["prevention_language"] * ratio
    odds = exp(score)
    if person["m_visits"] > 0:
        odds = odds * dose(effect_of(tables, i, OUTREACH_LEVER), p["outreach_uptake_or"])
    odds = odds * dose(standing_dose(tables, i, PARTICIPATION), p["participation_uptake_or"])
    return odds_scaled(p["prevention_uptake_base"], odds)


@jit_small
def first_prevention(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step of an invitation: declined, which harms nobody, or kept with whoever gives it.

    What an outreach worker has booked is kept: the worker goes along.
    """
    p = tables.params[0]
    i = rows[r]["person"]
    if rows[r]["stage"] != BOOKED_BY_OUTREACH:
        kept = uptake(tables, i) * tables.teams[tables.people[i]["team"]]["prevention_ratio"]
        if draw(tables, rows, r, purposes.PREVENTION_UPTAKE) >= kept:
            return end(OUT_NOT_HOME)
    u = draw(tables, rows, r, purposes.PREVENTION_BY)
    kind = NURSE
    if u < p["prevention_pharmacy_share"]:
        kind = PHARMACY
    elif u < p["prevention_pharmacy_share"] + p["prevention_public_health_share"]:
        kind = PUBLIC_HEALTH
    if not offered(tables, rows, r, kind):
        kind = NURSE if offered(tables, rows, r, NURSE) else GP
    return to_service(tables, rows, r, kind, 0, OUT_NONE)


@jit_small
def count_review(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Count a review delivered, if this contact is one: follow-ups of it are not."""
    reviewing = rows[r]["need_type"] in REVIEW_NEEDS and kind in REVIEWERS
    if reviewing and (rows[r]["flags"] & FOLLOWED_UP) == 0:
        tables.people[rows[r]["person"]]["m_reviews"] += 1


@jit_small
def by_urgency(p, rows, r):  # type: ignore[no-untyped-def]
    """Return the odds of one's own clinician by whether a contact came up or was planned, around those of the tie.

    What comes up is seen by whoever can; reviews, prevention and follow-ups are booked with the clinician.
    """
    planned = rows[r]["need_type"] in PLANNED or (rows[r]["flags"] & FOLLOWED_UP) != 0
    half = math.sqrt(p["own_clinician_urgent_or"])
    return 1.0 / half if planned else half


@jit_small
def by_hour(tables, i, started):  # type: ignore[no-untyped-def]
    """Return the odds of one's own clinician by when a contact began: outside core hours it is with whose turn it is.

    Only where practices have extended hours: without, nothing begins then (or everything is served at once).
    """
    p = tables.params[0]
    core_hours = WORKING_DAYS * (p["open_to_hour"] - p["open_from_hour"])
    if tables.teams[tables.people[i]["neighbourhood"]]["open_hours_per_week"] <= core_hours:
        return 1.0
    return 1.0 if is_open(tables, started) else p["own_clinician_late_or"]


@jit_small
def after_practice(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step after a GP contact: with one's own clinician there are fewer repeats, further apart."""
    p = tables.params[0]
    i = rows[r]["person"]
    tables.people[i]["m_gp"] += 1
    tables.people[i]["gp_contacts"] += 1
    count_review(tables, rows, r, GP)
    thinks_of_link_worker(tables, rows, r, now)
    slots = dose(standing_dose(tables, i, CONTINUITY), p["continuity_own_or"])
    odds = slots * by_urgency(p, rows, r) * by_hour(tables, i, rows[r]["started"])
    chance = odds_scaled(tables.people[i]["tie"], odds)
    own = draw(tables, rows, r, purposes.OWN_CLINICIAN) < chance
    if not own:
        return onward(tables, rows, r, now, GP, 1.0, 1.0)
    tables.people[i]["m_own"] += 1
    tables.people[i]["gp_same"] += 1
    return onward(tables, rows, r, now, GP, p["own_clinician_repeat_ratio"], p["own_clinician_interval_ratio"])


@jit_small
def after_prevention(tables, rows, r, now, kind):  # type: ignore[no-untyped-def]
    """Return the step after screening or a health check: what it finds is taken to general practice."""
    if find_hidden(tables, rows, r, purposes.PREVENTION_FIND, tables.params[0]["prevention_find_share"]):
        return to_service(tables, rows, r, GP, 0, OUT_FOUND)
    return onward(tables, rows, r, now, kind, 1.0, 1.0)


@jit_small
def after_staff(tables, rows, r, now, kind):  # type: ignore[no-untyped-def]
    """Return the step after a contact with nurse, pharmacist, pharmacy or public health."""
    count_review(tables, rows, r, kind)
    if rows[r]["need_type"] == PREVENTION:
        return after_prevention(tables, rows, r, now, kind)
    return onward(tables, rows, r, now, kind, 1.0, 1.0)
