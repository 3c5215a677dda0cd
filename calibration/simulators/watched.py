"""Events of a month that targets need resident by resident, and no others: the run's own fold has counted the rest.

The contacts of a handful of services are looked at; who attended ED comes from the
fold itself (sim/outcomes/fold.py). What is told here adds up to the panel's columns: a test holds the two together.
"""

from __future__ import annotations

import numpy as np

from sim.codes import ASSESSMENT, BED, ED, MENTAL_HEALTH, SERVED, URGENT_TREATMENT
from sim.month import Course, Happened
from sim.outcomes.by_events import hospital_deaths, known_of, people_events
from sim.outcomes.contacts import Contacts, contacts_of, pick
from sim.outcomes.events import Event, Events, attended, by_kind, stay_events
from sim.outcomes.reducer import when_gone
from sim.outcomes.spells import fold_spells

LOOKED_AT = (URGENT_TREATMENT, MENTAL_HEALTH, ED, BED, ASSESSMENT)


def watched_events(happened: Happened, course: Course) -> Events:
    """Return the events of a month just run, by column of the panel; ``course`` as the month has left it."""
    month, people = happened.closed, course.state.tables.people
    kinds = course.state.services["kind"].astype(np.int64)
    contacts = contacts_looked_at(happened, kinds)
    of_kind, gone_s = by_kind(contacts, kinds), when_gone(month, people)
    lives = people_events(month, gone_s)
    known = known_of(happened.before)
    spells, _, _ = fold_spells(of_kind, known.spells, known.admitted, month.start_s, month.end_s)
    urgent, mental = of_kind[URGENT_TREATMENT], of_kind[MENTAL_HEALTH]
    counted = happened.collected.outcomes
    return {
        **lives,
        "hospital_deaths": hospital_deaths(contacts, kinds, lives["deaths"].person, gone_s),
        **stay_events(of_kind, month.start_s, month.end_s),
        **spells,
        "ed_attendances": Event(counted.attended),
        "urgent_treatment_attendances": Event(urgent.person[attended(urgent)]),
        "mental_health_contacts": Event(mental.person[mental.how == SERVED]),
    }


def contacts_looked_at(happened: Happened, kinds: np.ndarray) -> Contacts:
    """Return residents' contacts with the services looked at; kinds: of every service."""
    month = happened.closed
    wanted = np.isin(kinds, LOOKED_AT)
    log, rows = month.log, month.open_rows
    log = log[(log["person"] >= 0) & (log["service"] >= 0) & wanted[log["service"]]]
    rows = rows[(rows["person"] >= 0) & (is_at(rows["service"], wanted) | is_at(rows["held"], wanted))]
    contacts = contacts_of(log, rows, month.start_s, month.end_s)
    return pick(contacts, wanted[contacts.service])


def is_at(services: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return which of ``services`` (below 0: none) are ``wanted``, a flag for each service."""
    return (services >= 0) & wanted[services]
