"""What one contact adds to the books of a month, whatever came before or after it in its episode."""

from __future__ import annotations

import numpy as np

from sim.codes import (
    AMBULANCE,
    ASSESSMENT,
    BED,
    ED,
    GP,
    HOME_PACKAGE,
    MISSED,
    OFFERED_KINDS,
    OUT_LOST,
    OUT_REFERRED,
    OUTPATIENT_NEW,
    RENEGED,
    SERVED,
    URGENT_TREATMENT,
    VIRTUAL_WARD,
)
from sim.jit import jit_small
from sim.outcomes.columns import (
    AMBULANCE_CATEGORY_1,
    COLUMN,
    CONTACTS_AT,
    ED_ACUITY_1,
    HEADLINE_OF,
    STAFF_AT,
    URGENT_TREATMENT_ACUITY_1,
)
from sim.outcomes.contacts import OPEN
from sim.outcomes.events import ED_STANDARD_S
from sim.outcomes.month_books import (
    ATTENDED_N,
    INSIDE_S,
    STARTS,
    STILL,
    STILL_S,
    WAIT_S,
    WAITING_S,
)
from sim.outcomes.panel import ACUITIES, AGE_BANDS, CATEGORIES, SEXES
from sim.outcomes.waits import BINS, WAIT_FROM_S

CELLS_PER_QUINTILE = AGE_BANDS * SEXES
T_NEEDS, T_UNMET, T_RENEGED, T_HANDOVERS, T_LOST = range(5)  # in the order of reducer.TALLIES
N_NEEDS, N_UNMET, N_ED, N_ADMISSIONS = range(4)  # in the order of reducer.NEEDS
HOSPITAL = (ED, ASSESSMENT, BED)
BIN_FROM_S = np.array(WAIT_FROM_S)
ED_ATTENDANCES, ED_BREACHES, ED_WAIT = COLUMN["ed_attendances"], COLUMN["ed_breaches"], COLUMN["ed_wait_seconds"]
URGENT_TREATMENT_ATTENDANCES = COLUMN["urgent_treatment_attendances"]
BED_SECONDS, ASSESSMENT_SECONDS = COLUMN["bed_seconds"], COLUMN["assessment_seconds"]
DELAYED_SECONDS, WARD_SECONDS = COLUMN["delayed_seconds"], COLUMN["virtual_ward_seconds"]
WARD_ADMISSIONS, PACKAGE_STARTS = COLUMN["virtual_ward_admissions"], COLUMN["package_starts"]
GAVE_UP, NOT_MET, LOST = COLUMN["reneged"], COLUMN["missed"], COLUMN["lost_handovers"]
HOSPITAL_DEATHS = COLUMN["hospital_deaths"]
GP_WAIT, OUTPATIENT_WAIT = COLUMN["gp_wait_seconds"], COLUMN["outpatient_wait_seconds"]


@jit_small
def add(b, person, column, amount):  # type: ignore[no-untyped-def]
    """Add to a column of the panel in the person's cell, and to the composition table if the column is in it."""
    b.panel[column, b.where[person]["cell"]] += amount
    if HEADLINE_OF[column] >= 0:
        b.composition[b.where[person]["mixed"], HEADLINE_OF[column]] += amount


