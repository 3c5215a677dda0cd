"""The emergency department (type 1): triage, cubicles, leaving unseen, admission, and who follows up at home."""

from __future__ import annotations

from sim.codes import (
    CHILDHOOD_ACUTE,
    COMMUNITY,
    ED,
    END_OF_LIFE,
    EXACERBATION,
    FRAILTY_CRISIS,
    GP,
    MENTAL_HEALTH,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    NEVER,
    OUT_DISCHARGED,
    OUT_LOST,
    OUT_TRANSFERRED,
    SERVED,
    UNAVOIDABLE,
)
from sim.fields import one_of
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.contacts import draw, drawn_length, handover_lost, service_of, to_service, unmet
from sim.rules.maths import exp, whole_seconds
from sim.rules.stages import (
    AT_ED,
    READMITTED,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    STAY_BEFORE_SERVICE,
    end,
    seek,
    stay,
)
from sim.rules.tables import age_years
from sim.rules.ward import admit

IMMEDIATE, VERY_URGENT, URGENT, LOWEST_ACUITY = 0, 1, 2, 3
ED_MINUTES = one_of("ed_minutes_0", "ed_minutes_1", "ed_minutes_2", "ed_minutes_3")


@jit_borrowing
def acuity_shift(p, need_type):  # type: ignore[no-untyped-def]
    """Return how much more urgent a need of this type is than its severity says (0.0 for types without a row)."""
    if need_type == MINOR_ACUTE:
        return p["acuity_shift_minor_acute"]
    if need_type == EXACERBATION:
        return p["acuity_shift_exacerbation"]
    if need_type == FRAILTY_CRISIS:
        return p["acuity_shift_frailty_crisis"]
    if need_type == UNAVOIDABLE:
        return p["acuity_shift_unavoidable_emergency"]
    if need_type == CHILDHOOD_ACUTE:
        return p["acuity_shift_childhood_acute"]
    if need_type == MENTAL_HEALTH_CRISIS:
        return p["acuity_shift_mental_health_crisis"]
    if need_type == END_OF_LIFE:
        return p["acuity_shift_end_of_life"]
    return 0.0


@jit_small
def acuity_of(p, need_type, value):  # type: ignore[no-untyped-def]
    """Return triage acuity 0 (immediate) to 3 (low) from severity and need type."""
    score = value + acuity_shift(p, need_type)
    if score > p["acuity_above_0"]:
        return IMMEDIATE
    if score > p["acuity_above_1"]:
        return VERY_URGENT
    if score > p["acuity_above_2"]:
        return URGENT
    return LOWEST_ACUITY


@jit_small
def cubicle_minutes(p, acuity):  # type: ignore[no-untyped-def]
    """Return mean minutes in a cubicle by acuity."""
    return ED_MINUTES(p, acuity)


@jit_small
def ed_patience_hours(p, acuity):  # type: ignore[no-untyped-def]
    """Return mean hours people wait before they leave unseen, by acuity (0 and 1 never leave)."""
    return p["ed_patience_2_hours"] if acuity == URGENT else p["ed_patience_3_hours"]


@jit_borrowing
def to_ed(tables, rows, r, now, outcome):  # type: ignore[no-untyped-def]
    """Return the step to the emergency department: an attendance begins when the person joins."""
    p = tables.params[0]
    service = service_of(tables, rows, r, ED)
    if service < 0:
        return unmet(tables, rows, r)
    acuity = acuity_of(p, rows[r]["need_type"], rows[r]["value"])
    rows[r]["acuity"] = acuity
    rows[r]["stage"] = AT_ED
    tables.people[rows[r]["person"]]["m_ed"] += 1
    mean = cubicle_minutes(p, acuity)
    if rows[r]["need_type"] == MENTAL_HEALTH_CRISIS:
        mean = mean * p["ed_minutes_mental_health"]  # until the liaison team has seen them and found where they go
    minutes = drawn_length(tables, rows, r, purposes.ED_MINUTES, mean, p["ed_minutes_scv"])
    wait = NEVER
    if acuity > VERY_URGENT:
        hours = drawn_length(tables, rows, r, purposes.ED_PATIENCE, ed_patience_hours(p, acuity), p["ed_patience_scv"])
        wait = whole_seconds(hours * SECONDS_PER_HOUR)
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), acuity, wait, 0, outcome)


