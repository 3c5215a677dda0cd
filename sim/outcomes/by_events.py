"""What happened to whom in a closed month, and the sums that follow: the same as sim/outcomes/fold.py makes at once.

For tables of single persons, and to hold the compiled pass to. Everything here is NumPy, a column at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.codes import (
    ASSESSMENT,
    BED,
    DIED,
    ED,
    NEED_NAMES,
    OFFERED_KINDS,
    OUT_LOST,
    OUT_REFERRED,
    OUT_UNMET,
    RENEGED,
    SCHEDULED,
)
from sim.outcomes.composition import COMPOSITION_CELLS, composition_cells
from sim.outcomes.contacts import OPEN, Contacts, contacts_of, count_by, pick
from sim.outcomes.episodes import FROM_NEED, NO_SERVICE
from sim.outcomes.events import (
    Event,
    Events,
    ambulance_events,
    by_kind,
    closing_events,
    contact_events,
    stay_events,
    sums,
    urgent_events,
)
from sim.outcomes.flows import LastContacts
from sim.outcomes.journeys import Journeys, fold_journeys
from sim.outcomes.panel import (
    AGE_BANDS,
    CELLS_PER_NEIGHBOURHOOD,
    DEATH_CLASSES,
    HEADLINES,
    OUTCOMES,
    QUINTILES,
    SEXES,
)
from sim.outcomes.reducer import NEEDS, TALLIED, ClosedMonth, Memory, first_exits, when_gone
from sim.outcomes.spells import OpenSpells, fold_spells


class Known(NamedTuple):
    """The reducer's memory taken apart, each part sorted by need id."""

    admitted: np.ndarray  # needs with an admission so far
    last: LastContacts
    spells: OpenSpells
    journeys: Journeys


def known_of(memory: Memory) -> Known:
    """Return the parts of a memory."""
    episodes = memory.episodes[np.argsort(memory.episodes["need"])]
    stepped = episodes[episodes["node"] != FROM_NEED]
    staying = episodes[episodes["began_s"] >= 0]
    served = episodes[episodes["kind"] != NO_SERVICE]
    return Known(
        admitted=episodes["need"][episodes["admitted"] == 1],
        last=LastContacts(stepped["need"], stepped["node"].astype(np.int64)),
        spells=OpenSpells(staying["need"], staying["began_s"], staying["until_s"]),
        journeys=Journeys(served["need"], served["seen"], served["kind"].astype(np.int64)),
    )


def events_of(month: ClosedMonth, people: np.ndarray, services: np.ndarray, memory: Memory) -> Events:
    """Return the events of a closed month: for each column of the panel whom it is about, and how much.

    Arguments as of ``reducer.reduce_month``; ``memory``: from the month before.
    """
    kinds, ends = services["kind"].astype(np.int64), ends_of(month)
    contacts = contacts_of(month.log, month.open_rows, month.start_s, month.end_s)
    residents = pick(contacts, contacts.person >= 0)
    gone_s = when_gone(month, people)
    events = people_events(month, gone_s) | need_events(month, ends, gone_s)
    events["hospital_deaths"] = hospital_deaths(residents, kinds, events["deaths"].person, gone_s)
    return events | contact_month(month, residents, kinds, ends, memory)


def contact_month(
    month: ClosedMonth, residents: Contacts, kinds: np.ndarray, ends: np.ndarray, memory: Memory
) -> Events:
    """Return the events of residents' contacts."""
    start_s, end_s, known = month.start_s, month.end_s, known_of(memory)
    of_kind = by_kind(residents, kinds)
    events = contact_events(of_kind, start_s, end_s) | closing_events(residents) | urgent_events(of_kind)
    events |= ambulance_events(of_kind) | stay_events(of_kind, start_s, end_s)
    stayed, _, _ = fold_spells(of_kind, known.spells, known.admitted, start_s, end_s)
    travelled, _ = fold_journeys(residents, kinds, known.journeys, ends, month.open_rows)
    return events | stayed | travelled


def panel_of(events: Events, cells: np.ndarray, neighbourhoods: int) -> np.ndarray:
    """Return the panel: every column summed by cell."""
    size = neighbourhoods * CELLS_PER_NEIGHBOURHOOD
    columns = [sums(events[name], cells, size) for name in OUTCOMES]
    return np.stack(columns, axis=-1).reshape(neighbourhoods, QUINTILES, AGE_BANDS, SEXES, len(OUTCOMES))


