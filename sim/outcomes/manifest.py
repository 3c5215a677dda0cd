"""The manifest of a run: what is needed to know, and to repeat, how its numbers were made."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

LIBRARIES = ("numpy", "numba", "simpy", "mesa", "pandas", "pyarrow", "scipy", "pydantic", "hydra-core")


def manifest(
    scenario: Mapping[str, Any],
    seeds: Mapping[str, int],
    inputs: Mapping[str, str],
    started: datetime,
    finished: datetime,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the manifest as plain JSON data.

    scenario: the resolved scenario; its hash is recorded. seeds: by what they are for. inputs: name -> hash of content
    (see ``file_hash``). started, finished: with a time zone. extra: further keys, e.g. what was switched off.
    """
    return {
        "intsim": version_of("intsim"),
        "git_commit": git_commit(Path(__file__).resolve().parent),
        "scenario_sha256": text_hash(json.dumps(scenario, sort_keys=True, default=str)),
        "seeds": {name: int(seed) for name, seed in sorted(seeds.items())},
        "inputs_sha256": dict(sorted(inputs.items())),
        "libraries": {name: version_of(name) for name in LIBRARIES},
        "python": platform.python_version(),
        "machine": {
            "system": platform.system(),
            "release": platform.release(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
        },
        "started": stamp(started),
        "finished": stamp(finished),
        "seconds": round((finished - started).total_seconds(), 3),
        **(extra or {}),
    }


def stamp(time: datetime) -> str:
    """Return ``time`` in UTC to the second, '2025-01-31T12:00:00Z'."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def version_of(package: str) -> str:
    """Return the installed version of ``package``, or 'not installed'."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def git_commit(folder: Path) -> str | None:
    """Return the commit checked out in ``folder``, '-changed' added if files differ from it; None outside git."""
    try:
        commit = ask_git(folder, ["rev-parse", "HEAD"])
        changed = ask_git(folder, ["status", "--porcelain", "--untracked-files=no"])
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit}-changed" if changed else commit


def ask_git(folder: Path, arguments: Sequence[str]) -> str:
    """Return what git prints; raise OSError or SubprocessError if it cannot say."""
    asked = ["git", "-C", str(folder), *arguments]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10).stdout.strip()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def folder_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under ``folder``, by path relative to it, sorted."""
    root = Path(folder)
    files = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): file_hash(path) for path in files}


def text_hash(text: str) -> str:
    """Return the SHA-256 of ``text`` in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
