"""Folds one closed month (log, open rows, exits) into whole numbers; the same for both engines.

Everything is either an overlap with the month in seconds, or counted at one instant, so months add up exactly
however time is split. Counted when it *starts*: bed stays (emergency admissions, readmissions) and home packages.
Counted when it *ends*: every other contact, ED attendances and breaches among them.

Definitions
- ED attendance: an ED contact that ended other than as missed (people who left unseen or died there attended).
- ED breach: an attendance with more than four hours from joining to leaving.
- Emergency admission: a resident's bed stay; elective stays belong to anonymous background patients only.
- Readmission: a bed stay whose need had a bed stay before.
- Need: something that arose in a resident's life while present; reviews and visits that a team offers are not needs.
- Anonymous patients (person -1) count in services and waits, never in the panel.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.codes import (
    BED,
    COMMUNITY,
    DIED,
    ED,
    EXACERBATION,
    GP,
    HOME_PACKAGE,
    INT_CORE,
    MISSED,
    OUT_LOST,
    OUT_REFERRED,
    OUT_UNMET,
    OUTREACH,
    OUTREACH_VISIT,
    PRESENT,
    RENEGED,
    SCHEDULED,
    SERVED,
    SOCIAL_CARE,
    TEAM_REVIEW,
)
from sim.outcomes.contacts import OPEN, Contacts, contacts_of, count_by, held_s, inside_s, overlap_s, total_by, waited_s
from sim.outcomes.flows import Flows, LastContacts, fold_flows
from sim.outcomes.panel import AGE_BANDS, CELLS_PER_NEIGHBOURHOOD, OUTCOMES, QUINTILES, SEXES, cells_of
from sim.outcomes.waits import Waits, fold_waits

ED_STANDARD_S = 4 * 3600  # the four-hour standard, NHS England: a definition
OFFERED = (TEAM_REVIEW, OUTREACH_VISIT)  # care that a team brings, as against needs that arise in life
AMBULATORY_CARE_SENSITIVE = (EXACERBATION,)
CONTACT_COLUMNS = {
    "gp_contacts": GP,
    "community_contacts": COMMUNITY,
    "core_contacts": INT_CORE,
    "outreach_contacts": OUTREACH,
    "social_care_contacts": SOCIAL_CARE,
}
TALLIED = ("needs", "needs_unmet", "reneged", "lost_handovers")
TALLIES = ("t_needs", "t_unmet", "t_reneged", "t_handovers", "t_lost")


@dataclass(frozen=True)
class ClosedMonth:
    """One month that an engine has finished.

    log: records.LOG written in it. open_rows: records.ROW still open at ``end_s`` (scheduled ones may be included).
    created: the needs made for the month, as the ROWs given to the engine at its start (any later copy is as good).
    exits: records.EXIT given to the engine for it.
    """

    start_s: int
    end_s: int
    log: np.ndarray
    open_rows: np.ndarray
    created: np.ndarray
    exits: np.ndarray


@dataclass(frozen=True)
class Memory:
    """What the reducer carries from month to month, about episodes still open (all arrays sorted by need id)."""

    admitted: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))  # needs with a bed stay so far
    last: LastContacts = field(default_factory=LastContacts)


@dataclass(frozen=True)
class MonthOutcomes:
    """A month in whole numbers.

    panel: int64 [neighbourhood, quintile (0 most deprived), age band, sex, panel.OUTCOMES].
    tallies: int64 [neighbourhood, TALLIES]. waiting_s, inside_s: int64 [service] person-seconds, everyone counted.
    """

    start_s: int
    end_s: int
    panel: np.ndarray
    tallies: np.ndarray
    waits: Waits
    waiting_s: np.ndarray
    inside_s: np.ndarray
    flows: Flows
    memory: Memory


def reduce_month(
    month: ClosedMonth,
    people: np.ndarray,
    communities: np.ndarray,
    services: np.ndarray,
    neighbourhoods: int,
    memory: Memory,
) -> MonthOutcomes:
    """Return what happened in ``month``.

    ``people`` as they stand before the month's exits are folded in or after: who was present at the start is
    everyone present now and everyone in ``month.exits``. ``communities``, ``services``: columns.COMMUNITY and
    records.SERVICE; ``neighbourhoods``: how many there are; ``memory``: from the month before (Memory() at first).
    """
    start_s, end_s = month.start_s, month.end_s
    contacts = contacts_of(month.log, month.open_rows, start_s, end_s)
    ends = ends_of(month)
    cells = cells_of(people, communities, start_s)
    size = neighbourhoods * CELLS_PER_NEIGHBOURHOOD
    counts = {name: np.zeros(size, np.int64) for name in OUTCOMES}
    gone_s = count_people(counts, month, people, cells)
    count_needs(counts, month, ends, gone_s, cells)
    kinds = services["kind"].astype(np.int64)
    residents = of_residents(contacts)
    count_contacts(counts, residents, kinds, month, cells)
    count_stays(counts, residents, kinds, month, cells)
    admitted = count_admissions(counts, residents, kinds, month, cells, memory.admitted)
    panel = np.stack([counts[name] for name in OUTCOMES], axis=-1)
    flows, last = fold_flows(month.log, month.open_rows, kinds, memory.last, start_s, end_s)
    width = len(services)
    return MonthOutcomes(
        start_s=start_s,
        end_s=end_s,
        panel=panel.reshape(neighbourhoods, QUINTILES, AGE_BANDS, SEXES, len(OUTCOMES)),
        tallies=tally(counts, residents, month, people, neighbourhoods),
        waits=fold_waits(contacts, width, start_s, end_s),
        waiting_s=total_by(contacts.service, waited_s(contacts, start_s, end_s), width),
        inside_s=total_by(contacts.service, inside_s(contacts, start_s, end_s), width),
        flows=flows,
        memory=Memory(admitted=admitted, last=last),
    )


def ends_of(month: ClosedMonth) -> np.ndarray:
    """Return the ends of residents' and others' episodes that fall in the month (LOG records with service -1)."""
    log = month.log
    return log[(log["service"] < 0) & (log["left"] >= month.start_s) & (log["left"] < month.end_s)]


def of_residents(contacts: Contacts) -> Contacts:
    """Return the contacts of residents alone."""
    return pick(contacts, contacts.person >= 0)


def pick(contacts: Contacts, mask: np.ndarray) -> Contacts:
    """Return the contacts where ``mask`` is true."""
    where = np.flatnonzero(mask)
    return Contacts(*(column[where] for column in contacts))


def first_exits(month: ClosedMonth) -> np.ndarray:
    """Return each person's first exit of the month (a death before a move at the same second)."""
    exits = month.exits[(month.exits["time"] >= month.start_s) & (month.exits["time"] < month.end_s)]
    exits = exits[np.lexsort((exits["how"], exits["time"], exits["person"]))]
    return exits[np.unique(exits["person"], return_index=True)[1]]


