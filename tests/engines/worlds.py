"""Random `network` worlds: small, congested, full of ties, holds, people in two places, and falling capacity."""

from __future__ import annotations

import numpy as np

from sim.codes import DIED, MOVED
from sim.engines.records import CHANGE, EXIT, blank_rows
from sim.engines.state import State, open_rows
from sim.networks import services_and_pools
from sim.rules.keys import key3
from sim.rules.network import NODE, P_PERSON, SOURCE, NetworkTables, arrivals

DAY = 86_400


def random_world(rng: np.random.Generator, days: int = 40) -> State:
    """Return a world drawn from ``rng``: 1 to 6 services, shared pools, ties on a coarse grid, deaths."""
    n = int(rng.integers(1, 7))
    pools = int(rng.integers(1, n + 1))
    pool_of = [*range(pools), *rng.integers(0, pools, n - pools).tolist()]
    rng.shuffle(pool_of)
    grid = int(rng.choice([1, 3600, 6 * 3600]))
    nodes = np.zeros(n, NODE)
    for i in range(n):
        nodes[i]["law"] = rng.integers(0, 3)
        nodes[i]["mean_s"] = rng.choice([0.2, 0.5, 1.0, 2.0]) * DAY
        nodes[i]["scv"] = rng.choice([0.5, 1.0, 3.0])
        nodes[i]["grid_s"] = grid
        nodes[i]["patience_law"] = rng.integers(0, 3)
        nodes[i]["patience_s"] = rng.choice([0.0, 0.25, 1.0, 5.0]) * DAY
        nodes[i]["keep"] = rng.integers(0, 2)
        nodes[i]["stay_s"] = rng.choice([0.0, 0.0, 0.5]) * DAY
        other = int(rng.integers(-1, n))
        nodes[i]["after_reneging"] = other if other > i else -1  # else the impatient could go round for ever
    routing = rng.random((n, n)) * (rng.random((n, n)) < 0.5)
    routing *= 0.85 / np.maximum(routing.sum(axis=1, keepdims=True), 0.85)
    m = int(rng.integers(1, 4))
    people = int(rng.choice([0, 3, 25]))
    sources = np.zeros(m, SOURCE)
    for i in range(m):
        sources[i]["service"] = rng.integers(0, n)
        sources[i]["klass"] = rng.integers(0, 3)
        sources[i]["mean_gap_s"] = rng.choice([0.1, 0.3, 1.0]) * DAY
        sources[i]["grid_s"] = grid
        sources[i]["people"] = people
    seed, priorities = np.array([rng.integers(0, 2**63)], np.uint64), np.array([2, 0, 1], np.int64)
    tables = NetworkTables(seed, nodes, sources, routing, routing.any(axis=1), priorities)
    services, pool_columns = services_and_pools(
        pool_of, rng.integers(0, 2, n).tolist(), rng.integers(0, 4, pools).tolist()
    )
    changes = np.zeros(int(rng.integers(0, 12)), CHANGE)
    changes["time"] = np.sort(rng.integers(0, days * DAY // grid, len(changes)) * grid)
    changes["pool"] = rng.integers(0, pools, len(changes))
    changes["capacity"] = rng.integers(0, 5, len(changes))
    leaving = rng.permutation(people)[: int(rng.integers(0, people + 1))]
    exits = np.zeros(len(leaving), EXIT)
    exits["time"] = np.sort(rng.integers(0, days * DAY // grid, len(leaving)) * grid)
    exits["person"] = leaving
    exits["person_key"] = [key3(-1, P_PERSON, int(p)) for p in leaving]
    exits["how"] = rng.choice([DIED, MOVED], len(leaving))
    state = State(0, blank_rows(0), services, pool_columns, tables, people, changes, exits)
    state.add_rows(arrivals(tables, days * DAY))
    return state


def differences(one: State, one_log: np.ndarray, other: State, other_log: np.ndarray) -> list[str]:
    """Return what differs between two moved worlds: the log, rows, services, pools, the pathway's tables, the time."""
    tables = zip(one.tables, other.tables, strict=True)
    pairs = {
        "log": (one_log, other_log),
        "rows": (open_rows(one.rows), open_rows(other.rows)),
        "services": (one.services, other.services),
        "pools": (one.pools, other.pools),
        **{f"tables.{name}": pair for name, pair in zip(one.tables._fields, tables, strict=True)},
    }
    wrong = [name for name, (a, b) in pairs.items() if a.shape != b.shape or not bool(np.all(a == b))]
    return wrong + (["now"] if one.now != other.now else [])


def random_cuts(rng: np.random.Generator, days: int, most: int = 6) -> list[int]:
    """Return seconds at which a run is cut into windows: at random, on whole days and just beside, and the end."""
    inner = rng.integers(1, days, int(rng.integers(1, most))) * DAY + rng.integers(-1, 2, 1)
    return [*np.unique(inner[(inner > 0) & (inner < days * DAY)]).tolist(), days * DAY]
