"""Queueing networks in words: build a world of the `network` pathway, and run it on either engine.

For queueing formulas, benchmarks and anyone who wants a plain queue through the very engine that moves residents.
A time unit is one day; the engine's clock is whole seconds.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.errors import InputError, nearest
from sim.codes import ENDED, NEVER, PRIORITIES, SERVED
from sim.engines import compiled, reference
from sim.engines.arena import Arena
from sim.engines.counts import add_log, no_counts
from sim.engines.records import LOG, POOL, SERVICE, blank_rows
from sim.engines.state import State, empty_rows
from sim.rules.network import NODE, SOURCE, NetworkTables
from sim.rules.network_rows import rows_until

DAY_S = 86_400
ARRIVALS_A_WINDOW = 16_384
MINE_ALONE = 2  # references to an array: the name that holds it, and the question itself
LAWS = {"deterministic": 0, "exponential": 1, "lognormal": 2}
PATIENCE_LAWS = {"none": 0, "exponential": 1, "fixed": 2}
Engine = Callable[[State, int], np.ndarray]
ENGINES: dict[str, Engine] = {
    "reference": reference.advance,
    "compiled": compiled.advance,
}


@dataclass(frozen=True)
class Node:
    """One service: how long it takes, how long people wait for it, and what is held afterwards.

    service_scv: squared coefficient of variation, for the lognormal law. patience `fixed` with
    mean_patience_days 0 is a loss system. pool: the capacity it draws on (None: its own number).
    """

    mean_service_days: float
    law: str = "exponential"
    service_scv: float = 1.0
    patience: str = "none"
    mean_patience_days: float = 0.0
    hold_until_next_starts: bool = False
    mean_stay_days: float = 0.0  # delay between this service and the next
    after_reneging: int | None = None  # node sought by those who gave up here
    acute: bool = False  # whoever is here is in hospital
    pool: int | None = None


@dataclass(frozen=True)
class Source:
    """Poisson arrivals at a node. people: arrivals are needs of this many people (0: everyone is new)."""

    node: int
    arrivals_per_day: float
    klass: int = 0
    people: int = 0


def services_and_pools(
    pool_of: Sequence[int], acute: Sequence[int], capacity: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return service and pool columns (records.SERVICE, POOL); service i draws on pool pool_of[i]."""
    services = np.zeros(len(pool_of), SERVICE)
    services["kind"] = np.arange(len(pool_of))
    services["pool"] = pool_of
    services["acute"] = acute
    pools = np.zeros(len(capacity), POOL)
    pools["capacity"] = capacity
    return services, pools


def network_state(
    nodes: Sequence[Node],
    sources: Sequence[Source],
    capacity: Sequence[int],
    routing: Sequence[Sequence[float]] | None = None,
    priorities: Sequence[int] = (0,),
    seed: int = 1,
    arena: Arena | None = None,
) -> State:
    """Return an empty network at second 0.

    capacity: places of each pool. routing[i][j]: probability of going on from node i to node j (None: everybody
    leaves). priorities: by class of the sources, 0 first. arena: working memory, for one run after another to use the
    same (None: its own). Raises InputError naming what is wrong.
    """
    if not nodes:
        raise InputError("network nodes", "none given: at least 1")
    table = np.zeros((len(nodes), len(nodes))) if routing is None else np.array(routing, float)
    check_routing(table, len(nodes))
    check_priorities(priorities)
    pool_of = [i if node.pool is None else node.pool for i, node in enumerate(nodes)]
    check_capacity(capacity, pool_of)
    if not 0 <= seed < 2**63:
        raise InputError("network seed", f"{seed}: a whole number from 0 to 2**63 - 1")
    tables = NetworkTables(
        seed=np.array([seed], np.uint64),
        nodes=node_columns(nodes),
        sources=source_columns(sources, len(nodes), len(priorities)),
        routing=table,
        goes_on=np.asarray(table.any(axis=1)),
        priorities=np.array(priorities, np.int64),
    )
    services, pools = services_and_pools(pool_of, [int(node.acute) for node in nodes], capacity)
    people = max((source.people for source in sources), default=0)
    memory = Arena() if arena is None else arena
    return State(0, blank_rows(0), services, pools, tables, people, rows_stay=True, arena=memory)