@jit_small
def admission_base(p, kind):  # type: ignore[no-untyped-def]
    """Return the log odds of admission of a need at middling severity, fit and under 40."""
    if kind == MINOR_ACUTE:
        return p["admit_minor_acute"]
    if kind == EXACERBATION:
        return p["admit_exacerbation"]
    if kind == FRAILTY_CRISIS:
        return p["admit_frailty_crisis"]
    if kind == UNAVOIDABLE:
        return p["admit_unavoidable_emergency"]
    if kind == CHILDHOOD_ACUTE:
        return p["admit_childhood_acute"]
    if kind == MENTAL_HEALTH_CRISIS:
        return p["admit_mental_health_crisis"]
    if kind == END_OF_LIFE:
        return p["admit_end_of_life"] if p["switch_dying"] == 0.0 else p["dying_admit"]
    return p["admit_other"]


@jit_small
def admission_chance(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the probability of admission: logistic in need type, age, frailty and severity."""
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    kind = rows[r]["need_type"]
    score = admission_base(p, kind)
    decades = (age_years(person["birth_day"], now) - p["admit_age_from"]) / p["admit_age_step"]
    if decades > 0.0:
        score = score + p["admit_per_age_step"] * decades
    if kind != UNAVOIDABLE:
        score = score + p["admit_per_frailty"] * person["frailty"]
    score = score + p["admit_severity"] * (rows[r]["value"] - 0.5)
    return 1.0 / (1.0 + exp(-score))


@jit_small
def after_ed(tables, rows, r, now, event):  # type: ignore[no-untyped-def]
    """Return the step after ED: admitted, or discharged (for some to another team); or left unseen."""
    if event != SERVED:
        tables.people[rows[r]["person"]]["m_bad"] += 1
        return unmet(tables, rows, r)
    readmission = (rows[r]["flags"] & READMITTED) != 0  # its chance was drawn at discharge
    if readmission or draw(tables, rows, r, purposes.ED_ADMIT) < admission_chance(tables, rows, r, now):
        return admit(tables, rows, r, now)
    if rows[r]["need_type"] == MENTAL_HEALTH_CRISIS:
        return after_liaison(tables, rows, r)
    return sent_home(tables, rows, r)


@jit_small
def after_liaison(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the step after liaison psychiatry: a psychiatric bed (outside the model), the community team, or home."""
    p = tables.params[0]
    if draw(tables, rows, r, purposes.MENTAL_TRANSFER) < p["mental_transfer"] * rows[r]["value"]:
        return end(OUT_TRANSFERRED)
    followed = draw(tables, rows, r, purposes.MENTAL_LIAISON) < p["mental_follow_up"]
    if not followed or service_of(tables, rows, r, MENTAL_HEALTH) < 0:
        return end(OUT_DISCHARGED)
    if handover_lost(tables, rows, r, MENTAL_HEALTH):
        return end(OUT_LOST)
    return to_service(tables, rows, r, MENTAL_HEALTH, 1, OUT_DISCHARGED)


@jit_small
def sent_home(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the step of someone sent home from ED: handed to the community team or the GP, or the end."""
    p = tables.params[0]
    need_type = rows[r]["need_type"]
    if need_type == UNAVOIDABLE:
        return end(OUT_DISCHARGED)
    at_home = need_type in (FRAILTY_CRISIS, END_OF_LIFE)
    kind = COMMUNITY if at_home else GP
    onward = p["ed_onward_crisis"] if at_home else p["ed_onward_other"]
    if draw(tables, rows, r, purposes.ED_ONWARD) >= onward or service_of(tables, rows, r, kind) < 0:
        return end(OUT_DISCHARGED)
    if handover_lost(tables, rows, r, kind):
        return end(OUT_LOST)
    if at_home:
        return to_service(tables, rows, r, COMMUNITY, 1, OUT_DISCHARGED)
    rows[r]["stage"] = STAY_BEFORE_SERVICE + GP
    return stay(whole_seconds(p["ed_onward_days"] * SECONDS_PER_DAY), OUT_DISCHARGED)
