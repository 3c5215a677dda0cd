"""The queues in SimPy: one process a customer, resources with a queue each, `request | timeout` for patience.

Draws come from NumPy in blocks, which is faster than one at a time; nothing is monitored but sums.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import simpy

from benchmarks.peers.queue_world import Arrivals, QueueWorld, Tally, exponentials, generator, onward, uniforms

Steps = Generator[simpy.Event, Any, None]
GAPS, CUSTOMERS, ROUTES = 0, 1, 2


class Network:
    """The resources of a world and what has happened in it."""

    def __init__(self, world: QueueWorld, seed: int) -> None:
        self.world = world
        self.env = simpy.Environment()
        kind: Any = simpy.PriorityResource if world.by_priority else simpy.Resource
        self.resources: list[Any] = [kind(self.env, capacity) for capacity in world.servers]
        self.onward = onward(world)
        self.tally = Tally()
        self.gap = exponentials(generator(seed, GAPS))
        self.draw = exponentials(generator(seed, CUSTOMERS)).__next__
        self.uniform: Iterator[float] = uniforms(generator(seed, ROUTES))
        customer = self.impatient if world.patience_days > 0 else self.patient
        for stream in world.arrivals:
            self.env.process(self.source(stream, customer))

    def source(self, stream: Arrivals, customer: Any) -> Steps:
        """Send customers for ever."""
        env, mean = self.env, 1.0 / stream.per_day
        for draw in self.gap:
            yield env.timeout(draw * mean)
            env.process(customer(stream.node, stream.klass))

    def patient(self, node: int, klass: int) -> Steps:
        """Queue, be served, go on."""
        env, tally = self.env, self.tally
        while node >= 0:
            joined = env.now
            with self.request(node, klass) as request:
                yield request
                waited = env.now - joined
                yield env.timeout(self.draw() * self.world.service_days[node])
            tally.served[klass] += 1
            tally.wait_days[klass] += waited
            node = self.following(node)
        tally.customers += 1

    def impatient(self, node: int, klass: int) -> Steps:
        """Queue, be served or give up, go on."""
        env, tally, patience_days = self.env, self.tally, self.world.patience_days
        while node >= 0:
            joined = env.now
            with self.request(node, klass) as request:
                if not request.triggered:
                    yield request | env.timeout(self.draw() * patience_days)
                    if not request.triggered:
                        tally.reneged[klass] += 1
                        break
                waited = env.now - joined
                yield env.timeout(self.draw() * self.world.service_days[node])
            tally.served[klass] += 1
            tally.wait_days[klass] += waited
            node = self.following(node)
        tally.customers += 1

    def request(self, node: int, klass: int) -> Any:
        """Return a request for a server."""
        if self.world.by_priority:
            return self.resources[node].request(priority=klass)
        return self.resources[node].request()

    def following(self, node: int) -> int:
        """Return the next node, or -1 to leave."""
        if not self.onward[node]:
            return -1
        u = next(self.uniform)
        for total, other in self.onward[node]:
            if u < total:
                return other
        return -1


def simulate(world: QueueWorld, days: float, seed: int) -> Network:
    """Run for ``days``: what is timed."""
    network = Network(world, seed)
    network.env.run(until=days)
    return network


def tally_of(network: Network) -> Tally:
    """Return what happened."""
    return network.tally
