"""Tasks on a Dask cluster: workers on this machine, or any scheduler whose workers share the folder of results."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from sim.execution.executors import Beat
from sim.execution.worker import Ending, run_one

BEAT_S = 0.5
CONNECT_S = 30
QUIET = {"distributed.logging.distributed": "error"}
# One strike: who is to blame for a lost worker is found out by running alone, the same for every executor.
ONE_STRIKE = {"distributed.scheduler.allowed-failures": 0, "distributed.scheduler.worker-saturation": 1.0}


@dataclass(frozen=True)
class Dask:
    """Gives tasks to the scheduler at ``address``; None: to ``workers`` processes of its own."""

    workers: int
    address: str | None

    @property
    def words(self) -> str:
        """Say whose workers."""
        return f"the Dask cluster at {self.address}" if self.address else f"{self.workers} Dask workers on this machine"

    def run(self, folder: Path, numbers: Sequence[int], beat: Beat) -> Generator[Ending, None, None]:
        """Yield how each task ended (see Executor.run).

        Raises InputError if Dask is not installed or no scheduler answers.
        """
        distributed = load_dask()
        with ExitStack() as stack:
            client = stack.enter_context(self.connected(distributed, stack, len(numbers)))
            path = str(folder.resolve())
            left = {client.submit(run_one, path, number, pure=False): number for number in numbers}
            while left:
                try:
                    done = distributed.wait(list(left), timeout=BEAT_S, return_when="FIRST_COMPLETED").done
                except TimeoutError:
                    done = set()
                beat()
                for future in done:
                    yield ending_of(future, left.pop(future))

    def connected(self, distributed: Any, stack: ExitStack, tasks: int) -> Any:
        """Return a client of the scheduler; a cluster of our own is closed with ``stack``."""
        import dask

        stack.enter_context(dask.config.set(ONE_STRIKE | QUIET))
        if self.address is None:
            cluster = distributed.LocalCluster(
                n_workers=min(self.workers, tasks), threads_per_worker=1, processes=True, dashboard_address=None
            )
            return distributed.Client(stack.enter_context(cluster))
        try:
            return distributed.Client(self.address, timeout=CONNECT_S)
        except (OSError, ValueError) as problem:
            where = "experiment.scheduler"
            raise InputError(where, f"no Dask scheduler answers at '{self.address}' ({problem})") from None


def load_dask() -> Any:
    """Return Dask's library. Raises InputError if it is not installed."""
    try:
        import distributed
    except ModuleNotFoundError:
        raise InputError(
            "experiment.executor", "dask needs more libraries: pip install -c constraints.txt -e '.[dask]'"
        ) from None
    return distributed


def ending_of(future: Any, number: int) -> Ending:
    """Return what the worker said, or that it was lost."""
    if future.status == "finished":
        found = future.result()
        return found if isinstance(found, Ending) else Ending(number, "failed", f"answered {found!r}")
    return Ending(number, "lost", "its worker was ended from outside or ran out of memory")
