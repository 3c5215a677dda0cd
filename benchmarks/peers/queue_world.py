"""The queues every library runs, and what each says of a run, so that they can be held against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.rules.keys import key3

PRIORITY_CLASSES = 2
BLOCK = 4_096  # draws made at once, which is faster than one at a time


@dataclass(frozen=True)
class Arrivals:
    """A Poisson stream of customers of one priority class (0 is served first) at a node."""

    node: int
    per_day: float
    klass: int = 0


@dataclass(frozen=True)
class QueueWorld:
    """Queues in words: exponential service, first come first served within a class, exponential patience.

    servers, service_days: one a node. routing: row i holds the chances of going from node i to each (the rest leave).
    patience_days: mean, 0 for no limit; who gives up leaves for good.
    """

    name: str
    servers: tuple[int, ...]
    service_days: tuple[float, ...]
    arrivals: tuple[Arrivals, ...]
    routing: tuple[tuple[float, ...], ...] = ()
    patience_days: float = 0.0

    @property
    def customers_per_day(self) -> float:
        """Customers who come from outside, a day."""
        return sum(stream.per_day for stream in self.arrivals)

    @property
    def by_priority(self) -> bool:
        """Whether there is more than one class."""
        return len({stream.klass for stream in self.arrivals}) > 1


MM10 = QueueWorld("M/M/10 at 90% load", (10,), (1.0,), (Arrivals(0, 9.0),))
FIVE = QueueWorld(
    "five nodes, two priorities, reneging",
    (4, 6, 3, 5, 4),
    (0.5, 1.0, 0.5, 1.0, 0.8),
    (Arrivals(0, 3.0, 0), Arrivals(0, 4.0, 1), Arrivals(1, 2.0, 1)),
    (
        (0.0, 0.5, 0.3, 0.0, 0.0),
        (0.0, 0.0, 0.3, 0.4, 0.0),
        (0.0, 0.0, 0.0, 0.3, 0.4),
        (0.0, 0.0, 0.0, 0.0, 0.5),
        (0.0, 0.0, 0.0, 0.0, 0.0),
    ),
    2.0,
)
WORLDS = (MM10, FIVE)


@dataclass
class Tally:
    """What happened by a time: customers who left the network, and contacts by priority class.

    served, reneged: contacts closed so. wait_days: until service began, summed over contacts served to the end.
    """

    customers: int = 0
    served: list[int] = field(default_factory=lambda: [0] * PRIORITY_CLASSES)
    reneged: list[int] = field(default_factory=lambda: [0] * PRIORITY_CLASSES)
    wait_days: list[float] = field(default_factory=lambda: [0.0] * PRIORITY_CLASSES)

    def measures(self, world: QueueWorld, days: float) -> dict[str, float]:
        """Return what libraries must agree on: customers a day, and by class the mean wait and the share reneging."""
        found = {"customers_per_day": self.customers / days}
        for klass in sorted({stream.klass for stream in world.arrivals}):
            served, reneged = self.served[klass], self.reneged[klass]
            found[f"wait_days_class_{klass}"] = self.wait_days[klass] / max(served, 1)
            if world.patience_days > 0:
                found[f"reneging_share_class_{klass}"] = reneged / max(served + reneged, 1)
        return found


@dataclass(frozen=True)
class Library:
    """One way to run a world. simulate(world, days, seed) is what is timed; tally reads off what happened."""

    simulate: Callable[[QueueWorld, float, int], Any]
    tally: Callable[[Any], Tally]

    def run(self, world: QueueWorld, days: float, seed: int) -> Tally:
        """Run for ``days`` and count."""
        return self.tally(self.simulate(world, days, seed))


def generator(seed: int, purpose: int) -> np.random.Generator:
    """Return a stream of its own for each (seed, purpose)."""
    return np.random.Generator(np.random.Philox(key=int(key3(seed, purpose, 0))))


def exponentials(rng: np.random.Generator) -> Iterator[float]:
    """Yield unit exponential draws for ever, made in blocks."""
    while True:
        yield from rng.exponential(size=BLOCK).tolist()


def uniforms(rng: np.random.Generator) -> Iterator[float]:
    """Yield uniform draws for ever, made in blocks."""
    while True:
        yield from rng.random(BLOCK).tolist()


def onward(world: QueueWorld) -> list[list[tuple[float, int]]]:
    """Return for each node the (cumulative chance, next node) of those that can follow."""
    if not world.routing:
        return [[] for _ in world.servers]
    return [
        [(float(total), node) for node, (share, total) in enumerate(zip(row, np.cumsum(row), strict=True)) if share > 0]
        for row in world.routing
    ]