def run_network(
    state: State, until_days: float, engine: str = "compiled", window_days: float | None = None
) -> np.ndarray:
    """Move ``state`` to day ``until_days`` in windows, making arrivals on the way; return the log (records.LOG).

    The result does not depend on ``window_days`` (only memory and speed do): None takes some ARRIVALS_A_WINDOW at once.
    Raises InputError for an unknown engine.
    """
    check_engine(engine)
    return advance_in_windows(state, ENGINES[engine], ends_of_windows(state, until_days, window_days), take_in_arrivals)


def count_network(
    state: State, until_days: float, engine: str = "compiled", window_days: float | None = None
) -> NetworkCounts:
    """Move ``state`` to day ``until_days`` as ``run_network`` does; return counts and sums of waits, and keep no log.

    What is counted is what closed on the way: call it once for a warm-up and again for what is to be measured.
    Raises InputError for an unknown engine.
    """
    check_engine(engine)
    counts = no_counts(len(state.services), len(state.tables.priorities))
    begins_s, before = state.now, state.services.copy()
    for end_s in each_window(state, ends_of_windows(state, until_days, window_days), take_in_arrivals):
        if engine == "compiled":
            compiled.advance(state, end_s, counts)
        else:
            add_log(counts, ENGINES[engine](state, end_s))
    return NetworkCounts(counts[1:], counts[0, ENDED], before, state.services.copy(), state.now - begins_s)


@dataclass(frozen=True)
class NetworkCounts:
    """What closed in ``span_s`` seconds of a network, and the columns of its services before and after.

    contacts: counts.COUNT[node, how (codes.SERVED, RENEGED...), class]. customers: COUNT[class], of those who left
    the network, their wait being their whole stay in it.
    """

    contacts: np.ndarray
    customers: np.ndarray
    before: np.ndarray
    after: np.ndarray
    span_s: int

    def mean_wait_days(self, node: int | None = None, klass: int | None = None, how: int = SERVED) -> float:
        """Return the mean wait of contacts that closed ``how`` (of a node, of a class; None: of all); NaN if none."""
        chosen = self.chosen(node, klass, how)
        closed = int(chosen["closed"].sum())
        return float(chosen["waited_s"].sum()) / DAY_S / closed if closed else math.nan

    def waited_share(self, node: int | None = None, klass: int | None = None) -> float:
        """Return the share of the served who did not start at once; NaN if nobody was served."""
        chosen = self.chosen(node, klass, SERVED)
        closed = int(chosen["closed"].sum())
        return 1.0 - int(chosen["at_once"].sum()) / closed if closed else math.nan

    def mean_waiting(self, node: int) -> float:
        """Return the mean number of people waiting at ``node``, over time; NaN over no time."""
        return self.mean_number("waiting_area_s", node)

    def mean_inside(self, node: int) -> float:
        """Return the mean number of people in service or holding a place at ``node``, over time; NaN over no time."""
        return self.mean_number("inside_area_s", node)

    def mean_number(self, area: str, node: int) -> float:
        """Return the growth of an area (records.SERVICE, person-seconds) over the span."""
        return float(self.after[area][node] - self.before[area][node]) / self.span_s if self.span_s else math.nan

    def chosen(self, node: int | None, klass: int | None, how: int) -> np.ndarray:
        """Return the counts of contacts that closed ``how``: COUNT[node, class], one node or class if named."""
        nodes = slice(None) if node is None else slice(node, node + 1)
        return self.contacts[nodes, how, slice(None) if klass is None else slice(klass, klass + 1)]


def ends_of_windows(state: State, until_days: float, window_days: float | None) -> list[int]:
    """Return the seconds at which windows end on the way to day ``until_days``.

    Raises InputError for a width that is not above 0.
    """
    if window_days is not None and window_days <= 0:
        raise InputError("window_days", f"{window_days}: must be above 0")
    until_s = round(until_days * DAY_S)
    window_s = usual_window_s(state.tables) if window_days is None else max(1, round(window_days * DAY_S))
    return [*range(state.now + window_s, until_s, window_s), until_s]


