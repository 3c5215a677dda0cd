"""Contacts a second of both engines beside plain SimPy on the same queues: python -m benchmarks.throughput.

Engines take turns within each round, so that a busy machine slows all of them; medians of CPU seconds. Making the
arrivals is part of the time. Trust ratios more than digits.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from scenarios.whole_file import write_text
from sim.engines.state import State
from sim.networks import Node, Source, network_state, run_network

LEAST_REFERENCE = 15_000  # contacts a second
SLOW_DAYS = 1_500.0
FAST_DAYS = 30_000.0
WINDOW_DAYS = 30.4


@dataclass(frozen=True)
class World:
    """Queues by name: arrivals a day by class at node 0.., exponential service, onward routing, patience."""

    name: str
    servers: tuple[int, ...]
    service_days: tuple[float, ...]
    arrivals: tuple[tuple[int, float], ...]  # (node, a day), one class each; the first class goes first
    routing: tuple[tuple[float, ...], ...]
    patience_days: float = 0.0  # 0: no limit


MM10 = World("M/M/10", (10,), (1.0,), ((0, 9.0),), ((0.0,),))
FIVE = World(
    "five nodes, two priorities, reneging",
    (4, 6, 3, 5, 4),
    (0.5, 1.0, 0.5, 1.0, 0.8),
    ((0, 3.0), (0, 4.0), (1, 2.0)),
    ((0, 0.5, 0.3, 0, 0), (0, 0, 0.3, 0.4, 0), (0, 0, 0, 0.3, 0.4), (0, 0, 0, 0, 0.5), (0, 0, 0, 0, 0)),
    2.0,
)


def ours(world: World, days: float, engine: str) -> int:
    """Run on one of our engines; return the contacts closed."""
    patience = "exponential" if world.patience_days else "none"
    nodes = [Node(mean, patience=patience, mean_patience_days=world.patience_days) for mean in world.service_days]
    sources = [Source(node, rate, klass=k) for k, (node, rate) in enumerate(world.arrivals)]
    classes = (0, 1, 1)[: len(sources)]
    state: State = network_state(nodes, sources, world.servers, world.routing, classes)
    log = run_network(state, days, engine, WINDOW_DAYS)
    return int(np.sum(log["service"] >= 0))


@dataclass
class Plain:
    """The same queues as a SimPy user would write them: one process a customer, (priority) resources, any_of."""

    world: World
    env: simpy.Environment = field(default_factory=simpy.Environment)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))
    contacts: int = 0
    waits: list[float] = field(default_factory=list)

    def run(self, days: float) -> int:
        """Return the contacts closed."""
        kind = simpy.PriorityResource if len(self.world.arrivals) > 1 else simpy.Resource
        self.resources = [kind(self.env, capacity) for capacity in self.world.servers]
        for klass, (node, rate) in enumerate(self.world.arrivals):
            self.env.process(self.source(node, rate, min(klass, 1)))
        self.env.run(until=days)
        return self.contacts

    def source(self, node: int, rate: float, priority: int) -> Generator[simpy.Event, Any, None]:
        """Send customers for ever."""
        while True:
            yield self.env.timeout(self.rng.exponential(1.0 / rate))
            self.env.process(self.customer(node, priority))

    def customer(self, node: int, priority: int) -> Generator[simpy.Event, Any, None]:
        """Queue, be served or give up, go on."""
        world, env = self.world, self.env
        while node >= 0:
            joined = env.now
            arguments = {"priority": priority} if len(world.arrivals) > 1 else {}
            with self.resources[node].request(**arguments) as request:
                if world.patience_days:
                    found = yield request | env.timeout(self.rng.exponential(world.patience_days))
                    if request not in found:
                        self.contacts += 1
                        return
                else:
                    yield request
                self.waits.append(env.now - joined)
                yield env.timeout(self.rng.exponential(world.service_days[node]))
            self.contacts += 1
            u, total, following = self.rng.random(), 0.0, -1
            for j, share in enumerate(world.routing[node]):
                total += share
                if u < total:
                    following = j
                    break
            node = following


def timed(work: Callable[[], int]) -> float:
    """Return contacts per CPU second."""
    before = time.process_time()
    contacts = work()
    return contacts / (time.process_time() - before)


def measure(world: World, rounds: int, slow_days: float, fast_days: float) -> dict[str, Any]:
    """Return the median contacts a second of each, and ratios to plain SimPy."""
    ways: dict[str, Callable[[], int]] = {
        "simpy": lambda: Plain(world).run(slow_days),
        "reference": lambda: ours(world, slow_days, "reference"),
        "compiled": lambda: ours(world, fast_days, "compiled"),
    }
    ours(world, 10.0, "compiled")  # compile, or load what is compiled, before the clock starts
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            speeds[name].append(timed(work))
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    return {
        "world": world.name,
        "contacts_per_s": {name: round(value) for name, value in medians.items()},
        "times_simpy": {name: round(value / medians["simpy"], 2) for name, value in medians.items()},
        "all": {name: [round(value) for value in values] for name, values in speeds.items()},
    }


def main(words: list[str] | None = None) -> int:
    """Print the table; 1 when the reference engine is too slow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(words)
    worlds = [measure(world, given.rounds, SLOW_DAYS, FAST_DAYS) for world in (MM10, FIVE)]
    print(f"{'contacts a CPU second':38s} {'simpy':>10s} {'reference':>10s} {'compiled':>10s}   times SimPy")
    for each in worlds:
        speed, ratio = each["contacts_per_s"], each["times_simpy"]
        print(
            f"{each['world']:38s} {speed['simpy']:10,d} {speed['reference']:10,d} {speed['compiled']:10,d}   "
            f"{ratio['reference']:.2f} / {ratio['compiled']:.1f}"
        )
    slowest = min(each["contacts_per_s"]["reference"] for each in worlds)
    enough = slowest >= LEAST_REFERENCE
    verdict = "meets" if enough else "BELOW"
    print(f"reference engine: at least {slowest:,d} contacts a second ({verdict} {LEAST_REFERENCE:,d})")
    if given.json:
        about = {"python": platform.python_version(), "machine": platform.machine(), "cpus": os.cpu_count()}
        write_text(given.json, json.dumps({"about": about, "worlds": worlds}, indent=1) + "\n")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
