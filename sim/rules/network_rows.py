"""Rows of one window of a network: those still open, then its needs in order of time, in memory used again.

New memory costs more than what is written on it, so an arena keeps it from window to window and, if its owner
wishes, from run to run. What a source's keys share is hashed once (sim/rules/keys.py nests them).
"""

from __future__ import annotations

import math

import numpy as np

from sim.codes import SCHEDULED
from sim.engines.arena import Arena
from sim.engines.records import ROW, blank_rows
from sim.jit import jit_entry, jit_small
from sim.rules.keys import key2, key3, mix, unit
from sim.rules.maths import log, whole_seconds
from sim.rules.network import MOST_ABOVE_SD, P_GAP, P_NEED, P_PERSON, SPARE, NetworkTables, on_grid

BLANK = blank_rows(1)
BLANK.setflags(write=False)
COMING = np.dtype(  # of each source: when its next need arises, and what the keys of its draws begin with
    [("at_s", "i8"), ("gap", "u8"), ("need", "u8"), ("person", "u8")], align=True
)
ANYONE = -1  # in place of the source, in the keys of people whom all sources share


def rows_until(tables: NetworkTables, known: np.ndarray, until: int, arena: Arena, stay: bool = False) -> np.ndarray:
    """Return ``known`` rows and behind them the needs of every source that arise before ``until``, made since then.

    The memory is lent by ``arena``: as long as somebody holds it, later windows have other. stay: ``known`` may go on
    in what is returned, and is left where it lies if the arena lent it and it has room behind it.
    """
    sources = tables.sources
    expected = float(np.sum(np.maximum(until - sources["last_s"], 0) / sources["mean_gap_s"]))
    room = len(known) + int(expected + MOST_ABOVE_SD * math.sqrt(expected)) + SPARE
    coming = np.empty(len(sources), COMING)
    while True:
        rows = arena.extended("rows", known, room) if stay else None
        if rows is None:
            rows = arena.unheld("rows", room, ROW)
            rows[: len(known)].view(np.uint8)[:] = np.ascontiguousarray(known).view(np.uint8)
        filled = fill_rows(tables, rows, BLANK, coming, len(known), until)
        if filled < len(rows):
            return rows[:filled]
        known, room = rows, 2 * len(rows)


@jit_small
def plan_next(tables, coming, s) -> None:  # type: ignore[no-untyped-def]
    """Draw when the next need of source ``s`` arises: ``network.next_arrival``."""
    source = tables.sources[s]
    drawn = -log(unit(mix(coming[s]["gap"] ^ np.uint64(source["count"]))))
    coming[s]["at_s"] = on_grid(source["last_s"] + whole_seconds(drawn * source["mean_gap_s"]), source["grid_s"])


@jit_small
def write_need(tables, rows, blank, n, s, coming) -> None:  # type: ignore[no-untyped-def]
    """Write the next need of source ``s`` into row ``n``: ``network.write_arrival``."""
    source = tables.sources[s]
    at = coming[s]["at_s"]
    count = np.uint64(source["count"])
    need = mix(coming[s]["need"] ^ count)
    row = rows[n]
    rows[n] = blank[0]
    if source["people"] > 0:
        person = int(unit(key3(need, P_PERSON, 0)) * source["people"])
        row["person"] = person
        row["person_key"] = key3(ANYONE, P_PERSON, person)
    else:
        row["person_key"] = mix(coming[s]["person"] ^ count)
    row["need"] = need
    row["need_type"] = source["klass"]
    row["site"] = source["service"]
    row["status"] = SCHEDULED
    row["arose"] = at
    row["due"] = at
    source["last_s"] = at
    source["count"] += 1


@jit_entry
def fill_rows(tables, rows, blank, coming, filled, until):  # type: ignore[no-untyped-def]
    """Write the needs that arise before ``until`` into ``rows`` from ``filled`` on, in order of time.

    coming: COMING[source], room. Returns how many rows are filled; stops early when they are full, and a second call
    goes on where this one stopped. It is ``network.fill_arrivals``, faster.
    """
    sources = tables.sources.shape[0]
    for s in range(sources):
        coming[s]["gap"] = key3(tables.seed[0], s, P_GAP)
        coming[s]["need"] = key2(s, P_NEED)
        coming[s]["person"] = key2(s, P_PERSON)
        plan_next(tables, coming, s)
    n = filled
    while n < rows.shape[0] and sources > 0:
        first = 0
        for s in range(1, sources):
            if coming[s]["at_s"] < coming[first]["at_s"]:
                first = s
        if coming[first]["at_s"] >= until:
            break
        write_need(tables, rows, blank, n, first, coming)
        plan_next(tables, coming, first)
        n += 1
    return n
