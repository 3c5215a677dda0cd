"""A hospital with a few residents, and their episodes walked by the rules of urgent care and hospital alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scenarios.registry.reader import Registry, load_registry
from sim import codes
from sim.place.england import Reference, make_reference
from sim.rules import acute
from sim.rules.emergency import to_ed
from sim.rules.margins import reference_tables
from sim.rules.stages import URGENT_STAGES
from sim.rules.tables import ResidentTables

OLD, YOUNG = 190, 90  # rows of people: 85 to 89 years old, and in middle life
STEPS_MOST = 60


@lru_cache(maxsize=1)
def registry() -> Registry:
    return load_registry()


@lru_cache(maxsize=1)
def reference() -> Reference:
    return make_reference(registry(), registry().central(), 2)


def hospital(seed: int = 3, assessment: float = 20.0, **changes: float) -> ResidentTables:
    """Return fresh tables: one of every service, an assessment unit, no lever; ``changes`` are parameters."""
    values = {**registry().central(), **changes}
    tables = reference_tables(registry().params_record(values), reference(), values, seed)
    tables.supply[codes.ASSESSMENT] = assessment
    plain = {"lives_alone": 0, "care_home": 0, "frailty": 1, "social": 0, "digital": 1, "plan": 0, "consents": 1}
    for name, value in plain.items():
        tables.people[name] = value
    return tables._replace(teams=tables.teams.copy(), hospitals=tables.hospitals.copy())


def walk(
    tables: ResidentTables, rows: np.ndarray, full: tuple[int, ...] = (), at_ed: bool = False
) -> list[tuple[int, ...]]:
    """Return the steps of the episode until it ends or leaves these rules; services of ``full`` never come."""
    now = 0
    begin = to_ed(tables, rows, 0, now, 0) if at_ed else acute.first_contact(tables, rows, 0, now)
    steps = [tuple(int(part) for part in begin)]
    while steps[-1][0] != codes.END and len(steps) < STEPS_MOST:
        kind, service, duration, _, wait, _, _ = steps[-1]
        rows["ordinal"] += kind == codes.SEEK
        if kind == codes.STAY:
            if rows[0]["stage"] >= 200:
                break
            now += duration
            step = acute.back_to_hospital(tables, rows, 0, now, 0)
        elif rows[0]["stage"] not in URGENT_STAGES:
            break
        else:
            missing = service in full
            now += wait if missing else duration
            event = codes.RENEGED if missing else codes.SERVED
            step = acute.after(tables, rows, 0, now, event, 0)
        steps.append(tuple(int(part) for part in step))
    return steps


def sought(steps: list[tuple[int, ...]]) -> list[int]:
    """Return the kinds of service in order (in these tables a service's number is its kind)."""
    return [step[1] for step in steps if step[0] == codes.SEEK]
