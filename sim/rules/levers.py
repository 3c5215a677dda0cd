"""Who the levers reach this month, and the needs they make.

Zero effect: a lever whose effect is 0 writes `reach` and nothing else. Isolation: selection reads the person's own
columns and keys alone; only a caseload that is full makes one person's place depend on another's score.
"""

from __future__ import annotations

import numpy as np

from sim.codes import (
    COLOCATION,
    CONTINUITY,
    EXTENDED_ACCESS,
    HOUSING,
    PARTICIPATION,
    PRACTICAL_NEED,
    PRESENT,
    SHARED_RECORDS,
    URGENT_RESPONSE_LEVER,
    VIRTUAL_WARD_LEVER,
    WELFARE_ADVICE,
)
from sim.jit import jit_entry, jit_small
from sim.rules.case_finding import find_case
from sim.rules.dose import is_reached
from sim.rules.enrolment import apply_coordination, enrol
from sim.rules.needs import LEVER_K, scheduled_rows
from sim.rules.stages import AT_SERVICE
from sim.rules.tables import NEED_KINDS, ResidentTables
from sim.rules.visiting import (
    FOR_ADVICE,
    offer_advice,
    offer_falls_class,
    offer_link_worker,
    offer_repair,
    round_care_home,
    visit_home,
)


@jit_small
def record_standing(tables, i, month):  # type: ignore[no-untyped-def]
    """Record when a lever with a standing reach first got to person ``i``; their effects are read where they act."""
    reach = tables.reach
    if reach[i]["continuity"] == 0 and is_reached(tables, i, CONTINUITY):
        reach[i]["continuity"] = month + 1
    if reach[i]["participation"] == 0 and is_reached(tables, i, PARTICIPATION):
        reach[i]["participation"] = month + 1
    if reach[i]["colocation"] == 0 and is_reached(tables, i, COLOCATION):
        reach[i]["colocation"] = month + 1
    if reach[i]["shared_records"] == 0 and is_reached(tables, i, SHARED_RECORDS):
        reach[i]["shared_records"] = month + 1
    if reach[i]["urgent_response"] == 0 and is_reached(tables, i, URGENT_RESPONSE_LEVER):
        reach[i]["urgent_response"] = month + 1
    if reach[i]["virtual_ward"] == 0 and is_reached(tables, i, VIRTUAL_WARD_LEVER):
        reach[i]["virtual_ward"] = month + 1
    if reach[i]["extended_access"] == 0 and is_reached(tables, i, EXTENDED_ACCESS):
        reach[i]["extended_access"] = month + 1


@jit_entry
def select_people(tables, month, now, active, counts, asked):  # type: ignore[no-untyped-def]
    """Go once through the people present: every lever's selection and offers. ``asked``: what practical needs are for.

    Returns how many people were looked at.
    """
    people = tables.people
    done = 0
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT:
            continue
        record_standing(tables, i, month)
        find_case(tables, i, month, now, counts)
        visit_home(tables, i, month, counts)
        apply_coordination(tables, i, active, counts)
        round_care_home(tables, i, month, counts)
        offer_link_worker(tables, i, month, now, counts)
        offer_advice(tables, i, month, counts, asked)
        offer_repair(tables, i, month, counts, asked)
        offer_falls_class(tables, i, month, now, counts)
        done += 1
    return done


@jit_entry
def mark_practical(rows, asked):  # type: ignore[no-untyped-def]
    """Write into the stage of a lever's practical needs which service they are for: AT_SERVICE + its kind.

    Where one person has both, advice comes first. Returns how many were marked.
    """
    done = 0
    for r in range(len(rows)):
        if rows[r]["need_type"] != PRACTICAL_NEED:
            continue
        i = rows[r]["person"]
        if int(asked[i]) & FOR_ADVICE:
            rows[r]["stage"] = AT_SERVICE + WELFARE_ADVICE
            asked[i] = int(asked[i]) & ~FOR_ADVICE
        else:
            rows[r]["stage"] = AT_SERVICE + HOUSING
        done += 1
    return done


def lever_selection(tables: ResidentTables, month: int, start_s: int, end_s: int) -> np.ndarray:
    """Select by every lever, record `reach`, and return the needs levers make as ROW[] in [start_s, end_s).

    Discharge support selects at each admission (the hospital's rules), not here. A practical need that a lever makes
    says in its stage which service it is for.
    """
    people = len(tables.people)
    counts = np.zeros((people, NEED_KINDS), np.int32)
    asked = np.zeros(people, np.uint8)
    select_people(tables, month, start_s, enrol(tables, month), counts, asked)
    rows = scheduled_rows(tables, counts, month, start_s, end_s, LEVER_K)
    mark_practical(rows, asked)
    return rows
