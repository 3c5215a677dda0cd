"""Rows of one window of a network: those still open, then its needs in order of time, in memory used again.

New memory costs more than what is written on it, so an arena keeps it from window to window and, if its owner
wishes, from run to run.
"""

from __future__ import annotations

import math

import numpy as np

from sim.engines.arena import Arena
from sim.engines.records import ROW, blank_rows
from sim.jit import jit_entry
from sim.rules.network import MOST_ABOVE_SD, SPARE, NetworkTables, next_arrival, write_arrival

BLANK = blank_rows(1)
BLANK.setflags(write=False)


def rows_until(tables: NetworkTables, known: np.ndarray, until: int, arena: Arena) -> np.ndarray:
    """Return ``known`` rows and behind them the needs of every source that arise before ``until``, made since then.

    The memory is lent by ``arena``: as long as somebody holds it, later windows have other.
    """
    sources = tables.sources
    expected = float(np.sum(np.maximum(until - sources["last_s"], 0) / sources["mean_gap_s"]))
    room = len(known) + int(expected + MOST_ABOVE_SD * math.sqrt(expected)) + SPARE
    coming = np.empty(len(sources), np.int64)
    while True:
        rows = arena.unheld("rows", room, ROW)
        rows[: len(known)].view(np.uint8)[:] = known.view(np.uint8)
        filled = fill_rows(tables, rows, BLANK, coming, len(known), until)
        if filled < len(rows):
            return rows[:filled]
        known, room = rows, 2 * len(rows)


@jit_entry
def fill_rows(tables, rows, blank, coming, filled, until):  # type: ignore[no-untyped-def]
    """Write the needs that arise before ``until`` into ``rows`` from ``filled`` on, in order of time.

    coming: int64[source], room for when each source's next need arises. Returns how many rows are filled; stops early
    when they are full, and a second call goes on where this one stopped.
    """
    sources = tables.sources.shape[0]
    for s in range(sources):
        coming[s] = next_arrival(tables, s)
    n = filled
    while n < rows.shape[0] and sources > 0:
        first = 0
        for s in range(1, sources):
            if coming[s] < coming[first]:
                first = s
        if coming[first] >= until:
            break
        rows[n] = blank[0]
        write_arrival(tables, rows, n, first, coming[first])
        coming[first] = next_arrival(tables, first)
        n += 1
    return n
