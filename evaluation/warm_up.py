"""Where a simulation's run-in ends: MSER-5.

Batch means of five; the cut that gives the smallest squared standard error of what is left, looked for in the first
half. Sources: White 1997; Hoad, Robinson and Davies 2010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.arrays import Numbers, numbers
from scenarios.errors import InputError

BATCH = 5


@dataclass(frozen=True)
class WarmUp:
    """``truncation``: observations to drop; ``mean_after`` and ``kept`` of the rest (whole batches); ``at_limit``:
    whether the cut is the latest that was looked at, which says that the series is too short."""

    truncation: int
    mean_after: float
    kept: int
    at_limit: bool


def mser(values: Numbers, batch: int = BATCH) -> WarmUp:
    """Return the cut of ``values`` (a series in order) by MSER with batches of ``batch``.

    Objective: sum (z - mean of z)^2 / (k - d)^2 over batch means after the first d of k, for d up to k / 2. Raises
    InputError for fewer than four batches.
    """
    data = numbers(values, "values")
    count = len(data) // batch if batch > 0 else 0
    if count < 4:
        raise InputError("values", f"make {count} batches of {batch}; four or more are needed")
    means = data[: count * batch].reshape(count, batch).mean(axis=1)
    cuts = np.arange(count // 2 + 1)
    score = [((means[d:] - means[d:].mean()) ** 2).sum() / (count - d) ** 2 for d in cuts]
    best = int(np.argmin(score))
    kept = means[best:]
    return WarmUp(best * batch, float(kept.mean()), len(kept) * batch, best == cuts[-1])
