"""The world of a draw: made once for the tasks that share it, and one at a time, for each takes much memory."""

from __future__ import annotations

from functools import lru_cache

from sim.execution.identity import whole
from sim.execution.plan import TaskPlan
from sim.task import drawn_values
from sim.world import World, build_world

Shelf = dict[tuple[str, int], World]


@lru_cache(maxsize=1)
def shelf() -> Shelf:
    """Return the place in this process where the last world is kept."""
    return {}


def world_of_draw(plan: TaskPlan, draw: int) -> World:
    """Return the world of a draw of ``plan``, from the shelf if it was the last one made.

    Raises InputError for a place or evidence that cannot be used.
    """
    kept, key = shelf(), (whole(plan.identity), draw)
    if key not in kept:
        kept.clear()
        kept[key] = build_world(plan.scenario, drawn_values(plan.scenario, draw))
    return kept[key]


def clear_shelf() -> None:
    """Let the kept world go."""
    shelf().clear()
