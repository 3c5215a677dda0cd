"""What an event costs when the list that people wait in is long: a queue kept at its length, on `network`."""

from __future__ import annotations

import time

import numpy as np

from sim.codes import WAITING
from sim.engines.state import State
from sim.networks import Node, Source, count_network, network_state

ARRIVALS_PER_DAY = 1_000.0
SERVERS = 1_000
URGENT_SHARE = 0.2  # of arrivals go first
WINDOW_DAYS = 30.0  # the model's windows are months
PATIENCE_DAYS = 3_650.0
SETTLE_DAYS = 33.0  # after opening: the first services end, and a whole window has found its memory


def long_list(length: int, days: float, with_patience: bool, seed: int = 1) -> tuple[float, int, int]:
    """Return (CPU seconds, events, people waiting at the end) of ``days`` with about ``length`` people waiting.

    The service is shut until ``length`` people and one for each place wait, then opens with as many places as arrivals
    ask for, so that the list keeps its length; setting that up is not timed. Two classes, the first served first.
    with_patience: everyone waits no longer than an exponential time of mean PATIENCE_DAYS, so that few give up but
    everyone could. Events: arrivals, services ended and reneging. They are counted and not logged: the first use of
    memory for a log takes a machine from a tenth of the time of an event to twice that time, at its whim.
    """
    state = queue(with_patience, seed)
    fill_days = (length + SERVERS) / ARRIVALS_PER_DAY
    count_network(state, fill_days, window_days=WINDOW_DAYS)
    state.pools["capacity"] = SERVERS
    count_network(state, fill_days + SETTLE_DAYS, window_days=WINDOW_DAYS)
    before = time.process_time()
    counts = count_network(state, fill_days + SETTLE_DAYS + days, window_days=WINDOW_DAYS)
    cpu_s = time.process_time() - before
    closed = int(counts.contacts["closed"].sum())
    return cpu_s, closed + round(ARRIVALS_PER_DAY * days), int(np.count_nonzero(state.rows["status"] == WAITING))


def queue(with_patience: bool, seed: int) -> State:
    """Return the service, shut."""
    patience = "exponential" if with_patience else "none"
    node = Node(SERVERS / ARRIVALS_PER_DAY, patience=patience, mean_patience_days=PATIENCE_DAYS)
    sources = [
        Source(0, ARRIVALS_PER_DAY * URGENT_SHARE, klass=0),
        Source(0, ARRIVALS_PER_DAY * (1.0 - URGENT_SHARE), klass=1),
    ]
    return network_state([node], sources, [0], priorities=(0, 1), seed=seed)
