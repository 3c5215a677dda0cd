"""The queues in Ciw: a network of distributions, classes with priorities, reneging distributions.

Ciw keeps a record of every contact and cannot be told not to; reading them is left out of the time.
"""

from __future__ import annotations

from typing import Any

import ciw

from benchmarks.peers.queue_world import QueueWorld, Tally
from sim.rules.keys import key3

SEEDS = 10
PURPOSE = 0


def network(world: QueueWorld) -> Any:
    """Return the world as a Ciw network."""
    nodes = range(len(world.servers))
    classes = sorted({stream.klass for stream in world.arrivals})
    names = {klass: f"class {klass}" for klass in classes}
    rates = {(klass, node): 0.0 for klass in classes for node in nodes}
    for stream in world.arrivals:
        rates[stream.klass, stream.node] += stream.per_day
    more: dict[str, Any] = {}
    if world.by_priority:
        more["priority_classes"] = {names[klass]: klass for klass in classes}
    if world.patience_days > 0:
        patience = [ciw.dists.Exponential(rate=1.0 / world.patience_days) for _ in nodes]
        more["reneging_time_distributions"] = {names[klass]: patience for klass in classes}
    return ciw.create_network(
        arrival_distributions={
            names[klass]: [ciw.dists.Exponential(rate=rate) if (rate := rates[klass, node]) else None for node in nodes]
            for klass in classes
        },
        service_distributions={
            names[klass]: [ciw.dists.Exponential(rate=1.0 / mean) for mean in world.service_days] for klass in classes
        },
        routing={names[klass]: [list(row) for row in world.routing] or [[0.0]] for klass in classes},
        number_of_servers=list(world.servers),
        **more,
    )


def simulate(world: QueueWorld, days: float, seed: int) -> Any:
    """Run for ``days`` and return the simulation: what is timed. Ciw seeds a stream that its whole process shares."""
    ciw.seed(int(key3(seed, PURPOSE, SEEDS)))
    simulation = ciw.Simulation(network(world))
    simulation.simulate_until_max_time(days)
    return simulation


def tally_of(simulation: Any) -> Tally:
    """Return what Ciw's records say."""
    tally = Tally(customers=len(simulation.nodes[-1].all_individuals))
    for record in simulation.get_all_records():
        klass = int(record.customer_class.split()[-1])
        if record.record_type == "renege":
            tally.reneged[klass] += 1
        elif record.record_type == "service":
            tally.served[klass] += 1
            tally.wait_days[klass] += record.waiting_time
    return tally
