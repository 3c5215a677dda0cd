"""The residents' pathway: what a need sets off, step by step. Engines ask; nothing here knows of queues.

``begin_episode`` is asked when a need arises, ``next_step`` when a service ends, patience runs out or a stay ends.
Both return (kind, service, duration_s, priority, patience_s, keep, outcome) as plain integers.
"""

from __future__ import annotations

from sim.codes import (
    BACKGROUND_KINDS,
    EXACERBATION,
    FRAILTY_CRISIS,
    MINOR_ACUTE,
    OUT_ABSORBED,
    OUT_NONE,
    OUT_RESOLVED,
    RENEGED,
    SERVED,
    TEAM_REVIEW,
    UNAVOIDABLE,
)
from sim.jit import jit_borrowing
from sim.rules import access, acute, background, care
from sim.rules.contacts import to_community, to_gp
from sim.rules.needs import severity
from sim.rules.stages import (
    AT_BED,
    AT_COMMUNITY,
    AT_CORE,
    AT_ED,
    AT_GP,
    AT_GP_FOLLOW_UP,
    AT_OUTREACH,
    AT_PACKAGE,
    AT_SOCIAL_CARE,
    STAY_BEFORE_COMMUNITY,
    STAY_BEFORE_FOLLOW_UP,
    end,
)
from sim.rules.tables import ResidentTables

__all__ = ["ResidentTables", "begin_episode", "next_step"]


@jit_borrowing
def begin_episode(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    """Return the first step of the need in row ``r`` at second ``now``.

    ``in_acute``: 1 if the person holds an ED cubicle or bed already; the need is then answered there (absorbed).
    """
    kind = rows[r]["need_type"]
    if kind in BACKGROUND_KINDS:
        return background.first_contact(tables, rows, r)
    if in_acute == 1:
        return end(OUT_ABSORBED)
    rows[r]["value"] = severity(tables, rows[r]["need"], kind)
    if kind in (MINOR_ACUTE, EXACERBATION):
        return access.first_contact(tables, rows, r, now)
    if kind in (FRAILTY_CRISIS, UNAVOIDABLE):
        return acute.first_contact(tables, rows, r, now)
    return care.first_contact(tables, rows, r)


@jit_borrowing
def after_service(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after a finished service outside hospital."""
    stage = rows[r]["stage"]
    if stage in (AT_GP, AT_GP_FOLLOW_UP):
        return care.after_gp(tables, rows, r, now)
    if stage == AT_COMMUNITY:
        return care.after_community(tables, rows, r)
    if stage == AT_CORE:
        return care.after_core(tables, rows, r, now)
    if stage == AT_SOCIAL_CARE:
        return care.after_social_care(tables, rows, r)
    if stage == AT_OUTREACH:
        return care.after_outreach(tables, rows, r)
    return end(OUT_RESOLVED)


@jit_borrowing
def after_stay(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after a time at home."""
    stage = rows[r]["stage"]
    if stage == STAY_BEFORE_FOLLOW_UP:
        rows[r]["stage"] = AT_GP_FOLLOW_UP
        return to_gp(tables, rows, r, OUT_NONE)
    if stage == STAY_BEFORE_COMMUNITY:
        return to_community(tables, rows, r, OUT_NONE)
    return acute.back_to_hospital(tables, rows, r, now, in_acute)


@jit_borrowing
def next_step(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after ``event`` (codes.SERVED, RENEGED or STAYED) for the row ``r``."""
    if rows[r]["need_type"] in BACKGROUND_KINDS:
        return background.next_contact(tables, rows, r, event)
    stage = rows[r]["stage"]
    if stage == AT_ED:
        return acute.after_ed(tables, rows, r, now, event, in_acute)
    if stage == AT_BED:
        return acute.after_bed(tables, rows, r, now)
    if stage == AT_PACKAGE:
        return acute.after_package(tables, rows, r, now, event, in_acute)
    if event == SERVED:
        return after_service(tables, rows, r, now, event, in_acute)
    if event == RENEGED:
        if in_acute == 1 and rows[r]["need_type"] != TEAM_REVIEW:
            return end(OUT_ABSORBED)
        return care.gave_up(tables, rows, r, now)
    return after_stay(tables, rows, r, now, in_acute)
