"""What may follow any contact outside hospital: hospital, another service, another contact, or nothing more.

Chances are tables: ``service_params`` (escalation, more contacts) and ``refer`` (to whom), from registry rows.
"""

from __future__ import annotations

from sim.bits import lowest_bit
from sim.codes import (
    CARE_COORDINATION,
    CARE_HOME_ROUND,
    CASE_FINDING,
    CHILDHOOD_ACUTE,
    CLINIC_KINDS,
    COLOCATION,
    COMMUNITY,
    END_OF_LIFE,
    EXACERBATION,
    FRAILTY_CRISIS,
    GP,
    INT_CORE,
    LINK_WORKER,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    OUT_ESCALATED,
    OUT_LOST,
    OUT_REFERRED,
    OUT_RESOLVED,
    OUTPATIENT_NEW,
    PLANNED_REVIEW,
    SERVICE_KINDS,
    SHARED_RECORDS,
    SOCIAL_CARE,
    SPECIALIST,
    TAILORED,
    UNAVOIDABLE,
    VCFSE,
)
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.acute import to_ed
from sim.rules.arrays import CONTACTS_MOST, ESCALATE, GAP_DAYS, MORE
from sim.rules.case_finding import BY_RISK, target_of
from sim.rules.contacts import (
    COLOCATED,
    draw,
    handover_lost,
    is_urgent,
    length_at,
    offered,
    record_dose,
    to_service,
)
from sim.rules.dose import dose, effect_of, month_number, odds_scaled, standing_dose
from sim.rules.keys import uniform
from sim.rules.maths import whole_seconds
from sim.rules.stages import FOLLOWED_UP, SECONDS_PER_DAY, STAY_BEFORE_SERVICE, end, stay
from sim.rules.urgent import settle, to_ambulance

NOBODY = -1
FOR_FRAIL = (COMMUNITY, SOCIAL_CARE)  # who goes there from a minor need or a review is frail
MILD = (MINOR_ACUTE, PLANNED_REVIEW)
FOR_PRACTICAL_NEEDS = (LINK_WORKER, VCFSE)


@jit_small
def escalation_ratio(p, need_type):  # type: ignore[no-untyped-def]
    """Return how often a contact for this need is sent to hospital, against an exacerbation."""
    if need_type == MINOR_ACUTE:
        return p["escalate_ratio_minor_acute"]
    if need_type == EXACERBATION:
        return 1.0
    if need_type == FRAILTY_CRISIS:
        return p["escalate_ratio_frailty_crisis"]
    if need_type == CHILDHOOD_ACUTE:
        return p["escalate_ratio_childhood_acute"]
    if need_type == MENTAL_HEALTH_CRISIS:
        return p["escalate_ratio_mental_health_crisis"]
    if need_type == END_OF_LIFE:
        return p["escalate_ratio_end_of_life"]
    return p["escalate_ratio_planned"]


@jit_small
def is_escalated(tables, rows, r, kind, shown):  # type: ignore[no-untyped-def]
    """Return whether a contact with a service of ``kind`` ends with the person being sent to hospital.

    ``shown``: of a risk score that staff have seen (`score_shown`); with it they may bear less risk, or more.
    """
    p = tables.params[0]
    chance = tables.service_params[kind, ESCALATE] * escalation_ratio(p, rows[r]["need_type"])
    chance = chance * dose(shown, p["find_escalate_rr"])
    return draw(tables, rows, r, purposes.ESCALATE) < chance * rows[r]["value"]


@jit_small
def to_hospital(tables, rows, r, now, outcome):  # type: ignore[no-untyped-def]
    """Return the step to hospital: by ambulance if very sick, else by oneself."""
    if rows[r]["value"] > tables.params[0]["escalate_ambulance_severity"]:
        return to_ambulance(tables, rows, r, now, outcome)
    return to_ed(tables, rows, r, now, outcome)


@jit_small
def ratio_of_duplicates(tables, i, record):  # type: ignore[no-untyped-def]
    """Return how many clinic contacts person ``i`` has against usual, with so much of a shared record on this contact.

    The share that only repeats others can be spared, by the record and by care coordination; a ratio above 1 makes
    more of them.
    """
    p = tables.params[0]
    ratio = dose(record, p["shared_record_duplicate_rr"])
    if tables.people[i]["enrolled"] == 1:
        ratio = ratio * dose(effect_of(tables, i, CARE_COORDINATION), p["coordination_duplicate_rr"])
    return 1.0 + p["duplicate_share"] * (ratio - 1.0)


