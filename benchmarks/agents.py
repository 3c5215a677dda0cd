"""The month of our residents beside Starsim and Mesa on the same people: agent-months a CPU second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.extras import need
from benchmarks.peers.month_people import TWO_KINDS, Cohort, Step, closed_state, make_cohort, make_world
from benchmarks.report import Found, Limit
from benchmarks.turns import Timed, Way, rates, table
from sim.codes import HAZARD_KINDS
from sim.rules.month import fold_month, month_exits, month_needs
from sim.world import World

LEAST_TIMES_STARSIM = 2.0
FIRST_MONTHS = 2  # before any clock starts
WORLDS = {"two kinds of need": TWO_KINDS, "every kind of need": HAZARD_KINDS}
OURS = "intsim"
SIMPLE = "intsim_simple_month"
NAMES = (OURS, SIMPLE, "starsim", "starsim_crn", "mesa")
NOTES = (
    "Every library: the same people (a closed group: nobody comes or moves away), their age, a draw at the hazard of "
    "each kind of need from the same table by age band, sex and quintile, counts by person, a draw of death by single "
    "age, and the removal of who died.",
    "intsim only: each hazard is worked out anew from the person's conditions, frailty, hardship, unmet need, trust, "
    "bad spells and treatment; these states move every month (spells, onsets, frailty, practical needs, care homes, "
    "falls, registration, treatment, trust, ties); needs come in any number with the second each arises, as rows for "
    "the engine; draws belong to the person whatever happens to others.",
    "intsim_simple_month is not the month of the model: it does what Starsim and Mesa do here and no more, with our "
    "keyed draws and Numba, so that tools are compared on equal work; `intsim` beside it says what the model adds.",
    "Starsim and Mesa: each person's ratio to the table is fixed at its value in the first month; at most one need of "
    "a kind a month, with no time within it. starsim: crn=False, its faster way; starsim_crn: its default, draws that "
    "belong to the agent. Mesa: agents in order, model.agents.do.",
)


class Size(NamedTuple):
    """residents, months of a run, turns."""

    residents: int
    months: int
    rounds: int


SIZES = {"small": Size(3_000, 4, 1), "quick": Size(100_000, 12, 3), "full": Size(100_000, 120, 3)}


def measure(size: str, seed: int = 1) -> Found:
    """Return the tables of both sets of needs, where our month goes, and our ratio to Starsim."""
    need("starsim", "mesa")
    chosen = SIZES[size]
    world = make_world(chosen.residents)
    tables: dict[str, list[dict[str, Any]]] = {}
    limits = []
    for name, kinds in WORLDS.items():
        tables[name] = measure_kinds(world, kinds, chosen, seed)
        for way_of_ours, words in ((OURS, "the model's month"), (SIMPLE, "the same simple month")):
            times = next(row["times_starsim"] for row in tables[name] if row["library"] == way_of_ours)
            limits.append(Limit(f"{name}, {words}, times Starsim", times, LEAST_TIMES_STARSIM, at_least=True))
    tables["intsim, nanoseconds an agent-month"] = [
        {"needs": name, **parts(world, kinds, chosen.months, seed)} for name, kinds in WORLDS.items()
    ]
    return Found(tables, limits, NOTES)


def libraries(world: World, cohort: Cohort, months: int) -> dict[str, Callable[[int], Step]]:
    """Return how each library gets a fresh run ready, by seed."""
    from benchmarks.peers import month_mesa, month_ours, month_simple, month_starsim

    return {
        OURS: lambda seed: month_ours.prepare(world, cohort.kinds, seed),
        SIMPLE: lambda seed: month_simple.prepare(cohort, seed),
        "starsim": lambda seed: month_starsim.prepare(cohort, months, seed),
        "starsim_crn": lambda seed: month_starsim.prepare(cohort, months, seed, crn=True),
        "mesa": lambda seed: month_mesa.prepare(cohort, seed),
    }


def measure_kinds(world: World, kinds: tuple[int, ...], size: Size, seed: int) -> list[dict[str, Any]]:
    """Return a row for each library with ``kinds`` of need."""
    cohort = make_cohort(world, kinds, seed)
    for prepare in libraries(world, cohort, FIRST_MONTHS).values():  # compile, or load what is compiled, first
        prepare(1)(FIRST_MONTHS)
    ways = {name: way(ready, size.months) for name, ready in libraries(world, cohort, size.months).items()}
    return table(rates(ways, size.rounds, seed), "agent_months_per_cpu_s", "starsim")


def way(prepare: Callable[[int], Step], months: int) -> Way:
    """Return a run of ``months``, counted in agent-months; getting it ready is not timed."""

    def ready(seed: int) -> Timed:
        step = prepare(seed % 2**32)

        def run() -> float:
            return float(step(months).agent_months)

        return run

    return ready


def parts(world: World, kinds: tuple[int, ...], months: int, seed: int) -> dict[str, int]:
    """Return where our month goes: nanoseconds an agent-month of each of its three calls."""
    tables, calendar = closed_state(world, kinds, seed).tables, world.calendar
    spent = {"slow_states": 0, "needs": 0, "deaths": 0}
    lived = 0
    for month in range(months):
        start_s, end_s = calendar.month_start_s(month), calendar.month_start_s(month + 1)
        times = [time.process_time_ns()]
        lived += fold_month(tables, month, start_s)
        times.append(time.process_time_ns())
        month_needs(tables, month, start_s, end_s, calendar.month_of_year(month))
        times.append(time.process_time_ns())
        month_exits(tables, month, start_s, end_s)
        times.append(time.process_time_ns())
        for name, since, until in zip(spent, times, times[1:], strict=False):
            spent[name] += until - since
    return {name: round(value / lived) for name, value in spent.items()}
