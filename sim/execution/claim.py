"""Whose a folder of results is: free, this experiment's own to go on with, or another's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scenarios.errors import InputError
from sim.execution.identity import whole
from sim.execution.plan import FILE, TaskPlan, refuse_another

TASKS = "tasks"  # folder of what is kept of each task until all are finished
MANIFEST = "manifest.json"
LOCK = ".lock"  # in TASKS: held by whoever runs the experiment


def claim(plan: TaskPlan, output: Path, resume: bool) -> bool:
    """Return whether ``output`` already holds all of this experiment; False: it is to be run, or gone on with.

    Raises InputError if the folder holds something and ``resume`` is False, or holds another experiment.
    """
    if not output.exists() or not any(output.iterdir()):
        return False
    begun = output / TASKS
    if not resume:
        if (begun / FILE).exists() and not (output / MANIFEST).exists():
            raise InputError(str(output), "holds an unfinished run: go on with --resume, or give a new folder")
        raise InputError(str(output), "already holds a run or other files: give a new folder")
    if (output / MANIFEST).exists():
        if finished_identity(output / MANIFEST) != whole(plan.identity):
            raise InputError(str(output), "holds another run, which is complete: give a new folder")
        return True
    if (begun / FILE).exists():
        refuse_another(plan, begun)
    elif [path for path in output.iterdir() if path != begun] or [
        path for path in begun.iterdir() if path.suffix != ".part" and path.name != LOCK
    ]:
        raise InputError(str(output), "holds files but no run to go on with: give a new folder")
    return False


def finished_identity(path: Path) -> str | None:
    """Return the identity in a manifest, None if it has none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("experiment_sha256")
    except (ValueError, AttributeError):
        return None
    return str(found) if found else None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this process while the block runs; the system lets go when the process ends, however it ends.

    Raises InputError if another process holds it. Where the system has no such locks (Windows), nothing is held.
    """
    try:
        import fcntl
    except ModuleNotFoundError:
        yield
        return
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(str(folder.parent), "another process is running this experiment") from None
        yield
