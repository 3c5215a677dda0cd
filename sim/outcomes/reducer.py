"""Folds one closed month (log, open rows, exits) into whole numbers; the same for both engines.

Everything is either an overlap with the month in seconds, or counted at one instant, so months add up exactly
however time is split. Counted when it *starts*: admissions, home packages, virtual wards. Counted when it *ends*:
every other contact, ED attendances and breaches among them, and spells by length.

Definitions
- ED attendance: an ED contact (type 1) that ended other than as missed (people who left unseen or died there
  attended); an attendance of the other type is the same at urgent treatment. All types: the sum.
- ED breach: an attendance with more than four hours from joining to leaving.
- Emergency admission: the first stay of a resident's spell (sim/outcomes/spells.py); elective stays belong to
  anonymous background patients only. ACSC admission: one for an exacerbation of a long-term condition. Admissions for
  childhood acute illness, of which part is ambulatory-care sensitive, are a column of their own.
- Readmission: an admission whose need had an admission before.
- Conveyed: an ambulance contact that led straight to ED (sim/outcomes/events.py).
- Need: something that arose in a resident's life while present; reviews and visits that a team offers are not needs.
- Anonymous patients (person -1) count in services and waits, never in the panel.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.codes import (
    DIED,
    NEED_NAMES,
    OFFERED_KINDS,
    OUT_LOST,
    OUT_REFERRED,
    OUT_UNMET,
    PRESENT,
    SCHEDULED,
)
from sim.outcomes.composition import COMPOSITION_CELLS, composition_cells, mortality_of
from sim.outcomes.contacts import OPEN, Contacts, contacts_of, count_by, inside_s, pick, total_by, waited_s
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
from sim.outcomes.flows import Flows, LastContacts, fold_flows
from sim.outcomes.journeys import Journeys, fold_journeys
from sim.outcomes.panel import (
    AGE_BANDS,
    CELLS_PER_NEIGHBOURHOOD,
    DEATH_CLASSES,
    HEADLINES,
    OUTCOMES,
    QUINTILES,
    SEXES,
    cells_of,
)
from sim.outcomes.spells import OpenSpells, fold_spells
from sim.outcomes.stocks import stocks_of
from sim.outcomes.waits import Waits, fold_waits

NEEDS = ("needs", "needs_unmet", "ed_attendances", "emergency_admissions")  # told by type of need
TALLIED = ("needs", "needs_unmet", "reneged", "lost_handovers")
TALLIES = ("t_needs", "t_unmet", "t_reneged", "t_handovers", "t_lost")


@dataclass(frozen=True)
class ClosedMonth:
    """One month that an engine has finished.

    log: records.LOG written in it. open_rows: records.ROW still open at ``end_s`` (scheduled ones may be included).
    created: the needs made for the month, as the ROWs given to the engine at its start (any later copy is as good).
    exits: records.EXIT given to the engine for it. death_class: for each exit its index in panel.DEATH_CLASSES, -1 for
    a move; None where the rules do not say.
    """

    start_s: int
    end_s: int
    log: np.ndarray
    open_rows: np.ndarray
    created: np.ndarray
    exits: np.ndarray
    death_class: np.ndarray | None = None


@dataclass(frozen=True)
class Memory:
    """What the reducer carries from month to month, about episodes still open (all arrays sorted by need id)."""

    admitted: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))  # needs with an admission so far
    last: LastContacts = field(default_factory=LastContacts)
    spells: OpenSpells = field(default_factory=OpenSpells)
    journeys: Journeys = field(default_factory=Journeys)


@dataclass(frozen=True)
class MonthOutcomes:
    """A month in whole numbers, int64.

    panel: [neighbourhood, quintile (0 most deprived), age band, sex, panel.OUTCOMES]. tallies: [team, TALLIES].
    waiting_s, inside_s: [service] person-seconds, everyone counted. needs: [neighbourhood, quintile, need type, NEEDS].
    stocks: [neighbourhood, quintile, age band, sex, stocks.STOCKS] at the month's end. composition: [ethnic, core20,
    plus, panel.HEADLINES]. mortality: [decile, sex, age band of twenty, (person-seconds, deaths)].
    events: what happened to whom; not kept with a saved run.
    """

    start_s: int
    end_s: int
    panel: np.ndarray
    tallies: np.ndarray
    waits: Waits
    waiting_s: np.ndarray
    inside_s: np.ndarray
    flows: Flows
    needs: np.ndarray
    stocks: np.ndarray
    composition: np.ndarray
    mortality: np.ndarray
    memory: Memory
    events: Events = field(default_factory=dict)


def reduce_month(
    month: ClosedMonth,
    people: np.ndarray,
    communities: np.ndarray,
    services: np.ndarray,
    teams: int,
    memory: Memory,
) -> MonthOutcomes:
    """Return what happened in ``month``.

    ``people`` as they stand before the month's exits are folded in or after: who was present at the start is
    everyone present now and everyone in ``month.exits``. ``communities``, ``services``: columns.COMMUNITY and
    records.SERVICE; ``teams``: how many rows TEAM has, the last of which is nobody's neighbourhood of residence;
    ``memory``: from the month before (Memory() at first).
    """
    start_s, end_s = month.start_s, month.end_s
    contacts = contacts_of(month.log, month.open_rows, start_s, end_s)
    kinds = services["kind"].astype(np.int64)
    residents = pick(contacts, contacts.person >= 0)
    ends = ends_of(month)
    gone_s = when_gone(month, people)
    events = people_events(month, people, gone_s) | need_events(month, ends, gone_s)
    happened, memory = contact_month(month, residents, kinds, ends, memory)
    events |= happened
    flows, last = fold_flows(month.log, month.open_rows, kinds, memory.last, start_s, end_s)
    width = len(services)
    return MonthOutcomes(
        start_s=start_s,
        end_s=end_s,
        panel=panel_of(events, cells_of(people, communities, start_s), teams - 1),
        tallies=tally(events, residents, people, teams),
        waits=fold_waits(contacts, width, start_s, end_s),
        waiting_s=total_by(contacts.service, waited_s(contacts, start_s, end_s), width),
        inside_s=total_by(contacts.service, inside_s(contacts, start_s, end_s), width),
        flows=flows,
        needs=needs_of(events, people, communities, teams - 1),
        stocks=stocks_of(people, gone_s >= end_s, cells_of(people, communities, start_s), teams - 1),
        composition=composition_of(events, people, communities),
        mortality=mortality_of(people, communities, events, start_s),
        memory=Memory(memory.admitted, last, memory.spells, memory.journeys),
        events=events,
    )


def contact_month(
    month: ClosedMonth, residents: Contacts, kinds: np.ndarray, ends: np.ndarray, memory: Memory
) -> tuple[Events, Memory]:
    """Return the events of residents' contacts, and what to carry on about spells and journeys."""
    start_s, end_s = month.start_s, month.end_s
    of_kind = by_kind(residents, kinds)
    events = contact_events(of_kind, start_s, end_s) | closing_events(residents) | urgent_events(of_kind)
    events |= ambulance_events(of_kind) | stay_events(of_kind, start_s, end_s)
    stayed, spells, admitted = fold_spells(of_kind, memory.spells, memory.admitted, start_s, end_s)
    travelled, journeys = fold_journeys(residents, kinds, memory.journeys, ends, month.open_rows)
    admitted = np.intersect1d(admitted, month.open_rows["need"])
    return events | stayed | travelled, Memory(admitted, memory.last, spells, journeys)


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


