"""The course of an arm on disk, so that a run saved and reloaded at a month's end goes on bit for bit.

One .npz file without pickle. It holds what moves; what a scenario fixes (parameters, hazards, profiles) comes from the
world it is loaded into, and a file saved from another world is refused.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.errors import InputError
from scenarios.whole_file import whole
from sim.agents.base import Base, PlaceMeans
from sim.engines.state import State
from sim.engines.store import COLUMNS, aligned
from sim.month import Course
from sim.outcomes.reducer import Memory, MonthOutcomes
from sim.outcomes.waits import Waits
from sim.world import MOVING as WORLD_MOVING
from sim.world import World

FORMAT = 6
# The world's, never written.
FIXED = ("params", "service_at", "service_params", "refer", "hazards", "profiles", "seasons", "deaths", "onsets")
MOVING = ("seed", *WORLD_MOVING)
BASE = ("teams", "communities", "supply", "posts", "moved", "released", "eligible", "closeness", "codes")
OUTCOMES = ("panel", "tallies", "waiting_s", "inside_s", "flows", "needs", "stocks", "composition", "mortality")


def save_course(course: Course, path: str | Path) -> None:
    """Write ``course`` to ``path`` (.npz): whole or not at all."""
    with whole(Path(path)) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays_of(course))


def load_course(path: str | Path, world: World) -> Course:
    """Return the course written by save_course, to go on in ``world``.

    Raises InputError when the file is not a saved course, or was saved from another world.
    """
    target = Path(path)
    try:
        with np.load(target, allow_pickle=False) as file:
            arrays = {name: aligned(file[name]) for name in file.files}
        version = int(arrays["numbers"][0])
        saved_from = str(arrays["world"])
    except (OSError, EOFError, KeyError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise InputError(str(target), f"not a saved course, or not a whole one ({error})") from error
    if version != FORMAT:
        raise InputError(str(target), f"format {version}: this version reads {FORMAT}")
    if saved_from != world_digest(world.template):
        raise InputError(str(target), "was saved from another place or other evidence than this scenario's")
    try:
        return course_of(arrays, world)
    except (KeyError, ValueError, IndexError) as error:
        raise InputError(str(target), f"not a saved course of this version ({error})") from error


def world_digest(tables: Any) -> str:
    """Return a hash of what a world fixes in the residents' tables."""
    digest = hashlib.sha256()
    for name in FIXED:
        array = np.ascontiguousarray(getattr(tables, name))
        digest.update(f"{name} {array.shape} {array.dtype.names or array.dtype}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def arrays_of(course: Course) -> dict[str, Any]:
    """Return everything of ``course`` that moves, by name."""
    state, base, last = course.state, course.base, course.last
    arrays: dict[str, Any] = {f"state.{name}": getattr(state, name) for name in COLUMNS}
    arrays |= {f"tables.{name}": getattr(state.tables, name) for name in MOVING}
    arrays |= {f"base.{name}": getattr(base, name) for name in BASE}
    arrays["base.fte_per_head"] = base.means.fte_per_head
    arrays["base.needs_index"] = np.array(base.means.needs_index)
    arrays["memory"], arrays["departed"] = course.memory.episodes, course.departed
    arrays["parted"], arrays["came_since"] = course.parted, course.came_since
    if last is not None:
        arrays |= {f"last.{name}": getattr(last, name) for name in OUTCOMES}
        arrays |= {f"last.waits.{name}": value for name, value in last.waits._asdict().items()}
        arrays["last.window"] = np.array([last.start_s, last.end_s], np.int64)
    arrays["numbers"] = np.array([FORMAT, course.month, state.now, state.people], np.int64)
    arrays["world"] = np.array(world_digest(state.tables))
    return arrays


def course_of(arrays: dict[str, np.ndarray], world: World) -> Course:
    """Return the course that ``arrays_of`` took apart."""
    _, month, now, people = (int(x) for x in arrays["numbers"])
    tables = world.template._replace(**{name: arrays[f"tables.{name}"] for name in MOVING})
    columns: dict[str, Any] = {name: arrays[f"state.{name}"] for name in COLUMNS}
    state = State(now=now, people=people, tables=tables, **columns)
    means = PlaceMeans(arrays["base.fte_per_head"], float(arrays["base.needs_index"]))
    base = Base(means=means, **{name: arrays[f"base.{name}"] for name in BASE})
    memory, last = Memory(arrays["memory"]), outcomes_of(arrays)
    course = Course(month, state, base, memory, last)
    course.departed, course.parted, course.came_since = (arrays[name] for name in ("departed", "parted", "came_since"))
    return course


def outcomes_of(arrays: dict[str, np.ndarray]) -> MonthOutcomes | None:
    """Return what the agents read of the month before, None if there was none."""
    if "last.window" not in arrays:
        return None
    start_s, end_s = (int(x) for x in arrays["last.window"])
    counted: dict[str, Any] = {name: arrays[f"last.{name}"] for name in OUTCOMES}
    return MonthOutcomes(
        start_s=start_s,
        end_s=end_s,
        waits=Waits(*(arrays[f"last.waits.{name}"] for name in Waits._fields)),
        memory=Memory(arrays["memory"]),
        **counted,
    )