@jit_small
def duplicate_ratio(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return how many clinic contacts there are against usual, as `ratio_of_duplicates` says."""
    record = record_dose(tables, rows, r, purposes.DUPLICATE_SEEN, purposes.DUPLICATE_ACTED)
    return ratio_of_duplicates(tables, rows[r]["person"], record)


@jit_small
def falls_below(tables, rows, r, u, before, chance, ratio):  # type: ignore[no-untyped-def]
    """Return whether ``u`` is below ``before`` and the chance of a clinic as duplicates and ``ratio`` scale it.

    The record's draws are made only where they decide: with it or without it, most are clear.
    """
    i = rows[r]["person"]
    without = u < before + chance * ratio_of_duplicates(tables, i, 0.0) * ratio
    record = effect_of(tables, i, SHARED_RECORDS)
    if without == (u < before + chance * ratio_of_duplicates(tables, i, record) * ratio):
        return without
    return u < before + chance * duplicate_ratio(tables, rows, r) * ratio


@jit_small
def seen_here(tables, i):  # type: ignore[no-untyped-def]
    """Return how many clinic follow-ups a person has against usual: some a team that knows them can do in its place."""
    if tables.people[i]["enrolled"] != 1:
        return 1.0
    p = tables.params[0]
    ratio = dose(effect_of(tables, i, CARE_COORDINATION), p["coordination_follow_up_rr"])
    return 1.0 + p["follow_up_replaceable_share"] * (ratio - 1.0)


@jit_small
def score_shown(tables, i, now, kind):  # type: ignore[no-untyped-def]
    """Return the effect of a risk score that staff of the practice have seen of this person of late (0: none).

    A search by age or by group shows nobody a score. Which search it was, the draw of its month says.
    """
    found = tables.reach[i]["case_finding"]
    if kind != GP or found == 0 or month_number(now) - found > tables.params[0]["find_shown_months"]:
        return 0.0
    draw = uniform(tables.seed[0], tables.people[i]["key"], purposes.FIND_CASE, found - 1)
    if target_of(tables.teams[tables.people[i]["team"]], draw) != BY_RISK:
        return 0.0
    return effect_of(tables, i, CASE_FINDING)


@jit_borrowing
def is_for(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return whether this person can be referred to a service of ``kind`` at all."""
    i = rows[r]["person"]
    person = tables.people[i]
    if not offered(tables, rows, r, kind):
        return False
    if kind == INT_CORE:
        return person["enrolled"] == 1 and effect_of(tables, i, CARE_COORDINATION) > 0.0
    if kind in FOR_FRAIL and rows[r]["need_type"] in MILD:
        return person["frailty"] > 0
    if kind in FOR_PRACTICAL_NEEDS and rows[r]["need_type"] in MILD:
        return person["social"] != 0
    return True


@jit_small
def referred_to(tables, rows, r, kind, shown):  # type: ignore[no-untyped-def]
    """Return the kind of service this contact refers to (-1: none): one draw over all; ``shown`` as in `is_escalated`.

    Clinics come last, as their chance alone varies with the person: the others keep their part of the draw.
    """
    need_type = rows[r]["need_type"]
    left = tables.refers[kind, need_type]
    if left == 0:
        return NOBODY
    u = draw(tables, rows, r, purposes.REFER)
    total = 0.0
    left = left & ~(1 << OUTPATIENT_NEW)
    while left != 0:
        other = lowest_bit(left)
        left = left & (left - 1)
        total += tables.refer[kind, need_type, other]
        if u < total:
            return other if is_for(tables, rows, r, other) else NOBODY
    chance = tables.refer[kind, need_type, OUTPATIENT_NEW]
    if chance <= 0.0:
        return NOBODY
    if falls_below(tables, rows, r, u, total, chance, dose(shown, tables.params[0]["find_refer_rr"])):
        return OUTPATIENT_NEW if is_for(tables, rows, r, OUTPATIENT_NEW) else NOBODY
    return NOBODY


@jit_small
def advised_by(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return who advises in the neighbourhood instead of a clinic: a specialist, the tailored team, or nobody (-1).

    More often under one roof and where the consultant is known by name.
    """
    p = tables.params[0]
    i = rows[r]["person"]
    named = tables.teams[tables.people[i]["team"]]["named_consultant"]
    ratio = dose(standing_dose(tables, i, COLOCATION), p["colocation_advice_or"]) * dose(named, p["advice_named_or"])
    if draw(tables, rows, r, purposes.ADVICE) >= odds_scaled(p["advice_instead_share"], ratio):
        return NOBODY
    tailored = draw(tables, rows, r, purposes.ADVICE_FROM) < p["advice_tailored_share"]
    kind = TAILORED if tailored else SPECIALIST
    return kind if offered(tables, rows, r, kind) else NOBODY


@jit_small
def completion_chance(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the chance that a referral which arrived is taken up by the person."""
    p = tables.params[0]
    if kind in CLINIC_KINDS:
        return p["completion_clinic"]
    if kind in COLOCATED:
        together = standing_dose(tables, rows[r]["person"], COLOCATION)
        return odds_scaled(p["completion_referred"], dose(together, p["colocation_completion_or"]))
    return 1.0


@jit_borrowing
def hand_over(tables, rows, r, kind, outcome):  # type: ignore[no-untyped-def]
    """Return the step to a service of ``kind`` by hand-over: it may be lost on the way, or not be taken up."""
    if handover_lost(tables, rows, r, kind):
        return end(OUT_LOST)
    if draw(tables, rows, r, purposes.COMPLETED) >= completion_chance(tables, rows, r, kind):
        tables.people[rows[r]["person"]]["m_unmet"] += 1
        return end(OUT_LOST)
    return to_service(tables, rows, r, kind, is_urgent(rows[r]["need_type"]), outcome)


@jit_small
def refer(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the step to the service of ``kind`` a contact refers to, or to advice in place of a clinic."""
    if kind == OUTPATIENT_NEW:
        adviser = advised_by(tables, rows, r)
        if adviser != NOBODY:
            return hand_over(tables, rows, r, adviser, OUT_REFERRED)
    return hand_over(tables, rows, r, kind, OUT_REFERRED)


@jit_borrowing
def again(tables, rows, r, kind, ratio, apart):  # type: ignore[no-untyped-def]
    """Return the step after the last business of a contact: another of the same after a while, or resolved.

    ``ratio`` scales the chance of another contact, ``apart`` the time until then. What was treated is milder when it is
    seen again. A care-home round comes again by itself.
    """
    about = tables.service_params[kind]
    room = rows[r]["ordinal"] < about[CONTACTS_MOST] and rows[r]["need_type"] != CARE_HOME_ROUND
    if room and draw(tables, rows, r, purposes.MORE) < about[MORE] * ratio:
        settle(tables, rows, r)
        rows[r]["flags"] |= FOLLOWED_UP
        rows[r]["stage"] = STAY_BEFORE_SERVICE + kind
        u, mean, scv = draw(tables, rows, r, purposes.GAP), about[GAP_DAYS] * apart, tables.params[0]["gap_days_scv"]
        days = length_at(tables.lengths[SERVICE_KINDS + kind], u, mean, scv)
        return stay(whole_seconds(days * SECONDS_PER_DAY), OUT_RESOLVED)
    return end(OUT_RESOLVED)


@jit_borrowing
def onward(tables, rows, r, now, kind, ratio, apart):  # type: ignore[no-untyped-def]
    """Return the step after a contact with a service of ``kind``: the general rule.

    Sent to hospital, referred (while the episode is short), seen again (``ratio`` and ``apart`` as in `again`), or
    resolved. The placebo need is never touched.
    """
    if rows[r]["need_type"] == UNAVOIDABLE:
        return end(OUT_RESOLVED)
    shown = score_shown(tables, rows[r]["person"], now, kind)
    if is_escalated(tables, rows, r, kind, shown):
        return to_hospital(tables, rows, r, now, OUT_ESCALATED)
    if rows[r]["ordinal"] < tables.params[0]["referral_contacts_most"]:
        other = referred_to(tables, rows, r, kind, shown)
        if other != NOBODY:
            return refer(tables, rows, r, other)
    return again(tables, rows, r, kind, ratio, apart)
