"""Tasks as a job array of a Slurm cluster, whose nodes share the folder of results and this installation."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.errors import InputError, one_line
from scenarios.whole_file import write_text
from sim.execution.executors import Beat
from sim.execution.plan import TaskPlan, read_plan
from sim.execution.worker import Ending, kept_ending

BEAT_S = 2.0
LARGEST_ARRAY = 1000  # tasks a job array: one below Slurm's default limit of 1001 (MaxArraySize)
FOLDER, JOBS = "slurm", "jobs.txt"


@dataclass(frozen=True)
class Slurm:
    """Submits job arrays with ``sbatch``; at most ``workers`` tasks run at a time (None: as many as Slurm allows)."""

    workers: int | None
    options: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say what runs the tasks."""
        return "a Slurm job array"

    def run(self, folder: Path, numbers: Sequence[int], beat: Beat) -> Generator[Ending, None, None]:
        """Yield how each task ended (see Executor.run).

        Raises InputError if Slurm is not there or refuses the job.
        """
        for tool in ("sbatch", "squeue", "scancel"):
            if shutil.which(tool) is None:
                raise InputError("experiment.executor", f"slurm needs the command '{tool}', which is not on the path")
        folder = folder.resolve()
        plan = read_plan(folder)
        cancel_left_over(folder)
        for first in range(0, len(numbers), LARGEST_ARRAY):
            yield from self.array(folder, plan, numbers[first : first + LARGEST_ARRAY], beat)

    def array(self, folder: Path, plan: TaskPlan, numbers: Sequence[int], beat: Beat) -> Generator[Ending, None, None]:
        """Run one job array and yield how each of its tasks ended."""
        job = self.submit(folder, numbers)
        left = list(numbers)
        try:
            while left:
                time.sleep(BEAT_S)
                beat()
                gone = is_gone(job)  # asked first: a task may end between the two questions
                for number in list(left):
                    ending = kept_ending(str(folder), number, plan)
                    if ending.how != "lost" or gone:
                        left.remove(number)
                        yield ending if ending.how != "lost" else lost(folder, job, number)
        finally:
            if left:
                subprocess.run(["scancel", job], check=False, capture_output=True)

    def submit(self, folder: Path, numbers: Sequence[int]) -> str:
        """Submit the array and return the number of its job."""
        own = folder / FOLDER
        own.mkdir(exist_ok=True)
        write_text(own / "numbers.txt", "".join(f"{number}\n" for number in numbers))
        (own / "task.sh").write_text(script(folder), encoding="utf-8")
        at_once = "" if self.workers is None else f"%{self.workers}"
        words = [
            "sbatch",
            "--parsable",
            "--job-name=intsim",
            f"--array=1-{len(numbers)}{at_once}",
            f"--output={own}/%A-%a.log",
            f"--chdir={Path.cwd()}",
            "--cpus-per-task=1",
            *self.options,
            str(own / "task.sh"),
        ]
        said = subprocess.run(words, capture_output=True, text=True, check=False)
        if said.returncode != 0:
            raise InputError("experiment.slurm.options", f"sbatch refused the job: {one_line(said.stderr)}")
        job = said.stdout.strip().split(";")[0]
        with (own / JOBS).open("a", encoding="utf-8") as file:
            file.write(f"{job}\n")
        return job


def script(folder: Path) -> str:
    """Return the job's script: task n of the array is line n of numbers.txt."""
    numbers = shlex.quote(str(folder / FOLDER / "numbers.txt"))
    paths = shlex.quote(os.pathsep.join(path for path in sys.path if path))
    return (
        "#!/bin/sh\n"
        f"export PYTHONPATH={paths}\n"
        f'number=$(sed -n "${{SLURM_ARRAY_TASK_ID}}p" {numbers})\n'
        f'exec {shlex.quote(sys.executable)} -m sim.execution.worker {shlex.quote(str(folder))} "$number"\n'
    )


def is_gone(job: str) -> bool:
    """Return whether no task of ``job`` is waiting or running any more."""
    words = ["squeue", "--noheader", f"--jobs={job}", "--format=%i"]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        return "Invalid job id" in said.stderr  # otherwise the controller did not answer: ask again
    return not said.stdout.strip()


def cancel_left_over(folder: Path) -> None:
    """Cancel arrays that an earlier parent, killed since, submitted for this folder."""
    jobs = folder / FOLDER / JOBS
    if jobs.exists():
        for job in jobs.read_text(encoding="utf-8").split():
            subprocess.run(["scancel", job], check=False, capture_output=True)
        jobs.unlink()


def lost(folder: Path, job: str, number: int) -> Ending:
    """Return that a task was lost, and where Slurm's own words about it are."""
    return Ending(number, "lost", f"Slurm ended it (job {job}, see {folder / FOLDER})")
