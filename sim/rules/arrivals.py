"""Needs on their way: made person by person, put in order of time, and written as the rows that engines take.

Rows stand in the order in which they will be asked for, so that what happens at about the same time lies close
together. The order has no bearing on any result.
"""

from __future__ import annotations

import numpy as np

from sim.codes import NEVER, SCHEDULED
from sim.engines.arena import Arena
from sim.engines.records import ROW
from sim.jit import jit_entry, jit_small
from sim.prefetch import fetch

ARRIVAL = np.dtype(
    [
        ("need", "u8"),
        ("person_key", "u8"),
        ("due", "i8"),
        ("person", "i4"),  # -1: an anonymous patient
        ("site", "i2"),
        ("stage", "i2"),
        ("need_type", "i1"),
    ],
    align=True,
)
DIGIT_BITS = 11  # of a radix sort by second: two passes do for a month
DIGITS = 1 << DIGIT_BITS
GROWTH = 2
AHEAD = 16  # arrivals: how soon memory is asked for


class Arrivals:
    """Arrivals made so far: ``made`` of them, in an array that is made larger when it must be.

    arena: where arrays are kept from one month to the next; None: they are new.
    """

    def __init__(self, room: int, arena: Arena | None = None) -> None:
        self.arena = Arena() if arena is None else arena
        self.array = self.arena.take("arrivals", max(room, 1), ARRIVAL)
        self.made = 0

    def make_room(self, more: int) -> None:
        """See to it that ``more`` can be added."""
        if self.made + more > len(self.array):
            known = self.array
            self.array = self.arena.take("arrivals", GROWTH * (self.made + more), ARRIVAL)
            self.array[: self.made] = known[: self.made]

    def rows(self, start_s: int, before: np.ndarray | None = None) -> np.ndarray:
        """Return ``before`` (ROW[]) and behind it the needs as scheduled ROWs in order of time, from ``start_s`` on."""
        first = 0 if before is None else len(before)
        rows = self.arena.unheld("rows", first + self.made, ROW)[: first + self.made]
        if before is not None:
            rows.view(np.uint8)[: first * ROW.itemsize] = np.ascontiguousarray(before).view(np.uint8)
        order, spare = (self.arena.take(name, self.made, np.int32)[: self.made] for name in ("order", "order_spare"))
        order[:] = np.arange(self.made, dtype=np.int32)
        made = self.array[: self.made]
        last_s = int(made["due"].max()) - start_s if self.made else 0
        starts = np.zeros(DIGITS, np.int64)
        for digit in range(max(1, -(-last_s.bit_length() // DIGIT_BITS))):
            sort_by_digit(made, order, spare, starts, start_s, digit)
            order, spare = spare, order
        write_rows(rows, first, made, order)
        return rows


@jit_entry
def sort_by_digit(arrivals, order, into, starts, start_s, digit):  # type: ignore[no-untyped-def]
    """Write ``order`` into ``into`` by one digit of the seconds from ``start_s``, equal ones as they stood."""
    shift = digit * DIGIT_BITS
    starts[:] = 0
    for k in range(len(order)):
        starts[((arrivals[k]["due"] - start_s) >> shift) & (DIGITS - 1)] += 1
    total = 0
    for d in range(DIGITS):
        here = starts[d]
        starts[d] = total
        total += here
    for k in range(len(order)):
        if k + AHEAD < len(order):
            fetch(arrivals, order[k + AHEAD])
        d = ((arrivals[order[k]]["due"] - start_s) >> shift) & (DIGITS - 1)
        into[starts[d]] = order[k]
        starts[d] += 1
    return total


@jit_entry
def write_rows(rows, first, arrivals, order):  # type: ignore[no-untyped-def]
    """Write the arrivals in ``order`` as scheduled rows from ``first`` on; return how many."""
    for k in range(len(order)):
        if k + AHEAD < len(order):
            fetch(arrivals, order[k + AHEAD])
        one = arrivals[order[k]]
        row = rows[first + k]
        row["need"] = one["need"]
        row["person_key"] = one["person_key"]
        row["own"] = 0
        row["person"] = one["person"]
        row["service"] = -1
        row["held"] = -1
        row["status"] = SCHEDULED
        row["priority"] = 0
        row["need_type"] = one["need_type"]
        row["acuity"] = 0
        row["ordinal"] = 0
        row["stage"] = one["stage"]
        row["site"] = one["site"]
        row["flags"] = 0
        row["arose"] = one["due"]
        row["joined"] = 0
        row["started"] = 0
        row["due"] = one["due"]
        row["deadline"] = NEVER
        row["duration"] = 0
        row["patience"] = 0
        row["held_joined"] = 0
        row["held_started"] = 0
        row["held_finished"] = 0
        row["held_ordinal"] = 0
        row["held_outcome"] = 0
        row["held_priority"] = 0
        row["value"] = 0.0
    return len(order)


@jit_small
def arrive(arrivals, at, need, person_key, person, site, stage, need_type, due):  # type: ignore[no-untyped-def]
    """Write one arrival at place ``at``."""
    one = arrivals[at]
    one["need"] = need
    one["person_key"] = person_key
    one["due"] = due
    one["person"] = person
    one["site"] = site
    one["stage"] = stage
    one["need_type"] = need_type
