"""The pathway `network`: tables of arrivals, routing, service, priority, patience and holds.

It stands beside the residents' pathway so that queueing formulas, random worlds and benchmarks run through the
very engine that moves residents. Durations are whole seconds; a known-answer time unit is one day.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import (
    END,
    NEVER,
    OUT_ABSORBED,
    OUT_NONE,
    OUT_RESOLVED,
    OUT_UNMET,
    RENEGED,
    SCHEDULED,
    SEEK,
    STAY,
    STAYED,
)
from sim.engines.records import ROW, blank_rows
from sim.jit import jit
from sim.rules.keys import exponential, key3, uniform, unit
from sim.rules.maths import log, lognormal_quantile, whole_seconds

# Purposes of draws (published, never reused): block 400-499.
P_GAP, P_SERVICE, P_ROUTE, P_PATIENCE, P_STAY, P_PERSON, P_NEED = 400, 401, 402, 403, 404, 405, 406

DETERMINISTIC, EXPONENTIAL, LOGNORMAL = 0, 1, 2
MOST_ABOVE_SD, SPARE = 6.0, 64  # room for arrivals: standard deviations above their mean, and a few
NO_PATIENCE_LIMIT, EXPONENTIAL_PATIENCE, FIXED_PATIENCE = 0, 1, 2

NODE = np.dtype(
    [
        ("law", "i4"),
        ("mean_s", "f8"),
        ("scv", "f8"),  # squared coefficient of variation (lognormal)
        ("grid_s", "i8"),  # durations are rounded up to this grid, to force ties (1: none)
        ("patience_law", "i4"),
        ("patience_s", "f8"),
        ("keep", "i4"),  # 1: hold this place until the next service starts
        ("stay_s", "f8"),  # mean delay between this service and the next (0: none)
        ("after_reneging", "i4"),  # service sought by who gave up here (-1: none)
    ],
    align=True,
)

SOURCE = np.dtype(
    [
        ("service", "i4"),
        ("klass", "i4"),
        ("mean_gap_s", "f8"),
        ("grid_s", "i8"),
        ("people", "i8"),  # arrivals are needs of this many people (0: everyone is new)
        ("last_s", "i8"),
        ("count", "i8"),
    ],
    align=True,
)


@passed_by_reference
class NetworkTables(NamedTuple):
    """Arrays of a network. routing[i, j]: probability of going from service i to j (rows sum to at most 1).

    goes_on[i]: whether anybody goes on from service i.
    """

    seed: np.ndarray
    nodes: np.ndarray
    sources: np.ndarray
    routing: np.ndarray
    goes_on: np.ndarray
    priorities: np.ndarray  # by class


@jit
def on_grid(seconds: int, grid_s: int) -> int:
    """Return ``seconds`` rounded up to a whole number of grid steps."""
    if grid_s == 1:
        return seconds
    return ((seconds + grid_s - 1) // grid_s) * grid_s


@jit
def service_time(tables: NetworkTables, need: int, service: int, ordinal: int) -> int:
    """Return the whole seconds of service of this visit."""
    node = tables.nodes[service]
    mean = node["mean_s"]
    u = uniform(tables.seed[0], need, P_SERVICE, ordinal)
    if node["law"] == EXPONENTIAL:
        seconds = whole_seconds(-log(u) * mean)
    elif node["law"] == LOGNORMAL:
        seconds = whole_seconds(lognormal_quantile(u, mean, node["scv"]))
    else:
        seconds = whole_seconds(mean)
    return on_grid(seconds, node["grid_s"])


@jit
def patience(tables: NetworkTables, need: int, service: int, ordinal: int) -> int:
    """Return how many whole seconds this visit waits at most."""
    node = tables.nodes[service]
    if node["patience_law"] == NO_PATIENCE_LIMIT:
        return NEVER
    if node["patience_law"] == FIXED_PATIENCE:
        return int(node["patience_s"])
    seconds = whole_seconds(exponential(tables.seed[0], need, P_PATIENCE, ordinal) * node["patience_s"])
    return on_grid(seconds, node["grid_s"])


@jit
def visit(tables: NetworkTables, rows: np.ndarray, r: int, service: int, keep: int, outcome: int):  # type: ignore[no-untyped-def]
    """Return the step that seeks ``service``."""
    need = rows[r]["need"]
    ordinal = rows[r]["ordinal"]
    return (
        SEEK,
        int(service),
        int(service_time(tables, need, service, ordinal)),
        int(tables.priorities[rows[r]["need_type"]]),
        int(patience(tables, need, service, ordinal)),
        int(keep),
        int(outcome),
    )


@jit
def look_ahead(tables: NetworkTables, rows: np.ndarray, r: int) -> None:
    """Ask for nothing: a network's customers carry all they need."""


@jit
def ask_for_person(tables: NetworkTables, rows: np.ndarray, r: int) -> None:
    """Ask for nothing: as ``look_ahead``."""