def count_people(
    counts: dict[str, np.ndarray], month: ClosedMonth, people: np.ndarray, cells: np.ndarray
) -> np.ndarray:
    """Count seconds lived and deaths; return when each person left, int64 (people,), the month's end if not at all."""
    exits = first_exits(month)
    gone_s = np.full(len(people), month.end_s, np.int64)
    gone_s[exits["person"]] = exits["time"]
    present = people["presence"] == PRESENT
    present[exits["person"]] = True
    size = len(counts["deaths"])
    counts["person_seconds"] += total_by(cells[present], gone_s[present] - month.start_s, size)
    counts["deaths"] += count_by(cells[exits["person"][exits["how"] == DIED]], size)
    return gone_s


def count_needs(
    counts: dict[str, np.ndarray], month: ClosedMonth, ends: np.ndarray, gone_s: np.ndarray, cells: np.ndarray
) -> None:
    """Count needs that arose, and those that ended unmet or lost."""
    created = month.created[(month.created["person"] >= 0) & ~np.isin(month.created["need_type"], OFFERED)]
    arose = np.where(created["status"] == SCHEDULED, created["due"], created["arose"])
    there = (arose >= month.start_s) & (arose < gone_s[created["person"]])
    size = len(counts["needs"])
    counts["needs"] += count_by(cells[created["person"][there]], size)
    unmet = (ends["person"] >= 0) & np.isin(ends["outcome"], (OUT_UNMET, OUT_LOST))
    unmet &= ~np.isin(ends["need_type"], OFFERED)
    counts["needs_unmet"] += count_by(cells[ends["person"][unmet]], size)


