"""Seeking a service outside hospital: which one, for how long, how urgently, and how long people wait for it."""

from __future__ import annotations

from sim.codes import (
    CARE_COORDINATION,
    COMMUNITY,
    EXACERBATION,
    FRAILTY_CRISIS,
    GP,
    HOSPITAL_KINDS,
    INT_CORE,
    MINOR_ACUTE,
    OUT_NOT_HOME,
    OUT_UNMET,
    OUTREACH,
    OUTREACH_VISIT,
    PLANNED_REVIEW,
    SOCIAL_CARE,
    TEAM_KINDS,
    TEAM_REVIEW,
)
from sim.jit import jit_borrowing
from sim.rules import purposes
from sim.rules.arrays import MINUTES, MINUTES_SCV, PATIENCE_DAYS, PATIENCE_URGENT_DAYS, PRIORITY, PRIORITY_URGENT
from sim.rules.dose import dose, effect_of
from sim.rules.keys import uniform
from sim.rules.maths import log, lognormal_quantile, whole_seconds
from sim.rules.stages import (
    AT_COMMUNITY,
    AT_CORE,
    AT_GP,
    AT_GP_FOLLOW_UP,
    AT_OUTREACH,
    AT_SERVICE,
    AT_SOCIAL_CARE,
    DAYS_PER_WEEK,
    HANDED_OVER,
    SECONDS_PER_DAY,
    SECONDS_PER_MINUTE,
    end,
    seek,
)

TO_COMMUNITY, TO_INT_CORE, TO_SOCIAL, BACK_TO_GP, TO_HOME = 0, 1, 2, 3, 4  # hand-overs, as in purposes.HANDOVER


