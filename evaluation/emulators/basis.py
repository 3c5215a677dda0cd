"""The mean of an emulator: what is known of a model's shape before distance comes in."""

from __future__ import annotations

import numpy as np

MEANS = ("constant", "linear", "quadratic")


def basis(points: np.ndarray, mean: str) -> np.ndarray:
    """Return the columns of the mean at ``points`` (rows): 1; and each input; and each input's square.

    Raises ValueError for another mean.
    """
    ones = np.ones((len(points), 1))
    if mean == "constant":
        return ones
    if mean == "linear":
        return np.hstack([ones, points])
    if mean == "quadratic":
        return np.hstack([ones, points, points**2])
    raise ValueError(f"no mean '{mean}'")


def columns_of(mean: str, inputs: int) -> int:
    """Return how many columns ``basis`` has."""
    return {"constant": 1, "linear": 1 + inputs, "quadratic": 1 + 2 * inputs}[mean]
