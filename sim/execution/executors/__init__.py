"""What runs tasks: in this process, on this machine's cores, on a Dask cluster, or as a Slurm job array.

An executor has one method. It runs each task once, in any order, tells how each ended, and knows nothing else: what a
task is, what to do about one that was lost, and when to stop are decided elsewhere, the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Protocol

from scenarios.schema.scenario import Experiment
from sim.execution.worker import Ending
from sim.execution.worlds import Shelf

Beat = Callable[[], None]


class Executor(Protocol):
    """Runs tasks of the plan in a folder."""

    @property
    def words(self) -> str:
        """Say what runs the tasks, for a person."""
        ...

    def run(self, folder: Path, numbers: Sequence[int], beat: Beat) -> Generator[Ending, None, None]:
        """Yield how each of the tasks ``numbers`` ended, as it ends; call ``beat`` about once a second meanwhile.

        Closing the iterator, or an interrupt, ends every process it started.
        """
        ...


def cores() -> int:
    """Return how many processes this machine can run at a time, as joblib counts (containers' limits included)."""
    from joblib import cpu_count

    return int(cpu_count())


def executor_for(experiment: Experiment, tasks: int, shelf: Shelf | None = None) -> Executor:
    """Return the executor that the settings ask for; a single task of ``local`` runs in this process.

    shelf: of the worlds of whoever runs the experiment. A world of all tasks is given to workers on this machine.
    """
    from sim.execution.executors.dask import Dask
    from sim.execution.executors.local import Local
    from sim.execution.executors.serial import Serial
    from sim.execution.executors.slurm import Slurm

    workers = experiment.workers or cores()
    if experiment.executor == "dask":
        return Dask(workers, experiment.scheduler)
    if experiment.executor == "slurm":
        return Slurm(experiment.workers, tuple(experiment.slurm.options))
    if experiment.executor == "serial" or tasks == 1:
        return Serial(shelf=shelf)
    return Local(min(workers, tasks), shelf.held if shelf is not None and experiment.draws == 1 else None)
