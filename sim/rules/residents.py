"""The residents' pathway: what a need sets off, step by step. Engines ask; nothing here knows of queues.

``begin_episode`` is asked when a need arises, ``next_step`` when a service ends, patience runs out or a stay ends.
Both return (kind, service, duration_s, priority, patience_s, keep, outcome) as plain integers.
"""

from __future__ import annotations

from sim.codes import (
    BACKGROUND_KINDS,
    CHILDHOOD_ACUTE,
    COMMUNITY,
    END_OF_LIFE,
    EXACERBATION,
    FRAILTY_CRISIS,
    GP,
    INT_CORE,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    OUT_ABSORBED,
    OUT_NONE,
    OUTREACH,
    RENEGED,
    SERVED,
    SOCIAL_CARE,
    TEAM_REVIEW,
    UNAVOIDABLE,
)
from sim.jit import jit_borrowing, jit_entry, jit_small
from sim.prefetch import fetch, fetch_from
from sim.rules import access, acute, background, care
from sim.rules.contacts import begin_draws, to_service
from sim.rules.needs import severity
from sim.rules.stages import (
    AT_COMMUNITY,
    AT_CORE,
    AT_OUTREACH,
    AT_SERVICE,
    AT_SOCIAL_CARE,
    STAY_BEFORE_COMMUNITY,
    STAY_BEFORE_FOLLOW_UP,
    STAY_BEFORE_SERVICE,
    URGENT_STAGES,
    end,
)
from sim.rules.tables import ResidentTables

__all__ = ["ResidentTables", "begin_episode", "next_step"]

AHEAD = 8  # needs: some microseconds, longer than memory takes
SEEN_BY_GP = AT_SERVICE + GP
fetch_person = fetch_from("key", "tie")  # all of a person that most steps read
fetch_reach = fetch_from("case_finding", "social_prescribing")  # what follows a GP contact reads
CHOSEN_BY_RESIDENTS = (MINOR_ACUTE, EXACERBATION, CHILDHOOD_ACUTE, MENTAL_HEALTH_CRISIS)
ANSWERED_AT_ONCE = (FRAILTY_CRISIS, UNAVOIDABLE, END_OF_LIFE)


@jit_small
def ask_for_person(tables, rows, r):  # type: ignore[no-untyped-def]
    """Ask memory for the person of row ``r``, of whom the pathway will want to know in a moment."""
    i = rows[r]["person"]
    if i < 0:
        return
    fetch_person(tables.people, i)
    if rows[r]["stage"] == SEEN_BY_GP:
        fetch_reach(tables.reach, i)


@jit_small
def look_ahead(tables, rows, r):  # type: ignore[no-untyped-def]
    """Ask for the people of needs that will arise a little after the one in row ``r``: rows stand in order of time.

    For AHEAD needs at once, at every so many: where each lies is looked up side by side, and not one by one.
    """
    near = r + AHEAD
    far = near + AHEAD
    if r % AHEAD != 0 or far + AHEAD > len(rows):
        return
    for later in range(far, far + AHEAD):
        fetch(rows, later)
    for later in range(near, far):
        ask_for_person(tables, rows, later)


@jit_entry
def begin_episode(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    """Return the first step of the need in row ``r`` at second ``now``.

    ``in_acute``: 1 if the person holds an ED cubicle or bed already; the need is then answered there (absorbed).
    """
    begin_draws(tables, rows, r)
    kind = rows[r]["need_type"]
    if kind in BACKGROUND_KINDS:
        return background.first_contact(tables, rows, r)
    if in_acute == 1:
        return end(OUT_ABSORBED)
    rows[r]["value"] = severity(tables, rows[r]["need"], kind)
    if kind in CHOSEN_BY_RESIDENTS:
        return access.first_contact(tables, rows, r, now)
    if kind in ANSWERED_AT_ONCE:
        return acute.first_contact(tables, rows, r, now)
    return care.first_contact(tables, rows, r)


@jit_borrowing
def kind_at(stage):  # type: ignore[no-untyped-def]
    """Return the kind of service outside hospital that ``stage`` is a contact with."""
    if stage >= AT_SERVICE:
        return stage - AT_SERVICE
    if stage == AT_COMMUNITY:
        return COMMUNITY
    if stage == AT_CORE:
        return INT_CORE
    if stage == AT_OUTREACH:
        return OUTREACH
    if stage == AT_SOCIAL_CARE:
        return SOCIAL_CARE
    return GP


@jit_borrowing
def after_stay(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after a time at home: the next contact with a service, or back to hospital."""
    stage = int(rows[r]["stage"])
    if stage >= STAY_BEFORE_SERVICE:
        return to_service(tables, rows, r, stage - STAY_BEFORE_SERVICE, 0, OUT_NONE)
    if stage == STAY_BEFORE_FOLLOW_UP:
        return to_service(tables, rows, r, GP, 0, OUT_NONE)
    if stage == STAY_BEFORE_COMMUNITY:
        return to_service(tables, rows, r, COMMUNITY, 0, OUT_NONE)
    return acute.back_to_hospital(tables, rows, r, now, in_acute)


@jit_entry
def next_step(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after ``event`` (codes.SERVED, RENEGED or STAYED) for the row ``r``."""
    if rows[r]["need_type"] in BACKGROUND_KINDS:
        return background.next_contact(tables, rows, r, event)
    stage = int(rows[r]["stage"])
    if stage in URGENT_STAGES:
        return acute.after(tables, rows, r, now, event, in_acute)
    if event == SERVED:
        return care.after(tables, rows, r, now, kind_at(stage))
    if event == RENEGED:
        if in_acute == 1 and rows[r]["need_type"] != TEAM_REVIEW:
            return end(OUT_ABSORBED)
        return care.gave_up(tables, rows, r, now, kind_at(stage))
    return after_stay(tables, rows, r, now, in_acute)
