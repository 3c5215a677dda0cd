"""Peak memory: each library on the same queues and the same people, and ours against residents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks import agents, queues
from benchmarks.apart import Apart, apart, apart_when_ready
from benchmarks.peers.month_people import make_cohort, make_world
from benchmarks.peers.queue_world import WORLDS
from benchmarks.place_run import months_cost, warm_up
from benchmarks.report import Found, Limit

MOST_WHOLE_PLACE_MIB = 1_024.0
WHOLE_PLACE = 500_000
EVERY_KIND = "every kind of need"
NOTES = (
    "Each figure is of a process of its own. before: memory taken before the work; peak: the most at any time of it "
    "(VmHWM); of_its_own: the difference.",
    "Queues: before the work, the library is imported and has run a few days. People: before, the place is made; the "
    "work is setting up the people in the library and stepping them. Places: the work is everything but imports: "
    "loading compiled code, making the place and its residents, and the months.",
)


class Size(NamedTuple):
    """worlds of queues, and days of them; residents and months of the people; residents and months of places."""

    worlds: tuple[int, ...]
    queue_days: float
    residents: int
    months: int
    places: tuple[int, ...]
    place_months: int


SIZES = {
    "small": Size((1,), 60.0, 3_000, 2, (2_000,), 2),
    "quick": Size((0, 1), 2_000.0, 20_000, 6, (50_000,), 3),
    "full": Size((0, 1), 10_000.0, 100_000, 12, (50_000, 150_000, 500_000), 12),
}


def measure(size: str) -> Found:
    """Return all three tables, and whether the whole place keeps to its limit."""
    chosen = SIZES[size]
    warm_up()
    tables = {
        "queues": queue_rows(chosen.worlds, chosen.queue_days),
        "people": people_rows(chosen.residents, chosen.months),
        "places": [place_row(residents, chosen.place_months) for residents in chosen.places],
    }
    limits = [
        Limit(f"peak MiB, {row['residents']:,d} residents", row["peak_mib"], MOST_WHOLE_PLACE_MIB, at_least=False)
        for row in tables["places"]
        if row["residents"] == WHOLE_PLACE
    ]
    return Found(tables, limits, NOTES)


def queue_rows(worlds: tuple[int, ...], days: float) -> list[dict[str, Any]]:
    """Return a row for each world (by its position in WORLDS) and library."""
    return [
        memory_row({"world": WORLDS[number].name, "library": name}, apart_when_ready(ready_queue, name, number, days))
        for number in worlds
        for name in queues.NAMES
    ]


def ready_queue(name: str, number: int, days: float) -> Callable[[], int]:
    """Return what runs one library on one world and counts the customers; the library is loaded."""
    library, world = queues.library(name), WORLDS[number]
    library.run(world, queues.FIRST_DAYS, 1)
    return lambda: library.run(world, days, 1).customers


def people_rows(residents: int, months: int) -> list[dict[str, Any]]:
    """Return a row for each library."""
    return [
        memory_row({"library": name}, apart_when_ready(ready_people, name, residents, months)) for name in agents.NAMES
    ]


def ready_people(name: str, residents: int, months: int) -> Callable[[], int]:
    """Return what sets up one library's people, steps them, and counts the agent-months."""
    world, kinds = make_world(residents), agents.WORLDS[EVERY_KIND]
    cohort = make_cohort(world, kinds, 1)
    agents.libraries(world, cohort, agents.FIRST_MONTHS)[name](1)(agents.FIRST_MONTHS)
    prepare = agents.libraries(world, cohort, months)[name]
    return lambda: prepare(1)(months).agent_months


def place_row(residents: int, months: int) -> dict[str, Any]:
    """Return the peak of a place of ``residents`` over some months of the design `full`."""
    return memory_row({"residents": residents, "months": months}, apart(months_cost, residents, 0, months))


def memory_row(about: dict[str, Any], done: Apart) -> dict[str, Any]:
    """Return a row with the memory of a piece of work done apart."""
    return {
        **about,
        "before_mib": round(done.before_mib, 1),
        "peak_mib": round(done.peak_mib, 1),
        "of_its_own_mib": round(done.peak_mib - done.before_mib, 1),
    }