def count_contacts(
    counts: dict[str, np.ndarray], contacts: Contacts, kinds: np.ndarray, month: ClosedMonth, cells: np.ndarray
) -> None:
    """Count residents' contacts that ended in the month."""
    kind = kinds[contacts.service]
    cell = cells[contacts.person]
    size = len(counts["missed"])
    served = contacts.how == SERVED
    for name, wanted in CONTACT_COLUMNS.items():
        counts[name] += count_by(cell[served & (kind == wanted)], size)
    seen = served & (kind == GP)
    counts["gp_wait_seconds"] += total_by(cell[seen], (contacts.started - contacts.joined)[seen], size)
    closed = contacts.how != OPEN
    attended = closed & (kind == ED) & (contacts.how != MISSED)
    counts["ed_attendances"] += count_by(cell[attended], size)
    counts["ed_breaches"] += count_by(cell[attended & (contacts.left - contacts.joined > ED_STANDARD_S)], size)
    until = np.where(contacts.started >= 0, contacts.started, contacts.left)
    counts["ed_wait_seconds"] += total_by(cell[attended], (until - contacts.joined)[attended], size)
    counts["reneged"] += count_by(cell[contacts.how == RENEGED], size)
    counts["missed"] += count_by(cell[contacts.how == MISSED], size)
    counts["lost_handovers"] += count_by(cell[contacts.outcome == OUT_LOST], size)


def count_stays(
    counts: dict[str, np.ndarray], contacts: Contacts, kinds: np.ndarray, month: ClosedMonth, cells: np.ndarray
) -> None:
    """Count the seconds residents spent in beds, and of those the seconds they were ready to leave."""
    beds = pick(contacts, (kinds[contacts.service] == BED) & (contacts.started >= 0))
    cell = cells[beds.person]
    size = len(counts["bed_seconds"])
    counts["bed_seconds"] += total_by(cell, overlap_s(beds.started, beds.left, month.start_s, month.end_s), size)
    counts["delayed_seconds"] += total_by(cell, held_s(beds, month.start_s, month.end_s), size)


def count_admissions(
    counts: dict[str, np.ndarray],
    contacts: Contacts,
    kinds: np.ndarray,
    month: ClosedMonth,
    cells: np.ndarray,
    admitted: np.ndarray,
) -> np.ndarray:
    """Count bed stays and packages that started in the month; return the open needs that have had a bed stay."""
    began = pick(contacts, (contacts.started >= month.start_s) & (contacts.started < month.end_s))
    kind = kinds[began.service]
    size = len(counts["package_starts"])
    counts["package_starts"] += count_by(cells[began.person[kind == HOME_PACKAGE]], size)
    beds = pick(began, kind == BED)
    cell = cells[beds.person]
    counts["emergency_admissions"] += count_by(cell, size)
    counts["acsc_admissions"] += count_by(cell[np.isin(beds.need_type, AMBULATORY_CARE_SENSITIVE)], size)
    order = np.lexsort((beds.ordinal, beds.need))
    needs = beds.need[order]
    again = np.isin(needs, admitted)
    again[1:] |= needs[1:] == needs[:-1]
    counts["readmissions"] += count_by(cell[order][again], size)
    return np.intersect1d(np.union1d(admitted, needs), month.open_rows["need"])


def tally(
    counts: dict[str, np.ndarray],
    contacts: Contacts,
    month: ClosedMonth,
    people: np.ndarray,
    neighbourhoods: int,
) -> np.ndarray:
    """Return what the teams' residents went through, int64 [neighbourhood, TALLIES].

    A hand-over is a closed contact that passed the resident on (referred), or tried to and lost them.
    """
    by_team = {name: counts[name].reshape(neighbourhoods, -1).sum(axis=1) for name in TALLIED}
    passed = np.isin(contacts.outcome, (OUT_REFERRED, OUT_LOST)) & (contacts.how != OPEN)
    handovers = count_by(people["neighbourhood"].astype(np.int64)[contacts.person[passed]], neighbourhoods)
    by_team["handovers"] = handovers
    return np.stack([by_team[name] for name in ("needs", "needs_unmet", "reneged", "handovers", "lost_handovers")], -1)


def write_tallies(teams: np.ndarray, outcomes: MonthOutcomes) -> None:
    """Write the month's tallies into the teams' columns (TALLIES), for the agents to read."""
    for index, name in enumerate(TALLIES):
        teams[name] = 0  # a group's INT has no neighbourhood of its own to count
        teams[name][: len(outcomes.tallies)] = outcomes.tallies[:, index]
