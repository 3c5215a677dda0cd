"""A real Slurm cluster of this machine, if its packages are installed: the same bytes, and nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.errors import InputError
from sim.execution.ledger import Ledger
from tests.execution.runs import TASKS, done, finish, kill, running, start, until, worker_of
from tests.execution.runs import tables as tables_of
from tests.execution.slurm_cluster import cluster, missing
from tests.execution.test_executors_equal import expected, made_by  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "Slurm is there")]
SLURM = "experiment.executor=slurm"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start a cluster and put its commands on the path of this process while the tests run."""
    with cluster(tmp_path_factory.mktemp("slurm")) as found:
        before = dict(os.environ)
        os.environ.update({name: found[name] for name in ("SLURM_CONF", "PATH")})
        yield found
        os.environ.clear()
        os.environ.update(before)


def queued() -> list[str]:
    """Return the jobs that Slurm holds."""
    return subprocess.run(["squeue", "--noheader"], capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.usefixtures("environment")
def test_a_job_array_writes_the_same_bytes(tmp_path: Path, expected: dict[str, bytes]) -> None:  # noqa: F811
    assert made_by(tmp_path / "run", SLURM) == expected


@pytest.mark.usefixtures("environment")
def test_an_option_that_slurm_does_not_know_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"experiment\.slurm\.options: sbatch refused the job: .*partition"):
        made_by(tmp_path / "run", SLURM, "experiment.slurm.options=['--partition=nowhere']")


@pytest.mark.usefixtures("environment")
def test_a_killed_job_is_run_again_and_an_interrupt_cancels_the_array(tmp_path: Path) -> None:
    output = tmp_path / "run"
    process = start(output, SLURM)
    until(lambda: bool(running(output)), process)
    victim = running(output)[0]
    kill(worker_of(output, victim))
    until(lambda: len(done(output)) == 3, process)
    until(lambda: Ledger(output / "tasks").starts(victim) == 2, process)
    os.kill(process.pid, signal.SIGINT)
    code, said = finish(process)
    assert code == 130, said
    assert not [line for line in queued() if " CG " not in line]  # CG: ending
    code, said = finish(start(output, "experiment.executor=serial", "--resume"))
    assert code == 0, said
    assert len(TASKS) == 4
    assert "panel.parquet" in tables_of(output)
