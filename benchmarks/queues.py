"""This engine beside SimPy, Ciw and salabim on the same queues: customers a CPU second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmarks.extras import need
from benchmarks.peers.queue_world import WORLDS, Library, QueueWorld
from benchmarks.report import Found, Limit
from benchmarks.turns import HALF, Timed, Way, rates, table
from sim.rules.keys import key3

LEAST_TIMES_SIMPY = {"M/M/10 at 90% load": 50.0, "five nodes, two priorities, reneging": 30.0}
FIRST_DAYS = 5.0
REPEAT = 8
OURS = "intsim"
NOTES = (
    "A customer is one who came from outside and left for good. Every library runs the same days of the same world; "
    "intsim runs them several times over, with seeds of their own, so that the clock can tell. Nothing is monitored; "
    "intsim keeps its log of every contact, and Ciw its records, because they always do.",
)


class Size(NamedTuple):
    """days: of each run. repeats: runs of ours to one of theirs. rounds: turns."""

    days: float
    repeats: int
    rounds: int


SIZES = {"small": Size(60.0, 2, 1), "quick": Size(2_000.0, 20, 3), "full": Size(10_000.0, 20, 5)}


def libraries() -> dict[str, Library]:
    """Return every way of running a world, ours first; raise InputError if one is not installed."""
    need("simpy", "ciw", "salabim")
    from benchmarks.peers import queue_ciw, queue_ours, queue_salabim, queue_simpy

    return {
        OURS: Library(queue_ours.simulate, queue_ours.tally_of),
        "intsim_reference": Library(queue_ours.simulate_reference, queue_ours.tally_of),
        "simpy": Library(queue_simpy.simulate, queue_simpy.tally_of),
        "ciw": Library(queue_ciw.simulate, queue_ciw.tally_of),
        "salabim": Library(queue_salabim.simulate, queue_salabim.tally_of),
    }


def way(library: Library, world: QueueWorld, days: float, repeats: int) -> Way:
    """Return how ``library`` runs ``world``: ``repeats`` runs with seeds of their own, counted in customers."""

    def ready(seed: int) -> Timed:
        def run() -> float:
            seeds = [int(key3(seed, REPEAT, k)) & HALF for k in range(repeats)]
            return float(sum(library.tally(library.simulate(world, days, each)).customers for each in seeds))

        return run

    return ready


def measure_world(world: QueueWorld, size: Size, seed: int, names: Mapping[str, Library]) -> list[dict[str, Any]]:
    """Return a row for each library."""
    for library in names.values():  # compile, or load what is compiled, before any clock starts
        library.simulate(world, FIRST_DAYS, 1)
    ways = {
        name: way(library, world, size.days, size.repeats if name == OURS else 1) for name, library in names.items()
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
