"""The compiled engine: the same state machine walked over columns, with a binary-heap calendar.

Order within an instant (docs/semantics): (1) every change due, by (person key, need id); (2) services in number
order start whom they can, and what a pass frees counts in the next pass; (3) those whose patience has ended
leave; back to (1) until nothing changes.
"""

from __future__ import annotations

import numpy as np

from sim.codes import (
    DIED,
    END,
    ENDED,
    FREE,
    IN_SERVICE,
    MISSED,
    NEVER,
    OUT_DIED,
    OUT_MOVED,
    OUT_NONE,
    PRIORITIES,
    RENEGED,
    SCHEDULED,
    SEEK,
    SERVED,
    STAY,
    STAYED,
    STAYING,
    SUSPENDED,
    WAITING,
)
from sim.engines.ordering import pop, push, sort_changes
from sim.engines.records import MOST_CONTACTS, in_log_order
from sim.engines.state import State, open_rows
from sim.engines.waiting import (
    first_waiting,
    join,
    leave_list,
    mark_pool,
    note_giving_up,
    touch_pool,
    touch_service,
)
from sim.engines.work import (
    DIRTY_N,
    DONE,
    DUE_N,
    EVENTS,
    FAULT,
    FAULT_ROW,
    FAULTY,
    FREED_N,
    GIVING_UP_N,
    HEAP_N,
    LOG_N,
    MORE_ROOM,
    NEXT_CHANGE,
    NEXT_EXIT,
    Work,
    build,
    with_more_room,
)
from sim.jit import jit_borrowing as jit
from sim.jit import jit_entry, jit_small
from sim.rules.pathway import begin_episode, next_step

FAULT_LOG_FULL, FAULT_BAD_STEP = 1, 2
SPARE = 64


@jit
def write(w: Work, r: int, how: int, outcome: int, now: int, what: int) -> None:
    """Write the record of one closed contact, or of the episode's end.

    what: 0 the contact waited for, 1 the contact in service, 2 the place held, 3 the end of the episode.
    """
    n = w.counters[LOG_N]
    if n >= w.log.shape[0]:
        w.counters[FAULT] = FAULT_LOG_FULL
        return
    w.counters[LOG_N] = n + 1
    row = w.rows[r]
    out = w.log[n]
    out["need"] = row["need"]
    out["person_key"] = row["person_key"]
    out["person"] = row["person"]
    out["need_type"] = row["need_type"]
    out["acuity"] = row["acuity"]
    out["how"] = how
    out["outcome"] = outcome
    out["left"] = now
    out["service"] = row["service"]
    out["priority"] = row["priority"]
    out["ordinal"] = row["ordinal"]
    out["joined"] = row["joined"]
    out["started"] = -1
    out["finished"] = -1
    if what == 1:
        out["started"] = row["started"]
    elif what == 2:
        out["service"] = row["held"]
        out["priority"] = row["held_priority"]
        out["ordinal"] = row["held_ordinal"]
        out["joined"] = row["held_joined"]
        out["started"] = row["held_started"]
        out["finished"] = row["held_finished"]
    elif what == 3:
        out["service"] = -1
        out["priority"] = 0
        out["joined"] = row["arose"]
        out["finished"] = now


@jit
def free_place(w: Work, s: int, r: int, now: int) -> None:
    """Give a place of service ``s`` back; a person who leaves the hospital rejoins the lists that called them."""
    touch_service(w, s, now)
    w.services[s]["inside"] -= 1
    p = int(w.services[s]["pool"])
    touch_pool(w, p, now)
    w.pools[p]["busy"] -= 1
    mark_pool(w, p)
    person = int(w.rows[r]["person"])
    if person >= 0 and w.services[s]["acute"] == 1:
        w.acute[person] -= 1
        if w.acute[person] == 0:
            for i in range(w.person_start[person], w.person_start[person + 1]):
                other = w.person_rows[i]
                if w.rows[other]["status"] == SUSPENDED:
                    join(w, other, now)