def first_exits(month: ClosedMonth) -> np.ndarray:
    """Return the indices of each person's first exit of the month (a death before a move at the same second)."""
    exits = month.exits
    inside = np.flatnonzero((exits["time"] >= month.start_s) & (exits["time"] < month.end_s))
    exits = exits[inside]
    order = np.lexsort((exits["how"], exits["time"], exits["person"]))
    return inside[order][np.unique(exits["person"][order], return_index=True)[1]]


def when_gone(month: ClosedMonth, people: np.ndarray) -> np.ndarray:
    """Return when each person left, int64 (people,): the month's end if not at all, its start if not there."""
    exits = month.exits[first_exits(month)]
    gone_s = np.where(people["presence"] == PRESENT, month.end_s, month.start_s).astype(np.int64)
    gone_s[exits["person"]] = exits["time"]
    return gone_s


def people_events(month: ClosedMonth, people: np.ndarray, gone_s: np.ndarray) -> Events:
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

    A hand-over is a closed contact that passed the resident on (referred), or tried to and lost them.
    """
    team = people["team"].astype(np.int64)
    by_team = {name: sums(events[name], team, teams) for name in TALLIED}
    passed = np.isin(contacts.outcome, (OUT_REFERRED, OUT_LOST)) & (contacts.how != OPEN)
    by_team["handovers"] = count_by(team[contacts.person[passed]], teams)
    return np.stack([by_team[name] for name in ("needs", "needs_unmet", "reneged", "handovers", "lost_handovers")], -1)


def write_tallies(teams: np.ndarray, outcomes: MonthOutcomes) -> None:
    """Write the month's tallies into the teams' columns (TALLIES), for the agents to read."""
    for index, name in enumerate(TALLIES):
        teams[name] = 0  # a group's INT has no neighbourhood of its own to count
        teams[name][: len(outcomes.tallies)] = outcomes.tallies[:, index]
