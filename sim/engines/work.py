"""What the compiled engine keeps while it moves time: the calendar, waiting lists and marks.

All of it is rebuilt from the rows at the start of a window; nothing here outlives one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import IN_SERVICE, NEVER, PRIORITIES, SCHEDULED, STAYING, SUSPENDED, WAITING
from sim.engines.arena import Arena
from sim.engines.bins import (
    BIN_OF,
    BINS,
    BLOCK,
    DIGITS,
    ENTRY,
    NO_BLOCK,
    NO_ENTRY,
    first_hands,
)
from sim.engines.counts import no_counts
from sim.engines.records import LOG
from sim.engines.state import State
from sim.engines.wheel import SLOTS, SOON, WORD_BITS, WORDS, push
from sim.jit import jit_entry, jit_small
from sim.prefetch import fetch

# Slots of `counters`.
(
    LOG_N,
    GIVING_UP_N,
    FREED_N,
    DIRTY_N,
    JOINED_N,
    NEXT_ARRIVAL,
    NEXT_CHANGE,
    NEXT_EXIT,
    FAULT,
    FAULT_ROW,
    EVENTS,
    NEXT_OTHER,
) = range(12)

# Why a window stopped.
DONE, MORE_ROOM, FAULTY = 0, 1, 2
PER_ROW = 8  # records of the log for each row that are sure to have room at first
SPARE = 4_096
EMPTY = -1
NOBODY_YET = -NEVER
AHEAD = 16  # rows: how soon memory is asked for

LINK = np.dtype(  # of each row, what the engine alone knows
    [
        ("after", "i4"),  # next in its waiting list, -1 none
        ("before", "i4"),
        ("of_person", "i4"),  # the person's next row, -1 none
        ("patience", "i4"),  # where the end of its patience stands in a later bin of the calendar, -1 nowhere
        ("marked", "i4"),  # 1: is in `giving_up`
    ],
    align=True,
)
LIST = np.dtype([("head", "i4"), ("tail", "i4"), ("latest", "i8")], align=True)  # latest: when anybody last joined


@passed_by_reference
class Work(NamedTuple):
    """Arrays of one window. Lists are linked through rows; -1 ends a list."""

    rows: np.ndarray
    links: np.ndarray  # LINK[row]
    services: np.ndarray
    pools: np.ndarray
    log: np.ndarray
    counts: np.ndarray  # counts.COUNT[service + 1, how, class]: what is counted in place of the log; no room if nothing
    changes: np.ndarray
    exits: np.ndarray
    lists: np.ndarray  # LIST[service * PRIORITIES + priority]
    classes: np.ndarray  # uint8[service]: a bit for each priority class in whose list somebody is
    bins: np.ndarray  # bins.BIN_OF[bin]: the calendar (sim/engines/bins.py)
    later: np.ndarray  # bins.ENTRY[block * BLOCK + k]
    block_after: np.ndarray  # int32[block]: the next block of the bin, or of those that are free
    agenda: np.ndarray  # bins.ENTRY[]: the bin at hand, in order of time
    agenda_spare: np.ndarray  # bins.ENTRY[]: room to sort it
    digit_starts: np.ndarray  # int32
    soon: np.ndarray  # wheel.SOON[]: what was added to the bin at hand (sim/engines/wheel.py)
    wheel: np.ndarray  # int32[second of the bin]
    bits: np.ndarray  # int64
    hands: np.ndarray  # int64: where the calendar stands
    due: np.ndarray  # int32: rows whose change is due now; -1-x for exit x
    giving_up: np.ndarray  # int32: rows whose patience may have ended now
    joined: np.ndarray  # int32: rows that joined a list now and may wait with an end to their patience
    freed: np.ndarray  # int32: rows whose held place is given up at the end of a pass
    dirty: np.ndarray  # int32: services that may start somebody
    is_dirty: np.ndarray  # uint8[service]
    serving: np.ndarray  # int32: the services of this pass, sorted
    pool_start: np.ndarray  # int32[pool + 1]
    pool_services: np.ndarray  # int32
    acute: np.ndarray  # int16[person]: ED cubicles and beds the person holds
    in_acute: np.ndarray  # int64[]: a bit for each person, set while that is above 0
    called: np.ndarray  # int64[]: a bit for each person whom a service may have called while they held one
    person_head: np.ndarray  # int32[person]: the person's first row
    counters: np.ndarray  # int64


def grouped(groups: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (start[count + 1], members) of equal values of ``groups``; order within a group is kept."""
    order = np.argsort(groups, kind="stable")
    start = np.searchsorted(groups[order], np.arange(count + 1)).astype(np.int32)
    return start, order.astype(np.int32)