@jit
def release(w: Work, r: int, now: int) -> None:
    """End the hold of the row: its contact is closed and the place is free."""
    s = int(w.rows[r]["held"])
    write(w, r, SERVED, int(w.rows[r]["held_outcome"]), now, 2)
    w.rows[r]["held"] = -1
    free_place(w, s, r, now)


@jit_small
def begin_service(w: Work, r: int, now: int) -> None:
    """Start the row's service; what it held before is given up at the end of the pass."""
    leave_list(w, r, now)
    row = w.rows[r]
    s = int(row["service"])
    p = int(w.services[s]["pool"])
    touch_pool(w, p, now)
    w.pools[p]["busy"] += 1
    w.services[s]["inside"] += 1
    w.services[s]["starts"] += 1
    row["status"] = IN_SERVICE
    row["started"] = now
    row["due"] = now + row["duration"]
    row["deadline"] = NEVER
    push(w, row["due"], r)
    if row["person"] >= 0 and w.services[s]["acute"] == 1:
        w.acute[row["person"]] += 1
    if row["held"] >= 0:
        w.freed[w.counters[FREED_N]] = r
        w.counters[FREED_N] += 1


@jit
def others_acute(w: Work, r: int) -> int:
    """Return 1 if the row's person holds an ED cubicle or bed in another episode."""
    person = int(w.rows[r]["person"])
    if person < 0:
        return 0
    own = 0
    held = int(w.rows[r]["held"])
    if held >= 0 and w.services[held]["acute"] == 1:
        own = 1
    return 1 if w.acute[person] - own > 0 else 0


@jit_small
def end_episode(w: Work, r: int, outcome: int, now: int) -> None:
    """Close the row and write the end of its episode."""
    write(w, r, ENDED, outcome, now, 3)
    w.rows[r]["status"] = FREE
    w.rows[r]["service"] = -1


@jit
def take(w: Work, r: int, step: tuple[int, int, int, int, int, int, int], now: int) -> None:
    """Do what the pathway asked for."""
    kind, service, duration, priority, patience, keep, outcome = step
    row = w.rows[r]
    if row["held"] >= 0 and (keep == 0 or kind == END):
        release(w, r, now)
    if kind == END:
        end_episode(w, r, outcome, now)
        return
    if duration < 1 or (kind != SEEK and kind != STAY) or row["ordinal"] > MOST_CONTACTS:
        w.counters[FAULT] = FAULT_BAD_STEP
        w.counters[FAULT_ROW] = r
        return
    row["duration"] = duration
    if kind == STAY:
        row["service"] = -1
        row["status"] = STAYING
        row["due"] = now + duration
        push(w, row["due"], r)
        return
    wrong = service < 0 or service >= w.services.shape[0] or priority < 0 or priority >= PRIORITIES
    if wrong or patience < 0 or (row["held"] >= 0 and service <= row["held"]):
        w.counters[FAULT] = FAULT_BAD_STEP
        w.counters[FAULT_ROW] = r
        return
    row["service"] = service
    row["priority"] = priority
    row["patience"] = patience
    join(w, r, now)


@jit_small
def finish(w: Work, tables: tuple, r: int, now: int) -> None:
    """End the row's service: the place is held until the pathway lets it go."""
    row = w.rows[r]
    row["held"] = row["service"]
    row["held_joined"] = row["joined"]
    row["held_started"] = row["started"]
    row["held_finished"] = now
    row["held_ordinal"] = row["ordinal"]
    row["held_priority"] = row["priority"]
    row["ordinal"] += 1
    step = next_step(tables, w.rows, r, now, SERVED, others_acute(w, r))
    row["held_outcome"] = step[6]
    take(w, r, step, now)


@jit
def change(w: Work, tables: tuple, r: int, now: int) -> None:
    """Apply the change of one row that is due now."""
    status = w.rows[r]["status"]
    if w.rows[r]["due"] != now:
        return
    if status == IN_SERVICE:
        finish(w, tables, r, now)
    elif status == SCHEDULED:
        take(w, r, begin_episode(tables, w.rows, r, now, others_acute(w, r)), now)
    elif status == STAYING:
        take(w, r, next_step(tables, w.rows, r, now, STAYED, others_acute(w, r)), now)


