"""Print a hash of the logs of random worlds: python -m tests.engines.digest FIRST COUNT."""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from sim.networks import ENGINES
from tests.engines.worlds import DAY, random_world

DAYS = 40


def digest(first: int, count: int) -> str:
    """Return one hash over all logs of both engines."""
    total = hashlib.sha256()
    for seed in range(first, first + count):
        for advance in ENGINES.values():
            log = advance(random_world(np.random.default_rng(seed), DAYS), DAYS * DAY)
            for name in log.dtype.names or ():
                total.update(np.ascontiguousarray(log[name]).tobytes())
    return total.hexdigest()


if __name__ == "__main__":
    print(digest(int(sys.argv[1]), int(sys.argv[2])))
