"""The rows that a window leaves open for the next: as they lie, or moved together in the same memory."""

from __future__ import annotations

import numpy as np

from sim.codes import FREE
from sim.engines.arena import Arena
from sim.jit import jit_entry

WORD_BYTES = 8


def kept_rows(rows: np.ndarray, arena: Arena) -> np.ndarray:
    """Return the rows still open, as they lie: rows are storage, and their order has no bearing on any result.

    They are lent by ``arena``: while somebody holds them, the next window's are others.
    """
    places = arena.take("places", len(rows), np.int64)
    count = find_open(rows, places)
    kept = arena.unheld("kept", count, rows.dtype)[:count]
    width = rows.itemsize // WORD_BYTES
    words = np.ascontiguousarray(rows).view(np.uint64).reshape(len(rows), width)
    words.take(places[:count], axis=0, out=kept.view(np.uint64).reshape(count, width), mode="clip")  # all are inside
    return kept


@jit_entry
def find_open(rows, places):  # type: ignore[no-untyped-def]
    """Write the place of each row still open; return how many there are."""
    count = 0
    for r in range(len(rows)):
        if rows[r]["status"] != FREE:
            places[count] = r
            count += 1
    return count


@jit_entry
def move_together(rows):  # type: ignore[no-untyped-def]
    """Move the rows still open to the front, in their order; return how many there are."""
    count = 0
    for r in range(len(rows)):
        if rows[r]["status"] != FREE:
            if r > count:
                rows[count] = rows[r]
            count += 1
    return count
