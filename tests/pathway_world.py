"""A handful of England's people and one service of each kind: enough to ask the pathway for single steps, at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scenarios.registry.reader import Registry, load_registry
from sim import codes
from sim.place.england import Reference, make_reference
from sim.rules.margins import reference_tables
from sim.rules.residents import begin_episode, next_step
from sim.rules.tables import ResidentTables
from tests.single_steps import row_of

PER_CELL = 4
STEPS_MOST = 300
MONDAY_NOON_S = 12 * 3600


@lru_cache(maxsize=1)
def registry() -> Registry:
    return load_registry()


@lru_cache(maxsize=1)
def reference() -> Reference:
    return make_reference(registry(), registry().central(), PER_CELL)


def small_world(seed: int = 3, **changes: float) -> ResidentTables:
    """Return fresh tables: no hazards, no lever reaches anyone; ``changes`` are parameters set to other values."""
    values = {**registry().central(), **changes}
    tables = reference_tables(registry().params_record(values), reference(), values, seed)
    own = {name: getattr(tables, name).copy() for name in ("communities", "teams", "hospitals")}
    return tables._replace(**own)


def kind_of(tables: ResidentTables, step: tuple[int, ...]) -> int:
    """Return the kind of service a step seeks (-1: none)."""
    found = np.flatnonzero(tables.service_at[:, 0] == step[1])
    return int(found[0]) if step[0] == codes.SEEK else -1


def walk(tables: ResidentTables, i: int, need_type: int, k: int, now: int = MONDAY_NOON_S) -> list[tuple[int, ...]]:
    """Return every step of one episode, everything served at once; the first entry of a step that seeks is SEEK."""
    rows = row_of(tables, i, need_type, k)
    steps = [begin_episode(tables, rows, 0, now, 0)]
    while steps[-1][0] != codes.END:
        if len(steps) > STEPS_MOST:
            raise AssertionError(f"need {k} of type {need_type} does not end")
        served = steps[-1][0] == codes.SEEK
        rows["ordinal"] += served
        now += steps[-1][2]
        steps.append(next_step(tables, rows, 0, now, codes.SERVED if served else codes.STAYED, 0))
    return steps
