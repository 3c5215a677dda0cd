"""Folds one closed month (log, open rows, exits) into whole numbers; the same for both engines.

The sums are made in one compiled pass (sim/outcomes/fold.py); what happened to whom is told on request by
sim/outcomes/by_events.py, from which the same sums follow.

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

from sim.codes import PRESENT
from sim.engines.arena import Arena
from sim.engines.records import MOST_CONTACTS
from sim.outcomes.composition import AGE_NAMES, COMPOSITION_CELLS, DECILES, MORTALITY
from sim.outcomes.episodes import by_need, nothing_known
from sim.outcomes.flows import Flows
from sim.outcomes.fold import OUT_OF_ORDER, fold_records
from sim.outcomes.fold_people import fold_people
from sim.outcomes.month_books import (
    ADMITTED_N,
    ATTENDED_N,
    INSIDE_S,
    KEPT_N,
    WAITING_S,
    WHOSE,
    Books,
    open_books,
)
from sim.outcomes.panel import AGE_BANDS, QUINTILES, SEXES
from sim.outcomes.waits import Waits

NEEDS = ("needs", "needs_unmet", "ed_attendances", "emergency_admissions")  # told by type of need
TALLIED = ("needs", "needs_unmet", "reneged", "lost_handovers")
TALLIES = ("t_needs", "t_unmet", "t_reneged", "t_handovers", "t_lost")
MOVED_AWAY = -1  # the class of an exit that is no death


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
    """What the reducer carries from month to month: EPISODE of each resident's need still open, by need id."""

    episodes: np.ndarray = field(default_factory=nothing_known)


@dataclass(frozen=True)
class MonthOutcomes:
    """A month in whole numbers, int64.

    panel: [neighbourhood, quintile (0 most deprived), age band, sex, panel.OUTCOMES]. tallies: [team, TALLIES].
    waiting_s, inside_s: [service] person-seconds, everyone counted. needs: [neighbourhood, quintile, need type, NEEDS].
    stocks: [neighbourhood, quintile, age band, sex, stocks.STOCKS] at the month's end. composition: [ethnic, core20,
    plus, panel.HEADLINES]. mortality: [decile, sex, age band of twenty, (person-seconds, deaths)].
    attended, admitted: the person (index) of each ED attendance and emergency admission. closed: the panel of those who
    were there at go-live. Neither is kept with a saved run.
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
    attended: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    admitted: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    closed: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def reduce_month(
    month: ClosedMonth,
    people: np.ndarray,
    communities: np.ndarray,
    services: np.ndarray,
    teams: int,
    memory: Memory,
    arena: Arena | None = None,
    came_since: np.ndarray | None = None,
) -> MonthOutcomes:
    """Return what happened in ``month``.

    ``people`` as they stand before the month's exits are folded in or after: who was present at the start is
    everyone present now and everyone in ``month.exits``. ``communities``, ``services``: columns.COMMUNITY and
    records.SERVICE; ``teams``: how many rows TEAM has, the last of which is nobody's neighbourhood of residence;
    ``memory``: from the month before (Memory() at first). ``arena``: memory to work in; None: it is new.
    ``came_since``: uint8[person], 1 for those who came after go-live; None: nobody did.
    """
    at = first_exits(month)
    classes = np.full(len(month.exits), MOVED_AWAY) if month.death_class is None else month.death_class
    read = (month.log, month.open_rows, month.created, month.exits[at], classes[at].astype(np.int64))
    window = np.array([month.start_s, month.end_s], np.int64)
    since = np.zeros(len(people), np.uint8) if came_since is None else came_since
    room, arena = np.empty(2 * MOST_CONTACTS, np.int64), Arena() if arena is None else arena
    for all_aside in (False, True):  # the second only for records that do not stand in the order of their episode
        books = open_books(read, people, communities, services, teams, memory.episodes, arena, since)
        fold_people(books, window)
        told = fold_records(books, room, window, all_aside)
        if told != OUT_OF_ORDER:
            break
    if told < 0:
        raise RuntimeError(f"an episode with more than {2 * MOST_CONTACTS} records in one month")
    return outcomes_in(books, month, teams)


def outcomes_in(books: Books, month: ClosedMonth, teams: int) -> MonthOutcomes:
    """Return what the books say, in the shapes of MonthOutcomes."""
    places = teams - 1
    kept = books.kept[: books.numbers[KEPT_N]]
    starts, wait_s, still, still_s = books.by_service[:WAITING_S]
    panel = np.ascontiguousarray(books.panel.T).reshape(WHOSE, places, QUINTILES, AGE_BANDS, SEXES, -1)
    return MonthOutcomes(
        start_s=month.start_s,
        end_s=month.end_s,
        panel=panel.sum(axis=0),
        closed=panel[0].copy(),  # not a view, which would keep all of it as long as the run
        tallies=books.tallies,
        waits=Waits(books.served, books.reneged, starts, wait_s, still, still_s),
        waiting_s=books.by_service[WAITING_S],
        inside_s=books.by_service[INSIDE_S],
        flows=books.flows,
        needs=books.needs.reshape(WHOSE, places, QUINTILES, *books.needs.shape[1:]).sum(axis=0),
        stocks=books.stocks.reshape(WHOSE, places, QUINTILES, AGE_BANDS, SEXES, -1).sum(axis=0),
        composition=books.composition.reshape(*COMPOSITION_CELLS, -1),
        mortality=books.mortality.reshape(DECILES, SEXES, len(AGE_NAMES), len(MORTALITY)),
        memory=Memory(by_need(kept)),
        attended=books.attended[: books.numbers[ATTENDED_N]].copy(),
        admitted=books.admitted[: books.numbers[ADMITTED_N]].copy(),
    )


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


def write_tallies(teams: np.ndarray, outcomes: MonthOutcomes) -> None:
    """Write the month's tallies into the teams' columns (TALLIES), for the agents to read."""
    for index, name in enumerate(TALLIES):
        teams[name] = 0  # a group's INT has no neighbourhood of its own to count
        teams[name][: len(outcomes.tallies)] = outcomes.tallies[:, index]
