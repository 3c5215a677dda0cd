"""Who is there, by neighbourhood, and whose rows have been left: kept from month to month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.codes import PRESENT
from sim.jit import jit
from sim.rules.tables import ResidentTables


@dataclass(frozen=True)
class Roll:
    """living: int64[team], residents present, by neighbourhood. gone: int64[], the rows of those who have gone."""

    living: np.ndarray
    gone: np.ndarray

    def with_new(self, new: np.ndarray, reused: int) -> Roll:
        """Return the roll with the people ``new`` (PERSON[]), for whom the first ``reused`` rows were taken."""
        more = np.bincount(new["neighbourhood"], minlength=len(self.living))
        return Roll(self.living + more, self.gone[reused:])

    def without(self, people: np.ndarray, rows: np.ndarray) -> Roll:
        """Return the roll once the people at ``rows``, still marked as present, have gone."""
        left = np.unique(rows).astype(np.int64)
        left = left[people["presence"][left] == PRESENT]
        fewer = np.bincount(people["neighbourhood"][left], minlength=len(self.living))
        return Roll(self.living - fewer, np.sort(np.concatenate([self.gone, left])))


def rolled(tables: ResidentTables) -> Roll:
    """Return the roll of the people as they stand."""
    living, gone = np.zeros(len(tables.teams), np.int64), np.zeros(len(tables.people), np.int64)
    return Roll(living, gone[: call_roll(tables.people, living, gone)].copy())


@jit
def call_roll(people: np.ndarray, living: np.ndarray, gone: np.ndarray) -> int:
    """Count those present by neighbourhood, and write the rows of those who are not; return how many are not."""
    found = 0
    for i in range(len(people)):
        if people[i]["presence"] == PRESENT:
            living[people[i]["neighbourhood"]] += 1
        else:
            gone[found] = i
            found += 1
    return found
