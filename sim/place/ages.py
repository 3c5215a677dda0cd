"""The twenty age bands 0, 1-4, 5-9, ..., 85-89, 90 and over, in days."""

from __future__ import annotations

import numpy as np

from scenarios.place_schema import AGE_LOWER_YEARS
from sim.rules.stages import DAYS_PER_YEAR


def first_days() -> np.ndarray:
    """Return the youngest age of each band in whole days: (20,) int64."""
    return np.array([int(np.ceil(lower * DAYS_PER_YEAR)) for lower in AGE_LOWER_YEARS], dtype=np.int64)


def band_lengths() -> np.ndarray:
    """Return the width of each band in whole days: (20,) int64; 0 for the open last band."""
    return np.append(np.diff(first_days()), 0).astype(np.int64)
