"""Folders of results: a name no other run has, and never one that already holds something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from scenarios.errors import InputError


def new_folder(command: str, now: datetime | None = None) -> Path:
    """Return ``outputs/<command>-<date>-<time>-<microseconds>``."""
    moment = now or datetime.now()
    return Path("outputs") / f"{command}-{moment:%Y%m%d-%H%M%S-%f}"


def check_folder(path: Path | None) -> None:
    """Raise InputError if results cannot be kept at ``path`` because it, or what it would be in, is a file."""
    if path is None:
        return
    for part in (path, *path.parents):
        if part.exists() and not part.is_dir():
            raise InputError(str(part), "is a file: results need a folder")


def check_free(folder: Path) -> None:
    """Raise InputError if ``folder`` holds another run, is not empty, or is a file."""
    check_folder(folder)
    if folder.is_dir():
        if (folder / "manifest.json").exists():
            raise InputError(str(folder), "holds another run (manifest.json): choose another folder or remove it")
        if any(folder.iterdir()):
            raise InputError(str(folder), "is not empty: results need a new or empty folder")


@contextmanager
def claimed(folder: str | Path | None, command: str, resume: bool = False) -> Iterator[Path]:
    """Give a new, empty folder for the results of ``command``; if nothing was written to it, remove it again.

    ``folder`` None: a new one under ``outputs/``. ``resume``: the folder may hold what an earlier run finished. Raises
    InputError if it cannot be used.
    """
    if resume and folder is None:
        raise InputError("--resume", "needs the folder to go on with: experiment.output=DIR")
    path = new_folder(command) if folder is None else Path(folder).expanduser()
    if not resume or not path.is_dir():
        check_free(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(str(path), f"cannot be made: {problem.strerror}") from None
    try:
        yield path
    except BaseException:
        with suppress(OSError):
            path.rmdir()
        raise
