"""Tasks on the cores of this machine, in processes of their own (joblib's loky)."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path

from sim.execution.executors import Beat
from sim.execution.worker import Ending, run_one

BEAT_S = 0.5


@dataclass(frozen=True)
class Local:
    """Runs ``workers`` tasks at a time; a worker that is killed loses its task, and the rest are then called lost."""

    workers: int

    @property
    def words(self) -> str:
        """Say how many processes."""
        return f"{self.workers} worker{'s' if self.workers > 1 else ''} on this machine"

    def run(self, folder: Path, numbers: Sequence[int], beat: Beat) -> Iterator[Ending]:
        """Yield how each task ended (see Executor.run)."""
        from joblib.externals.loky import ProcessPoolExecutor

        pool = ProcessPoolExecutor(max_workers=min(self.workers, len(numbers)), initializer=ignore_interrupts)
        try:
            left = {pool.submit(run_one, str(folder), number): number for number in numbers}
            while left:
                done, _ = wait(left, timeout=BEAT_S, return_when=FIRST_COMPLETED)
                beat()
                for future in done:
                    yield ending_of(future, left.pop(future))
        finally:
            pool.shutdown(wait=True, kill_workers=True)


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def ending_of(future: Future[Ending], number: int) -> Ending:
    """Return what the worker said, or that it was lost."""
    problem = future.exception()
    if problem is None:
        return future.result()
    return Ending(number, "lost", "its worker was ended from outside or ran out of memory")
