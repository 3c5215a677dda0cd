"""Stays: assessment unit, bed, virtual ward, and the way home (package, reablement, readmission).

Nothing here knows of the emergency department: sim/rules/emergency.py sends people in, sim/rules/acute.py back.
"""

from __future__ import annotations

from sim.codes import (
    ASSESSMENT,
    BED,
    COMMUNITY,
    DISCHARGE_SUPPORT,
    HOME_PACKAGE,
    MENTAL_HEALTH_CRISIS,
    NEVER,
    OUT_ABSORBED,
    OUT_ADMITTED,
    OUT_DISCHARGED,
    OUT_REFERRED,
    OUT_RESOLVED,
    OUT_TRANSFERRED,
    POOR_HOUSING,
    SERVED,
    UNAVOIDABLE,
    VIRTUAL_WARD,
    VIRTUAL_WARD_LEVER,
)
from sim.fields import one_of
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.contacts import draw, drawn_length, patience, service_of, site_of
from sim.rules.discharge import package_chance, readmission_chance, readmission_days
from sim.rules.dose import effect_of, month_number, reach_of
from sim.rules.dying import days_to_the_end
from sim.rules.maths import exp, lognormal_quantile, whole_seconds
from sim.rules.stages import (
    AT_ASSESSMENT,
    AT_BED,
    AT_PACKAGE,
    AT_REABLEMENT,
    AT_VIRTUAL_WARD,
    COUNTED,
    DAYS_PER_WEEK,
    HOURS_PER_DAY,
    IN_VIRTUAL_WARD,
    READMISSION_DUE,
    SAME_DAY,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    STAY_BEFORE_REABLEMENT,
    STAY_BEFORE_READMISSION,
    STEP_DOWN,
    STEP_UP,
    SUPPORTED,
    VIRTUAL_ADDED,
    VIRTUAL_FAILS,
    end,
    seek,
    stay,
)
from sim.rules.tables import age_years

SEVERELY_FRAIL = 2  # above this category
STAY_AGES = ("stay_age_1", "stay_age_2", "stay_age_3", "stay_age_4", "stay_age_5")
STAY_AGE = one_of(*STAY_AGES)
ZERO_DAY = one_of("zero_day_0", "zero_day_1", "zero_day_2", "zero_day_3", "zero_day_4", "zero_day_5")
STAY_DAYS = one_of("stay_0", "stay_1", "stay_2", "stay_3", "stay_4", "stay_5")
STAY_BY_FRAILTY = one_of("stay_mild", "stay_moderate", "stay_severe")


# Length of stay.


@jit_small
def stay_band(age, p):  # type: ignore[no-untyped-def]
    """Return the length-of-stay age band 0-5."""
    band = 0
    while band < len(STAY_AGES) and age >= STAY_AGE(p, band):
        band += 1
    return band


