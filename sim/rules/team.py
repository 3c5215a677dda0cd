"""The neighbourhood team and what levers bring: INT core, outreach, care-home rounds, falls classes, social care."""

from __future__ import annotations

from sim.codes import (
    CARE_COORDINATION,
    CARE_HOME_SUPPORT,
    COMMUNITY,
    FALLS_PREVENTION,
    FRAILTY_CRISIS,
    GP,
    HOME_PACKAGE,
    INT_CORE,
    OUT_FOUND,
    OUT_LOST,
    OUT_NONE,
    OUT_NOT_HOME,
    OUT_REFERRED,
    OUT_RESOLVED,
    OUTREACH_LEVER,
    SOCIAL_CARE,
    SOCIAL_NEED,
    TEAM_REVIEW,
)
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.arrays import PATIENCE_DAYS
from sim.rules.contacts import (
    draw,
    drawn_length,
    handover_lost,
    offered,
    patience,
    service_of,
    to_gp,
    to_service,
)
from sim.rules.dose import dose, effect_of, odds_scaled
from sim.rules.finding import find_hidden
from sim.rules.maths import whole_seconds
from sim.rules.referral import onward, to_hospital
from sim.rules.stages import AT_PACKAGE, DAYS_PER_WEEK, SECONDS_PER_DAY, end, seek
from sim.rules.uptake import door_chance

PACKAGE_NEEDS = (SOCIAL_NEED, FRAILTY_CRISIS)  # an assessment for these may end in care at home


@jit_small
def ease_spell(tables, rows, r):  # type: ignore[no-untyped-def]
    """Shorten the bad spell of somebody in whom it was seen and acted on, to a whole month by a draw."""
    i = rows[r]["person"]
    left = tables.people[i]["spike_months"] * tables.params[0]["detected_spell_kept"]
    whole = int(left)
    if draw(tables, rows, r, purposes.CORE_EASE) < left - whole:
        whole += 1
    tables.people[i]["spike_months"] = whole
    return whole


@jit_small
def after_review(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step after a team review: a plan is made, hidden need surfaces, and worsening is seen and acted on.

    At part of the effect as many fewer reviews count and lead to anything. The first review, which makes the plan, sees
    what had built up unseen; later ones see what came since, and send fewer people on. Most is seen in people in a bad
    spell, which may then end sooner.
    """
    p = tables.params[0]
    i = rows[r]["person"]
    effect = effect_of(tables, i, CARE_COORDINATION)
    seen = p["detection_base"] if tables.people[i]["plan"] == 0 else p["detection_base"] * p["detection_again_ratio"]
    acted = draw(tables, rows, r, purposes.CORE_REVIEW) < effect
    if acted:
        tables.people[i]["m_reviews"] += 1
        tables.people[i]["m_team_reviews"] += 1
        tables.people[i]["plan"] = 1
    unwell = tables.people[i]["spike_months"] > 0
    if not unwell:
        seen = seen * p["detection_well_ratio"]
    detection = effect * dose(effect, p["coordination_detection_rr"])
    found = find_hidden(tables, rows, r, purposes.CORE_FIND, p["core_find"] * detection)
    # Surveillance: who is looked at is also seen to need urgent care.
    if draw(tables, rows, r, purposes.CORE_DETECT) < seen * detection * rows[r]["value"]:
        if unwell:
            ease_spell(tables, rows, r)
        if rows[r]["value"] > p["core_severity_to_ed"]:
            return to_hospital(tables, rows, r, now, OUT_FOUND)
        return to_gp(tables, rows, r, OUT_FOUND)
    if found:
        return to_service(tables, rows, r, GP, 0, OUT_FOUND)
    if not acted:
        return end(OUT_RESOLVED)
    return onward(tables, rows, r, now, INT_CORE, 1.0, 1.0)


@jit_small
def after_core(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step after the INT core: a review, or a need that people on the caseload brought to it."""
    if rows[r]["need_type"] == TEAM_REVIEW:
        return after_review(tables, rows, r, now)
    return onward(tables, rows, r, now, INT_CORE, 1.0, 1.0)


@jit_small
def after_outreach(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the step after a visit: not home, nothing found, or a found need booked into general practice."""
    p = tables.params[0]
    i = rows[r]["person"]
    effect = effect_of(tables, i, OUTREACH_LEVER)
    if draw(tables, rows, r, purposes.OUTREACH_DOOR) >= door_chance(tables, i):
        return end(OUT_NOT_HOME)
    tables.people[i]["m_visits"] += 1
    share = p["outreach_find_share"] * effect
    if not find_hidden(tables, rows, r, purposes.OUTREACH_FIND, share):
        return end(OUT_RESOLVED)
    uptake = odds_scaled(p["outreach_uptake_base"], dose(effect, p["outreach_uptake_or"]))
    if draw(tables, rows, r, purposes.OUTREACH_UPTAKE) < uptake:
        return to_service(tables, rows, r, GP, 0, OUT_FOUND)
    return end(OUT_FOUND)


@jit_small
def first_round(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step of a care-home round: the aligned GP or a community nurse."""
    p = tables.params[0]
    by_gp = draw(tables, rows, r, purposes.ROUND_BY) < p["care_home_round_gp_share"]
    kind = GP if by_gp or not offered(tables, rows, r, COMMUNITY) else COMMUNITY
    return to_service(tables, rows, r, kind, 0, OUT_NONE)


@jit_small
def round_done(tables, rows, r):  # type: ignore[no-untyped-def]
    """Count a round as a review that makes a plan, at part of the effect for as many fewer."""
    i = rows[r]["person"]
    if draw(tables, rows, r, purposes.ROUND_DONE) < effect_of(tables, i, CARE_HOME_SUPPORT):
        tables.people[i]["m_reviews"] += 1
        tables.people[i]["plan"] = 1


@jit_small
def after_class(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the end of a falls class: it protects for some months."""
    i = rows[r]["person"]
    if effect_of(tables, i, FALLS_PREVENTION) != 0.0:
        tables.people[i]["falls_months"] = int(tables.params[0]["falls_class_months"])
    return end(OUT_RESOLVED)


@jit_small
def after_social_care(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step after an assessment: a home package for some, else what follows any contact."""
    p = tables.params[0]
    service = service_of(tables, rows, r, HOME_PACKAGE)
    needed = rows[r]["need_type"] in PACKAGE_NEEDS
    if not needed or service < 0 or draw(tables, rows, r, purposes.SOCIAL_PACKAGE) >= p["social_package_share"]:
        return onward(tables, rows, r, now, SOCIAL_CARE, 1.0, 1.0)
    if handover_lost(tables, rows, r, HOME_PACKAGE):
        return end(OUT_LOST)
    weeks = drawn_length(tables, rows, r, purposes.PACKAGE_WEEKS, p["package_weeks"], p["package_weeks_scv"])
    days = tables.service_params[SOCIAL_CARE, PATIENCE_DAYS]
    wait = patience(tables, rows, r, purposes.DISCHARGE_PATIENCE, days)
    rows[r]["stage"] = AT_PACKAGE
    length = whole_seconds(weeks * DAYS_PER_WEEK * SECONDS_PER_DAY)
    return seek(service, length, int(p["package_priority_home"]), wait, 0, OUT_REFERRED)