def blocks_for(entries: int, bins: int) -> int:
    """Return how many blocks of the calendar are sure to hold some times that many entries over ``bins`` bins."""
    return (PER_ROW * entries + SPARE) // BLOCK + bins + 1


def no_bins(arena: Arena, count: int) -> np.ndarray:
    """Return ``count`` empty bins."""
    bins = arena.take("bins", count, BIN_OF)
    bins["block"], bins["used"] = NO_BLOCK, 0
    return bins


def build(state: State, until: int, counts: np.ndarray | None = None) -> Work:
    """Return the working arrays of a window that starts at ``state.now`` and ends at ``until``.

    counts: where contacts are counted in place of the log (counts.no_counts), None to keep the log.

    Raises ValueError if changes of capacity or exits are not in order of time.
    """
    for name in ("changes", "exits"):
        if (np.diff(getattr(state, name)["time"]) < 0).any():
            raise ValueError(f"{name} must be sorted by time")
    rows, arena = state.rows, state.arena
    n, services, people = len(rows), len(state.services), max(state.people, 1)
    pool_start, pool_services = grouped(state.services["pool"], len(state.pools))
    hands = first_hands(state.now, until, n)
    room = blocks_for(n, int(hands[BINS]))
    work = Work(
        rows=rows,
        links=arena.take("links", n, LINK),
        services=state.services,
        pools=state.pools,
        log=arena.unheld("log", PER_ROW * n + SPARE, LOG),
        counts=no_counts() if counts is None else counts,
        changes=state.changes,
        exits=state.exits,
        lists=np.full(services * PRIORITIES, np.array((EMPTY, EMPTY, NOBODY_YET), LIST)),
        classes=np.zeros(services + 1, np.uint8),
        bins=no_bins(arena, int(hands[BINS])),
        later=arena.take("later", room * BLOCK, ENTRY),
        block_after=arena.take("block_after", room, np.int32),
        agenda=arena.take("agenda", room * BLOCK, ENTRY),
        agenda_spare=arena.take("agenda_spare", room * BLOCK, ENTRY),
        digit_starts=arena.take("digit_starts", DIGITS, np.int32),
        soon=arena.take("soon", PER_ROW * n + SPARE, SOON),
        wheel=arena.filled("wheel", SLOTS, np.int32, EMPTY),
        bits=arena.filled("bits", WORDS, np.int64, 0),
        hands=hands,
        due=arena.take("due", n + len(state.exits) + 1, np.int32),
        giving_up=arena.take("giving_up", n + 1, np.int32),
        joined=arena.take("joined", n + 1, np.int32),
        freed=arena.take("freed", n + 1, np.int32),
        dirty=np.zeros(services + 1, np.int32),
        is_dirty=np.zeros(services + 1, np.uint8),
        serving=np.zeros(services + 1, np.int32),
        pool_start=pool_start,
        pool_services=pool_services,
        acute=arena.filled("acute", people, np.int16, 0),
        in_acute=arena.filled("in_acute", (people >> WORD_BITS) + 1, np.int64, 0),
        called=arena.filled("called", (people >> WORD_BITS) + 1, np.int64, 0),
        person_head=arena.filled("person_head", people, np.int32, EMPTY),
        counters=np.zeros(16, np.int64),
    )
    waiting = arena.take("waiting", n, np.int32)
    waiting = waiting[: take_up(work, waiting)]
    if len(waiting):
        work.lists["head"], work.lists["tail"] = EMPTY, EMPTY
        line_up(work, waiting[np.argsort(rows["joined"][waiting], kind="stable")])  # they nearly lie so already
    return work


@jit_small
def enter_acute(w, person):  # type: ignore[no-untyped-def]
    """Count one more ED cubicle or bed that the person holds."""
    w.acute[person] += 1
    w.in_acute[person >> WORD_BITS] |= np.int64(1) << (person & 63)


@jit_small
def leave_acute(w, person):  # type: ignore[no-untyped-def]
    """Count one ED cubicle or bed less; return whether it was the last."""
    w.acute[person] -= 1
    if w.acute[person] > 0:
        return False
    w.in_acute[person >> WORD_BITS] &= ~(np.int64(1) << (person & 63))
    return True


@jit_small
def is_in_acute(w, person):  # type: ignore[no-untyped-def]
    """Return whether the person holds an ED cubicle or bed."""
    return (w.in_acute[person >> WORD_BITS] >> (person & 63)) & 1 == 1


@jit_small
def note_called(w, person):  # type: ignore[no-untyped-def]
    """Note that a service called the person while they were in hospital: they rejoin its list on discharge."""
    w.called[person >> WORD_BITS] |= np.int64(1) << (person & 63)


