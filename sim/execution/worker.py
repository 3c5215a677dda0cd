"""One task, in whichever process: read the plan, run it, write its tables, mark it finished.

``python -m sim.execution.worker FOLDER NUMBER`` runs task NUMBER of the plan in FOLDER: what a Slurm job does.
"""

from __future__ import annotations

import errno
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from scenarios.errors import InputError, one_line
from sim.execution.ledger import Ledger
from sim.execution.plan import TaskPlan, read_plan
from sim.execution.worlds import Shelf, own_shelf
from sim.task import run_task

FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # no room for a file: for every task alike
How = Literal["finished", "failed", "stopped", "lost"]


@dataclass(frozen=True)
class Ending:
    """How a task ended.

    finished; failed: an error of its own, others may go on; stopped: something that stops every task, as a full disk;
    lost: its process ended without saying why.
    """

    number: int
    how: How
    words: str = ""


def run_one(folder: str, number: int, beat: Callable[[], None] | None = None, shelf: Shelf | None = None) -> Ending:
    """Run task ``number`` of the plan in ``folder`` and mark it finished; never raises but for an interrupt.

    ``beat`` is called after every simulated month. ``shelf``: of worlds; None: that of this process.
    """
    ledger = Ledger(Path(folder))
    plan = plan_at(folder, (Path(folder) / "plan.json").stat().st_mtime_ns)
    task = plan.tasks[number]
    started = time.monotonic()

    def tick(what: str) -> None:
        ledger.tick(task)
        if beat is not None:
            beat()

    try:
        ledger.begin(task)
        world = (shelf or own_shelf()).world_of(plan, task.draw)
        run_task(plan.scenario, plan.arms, task, ledger.folder, world, tick)
        ledger.finish(task, time.monotonic() - started)
    except InputError as problem:
        return ended(ledger, plan, Ending(number, "stopped", str(problem)))
    except Exception as problem:
        if isinstance(problem, OSError) and problem.errno in FULL:
            return ended(ledger, plan, Ending(number, "stopped", f"no room on the disk ({one_line(str(problem))})"))
        return ended(ledger, plan, Ending(number, "failed", one_line(f"{type(problem).__name__}: {problem}")))
    return Ending(number, "finished")


def ended(ledger: Ledger, plan: TaskPlan, ending: Ending) -> Ending:
    """Keep why a task ended, with the trace for whoever mends it, and return the ending."""
    trace = traceback.format_exc()
    ledger.fail(plan.tasks[ending.number], f"{ending.how}\n{ending.words}\n\n{trace}")
    return ending


def kept_ending(folder: str, number: int, plan: TaskPlan) -> Ending:
    """Return how a task ended that ran where only its files can be seen."""
    ledger, task = Ledger(Path(folder)), plan.tasks[number]
    if ledger.said_finished(task):
        return Ending(number, "finished")
    said = (ledger.failure(task) or "").split("\n")
    if said[0] == "failed":
        return Ending(number, "failed", said[1])
    if said[0] == "stopped":
        return Ending(number, "stopped", said[1])
    return Ending(number, "lost")


@lru_cache(maxsize=1)
def plan_at(folder: str, changed_ns: int) -> TaskPlan:
    """Return the plan in ``folder``, read once for as long as the file is not changed."""
    return read_plan(Path(folder))


def main() -> int:
    """Run the task named on the command line; 0 if it finished."""
    folder, number = sys.argv[1], int(sys.argv[2])
    ending = run_one(folder, number)
    if ending.words:
        print(ending.words, file=sys.stderr)
    return 0 if ending.how == "finished" else 1


if __name__ == "__main__":
    sys.exit(main())
