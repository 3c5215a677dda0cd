"""What a study would have on people: who they are, and what happened to each in each month, before a start and after.

One table for an arm. Months are counted from the start (0): those before it are the same in every arm. Rows are the
same people in every arm, but for those who came later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

NEVER = 30_000  # month of what did not happen


@dataclass(frozen=True)
class Lives:
    """People x months of one arm.

    ``key`` (n,) uint64, the same person in every arm; ``community``, ``quintile`` (1 = most deprived), ``female`` (n,)
    whole numbers; ``age`` (n,) years at month 0. ``first``: the number of the first month (-12: a year before).
    ``present`` (n, months): lived there in the month, until a death or move in it. ``states``: (n, months) whole
    numbers as the month ends: 'care_home' (0 none, 1 residential, 2 nursing), 'frailty', 'conditions' (known),
    'enrolled' (on the caseload). ``counts``: (n, months) by outcome, in its own unit. ``reached``: month in which each
    lever first took the person on from the start on (NEVER: it did not).
    """

    key: np.ndarray
    community: np.ndarray
    quintile: np.ndarray
    female: np.ndarray
    age: np.ndarray
    first: int
    present: np.ndarray
    states: Mapping[str, np.ndarray]
    counts: Mapping[str, np.ndarray]
    reached: Mapping[str, np.ndarray]

    @property
    def people(self) -> int:
        """Return how many rows there are."""
        return len(self.key)

    @property
    def months(self) -> int:
        """Return the month after the last one."""
        return self.first + self.present.shape[1]

    @cached_property
    def present_before(self) -> np.ndarray:
        """Return (n, months + 1): months lived there before each month."""
        return summed(self.present)

    def between(self, outcome: str, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return (n,): what each person had from month ``start`` until before ``end`` (each (n,))."""
        return window(summed(self.counts[outcome]), self.column(start), self.column(end))

    def months_there(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return (n,): months each person lived there from ``start`` until before ``end``."""
        return window(self.present_before, self.column(start), self.column(end))

    def enrolled_months(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return (n,): months from ``start`` until before ``end`` at whose end each person was on the caseload."""
        return window(summed(self.states["enrolled"] > 0), self.column(start), self.column(end))

    def state(self, name: str, month: np.ndarray) -> np.ndarray:
        """Return (n,): the state as it was when ``month`` began (at its end, for the first month there is)."""
        return self.states[name][np.arange(self.people), np.maximum(self.column(month) - 1, 0)]

    def column(self, month: np.ndarray) -> np.ndarray:
        """Return the position of a month, kept within those there are."""
        return np.clip(np.asarray(month, np.int64) - self.first, 0, self.present.shape[1])


def summed(matrix: np.ndarray) -> np.ndarray:
    """Return (n, months + 1): the sum of the months before each. Made when asked for: kept, they would fill memory."""
    out = np.zeros((matrix.shape[0], matrix.shape[1] + 1), np.int64)
    np.cumsum(matrix, axis=1, out=out[:, 1:])
    return out


def window(totals: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return (n,): the sum over the positions from ``start`` until before ``end``."""
    rows = np.arange(len(totals))
    return np.asarray(totals[rows, np.maximum(end, start)] - totals[rows, start], float)
