"""Hospital: triage and the emergency department, admission, length of stay, delayed discharge, readmission."""

from __future__ import annotations

from sim.codes import (
    BED,
    COMMUNITY,
    DISCHARGE_SUPPORT,
    ED,
    EXACERBATION,
    FRAILTY_CRISIS,
    GP,
    HOME_PACKAGE,
    MINOR_ACUTE,
    NEVER,
    OUT_ABSORBED,
    OUT_ADMITTED,
    OUT_DISCHARGED,
    OUT_LOST,
    OUT_NONE,
    OUT_TRANSFERRED,
    SERVED,
    UNAVOIDABLE,
)
from sim.jit import jit_borrowing
from sim.rules import purposes
from sim.rules.contacts import (
    BACK_TO_GP,
    TO_COMMUNITY,
    draw,
    drawn_length,
    handover_lost,
    service_of,
    to_community,
    to_gp,
    unmet,
)
from sim.rules.dose import dose, effect_of, month_number, reach_of
from sim.rules.maths import exp, lognormal_quantile, whole_seconds
from sim.rules.stages import (
    AT_BED,
    AT_ED,
    AT_PACKAGE,
    DAYS_PER_WEEK,
    READMISSION_DUE,
    READMITTED,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    STAY_BEFORE_FOLLOW_UP,
    STAY_BEFORE_READMISSION,
    SUPPORTED,
    end,
    seek,
    stay,
)
from sim.rules.tables import age_years

LOWEST_ACUITY = 3


@jit_borrowing
def acuity_of(p, need_type, value):  # type: ignore[no-untyped-def]
    """Return triage acuity 0 (immediate) to 3 (low) from severity and need type."""
    shifts = (
        p["acuity_shift_minor_acute"],
        p["acuity_shift_exacerbation"],
        p["acuity_shift_frailty_crisis"],
        p["acuity_shift_unavoidable_emergency"],
    )
    score = value
    if need_type < len(shifts):
        score = score + shifts[need_type]
    if score > p["acuity_above_0"]:
        return 0
    if score > p["acuity_above_1"]:
        return 1
    if score > p["acuity_above_2"]:
        return 2
    return LOWEST_ACUITY


@jit_borrowing
def cubicle_minutes(p, acuity):  # type: ignore[no-untyped-def]
    """Return mean minutes in a cubicle by acuity."""
    return (p["ed_minutes_0"], p["ed_minutes_1"], p["ed_minutes_2"], p["ed_minutes_3"])[acuity]


@jit_borrowing
def ed_patience_hours(p, acuity):  # type: ignore[no-untyped-def]
    """Return mean hours people wait before they leave unseen, by acuity (0 and 1 never leave)."""
    return p["ed_patience_2_hours"] if acuity == 2 else p["ed_patience_3_hours"]


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
    minutes = drawn_length(tables, rows, r, purposes.ED_MINUTES, cubicle_minutes(p, acuity), p["ed_minutes_scv"])
    wait = NEVER
    if acuity > 1:
        hours = drawn_length(tables, rows, r, purposes.ED_PATIENCE, ed_patience_hours(p, acuity), p["ed_patience_scv"])
        wait = whole_seconds(hours * SECONDS_PER_HOUR)
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), acuity, wait, 0, outcome)


