"""Episodes walked with everything served at once: what a need yields in contacts, by the pathway itself."""

from __future__ import annotations

import numpy as np

from sim.codes import BED, COMMUNITY, ED, END, FRAILTY_CRISIS, GP, HOME_PACKAGE, SEEK, SERVED, SOCIAL_CARE, STAYED
from sim.engines.records import blank_rows
from sim.jit import jit, jit_borrowing
from sim.rules.keys import key4
from sim.rules.residents import begin_episode, next_step
from sim.rules.tables import NEED_KINDS, ResidentTables, age_years

(Y_ED, Y_ADMISSION, Y_GP, Y_UNMET, Y_COMMUNITY, Y_BED_SECONDS, Y_SOCIAL, Y_PACKAGE, Y_STEPS) = range(9)
YIELDS = 9
YIELD_NAMES = (
    "ed attendances",
    "emergency admissions",
    "gp contacts",
    "unmet",
    "community contacts",
    "bed seconds",
    "social care contacts",
    "packages",
    "steps",
)
WALK_MONTH = 1_000_000  # keys of walked episodes: months no run reaches
STEPS_MOST = 200  # no episode is longer (community contacts are bounded by contacts_most)
STEPS_TYPICAL = 12  # room in a log per need, on average


@jit_borrowing
def walk_episode(tables, rows, i, need_type, month, totals):  # type: ignore[no-untyped-def]
    """Walk one episode of person ``i``, adding its contacts to ``totals`` float64[9]; return its outcome (-1: none)."""
    people = tables.people
    rows[0]["need"] = key4(people[i]["key"], need_type, month, 0)
    rows[0]["person_key"] = people[i]["key"]
    rows[0]["person"] = i
    rows[0]["need_type"] = need_type
    rows[0]["site"] = people[i]["neighbourhood"]
    rows[0]["stage"] = 0
    rows[0]["flags"] = 0
    rows[0]["ordinal"] = 0
    rows[0]["value"] = 0.0
    now = 0
    before = people[i]["m_unmet"]
    step = begin_episode(tables, rows, 0, now, 0)
    for _ in range(STEPS_MOST):
        totals[Y_STEPS] += 1.0
        kind, service, duration = step[0], step[1], step[2]
        if kind == END:
            totals[Y_UNMET] += people[i]["m_unmet"] - before
            people[i]["m_unmet"] = before
            return step[6]
        now += duration
        if kind == SEEK:
            if service == tables.service_at[ED, 0]:
                totals[Y_ED] += 1.0
            elif service == tables.service_at[BED, 0]:
                totals[Y_ADMISSION] += 1.0
                totals[Y_BED_SECONDS] += duration
            elif service == tables.service_at[GP, 0]:
                totals[Y_GP] += 1.0
            elif service == tables.service_at[COMMUNITY, 0]:
                totals[Y_COMMUNITY] += 1.0
            elif service == tables.service_at[SOCIAL_CARE, 0]:
                totals[Y_SOCIAL] += 1.0
            elif service == tables.service_at[HOME_PACKAGE, 0]:
                totals[Y_PACKAGE] += 1.0
            rows[0]["ordinal"] += 1
        step = next_step(tables, rows, 0, now, SERVED if kind == SEEK else STAYED, 0)
    return -1


@jit
def walk_people(tables, rows, repeats, oldest_fit, yields):  # type: ignore[no-untyped-def]
    """Fill ``yields`` float64[people, 8, 9]: mean contacts per need of each type, over ``repeats`` episodes each."""
    totals = np.zeros(YIELDS)
    for i in range(len(tables.people)):
        age = age_years(tables.people[i]["birth_day"], 0)
        for need_type in range(NEED_KINDS - 2):
            if need_type == FRAILTY_CRISIS and age < oldest_fit:
                continue
            totals[:] = 0.0
            for k in range(repeats):
                walk_episode(tables, rows, i, need_type, WALK_MONTH + k, totals)
            for which in range(YIELDS):
                yields[i, need_type, which] = totals[which] / repeats
    return 0


def episode_yields(tables: ResidentTables, repeats: int, crisis_from_age: float) -> np.ndarray:
    """Return float64[people, need type 8, yield 9]: mean contacts per need, everything served at once.

    People's own counters are left changed: pass a copy. Frailty crises are walked from ``crisis_from_age`` years.
    """
    yields = np.zeros((len(tables.people), NEED_KINDS, YIELDS))
    walk_people(tables, blank_rows(1), repeats, crisis_from_age, yields)
    return yields


WALK_LOG = np.dtype(
    [
        ("need", "u8"),
        ("person", "i4"),
        ("need_type", "i4"),
        ("kind", "i4"),  # codes.SEEK, STAY or END
        ("service", "i4"),
        ("outcome", "i4"),
        ("keep", "i4"),
        ("priority", "i4"),
        ("time", "i8"),
        ("duration", "i8"),
        ("patience", "i8"),
    ]
)


@jit_borrowing
def walk_row(tables, rows, r, log, at):  # type: ignore[no-untyped-def]
    """Walk the scheduled row ``r`` to its end, writing every step to ``log`` from ``at``; return the next place.

    Returns -1 when the log is full or the episode does not end.
    """
    now = rows[r]["due"]
    step = begin_episode(tables, rows, r, now, 0)
    for _ in range(STEPS_MOST):
        if at >= len(log):
            return -1
        log[at]["need"] = rows[r]["need"]
        log[at]["person"] = rows[r]["person"]
        log[at]["need_type"] = rows[r]["need_type"]
        log[at]["kind"] = step[0]
        log[at]["service"] = step[1]
        log[at]["outcome"] = step[6]
        log[at]["keep"] = step[5]
        log[at]["priority"] = step[3]
        log[at]["time"] = now
        log[at]["duration"] = step[2]
        log[at]["patience"] = step[4]
        at += 1
        if step[0] == END:
            return at
        now += step[2]
        if step[0] == SEEK:
            rows[r]["ordinal"] += 1
        step = next_step(tables, rows, r, now, SERVED if step[0] == SEEK else STAYED, 0)
    return -1


@jit_borrowing
def walk_all(tables, rows, log):  # type: ignore[no-untyped-def]
    """Walk every row in order; return (entries of ``log`` written, or -1, and the row reached)."""
    at = 0
    for r in range(len(rows)):
        at = walk_row(tables, rows, r, log, at)
        if at < 0:
            return -1, r
    return at, len(rows)


def walk_rows(tables: ResidentTables, rows: np.ndarray) -> np.ndarray:
    """Return WALK_LOG[]: every step of ``rows`` (in order of due time), everything served at once.

    This is the world of unlimited capacity: nothing waits, and nobody touches anybody else. Raises RuntimeError if an
    episode does not end.
    """
    order = np.lexsort((rows["need"], rows["due"]))
    ordered = rows[order].copy()
    log = np.zeros(STEPS_MOST + len(rows) * STEPS_TYPICAL, WALK_LOG)
    at, last = walk_all(tables, ordered, log)
    if at < 0:
        raise RuntimeError(f"need {ordered[last]['need']} of type {ordered[last]['need_type']} did not end")
    return log[:at].copy()
