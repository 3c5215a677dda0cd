"""Outpatient clinics: a first appointment, follow-ups, procedures, and back to the practice."""

from __future__ import annotations

from sim.codes import GP, OUT_REFERRED, OUTPATIENT_FOLLOW_UP, OUTPATIENT_NEW, OUTPATIENT_PROCEDURE
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.contacts import draw, offered, to_service
from sim.rules.referral import again, hand_over, onward
from sim.rules.referral import duplicate_ratio as usual_or_fewer


@jit_small
def after_clinic(tables, rows, r, now, kind):  # type: ignore[no-untyped-def]
    """Return the step after a clinic of ``kind``: follow-up, procedure, back to the practice, or discharged.

    Some follow-ups only repeat what others did: a record that is read, or a co-ordinator, spares them.
    """
    p = tables.params[0]
    if rows[r]["ordinal"] >= p["referral_contacts_most"]:
        return onward(tables, rows, r, now, kind, 1.0, 1.0)
    ratio = usual_or_fewer(tables, rows, r)
    if kind == OUTPATIENT_FOLLOW_UP:
        procedure = p["follow_up_procedure_share"]
        u = draw(tables, rows, r, purposes.CLINIC_NEXT)
        if u < procedure and offered(tables, rows, r, OUTPATIENT_PROCEDURE):
            return to_service(tables, rows, r, OUTPATIENT_PROCEDURE, 0, OUT_REFERRED)
        if u >= 1.0 - p["clinic_back_share"]:
            return hand_over(tables, rows, r, GP, OUT_REFERRED)
        return again(tables, rows, r, kind, ratio, 1.0)
    if kind == OUTPATIENT_NEW:
        procedure = p["clinic_procedure_share"]
        follow_up = p["clinic_follow_up_share"] * ratio
    else:
        procedure = 0.0
        follow_up = p["procedure_follow_up_share"] * ratio
    u = draw(tables, rows, r, purposes.CLINIC_NEXT)
    if u < procedure and offered(tables, rows, r, OUTPATIENT_PROCEDURE):
        return to_service(tables, rows, r, OUTPATIENT_PROCEDURE, 0, OUT_REFERRED)
    if procedure <= u < procedure + follow_up and offered(tables, rows, r, OUTPATIENT_FOLLOW_UP):
        return to_service(tables, rows, r, OUTPATIENT_FOLLOW_UP, 0, OUT_REFERRED)
    if u >= 1.0 - p["clinic_back_share"]:
        return hand_over(tables, rows, r, GP, OUT_REFERRED)
    return onward(tables, rows, r, now, kind, 1.0, 1.0)
