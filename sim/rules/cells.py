"""The reference population's cells, age band x national quintile, and means over the people of each."""

from __future__ import annotations

import numpy as np

from sim.jit import jit_entry
from sim.rules.tables import AGE_BANDS, QUINTILES, age_band, age_years

CELLS = AGE_BANDS * QUINTILES


@jit_entry
def fill_bands(birth_days, bands):  # type: ignore[no-untyped-def]
    """Write the age band at day 0 of each of ``birth_days`` into ``bands``."""
    for i in range(len(birth_days)):
        bands[i] = age_band(age_years(birth_days[i], 0))
    return 0


@jit_entry
def add_weighted(cell, weight, x, sums):  # type: ignore[no-untyped-def]
    """Add weight[i] x x[i, :] to ``sums`` [cell, :]; compiled, as temporary products would cost more than the sums."""
    for i in range(len(cell)):
        for j in range(x.shape[1]):
            sums[cell[i], j] += weight[i] * x[i, j]
    return 0


def cell_of(people: np.ndarray, communities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's age band and quintile (0 most deprived) at day 0."""
    bands = np.zeros(len(people), np.int64)
    fill_bands(np.ascontiguousarray(people["birth_day"]), bands)
    return bands, communities["national_quintile"][people["community"]].astype(int) - 1


def means(cell: np.ndarray, x: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Return the mean of ``x`` [people, k] (times ``weight`` [people]) by cell: [k, band, quintile], 0 if empty."""
    size = np.bincount(cell, minlength=CELLS)
    sums = np.zeros((CELLS, x.shape[1]))
    times = np.ones(len(cell)) if weight is None else np.ascontiguousarray(weight)
    add_weighted(cell, times, np.ascontiguousarray(x), sums)
    return (sums / np.maximum(size, 1)[:, None]).T.reshape(-1, AGE_BANDS, QUINTILES)
