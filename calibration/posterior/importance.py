"""Weights that take draws from an emulator's posterior to the model's own: likelihood of real runs over emulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.diagnostics.weights import from_logs, kish_size
from calibration.posterior.pareto import RELIABLE, smoothed


@dataclass(frozen=True)
class Weighted:
    """Normalised weights of draws, with what can be said of them.

    kish_size: effective size of the weights. tail_shape: k of the Pareto tail of the raw weights; below 0.7 weighted
    means can be trusted. raw_kish_size: before the largest weights were smoothed.
    """

    weights: np.ndarray
    kish_size: float
    tail_shape: float
    raw_kish_size: float

    @property
    def reliable(self) -> bool:
        """Whether the tail of the weights lets means be trusted (with too few draws to tell: yes)."""
        return not self.tail_shape > RELIABLE


def reweighted(real: np.ndarray, emulated: np.ndarray) -> Weighted:
    """Return weights of draws from the emulated posterior.

    real and emulated: log likelihoods float64[draws] of the same draws. The largest weights are smoothed (PSIS). Raises
    InputError if no draw has a likelihood.
    """
    logs = np.where(real > -1e299, real - emulated, -np.inf)
    raw = from_logs(logs)
    kept = np.isfinite(logs)
    smooth, shape = smoothed(logs[kept])
    weights = np.zeros(len(logs))
    weights[kept] = from_logs(smooth)
    return Weighted(weights, kish_size(weights), shape, kish_size(raw))
