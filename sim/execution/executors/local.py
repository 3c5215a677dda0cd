"""Tasks on the cores of this machine, in processes of their own (joblib's loky)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sim.execution.executors import Beat
from sim.execution.pool import start_pool
from sim.execution.worker import Ending, run_one
from sim.execution.worlds import Shared, keep_world

if TYPE_CHECKING:
    from joblib.externals.loky import ProcessPoolExecutor

BEAT_S = 0.5


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
        pool = started(min(self.workers, len(numbers)), self.shared)
        try:
            left = {pool.submit(run_one, str(folder), number): number for number in numbers}
            while left:
                done, _ = wait(left, timeout=BEAT_S, return_when=FIRST_COMPLETED)
                beat()
                for future in done:
                    yield ending_of(future, left.pop(future))
        finally:
            pool.shutdown(wait=True, kill_workers=True)


def started(workers: int, shared: Shared | None) -> ProcessPoolExecutor:
    """Return a pool of processes, each given ``shared``: making a world takes longer than being given one."""
    return start_pool(workers) if shared is None else start_pool(workers, keep_world, *shared)


def ending_of(future: Future[Ending], number: int) -> Ending:
    """Return what the worker said, or that it was lost."""
    problem = future.exception()
    if problem is None:
        return future.result()
    return Ending(number, "lost", "its worker was ended from outside or ran out of memory")