@jit
def give_up(w: Work, tables: tuple, r: int, now: int) -> None:
    """Let the row leave the list it has waited in for as long as it would."""
    leave_list(w, r, now)
    row = w.rows[r]
    row["deadline"] = NEVER
    step = next_step(tables, w.rows, r, now, RENEGED, others_acute(w, r))
    write(w, r, RENEGED, step[6], now, 0)
    row["ordinal"] += 1
    take(w, r, step, now)


@jit_small
def miss(w: Work, r: int, now: int) -> None:
    """Record a call that found the person in hospital; they rejoin on discharge."""
    leave_list(w, r, now)
    write(w, r, MISSED, OUT_NONE, now, 0)
    w.rows[r]["ordinal"] += 1
    w.rows[r]["status"] = SUSPENDED
    w.rows[r]["deadline"] = NEVER


@jit
def close(w: Work, r: int, how: int, now: int) -> None:
    """Close one row of a person who died or moved away."""
    status = w.rows[r]["status"]
    outcome = OUT_DIED if how == DIED else OUT_MOVED
    w.rows[r]["status"] = FREE
    if status == WAITING:
        leave_list(w, r, now)
        write(w, r, how, outcome, now, 0)
        w.rows[r]["ordinal"] += 1
    elif status == IN_SERVICE:
        write(w, r, how, outcome, now, 1)
        w.rows[r]["ordinal"] += 1
        free_place(w, int(w.rows[r]["service"]), r, now)
    if w.rows[r]["held"] >= 0:
        release(w, r, now)
    end_episode(w, r, outcome, now)


@jit
def leave_place(w: Work, x: int, now: int) -> None:
    """Close every contact of a person who dies or moves away now."""
    person = int(w.exits[x]["person"])
    for i in range(w.person_start[person], w.person_start[person + 1]):
        r = int(w.person_rows[i])
        if w.rows[r]["status"] == SUSPENDED:
            w.rows[r]["status"] = STAYING  # nobody who leaves rejoins a list
    for i in range(w.person_start[person], w.person_start[person + 1]):
        r = int(w.person_rows[i])
        if w.rows[r]["status"] != FREE:
            close(w, r, int(w.exits[x]["how"]), now)


@jit_small
def collect(w: Work, now: int) -> None:
    """Gather everything due now from the calendar, the exits and the changes of capacity."""
    n = 0
    while w.counters[HEAP_N] > 0 and w.heap_time[0] == now:
        r = pop(w)
        status = w.rows[r]["status"]
        if status == WAITING:
            if w.rows[r]["deadline"] == now:
                note_giving_up(w, r)
        elif status != FREE and status != SUSPENDED and w.rows[r]["due"] == now and w.taken_at[r] != now:
            w.taken_at[r] = now
            w.due[n] = r
            n += 1
    while w.counters[NEXT_EXIT] < w.exits.shape[0] and w.exits[w.counters[NEXT_EXIT]]["time"] == now:
        w.due[n] = -1 - w.counters[NEXT_EXIT]
        w.counters[NEXT_EXIT] += 1
        n += 1
    while w.counters[NEXT_CHANGE] < w.changes.shape[0] and w.changes[w.counters[NEXT_CHANGE]]["time"] == now:
        entry = w.changes[w.counters[NEXT_CHANGE]]
        p = int(entry["pool"])
        touch_pool(w, p, now)
        w.pools[p]["capacity"] = entry["capacity"]
        mark_pool(w, p)
        w.counters[NEXT_CHANGE] += 1
    w.counters[DUE_N] = n


@jit
def serve_one(w: Work, s: int, now: int) -> None:
    """Start whom service ``s`` can start."""
    p = int(w.services[s]["pool"])
    while w.pools[p]["busy"] < w.pools[p]["capacity"]:
        r = first_waiting(w, s)
        if r < 0:
            return
        if others_acute(w, r) == 1:
            miss(w, r, now)
        else:
            begin_service(w, r, now)


