"""On what a figure was measured: processor, cores, memory, commit, versions. No names of hosts or people."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.outcomes.manifest import git_commit, stamp, version_of

REPO = Path(__file__).resolve().parents[1]
LIBRARIES = ("intsim", "numpy", "numba", "simpy", "ciw", "salabim", "starsim", "mesa")
CPU_FILE = Path("/proc/cpuinfo")
KIB_PER_MIB = 1024


def about() -> dict[str, Any]:
    """Return what machine, commit and versions a figure belongs to."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "memory_mib": total_memory_mib(),
        "load_average": [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "commit": git_commit(REPO) or "unknown",
        "libraries": {name: version_of(name) for name in LIBRARIES},
        "measured": stamp(datetime.now(UTC)),
    }


def cpu_model() -> str:
    """Return the processor's name as the system gives it."""
    if CPU_FILE.exists():
        for line in CPU_FILE.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def total_memory_mib() -> int | None:
    """Return the machine's memory, or None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (KIB_PER_MIB * KIB_PER_MIB)
    except (AttributeError, ValueError, OSError):
        return None
