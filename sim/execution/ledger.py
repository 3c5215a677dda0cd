"""What is done and what is not, kept as files beside the tables, so that any process can be killed at any moment.

A task's marker is written last, under a temporary name that is then renamed. It lists the task's files with sizes and
SHA-256: a file that is missing, cut short or changed makes the task undone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from scenarios.whole_file import write_json, write_text
from sim.task import Task

BLOCK = 1 << 20  # bytes hashed at a time


class Ledger:
    """The record of an experiment's tasks in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def begin(self, task: Task) -> None:
        """Note that this process starts ``task``, and that none of its months is done yet."""
        self.forget(task)
        self.path(task, "months").write_bytes(b"")
        with self.path(task, "started").open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")

    def tick(self, task: Task) -> None:
        """Note that one more month of ``task`` is done."""
        with self.path(task, "months").open("ab") as file:
            file.write(b".")

    def finish(self, task: Task, seconds: float) -> None:
        """Note that every table of ``task`` is written. seconds: that it took."""
        files = {path.name: [path.stat().st_size, sha256_of(path)] for path in self.tables(task)}
        write_json(self.path(task, "done"), {"files": files, "seconds": round(seconds, 3)})
        self.path(task, "error").unlink(missing_ok=True)

    def fail(self, task: Task, words: str) -> None:
        """Keep why ``task`` ended without finishing; nothing is kept if the disk has no room for it."""
        with suppress(OSError):
            write_text(self.path(task, "error"), words)

    def finished(self, task: Task) -> bool:
        """Return whether ``task`` is finished and every one of its files is as it was when it finished."""
        try:
            files = json.loads(self.path(task, "done").read_text(encoding="utf-8"))["files"]
            return all(self.intact(self.folder / name, *expected) for name, expected in files.items())
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def intact(self, path: Path, size: int, digest: str) -> bool:
        """Return whether a file has the size and SHA-256 it had."""
        return path.stat().st_size == size and sha256_of(path) == digest

    def said_finished(self, task: Task) -> bool:
        """Return whether there is a marker of ``task``; its files are not looked at."""
        return self.path(task, "done").exists()

    def seconds(self, task: Task) -> float:
        """Return how long a finished task took, NaN if it is not finished."""
        try:
            return float(json.loads(self.path(task, "done").read_text(encoding="utf-8"))["seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            return float("nan")

    def months(self, task: Task) -> int:
        """Return how many months of ``task`` are done since it last started."""
        try:
            return self.path(task, "months").stat().st_size
        except OSError:
            return 0

    def starts(self, task: Task) -> int:
        """Return how many times ``task`` was started."""
        try:
            return len(self.path(task, "started").read_text(encoding="utf-8").split())
        except OSError:
            return 0

    def failure(self, task: Task) -> str | None:
        """Return why ``task`` last ended without finishing, None if it did not say."""
        try:
            return self.path(task, "error").read_text(encoding="utf-8")
        except OSError:
            return None

    def forget(self, task: Task) -> None:
        """Remove the marker of ``task``, then its tables, as before it ran."""
        for ending in ("done", "error"):
            self.path(task, ending).unlink(missing_ok=True)
        for path in self.tables(task):
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed processes left half-written: only when no other process works in the folder."""
        for path in self.folder.glob(".*.part"):
            path.unlink(missing_ok=True)

    def tables(self, task: Task) -> list[Path]:
        """Return the files of a task's tables, in order of name."""
        return sorted(self.folder.glob(f"*-{task.name}-arm*.parquet"))

    def parts(self, table: str, tasks: Sequence[Task]) -> list[Path]:
        """Return the files of one table in task and arm order, those that exist."""
        found = (self.folder.glob(f"{table}-{task.name}-arm*.parquet") for task in tasks)
        return [path for paths in found for path in sorted(paths, key=lambda path: (len(path.name), path.name))]

    def path(self, task: Task, ending: str) -> Path:
        """Return the file that notes something of ``task``."""
        return self.folder / f"{task.name}.{ending}"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read a block at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
