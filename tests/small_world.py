"""A few hundred reference people with no hazards of need: what the tests of monthly rules select from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scenarios.registry.reader import Registry, load_registry
from sim.codes import LEVERS
from sim.place.england import Reference, make_reference
from sim.rules.margins import reference_tables
from sim.rules.tables import ResidentTables

PER_CELL = 12
YEAR = 365.25


@lru_cache(maxsize=1)
def registry() -> Registry:
    """Return the evidence registry."""
    return load_registry()


@lru_cache(maxsize=1)
def reference() -> Reference:
    """Return a small reference population."""
    return make_reference(registry(), registry().central(), PER_CELL)


def small_world(seed: int = 5, **changes: float) -> ResidentTables:
    """Return fresh tables: everyone registered, no lever, no need arising; ``changes`` are parameters set otherwise."""
    values = {**registry().central(), **changes}
    tables = reference_tables(registry().params_record(values), reference(), values, seed)
    tables.people["registered"] = 1
    for column in ("care_home", "social", "carer", "inclusion"):
        tables.people[column] = 0
    teams = tables.teams.copy()
    teams["finding_target"], teams["outreach_worst_quintile"], teams["caseload"] = 0, 5, 30
    return tables._replace(
        communities=tables.communities.copy(),
        teams=teams,
        hospitals=tables.hospitals.copy(),
        lever_reach=np.zeros((LEVERS, len(teams))),
        lever_effect=np.zeros((LEVERS, len(teams))),
    )


def ages(tables: ResidentTables) -> np.ndarray:
    """Return everyone's age in years at second 0."""
    return -tables.people["birth_day"] / YEAR
