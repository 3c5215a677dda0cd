"""Results of single runs on disk: one small file each, written whole or not at all, so that a kill loses only what ran.

A file is known by its parameter point, replication and the simulator's identity. One that cannot be read, or is of
another simulator, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from scenarios.whole_file import write_text

RUNS = "runs"
IDENTITY = "simulator.json"


def point_key(values: Mapping[str, float]) -> str:
    """Return a hash of a parameter point: names in order and values to the last bit."""
    text = ";".join(f"{name}={float(values[name]).hex()}" for name in sorted(values))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def run_seed(seed: int, key: str, replication: int) -> int:
    """Return the seed of one run: a hash of the fit's seed, the point and the replication.

    It depends on the point, so that chance is independent between points, as emulators take it to be.
    """
    digest = hashlib.blake2b(f"{seed}:{key}:{replication}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


@dataclass(frozen=True)
class Store:
    """Results in ``folder`` of the simulator called ``identity``."""

    folder: Path
    identity: str

    @property
    def runs(self) -> Path:
        """The folder of the files."""
        return self.folder / RUNS

    def claim(self, resume: bool) -> None:
        """Make the folder ours. Raises InputError if it holds results and ``resume`` is False, or another simulator's.

        A file half-written by a killed process is removed.
        """
        mark = self.folder / IDENTITY
        if self.occupied():
            if not resume:
                raise InputError(str(self.folder), "holds files already: go on with --resume, or give a new folder")
            found = read_json(mark).get("identity")
            if found != self.identity:
                words = "holds another fit (other settings, targets, inputs or code): give a new folder"
                raise InputError(str(self.folder), words)
        self.runs.mkdir(parents=True, exist_ok=True)
        for part in self.runs.glob(".*.part"):
            part.unlink(missing_ok=True)
        write_text(mark, json.dumps({"identity": self.identity}))

    def occupied(self) -> bool:
        """Return whether the folder holds anything but an empty folder of runs."""
        if not self.folder.exists():
            return False
        return any(path != self.runs for path in self.folder.iterdir()) or any(self.runs.glob("*.json"))

    def path(self, key: str, replication: int) -> Path:
        """Return the file of one run."""
        return self.runs / f"{key}-{replication:03d}.json"

    def read(self, key: str, replication: int) -> dict[str, float] | None:
        """Return the outputs of one run, None if it is not there or cannot be used."""
        found = read_json(self.path(key, replication))
        if found.get("identity") != self.identity or not isinstance(found.get("outputs"), dict):
            return None
        return {str(name): math.nan if value is None else float(value) for name, value in found["outputs"].items()}

    def write(self, key: str, replication: int, outputs: Mapping[str, float], about: Mapping[str, Any]) -> None:
        """Keep the outputs of one run, and ``about`` it: its parameters and seed."""
        plain = {name: None if math.isnan(value) else float(value) for name, value in outputs.items()}
        data = {"identity": self.identity, **about, "outputs": plain}
        write_text(self.path(key, replication), json.dumps(data))

    def missing(self, key: str, replications: Sequence[int]) -> list[int]:
        """Return those replications of a point that are not there."""
        return [one for one in replications if self.read(key, one) is None]


def read_json(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds; nothing if there is none or it is no object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
