"""Numbers of periods: whether they run on evenly, and whether they are written as year and month (202401)."""

from __future__ import annotations

import numpy as np

FIRST_WRITTEN, LAST_WRITTEN, MONTHS = 190001, 210012, 12


def written_as_months(periods: np.ndarray) -> bool:
    """Return whether every period is a year and month in six digits, so that 202401 follows 202312."""
    count = np.asarray(periods, dtype=float)
    month = count % 100
    return bool(((count >= FIRST_WRITTEN) & (count <= LAST_WRITTEN) & (month >= 1) & (month <= MONTHS)).all())


def in_years_and_months(periods: np.ndarray) -> np.ndarray:
    """Return flags of periods whose month is none (202313), where most others are a year and month; else none."""
    count = np.asarray(periods, dtype=float)
    month = (count % 100 >= 1) & (count % 100 <= MONTHS)
    six_digits = bool(((count >= FIRST_WRITTEN // 100 * 100) & (count < LAST_WRITTEN // 100 * 100 + 100)).all())
    return ~month if six_digits and month.mean() > 1 / 2 else np.zeros(len(count), dtype=bool)


def uneven(periods: np.ndarray) -> tuple[str, ...]:
    """Return a caution where steps between ``periods`` (sorted, each once) differ; years and months count as months."""
    count = np.asarray(periods, dtype=float)
    if written_as_months(count):
        count = count // 100 * MONTHS + count % 100
    steps = np.diff(count)
    if len(steps) < 2 or np.allclose(steps, steps.min()):
        return ()
    at = int(np.argmax(steps))
    between = f"none between {periods[at]} and {periods[at + 1]}"
    return (f"periods are not evenly spaced ({between}): time since the start counts those there are",)