def usual_window_s(tables: NetworkTables) -> int:
    """Return the seconds in which some ARRIVALS_A_WINDOW needs arise: whole days, at least one."""
    per_s = float(np.sum(1.0 / tables.sources["mean_gap_s"]))
    return max(1, round(ARRIVALS_A_WINDOW / per_s / DAY_S)) * DAY_S if per_s > 0 else DAY_S


def take_in_arrivals(state: State, until: int) -> None:
    """Put the needs that arise before ``until`` behind the open rows of ``state``.

    The rows stay where they lie unless somebody else holds them.
    """
    known, state.rows = state.rows, empty_rows()
    alone = sys.getrefcount(known) == MINE_ALONE
    state.rows = rows_until(state.tables, known, until, state.arena, stay=alone)


def each_window(
    state: State, ends_s: Sequence[int], take_in: Callable[[State, int], None] | None = None
) -> Iterator[int]:
    """Ready ``state`` for each window in turn and yield its end, to which the caller moves it.

    Each window has its own changes, exits and, by ``take_in``, needs. Changes and exits still ahead stay in ``state``;
    those at or after the last end are left for later windows.
    """
    changes, exits = state.changes, state.exits
    for end_s in ends_s:
        if end_s <= state.now:
            continue
        if take_in is not None:
            take_in(state, end_s)
        state.changes, state.exits = (c[(c["time"] >= state.now) & (c["time"] < end_s)] for c in (changes, exits))
        yield end_s
    state.changes, state.exits = (c[c["time"] >= state.now] for c in (changes, exits))


def advance_in_windows(
    state: State, advance: Engine, ends_s: Sequence[int], take_in: Callable[[State, int], None] | None = None
) -> np.ndarray:
    """Move ``state`` from window end to window end (``each_window``); return the log (records.LOG)."""
    book = LogBook(len(ends_s), state.arena)
    for end_s in each_window(state, ends_s, take_in):
        book.add(advance(state, end_s))
    return book.log


