"""The whole state of a run between two instants: plain columns, so it can be saved, copied and branched."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.engines.arena import Arena
from sim.engines.records import CHANGE, EXIT, ROW, joined


@dataclass
class State:
    """Columns an engine moves, and the pathway it asks what comes next.

    rows: open episodes (records.ROW). services, pools: records.SERVICE and POOL. tables: the pathway's
    own NamedTuple of arrays; its type selects the pathway. changes: changes of capacity in the coming
    window, sorted by time. exits: deaths and moves in the coming window, sorted by time. rows_stay: at a window's end
    open rows are moved together where they lie, for more to be put behind them, and not copied.
    """

    now: int
    rows: np.ndarray
    services: np.ndarray
    pools: np.ndarray
    tables: Any
    people: int = 0
    changes: np.ndarray = field(default_factory=lambda: np.zeros(0, CHANGE))
    exits: np.ndarray = field(default_factory=lambda: np.zeros(0, EXIT))
    rows_stay: bool = False
    arena: Arena = field(default_factory=Arena, repr=False, compare=False)  # no part of what is saved

    def add_rows(self, rows: np.ndarray) -> None:
        """Add needs that will arise; storage of closed rows is dropped here, at a window's start."""
        if len(rows):
            self.rows = joined([self.rows, rows])

    def copy(self) -> State:
        """Return an independent copy: the start of another arm."""
        return copy.deepcopy(self)


def open_rows(rows: np.ndarray) -> np.ndarray:
    """Return the rows still open, by need id. Rows are storage: their order has no bearing on any result."""
    kept = rows[rows["status"] != 0]
    return kept[np.argsort(kept["need"], kind="stable")]


def empty_rows() -> np.ndarray:
    """Return no rows."""
    return np.zeros(0, ROW)