@jit_borrowing
def admission_chance(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the probability of admission: logistic in need type, age, frailty and severity."""
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    kind = rows[r]["need_type"]
    if kind == MINOR_ACUTE:
        score = p["admit_minor_acute"]
    elif kind == EXACERBATION:
        score = p["admit_exacerbation"]
    elif kind == FRAILTY_CRISIS:
        score = p["admit_frailty_crisis"]
    elif kind == UNAVOIDABLE:
        score = p["admit_unavoidable_emergency"]
    else:
        score = p["admit_other"]
    decades = (age_years(person["birth_day"], now) - p["admit_age_from"]) / p["admit_age_step"]
    if decades > 0.0:
        score = score + p["admit_per_age_step"] * decades
    if kind != UNAVOIDABLE:
        score = score + p["admit_per_frailty"] * person["frailty"]
    score = score + p["admit_severity"] * (rows[r]["value"] - 0.5)
    return 1.0 / (1.0 + exp(-score))


@jit_borrowing
def stay_band(age, p):  # type: ignore[no-untyped-def]
    """Return the length-of-stay age band 0-5."""
    limits = (p["stay_age_1"], p["stay_age_2"], p["stay_age_3"], p["stay_age_4"], p["stay_age_5"])
    band = 0
    while band < len(limits) and age >= limits[band]:
        band += 1
    return band


@jit_borrowing
def stay_days(tables, rows, r, now, support):  # type: ignore[no-untyped-def]
    """Return days in a bed until medically ready: zero-day share, else lognormal by age and frailty.

    ``support``: dose of discharge support on this admission (0: none); it takes days off, never below zero-day.
    """
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    band = stay_band(age_years(person["birth_day"], now), p)
    u = draw(tables, rows, r, purposes.STAY_LENGTH)
    zero = (p["zero_day_0"], p["zero_day_1"], p["zero_day_2"], p["zero_day_3"], p["zero_day_4"], p["zero_day_5"])
    mean = (p["stay_0"], p["stay_1"], p["stay_2"], p["stay_3"], p["stay_4"], p["stay_5"])
    share = zero[band]
    least = p["zero_day_days"]
    if u < share:
        return lognormal_quantile(u / share, least, p["zero_day_scv"])
    factors = (1.0, p["stay_mild"], p["stay_moderate"], p["stay_severe"])
    typical = mean[band] * (factors[int(person["frailty"])] if rows[r]["need_type"] != UNAVOIDABLE else 1.0)
    days = lognormal_quantile((u - share) / (1.0 - share), typical, p["stay_scv"])
    if support != 0.0:
        saved = days - support * p["discharge_los_days_saved"]
        days = saved if saved > least else min(days, least)
    return days


@jit_borrowing
def support_dose(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the dose of discharge support on this admission and record who is reached (65 and over).

    Reach is recorded in mean months of 30.4375 days + 1, because the pathway knows seconds and not calendars.
    The need UNAVOIDABLE is left alone: it is the placebo.
    """
    p = tables.params[0]
    i = rows[r]["person"]
    person = tables.people[i]
    if rows[r]["need_type"] == UNAVOIDABLE or age_years(person["birth_day"], now) < p["support_age_from"]:
        return 0.0
    if draw(tables, rows, r, purposes.SUPPORT) >= reach_of(tables, i, DISCHARGE_SUPPORT):
        return 0.0
    tables.reach[i]["discharge_support"] = month_number(now)
    effect = effect_of(tables, i, DISCHARGE_SUPPORT)
    if effect != 0.0:
        rows[r]["flags"] |= SUPPORTED
    return effect


@jit_borrowing
def to_bed(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step to a bed, holding the cubicle until it starts."""
    service = service_of(tables, rows, r, BED)
    if service < 0:
        return end(OUT_TRANSFERRED)
    tables.people[rows[r]["person"]]["m_admissions"] += 1
    rows[r]["stage"] = AT_BED
    rows[r]["flags"] &= ~SUPPORTED
    days = stay_days(tables, rows, r, now, support_dose(tables, rows, r, now))
    length = whole_seconds(days * SECONDS_PER_DAY)
    return seek(service, length, rows[r]["acuity"], NEVER, 1, OUT_ADMITTED)


@jit_borrowing
def after_ed(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after ED: a bed, or discharged (to the community team or GP for some); or left unseen."""
    p = tables.params[0]
    i = rows[r]["person"]
    if event != SERVED:
        tables.people[i]["m_bad"] += 1
        return unmet(tables, rows, r)
    readmission = (rows[r]["flags"] & READMITTED) != 0  # its chance was drawn at discharge
    if readmission or draw(tables, rows, r, purposes.ED_ADMIT) < admission_chance(tables, rows, r, now):
        return to_bed(tables, rows, r, now)
    frail = rows[r]["need_type"] == FRAILTY_CRISIS
    onward = p["ed_onward_crisis"] if frail else p["ed_onward_other"]
    if rows[r]["need_type"] != UNAVOIDABLE and draw(tables, rows, r, purposes.ED_ONWARD) < onward:
        kind = COMMUNITY if frail else GP
        if service_of(tables, rows, r, kind) >= 0:
            if handover_lost(tables, rows, r, TO_COMMUNITY if frail else BACK_TO_GP):
                return end(OUT_LOST)
            if frail:
                return to_community(tables, rows, r, OUT_DISCHARGED)
            rows[r]["stage"] = STAY_BEFORE_FOLLOW_UP
            return stay(whole_seconds(p["ed_onward_days"] * SECONDS_PER_DAY), OUT_DISCHARGED)
    return end(OUT_DISCHARGED)


@jit_borrowing
def readmission_chance(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the probability that this stay is followed by another within 30 days, beyond fresh needs."""
    p = tables.params[0]
    frailty = int(tables.people[rows[r]["person"]]["frailty"])
    if rows[r]["need_type"] == UNAVOIDABLE:
        frailty = 0  # the placebo need reads no mediator
    return (p["readmit_fit"], p["readmit_mild"], p["readmit_moderate"], p["readmit_severe"])[frailty]


@jit_borrowing
def package_chance(tables, rows, r, now, support):  # type: ignore[no-untyped-def]
    """Return the probability of needing a home package before going home."""
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    if age_years(person["birth_day"], now) < p["support_age_from"]:
        return p["package_under_65"]
    score = p["package_base"] + p["package_per_frailty"] * person["frailty"]
    if person["lives_alone"] == 1:
        score = score + p["package_alone"]
    return dose(support, p["discharge_package_rr"]) / (1.0 + exp(-score))


@jit_borrowing
def after_bed(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step when medically ready: home, or wait for a home package in the bed (delayed discharge)."""
    p = tables.params[0]
    rows[r]["flags"] &= ~READMISSION_DUE
    days = 0.0
    can_return = (rows[r]["flags"] & READMITTED) == 0
    if can_return and draw(tables, rows, r, purposes.READMIT) < readmission_chance(tables, rows, r):
        rows[r]["flags"] |= READMISSION_DUE
        days = 1.0 + draw(tables, rows, r, purposes.READMIT_DAYS) * (p["readmit_within_days"] - 1.0)
    service = service_of(tables, rows, r, HOME_PACKAGE)
    supported = effect_of(tables, rows[r]["person"], DISCHARGE_SUPPORT) if (rows[r]["flags"] & SUPPORTED) != 0 else 0.0
    needed = draw(tables, rows, r, purposes.PACKAGE_NEED) < package_chance(tables, rows, r, now, supported)
    if needed and service >= 0:
        weeks = drawn_length(tables, rows, r, purposes.PACKAGE_WEEKS, p["package_weeks"], p["package_weeks_scv"])
        length = whole_seconds(weeks * DAYS_PER_WEEK * SECONDS_PER_DAY)
        if days > 0.0:
            length = min(length, whole_seconds(days * SECONDS_PER_DAY))  # the package stops on going back
        wait = drawn_length(
            tables, rows, r, purposes.DISCHARGE_PATIENCE, p["discharge_patience_days"], p["discharge_patience_scv"]
        )
        rows[r]["stage"] = AT_PACKAGE
        patience = whole_seconds(wait * SECONDS_PER_DAY)
        return seek(service, length, int(p["package_priority_hospital"]), patience, 1, OUT_DISCHARGED)
    if days > 0.0:
        rows[r]["stage"] = STAY_BEFORE_READMISSION
        return stay(whole_seconds(days * SECONDS_PER_DAY), OUT_DISCHARGED)
    return end(OUT_DISCHARGED)


@jit_borrowing
def after_package(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step when a home package ends or was never found (another placement took the person)."""
    if (rows[r]["flags"] & READMISSION_DUE) != 0:
        if event == SERVED:
            return back_to_hospital(tables, rows, r, now, in_acute)
        p = tables.params[0]
        days = 1.0 + draw(tables, rows, r, purposes.READMIT_DAYS) * (p["readmit_within_days"] - 1.0)
        rows[r]["stage"] = STAY_BEFORE_READMISSION
        return stay(whole_seconds(days * SECONDS_PER_DAY), OUT_TRANSFERRED)
    return end(OUT_DISCHARGED if event == SERVED else OUT_TRANSFERRED)


@jit_borrowing
def back_to_hospital(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    """Return the step back to ED after discharge or after going without, sicker than before."""
    p = tables.params[0]
    if in_acute == 1:
        return end(OUT_ABSORBED)
    if (rows[r]["flags"] & READMISSION_DUE) != 0:
        rows[r]["flags"] = (rows[r]["flags"] & ~READMISSION_DUE) | READMITTED
        rows[r]["value"] = rows[r]["value"] + p["return_sicker"] * (1.0 - rows[r]["value"])
    return to_ed(tables, rows, r, now, OUT_NONE)


@jit_borrowing
def first_contact(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the first step of a frailty crisis (ED mostly; community team or GP if mild) or an unavoidable one."""
    p = tables.params[0]
    if rows[r]["need_type"] == UNAVOIDABLE:
        return to_ed(tables, rows, r, now, OUT_NONE)
    if rows[r]["value"] < p["crisis_mild_below"]:
        u = draw(tables, rows, r, purposes.CRISIS_PLACE)
        if u < p["crisis_mild_community"] and service_of(tables, rows, r, COMMUNITY) >= 0:
            return to_community(tables, rows, r, OUT_NONE)
        if u >= 1.0 - p["crisis_mild_gp"] and service_of(tables, rows, r, GP) >= 0:
            return to_gp(tables, rows, r, OUT_NONE)
    return to_ed(tables, rows, r, now, OUT_NONE)