@jit_small
def add_need(b, person, need_type, which):  # type: ignore[no-untyped-def]
    """Count one in a column of the table by type of need."""
    b.needs[b.where[person]["cell"] // CELLS_PER_QUINTILE, need_type, which] += 1


@jit_small
def overlap(begin, end, start_s, end_s):  # type: ignore[no-untyped-def]
    """Return the seconds that [begin, end) shares with the month."""
    seconds = min(end, end_s) - max(begin, start_s)
    return seconds if seconds > 0 else 0


@jit_small
def level(value, count):  # type: ignore[no-untyped-def]
    """Return 0 to ``count`` - 1: the last holds everything beyond."""
    return min(max(value, 0), count - 1)


@jit_small
def wait_bin(wait_s):  # type: ignore[no-untyped-def]
    """Return the published bin of a wait: one of exactly a bin's lower limit falls in that bin."""
    low = 0
    high = BINS
    while high - low > 1:
        middle = (low + high) // 2
        if wait_s >= BIN_FROM_S[middle]:
            low = middle
        else:
            high = middle
    return low


@jit_small
def count_at_service(b, one, start_s, end_s):  # type: ignore[no-untyped-def]
    """Count a contact, anybody's, in the waits and seconds of its service."""
    s = one["service"]
    started = one["started"]
    joined = one["joined"]
    called = started if started >= 0 else one["left"]
    b.by_service[WAITING_S, s] += overlap(joined, called, start_s, end_s)
    if started >= 0:
        b.by_service[INSIDE_S, s] += overlap(started, one["left"], start_s, end_s)
    if start_s <= started < end_s:
        b.served[s, wait_bin(started - joined)] += 1
        b.by_service[STARTS, s] += 1
        b.by_service[WAIT_S, s] += started - joined
    if one["how"] == RENEGED:
        b.reneged[s, wait_bin(called - joined)] += 1
    if one["how"] == OPEN and started < 0:
        b.by_service[STILL, s] += 1
        b.by_service[STILL_S, s] += called - joined


@jit_small
def count_urgent(b, one, kind):  # type: ignore[no-untyped-def]
    """Count an attendance at ED or urgent treatment that ended other than as missed."""
    person = one["person"]
    acuity = level(one["acuity"], ACUITIES)
    if kind == URGENT_TREATMENT:
        add(b, person, URGENT_TREATMENT_ATTENDANCES, 1)
        add(b, person, URGENT_TREATMENT_ACUITY_1 + acuity, 1)
        return
    add(b, person, ED_ATTENDANCES, 1)
    add(b, person, ED_ACUITY_1 + acuity, 1)
    add_need(b, person, one["need_type"], N_ED)
    b.attended[b.numbers[ATTENDED_N]] = person
    b.numbers[ATTENDED_N] += 1
    if one["left"] - one["joined"] > ED_STANDARD_S:
        add(b, person, ED_BREACHES, 1)
    until = one["started"] if one["started"] >= 0 else one["left"]
    add(b, person, ED_WAIT, until - one["joined"])


@jit_small
def count_seconds(b, one, kind, start_s, end_s):  # type: ignore[no-untyped-def]
    """Count what a contact's seconds are told of: staff's time, beds, assessment units, virtual wards."""
    person, started = one["person"], one["started"]
    if started < 0:
        return
    where = b.where[person]
    if where["died"] == 1 and one["left"] == where["gone_s"] and (kind in HOSPITAL):
        add(b, person, HOSPITAL_DEATHS, 1)
    finished = one["finished"]
    inside = overlap(started, one["left"], start_s, end_s)
    if STAFF_AT[kind] >= 0:
        until = finished if finished >= 0 else one["left"]
        add(b, person, STAFF_AT[kind], overlap(started, until, start_s, end_s))
    if kind == BED:
        add(b, person, BED_SECONDS, inside)
        if finished >= 0:
            add(b, person, DELAYED_SECONDS, overlap(finished, one["left"], start_s, end_s))
    elif kind == ASSESSMENT:
        add(b, person, ASSESSMENT_SECONDS, inside)
    elif kind == VIRTUAL_WARD:
        add(b, person, WARD_SECONDS, inside)
    if (kind in (HOME_PACKAGE, VIRTUAL_WARD)) and start_s <= started < end_s:
        add(b, person, PACKAGE_STARTS if kind == HOME_PACKAGE else WARD_ADMISSIONS, 1)


@jit_small
def count_contact(b, one, kind, start_s, end_s):  # type: ignore[no-untyped-def]
    """Count a resident's contact by itself."""
    person = one["person"]
    how = one["how"]
    if how == SERVED:
        add(b, person, CONTACTS_AT[kind], 1)
        if kind == GP:
            add(b, person, GP_WAIT, one["started"] - one["joined"])
        elif kind == OUTPATIENT_NEW:
            add(b, person, OUTPATIENT_WAIT, one["started"] - one["joined"])
        elif kind == AMBULANCE:
            add(b, person, AMBULANCE_CATEGORY_1 + level(one["priority"], CATEGORIES), 1)
    elif how == RENEGED:
        add(b, person, GAVE_UP, 1)
        if one["need_type"] not in OFFERED_KINDS:  # what was offered and comes to nothing does no harm to trust
            b.tallies[b.where[person]["team"], T_RENEGED] += 1
    elif how == MISSED:
        add(b, person, NOT_MET, 1)
    if one["outcome"] == OUT_LOST:
        add(b, person, LOST, 1)
        b.tallies[b.where[person]["team"], T_LOST] += 1
    if how != OPEN and (one["outcome"] == OUT_LOST or one["outcome"] == OUT_REFERRED):
        b.tallies[b.where[person]["team"], T_HANDOVERS] += 1
    if (kind in (ED, URGENT_TREATMENT)) and how != OPEN and how != MISSED:
        count_urgent(b, one, kind)
    count_seconds(b, one, kind, start_s, end_s)
