"""Compile everything once, so that what follows starts at once: python -m sim.warm."""

from __future__ import annotations

import subprocess
import sys
import time

from scenarios.compose import compose
from sim.agents.design import from_scenario
from sim.engines import compiled
from sim.jit import cache_folder
from sim.month import first_course, make_plan, run_month
from sim.networks import Node, Source, network_state, run_network
from sim.world import build_world

READY = "ready"  # file in the cache folder: everything has been compiled for these sources


def ensure_compiled() -> None:
    """Compile in a process of its own unless that has been done: compiling needs more memory than any run.

    If that process fails, nothing is lost: what is missing is compiled when it is first called.
    """
    if not (cache_folder() / READY).exists():
        print("Compiling the model (about a minute, once)...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "sim.warm"], check=False, stdout=subprocess.DEVNULL)


def main() -> None:
    """Run two months of the toy place and a day of a queue, which compiles both pathways; say how long it took."""
    print("Compiling the model (about a minute the first time, then kept)...", flush=True)
    started = time.monotonic()
    scenario = compose(["place=toy"])
    world = build_world(scenario)
    usual = from_scenario(scenario.int_design)
    course = first_course(world, 0)
    for _ in range(2):
        run_month(world, course, make_plan(world, usual, usual), compiled.advance)
    run_network(network_state([Node(0.1)], [Source(0, 1.0)], capacity=[1], seed=1), 1, "compiled")
    (cache_folder() / READY).touch()
    print(f"Ready after {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
