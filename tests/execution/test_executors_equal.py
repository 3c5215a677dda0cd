"""The same bytes, whoever does the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.compose import compose
from scenarios.errors import InputError
from sim.execution.executors import cores, executor_for
from sim.execution.executors.local import Local
from sim.execution.executors.serial import Serial
from sim.experiment import compare_arms
from tests.execution.runs import tables

WORDS = (
    "place=toy",
    "experiment=quick",
    "experiment.horizon_months=2",
    "experiment.burn_in_months=1",
    "experiment.draws=2",
    "experiment.replications=2",
)
ALIKE = {"panel.parquet", "needs.parquet", "waits.parquet", "exposure.parquet", "workforce.parquet"}


def made_by(folder: Path, *words: str) -> dict[str, bytes]:
    """Return the tables of a comparison."""
    base, other = compose([*WORDS, *words]), compose([*WORDS, "int=frailty", *words])
    return tables(compare_arms(base, other, folder, lambda *_: None))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the tables made in this process, one task at a time."""
    found = made_by(tmp_path_factory.mktemp("serial") / "run", "experiment.executor=serial")
    assert set(found) >= ALIKE
    return found


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_local_workers_write_the_same_bytes(tmp_path: Path, workers: int, expected: dict[str, bytes]) -> None:
    assert made_by(tmp_path / "run", "experiment.executor=local", f"experiment.workers={workers}") == expected


@pytest.mark.slow
def test_a_dask_cluster_of_its_own_writes_the_same_bytes(tmp_path: Path, expected: dict[str, bytes]) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install -e '.[dask]'")
    assert made_by(tmp_path / "run", "experiment.executor=dask", "experiment.workers=2") == expected


@pytest.mark.slow
def test_a_dask_scheduler_given_by_its_address_writes_the_same_bytes(
    tmp_path: Path, expected: dict[str, bytes]
) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install -e '.[dask]'")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        words = ("experiment.executor=dask", f"experiment.scheduler='{cluster.scheduler_address}'")
        assert made_by(tmp_path / "run", *words) == expected


def test_the_default_is_a_worker_for_each_core_and_no_more_than_there_are_tasks() -> None:
    experiment = compose(["place=toy"]).experiment
    assert executor_for(experiment, 1_000) == Local(cores())
    assert executor_for(experiment, 1_000).words.startswith(str(cores()))
    two = compose(["place=toy", "experiment.workers=8"]).experiment
    assert executor_for(two, 3) == Local(3)
    assert executor_for(two, 1) == Serial()


def test_a_scheduler_that_does_not_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install -e '.[dask]'")
    monkeypatch.setattr("sim.execution.executors.dask.CONNECT_S", 1)
    with pytest.raises(InputError, match=r"experiment\.scheduler: no Dask scheduler answers at 'tcp://127.0.0.1:9'"):
        made_by(tmp_path / "run", "experiment.executor=dask", "experiment.scheduler='tcp://127.0.0.1:9'")