@jit_small
def take_dirty(w: Work) -> int:
    """Move the marked services, sorted by number, into ``serving``; return how many."""
    n = w.counters[DIRTY_N]
    w.counters[DIRTY_N] = 0
    for i in range(n):
        s = w.dirty[i]
        w.is_dirty[s] = 0
        j = i - 1
        while j >= 0 and w.serving[j] > s:
            w.serving[j + 1] = w.serving[j]
            j -= 1
        w.serving[j + 1] = s
    return n


@jit_small
def serve(w: Work, now: int) -> None:
    """Serve in passes, services in number order, until nothing starts."""
    while w.counters[DIRTY_N] > 0:
        n = take_dirty(w)
        for i in range(n):
            serve_one(w, int(w.serving[i]), now)
        for i in range(w.counters[FREED_N]):
            release(w, int(w.freed[i]), now)
        w.counters[FREED_N] = 0


@jit
def let_go(w: Work, tables: tuple, now: int) -> bool:
    """Let those leave whose patience has ended; return whether anybody did."""
    n = 0
    for i in range(w.counters[GIVING_UP_N]):
        r = w.giving_up[i]
        w.marked[r] = 0
        if w.rows[r]["status"] == WAITING and w.rows[r]["deadline"] <= now:
            w.due[n] = r
            n += 1
    w.counters[GIVING_UP_N] = 0
    sort_changes(w, w.due, n)
    for i in range(n):
        give_up(w, tables, int(w.due[i]), now)
    return n > 0


@jit
def instant(w: Work, tables: tuple, now: int) -> None:
    """Do everything that happens at this second."""
    collect(w, now)
    n = w.counters[DUE_N]
    w.counters[EVENTS] += n
    sort_changes(w, w.due, n)
    for i in range(n):
        item = int(w.due[i])
        if item < 0:
            leave_place(w, -1 - item, now)
        else:
            change(w, tables, item, now)
    while True:
        serve(w, now)
        if not let_go(w, tables, now):
            return


@jit_small
def next_time(w: Work) -> int:
    """Return the second of the next thing to happen."""
    time = NEVER
    if w.counters[HEAP_N] > 0:
        time = w.heap_time[0]
    if w.counters[NEXT_EXIT] < w.exits.shape[0]:
        time = min(time, w.exits[w.counters[NEXT_EXIT]]["time"])
    if w.counters[NEXT_CHANGE] < w.changes.shape[0]:
        time = min(time, w.changes[w.counters[NEXT_CHANGE]]["time"])
    return time


@jit_entry
def run(w: Work, tables: tuple, until: int) -> int:
    """Move time to ``until``; return DONE, MORE_ROOM (grow and call again) or FAULTY."""
    open_now = w.rows.shape[0]
    while True:
        now = next_time(w)
        if now >= until:
            break
        if w.counters[LOG_N] + 4 * open_now + SPARE > w.log.shape[0]:
            return MORE_ROOM
        if w.counters[HEAP_N] + 4 * open_now + SPARE > w.heap_time.shape[0]:
            return MORE_ROOM
        instant(w, tables, now)
        if w.counters[FAULT] != 0:
            return FAULTY
    for s in range(w.services.shape[0]):
        touch_service(w, s, until)
    for p in range(w.pools.shape[0]):
        touch_pool(w, p, until)
    return DONE


def advance(state: State, until: int) -> np.ndarray:
    """Move ``state`` to second ``until`` and return the log (records.LOG) of contacts closed on the way.

    Raises RuntimeError when the pathway asks for something impossible (an unknown service, a hold downwards,
    an episode that goes in circles for ever).
    """
    work = build(state)
    outcome = run(work, state.tables, until)
    while outcome == MORE_ROOM:
        work = with_more_room(work)
        outcome = run(work, state.tables, until)
    if outcome == FAULTY:
        row = state.rows[work.counters[FAULT_ROW]]
        raise RuntimeError(f"impossible step or full log (fault {work.counters[FAULT]}) in the episode {row}")
    state.now = until
    state.rows = open_rows(work.rows)
    return in_log_order(work.log[: work.counters[LOG_N]])
