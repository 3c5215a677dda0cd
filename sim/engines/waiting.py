"""Waiting lists and tallies of the compiled engine: linked through rows, one list for each service and priority."""

from __future__ import annotations

from sim.codes import NEVER, PRIORITIES, WAITING
from sim.engines.ordering import push
from sim.engines.work import DIRTY_N, GIVING_UP_N, Work
from sim.jit import jit_borrowing as jit
from sim.jit import jit_small


@jit
def touch_service(w: Work, s: int, now: int) -> None:
    """Bring the service's person-seconds up to ``now``."""
    span = now - w.services[s]["changed"]
    if span > 0:
        w.services[s]["waiting_area_s"] += w.services[s]["waiting"] * span
        w.services[s]["inside_area_s"] += w.services[s]["inside"] * span
        w.services[s]["changed"] = now


@jit
def touch_pool(w: Work, p: int, now: int) -> None:
    """Bring the pool's seconds up to ``now``."""
    span = now - w.pools[p]["changed"]
    if span > 0:
        busy = w.pools[p]["busy"]
        capacity = w.pools[p]["capacity"]
        w.pools[p]["busy_area_s"] += busy * span
        w.pools[p]["capacity_area_s"] += capacity * span
        if busy > capacity:
            w.pools[p]["over_area_s"] += (busy - capacity) * span
        w.pools[p]["changed"] = now


@jit_small
def mark_service(w: Work, s: int) -> None:
    """Note that service ``s`` may be able to start somebody."""
    if w.is_dirty[s] == 0:
        w.is_dirty[s] = 1
        w.dirty[w.counters[DIRTY_N]] = s
        w.counters[DIRTY_N] += 1


@jit_small
def mark_pool(w: Work, p: int) -> None:
    """Note that every service of pool ``p`` may be able to start somebody."""
    for i in range(w.pool_start[p], w.pool_start[p + 1]):
        mark_service(w, w.pool_services[i])


@jit_small
def first_waiting(w: Work, s: int) -> int:
    """Return the row that service ``s`` would call next, or -1."""
    for p in range(PRIORITIES):
        if w.head[s, p] >= 0:
            return int(w.head[s, p])
    return -1


@jit_small
def note_giving_up(w: Work, r: int) -> None:
    """Remember that the row's patience may end at this instant."""
    if w.marked[r] == 0:
        w.marked[r] = 1
        w.giving_up[w.counters[GIVING_UP_N]] = r
        w.counters[GIVING_UP_N] += 1


@jit
def join(w: Work, r: int, now: int) -> None:
    """Put the row at its place in its service's list."""
    row = w.rows[r]
    s = int(row["service"])
    p = int(row["priority"])
    row["status"] = WAITING
    row["joined"] = now
    row["deadline"] = NEVER
    touch_service(w, s, now)
    w.services[s]["waiting"] += 1
    b = w.tail[s, p]
    a = -1
    while b >= 0 and w.rows[b]["joined"] == now and w.rows[b]["need"] > row["need"]:
        a = b
        b = w.before[b]
    w.before[r] = b
    w.after[r] = a
    if b >= 0:
        w.after[b] = r
    else:
        w.head[s, p] = r
    if a >= 0:
        w.before[a] = r
    else:
        w.tail[s, p] = r
    if row["patience"] < NEVER:
        row["deadline"] = now + row["patience"]
        if row["patience"] == 0:
            note_giving_up(w, r)
        else:
            push(w, row["deadline"], r)
    mark_service(w, s)


@jit
def leave_list(w: Work, r: int, now: int) -> None:
    """Take the row out of its service's list."""
    row = w.rows[r]
    s = int(row["service"])
    p = int(row["priority"])
    a = w.after[r]
    b = w.before[r]
    if b >= 0:
        w.after[b] = a
    else:
        w.head[s, p] = a
    if a >= 0:
        w.before[a] = b
    else:
        w.tail[s, p] = b
    touch_service(w, s, now)
    w.services[s]["waiting"] -= 1
