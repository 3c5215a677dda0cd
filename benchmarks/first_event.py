"""Say when the first events of a fresh process are done: python -m benchmarks.first_event network|toy|borough.

Prints one line of JSON, seconds of the wall clock: `imported` and `ready` after the first line of this file ran, and
`done`. Nothing else is imported before that line.
"""

from __future__ import annotations

import time

BEGAN = time.monotonic()  # read here, before any import of ours, because imports are part of what is measured

import json  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402

HOUR_S = 3_600


def network() -> tuple[float, float]:
    """Run a day of one queue; return when imports were done, and when it was ready to run."""
    from sim.networks import Node, Source, network_state, run_network

    imported = time.monotonic()
    state = network_state([Node(0.1)], [Source(0, 10.0)], capacity=[1], seed=1)
    ready = time.monotonic()
    run_network(state, 1.0)
    return imported, ready


def place(name: str) -> tuple[float, float]:
    """Run a month of a place; return when imports were done, and when it was ready to run."""
    from sim.imports import load_model

    load_model()  # as the commands do
    from scenarios.compose import compose
    from sim.engines import compiled
    from sim.month import first_course, make_plan, run_month
    from sim.world import build_world

    imported = time.monotonic()
    scenario = compose([f"place={name}", "experiment.burn_in_months=0"])
    world = build_world(scenario)
    usual = scenario.int_design
    course = first_course(world, 1)
    ready = time.monotonic()
    run_month(world, course, make_plan(world, usual, usual), compiled.advance)
    return imported, ready


STARTS: dict[str, Callable[[], tuple[float, float]]] = {
    "network": network,
    "toy": lambda: place("toy"),
    "borough": lambda: place("bi_borough"),
}


def main() -> None:
    """Run the start asked for and print its times."""
    imported, ready = STARTS[sys.argv[1]]()
    done = time.monotonic()
    times = {"imported": imported - BEGAN, "ready": ready - BEGAN, "done": done - BEGAN}
    print(json.dumps({name: round(value, 3) for name, value in times.items()}))


if __name__ == "__main__":
    main()