def needs_of(events: Events, people: np.ndarray, communities: np.ndarray, neighbourhoods: int) -> np.ndarray:
    """Return NEEDS by neighbourhood, quintile and type of need."""
    quintile = communities["local_quintile"].astype(np.int64)[people["community"]] - 1
    where = people["neighbourhood"].astype(np.int64) * QUINTILES + quintile
    kinds = len(NEED_NAMES)
    columns = []
    for name in NEEDS:
        event = events[name]
        cell = where[event.person] * kinds + (0 if event.need_type is None else event.need_type)
        columns.append(count_by(cell, neighbourhoods * QUINTILES * kinds))
    return np.stack(columns, axis=-1).reshape(neighbourhoods, QUINTILES, kinds, len(NEEDS))


def composition_of(events: Events, people: np.ndarray, communities: np.ndarray) -> np.ndarray:
    """Return HEADLINES by ethnic group, Core20 and plus group."""
    cells = composition_cells(people, communities)
    size = int(np.prod(COMPOSITION_CELLS))
    columns = [sums(events[name], cells, size) for name in HEADLINES]
    return np.stack(columns, axis=-1).reshape(*COMPOSITION_CELLS, len(HEADLINES))


def ends_of(month: ClosedMonth) -> np.ndarray:
    """Return the ends of residents' and others' episodes that fall in the month (LOG records with service -1)."""
    log = month.log
    return log[(log["service"] < 0) & (log["left"] >= month.start_s) & (log["left"] < month.end_s)]


def people_events(month: ClosedMonth, gone_s: np.ndarray) -> Events:
    """Return seconds lived and deaths."""
    here = np.flatnonzero(gone_s > month.start_s)
    at = first_exits(month)
    at = at[month.exits["how"][at] == DIED]
    events = {
        "person_seconds": Event(here, gone_s[here] - month.start_s),
        "deaths": Event(month.exits["person"][at]),
    }
    classes = np.full(len(month.exits), -1) if month.death_class is None else month.death_class
    for number, name in enumerate(DEATH_CLASSES):
        events[f"deaths_{name}"] = Event(month.exits["person"][at][classes[at] == number])
    return events


def hospital_deaths(residents: Contacts, kinds: np.ndarray, dead: np.ndarray, gone_s: np.ndarray) -> Event:
    """Return deaths in a place of ED, an assessment unit or a bed: contacts there that ended at the second of death."""
    there = np.isin(kinds[residents.service], (ED, ASSESSMENT, BED)) & (residents.started >= 0)
    at_death = np.isin(residents.person, dead) & (residents.left == gone_s[residents.person])
    return Event(residents.person[there & at_death])


def need_events(month: ClosedMonth, ends: np.ndarray, gone_s: np.ndarray) -> Events:
    """Return needs that arose, and those that ended unmet or lost."""
    created = month.created[(month.created["person"] >= 0) & ~np.isin(month.created["need_type"], OFFERED_KINDS)]
    arose = np.where(created["status"] == SCHEDULED, created["due"], created["arose"])
    created = created[(arose >= month.start_s) & (arose < gone_s[created["person"]])]
    unmet = (ends["person"] >= 0) & np.isin(ends["outcome"], (OUT_UNMET, OUT_LOST))
    unmet &= ~np.isin(ends["need_type"], OFFERED_KINDS)
    ends = ends[unmet]
    return {
        "needs": Event(created["person"], None, created["need_type"]),
        "needs_unmet": Event(ends["person"], None, ends["need_type"]),
    }


def tally(events: Events, contacts: Contacts, people: np.ndarray, teams: int) -> np.ndarray:
    """Return what those whom each team serves went through, int64 [team, TALLIES].

    A hand-over is a closed contact that passed the resident on (referred), or tried to and lost them. Given up counts
    what they had asked for: an offer that comes to nothing does no harm.
    """
    team = people["team"].astype(np.int64)
    by_team = {name: sums(events[name], team, teams) for name in TALLIED}
    passed = np.isin(contacts.outcome, (OUT_REFERRED, OUT_LOST)) & (contacts.how != OPEN)
    given_up = (contacts.how == RENEGED) & ~np.isin(contacts.need_type, OFFERED_KINDS)
    by_team["reneged"] = count_by(team[contacts.person[given_up]], teams)
    by_team["handovers"] = count_by(team[contacts.person[passed]], teams)
    return np.stack([by_team[name] for name in ("needs", "needs_unmet", "reneged", "handovers", "lost_handovers")], -1)