@jit
def begin_episode(tables: NetworkTables, rows: np.ndarray, r: int, now: int, in_acute: int):  # type: ignore[no-untyped-def]
    """Return the first step of a need: its source's service; a need that arises in hospital is met there."""
    if in_acute == 1:
        return (END, -1, 0, 0, 0, 0, OUT_ABSORBED)
    return visit(tables, rows, r, rows[r]["site"], 0, OUT_NONE)


@jit
def next_service(tables: NetworkTables, need: int, service: int, ordinal: int) -> int:
    """Return the service routed to after ``service``, or -1 for leaving the network."""
    if not tables.goes_on[service]:
        return -1
    u = uniform(tables.seed[0], need, P_ROUTE, ordinal)
    total = 0.0
    for j in range(tables.routing.shape[1]):
        total += tables.routing[service, j]
        if u < total:
            return j
    return -1


@jit
def next_step(tables: NetworkTables, rows: np.ndarray, r: int, now: int, event: int, in_acute: int):  # type: ignore[no-untyped-def]
    """Return the step after a service, a delay or giving up."""
    service = int(rows[r]["service"])
    if event == STAYED:
        return visit(tables, rows, r, rows[r]["site"], rows[r]["flags"], OUT_NONE)
    if event == RENEGED:
        other = int(tables.nodes[service]["after_reneging"])
        if other >= 0 and other != service:
            return visit(tables, rows, r, other, 0, OUT_UNMET)
        return (END, -1, 0, 0, 0, 0, OUT_UNMET)
    target = next_service(tables, rows[r]["need"], service, rows[r]["ordinal"])
    if target < 0:
        return (END, -1, 0, 0, 0, 0, OUT_RESOLVED)
    keep = 1 if tables.nodes[service]["keep"] == 1 and target > service else 0
    mean_stay = tables.nodes[service]["stay_s"]
    if mean_stay > 0.0:
        rows[r]["site"] = target
        rows[r]["flags"] = keep
        drawn = exponential(tables.seed[0], rows[r]["need"], P_STAY, rows[r]["ordinal"]) * mean_stay
        seconds = on_grid(whole_seconds(drawn), tables.nodes[service]["grid_s"])
        return (STAY, -1, int(seconds), 0, 0, keep, OUT_NONE)
    return visit(tables, rows, r, target, keep, OUT_NONE)


@jit
def next_arrival(tables: NetworkTables, s: int) -> int:
    """Return the second at which the next need of source ``s`` arises."""
    source = tables.sources[s]
    gap = whole_seconds(exponential(tables.seed[0], s, P_GAP, source["count"]) * source["mean_gap_s"])
    return on_grid(source["last_s"] + gap, source["grid_s"])


@jit
def write_arrival(tables: NetworkTables, rows: np.ndarray, n: int, s: int, at: int) -> None:
    """Write the next need of source ``s``, which arises at second ``at``, into row ``n``."""
    source = tables.sources[s]
    count = source["count"]
    need = key3(s, P_NEED, count)
    person = -1
    person_key = key3(s, P_PERSON, count)
    if source["people"] > 0:
        person = int(unit(key3(need, P_PERSON, 0)) * source["people"])
        person_key = key3(-1, P_PERSON, person)
    rows[n]["need"] = need
    rows[n]["person_key"] = person_key
    rows[n]["person"] = person
    rows[n]["need_type"] = source["klass"]
    rows[n]["site"] = source["service"]
    rows[n]["status"] = SCHEDULED
    rows[n]["arose"] = at
    rows[n]["due"] = at
    source["last_s"] = at
    source["count"] = count + 1


@jit
def fill_arrivals(tables: NetworkTables, rows: np.ndarray, coming: np.ndarray, filled: int, until: int) -> int:
    """Write the needs that arise before ``until`` into ``rows`` from ``filled`` on, in order of time.

    coming: int64[source], room for when each source's next need arises. Returns how many rows are filled; stops early
    when they are full, and a second call goes on where this one stopped.
    """
    n = filled
    for s in range(tables.sources.shape[0]):
        coming[s] = next_arrival(tables, s)
    while n < rows.shape[0] and tables.sources.shape[0] > 0:
        first = 0
        for s in range(1, tables.sources.shape[0]):
            if coming[s] < coming[first]:
                first = s
        if coming[first] >= until:
            break
        write_arrival(tables, rows, n, first, coming[first])
        coming[first] = next_arrival(tables, first)
        n += 1
    return n


def arrivals(tables: NetworkTables, until: int) -> np.ndarray:
    """Return the needs (records.ROW) of every source that arise before ``until`` and after the last call."""
    expected = float(np.sum(np.maximum(until - tables.sources["last_s"], 0) / tables.sources["mean_gap_s"]))
    rows = blank_rows(int(expected + MOST_ABOVE_SD * math.sqrt(expected)) + SPARE)
    coming = np.empty(len(tables.sources), np.int64)
    filled = fill_arrivals(tables, rows, coming, 0, until)
    while filled == len(rows):
        rows = np.concatenate([rows, blank_rows(len(rows))]).astype(ROW)
        filled = fill_arrivals(tables, rows, coming, filled, until)
    return rows[:filled]