@jit_borrowing
def service_of(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the service of ``kind`` that serves row ``r`` (-1: none)."""
    return int(tables.service_at[kind, site_of(tables, rows, r, kind)])


@jit_borrowing
def site_of(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the site at which row ``r`` would use services of ``kind``."""
    i = rows[r]["person"]
    if i < 0:
        return int(rows[r]["site"])
    if kind in HOSPITAL_KINDS:
        return int(tables.people[i]["hospital"])
    if kind in TEAM_KINDS:
        return int(tables.people[i]["team"])
    return int(rows[r]["site"])


@jit_borrowing
def expected_wait(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the days the person expects to wait for a service of ``kind``: last month's mean."""
    return tables.waits[kind, site_of(tables, rows, r, kind)]


@jit_borrowing
def draw(tables, rows, r, purpose):  # type: ignore[no-untyped-def]
    """Return the keyed uniform of this episode for ``purpose`` at its present contact."""
    return uniform(tables.seed[0], rows[r]["need"], purpose, rows[r]["ordinal"])


@jit_borrowing
def drawn_length(tables, rows, r, purpose, mean, scv):  # type: ignore[no-untyped-def]
    """Return a lognormal length with the given mean, in the mean's own unit."""
    return lognormal_quantile(draw(tables, rows, r, purpose), mean, scv)


@jit_borrowing
def patience(tables, rows, r, purpose, days):  # type: ignore[no-untyped-def]
    """Return how many seconds the person waits: exponential with mean ``days``."""
    return whole_seconds(-log(draw(tables, rows, r, purpose)) * days * SECONDS_PER_DAY)


@jit_borrowing
def unmet(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the end of an episode whose need stays unmet."""
    tables.people[rows[r]["person"]]["m_unmet"] += 1
    return end(OUT_UNMET)


@jit_borrowing
def handover_lost(tables, rows, r, which):  # type: ignore[no-untyped-def]
    """Count a hand-over and say whether it is lost (by the team's loss, the person's tie and care plan)."""
    p = tables.params[0]
    i = rows[r]["person"]
    person = tables.people[i]
    team = tables.teams[person["neighbourhood"]]
    tables.people[i]["handovers"] += 1
    rows[r]["flags"] |= HANDED_OVER
    chance = team["handover_loss"] * (1.0 - p["handover_tie"] * (person["tie"] - 0.5))
    if person["enrolled"] == 1 and person["plan"] == 1:
        chance = chance * dose(effect_of(tables, i, CARE_COORDINATION), p["coordination_handover_rr"])
    if draw(tables, rows, r, purposes.HANDOVER + which) >= chance:
        return False
    tables.people[i]["m_bad"] += 1
    tables.people[i]["m_unmet"] += 1
    return True


@jit_borrowing
def to_gp(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to general practice: priority and patience by type and severity."""
    p = tables.params[0]
    service = service_of(tables, rows, r, GP)
    if service < 0:
        return unmet(tables, rows, r)
    kind = rows[r]["need_type"]
    urgent = rows[r]["value"] > p["gp_urgent_severity"]
    priority, days = p["gp_priority_routine"], p["gp_patience_routine_days"]
    if kind in (EXACERBATION, FRAILTY_CRISIS, TEAM_REVIEW):
        priority, days = p["gp_priority_urgent"], p["gp_patience_urgent_days"]
    elif kind == MINOR_ACUTE and urgent:
        priority, days = p["gp_priority_soon"], p["gp_patience_soon_days"]
    elif kind in (PLANNED_REVIEW, OUTREACH_VISIT):
        priority, days = p["gp_priority_review"], p["gp_patience_review_days"]
    minutes = drawn_length(tables, rows, r, purposes.GP_MINUTES, p["gp_minutes"], p["gp_minutes_scv"])
    wait = patience(tables, rows, r, purposes.GP_PATIENCE, days)
    if rows[r]["stage"] != AT_GP_FOLLOW_UP:
        rows[r]["stage"] = AT_GP
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(priority), wait, 0, outcome)


@jit_borrowing
def to_community(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to the community team."""
    p = tables.params[0]
    service = service_of(tables, rows, r, COMMUNITY)
    if service < 0:
        return unmet(tables, rows, r)
    crisis = rows[r]["need_type"] == FRAILTY_CRISIS
    priority = p["community_priority_crisis"] if crisis else p["community_priority_planned"]
    days = p["community_patience_crisis_days"] if crisis else p["community_patience_days"]
    minutes = drawn_length(
        tables, rows, r, purposes.COMMUNITY_MINUTES, p["community_minutes"], p["community_minutes_scv"]
    )
    wait = patience(tables, rows, r, purposes.COMMUNITY_PATIENCE, days)
    rows[r]["stage"] = AT_COMMUNITY
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(priority), wait, 0, outcome)


@jit_borrowing
def to_core(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to the INT core (a team review, or a person on the caseload with a need)."""
    p = tables.params[0]
    service = service_of(tables, rows, r, INT_CORE)
    if service < 0:
        return unmet(tables, rows, r)
    review = rows[r]["need_type"] == TEAM_REVIEW
    priority = p["core_priority_review"] if review else p["core_priority_urgent"]
    days = p["core_patience_review_days"] if review else p["core_patience_urgent_days"]
    minutes = drawn_length(tables, rows, r, purposes.CORE_MINUTES, p["coordination_minutes"], p["core_minutes_scv"])
    wait = patience(tables, rows, r, purposes.CORE_PATIENCE, days)
    rows[r]["stage"] = AT_CORE
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(priority), wait, 0, outcome)


@jit_borrowing
def to_social_care(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to a social care assessment."""
    p = tables.params[0]
    service = service_of(tables, rows, r, SOCIAL_CARE)
    if service < 0:
        return unmet(tables, rows, r)
    minutes = drawn_length(tables, rows, r, purposes.SOCIAL_MINUTES, p["social_minutes"], p["social_minutes_scv"])
    wait = patience(tables, rows, r, purposes.SOCIAL_PATIENCE, p["social_patience_weeks"] * DAYS_PER_WEEK)
    rows[r]["stage"] = AT_SOCIAL_CARE
    priority = int(p["social_priority"])
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), priority, wait, 0, outcome)


@jit_borrowing
def to_outreach(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to an outreach visit: the worker's time, whether or not the door opens."""
    p = tables.params[0]
    service = service_of(tables, rows, r, OUTREACH)
    if service < 0:
        return end(OUT_NOT_HOME)
    minutes = drawn_length(tables, rows, r, purposes.OUTREACH_MINUTES, p["outreach_minutes"], p["outreach_minutes_scv"])
    rows[r]["stage"] = AT_OUTREACH
    wait = int(p["outreach_due_days"] * SECONDS_PER_DAY)
    priority = int(p["outreach_priority"])
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), priority, wait, 0, outcome)


@jit_borrowing
def to_service(tables, rows, r, kind, urgent, outcome):  # type: ignore[no-untyped-def]
    """Return the step to any staffed service outside hospital, by its row of ``tables.service_params``.

    ``urgent`` 1: urgent priority and patience. Unmet where there is no such service.
    """
    service = service_of(tables, rows, r, kind)
    if service < 0:
        return unmet(tables, rows, r)
    about = tables.service_params[kind]
    team = tables.teams[tables.people[rows[r]["person"]]["team"]]
    minutes = drawn_length(tables, rows, r, purposes.SERVICE_MINUTES, about[MINUTES], about[MINUTES_SCV])
    minutes = minutes * team["minutes_ratio"]
    days = about[PATIENCE_URGENT_DAYS] if urgent == 1 else about[PATIENCE_DAYS]
    priority = about[PRIORITY_URGENT] if urgent == 1 else about[PRIORITY]
    wait = patience(tables, rows, r, purposes.SERVICE_PATIENCE, days)
    rows[r]["stage"] = AT_SERVICE + kind
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(priority), wait, 0, outcome)
