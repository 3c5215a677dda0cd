"""Processes of this machine that end with the one that started them, however it ended; and jobs run in them.

They leave Ctrl-C to their parent. The same for the tasks of an experiment, the runs of a fit and replays.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import TracebackType
from typing import TYPE_CHECKING, Any

from scenarios.errors import InputError
from sim.execution.unfinished import LostWorker

if TYPE_CHECKING:
    from joblib.externals.loky import ProcessPoolExecutor

TRIES = 3  # times a job may lose its worker
WATCH_S = 0.5  # between two looks of a worker at whether its parent is still there
ORPHANED = 3  # exit code of a worker whose parent has gone
Job = Callable[[Any], None]


class Workers:
    """``count`` processes for jobs (1: this one); a context, so that none outlives it. InputError for fewer than 1.

    A worker that is lost has its job run again.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise InputError("workers", f"must be at least 1 (you gave {count})")
        self.count = count
        self.pool: Any = None

    def __enter__(self) -> Workers:
        """Return itself."""
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every process."""
        self.end()

    def end(self) -> None:
        """End every process; the next job starts new ones."""
        if self.pool is not None:
            self.pool.shutdown(wait=True, kill_workers=True)
            self.pool = None

    def run(self, job: Job, arguments: Sequence[Any]) -> Iterator[int]:
        """Run ``job`` on each of ``arguments`` and yield its position as it ends. Errors of a job are raised at once.

        Raises LostWorker if a job ends its process again and again.
        """
        if self.count == 1:
            for at, argument in enumerate(arguments):
                job(argument)
                yield at
            return
        left, tries = dict(enumerate(arguments)), dict.fromkeys(range(len(arguments)), 0)
        while left:
            for at, problem in self.attempt(job, left):
                if problem is None:
                    del left[at]
                    yield at
                    continue
                tries[at] += 1
                if tries[at] >= TRIES:
                    raise LostWorker(f"job {at + 1} lost its worker {TRIES} times: is there too little memory?")

    def attempt(self, job: Job, left: dict[int, Any]) -> Iterator[tuple[int, BaseException | None]]:
        """Yield (position, None) of each job that ended, or the loss of its worker, which ends the attempt."""
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        waiting: dict[Future[None], int] = {self.started().submit(job, left[at]): at for at in sorted(left)}
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    at, problem = waiting.pop(future), future.exception()
                    if isinstance(problem, TerminatedWorkerError):
                        self.end()
                        yield at, problem
                        return
                    if problem is not None:
                        raise problem
                    yield at, None
        finally:
            for future in waiting:
                future.cancel()

    def started(self) -> Any:
        """Return the pool of processes, started if it is not."""
        if self.pool is None:
            self.pool = start_pool(self.count)
        return self.pool


def start_pool(count: int, prepare: Callable[..., None] | None = None, *given: Any) -> ProcessPoolExecutor:
    """Return a pool of ``count`` processes that end with this one; ``prepare`` is called with ``given`` in each first.

    The pool starts a process anew once it has grown by 300 MB, as a whole place makes it, and warns as if it had been
    lost: nothing is, and a process that is killed is told in another way.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    return ProcessPoolExecutor(max_workers=count, initializer=follow, initargs=(os.getpid(), prepare, given))


def follow(parent: int, prepare: Callable[..., None] | None, given: Sequence[Any]) -> None:
    """Make this worker leave Ctrl-C to its parent, which ends its workers, and end itself soon after its parent has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    if prepare is not None:
        prepare(*given)


def end_with(parent: int) -> None:
    """End this process once ``parent`` is its parent no more; on Windows a process never learns of that."""
    while sys.platform == "win32" or os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(ORPHANED)
