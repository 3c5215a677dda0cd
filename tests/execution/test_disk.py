"""A disk that fills up: a clear error, and what was finished is kept and gone on from."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.execution.ledger import Ledger
from tests.execution.runs import done, finish, kill, running, start, until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a tmpfs")]
ONE_BY_ONE = "experiment.executor=serial"
KIB = 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 1.5 MB, room for a task or two; skip where that is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("mounting a tmpfs needs root; the limit on the size of files is tested below")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_what_is_finished_is_kept(small_disk: Path) -> None:
    output = small_disk / "run"
    code, said = finish(start(output, ONE_BY_ONE))
    assert code == 3, said
    assert "no room on the disk" in said
    assert "--resume" in said
    assert "Traceback" not in said
    finished = done(output)
    assert 0 < len(finished) < 4
    assert f"{len(finished)} of 4 tasks are finished and kept" in said
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    code, said = finish(start(output, ONE_BY_ONE, "--resume"))
    assert code == 0, said
    assert (output / "report.html").exists()


def test_a_limit_on_the_size_of_files_is_said_and_what_is_finished_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "run"
    process = start(output, ONE_BY_ONE)
    until(lambda: bool(done(output)) and bool(running(output, 1)), process)
    kill(process.pid)
    finish(process)
    finished = done(output)
    before = {path: path.read_bytes() for path in Ledger(output / "tasks").tables(finished[0])}
    code, said = finish(start(output, ONE_BY_ONE, "--resume", limit=small_files))
    assert code == 3, said
    assert "no room on the disk" in said
    assert "Traceback" not in said
    assert done(output) == finished
    assert {path: path.read_bytes() for path in before} == before
    assert not (output / "panel.parquet").exists()


def small_files() -> None:
    """Allow this process no file above 60 KiB: less than a panel, more than the settings and the plan."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (60 * KIB, 60 * KIB))
