"""Outpatient clinics: a first appointment, follow-ups, procedures, and back to the practice."""

from __future__ import annotations

from sim.codes import CARE_COORDINATION, GP, OUT_REFERRED, OUTPATIENT_FOLLOW_UP, OUTPATIENT_NEW, OUTPATIENT_PROCEDURE
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.contacts import draw, offered, to_service
from sim.rules.dose import dose, effect_of
from sim.rules.referral import again, hand_over, onward, seen_here
from sim.rules.referral import duplicate_ratio as usual_or_fewer


@jit_small
def procedures_ratio(tables, i):  # type: ignore[no-untyped-def]
    """Return how many planned procedures follow a clinic against usual, where a team went through options first."""
    if tables.people[i]["enrolled"] != 1 or tables.people[i]["plan"] != 1:
        return 1.0
    return dose(effect_of(tables, i, CARE_COORDINATION), tables.params[0]["coordination_procedure_rr"])


@jit_small
def follow_ups_ratio(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return how many follow-ups there are against usual."""
    return usual_or_fewer(tables, rows, r) * seen_here(tables, rows[r]["person"])


@jit_small
def after_clinic(tables, rows, r, now, kind):  # type: ignore[no-untyped-def]
    """Return the step after a clinic of ``kind``: follow-up, procedure, back to the practice, or discharged.

    Some follow-ups only repeat what others did: a record that is read, or a co-ordinator, spares them. Others a team
    that knows the person does in the clinic's place.
    """
    p = tables.params[0]
    if rows[r]["ordinal"] >= p["referral_contacts_most"]:
        return onward(tables, rows, r, now, kind, 1.0, 1.0)
    operated = procedures_ratio(tables, rows[r]["person"])
    if kind == OUTPATIENT_FOLLOW_UP:
        procedure = p["follow_up_procedure_share"] * operated
        u = draw(tables, rows, r, purposes.CLINIC_NEXT)
        if u < procedure and offered(tables, rows, r, OUTPATIENT_PROCEDURE):
            return to_service(tables, rows, r, OUTPATIENT_PROCEDURE, 0, OUT_REFERRED)
        if u >= 1.0 - p["clinic_back_share"]:
            return hand_over(tables, rows, r, GP, OUT_REFERRED)
        return again(tables, rows, r, kind, follow_ups_ratio(tables, rows, r), 1.0)
    usual = 0.0  # who is spared a procedure is spared that alone: nobody has a follow-up in its place
    follow_up = p["procedure_follow_up_share"]
    if kind == OUTPATIENT_NEW:
        usual = p["clinic_procedure_share"]
        follow_up = p["clinic_follow_up_share"]
    procedure = usual * operated
    follow_up = follow_up * follow_ups_ratio(tables, rows, r)
    usual = max(usual, procedure)
    u = draw(tables, rows, r, purposes.CLINIC_NEXT)
    if u < procedure and offered(tables, rows, r, OUTPATIENT_PROCEDURE):
        return to_service(tables, rows, r, OUTPATIENT_PROCEDURE, 0, OUT_REFERRED)
    if usual <= u < usual + follow_up and offered(tables, rows, r, OUTPATIENT_FOLLOW_UP):
        return to_service(tables, rows, r, OUTPATIENT_FOLLOW_UP, 0, OUT_REFERRED)
    if u >= 1.0 - p["clinic_back_share"]:
        return hand_over(tables, rows, r, GP, OUT_REFERRED)
    return onward(tables, rows, r, now, kind, 1.0, 1.0)
