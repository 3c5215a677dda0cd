"""The queues in salabim: a component a customer, resources without monitors, `fail_delay` for patience.

Processes are generators (``yieldless=False``): greenlets, salabim's other way, measured slower.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import salabim

from benchmarks.peers.queue_world import QueueWorld, Tally, exponentials, generator, onward, uniforms

GAPS, CUSTOMERS, ROUTES = 3, 4, 5
Steps = Generator[Any, Any, None]


class Customer(salabim.Component):  # type: ignore[misc]
    """Someone who queues, is served or gives up, and goes on."""

    def setup(self, network: Network, node: int, klass: int) -> None:
        """Keep where they come in and what they are (salabim calls this with the arguments of the constructor)."""
        self.network, self.node, self.klass = network, node, klass

    def process(self) -> Steps:
        """Live."""
        network, node, klass = self.network, self.node, self.klass
        world, tally, env = network.world, network.tally, self.env
        while node >= 0:
            joined = env.now()
            resource = network.resources[node]
            if world.patience_days > 0:
                yield self.request((resource, 1, klass), fail_delay=network.draw() * world.patience_days)
                if self.failed():
                    tally.reneged[klass] += 1
                    break
            else:
                yield self.request((resource, 1, klass) if world.by_priority else resource)
            waited = env.now() - joined
            yield self.hold(network.draw() * world.service_days[node])
            self.release(resource)
            tally.served[klass] += 1
            tally.wait_days[klass] += waited
            node = network.following(node)
        tally.customers += 1


class Source(salabim.Component):  # type: ignore[misc]
    """Sends customers for ever."""

    def setup(self, network: Network, number: int) -> None:
        """Keep which stream of arrivals this is."""
        self.network, self.stream = network, network.world.arrivals[number]

    def process(self) -> Steps:
        """Live."""
        network, stream = self.network, self.stream
        while True:
            yield self.hold(network.gap() / stream.per_day)
            Customer(network=network, node=stream.node, klass=stream.klass, env=self.env)


class Network:
    """The resources of a world and what has happened in it."""

    def __init__(self, world: QueueWorld, seed: int) -> None:
        self.world = world
        self.env = salabim.Environment(trace=False, yieldless=False, random_seed="", set_numpy_random_seed=False)
        self.resources = [
            salabim.Resource(capacity=capacity, monitor=False, env=self.env) for capacity in world.servers
        ]
        self.onward = onward(world)
        self.tally = Tally()
        self.gap = exponentials(generator(seed, GAPS)).__next__
        self.draw = exponentials(generator(seed, CUSTOMERS)).__next__
        self.uniform = uniforms(generator(seed, ROUTES)).__next__
        for number in range(len(world.arrivals)):
            Source(network=self, number=number, env=self.env)

    def following(self, node: int) -> int:
        """Return the next node, or -1 to leave."""
        if not self.onward[node]:
            return -1
        u = self.uniform()
        for total, other in self.onward[node]:
            if u < total:
                return other
        return -1


def simulate(world: QueueWorld, days: float, seed: int) -> Network:
    """Run for ``days``: what is timed."""
    network = Network(world, seed)
    network.env.run(till=days)
    return network


def tally_of(network: Network) -> Tally:
    """Return what happened."""
    return network.tally
