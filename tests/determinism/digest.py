"""Print a hash of the residents' log on the toy place: python -m tests.determinism.digest SEED MONTHS."""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from sim.agents.design import with_settings
from tests.residents import EVERY_LEVER, NO_LEVERS, STAFFED, run, toy


def bytes_of(table: np.ndarray) -> bytes:
    """Return the columns of a structured array without the padding between them."""
    return b"".join(np.ascontiguousarray(table[name]).tobytes() for name in table.dtype.names or ())


def digest(seed: int, months: int) -> str:
    """Return one hash over log, residents and panel of an arm with every lever."""
    done = run(toy(), NO_LEVERS, with_settings(EVERY_LEVER, STAFFED), months, seed)
    total = hashlib.sha256(bytes_of(done.log))
    total.update(bytes_of(done.course.state.tables.people))
    for month in done.months:
        total.update(month.collected.outcomes.panel.tobytes())
    return total.hexdigest()


if __name__ == "__main__":
    print(digest(int(sys.argv[1]), int(sys.argv[2])))
