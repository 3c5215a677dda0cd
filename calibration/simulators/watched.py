"""Events of a month that targets need resident by resident, and no others: the run's own fold has counted the rest.

The contacts of a handful of services are looked at; who attended ED comes from the
fold itself (sim/outcomes/fold.py). What is told here adds up to the panel's columns: a test holds the two together.
"""

from __future__ import annotations

import numpy as np

from sim.codes import ASSESSMENT, BED, MENTAL_HEALTH, SERVED, URGENT_TREATMENT
from sim.month import Course, Happened
from sim.outcomes.by_events import known_of, people_events
from sim.outcomes.contacts import Contacts, contacts_of, pick
from sim.outcomes.events import Event, Events, attended, by_kind, stay_events
from sim.outcomes.reducer import when_gone
from sim.outcomes.spells import fold_spells

LOOKED_AT = (URGENT_TREATMENT, MENTAL_HEALTH, BED, ASSESSMENT)


def watched_events(happened: Happened, course: Course) -> Events:
    """Return the events of a month just run, by column of the panel; ``course`` as the month has left it."""
    month, people = happened.closed, course.state.tables.people
    of_kind = contacts_looked_at(happened, course)
    known = known_of(happened.before)
    spells, _, _ = fold_spells(of_kind, known.spells, known.admitted, month.start_s, month.end_s)
    urgent, mental = of_kind[URGENT_TREATMENT], of_kind[MENTAL_HEALTH]
    counted = happened.collected.outcomes
    return {
        **people_events(month, people, when_gone(month, people)),
        **stay_events(of_kind, month.start_s, month.end_s),
        **spells,
        "ed_attendances": Event(counted.attended),
        "urgent_treatment_attendances": Event(urgent.person[attended(urgent)]),
        "mental_health_contacts": Event(mental.person[mental.how == SERVED]),
    }


def contacts_looked_at(happened: Happened, course: Course) -> list[Contacts]:
    """Return residents' contacts with the services looked at, by kind of service."""
    month = happened.closed
    kinds = course.state.services["kind"].astype(np.int64)
    wanted = np.isin(kinds, LOOKED_AT)
    log, rows = month.log, month.open_rows
    log = log[(log["person"] >= 0) & (log["service"] >= 0) & wanted[log["service"]]]
    rows = rows[(rows["person"] >= 0) & (is_at(rows["service"], wanted) | is_at(rows["held"], wanted))]
    contacts = contacts_of(log, rows, month.start_s, month.end_s)
    return by_kind(pick(contacts, wanted[contacts.service]), kinds)


def is_at(services: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return which of ``services`` (below 0: none) are ``wanted``, a flag for each service."""
    return (services >= 0) & wanted[services]
