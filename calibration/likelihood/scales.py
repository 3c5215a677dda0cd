"""Scales on which simulated and observed values are compared: natural, log, logit."""

from __future__ import annotations

import numpy as np

SCALES = ("natural", "log", "logit")
EDGE = 1e-5  # a share this near to 0 or 1 stands for one that cannot be told from it


def to_scale(values: np.ndarray, scale: str) -> np.ndarray:
    """Return ``values`` on a scale; -inf or NaN where they have no place on it. Raises ValueError for the scale."""
    values = np.asarray(values, float)
    if scale == "natural":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log":
            return np.log(values)
        if scale == "logit":
            inside = np.clip(values, EDGE, 1 - EDGE)
            return np.where((values < 0) | (values > 1), np.nan, np.log(inside) - np.log1p(-inside))
    raise ValueError(f"no scale '{scale}'")


def from_scale(values: np.ndarray, scale: str) -> np.ndarray:
    """Return values on a scale back in their unit. Raises ValueError for the scale."""
    values = np.asarray(values, float)
    if scale == "natural":
        return values
    if scale == "log":
        return np.exp(values)
    if scale == "logit":
        return 1 / (1 + np.exp(-values))
    raise ValueError(f"no scale '{scale}'")


def slope(values: np.ndarray, scale: str) -> np.ndarray:
    """Return the derivative of the scale at ``values`` (in their unit): sd on the scale = slope x sd."""
    values = np.asarray(values, float)
    if scale == "natural":
        return np.ones_like(values)
    with np.errstate(divide="ignore"):
        if scale == "log":
            return 1 / np.abs(values)
        if scale == "logit":
            inside = np.clip(values, EDGE, 1 - EDGE)
            return 1 / (inside * (1 - inside))
    raise ValueError(f"no scale '{scale}'")