@jit_small
def same_day_share(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the share of emergency admissions of a person of this age that end the same day."""
    p = tables.params[0]
    return ZERO_DAY(p, stay_band(age_years(tables.people[rows[r]["person"]]["birth_day"], now), p))


@jit_small
def by_midnight(p, days, now):  # type: ignore[no-untyped-def]
    """Return the length of a same-day stay decided on at ``now``: over by midnight, as the share of such stays counts.

    Whoever comes too late for a share of the mean stay before midnight stays on into the next day.
    """
    left = (SECONDS_PER_DAY - 1 - now % SECONDS_PER_DAY) / SECONDS_PER_DAY  # the last second is still this day's
    return left if left < days and left >= p["zero_day_least_share"] * p["zero_day_days"] else days


@jit_small
def long_days(tables, rows, r, now, u):  # type: ignore[no-untyped-def]
    """Return days until medically ready in a stay beyond the same day, at the quantile ``u``: by age and frailty."""
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    typical = STAY_DAYS(p, stay_band(age_years(person["birth_day"], now), p))
    if rows[r]["need_type"] != UNAVOIDABLE and person["frailty"] > 0:
        typical = typical * STAY_BY_FRAILTY(p, int(person["frailty"]) - 1)
    return lognormal_quantile(u, typical, p["stay_scv"])


@jit_small
def supported_days(tables, days, support):  # type: ignore[no-untyped-def]
    """Return ``days`` less what discharge support at dose ``support`` takes off, never below a same-day stay."""
    p = tables.params[0]
    if support == 0.0:
        return days
    least = p["zero_day_days"]
    saved = days - support * p["discharge_los_days_saved"]
    return saved if saved > least else min(days, least)


@jit_small
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


# The virtual ward: offered at admission, in place of a bed, to shorten a stay, or on top of one.


@jit_small
def home_suits(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return whether the person could be looked after at home: need, age, home, company and digital access."""
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    kind = rows[r]["need_type"]
    if kind in (UNAVOIDABLE, MENTAL_HEALTH_CRISIS) or rows[r]["acuity"] < 1:
        return False
    if age_years(person["birth_day"], now) < p["virtual_age_from"]:
        return False
    if person["lives_alone"] == 1 and person["frailty"] > SEVERELY_FRAIL:
        return False
    score = p["virtual_suitable"] + p["virtual_digital"] * person["digital"]
    if (int(person["social"]) & POOR_HOUSING) != 0:
        score = score + p["virtual_poor_housing"]
    if person["lives_alone"] == 1:
        score = score + p["virtual_alone"]
    return draw(tables, rows, r, purposes.VIRTUAL_SUITABLE) < 1.0 / (1.0 + exp(-score))


@jit_small
def virtual_offer(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the effect of a virtual ward on this admission (0.0: none), and record who is offered a place.

    Below full effect as many fewer of those offered go; above it more stays are replaced (`goes_home`).
    """
    i = rows[r]["person"]
    reach = reach_of(tables, i, VIRTUAL_WARD_LEVER)
    if reach <= 0.0 or service_of(tables, rows, r, VIRTUAL_WARD) < 0 or not home_suits(tables, rows, r, now):
        return 0.0
    if draw(tables, rows, r, purposes.VIRTUAL_OFFER) >= reach:
        return 0.0
    tables.reach[i]["virtual_ward"] = month_number(now)
    effect = effect_of(tables, i, VIRTUAL_WARD_LEVER)
    if draw(tables, rows, r, purposes.VIRTUAL_TAKEN) >= effect:
        return 0.0
    return effect


@jit_small
def goes_home(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return whether an admission is looked after at home in place of hospital; if not, note what a place is for.

    A share of stays on the virtual ward spare the admission, if the person is not too ill for it. Of the others some
    end a stay in a bed early and the rest are additional activity. Decided before a place in hospital is sought, as
    nobody is spared an admission who has been admitted.
    """
    effect = virtual_offer(tables, rows, r, now)
    if effect == 0.0:
        return False
    p = tables.params[0]
    share = p["virtual_substitution"]
    if effect > 1.0:
        share = share * effect
    u = draw(tables, rows, r, purposes.VIRTUAL_REPLACES)
    if u < share and rows[r]["value"] < p["virtual_step_up_most"]:
        rows[r]["flags"] |= STEP_UP
        return True
    rows[r]["flags"] |= STEP_DOWN if u < share + (1.0 - share) * p["virtual_step_down_share"] else VIRTUAL_ADDED
    return False


@jit_borrowing
def to_virtual_ward(tables, rows, r, days, wait, keep, outcome):  # type: ignore[no-untyped-def]
    """Return the step to the virtual ward for ``days``, waiting ``wait`` seconds at most (``keep``: where one is).

    Some stays end early, back in hospital.
    """
    p = tables.params[0]
    if draw(tables, rows, r, purposes.VIRTUAL_BACK) < p["virtual_back"] * rows[r]["value"]:
        rows[r]["flags"] |= VIRTUAL_FAILS
        days = days * p["virtual_back_length_ratio"]
    rows[r]["stage"] = AT_VIRTUAL_WARD
    service = service_of(tables, rows, r, VIRTUAL_WARD)
    return seek(service, whole_seconds(days * SECONDS_PER_DAY), int(p["virtual_priority"]), wait, keep, outcome)


@jit_small
def virtual_wait(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return how many seconds an admission waits for a place in the virtual ward before a bed is asked for."""
    p = tables.params[0]
    hours = drawn_length(
        tables, rows, r, purposes.VIRTUAL_PATIENCE, p["virtual_patience_hours"], p["virtual_patience_scv"]
    )
    return whole_seconds(hours * SECONDS_PER_HOUR)


# Admission.


@jit_small
def has_assessment(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return whether the hospital has an assessment unit; where it has none same-day stays use beds."""
    site = site_of(tables, rows, r, ASSESSMENT)
    return tables.service_at[ASSESSMENT, site] >= 0 and tables.supply[ASSESSMENT, site] > 0.0


@jit_small
def count_admission(tables, rows, r):  # type: ignore[no-untyped-def]
    """Count this stay in hospital once, in whichever unit it begins, and return the outcome of what came before."""
    if (rows[r]["flags"] & COUNTED) != 0:
        return OUT_TRANSFERRED  # on from the assessment unit
    rows[r]["flags"] |= COUNTED
    tables.people[rows[r]["person"]]["m_admissions"] += 1
    return OUT_ADMITTED


@jit_small
def to_assessment(tables, rows, r, days):  # type: ignore[no-untyped-def]
    """Return the step to the assessment unit for ``days``, holding the cubicle until it starts or a bed is sought."""
    rows[r]["stage"] = AT_ASSESSMENT
    wait = assessment_wait(tables, rows, r)
    service = service_of(tables, rows, r, ASSESSMENT)
    outcome = count_admission(tables, rows, r)
    return seek(service, whole_seconds(days * SECONDS_PER_DAY), rows[r]["acuity"], wait, 1, outcome)


@jit_small
def assessment_wait(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return how many seconds an admission waits for a place in the assessment unit before a bed is asked for."""
    p = tables.params[0]
    return patience(tables, rows, r, purposes.ASSESSMENT_PATIENCE, p["assessment_patience_hours"] / HOURS_PER_DAY)


@jit_small
def admit(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step of someone admitted: assessment unit, virtual ward or bed, holding the cubicle until it starts.

    One draw splits same-day stays from longer ones and says how long either lasts.
    """
    p = tables.params[0]
    if service_of(tables, rows, r, BED) < 0:
        return end(OUT_TRANSFERRED)
    rows[r]["flags"] &= ~(SUPPORTED | COUNTED | SAME_DAY | STEP_UP | STEP_DOWN)
    rows[r]["flags"] &= ~(VIRTUAL_ADDED | VIRTUAL_FAILS | IN_VIRTUAL_WARD)
    last = days_to_the_end(tables, rows, r, now)
    if last > 0.0:
        return seek_bed(tables, rows, r, last)
    u = draw(tables, rows, r, purposes.STAY_LENGTH)
    share = same_day_share(tables, rows, r, now)
    unit = has_assessment(tables, rows, r)
    if u < share:
        days = by_midnight(p, lognormal_quantile(u / share, p["zero_day_days"], p["zero_day_scv"]), now)
        rows[r]["flags"] |= SAME_DAY
        if unit:
            return to_assessment(tables, rows, r, days)
        return seek_bed(tables, rows, r, days)
    at = (u - share) / (1.0 - share)
    if goes_home(tables, rows, r, now):
        days = long_days(tables, rows, r, now, at) * p["virtual_stay_ratio"]
        return to_virtual_ward(tables, rows, r, days, virtual_wait(tables, rows, r), 1, OUT_REFERRED)
    if unit and draw(tables, rows, r, purposes.ASSESSMENT_FIRST) < p["assessment_first"]:
        first = drawn_length(tables, rows, r, purposes.ASSESSMENT_STAY, p["assessment_days"], p["assessment_scv"])
        return to_assessment(tables, rows, r, first)
    return to_ward(tables, rows, r, now, at)


@jit_small
def seek_bed(tables, rows, r, days):  # type: ignore[no-untyped-def]
    """Return the step to a bed for ``days``, holding where the person is until it starts."""
    rows[r]["stage"] = AT_BED
    service = service_of(tables, rows, r, BED)
    outcome = count_admission(tables, rows, r)
    return seek(service, whole_seconds(days * SECONDS_PER_DAY), rows[r]["acuity"], NEVER, 1, outcome)


@jit_borrowing
def to_ward(tables, rows, r, now, u):  # type: ignore[no-untyped-def]
    """Return the step to a stay in a bed beyond the same day, at the quantile ``u``."""
    return to_bed(tables, rows, r, now, long_days(tables, rows, r, now, u))


@jit_borrowing
def to_bed(tables, rows, r, now, days):  # type: ignore[no-untyped-def]
    """Return the step to a bed for ``days``, less what support and an early move to the virtual ward take off."""
    p = tables.params[0]
    days = supported_days(tables, days, support_dose(tables, rows, r, now))
    if (rows[r]["flags"] & STEP_DOWN) != 0:
        shorter = days - p["virtual_bed_days_saved"]
        if shorter > p["zero_day_days"]:
            days = shorter
        else:
            rows[r]["flags"] &= ~STEP_DOWN
    return seek_bed(tables, rows, r, days)


@jit_small
def after_assessment(tables, rows, r, now, event):  # type: ignore[no-untyped-def]
    """Return the step after the assessment unit: home the same day, or on to a bed, holding the place.

    Those who had no place in time have their same-day stay in a bed.
    """
    p = tables.params[0]
    if (rows[r]["flags"] & SAME_DAY) != 0:
        if event == SERVED:
            return leave(tables, rows, r, now, 1)
        days = drawn_length(tables, rows, r, purposes.ASSESSMENT_STAY, p["zero_day_days"], p["zero_day_scv"])
        return seek_bed(tables, rows, r, days)
    return to_ward(tables, rows, r, now, draw(tables, rows, r, purposes.STAY_LENGTH))


# The way home.


@jit_small
def after_bed(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step when the time in a bed is over: to the virtual ward if this stay ends there, else home.

    One who waits for the virtual ward stays in the bed, as long as the stay would have lasted without it.
    """
    p = tables.params[0]
    if (rows[r]["flags"] & STEP_DOWN) != 0:
        days = drawn_length(tables, rows, r, purposes.VIRTUAL_STAY, p["virtual_days"], p["virtual_days_scv"])
        wait = whole_seconds(p["virtual_bed_days_saved"] * SECONDS_PER_DAY)
        return to_virtual_ward(tables, rows, r, days, wait, 1, OUT_DISCHARGED)
    return leave(tables, rows, r, now, 1)


@jit_small
def gave_up_virtual(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step when no place in the virtual ward came in time: a bed, the rest of the stay over, or home."""
    if (rows[r]["flags"] & VIRTUAL_ADDED) != 0:
        rows[r]["flags"] &= ~VIRTUAL_ADDED
        return go_home(tables, rows, r, OUT_DISCHARGED)
    rows[r]["flags"] &= ~VIRTUAL_FAILS
    if (rows[r]["flags"] & STEP_UP) != 0:
        rows[r]["flags"] &= ~STEP_UP
        days = long_days(tables, rows, r, now, draw(tables, rows, r, purposes.STAY_LENGTH))
        return to_bed(tables, rows, r, now, days)
    rows[r]["flags"] &= ~STEP_DOWN
    return leave(tables, rows, r, now, 1)


@jit_small
def after_virtual_ward(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the step after a stay in the virtual ward that did not fail: home, where one already is."""
    if (rows[r]["flags"] & VIRTUAL_ADDED) != 0:
        rows[r]["flags"] &= ~VIRTUAL_ADDED
        return go_home(tables, rows, r, OUT_DISCHARGED)
    rows[r]["flags"] = (rows[r]["flags"] & ~(STEP_UP | STEP_DOWN)) | IN_VIRTUAL_WARD
    return leave(tables, rows, r, now, 0)


@jit_borrowing
def leave(tables, rows, r, now, keep):  # type: ignore[no-untyped-def]
    """Return the step when medically ready: home, or wait for a home package where one is (delayed discharge).

    ``keep`` 1: in hospital, where one waits in the place one has; 0: from the virtual ward, at home already.
    """
    p = tables.params[0]
    rows[r]["flags"] &= ~READMISSION_DUE
    supported = effect_of(tables, rows[r]["person"], DISCHARGE_SUPPORT) if (rows[r]["flags"] & SUPPORTED) != 0 else 0.0
    if draw(tables, rows, r, purposes.READMIT) < readmission_chance(tables, rows, r, supported):
        rows[r]["flags"] |= READMISSION_DUE
    service = service_of(tables, rows, r, HOME_PACKAGE)
    needed = draw(tables, rows, r, purposes.PACKAGE_NEED) < package_chance(tables, rows, r, now, supported)
    if needed and service >= 0:
        weeks = drawn_length(tables, rows, r, purposes.PACKAGE_WEEKS, p["package_weeks"], p["package_weeks_scv"])
        length = whole_seconds(weeks * DAYS_PER_WEEK * SECONDS_PER_DAY)
        if (rows[r]["flags"] & READMISSION_DUE) != 0:  # the package stops on going back
            length = min(length, whole_seconds(readmission_days(tables, rows, r) * SECONDS_PER_DAY))
        wait = drawn_length(
            tables, rows, r, purposes.DISCHARGE_PATIENCE, p["discharge_patience_days"], p["discharge_patience_scv"]
        )
        rows[r]["stage"] = AT_PACKAGE
        until = whole_seconds(wait * SECONDS_PER_DAY)
        return seek(service, length, int(p["package_priority_hospital"]), until, keep, OUT_DISCHARGED)
    return go_home(tables, rows, r, OUT_DISCHARGED)


@jit_borrowing
def go_home(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step of someone on the way home: reablement, an added virtual ward, readmission, or the end."""
    p = tables.params[0]
    supported = (rows[r]["flags"] & SUPPORTED) != 0
    rows[r]["flags"] &= ~SUPPORTED
    if supported and service_of(tables, rows, r, COMMUNITY) >= 0:
        return to_reablement(tables, rows, r, outcome)
    if (rows[r]["flags"] & VIRTUAL_ADDED) != 0:
        days = drawn_length(tables, rows, r, purposes.VIRTUAL_STAY, p["virtual_days"], p["virtual_days_scv"])
        return to_virtual_ward(tables, rows, r, days, virtual_wait(tables, rows, r), 0, outcome)
    if (rows[r]["flags"] & READMISSION_DUE) != 0:
        rows[r]["stage"] = STAY_BEFORE_READMISSION
        return stay(whole_seconds(readmission_days(tables, rows, r) * SECONDS_PER_DAY), outcome)
    return end(outcome)


@jit_small
def to_reablement(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to a visit of the community team after a supported discharge: what the support costs."""
    p = tables.params[0]
    service = service_of(tables, rows, r, COMMUNITY)
    minutes = drawn_length(tables, rows, r, purposes.REABLEMENT_MINUTES, p["reablement_minutes"], p["reablement_scv"])
    wait = patience(tables, rows, r, purposes.REABLEMENT_PATIENCE, p["reablement_patience_days"])
    rows[r]["stage"] = AT_REABLEMENT
    priority = int(p["reablement_priority"])
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), priority, wait, 0, outcome)


@jit_small
def after_reablement(tables, rows, r, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after a visit, or when none came: another some days later, or what else follows discharge."""
    p = tables.params[0]
    if in_acute == 1:
        return end(OUT_ABSORBED)
    if event == SERVED and draw(tables, rows, r, purposes.REABLEMENT_MORE) < p["reablement_more"]:
        rows[r]["stage"] = STAY_BEFORE_REABLEMENT
        return stay(whole_seconds(p["reablement_gap_days"] * SECONDS_PER_DAY), OUT_RESOLVED)
    return go_home(tables, rows, r, OUT_RESOLVED)
