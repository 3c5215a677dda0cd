"""Urgent care and hospital as one pathway: how a crisis begins, what follows each step, and the ways back to hospital.

The steps themselves are in urgent.py (111, ambulance, crisis team, urgent treatment centre), emergency.py (ED) and
ward.py (stays and discharge).
"""

from __future__ import annotations

from sim.codes import (
    CARE_HOME_SUPPORT,
    COMMUNITY,
    END_OF_LIFE,
    GP,
    NO_CARE_HOME,
    NURSING,
    OUT_ABSORBED,
    OUT_DISCHARGED,
    OUT_ESCALATED,
    OUT_NONE,
    OUT_TRANSFERRED,
    SERVED,
    UNAVOIDABLE,
)
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.contacts import draw, service_of, to_service, unmet
from sim.rules.dose import dose, odds_scaled, standing_dose
from sim.rules.emergency import after_ed, to_ed
from sim.rules.home_plan import acts_on_plan
from sim.rules.maths import exp
from sim.rules.stages import (
    AT_111,
    AT_AMBULANCE,
    AT_ASSESSMENT,
    AT_BED,
    AT_ED,
    AT_PACKAGE,
    AT_REABLEMENT,
    AT_URGENT_RESPONSE,
    AT_URGENT_TREATMENT,
    AT_VIRTUAL_WARD,
    READMISSION_DUE,
    READMITTED,
    STAY_BEFORE_REABLEMENT,
    UNASKED,
    VIRTUAL_ADDED,
    VIRTUAL_FAILS,
    end,
)
from sim.rules.urgent import (
    after_111,
    after_ambulance,
    after_response,
    after_urgent_treatment,
    call_crew,
    response_induced,
    to_111,
    to_ambulance,
    to_response,
    to_urgent_treatment,
)
from sim.rules.ward import (
    after_assessment,
    after_bed,
    after_reablement,
    after_virtual_ward,
    gave_up_virtual,
    go_home,
    to_reablement,
)

__all__ = ["after", "back_to_hospital", "first_contact", "to_ed"]


# How a crisis begins.


