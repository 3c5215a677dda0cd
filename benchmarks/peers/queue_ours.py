"""The queues on our own engines, through ``advance`` on the pathway `network`."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.queue_world import PRIORITY_CLASSES, Library, QueueWorld, Tally
from sim.codes import RENEGED, SERVED
from sim.engines.arena import Arena
from sim.engines.state import State
from sim.networks import DAY_S, NetworkCounts, Node, Source, count_network, network_state, run_network


def ready(world: QueueWorld, seed: int, arena: Arena | None = None) -> State:
    """Return the world, empty, at its first second."""
    patience = "exponential" if world.patience_days > 0 else "none"
    nodes = [Node(mean, patience=patience, mean_patience_days=world.patience_days) for mean in world.service_days]
    sources = [Source(stream.node, stream.per_day, klass=stream.klass) for stream in world.arrivals]
    routing = [list(row) for row in world.routing] or None
    return network_state(nodes, sources, world.servers, routing, tuple(range(PRIORITY_CLASSES)), seed, arena)


def library(counting: bool, engine: str = "compiled") -> Library:
    """Return a way to run worlds, all in the same memory: counting as it goes, or keeping the log of every contact."""
    arena = Arena()

    def count(world: QueueWorld, days: float, seed: int) -> NetworkCounts:
        return count_network(ready(world, seed, arena), days, engine)

    def log(world: QueueWorld, days: float, seed: int) -> np.ndarray:
        return run_network(ready(world, seed, arena), days, engine)

    return Library(count, tally_of) if counting else Library(log, tally_of_log)


def tally_of(counts: NetworkCounts) -> Tally:
    """Return what has been counted."""
    tally = Tally(customers=int(counts.customers["closed"].sum()))
    for klass in range(PRIORITY_CLASSES):
        served, reneged = (counts.contacts[:, how, klass] for how in (SERVED, RENEGED))
        tally.served[klass] = int(served["closed"].sum())
        tally.reneged[klass] = int(reneged["closed"].sum())
        tally.wait_days[klass] = float(served["waited_s"].sum() / DAY_S)
    return tally


def tally_of_log(log: np.ndarray) -> Tally:
    """Return what the log says."""
    tally = Tally(customers=int(np.count_nonzero(log["service"] < 0)))
    contacts = log["service"] >= 0
    for klass in range(PRIORITY_CLASSES):
        mine = contacts & (log["need_type"] == klass)
        served = mine & (log["how"] == SERVED)
        tally.served[klass] = int(np.count_nonzero(served))
        tally.reneged[klass] = int(np.count_nonzero(mine & (log["how"] == RENEGED)))
        tally.wait_days[klass] = float((log["started"][served] - log["joined"][served]).sum() / DAY_S)
    return tally
