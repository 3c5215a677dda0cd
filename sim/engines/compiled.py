"""The compiled engine: the same state machine walked over columns, with a calendar of seconds (wheel.py).

Order within an instant (docs/semantics): (1) every change due, by (person key, need id); (2) services in number
order start whom they can, and what a pass frees counts in the next pass; (3) those whose patience has ended
leave; back to (1) until nothing changes.

What is called for every contact is written out where it is called, from as few places as can be: handing over the
arrays costs more than the work. What happens seldom (deaths, moves, calls of people in hospital) is not.
"""

from __future__ import annotations

import numpy as np

from sim.bits import lowest_bit
from sim.codes import (
    DIED,
    END,
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
from sim.engines.bins import (
    AGENDA_AT,
    AGENDA_N,
    BIN,
    BINS,
    BLOCK_BITS,
    BLOCK_N,
    LONGEST_S,
    NO_ENTRY,
    SOON_N,
    bin_end,
    bin_start,
    deal_next_bin,
)
from sim.engines.open_rows import kept_rows, move_together
from sim.engines.ordering import logged_before, sort_changes, sort_log
from sim.engines.places import (
    FAULT_BAD_STEP,
    IN_PLACE,
    WAITED_FOR,
    begin_service,
    end_episode,
    free_place,
    others_acute,
    release,
    write,
)
from sim.engines.records import MOST_CONTACTS, joined
from sim.engines.state import State
from sim.engines.waiting import (
    first_waiting,
    join,
    leave_list,
    mark_pool,
    note_giving_up,
    settle_joined,
    touch_pool,
    touch_service,
)
from sim.engines.wheel import WORD_BITS, give_back, next_change, push, take_slot
from sim.engines.work import (
    DIRTY_N,
    DONE,
    EVENTS,
    FAULT,
    FAULT_ROW,
    FAULTY,
    FREED_N,
    GIVING_UP_N,
    LOG_N,
    MORE_ROOM,
    NEXT_ARRIVAL,
    NEXT_CHANGE,
    NEXT_EXIT,
    NEXT_OTHER,
    Work,
    build,
    note_called,
    with_more_room,
)
from sim.jit import jit_borrowing as jit
from sim.jit import jit_entry, jit_small
from sim.prefetch import fetch
from sim.rules.pathway import ask_for_person, begin_episode, look_ahead, next_step

SPARE = 64
AHEAD = 8  # entries of the calendar: some microseconds, longer than memory takes


@jit_small
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
def change(w: Work, tables: tuple, r: int, now: int) -> None:
    """Apply the change of one row that is due now: it arrives, is served, has stayed, or gives up its place in a list.

    The pathway is asked here and nowhere else.
    """
    row = w.rows[r]
    status = row["status"]
    event = STAYED
    if status == WAITING:
        event = RENEGED
        leave_list(w, r, now)
        row["deadline"] = NEVER
        row["ordinal"] += 1  # what is decided now is of the next contact, as after one that was served
    elif row["due"] != now:
        return
    elif status == IN_SERVICE:
        event = SERVED
        row["held"] = row["service"]
        row["held_joined"] = row["joined"]
        row["held_started"] = row["started"]
        row["held_finished"] = now
        row["held_ordinal"] = row["ordinal"]
        row["held_priority"] = row["priority"]
        row["ordinal"] += 1
    elif status != STAYING and status != SCHEDULED:
        return
    acute = others_acute(w, r)
    if status == SCHEDULED:
        look_ahead(tables, w.rows, r)
        step = begin_episode(tables, w.rows, r, now, acute)
    else:
        step = next_step(tables, w.rows, r, now, event, acute)
    if event == SERVED:
        row["held_outcome"] = step[6]
    elif event == RENEGED:
        row["ordinal"] -= 1
        write(w, r, RENEGED, step[6], now, WAITED_FOR)
        row["ordinal"] += 1
    take(w, r, step, now)


@jit
def miss(w: Work, r: int, now: int) -> None:
    """Record a call that found the person in hospital; they rejoin on discharge."""
    leave_list(w, r, now)
    write(w, r, MISSED, OUT_NONE, now, WAITED_FOR)
    w.rows[r]["ordinal"] += 1
    w.rows[r]["status"] = SUSPENDED
    w.rows[r]["deadline"] = NEVER
    note_called(w, w.rows[r]["person"])


@jit_small
def close(w: Work, r: int, how: int, now: int) -> None:
    """Close one row of a person who died or moved away."""
    row = w.rows[r]
    status = row["status"]
    outcome = OUT_DIED if how == DIED else OUT_MOVED
    row["status"] = FREE
    if status == SCHEDULED:  # a need that would have arisen later never was one
        row["service"] = -1
        return
    if status == WAITING:
        leave_list(w, r, now)
        write(w, r, how, outcome, now, WAITED_FOR)
        row["ordinal"] += 1
    elif status == IN_SERVICE:
        write(w, r, how, outcome, now, IN_PLACE)
        row["ordinal"] += 1
        free_place(w, int(row["service"]), r, now)
    if row["held"] >= 0:
        release(w, r, now)
    end_episode(w, r, outcome, now)


@jit
def leave_place(w: Work, x: int, now: int) -> None:
    """Close every contact of a person who dies or moves away now."""
    first = w.person_head[w.exits[x]["person"]]
    r = first
    while r >= 0:
        if w.rows[r]["status"] == SUSPENDED:
            w.rows[r]["status"] = STAYING  # nobody who leaves rejoins a list
        r = w.links[r]["of_person"]
    r = first
    while r >= 0:
        if w.rows[r]["status"] != FREE:
            close(w, r, int(w.exits[x]["how"]), now)
        r = w.links[r]["of_person"]


@jit_small
def ask_ahead(w: Work, tables: tuple, at: int) -> None:
    """Ask memory for what entries of the agenda a little after place ``at`` will want: rows, and rows' people.

    For AHEAD entries at once, at every so many: where each lies is looked up side by side, and not one by one.
    """
    if at % AHEAD != 0 or at + 3 * AHEAD > w.hands[AGENDA_N]:
        return
    for later in range(at + 2 * AHEAD, at + 3 * AHEAD):
        r = row_of(w.agenda[later]["row"])
        fetch(w.rows, r)
        fetch(w.links, r)
    for later in range(at + AHEAD, at + 2 * AHEAD):
        ask_for_person(tables, w.rows, row_of(w.agenda[later]["row"]))


@jit_small
def ask_soon(w: Work, tables: tuple, second: int) -> None:
    """Ask memory for what the slots of the wheel soon after ``second`` will want: first the row, then its person.

    Most contacts end within minutes, and hours of other people's lie between in the order of work.
    """
    word = second >> WORD_BITS
    rest = w.bits[word]
    if rest == 0:
        return
    following = rest & (rest - 1)
    if following != 0:
        later = (word << WORD_BITS) + lowest_bit(following)
        fetch(w.rows, row_of(w.soon[w.wheel[later]]["row"]))
    coming = (word << WORD_BITS) + lowest_bit(rest)
    ask_for_person(tables, w.rows, row_of(w.soon[w.wheel[coming]]["row"]))


@jit_small
def row_of(named: int) -> int:
    """Return the row that an entry of the calendar names."""
    return int(named if named >= 0 else ~named)


@jit_small
def fall_due(w: Work, named: int, now: int, n: int) -> int:
    """Note what an entry of the calendar says now: a change is the ``n``-th due; return how many are."""
    if named < 0:
        r = int(~named)
        if w.rows[r]["status"] == WAITING and w.rows[r]["deadline"] == now:
            w.links[r]["patience"] = NO_ENTRY
            note_giving_up(w, r)
    elif w.rows[named]["status"] != FREE:
        w.due[n] = named
        n += 1
    return n


@jit_small
def next_other(w: Work) -> int:
    """Return the second of the next need to arise, exit or change of capacity, or codes.NEVER."""
    time = NEVER
    if w.counters[NEXT_ARRIVAL] < w.rows.shape[0]:
        time = min(time, w.rows[w.counters[NEXT_ARRIVAL]]["due"])
    if w.counters[NEXT_EXIT] < w.exits.shape[0]:
        time = min(time, w.exits[w.counters[NEXT_EXIT]]["time"])
    if w.counters[NEXT_CHANGE] < w.changes.shape[0]:
        time = min(time, w.changes[w.counters[NEXT_CHANGE]]["time"])
    return time


@jit_small
def collect_others(w: Work, now: int, n: int) -> int:
    """Gather the needs that arise now, the exits and the changes of capacity after ``n`` changes; return how many."""
    while w.counters[NEXT_ARRIVAL] < w.rows.shape[0] and w.rows[w.counters[NEXT_ARRIVAL]]["due"] == now:
        if w.rows[w.counters[NEXT_ARRIVAL]]["status"] == SCHEDULED:
            w.due[n] = w.counters[NEXT_ARRIVAL]
            n += 1
        w.counters[NEXT_ARRIVAL] += 1
    while w.counters[NEXT_EXIT] < w.exits.shape[0] and w.exits[w.counters[NEXT_EXIT]]["time"] == now:
        w.due[n] = -1 - w.counters[NEXT_EXIT]
        w.counters[NEXT_EXIT] += 1
        n += 1
    while w.counters[NEXT_CHANGE] < w.changes.shape[0] and w.changes[w.counters[NEXT_CHANGE]]["time"] == now:
        entry = w.changes[w.counters[NEXT_CHANGE]]
        p = int(entry["pool"])
        touch_pool(w.pools, p, now)
        w.pools[p]["capacity"] = entry["capacity"]
        mark_pool(w, p)
        w.counters[NEXT_CHANGE] += 1
    w.counters[NEXT_OTHER] = next_other(w)
    return n


@jit_small
def collect(w: Work, tables: tuple, now: int) -> int:
    """Gather everything due now from the calendar, the needs that arise, the exits and the changes of capacity.

    Return how much is due.
    """
    n = 0
    second = now - bin_start(w)
    at = int(w.hands[AGENDA_AT])
    while at < w.hands[AGENDA_N] and w.agenda[at]["second"] == second:
        ask_ahead(w, tables, at)
        n = fall_due(w, w.agenda[at]["row"], now, n)
        at += 1
    w.hands[AGENDA_AT] = at
    e = take_slot(w, second)
    if e >= 0:
        ask_soon(w, tables, second)
    while e >= 0:
        named = w.soon[e]["row"]
        e = give_back(w, e)
        n = fall_due(w, named, now, n)
    if w.counters[NEXT_OTHER] == now:
        n = collect_others(w, now, n)
    return n


@jit_small
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


@jit_small
def leavers(w: Work, now: int) -> int:
    """Gather into ``due`` those who still wait and whose patience has ended; return how many."""
    n = 0
    for i in range(w.counters[GIVING_UP_N]):
        r = w.giving_up[i]
        w.links[r]["marked"] = 0
        if w.rows[r]["status"] == WAITING and w.rows[r]["deadline"] <= now:
            w.due[n] = r
            n += 1
    w.counters[GIVING_UP_N] = 0
    return n


@jit_small
def instant(w: Work, tables: tuple, now: int) -> None:
    """Do everything that happens at this second."""
    first = w.counters[LOG_N]
    n = collect(w, tables, now)
    w.counters[EVENTS] += n
    while True:
        if n > 1:
            sort_changes(w, w.due, n)
        for i in range(n):
            item = int(w.due[i])
            if item < 0:
                leave_place(w, -1 - item, now)
            else:
                change(w, tables, item, now)
        serve(w, now)
        settle_joined(w)
        n = leavers(w, now)
        if n == 0:
            break
    written = w.counters[LOG_N] - first
    if written > 2 or (written == 2 and logged_before(w.log, first + 1, first)):
        sort_log(w.log, first, written)


@jit_small
def next_time(w: Work) -> int:
    """Return the second of the next thing to happen in the bin at hand, or of a later need, exit or change."""
    return min(next_change(w), w.counters[NEXT_OTHER])


@jit_small
def lacks_room(w: Work, more: int) -> bool:
    """Return whether the calendar may be too small for ``more`` entries."""
    blocks = w.hands[BLOCK_N] + (more >> BLOCK_BITS) + w.hands[BINS]
    return bool(blocks >= w.block_after.shape[0] or w.hands[SOON_N] + more > w.soon.shape[0])


@jit_entry
def run(w: Work, tables: tuple, until: int) -> int:
    """Move time to ``until``; return DONE, MORE_ROOM (grow and call again) or FAULTY."""
    open_now = w.rows.shape[0]
    w.counters[NEXT_OTHER] = next_other(w)
    while True:
        now = next_time(w)
        if now >= bin_end(w):
            if w.hands[BIN] + 1 >= w.hands[BINS]:
                break
            deal_next_bin(w)
            continue
        if now >= until:
            break
        if w.counters[LOG_N] + 4 * open_now + SPARE > w.log.shape[0]:
            return MORE_ROOM
        if lacks_room(w, 4 * open_now + SPARE):
            return MORE_ROOM
        instant(w, tables, now)
        if w.counters[FAULT] != 0:
            return FAULTY
    for s in range(w.services.shape[0]):
        touch_service(w.services, s, until)
    for p in range(w.pools.shape[0]):
        touch_pool(w.pools, p, until)
    return DONE


def advance(state: State, until: int, counts: np.ndarray | None = None) -> np.ndarray:
    """Move ``state`` to second ``until`` and return the log (records.LOG) of contacts closed on the way.

    counts: counts.COUNT[service + 1, how, class]; contacts are added there and the log stays empty (None: log them).
    Raises RuntimeError when the pathway asks for something impossible (an unknown service, a hold downwards,
    an episode that goes in circles for ever).
    """
    parts = [window(state, min(until, state.now + LONGEST_S), counts)]
    while state.now < until:
        parts.append(window(state, min(until, state.now + LONGEST_S), counts))
    return joined(parts)


def window(state: State, until: int, counts: np.ndarray | None = None) -> np.ndarray:
    """Move ``state`` to ``until``, not further ahead than the calendar reaches, and return the log, in its order."""
    work = build(state, until, counts)
    outcome = run(work, state.tables, until)
    while outcome == MORE_ROOM:
        work = with_more_room(work)
        outcome = run(work, state.tables, until)
    if outcome == FAULTY:
        row = state.rows[work.counters[FAULT_ROW]]
        raise RuntimeError(f"impossible step or full log (fault {work.counters[FAULT]}) in the episode {row}")
    state.now = until
    state.rows = work.rows[: move_together(work.rows)] if state.rows_stay else kept_rows(work.rows, state.arena)
    return work.log[: work.counters[LOG_N]]  # lent: while somebody holds it, the next window writes elsewhere
