"""Tasks on the cores of this machine, in processes of their own (joblib's loky)."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sim.execution.executors import Beat
from sim.execution.worker import Ending, run_one
from sim.execution.worlds import Shared, keep_world

if TYPE_CHECKING:
    from joblib.externals.loky import ProcessPoolExecutor

BEAT_S = 0.5
WATCH_S = 0.5  # between two looks at whether the parent is still there
ORPHANED = 3  # exit code of a worker whose parent has gone


@dataclass(frozen=True)
class Local:
    """Runs ``workers`` tasks at a time; a worker that is killed loses its task, and the rest are then called lost."""

    workers: int
    shared: Shared | None = field(default=None, compare=False)  # the world of all tasks, if they share one

    @property
    def words(self) -> str:
        """Say how many processes."""
        return f"{self.workers} worker{'s' if self.workers > 1 else ''} on this machine"

    def run(self, folder: Path, numbers: Sequence[int], beat: Beat) -> Generator[Ending, None, None]:
        """Yield how each task ended (see Executor.run)."""
        pool = start_pool(min(self.workers, len(numbers)), self.shared)
        try:
            left = {pool.submit(run_one, str(folder), number): number for number in numbers}
            while left:
                done, _ = wait(left, timeout=BEAT_S, return_when=FIRST_COMPLETED)
                beat()
                for future in done:
                    yield ending_of(future, left.pop(future))
        finally:
            pool.shutdown(wait=True, kill_workers=True)


def start_pool(workers: int, shared: Shared | None) -> ProcessPoolExecutor:
    """Return a pool of processes that end with this one, each given ``shared``.

    The pool starts a process anew once it has grown by 300 MB, as a whole place makes it, and warns as if it had been
    lost: nothing is, and a process that is killed is told in another way.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    return ProcessPoolExecutor(max_workers=workers, initializer=follow, initargs=(os.getpid(), shared))


def follow(parent: int, shared: Shared | None) -> None:
    """Make this worker leave Ctrl-C to its parent, which ends its workers, and end itself soon after its parent has.

    ``shared`` is kept for the tasks: making a world takes longer than being given one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if shared is not None:
        keep_world(*shared)
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()


def end_with(parent: int) -> None:
    """End this process once ``parent`` is its parent no more; on Windows a process never learns of that."""
    while sys.platform == "win32" or os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(ORPHANED)


def ending_of(future: Future[Ending], number: int) -> Ending:
    """Return what the worker said, or that it was lost."""
    problem = future.exception()
    if problem is None:
        return future.result()
    return Ending(number, "lost", "its worker was ended from outside or ran out of memory")
