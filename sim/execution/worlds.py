"""The world of a draw: made once for the tasks that share it, and one at a time, for each takes much memory."""

from __future__ import annotations

from functools import lru_cache

from sim.execution.identity import whole
from sim.execution.plan import TaskPlan
from sim.task import drawn_values
from sim.world import World, build_world

Key = tuple[str, int]  # identity of the experiment, draw
Shelf = dict[Key, World]
Shared = tuple[Key, World]


@lru_cache(maxsize=1)
def shelf() -> Shelf:
    """Return the place in this process where the last world is kept."""
    return {}


def world_of_draw(plan: TaskPlan, draw: int) -> World:
    """Return the world of a draw of ``plan``, from the shelf if it was the last one made.

    Raises InputError for a place or evidence that cannot be used.
    """
    key = key_of(plan, draw)
    if key not in shelf():
        shelf().clear()
        keep_world(key, build_world(plan.scenario, drawn_values(plan.scenario, draw)))
    return shelf()[key]


def key_of(plan: TaskPlan, draw: int) -> Key:
    """Return what the world of a draw is kept by."""
    return whole(plan.identity), draw


def keep_world(key: Key, world: World) -> None:
    """Put a world on the shelf in place of the one there."""
    shelf().clear()
    shelf()[key] = world
