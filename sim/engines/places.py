"""Places of services in the compiled engine: taken, held and given up, with the record of each contact that ends."""

from __future__ import annotations

from sim.codes import (
    ENDED,
    FREE,
    IN_SERVICE,
    NEVER,
    SERVED,
    SUSPENDED,
)
from sim.engines.waiting import (
    join,
    leave_list,
    mark_pool,
    touch_pool,
    touch_service,
)
from sim.engines.wheel import push
from sim.engines.work import (
    FAULT,
    FREED_N,
    LOG_N,
    Work,
    enter_acute,
    is_in_acute,
    leave_acute,
    take_called,
)
from sim.jit import jit_borrowing as jit
from sim.jit import jit_small

FAULT_LOG_FULL, FAULT_BAD_STEP = 1, 2
WAITED_FOR, IN_PLACE, HELD = range(3)  # which contact of a row a record is of


@jit_small
def add_one(count, waited_s: int, inside_s: int) -> None:  # type: ignore[no-untyped-def]
    """Add one contact or episode to the counts of its kind (counts.COUNT)."""
    count["closed"] += 1
    count["at_once"] += waited_s == 0
    count["waited_s"] += waited_s
    count["inside_s"] += inside_s


@jit_small
def count_contact(w: Work, r: int, how: int, now: int, what: int) -> None:
    """Count a closed contact in place of its record."""
    row = w.rows[r]
    if what == HELD:
        count = w.counts[row["held"] + 1, how, row["need_type"]]
        add_one(count, row["held_started"] - row["held_joined"], now - row["held_started"])
    elif what == IN_PLACE:
        add_one(
            w.counts[row["service"] + 1, how, row["need_type"]], row["started"] - row["joined"], now - row["started"]
        )
    else:
        add_one(w.counts[row["service"] + 1, how, row["need_type"]], now - row["joined"], 0)


@jit_small
def write(w: Work, r: int, how: int, outcome: int, now: int, what: int) -> None:
    """Write the record of a closed contact: the one waited for, the one in service, or the one whose place is held."""
    if w.counts.shape[0] > 0:
        count_contact(w, r, how, now, what)
        return
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
    if what == HELD:
        out["service"] = row["held"]
        out["priority"] = row["held_priority"]
        out["ordinal"] = row["held_ordinal"]
        out["joined"] = row["held_joined"]
        out["started"] = row["held_started"]
        out["finished"] = row["held_finished"]
        return
    out["service"] = row["service"]
    out["priority"] = row["priority"]
    out["ordinal"] = row["ordinal"]
    out["joined"] = row["joined"]
    out["started"] = row["started"] if what == IN_PLACE else -1
    out["finished"] = -1


@jit_small
def end_episode(w: Work, r: int, outcome: int, now: int) -> None:
    """Close the row and write the end of its episode."""
    row = w.rows[r]
    row["status"] = FREE
    row["service"] = -1
    if w.counts.shape[0] > 0:
        add_one(w.counts[0, ENDED, row["need_type"]], now - row["arose"], 0)
        return
    n = w.counters[LOG_N]
    if n >= w.log.shape[0]:
        w.counters[FAULT] = FAULT_LOG_FULL
        return
    w.counters[LOG_N] = n + 1
    out = w.log[n]
    out["need"] = row["need"]
    out["person_key"] = row["person_key"]
    out["person"] = row["person"]
    out["need_type"] = row["need_type"]
    out["acuity"] = row["acuity"]
    out["how"] = ENDED
    out["outcome"] = outcome
    out["left"] = now
    out["service"] = -1
    out["priority"] = 0
    out["ordinal"] = row["ordinal"]
    out["joined"] = row["arose"]
    out["started"] = -1
    out["finished"] = now


@jit
def rejoin(w: Work, person: int, now: int) -> None:
    """Let a person who leaves the hospital rejoin the lists that called them there."""
    r = w.person_head[person]
    while r >= 0:
        if w.rows[r]["status"] == SUSPENDED:
            join(w, r, now)
        r = w.links[r]["of_person"]


@jit_small
def free_place(w: Work, s: int, r: int, now: int) -> None:
    """Give a place of service ``s`` back."""
    touch_service(w.services, s, now)
    w.services[s]["inside"] -= 1
    p = int(w.services[s]["pool"])
    touch_pool(w.pools, p, now)
    w.pools[p]["busy"] -= 1
    mark_pool(w, p)
    person = int(w.rows[r]["person"])
    if person >= 0 and w.services[s]["acute"] == 1 and leave_acute(w, person) and take_called(w, person):
        rejoin(w, person, now)


@jit_small
def release(w: Work, r: int, now: int) -> None:
    """End the hold of the row: its contact is closed and the place is free."""
    s = int(w.rows[r]["held"])
    write(w, r, SERVED, int(w.rows[r]["held_outcome"]), now, HELD)
    w.rows[r]["held"] = -1
    free_place(w, s, r, now)


@jit_small
def begin_service(w: Work, r: int, now: int) -> None:
    """Start the row's service; what it held before is given up at the end of the pass."""
    leave_list(w, r, now)
    row = w.rows[r]
    s = int(row["service"])
    p = int(w.services[s]["pool"])
    touch_pool(w.pools, p, now)
    w.pools[p]["busy"] += 1
    w.services[s]["inside"] += 1
    w.services[s]["starts"] += 1
    row["status"] = IN_SERVICE
    row["started"] = now
    row["due"] = now + row["duration"]
    row["deadline"] = NEVER
    push(w, row["due"], r)
    if row["person"] >= 0 and w.services[s]["acute"] == 1:
        enter_acute(w, row["person"])
    if row["held"] >= 0:
        w.freed[w.counters[FREED_N]] = r
        w.counters[FREED_N] += 1


@jit_small
def others_acute(w: Work, r: int) -> int:
    """Return 1 if the row's person holds an ED cubicle or bed in another episode."""
    person = int(w.rows[r]["person"])
    if person < 0 or not is_in_acute(w, person):
        return 0
    held = int(w.rows[r]["held"])
    own = 1 if held >= 0 and w.services[held]["acute"] == 1 else 0
    return 1 if w.acute[person] > own else 0
