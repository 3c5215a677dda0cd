"""The queues on our own engines, through ``advance`` on the pathway `network`."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.queue_world import PRIORITY_CLASSES, QueueWorld, Tally
from sim.codes import RENEGED, SERVED
from sim.networks import DAY_S, Node, Source, network_state, run_network


def simulate(world: QueueWorld, days: float, seed: int, engine: str = "compiled") -> np.ndarray:
    """Run for ``days`` in the windows of ``run_network`` and return the log of every contact: what is timed."""
    patience = "exponential" if world.patience_days > 0 else "none"
    nodes = [Node(mean, patience=patience, mean_patience_days=world.patience_days) for mean in world.service_days]
    sources = [Source(stream.node, stream.per_day, klass=stream.klass) for stream in world.arrivals]
    routing = [list(row) for row in world.routing] or None
    state = network_state(nodes, sources, world.servers, routing, tuple(range(PRIORITY_CLASSES)), seed)
    return run_network(state, days, engine)


def simulate_reference(world: QueueWorld, days: float, seed: int) -> np.ndarray:
    """Run on the engine that is written to be read."""
    return simulate(world, days, seed, "reference")


def tally_of(log: np.ndarray) -> Tally:
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
