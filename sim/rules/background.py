"""Everyone else: anonymous patients with keyed arrivals, the same in every arm, queueing like anyone.

Emergency background comes through ED and is admitted in the proportion of the hospital's two columns. Elective
background is a list: with the refill switch on it holds more patients than the planned rate, who wait long and take
any bed that is freed; with it off only the planned rate arrives. The clinics have such a list too, behind every
resident: it takes the slots that residents leave.
"""

from __future__ import annotations

import numpy as np

from sim.codes import (
    ASSESSMENT,
    BACKGROUND_BED,
    BACKGROUND_CLINIC,
    BACKGROUND_ED,
    BED,
    ED,
    NEVER,
    OUT_ADMITTED,
    OUT_DISCHARGED,
    OUT_NONE,
    OUT_TRANSFERRED,
    OUT_UNMET,
    OUTPATIENT_FOLLOW_UP,
    OUTPATIENT_NEW,
    OUTPATIENT_PROCEDURE,
    SERVED,
)
from sim.jit import jit, jit_borrowing, jit_entry, jit_small
from sim.rules import purposes
from sim.rules.arrays import MINUTES
from sim.rules.arrivals import Arrivals, arrive
from sim.rules.contacts import draw, drawn_length, patience, service_of
from sim.rules.emergency import acuity_of, cubicle_minutes, ed_patience_hours
from sim.rules.keys import key2, key4, poisson_count, uniform
from sim.rules.maths import lognormal_quantile, whole_seconds
from sim.rules.needs import HOURS
from sim.rules.stages import (
    BACKGROUND_AT_ASSESSMENT,
    BACKGROUND_AT_BED,
    BACKGROUND_AT_CLINIC,
    BACKGROUND_AT_ED,
    COUNTED,
    DAYS_PER_WEEK,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    end,
    seek,
)
from sim.rules.tables import ResidentTables
from sim.rules.ward import assessment_wait, has_assessment

KINDS = (BACKGROUND_ED, BACKGROUND_BED, BACKGROUND_CLINIC)


@jit_borrowing
def first_contact(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step of an anonymous patient: ED, the elective list for a bed, or a clinic's backlog."""
    p = tables.params[0]
    if rows[r]["need_type"] == BACKGROUND_CLINIC:
        return to_clinic(tables, rows, r)
    if rows[r]["need_type"] == BACKGROUND_BED:
        service = service_of(tables, rows, r, BED)
        if service < 0:
            return end(OUT_TRANSFERRED)
        days = drawn_length(
            tables, rows, r, purposes.BACKGROUND_STAY, p["elective_stay_days"], p["background_elective_scv"]
        )
        wait = patience(tables, rows, r, purposes.BACKGROUND_PATIENCE, p["background_elective_patience_days"])
        rows[r]["stage"] = BACKGROUND_AT_BED
        length = whole_seconds(days * SECONDS_PER_DAY)
        return seek(service, length, int(p["background_elective_priority"]), wait, 0, OUT_NONE)
    service = service_of(tables, rows, r, ED)
    if service < 0:
        return end(OUT_TRANSFERRED)
    value = draw(tables, rows, r, purposes.BACKGROUND_ACUITY)
    rows[r]["value"] = value
    acuity = acuity_of(p, BACKGROUND_ED, value + p["background_acuity_shift"])
    rows[r]["acuity"] = acuity
    rows[r]["stage"] = BACKGROUND_AT_ED
    minutes = drawn_length(
        tables, rows, r, purposes.BACKGROUND_MINUTES, cubicle_minutes(p, acuity), p["ed_minutes_scv"]
    )
    wait = NEVER
    if acuity > 1:
        hours = drawn_length(
            tables, rows, r, purposes.BACKGROUND_PATIENCE, ed_patience_hours(p, acuity), p["ed_patience_scv"]
        )
        wait = whole_seconds(hours * SECONDS_PER_HOUR)
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), acuity, wait, 0, OUT_NONE)


@jit_borrowing
def clinic_per_day(tables, site, kind):  # type: ignore[no-untyped-def]
    """Return mean arrivals a day on one clinic's backlog: a share of what its staff at the start can see."""
    p = tables.params[0]
    minutes = tables.service_params[kind, MINUTES]
    if tables.service_at[kind, site] < 0 or minutes <= 0.0:
        return 0.0
    facing = p["facing_share_outpatient_new"]
    staff = tables.teams[site]["clinic_new_fte"]
    if kind == OUTPATIENT_FOLLOW_UP:
        facing = p["facing_share_outpatient_follow_up"]
        staff = tables.teams[site]["clinic_follow_up_fte"]
    elif kind == OUTPATIENT_PROCEDURE:
        facing = p["facing_share_outpatient_procedure"]
        staff = tables.teams[site]["clinic_procedure_fte"]
    hours = p["contract_hours_per_week"] * p["productive_share_of_year"] * facing / DAYS_PER_WEEK
    seen = staff * hours * SECONDS_PER_HOUR / (minutes * SECONDS_PER_MINUTE)
    return p["switch_refill"] * p["background_clinic_share"] * seen


