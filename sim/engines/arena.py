"""Working memory that one window leaves to the next: new pages cost more than what is written on them."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import DTypeLike

ROOM = 5, 4  # a quarter more than is asked for
MOST_LENT = 2  # arrays of a name that are remembered
OURS_ALONE = 3  # references to an array held by nobody but the list, the loop that looks at it, and the question itself


class Arena:
    """Arrays by name, made larger when they must be. What is in them when they are taken means nothing."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.lent: dict[str, list[np.ndarray]] = {}

    def take(self, name: str, size: int, dtype: DTypeLike) -> np.ndarray:
        """Return the array ``name`` of ``dtype``, of at least ``size`` entries."""
        known = self.arrays.get(name)
        if known is None or len(known) < size:
            known = np.empty(size if known is None else size * ROOM[0] // ROOM[1], dtype)
            self.arrays[name] = known
        return known

    def unheld(self, name: str, size: int, dtype: DTypeLike) -> np.ndarray:
        """Return an array of ``dtype`` of at least ``size`` entries that nobody else holds, nor any part of it.

        For what is handed out: while somebody keeps it, the next window has another.
        """
        kept = self.lent.setdefault(name, [])
        for known in kept:
            if len(known) >= size and sys.getrefcount(known) == OURS_ALONE:
                return known
        fresh = np.empty(size if not kept else size * ROOM[0] // ROOM[1], dtype)
        self.lent[name] = [fresh, *(known for known in kept if len(known) >= size)][:MOST_LENT]
        return fresh

    def extended(self, name: str, known: np.ndarray, size: int) -> np.ndarray | None:
        """Return the lent array ``name`` that ``known`` is the start of, if it has ``size`` entries; else None.

        None too where anything but ``known`` holds it.
        """
        for lent in self.lent.get(name, []):
            if lent is known.base and lent.ctypes.data == known.ctypes.data and len(lent) >= size:
                return lent if sys.getrefcount(lent) == OURS_ALONE + 1 else None
        return None

    def filled(self, name: str, size: int, dtype: DTypeLike, value: int) -> np.ndarray:
        """Return the array ``name`` with its first ``size`` entries set to ``value``."""
        array = self.take(name, size, dtype)
        array[:size] = value
        return array

    def __deepcopy__(self, memo: dict[int, object]) -> Arena:
        """Return an empty arena: a copy of a state works in memory of its own."""
        return Arena()
