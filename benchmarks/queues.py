"""This engine beside SimPy, Ciw and salabim on the same queues: customers a CPU second."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from benchmarks.extras import need
from benchmarks.peers.queue_world import WORLDS, Library, QueueWorld
from benchmarks.report import Found, Limit
from benchmarks.turns import HALF, Timed, Way, rates, table
from sim.rules.keys import key3

LEAST_TIMES_SIMPY = {"M/M/10 at 90% load": 50.0, "five nodes, two priorities, reneging": 30.0}
FIRST_DAYS = 5.0
REPEAT = 8
OURS, LOGGED, REFERENCE = "intsim", "intsim_log", "intsim_reference"
PEERS = ("simpy", "ciw", "salabim")
NAMES = (OURS, LOGGED, REFERENCE, *PEERS)
NOTES = (
    "A customer is one who came from outside and left for good. Every library runs the same days of the same world; "
    "intsim runs them several times over, with seeds of their own, so that the clock can tell.",
    "What is kept of a run. simpy and salabim: customers, and by class contacts served and given up and the sum of "
    "waits, added to as they happen. intsim and intsim_reference (count_network): the same by node, how a contact "
    "closed and class, with the time in service, who did not wait, and each node's queue and places over time. "
    "intsim_log (run_network): a record of every contact, counted afterwards. ciw: its records, as it always does.",
    "intsim and intsim_log use the memory of one run again for the next, as replications in one process do.",
)


class Size(NamedTuple):
    """days: of each run. repeats: runs of ours to one of theirs. rounds: turns."""

    days: float
    repeats: int
    rounds: int


SIZES = {"small": Size(60.0, 2, 1), "quick": Size(2_000.0, 20, 3), "full": Size(10_000.0, 20, 5)}


def library(name: str) -> Library:
    """Return one way of running a world; raise InputError if its library is not installed."""
    if name in (OURS, LOGGED, REFERENCE):
        from benchmarks.peers import queue_ours

        return queue_ours.library(counting=name != LOGGED, engine="reference" if name == REFERENCE else "compiled")
    need(name)
    module = import_module(f"benchmarks.peers.queue_{name}")
    return Library(module.simulate, module.tally_of)


def libraries() -> dict[str, Library]:
    """Return every way of running a world, ours first."""
    need(*PEERS)
    return {name: library(name) for name in NAMES}


def way(one: Library, world: QueueWorld, days: float, repeats: int) -> Way:
    """Return how ``one`` library runs ``world``: ``repeats`` runs with seeds of their own, counted in customers."""

    def ready(seed: int) -> Timed:
        def run() -> float:
            seeds = [int(key3(seed, REPEAT, k)) & HALF for k in range(repeats)]
            return float(sum(one.tally(one.simulate(world, days, each)).customers for each in seeds))

        return run

    return ready


def measure_world(world: QueueWorld, size: Size, seed: int, names: Mapping[str, Library]) -> list[dict[str, Any]]:
    """Return a row for each library."""
    for each in names.values():  # compile, or load what is compiled, before any clock starts
        each.simulate(world, FIRST_DAYS, 1)
    ways = {
        name: way(each, world, size.days, size.repeats if name in (OURS, LOGGED) else 1) for name, each in names.items()
    }
    return table(rates(ways, size.rounds, seed), "customers_per_cpu_s", "simpy")


def measure(size: str, seed: int = 1) -> Found:
    """Return the tables of both worlds, and whether ours is as many times as fast as SimPy as it must be."""
    names, tables, limits = libraries(), {}, []
    for world in WORLDS:
        rows = measure_world(world, SIZES[size], seed, names)
        tables[world.name] = rows
        times = next(row["times_simpy"] for row in rows if row["library"] == OURS)
        limits.append(Limit(f"{world.name}, times SimPy", times, LEAST_TIMES_SIMPY[world.name], at_least=True))
    return Found(tables, limits, NOTES)
