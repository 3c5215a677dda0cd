"""Correlation between two points by how far apart they are in each input (automatic relevance determination)."""

from __future__ import annotations

import math

import numpy as np

KERNELS = ("matern52", "squared_exponential")
ROOT_5 = math.sqrt(5.0)


def squared_distance(one: np.ndarray, other: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return sum((one - other)^2 / lengths^2), float64[len(one), len(other)]; points are rows."""
    a, b = one / lengths, other / lengths
    found = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T
    return np.maximum(found, 0.0)


def correlation(squared: np.ndarray, kernel: str) -> np.ndarray:
    """Return the correlation at squared scaled distances.

    matern52: (1 + r sqrt 5 + 5 r^2 / 3) exp(-r sqrt 5), twice differentiable; squared_exponential: exp(-r^2 / 2).
    Source: Rasmussen and Williams 2006, equations 4.17 and 4.9. Raises ValueError for another kernel.
    """
    if kernel == "squared_exponential":
        return np.exp(-0.5 * squared)
    if kernel == "matern52":
        r = np.sqrt(squared)
        return (1 + ROOT_5 * r + 5.0 / 3.0 * squared) * np.exp(-ROOT_5 * r)
    raise ValueError(f"no kernel '{kernel}'")


def slope_factor(squared: np.ndarray, kernel: str) -> np.ndarray:
    """Return g with d correlation / d log length_d = g x (difference_d / length_d)^2. Raises as ``correlation``."""
    if kernel == "squared_exponential":
        return np.exp(-0.5 * squared)
    if kernel == "matern52":
        r = np.sqrt(squared)
        return 5.0 / 3.0 * (1 + ROOT_5 * r) * np.exp(-ROOT_5 * r)
    raise ValueError(f"no kernel '{kernel}'")


def weighted_squares(weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return for each input d the sum over pairs of weights[i, j] (points[i, d] - points[j, d])^2, float64[inputs].

    ``weights`` is symmetric.
    """
    rows = weights.sum(axis=1)
    return 2 * ((points**2 * rows[:, None]).sum(axis=0) - (points * (weights @ points)).sum(axis=0))
