"""The world of a draw: made once for the tasks that share it, and one at a time, for each takes much memory."""

from __future__ import annotations

from functools import lru_cache

from sim.execution.identity import whole
from sim.execution.plan import TaskPlan
from sim.task import drawn_values
from sim.world import World, build_world

Key = tuple[str, int]  # identity of the experiment, draw
Shared = tuple[Key, World]


class Shelf:
    """Where whoever runs tasks keeps the last world that was made; it goes when they do."""

    def __init__(self) -> None:
        self.held: Shared | None = None

    def world_of(self, plan: TaskPlan, draw: int) -> World:
        """Return the world of a draw of ``plan``, made if it was not the last one.

        Raises InputError for a place or evidence that cannot be used.
        """
        key = whole(plan.identity), draw
        if self.held is None or self.held[0] != key:
            self.held = None  # never two at a time
            self.held = key, build_world(plan.scenario, drawn_values(plan.scenario, draw))
        return self.held[1]


@lru_cache(maxsize=1)
def own_shelf() -> Shelf:
    """Return the shelf of a process that does nothing but run tasks, for as long as it lives."""
    return Shelf()


def keep_world(key: Key, world: World) -> None:
    """Put a world on the shelf of this process, in place of the one there."""
    own_shelf().held = key, world