@jit_small
def clinics_per_day(tables, site):  # type: ignore[no-untyped-def]
    """Return mean arrivals a day on all the clinics' backlogs of one neighbourhood."""
    total = clinic_per_day(tables, site, OUTPATIENT_NEW) + clinic_per_day(tables, site, OUTPATIENT_FOLLOW_UP)
    return total + clinic_per_day(tables, site, OUTPATIENT_PROCEDURE)


@jit_small
def to_clinic(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return an anonymous patient's step to one of the neighbourhood's clinics, in proportion to their backlogs."""
    p = tables.params[0]
    site = int(rows[r]["site"])
    u = draw(tables, rows, r, purposes.BACKGROUND_CLINIC_KIND) * clinics_per_day(tables, site)
    kind = OUTPATIENT_NEW
    first = clinic_per_day(tables, site, OUTPATIENT_NEW)
    if u >= first + clinic_per_day(tables, site, OUTPATIENT_FOLLOW_UP):
        kind = OUTPATIENT_PROCEDURE
    elif u >= first:
        kind = OUTPATIENT_FOLLOW_UP
    service = service_of(tables, rows, r, kind)
    mean = tables.service_params[kind, MINUTES]
    if service < 0 or mean <= 0.0:
        return end(OUT_TRANSFERRED)
    minutes = drawn_length(tables, rows, r, purposes.BACKGROUND_CLINIC_MINUTES, mean, p["background_clinic_scv"])
    wait = patience(tables, rows, r, purposes.BACKGROUND_CLINIC_PATIENCE, p["background_clinic_patience_days"])
    rows[r]["stage"] = BACKGROUND_AT_CLINIC
    priority = int(p["background_clinic_priority"])
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), priority, wait, 0, OUT_NONE)


@jit_borrowing
def to_unit(tables, rows, r, kind, days, outcome):  # type: ignore[no-untyped-def]
    """Return the step of an anonymous emergency to the assessment unit or a bed, holding where it is."""
    rows[r]["stage"] = BACKGROUND_AT_ASSESSMENT if kind == ASSESSMENT else BACKGROUND_AT_BED
    length = whole_seconds(days * SECONDS_PER_DAY)
    wait = assessment_wait(tables, rows, r) if kind == ASSESSMENT else NEVER
    return seek(service_of(tables, rows, r, kind), length, rows[r]["acuity"], wait, 1, outcome)


@jit_small
def emergency_stay(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the step of an anonymous emergency admitted from ED: assessment unit or bed, as for residents."""
    p = tables.params[0]
    u = draw(tables, rows, r, purposes.BACKGROUND_STAY)
    zero = p["background_zero_day"]
    unit = has_assessment(tables, rows, r)
    if u < zero:
        days = lognormal_quantile(u / zero, p["zero_day_days"], p["zero_day_scv"])
        return to_unit(tables, rows, r, ASSESSMENT if unit else BED, days, OUT_ADMITTED)
    if unit and draw(tables, rows, r, purposes.BACKGROUND_ASSESSMENT) < p["assessment_first"]:
        rows[r]["flags"] |= COUNTED  # goes on to a bed
        first = drawn_length(
            tables, rows, r, purposes.BACKGROUND_ASSESSMENT_STAY, p["assessment_days"], p["assessment_scv"]
        )
        return to_unit(tables, rows, r, ASSESSMENT, first, OUT_ADMITTED)
    days = lognormal_quantile((u - zero) / (1.0 - zero), p["background_emergency_days"], p["stay_scv"])
    return to_unit(tables, rows, r, BED, days, OUT_ADMITTED)


@jit_small
def next_contact(tables, rows, r, event):  # type: ignore[no-untyped-def]
    """Return an anonymous patient's next step: a stay for the sicker share of ED patients, else the end."""
    stage = rows[r]["stage"]
    if stage in (BACKGROUND_AT_BED, BACKGROUND_AT_CLINIC):
        return end(OUT_DISCHARGED if event == SERVED else OUT_UNMET)
    if stage == BACKGROUND_AT_ASSESSMENT:
        p = tables.params[0]
        if (rows[r]["flags"] & COUNTED) == 0:
            if event == SERVED:
                return end(OUT_DISCHARGED)
            days = drawn_length(tables, rows, r, purposes.BACKGROUND_STAY, p["zero_day_days"], p["zero_day_scv"])
            return to_unit(tables, rows, r, BED, days, OUT_TRANSFERRED)
        days = drawn_length(tables, rows, r, purposes.BACKGROUND_STAY, p["background_emergency_days"], p["stay_scv"])
        return to_unit(tables, rows, r, BED, days, OUT_TRANSFERRED)
    if event != SERVED:
        return end(OUT_UNMET)
    hospital = tables.hospitals[rows[r]["site"]]
    service = service_of(tables, rows, r, BED)
    arrivals = hospital["background_ed_per_day"]
    share = hospital["background_emergency_beds_per_day"] / arrivals if arrivals > 0.0 else 0.0
    # The sickest are admitted: severity is uniform, so the top `share` of it is that share of arrivals.
    if service < 0 or rows[r]["value"] < 1.0 - share:
        return end(OUT_DISCHARGED)
    return emergency_stay(tables, rows, r)


@jit_small
def arrivals_per_day(tables, site, kind):  # type: ignore[no-untyped-def]
    """Return mean arrivals a day of one kind at one site, the refilling list included when it is switched on.

    ``site``: a neighbourhood for clinics, else a hospital; 0 beyond the last of them.
    """
    p = tables.params[0]
    if kind == BACKGROUND_CLINIC:
        return clinics_per_day(tables, site) if site < len(tables.teams) - 1 else 0.0
    if site >= len(tables.hospitals):
        return 0.0
    if kind == BACKGROUND_ED:
        return tables.hospitals[site]["background_ed_per_day"]
    planned = tables.hospitals[site]["background_elective_beds_per_day"]
    return planned * (1.0 + p["switch_refill"] * p["background_refill_excess"])


@jit
def hour_counts(tables, first_day, days, kinds):  # type: ignore[no-untyped-def]
    """Return int32[site, kind, day, hour]: Poisson counts, one keyed uniform each (days from the start date)."""
    sites = max(len(tables.hospitals), len(tables.teams))
    counts = np.zeros((sites, len(kinds), days, HOURS), np.int32)
    most = int(tables.params[0]["background_per_hour_most"])
    for site in range(sites):
        for which in range(len(kinds)):
            mean = arrivals_per_day(tables, site, kinds[which])
            if mean <= 0.0:
                continue
            for day in range(days):
                for hour in range(HOURS):
                    who = key2(site, kinds[which])
                    ordinal = (first_day + day) * HOURS + hour
                    u = uniform(tables.seed[0], who, purposes.BACKGROUND_COUNT, ordinal)  # type: ignore[arg-type]
                    expected = mean * tables.profiles[kinds[which], hour]
                    counts[site, which, day, hour] = poisson_count(u, expected, most)
    return counts


@jit_entry
def fill_background(tables, arrivals, counts, first_day, start_s, kinds, first):  # type: ignore[no-untyped-def]
    """Write the arrivals of anonymous patients from place ``first`` on; return the place after them."""
    at = first
    sites, kinds_count, days, hours = counts.shape
    for site in range(sites):
        for which in range(kinds_count):
            kind = kinds[which]
            for day in range(days):
                for hour in range(hours):
                    for k in range(counts[site, which, day, hour]):
                        ordinal = (first_day + day) * hours + hour
                        who = key4(key2(site, kind), purposes.BACKGROUND_SECOND, ordinal, k)  # type: ignore[arg-type]
                        u = uniform(tables.seed[0], who, purposes.BACKGROUND_SECOND, 0)  # type: ignore[arg-type]
                        time = start_s + day * SECONDS_PER_DAY + hour * SECONDS_PER_HOUR + int(u * SECONDS_PER_HOUR)
                        arrive(arrivals, at, key2(who, kind), who, -1, site, 0, kind, time)  # type: ignore[arg-type]
                        at += 1
    return at


def add_background(arrivals: Arrivals, tables: ResidentTables, start_s: int, days: int) -> None:
    """Add the anonymous patients of ``days`` days from ``start_s`` (see ``background_rows``)."""
    first_day = start_s // SECONDS_PER_DAY
    kinds = np.array(KINDS, np.int64)
    counts = hour_counts(tables, first_day, days, kinds)
    arrivals.make_room(int(counts.sum()))
    arrivals.made = fill_background(tables, arrivals.array, counts, first_day, start_s, kinds, arrivals.made)


def background_rows(tables: ResidentTables, start_s: int, days: int) -> np.ndarray:
    """Return ROW[] of anonymous patients for ``days`` days from ``start_s`` (a midnight): person -1.

    Their site is a hospital, of clinics' patients a neighbourhood. Keyed by (site, kind, day, hour, k), so they are
    the same in every arm.
    """
    arrivals = Arrivals(0)
    add_background(arrivals, tables, start_s, days)
    return arrivals.rows(start_s)
