"""What the compiled engine keeps while it moves time: the calendar heap, waiting lists and marks.

All of it is rebuilt from the rows at the start of a window; nothing here outlives one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.codes import IN_SERVICE, NEVER, PRIORITIES, SCHEDULED, STAYING, WAITING
from sim.engines.records import LOG
from sim.engines.state import State

# Slots of `counters`.
HEAP_N, LOG_N, DUE_N, GIVING_UP_N, FREED_N, DIRTY_N, NEXT_CHANGE, NEXT_EXIT, FAULT, FAULT_ROW, EVENTS = range(11)

# Why a window stopped.
DONE, MORE_ROOM, FAULTY = 0, 1, 2


class Work(NamedTuple):
    """Arrays of one window. Lists are linked through rows; -1 ends a list."""

    rows: np.ndarray
    services: np.ndarray
    pools: np.ndarray
    log: np.ndarray
    changes: np.ndarray
    exits: np.ndarray
    head: np.ndarray  # int32[service, priority]
    tail: np.ndarray
    after: np.ndarray  # int32[row]: next in the waiting list
    before: np.ndarray
    heap_time: np.ndarray  # int64
    heap_row: np.ndarray  # int32
    due: np.ndarray  # int32: rows whose change is due now; -1-x for exit x
    taken_at: np.ndarray  # int64[row]: second at which the row was last put into due (a stale entry may name it again)
    giving_up: np.ndarray  # int32: rows whose patience may have ended now
    marked: np.ndarray  # uint8[row]: is in giving_up
    freed: np.ndarray  # int32: rows whose held place is given up at the end of a pass
    dirty: np.ndarray  # int32: services that may start somebody
    is_dirty: np.ndarray  # uint8[service]
    serving: np.ndarray  # int32: the services of this pass, sorted
    pool_start: np.ndarray  # int32[pool + 1]
    pool_services: np.ndarray  # int32
    acute: np.ndarray  # int32[person]: ED cubicles and beds the person holds
    person_start: np.ndarray  # int32[person + 1]
    person_rows: np.ndarray  # int32: rows of each person, in row order
    counters: np.ndarray  # int64


def grouped(groups: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (start[count + 1], members) of equal values of ``groups``; order within a group is kept."""
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    start = np.searchsorted(groups[order], np.arange(count + 1)).astype(np.int32)
    return start, order.astype(np.int32)


def build(state: State) -> Work:
    """Return the working arrays of a window that starts at ``state.now``.

    Raises ValueError if changes of capacity or exits are not in order of time.
    """
    for name in ("changes", "exits"):
        if (np.diff(getattr(state, name)["time"]) < 0).any():
            raise ValueError(f"{name} must be sorted by time")
    rows = state.rows
    n, services = len(rows), state.services
    person_start, person_rows = grouped(rows["person"], state.people)
    pool_start, pool_services = grouped(services["pool"], len(state.pools))
    acute = np.zeros(max(state.people, 1), np.int32)
    for column, status in (("held", None), ("service", IN_SERVICE)):
        here = rows[column] >= 0
        if status is not None:
            here &= rows["status"] == status
        here &= rows["person"] >= 0
        here[here] &= services["acute"][rows[column][here]] == 1
        np.add.at(acute, rows["person"][here], 1)
    counters = np.zeros(16, np.int64)
    work = Work(
        rows=rows,
        services=services,
        pools=state.pools,
        log=np.zeros(8 * n + 4096, LOG),
        changes=state.changes,
        exits=state.exits,
        head=np.full((len(services), PRIORITIES), -1, np.int32),
        tail=np.full((len(services), PRIORITIES), -1, np.int32),
        after=np.full(n, -1, np.int32),
        before=np.full(n, -1, np.int32),
        heap_time=np.zeros(8 * n + 4096, np.int64),
        heap_row=np.zeros(8 * n + 4096, np.int32),
        due=np.zeros(n + len(state.exits) + 1, np.int32),
        taken_at=np.full(n, -1, np.int64),
        giving_up=np.zeros(n + 1, np.int32),
        marked=np.zeros(n + 1, np.uint8),
        freed=np.zeros(n + 1, np.int32),
        dirty=np.zeros(len(services) + 1, np.int32),
        is_dirty=np.zeros(len(services) + 1, np.uint8),
        serving=np.zeros(len(services) + 1, np.int32),
        pool_start=pool_start,
        pool_services=pool_services,
        acute=acute,
        person_start=person_start,
        person_rows=person_rows,
        counters=counters,
    )
    fill_calendar(work)
    fill_waiting_lists(work)
    return work


def fill_calendar(work: Work) -> None:
    """Put every change that rows already know of into the heap (a sorted array is a heap)."""
    rows = work.rows
    moving = np.isin(rows["status"], (SCHEDULED, IN_SERVICE, STAYING))
    patient = (rows["status"] == WAITING) & (rows["deadline"] < NEVER)
    times = np.concatenate([rows["due"][moving], rows["deadline"][patient]])
    which = np.concatenate([np.flatnonzero(moving), np.flatnonzero(patient)])
    order = np.argsort(times, kind="stable")
    work.heap_time[: len(order)] = times[order]
    work.heap_row[: len(order)] = which[order]
    work.counters[HEAP_N] = len(order)


def fill_waiting_lists(work: Work) -> None:
    """Link the rows that wait, by (service, priority, time joined, need id)."""
    rows = work.rows
    waiting = np.flatnonzero(rows["status"] == WAITING)
    keys = [rows[name][waiting] for name in ("need", "joined", "priority", "service")]
    last = None
    for r in waiting[np.lexsort(keys)]:
        place = (int(rows[r]["service"]), int(rows[r]["priority"]))
        if place == last:
            work.after[work.tail[place]] = r
            work.before[r] = work.tail[place]
        else:
            work.head[place] = r
        work.tail[place] = r
        last = place


def with_more_room(work: Work) -> Work:
    """Return the same window with twice the log and heap."""
    return work._replace(
        log=np.concatenate([work.log, np.zeros_like(work.log)]),
        heap_time=np.concatenate([work.heap_time, np.zeros_like(work.heap_time)]),
        heap_row=np.concatenate([work.heap_row, np.zeros_like(work.heap_row)]),
    )
