"""One neighbourhood with background load for a year, one arm: python -m benchmarks.neighbourhood --engine reference.

Prints seconds, contacts a second and peak memory of the year itself, compiling and setting up apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

from scenarios.compose import compose
from sim.month import first_course, make_plan, run_month
from sim.task import ENGINES
from sim.warm import ensure_compiled
from sim.world import build_world

MONTHS = 12
KIB_PER_GIB = 1024 * 1024


def measure(engine: str, neighbourhood: str) -> dict[str, float | str | int]:
    """Return what a year of the neighbourhood costs on an engine, from the synthetic start."""
    scenario = compose(["place=bi_borough", f"place.neighbourhoods=[{neighbourhood}]", "experiment.burn_in_months=0"])
    began = time.monotonic()
    ensure_compiled()
    world = build_world(scenario)
    usual = scenario.int_design
    plan = make_plan(world, usual, usual)
    run_month(world, first_course(world, 0), plan, ENGINES["compiled"])  # compiles what both engines call
    ready = time.monotonic()
    course = first_course(world, 1)
    cpu = time.process_time()
    contacts = sum(len(run_month(world, course, plan, ENGINES[engine]).log) for _ in range(MONTHS))
    seconds, cpu = time.monotonic() - ready, time.process_time() - cpu
    return {
        "engine": engine,
        "neighbourhood": neighbourhood,
        "residents": world.residents,
        "records": contacts,
        "set_up_s": round(ready - began, 1),
        "year_s": round(seconds, 1),
        "year_cpu_s": round(cpu, 1),
        "records_per_cpu_s": round(contacts / cpu),
        "peak_memory_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--engine", choices=sorted(ENGINES), default="reference")
    parser.add_argument("--neighbourhood", default="KC1", help="id of a Bi-Borough neighbourhood (default KC1)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    found = measure(given.engine, given.neighbourhood)
    print(json.dumps(found) if given.json else "\n".join(f"{name:<20}{value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
