"""Waiting lists and tallies of the compiled engine: linked through rows, one list for each service and priority."""

from __future__ import annotations

import numpy as np

from sim.bits import lowest_bit
from sim.codes import NEVER, PRIORITIES, WAITING
from sim.engines.bins import NO_ENTRY, strike_out
from sim.engines.wheel import push
from sim.engines.work import DIRTY_N, GIVING_UP_N, JOINED_N, Work, put_in_list
from sim.jit import jit_small
from sim.prefetch import fetch


@jit_small
def touch_service(services: np.ndarray, s: int, now: int) -> None:
    """Bring the service's person-seconds up to ``now``."""
    service = services[s]
    span = now - service["changed"]
    if span > 0:
        service["waiting_area_s"] += service["waiting"] * span
        service["inside_area_s"] += service["inside"] * span
        service["changed"] = now


@jit_small
def touch_pool(pools: np.ndarray, p: int, now: int) -> None:
    """Bring the pool's seconds up to ``now``."""
    pool = pools[p]
    span = now - pool["changed"]
    if span > 0:
        busy = pool["busy"]
        capacity = pool["capacity"]
        pool["busy_area_s"] += busy * span
        pool["capacity_area_s"] += capacity * span
        if busy > capacity:
            pool["over_area_s"] += (busy - capacity) * span
        pool["changed"] = now


@jit_small
def mark_service(w: Work, s: int) -> None:
    """Note that service ``s`` may be able to start somebody."""
    if w.is_dirty[s] == 0:
        w.is_dirty[s] = 1
        w.dirty[w.counters[DIRTY_N]] = s
        w.counters[DIRTY_N] += 1


@jit_small
def mark_pool(w: Work, p: int) -> None:
    """Note that every service of pool ``p`` for which somebody waits may be able to start them."""
    for i in range(w.pool_start[p], w.pool_start[p + 1]):
        s = w.pool_services[i]
        if w.services[s]["waiting"] > 0:
            mark_service(w, s)


@jit_small
def first_waiting(w: Work, s: int) -> int:
    """Return the row that service ``s`` would call next, or -1."""
    classes = w.classes[s]
    if classes == 0:
        return -1
    return int(w.lists[s * PRIORITIES + lowest_bit(classes)]["head"])


@jit_small
def note_giving_up(w: Work, r: int) -> None:
    """Remember that the row's patience may end at this instant."""
    if w.links[r]["marked"] == 0:
        w.links[r]["marked"] = 1
        w.giving_up[w.counters[GIVING_UP_N]] = r
        w.counters[GIVING_UP_N] += 1


@jit_small
def plan_giving_up(w: Work, r: int) -> None:
    """Put the end of the row's patience into the calendar."""
    w.links[r]["patience"] = push(w, w.rows[r]["deadline"], ~r)


@jit_small
def settle_joined(w: Work) -> None:
    """Plan when those give up who joined a list at this instant and were not served at once."""
    for i in range(w.counters[JOINED_N]):
        r = w.joined[i]
        if w.rows[r]["status"] == WAITING and w.links[r]["patience"] == NO_ENTRY:
            plan_giving_up(w, r)
    w.counters[JOINED_N] = 0


@jit_small
def join(w: Work, r: int, now: int) -> None:
    """Put the row at its place in its service's list."""
    row = w.rows[r]
    s = int(row["service"])
    row["status"] = WAITING
    row["joined"] = now
    row["deadline"] = NEVER
    touch_service(w.services, s, now)
    w.services[s]["waiting"] += 1
    put_in_list(w, r)
    if row["patience"] < NEVER:
        row["deadline"] = now + row["patience"]
        if row["patience"] == 0:
            note_giving_up(w, r)
        elif w.counters[JOINED_N] < len(w.joined):
            w.joined[w.counters[JOINED_N]] = r
            w.counters[JOINED_N] += 1
        else:
            plan_giving_up(w, r)
    mark_service(w, s)


@jit_small
def leave_list(w: Work, r: int, now: int) -> None:
    """Take the row out of its service's list."""
    row = w.rows[r]
    s = int(row["service"])
    place = s * PRIORITIES + row["priority"]
    if w.links[r]["patience"] >= 0:
        strike_out(w, w.links[r]["patience"], ~r)
        w.links[r]["patience"] = NO_ENTRY
    a = w.links[r]["after"]
    b = w.links[r]["before"]
    if b >= 0:
        w.links[b]["after"] = a
    else:
        w.lists[place]["head"] = a
        if a >= 0:
            fetch(w.rows, a)
            fetch(w.links, a)
    if a >= 0:
        w.links[a]["before"] = b
    else:
        w.lists[place]["tail"] = b
        if b < 0:
            w.classes[s] &= ~(1 << row["priority"])
    touch_service(w.services, s, now)
    w.services[s]["waiting"] -= 1
