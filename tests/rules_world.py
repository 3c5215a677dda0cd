"""A small reference population with every service served at once: what the rules' tests walk."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scenarios.registry.reader import Registry, load_registry
from sim.calendar import Calendar
from sim.codes import ASSESSMENT, BED, DEAD, DIED, SEEK
from sim.place.england import Reference, make_reference
from sim.rules.cells import cell_of, means
from sim.rules.margins import Grids, make_grids, reference_tables
from sim.rules.month import fold_month, lever_selection, month_exits, month_needs
from sim.rules.tables import ResidentTables
from sim.rules.walk import walk_rows

PER_CELL = 60


@lru_cache(maxsize=1)
def registry() -> Registry:
    return load_registry()


@lru_cache(maxsize=1)
def reference() -> Reference:
    return make_reference(registry(), registry().central(), PER_CELL)


@lru_cache(maxsize=1)
def grids() -> Grids:
    return make_grids(registry(), registry().central(), reference(), repeats=12)


def world(seed: int = 3, **changes: float) -> ResidentTables:
    """Return fresh tables with the reference people; ``changes`` are parameters set to other values."""
    solved = grids()
    values = {**registry().central(), **changes}
    tables = reference_tables(registry().params_record(values), reference(), values, seed)
    tables.people["registered"] = 1
    return tables._replace(
        communities=tables.communities.copy(),
        teams=tables.teams.copy(),
        hospitals=tables.hospitals.copy(),
        hazards=solved.hazards.copy(),
        profiles=solved.profiles,
        seasons=solved.seasons,
        deaths=solved.deaths,
        onsets=solved.onsets,
    )


def set_levers(tables: ResidentTables, reach: float, effect: float) -> ResidentTables:
    """Set every lever's reach and effect; the caseload has room for all and every community is visited."""
    tables.lever_reach[:] = reach
    tables.lever_effect[:] = effect
    tables.teams["outreach_worst_quintile"] = 5
    tables.teams["caseload"] = len(tables.people)
    return tables


def run_months(tables: ResidentTables, calendar: Calendar, months: int, deaths: bool = False) -> list[np.ndarray]:
    """Return the log of each month, nothing ever waiting; ``deaths``: those who die are gone the month after."""
    logs = []
    for month in range(months):
        start_s, end_s = calendar.month_start_s(month), calendar.month_start_s(month + 1)
        fold_month(tables, month, start_s)
        exits = month_exits(tables, month, start_s, end_s) if deaths else None
        rows = np.concatenate(
            [
                lever_selection(tables, month, start_s, end_s),
                month_needs(tables, month, start_s, end_s, calendar.month_of_year(month)),
            ]
        )
        logs.append(walk_rows(tables, rows))
        if exits is not None:
            tables.people["presence"][exits["person"][exits["how"] == DIED]] = DEAD
    return logs


def contacts(log: np.ndarray, *services: int) -> np.ndarray:
    """Return the person of each contact with one of ``services``."""
    found: np.ndarray = log["person"][(log["kind"] == SEEK) & np.isin(log["service"], services)]
    return found


def admissions(log: np.ndarray) -> np.ndarray:
    """Return the person of each emergency admission: a bed or assessment unit not reached from the other of them."""
    order = np.lexsort((np.arange(len(log)), log["need"]))
    step = log[order]
    inside = (step["kind"] == SEEK) & np.isin(step["service"], (ASSESSMENT, BED))
    before = np.concatenate([[False], inside[:-1] & (step["need"][1:] == step["need"][:-1])])
    found: np.ndarray = step["person"][inside & ~before]
    return found


def per_1000(tables: ResidentTables, people: np.ndarray, months: int) -> np.ndarray:
    """Return events of ``people`` (a row each) per 1,000 a year by (band, quintile)."""
    bands, quintiles = cell_of(reference().people, tables.communities)
    per_person = np.bincount(people, minlength=len(tables.people)).astype(float)
    return means(bands * 5 + quintiles, per_person[:, None])[0] * 12000.0 / months