class LogBook:
    """The logs of windows one after another, in memory made for as many as are to come and lent by ``arena``."""

    def __init__(self, windows: int, arena: Arena) -> None:
        self.windows, self.written, self.arena = windows, 0, arena
        self.room = np.empty(0, LOG)

    def add(self, log: np.ndarray) -> None:
        """Write the log of the next window behind the others."""
        end = self.written + len(log)
        if end > len(self.room):
            larger = self.arena.unheld("book", max(end + end // 2, len(log) * self.windows), LOG)
            self.copy(self.room[: self.written], larger, 0)
            self.room = larger
        self.copy(log, self.room, self.written)
        self.written = end

    def copy(self, log: np.ndarray, room: np.ndarray, at: int) -> None:
        """Copy records as they lie: a copy of records by NumPy goes field by field."""
        room[at : at + len(log)].view(np.uint8)[:] = log.view(np.uint8)

    @property
    def log(self) -> np.ndarray:
        """What has been written (records.LOG)."""
        return self.room[: self.written]


def node_columns(nodes: Sequence[Node]) -> np.ndarray:
    """Return the nodes as rules.network.NODE records."""
    columns = np.zeros(len(nodes), NODE)
    for i, node in enumerate(nodes):
        check_node(f"network node {i}", node, len(nodes))
        columns[i]["law"] = LAWS[node.law]
        columns[i]["mean_s"] = node.mean_service_days * DAY_S
        columns[i]["scv"] = node.service_scv
        columns[i]["grid_s"] = 1
        columns[i]["patience_law"] = PATIENCE_LAWS[node.patience]
        columns[i]["patience_s"] = node.mean_patience_days * DAY_S
        columns[i]["keep"] = int(node.hold_until_next_starts)
        columns[i]["stay_s"] = node.mean_stay_days * DAY_S
        columns[i]["after_reneging"] = -1 if node.after_reneging is None else node.after_reneging
    return columns


def source_columns(sources: Sequence[Source], nodes: int, classes: int) -> np.ndarray:
    """Return the sources as rules.network.SOURCE records.

    Raises InputError for sources whose number of people is below 0.
    """
    columns = np.zeros(len(sources), SOURCE)
    for i, source in enumerate(sources):
        where = f"network source {i}"
        check_number(where, "arrivals_per_day", source.arrivals_per_day, above_zero=True)
        check_index(where, "node", source.node, nodes)
        check_index(where, "klass", source.klass, classes)
        if source.people < 0:
            raise InputError(where, f"people {source.people}: 0 (everyone is new) or more")
        columns[i]["service"] = source.node
        columns[i]["klass"] = source.klass
        columns[i]["mean_gap_s"] = DAY_S / source.arrivals_per_day
        columns[i]["grid_s"] = 1
        columns[i]["people"] = source.people
    return columns


def check_engine(engine: str) -> None:
    """Raise InputError unless there is such an engine."""
    if engine not in ENGINES:
        raise InputError("engine", f"{engine!r}: {nearest(engine, ENGINES)}")


def check_node(where: str, node: Node, nodes: int) -> None:
    """Raise InputError if a node cannot be."""
    for name, value, allowed in (("law", node.law, LAWS), ("patience", node.patience, PATIENCE_LAWS)):
        if value not in allowed:
            raise InputError(where, f"{name} {value!r}: {nearest(value, allowed)}")
    check_number(where, "mean_service_days", node.mean_service_days, above_zero=True)
    check_number(where, "service_scv", node.service_scv, above_zero=node.law == "lognormal")
    check_number(where, "mean_patience_days", node.mean_patience_days, above_zero=node.patience == "exponential")
    check_number(where, "mean_stay_days", node.mean_stay_days, above_zero=False)
    if node.after_reneging is not None:
        check_index(where, "after_reneging", node.after_reneging, nodes)


def check_number(where: str, name: str, value: float, above_zero: bool) -> None:
    """Raise InputError unless ``value`` is finite and above (or at least) 0."""
    if not math.isfinite(value) or value < 0 or (above_zero and value == 0):
        raise InputError(where, f"{name} {value}: must be {'above 0' if above_zero else '0 or more'}")


def check_index(where: str, name: str, value: int, count: int) -> None:
    """Raise InputError unless 0 <= ``value`` < ``count``."""
    if not 0 <= value < count:
        raise InputError(where, f"{name} {value}: 0 to {count - 1}")


def check_routing(table: np.ndarray, nodes: int) -> None:
    """Raise InputError unless every row holds probabilities that sum to at most 1."""
    if table.shape != (nodes, nodes):
        raise InputError("network routing", f"shape {table.shape}: must be {(nodes, nodes)}, one row per node")
    for i, row in enumerate(table):
        for j, share in enumerate(row):
            if not 0.0 <= share <= 1.0:
                raise InputError(f"network routing row {i} column {j}", f"probability {share}: 0 to 1")
        if row.sum() > 1.0 + 1e-12:
            raise InputError(f"network routing row {i}", f"probabilities sum to {row.sum():.6g}: at most 1")


def check_priorities(priorities: Sequence[int]) -> None:
    """Raise InputError unless every class has a priority the engines know."""
    if not priorities:
        raise InputError("network priorities", "none given: one per class")
    for klass, priority in enumerate(priorities):
        check_index(f"network class {klass}", "priority", priority, PRIORITIES)


def check_capacity(capacity: Sequence[int], pool_of: Sequence[int]) -> None:
    """Raise InputError unless every pool used has a whole capacity of 0 or more."""
    for pool, places in enumerate(capacity):
        if places != int(places) or not 0 <= places < NEVER:
            raise InputError(f"network pool {pool}", f"capacity {places}: a whole number, 0 or more")
    for i, pool in enumerate(pool_of):
        check_index(f"network node {i}", "pool", pool, len(capacity))
