"""Episodes walked with everything served at once: what a need yields in contacts, by the pathway itself."""

from __future__ import annotations

import numpy as np

from sim.codes import (
    AMBULANCE,
    ASSESSMENT,
    BED,
    COMMUNITY,
    ED,
    END,
    END_OF_LIFE,
    GP,
    HOME_PACKAGE,
    NEVER,
    OUT_DIED,
    SEEK,
    SERVED,
    SERVICE_KINDS,
    SOCIAL_CARE,
    STAYED,
)
from sim.engines.records import blank_rows
from sim.jit import jit, jit_entry, jit_small
from sim.rules.dying import NOT_FORESEEN, death_after_need, taken_along
from sim.rules.keys import key4
from sim.rules.needs import eligible, need_time
from sim.rules.residents import begin_episode, next_step
from sim.rules.stages import CONVEYED, HEARD, SECONDS_PER_WEEK
from sim.rules.tables import NEED_KINDS, ResidentTables, age_years

# What an episode yields: contacts with each kind of service, in the order of codes, and then what is no one service's.
Y_ED, Y_GP, Y_COMMUNITY, Y_SOCIAL, Y_PACKAGE = ED, GP, COMMUNITY, SOCIAL_CARE, HOME_PACKAGE
(
    Y_ADMISSION,  # emergency admissions: the first of assessment unit and bed in a hospital spell
    Y_UNMET,
    Y_BED_SECONDS,  # in beds; an assessment unit's hours are not bed days
    Y_STEPS,
    Y_CONVEYED,  # calls to 999 that a crew takes to hospital
    Y_HEARD,  # and those that advice by telephone closes
    Y_ALONG,  # needs at the end of life while in hospital with one: they lead nowhere (structure.dying)
) = range(SERVICE_KINDS, SERVICE_KINDS + 7)
YIELDS = SERVICE_KINDS + 7
WALK_MONTH = 1_000_000  # keys of walked episodes: months no run reaches
STEPS_MOST = 200  # no episode is longer (community contacts are bounded by contacts_most)
STEPS_TYPICAL = 12  # room in a log per need, on average


@jit_small
def kind_of(tables, service):  # type: ignore[no-untyped-def]
    """Return the kind of a service of the reference's one site (-1: of no kind)."""
    for kind in range(SERVICE_KINDS):
        if tables.service_at[kind, 0] == service:
            return kind
    return -1


@jit_small
def count_contact(totals, kind, duration, in_hospital):  # type: ignore[no-untyped-def]
    """Add one contact to ``totals``; return whether the person is now an inpatient.

    An inpatient who goes from assessment unit to bed is admitted once; one who left and comes back, again.
    """
    inside = kind in (ASSESSMENT, BED)
    if kind >= 0:
        totals[kind] += 1.0
    if inside and not in_hospital:
        totals[Y_ADMISSION] += 1.0
    if kind == BED:
        totals[Y_BED_SECONDS] += duration
    return inside


@jit_small
def count_crew(totals, flags):  # type: ignore[no-untyped-def]
    """Add to ``totals`` what becomes of a call to 999: taken to hospital, or advised by telephone."""
    if (flags & CONVEYED) != 0:
        totals[Y_CONVEYED] += 1.0
    elif (flags & HEARD) != 0:
        totals[Y_HEARD] += 1.0


@jit_small
def walk_episode(tables, rows, i, need_type, month, totals):  # type: ignore[no-untyped-def]
    """Walk one episode of person ``i``, adding its contacts to ``totals`` float64[YIELDS]; return its outcome.

    -1 if it does not end. With structure.dying a need at the end of life is followed by death (OUT_DIED), if that is
    sooner."""
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
    now = need_time(tables, rows[0]["need"], need_type, 0, SECONDS_PER_WEEK)
    in_hospital = False
    before = people[i]["m_unmet"]
    age = age_years(people[i]["birth_day"], now)
    if need_type == END_OF_LIFE:
        people[i]["death_s"] = death_after_need(tables.params[0], age, now, rows[0]["need"], tables.seed[0])
    step = begin_episode(tables, rows, 0, now, 0)
    for _ in range(STEPS_MOST):
        totals[Y_STEPS] += 1.0
        kind, service, duration = step[0], step[1], step[2]
        left_s = people[i]["death_s"] - now if people[i]["death_s"] != NOT_FORESEEN else NEVER
        if kind == END or left_s <= 0:
            totals[Y_UNMET] += people[i]["m_unmet"] - before
            people[i]["m_unmet"] = before
            people[i]["death_s"] = NOT_FORESEEN
            return step[6] if kind == END else OUT_DIED
        duration = min(duration, left_s)
        if kind == SEEK:
            called = kind_of(tables, service)
            in_hospital = count_contact(totals, called, duration, in_hospital)
            if in_hospital and people[i]["death_s"] != NOT_FORESEEN:
                totals[Y_ALONG] += taken_along(tables.params[0], age, now, now + duration, people[i]["death_s"])
            if called == AMBULANCE:
                count_crew(totals, rows[0]["flags"])
            rows[0]["ordinal"] += 1
        else:
            in_hospital = False
        now += duration
        step = next_step(tables, rows, 0, now, SERVED if kind == SEEK else STAYED, 0)
    people[i]["death_s"] = NOT_FORESEEN
    return -1


@jit
def walk_people(tables, rows, repeats, yields):  # type: ignore[no-untyped-def]
    """Fill ``yields`` float32[kind of need, people, YIELDS]: mean contacts per need, over ``repeats`` int64[kind]."""
    totals = np.zeros(YIELDS)
    p = tables.params[0]
    for need_type in range(len(repeats)):
        if repeats[need_type] == 0:
            continue
        for i in range(len(tables.people)):
            if not eligible(p, need_type, age_years(tables.people[i]["birth_day"], 0)):
                continue
            totals[:] = 0.0
            for k in range(repeats[need_type]):
                walk_episode(tables, rows, i, need_type, WALK_MONTH + k, totals)
            for which in range(YIELDS):
                yields[need_type, i, which] = totals[which] / repeats[need_type]
    return 0


def episode_yields(tables: ResidentTables, repeats: np.ndarray) -> np.ndarray:
    """Return float32[kind of need, people, yield]: mean contacts per need, everything served at once.

    repeats: episodes walked per person of each kind of need (0: none). People's own counters are left changed: pass a
    copy. Nobody is walked through a need that people of their age do not have.
    """
    every = np.zeros(NEED_KINDS, np.int64)
    every[: len(repeats)] = repeats
    yields = np.zeros((NEED_KINDS, len(tables.people), YIELDS), np.float32)
    walk_people(tables, blank_rows(1), every, yields)
    return yields


def led_somewhere(made: np.ndarray, needs: np.ndarray) -> np.ndarray:
    """Return ``made`` [yield, band, q] per unit of residual, of needs whose sequels in hospital lead nowhere.

    Each need walked by itself takes Y_ALONG others along, to which nothing more happens: of 1 + Y_ALONG needs one leads
    somewhere. ``needs`` [band, q]: per unit of residual. As it is where no death is foreseen.
    """
    along = np.divide(made[Y_ALONG], needs, out=np.zeros_like(needs), where=needs > 0.0)
    return np.asarray(made / (1.0 + along))


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


@jit_small
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


@jit_entry
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
