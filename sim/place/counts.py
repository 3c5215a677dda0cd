"""Whole numbers of people that keep exact totals."""

from __future__ import annotations

import numpy as np

from scenarios.place_files import Place
from scenarios.place_schema import AGE_COLUMNS


def largest_remainder(weights: np.ndarray, total: int) -> np.ndarray:
    """Return int64 counts in proportion to ``weights`` (any shape, 0 or more) that sum to ``total`` exactly.

    Each count is the proportional share rounded down, or one more where the remainder is largest (ties: the earlier
    cell). Raises ValueError if a weight is negative or not finite, or if all are 0 and ``total`` is not.
    """
    flat = np.asarray(weights, dtype=np.float64).ravel()
    if total < 0 or not np.all(np.isfinite(flat)) or np.any(flat < 0):
        raise ValueError("weights and total must be finite and not negative")
    whole = float(flat.sum())
    if whole == 0:
        if total:
            raise ValueError(f"cannot share {total} among weights that are all 0")
        return np.zeros(np.shape(weights), dtype=np.int64)
    # scaled before the product, so that a very small weight keeps its precision and a large one cannot overflow
    exact = flat / flat.max()
    exact = exact / exact.sum() * total
    counts = np.floor(exact).astype(np.int64)
    short = int(total - counts.sum())
    by_remainder = np.argsort(-(exact - counts), kind="stable")
    by_remainder = by_remainder[flat[by_remainder] > 0]
    if short > 0:
        counts[by_remainder[:short]] += 1
    elif short < 0:  # rounding error of the product put a floor one too high
        counts[by_remainder[short:]] -= 1
    return counts.reshape(np.shape(weights))


def male_share_grid(place: Place) -> np.ndarray:
    """Return the male share of each community's borough by age band: (communities, 20)."""
    table = place.age_sex.pivot(index="borough", columns="age_band", values="male_share")[list(AGE_COLUMNS)]
    return table.loc[place.communities["borough"]].to_numpy()


def resident_counts(place: Place, total: int) -> np.ndarray:
    """Return residents by community, age band and sex (0 female, 1 male): int64 (c, 20, 2) summing to ``total``.

    First communities by their census residents, then within each one age and sex together; both by largest remainder.
    """
    by_age = place.communities[list(AGE_COLUMNS)].to_numpy()
    male = male_share_grid(place)
    cells = np.stack([by_age * (1.0 - male), by_age * male], axis=2)
    totals = largest_remainder(place.communities["population"].to_numpy(), total)
    return np.stack([largest_remainder(cell, int(people)) for cell, people in zip(cells, totals, strict=True)])
