"""Cold compile, and warm start to the first events."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any, NamedTuple

from benchmarks.machine import REPO
from benchmarks.report import Found, Limit

MOST_COLD_S = 60.0
MOST_WARM_S = 3.0
JUDGED = ("network", "toy")
NOTES = (
    "Wall seconds of fresh processes. cold: python -m sim.warm with an empty cache. warm: everything compiled; until "
    "a day of one queue (network) or the first month of a place is done, which is later than its first event.",
    "started: until Python runs the first line; imported, set_up, ran: what follows, in order.",
)


class Size(NamedTuple):
    """cold: whether to compile from nothing. starts: which, how often each."""

    cold: bool
    starts: tuple[str, ...]
    times: int


SIZES = {
    "small": Size(False, ("network", "toy"), 1),
    "quick": Size(False, ("network", "toy"), 3),
    "full": Size(True, ("network", "toy", "borough"), 5),
}


def measure(size: str) -> Found:
    """Return the starts, and whether they keep to their limits."""
    chosen = SIZES[size]
    rows = [warm_row(name, chosen.times) for name in chosen.starts]
    limits = [
        Limit(f"warm start to the first events, {row['start']}, s", row["in_all_s"], MOST_WARM_S, at_least=False)
        for row in rows
        if row["start"] in JUDGED
    ]
    tables: dict[str, list[dict[str, Any]]] = {"warm start, seconds": rows}
    if chosen.cold:
        seconds = cold_s()
        tables["cold compile, seconds"] = [{"in_all_s": round(seconds, 1)}]
        limits.append(Limit("cold compile, s", seconds, MOST_COLD_S, at_least=False))
    return Found(tables, limits, NOTES if chosen.cold else (*NOTES, "cold: not run at this size."))


def warm_row(name: str, times: int) -> dict[str, Any]:
    """Return the medians of ``times`` warm starts, after one that compiles what is not yet compiled."""
    start(name)
    found = [start(name) for _ in range(times)]
    medians = {part: round(statistics.median(each[part] for each in found), 3) for part in found[0]}
    return {"start": name, **medians}


def start(name: str) -> dict[str, float]:
    """Start a process, let it run its first events, and return the seconds of each part and in all."""
    began = time.monotonic()
    words = [sys.executable, "-m", "benchmarks.first_event", name]
    said = subprocess.run(words, cwd=REPO, stdout=subprocess.PIPE, text=True, check=True)
    in_all = time.monotonic() - began
    times = json.loads(said.stdout.splitlines()[-1])
    return {
        "started_s": max(in_all - times["done"], 0.0),  # and ended: leaving Python is counted here
        "imported_s": times["imported"],
        "set_up_s": times["ready"] - times["imported"],
        "ran_s": times["done"] - times["ready"],
        "in_all_s": in_all,
    }


def cold_s() -> float:
    """Return the seconds of compiling everything from nothing, with a cache of its own that is then thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        words = [sys.executable, "-m", "sim.warm"]
        environment = {**os.environ, "INTSIM_CACHE_DIR": folder}
        subprocess.run(words, cwd=REPO, env=environment, stdout=subprocess.DEVNULL, check=True)
        return time.monotonic() - began
