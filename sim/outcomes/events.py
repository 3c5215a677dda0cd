"""What happened to whom: the events of a closed month, from which every table of residents is summed.

An event has a person and an amount, so the same events make the panel, the composition table and the month of each
person, whichever cells the people are put in.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sim.codes import (
    AMBULANCE,
    ASSESSMENT,
    BED,
    ED,
    GP,
    HOME_PACKAGE,
    MISSED,
    OUT_LOST,
    OUTPATIENT_NEW,
    RENEGED,
    SERVED,
    SERVICE_KINDS,
    STAFFED_KINDS,
    URGENT_TREATMENT,
    VIRTUAL_WARD,
)
from sim.outcomes.contacts import (
    OPEN,
    Contacts,
    by_need_and_step,
    count_by,
    held_s,
    inside_s,
    pick,
    same_as_before,
    take,
    total_by,
    working_s,
)
from sim.outcomes.panel import ACUITIES, CATEGORIES, contacts_column, staff_column

ED_STANDARD_S = 4 * 3600  # the four-hour standard, NHS England: a definition


class Event(NamedTuple):
    """Events of one column of the panel: who (indices of people), how much (None: one each), for which need type."""

    person: np.ndarray
    amount: np.ndarray | None = None
    need_type: np.ndarray | None = None


Events = dict[str, Event]


def sums(event: Event, cells: np.ndarray, size: int) -> np.ndarray:
    """Return the event's amounts summed by the cell of each person, int64 (size,)."""
    where = cells[event.person]
    return count_by(where, size) if event.amount is None else total_by(where, event.amount, size)


def by_kind(contacts: Contacts, kinds: np.ndarray) -> list[Contacts]:
    """Return the contacts of each kind of service; ``kinds``: the kind of each service."""
    kind = kinds[contacts.service]
    order = np.argsort(kind, kind="stable")
    edges = np.searchsorted(kind[order], np.arange(SERVICE_KINDS + 1))
    return [take(contacts, order[start:end]) for start, end in pairwise(edges)]


def contact_events(of_kind: list[Contacts], start_s: int, end_s: int) -> Events:
    """Return contacts served of every kind, staff's time, starts of packages and virtual wards, and waits."""
    events: Events = {}
    for kind, mine in enumerate(of_kind):
        events[contacts_column(kind)] = Event(mine.person[mine.how == SERVED])
        if kind in STAFFED_KINDS:
            events[staff_column(kind)] = Event(mine.person, working_s(mine, start_s, end_s))
    for name, kind in (("package_starts", HOME_PACKAGE), ("virtual_ward_admissions", VIRTUAL_WARD)):
        mine = of_kind[kind]
        events[name] = Event(mine.person[(mine.started >= start_s) & (mine.started < end_s)])
    for name, kind in (("gp_wait_seconds", GP), ("outpatient_wait_seconds", OUTPATIENT_NEW)):
        seen = pick(of_kind[kind], of_kind[kind].how == SERVED)
        events[name] = Event(seen.person, seen.started - seen.joined)
    ward = of_kind[VIRTUAL_WARD]
    events["virtual_ward_seconds"] = Event(ward.person, inside_s(ward, start_s, end_s))
    return events


def closing_events(contacts: Contacts) -> Events:
    """Return contacts given up, missed, and hand-overs lost."""
    return {
        "reneged": Event(contacts.person[contacts.how == RENEGED]),
        "missed": Event(contacts.person[contacts.how == MISSED]),
        "lost_handovers": Event(contacts.person[contacts.outcome == OUT_LOST]),
    }


def urgent_events(of_kind: list[Contacts]) -> Events:
    """Return attendances at ED and urgent treatment by acuity, breaches, and time until seen in ED."""
    ed = pick(of_kind[ED], attended(of_kind[ED]))
    until = np.where(ed.started >= 0, ed.started, ed.left)
    other = pick(of_kind[URGENT_TREATMENT], attended(of_kind[URGENT_TREATMENT]))
    events = {
        "ed_attendances": Event(ed.person, None, ed.need_type),
        "ed_breaches": Event(ed.person[ed.left - ed.joined > ED_STANDARD_S]),
        "ed_wait_seconds": Event(ed.person, until - ed.joined),
        "urgent_treatment_attendances": Event(other.person),
    }
    for level in range(ACUITIES):
        events[f"ed_acuity_{level + 1}"] = Event(ed.person[levels(ed.acuity, ACUITIES) == level])
        at_level = levels(other.acuity, ACUITIES) == level
        events[f"urgent_treatment_acuity_{level + 1}"] = Event(other.person[at_level])
    return events


def attended(contacts: Contacts) -> np.ndarray:
    """Return which contacts are attendances that ended: those who left unseen attended, a missed call did not."""
    return (contacts.how != OPEN) & (contacts.how != MISSED)


def levels(values: np.ndarray, count: int) -> np.ndarray:
    """Return 0 to ``count`` - 1: the last holds everything beyond."""
    return np.clip(values, 0, count - 1)


def ambulance_events(of_kind: list[Contacts]) -> Events:
    """Return ambulance contacts by category (the priority of the call), and those conveyed.

    Conveyed: the crew's contact led straight to ED, that is, the episode's next contact is one with ED, joined
    before the crew was free. Told by category, and by the acuity ED gave on arrival.
    """
    called, ed = of_kind[AMBULANCE], of_kind[ED]
    both = Contacts(*(np.concatenate(pair) for pair in zip(called, ed, strict=True)))
    is_crew = np.arange(len(both.need)) < len(called.need)
    order = by_need_and_step(both.need, both.ordinal.astype(np.int64))
    both, is_crew = take(both, order), is_crew[order]
    served = is_crew & (both.how == SERVED)
    onward = np.zeros(len(order), bool)
    if len(order) > 1:
        onward[:-1] = served[:-1] & ~is_crew[1:] & same_as_before(both.need)[1:] & (both.joined[1:] <= both.left[:-1])
    category = levels(both.priority, CATEGORIES)
    acuity = levels(np.roll(both.acuity, -1), ACUITIES)
    events: Events = {}
    for level in range(CATEGORIES):
        events[f"ambulance_category_{level + 1}"] = Event(both.person[served & (category == level)])
        events[f"conveyed_category_{level + 1}"] = Event(both.person[onward & (category == level)])
    for level in range(ACUITIES):
        events[f"conveyed_acuity_{level + 1}"] = Event(both.person[onward & (acuity == level)])
    return events


def stay_events(of_kind: list[Contacts], start_s: int, end_s: int) -> Events:
    """Return seconds in beds and assessment units, and of those the seconds people were ready to leave."""
    beds, units = of_kind[BED], of_kind[ASSESSMENT]
    return {
        "bed_seconds": Event(beds.person, inside_s(beds, start_s, end_s)),
        "assessment_seconds": Event(units.person, inside_s(units, start_s, end_s)),
        "delayed_seconds": Event(beds.person, held_s(beds, start_s, end_s)),
    }
