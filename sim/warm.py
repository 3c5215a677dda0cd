"""Compile everything once, so that what follows starts at once: python -m sim.warm."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np

from scenarios.compose import compose
from scenarios.registry.reader import load_registry
from sim.calendar import HOUR_S
from sim.engines import compiled
from sim.engines.records import blank_rows
from sim.engines.state import State
from sim.jit import cache_folder
from sim.month import add_needs, first_course, make_plan, run_month
from sim.networks import Node, Source, network_state, run_network
from sim.outcomes.deaths import death_classes
from sim.outcomes.reducer import ClosedMonth, Memory, reduce_month
from sim.place.columns import PERSON
from sim.place.england import reference_of
from sim.place.newcomers import movers_in, newborns
from sim.rules.margins import reference_tables
from sim.rules.month import background_rows, fold_month, month_exits
from sim.services import build_services
from sim.world import build_world

ENGINE = "engine"  # the word that asks for the engine alone
READY = "ready"  # file in the cache folder: everything has been compiled for these sources


def ensure_compiled() -> None:
    """Compile in a process of its own unless that has been done: compiling needs more memory than any run.

    If that process fails, nothing is lost: what is missing is compiled when it is first called.
    """
    if not (cache_folder() / READY).exists():
        print("Compiling the model (one to two minutes, once)...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "sim.warm"], check=False, stdout=subprocess.DEVNULL)


def compile_engine() -> None:
    """Run an hour of a place where nobody lives: compiles the engine with the whole pathway, and most of a month.

    The other process has who lives in a place and what they need to compile, and waits for this one before the rest.
    Nobody has to be made up here, which would be compiled twice.
    """
    registry = load_registry()
    values = registry.central()
    nobody = reference_of(np.zeros(0, PERSON), registry, values, np.zeros(0))
    tables = reference_tables(registry.params_record(values), nobody, values)
    services, pools, service_at = build_services(len(tables.teams), len(tables.hospitals))
    own = tables._replace(service_at=service_at)
    fold_month(own, 0, 0)
    state = State(0, blank_rows(0), services, pools, own, people=0)
    log = compiled.advance(state, HOUR_S)
    run_network(network_state([Node(0.1)], [Source(0, 1.0)], capacity=[1], seed=1), 1, "compiled")
    exits = month_exits(own, 0, 0, HOUR_S)
    month = ClosedMonth(0, HOUR_S, log, state.rows, blank_rows(0), exits, death_classes(own, exits))
    reduce_month(month, own.people, own.communities, services, len(own.teams), Memory())
    background_rows(own, 0, 1)


def main() -> None:
    """Run two months of the toy place and a day of a queue, which compiles both pathways; say how long it took.

    The engine is compiled at the same time, for both pathways, in a process of its own, and what comes last in a month.
    """
    if sys.argv[1:] == [ENGINE]:
        compile_engine()
        return
    print("Compiling the model (one to two minutes the first time, then kept)...", flush=True)
    started = time.monotonic()
    engine = subprocess.Popen([sys.executable, "-m", "sim.warm", ENGINE])
    scenario = compose(["place=toy"])
    world = build_world(scenario)
    usual = scenario.int_design
    plan = make_plan(world, usual, usual)
    state = first_course(world, 0).state
    add_needs(world, state, 0, background=False)
    movers_in(world.rates, world.communities, 1, 0)
    newborns(state.tables.people, world.rates, 1, 0)
    engine.wait()
    course = first_course(world, 0)
    for _ in range(2):
        run_month(world, course, plan, compiled.advance)
    (cache_folder() / READY).touch()
    print(f"Ready after {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
