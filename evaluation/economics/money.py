"""Money in whole pence: sums that hold to the penny however they are split."""

from __future__ import annotations

import numpy as np

from evaluation.arrays import Numbers, numbers
from scenarios.errors import InputError

PENCE = 100


def pence(pounds: float) -> int:
    """Return pounds as whole pence, halves away from zero."""
    return int(np.sign(pounds) * np.floor(abs(pounds) * PENCE + 0.5))


def whole_pence(amounts: np.ndarray) -> np.ndarray:
    """Return amounts of pence (floats) as int64, each rounded, halves away from zero."""
    values = np.asarray(amounts, float)
    return (np.sign(values) * np.floor(np.abs(values) + 0.5)).astype(np.int64)


def split(total: int, weights: Numbers) -> np.ndarray:
    """Return ``total`` pence in whole pence by ``weights``, adding up exactly: largest remainders get the odd pennies.

    Of equal remainders the first in order gets it. Raises InputError for weights that are negative or all 0.
    """
    share = numbers(weights, "weights", 0.0)
    if share.sum() <= 0:
        raise InputError("weights", "are all 0; at least one above 0 is needed")
    exact = abs(int(total)) * (share / share.sum())
    parts = np.floor(exact).astype(np.int64)
    left = abs(int(total)) - int(parts.sum())
    first = np.argsort(-(exact - parts), kind="stable")[: max(left, 0)]
    parts[first] += 1
    return parts if total >= 0 else -parts


def pounds(amount: float) -> float:
    """Return pence as pounds."""
    return float(amount) / PENCE
