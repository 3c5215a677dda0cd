"""Processes of an experiment: one that has grown is replaced, and nobody is told that something was lost."""

from __future__ import annotations

import os
import time
import warnings
from importlib.util import find_spec

import numpy as np

from sim.execution.pool import start_pool

HELD: list[np.ndarray] = []
WORDS = 45_000_000  # 360 MB: more than a process may grow before it is replaced
LOOKED_AFTER_S = 1.2  # memory is looked at once a second


def hold_more() -> int:
    """Grow for good; return which process did."""
    HELD.append(np.ones(WORDS))
    time.sleep(LOOKED_AFTER_S)
    return os.getpid()


def test_a_process_that_has_grown_is_replaced_without_a_word() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        pool = start_pool(1)
        try:
            seen = {future.result() for future in [pool.submit(hold_more) for _ in range(4)]}
        finally:
            pool.shutdown(wait=True, kill_workers=True)
    if find_spec("psutil") is not None:  # by which memory is looked at; without it no process is replaced
        assert len(seen) > 1
    assert [str(each.message) for each in said if "worker" in str(each.message)] == []