@jit_small
def take_called(w, person):  # type: ignore[no-untyped-def]
    """Return whether a service may have called the person while they were in hospital, and forget it."""
    bit = np.int64(1) << (person & 63)
    word = w.called[person >> WORD_BITS]
    w.called[person >> WORD_BITS] = word & ~bit
    return word & bit != 0


@jit_small
def first_arrival(w):  # type: ignore[no-untyped-def]
    """Return from which row on all are needs yet to arise, in order of time."""
    first = len(w.rows)
    due = NEVER
    while first > 0 and w.rows[first - 1]["status"] == SCHEDULED and w.rows[first - 1]["due"] <= due:
        first -= 1
        due = w.rows[first]["due"]
    return first


@jit_small
def put_first(w, r):  # type: ignore[no-untyped-def]
    """Put row ``r`` at the start of its list; return whether that is its place, and do nothing if it is not."""
    row = w.rows[r]
    list_ = w.lists[row["service"] * PRIORITIES + row["priority"]]
    a = list_["head"]
    if a < 0:
        list_["tail"] = r
        list_["latest"] = row["joined"]
        w.classes[row["service"]] |= 1 << row["priority"]
    else:
        after = w.rows[a]
        if row["joined"] > after["joined"] or (row["joined"] == after["joined"] and row["need"] > after["need"]):
            return False
        w.links[a]["before"] = r
        w.links[r]["after"] = a
    list_["head"] = r
    return True


@jit_entry
def take_up(w, waiting):  # type: ignore[no-untyped-def]
    """Take up every row where the window before left it.

    Rows that lie in the order of their lists are put into them. Otherwise write which rows wait, for ``line_up`` to do
    all of it, and return how many do; 0: nothing is left to do.
    """
    found = 0
    in_order = True
    arrivals = first_arrival(w)
    w.counters[NEXT_ARRIVAL] = arrivals
    for r in range(len(w.rows) - 1, -1, -1):  # backwards, so that a person's rows are linked in their order
        if r >= AHEAD and w.rows[r - AHEAD]["person"] >= 0:
            fetch(w.person_head, w.rows[r - AHEAD]["person"])
        row = w.rows[r]
        link = w.links[r]
        link["after"] = EMPTY
        link["before"] = EMPTY
        link["of_person"] = EMPTY
        link["patience"] = NO_ENTRY
        link["marked"] = 0
        status = row["status"]
        person = row["person"]
        if person >= 0:
            link["of_person"] = w.person_head[person]
            w.person_head[person] = r
            if row["held"] >= 0 and w.services[row["held"]]["acute"] == 1:
                enter_acute(w, person)
            if status == IN_SERVICE and w.services[row["service"]]["acute"] == 1:
                enter_acute(w, person)
            if status == SUSPENDED:
                note_called(w, person)
        if r >= arrivals:
            continue
        if status in (SCHEDULED, IN_SERVICE, STAYING):
            push(w, row["due"], r)
        elif status == WAITING:
            waiting[found] = r
            found += 1
            in_order = in_order and put_first(w, r)
            if row["deadline"] < NEVER:
                link["patience"] = push(w, row["deadline"], ~r)
    return 0 if in_order else found


@jit_small
def put_in_list(w, r):  # type: ignore[no-untyped-def]
    """Put row ``r`` at the end of its service's list: of those who joined at the same second, by need id."""
    row = w.rows[r]
    place = row["service"] * PRIORITIES + row["priority"]
    w.classes[row["service"]] |= 1 << row["priority"]
    b = w.lists[place]["tail"]
    a = -1
    if w.lists[place]["latest"] == row["joined"]:  # or else nobody in it joined at this second
        while b >= 0 and w.rows[b]["joined"] == row["joined"] and w.rows[b]["need"] > row["need"]:
            a = b
            b = w.links[b]["before"]
    w.lists[place]["latest"] = row["joined"]
    w.links[r]["before"] = b
    w.links[r]["after"] = a
    if b >= 0:
        w.links[b]["after"] = r
    else:
        w.lists[place]["head"] = r
    if a >= 0:
        w.links[a]["before"] = r
    else:
        w.lists[place]["tail"] = r


@jit_entry
def line_up(w, waiting):  # type: ignore[no-untyped-def]
    """Put the rows that wait, in order of when they joined, into their lists; return how many there are."""
    for k in range(len(waiting)):
        r = waiting[k]
        put_in_list(w, r)
    return len(waiting)


def with_more_room(work: Work) -> Work:
    """Return the same window with twice the log and the calendar."""
    names = ("log", "later", "block_after", "agenda", "agenda_spare", "soon")
    return work._replace(**{name: twice(getattr(work, name)) for name in names})


def twice(array: np.ndarray) -> np.ndarray:
    """Return ``array`` with as much room again."""
    return np.concatenate([array, np.zeros_like(array)])
