"""Whatever is killed, what is finished is kept, and the results are those of a run that nothing happened to."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from scenarios.compose import compose
from sim.execution.ledger import Ledger
from sim.experiment import compare_arms
from sim.task import Task, replication_seed
from tests.execution.runs import (
    TASKS,
    WORDS,
    all_gone,
    done,
    finish,
    kill,
    launch,
    running,
    start,
    tables,
    until,
    worker_of,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads processes from /proc"),
]
TWO = "experiment.workers=2"


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the tables of a run in one process that nothing happens to."""
    other = compose([*WORDS, "experiment.executor=serial"])
    base = other.model_copy(update={"int_design": compose(["int=usual_care"]).int_design})
    return tables(compare_arms(base, other, tmp_path_factory.mktemp("whole") / "run", lambda *_: None))


@pytest.mark.parametrize("executor", ["local", "dask"])
def test_a_killed_worker_loses_its_task_alone(tmp_path: Path, expected: dict[str, bytes], executor: str) -> None:
    if executor == "dask":
        pytest.importorskip("distributed", reason="Dask is not installed: pip install -e '.[dask]'")
    output = tmp_path / "run"
    process = start(output, TWO, f"experiment.executor={executor}")
    until(lambda: bool(running(output)), process)
    victim = running(output)[0]
    kill(worker_of(output, victim))
    seen: list[int] = []
    until(lambda: seen.append(Ledger(output / "tasks").starts(victim)) or max(seen) > 1, process)  # type: ignore[func-returns-value]
    code, said = finish(process)
    assert code == 0, said
    assert tables(output) == expected


def test_a_task_that_always_kills_its_worker_is_named_and_the_others_finish(
    tmp_path: Path, expected: dict[str, bytes]
) -> None:
    output, bad = tmp_path / "run", TASKS[1]
    process = start(output, TWO)
    ledger = Ledger(output / "tasks")

    def poison() -> None:
        while process.poll() is None:
            if ledger.months(bad) and not ledger.said_finished(bad):
                kill(worker_of(output, bad))
            time.sleep(0.002)

    threading.Thread(target=poison, daemon=True).start()
    code, said = finish(process)
    seed = replication_seed(compose(WORDS), bad)
    assert code == 3, said
    assert f"draw 0, replication 1 (seed {seed})" in said
    assert "3 of 4 tasks are finished and kept: go on with --resume" in said
    assert "Traceback" not in said
    assert done(output) == [task for task in TASKS if task != bad]
    assert not (output / "panel.parquet").exists()
    assert all_gone(process.pid)
    code, said = finish(start(output, TWO, "--resume"))
    assert code == 0, said
    assert tables(output) == expected


def half_done(output: Path) -> int:
    """Run until a task is finished and another is under way, kill the parent, and return its process group."""
    process = start(output, TWO)
    until(lambda: bool(done(output)) and bool(running(output, 1)), process)
    kill(process.pid)
    finish(process)
    return process.pid


def starts_while_resuming(output: Path, task: Task) -> int:
    """Go on with a run; return how many times ``task`` had been started at the end."""
    process = start(output, TWO, "--resume")
    seen = [0]
    while process.poll() is None:
        seen.append(Ledger(output / "tasks").starts(task))
        time.sleep(0.02)
    code, said = finish(process)
    assert code == 0, said
    return max(seen)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run whose parent was killed when part of it was done; its workers went along."""
    output = tmp_path_factory.mktemp("stopped") / "run"
    assert all_gone(half_done(output))
    return output


def test_a_killed_parent_takes_its_workers_along_and_resume_keeps_what_is_finished(
    tmp_path: Path, expected: dict[str, bytes], stopped: Path
) -> None:
    output = tmp_path / "run"
    shutil.copytree(stopped, output)
    code, said = finish(start(output, TWO))
    assert code == 2
    assert said.strip() == f"{output}: is not empty: results need a new or empty folder"
    assert starts_while_resuming(output, done(output)[0]) == 1
    assert tables(output) == expected


def test_tables_that_are_damaged_are_seen_and_their_tasks_done_again(
    tmp_path: Path, expected: dict[str, bytes], stopped: Path
) -> None:
    output = tmp_path / "run"
    shutil.copytree(stopped, output)
    task = done(output)[0]
    ledger = Ledger(output / "tasks")
    cut = ledger.parts("panel", [task])[0]
    whole = cut.read_bytes()
    os.truncate(cut, len(whole) - 8)
    assert task not in done(output)
    cut.write_bytes(whole)
    assert task in done(output)
    part = ledger.parts("waits", [task])[0]
    changed = bytearray(part.read_bytes())
    changed[len(changed) // 2] ^= 1
    part.write_bytes(changed)
    assert task not in done(output)
    os.truncate(cut, len(whole) - 8)
    assert starts_while_resuming(output, task) == 2
    assert tables(output) == expected


def test_an_interrupt_ends_every_process_and_keeps_what_is_finished(tmp_path: Path, expected: dict[str, bytes]) -> None:
    output = tmp_path / "run"
    process = start(output, TWO)
    until(lambda: bool(done(output)) and bool(running(output, 1)), process)
    finished = done(output)
    os.kill(process.pid, signal.SIGINT)
    code, said = finish(process)
    assert code == 130
    assert "Traceback" not in said
    assert f"go on with experiment.output={output} --resume" in said
    assert all_gone(process.pid)
    assert set(finished) <= set(done(output))
    assert starts_while_resuming(output, finished[0]) == 1
    assert tables(output) == expected


def test_killed_replays_take_their_workers_along_and_go_on(tmp_path: Path) -> None:
    output = tmp_path / "replays"
    length = ("experiment.burn_in_months=13", "experiment.draws=8", "experiment.replications=2")
    words = ("replay", "named_gp", "place=toy", *length, TWO, f"experiment.output={output}")
    process = launch(*words)

    def kept() -> set[str]:
        return {path.name for path in (output / "runs").glob("*.json")}

    until(lambda: bool(kept()), process)
    kill(process.pid)
    assert all_gone(process.pid, within_s=10.0)
    finish(process)
    assert 0 < len(kept()) < 16
    before = {name: (output / "runs" / name).stat().st_mtime_ns for name in kept()}
    code, said = finish(launch(*words))
    assert code == 0, said
    assert len(kept()) == 16
    assert {name: (output / "runs" / name).stat().st_mtime_ns for name in before} == before


def test_another_experiment_is_refused_and_what_is_there_is_left_alone(tmp_path: Path, stopped: Path) -> None:
    output = tmp_path / "run"
    shutil.copytree(stopped, output)
    before = done(output)
    code, said = finish(start(output, TWO, "experiment.seed=2", "--resume"))
    assert code == 2
    assert said.strip() == (
        f"{output}: holds another experiment (experiment.seed is 1 there and 2 here): give a new folder"
    )
    assert done(output) == before
