"""What comes first within one second in the compiled engine: changes by (person key, need id), and the log."""

from __future__ import annotations

import numpy as np

from sim.engines.work import Work
from sim.jit import jit_borrowing as jit
from sim.jit import jit_small

FEW = 16  # so few are sorted by insertion, more by heapsort


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
    if n <= FEW:
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


@jit_small
def logged_before(log: np.ndarray, a: int, b: int) -> bool:
    """Return whether record ``a`` of one second stands before record ``b``: by (person key, need id, ordinal)."""
    if log[a]["person_key"] != log[b]["person_key"]:
        return bool(log[a]["person_key"] < log[b]["person_key"])
    if log[a]["need"] != log[b]["need"]:
        return bool(log[a]["need"] < log[b]["need"])
    return bool(log[a]["ordinal"] < log[b]["ordinal"])


@jit
def sift_log(log: np.ndarray, first: int, start: int, n: int) -> None:
    """Move record ``first + start`` down until it is not before its children (heapsort); the last record is free."""
    spare = len(log) - 1
    i = start
    while True:
        low = 2 * i + 1
        if low >= n:
            return
        if low + 1 < n and logged_before(log, first + low, first + low + 1):
            low += 1
        if not logged_before(log, first + i, first + low):
            return
        log[spare] = log[first + i]
        log[first + i] = log[first + low]
        log[first + low] = log[spare]
        i = low


@jit
def sort_log(log: np.ndarray, first: int, n: int) -> None:
    """Sort the ``n`` records of one second from ``first`` on; the last record of ``log`` is used as a spare one."""
    spare = len(log) - 1
    if n <= FEW:
        for i in range(first + 1, first + n):
            if not logged_before(log, i, i - 1):
                continue
            log[spare] = log[i]
            j = i
            while j > first and logged_before(log, spare, j - 1):
                log[j] = log[j - 1]
                j -= 1
            log[j] = log[spare]
        return
    for start in range(n // 2 - 1, -1, -1):
        sift_log(log, first, start, n)
    for last in range(n - 1, 0, -1):
        log[spare] = log[first]
        log[first] = log[first + last]
        log[first + last] = log[spare]
        sift_log(log, first, 0, last)
