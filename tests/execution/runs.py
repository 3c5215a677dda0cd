"""Experiments of the toy place in processes of their own, to be watched, killed and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.execution.ledger import Ledger
from sim.task import Task

REPO = Path(__file__).resolve().parents[2]
PATIENCE_S = 400.0
WORDS = (
    "place=toy",
    "int=frailty",
    "experiment=quick",
    "experiment.horizon_months=12",
    "experiment.replications=4",
)
TASKS = [Task(0, replication) for replication in range(4)]


def start(output: Path, *words: str, limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """Start ``intsim compare`` of ``WORDS``, as ``launch`` does."""
    return launch("compare", *WORDS, f"experiment.output={output}", *words, limit=limit)


def launch(*words: str, limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """Start ``intsim`` in a process group of its own; ``limit`` is called in it first.

    Ctrl-C is heard there even where the tests themselves were started deaf to it (in the background of a shell).
    """

    def first() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if limit is not None:
            limit()

    return subprocess.Popen(
        [sys.executable, "-m", "intsim", *words],
        cwd=REPO, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=first,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; return the exit code and what was written to standard error."""
    _, said = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said


def until(what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until ``what`` is true; fail if the process ends before."""
    last = time.monotonic() + PATIENCE_S
    while not what():
        assert process.poll() is None, finish(process)
        assert time.monotonic() < last, "waited too long"
        time.sleep(0.005)


def done(output: Path, tasks: Sequence[Task] = TASKS) -> list[Task]:
    """Return the tasks marked finished whose files are whole."""
    ledger = Ledger(output / "tasks")
    return [task for task in tasks if ledger.finished(task)]


def running(output: Path, months: int = 3) -> list[Task]:
    """Return the unfinished tasks that have got so many months far."""
    ledger = Ledger(output / "tasks")
    return [task for task in TASKS if not ledger.said_finished(task) and ledger.months(task) >= months]


def worker_of(output: Path, task: Task) -> int:
    """Return the process that last started ``task``."""
    return int(Ledger(output / "tasks").path(task, "started").read_text().split()[-1])


def kill(pid: int) -> None:
    """Kill a process as the system does when memory is short; nothing if it has ended already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def alive(group: int) -> list[int]:
    """Return the processes of a group that are still running."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rsplit(")", 1)[1].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


def all_gone(group: int, within_s: float = 30.0) -> bool:
    """Tell whether every process of a group ends in time: the last may still be on their way out."""
    last = time.monotonic() + within_s
    while alive(group) and time.monotonic() < last:
        time.sleep(0.05)
    return not alive(group)


def tables(output: Path) -> dict[str, bytes]:
    """Return the bytes of every table of a run folder."""
    return {path.name: path.read_bytes() for path in sorted(output.glob("*.parquet"))}
