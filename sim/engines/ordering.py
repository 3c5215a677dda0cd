"""What comes first in the compiled engine: the calendar heap, and changes of one second by (person key, need id)."""

from __future__ import annotations

import numpy as np

from sim.engines.work import HEAP_N, Work
from sim.jit import jit_borrowing as jit
from sim.jit import jit_small


@jit
def push(w: Work, time: int, r: int) -> None:
    """Put a change of row ``r`` at ``time`` into the calendar."""
    i = w.counters[HEAP_N]
    w.counters[HEAP_N] = i + 1
    while i > 0:
        up = (i - 1) // 2
        if w.heap_time[up] <= time:
            break
        w.heap_time[i] = w.heap_time[up]
        w.heap_row[i] = w.heap_row[up]
        i = up
    w.heap_time[i] = time
    w.heap_row[i] = r


@jit_small
def pop(w: Work) -> int:
    """Take the row of the earliest change out of the calendar."""
    r = w.heap_row[0]
    n = w.counters[HEAP_N] - 1
    w.counters[HEAP_N] = n
    time = w.heap_time[n]
    moved = w.heap_row[n]
    i = 0
    while True:
        low = 2 * i + 1
        if low >= n:
            break
        if low + 1 < n and w.heap_time[low + 1] < w.heap_time[low]:
            low += 1
        if w.heap_time[low] >= time:
            break
        w.heap_time[i] = w.heap_time[low]
        w.heap_row[i] = w.heap_row[low]
        i = low
    if n > 0:
        w.heap_time[i] = time
        w.heap_row[i] = moved
    return int(r)


@jit_small
def comes_before(w: Work, a: int, b: int) -> bool:
    """Return whether change ``a`` is applied before ``b``: by (person key, need id); an exit has need id 0."""
    key_a = w.exits[-1 - a]["person_key"] if a < 0 else w.rows[a]["person_key"]
    key_b = w.exits[-1 - b]["person_key"] if b < 0 else w.rows[b]["person_key"]
    if key_a != key_b:
        return bool(key_a < key_b)
    if a < 0 or b < 0:
        return a < b
    return bool(w.rows[a]["need"] < w.rows[b]["need"])


@jit
def sift(w: Work, items: np.ndarray, start: int, n: int) -> None:
    """Move ``items[start]`` down until it is not before its children (heapsort, largest on top)."""
    i = start
    while True:
        low = 2 * i + 1
        if low >= n:
            return
        if low + 1 < n and comes_before(w, items[low], items[low + 1]):
            low += 1
        if not comes_before(w, items[i], items[low]):
            return
        items[i], items[low] = items[low], items[i]
        i = low


@jit
def sort_changes(w: Work, items: np.ndarray, n: int) -> None:
    """Sort the first ``n`` items by (person key, need id): insertion for few, heapsort for many."""
    if n <= 16:
        for i in range(1, n):
            x = items[i]
            j = i - 1
            while j >= 0 and comes_before(w, x, items[j]):
                items[j + 1] = items[j]
                j -= 1
            items[j + 1] = x
        return
    for start in range(n // 2 - 1, -1, -1):
        sift(w, items, start, n)
    for last in range(n - 1, 0, -1):
        items[0], items[last] = items[last], items[0]
        sift(w, items, 0, last)