@jit_borrowing
def first_contact(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the first step of a frailty crisis, an unavoidable emergency or a need at the end of life."""
    p = tables.params[0]
    kind = rows[r]["need_type"]
    if kind == UNAVOIDABLE:
        if rows[r]["value"] > p["unavoidable_999_above"]:
            return call_crew(tables, rows, r, now, True, OUT_NONE)
        if rows[r]["value"] < p["unavoidable_treatment_below"]:  # a sprain or a cut
            return to_urgent_treatment(tables, rows, r, now, OUT_NONE)
        return to_ed(tables, rows, r, now, OUT_NONE)
    if tables.people[rows[r]["person"]]["care_home"] != NO_CARE_HOME:
        return from_care_home(tables, rows, r, now)
    if kind == END_OF_LIFE:
        return end_of_life(tables, rows, r, now)
    if rows[r]["value"] < p["crisis_mild_below"]:
        u = draw(tables, rows, r, purposes.CRISIS_PLACE)
        if u < p["crisis_mild_community"]:
            return near_home(tables, rows, r, now, COMMUNITY)
        if u >= 1.0 - p["crisis_mild_gp"]:
            return near_home(tables, rows, r, now, GP)
    if draw(tables, rows, r, purposes.CRISIS_MODE) < p["crisis_999"]:
        return to_ambulance(tables, rows, r, now, OUT_NONE)
    return to_ed(tables, rows, r, now, OUT_NONE)


@jit_borrowing
def near_home(tables, rows, r, now, kind):  # type: ignore[no-untyped-def]
    """Return the step of a crisis met by GP or community team; a crisis team on offer draws some of these to itself.

    Where the service does not exist, an ambulance is called.
    """
    if response_induced(tables, rows, r, now):
        rows[r]["flags"] |= UNASKED
        return to_response(tables, rows, r, OUT_NONE)
    if service_of(tables, rows, r, kind) < 0:
        return to_ambulance(tables, rows, r, now, OUT_NONE)
    return to_service(tables, rows, r, kind, 1, OUT_NONE)


@jit_small
def end_of_life(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the first step at the end of life at home: 999 by severity, less with a plan; or care there."""
    p = tables.params[0]
    base = p["end_of_life_999"] if p["switch_dying"] == 0.0 else p["dying_999"]
    score = base + p["end_of_life_999_severity"] * (rows[r]["value"] - 0.5)
    if tables.people[rows[r]["person"]]["plan"] == 1:
        score = score + p["end_of_life_999_plan"]
    u = draw(tables, rows, r, purposes.END_OF_LIFE_PLACE)
    emergency = 1.0 / (1.0 + exp(-score))
    if u < emergency:
        if draw(tables, rows, r, purposes.CRISIS_MODE) < p["crisis_999"]:
            return to_ambulance(tables, rows, r, now, OUT_NONE)
        return to_ed(tables, rows, r, now, OUT_NONE)
    if draw(tables, rows, r, purposes.END_OF_LIFE_CARER) < p["end_of_life_community"]:
        return near_home(tables, rows, r, now, COMMUNITY)
    return near_home(tables, rows, r, now, GP)


@jit_small
def from_care_home(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the first step of a crisis in a care home: its staff call 999 or 111, or the GP sees the resident there.

    Support of the home changes the chance that they call, much more where there is no nurse on site; and with a plan
    staff meet some crises themselves, with the GP.
    """
    p = tables.params[0]
    i = rows[r]["person"]
    if acts_on_plan(tables, rows, r):
        return near_home(tables, rows, r, now, GP)
    nursing = tables.people[i]["care_home"] == NURSING
    base = p["home_call_nursing"] if nursing else p["home_call_residential"]
    ratio = p["home_call_rr_nursing"] if nursing else p["home_call_rr_residential"]
    chance = odds_scaled(base, exp(p["home_call_severity"] * (rows[r]["value"] - 0.5)))
    chance = chance * dose(standing_dose(tables, i, CARE_HOME_SUPPORT), ratio)
    if draw(tables, rows, r, purposes.HOME_CALL) < chance:
        if draw(tables, rows, r, purposes.HOME_CALL_WHO) < p["home_call_111"]:
            return to_111(tables, rows, r, OUT_NONE)
        return to_ambulance(tables, rows, r, now, OUT_NONE)
    return near_home(tables, rows, r, now, GP)


# What follows each step.


@jit_borrowing
def after(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after one of stages.URGENT_STAGES; ``event`` is codes.SERVED or RENEGED."""
    stage = rows[r]["stage"]
    if stage == AT_ED:
        return after_ed(tables, rows, r, now, event)
    if stage == AT_ASSESSMENT:
        return after_assessment(tables, rows, r, now, event)
    if stage == AT_BED:
        return after_bed(tables, rows, r, now)
    if stage == AT_PACKAGE:
        return after_package(tables, rows, r, now, event, in_acute)
    if stage == AT_VIRTUAL_WARD:
        return after_virtual(tables, rows, r, now, event, in_acute)
    if stage == AT_REABLEMENT:
        return after_reablement(tables, rows, r, event, in_acute)
    if stage == AT_AMBULANCE:
        return after_ambulance(tables, rows, r, now, event, in_acute)
    if stage == AT_URGENT_RESPONSE:
        return after_response(tables, rows, r, now, event, in_acute)
    if stage == AT_111:
        return after_111(tables, rows, r, now, event, in_acute)
    if stage == AT_URGENT_TREATMENT:
        return after_urgent_treatment(tables, rows, r, now, event, in_acute)
    return unmet(tables, rows, r)


@jit_small
def after_package(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step when a home package ends or was never found (another placement took the person)."""
    if event == SERVED and (rows[r]["flags"] & READMISSION_DUE) != 0:
        return back_to_hospital(tables, rows, r, now, in_acute)
    return go_home(tables, rows, r, OUT_DISCHARGED if event == SERVED else OUT_TRANSFERRED)


@jit_small
def after_virtual(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after the virtual ward: home, back to hospital (holding nothing), or no place came in time."""
    if event != SERVED:
        return gave_up_virtual(tables, rows, r, now)
    if in_acute == 1:
        return end(OUT_ABSORBED)
    if (rows[r]["flags"] & VIRTUAL_FAILS) != 0:
        rows[r]["flags"] = (rows[r]["flags"] & ~(VIRTUAL_FAILS | VIRTUAL_ADDED | READMISSION_DUE)) | READMITTED
        return to_ed(tables, rows, r, now, OUT_ESCALATED)
    return after_virtual_ward(tables, rows, r, now)


@jit_borrowing
def back_to_hospital(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after days at home: back to ED after discharge, after going without or after treatment there.

    Those due for readmission come back sicker than before. A visit of reablement is the one stay that ends elsewhere.
    """
    p = tables.params[0]
    if in_acute == 1:
        return end(OUT_ABSORBED)
    if rows[r]["stage"] == STAY_BEFORE_REABLEMENT:
        return to_reablement(tables, rows, r, OUT_NONE)
    if (rows[r]["flags"] & READMISSION_DUE) != 0:
        rows[r]["flags"] = (rows[r]["flags"] & ~READMISSION_DUE) | READMITTED
        rows[r]["value"] = rows[r]["value"] + p["return_sicker"] * (1.0 - rows[r]["value"])
    return to_ed(tables, rows, r, now, OUT_NONE)
