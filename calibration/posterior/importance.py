"""Weights that take draws from an emulator's posterior to the model's own: likelihood of real runs over emulated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.diagnostics.weights import from_logs, kish_size
from calibration.posterior.pareto import limit, smoothed


@dataclass(frozen=True)
class Weighted:
    """Normalised weights of draws, with what can be said of them.

    kish_size: effective size of the weights. tail_shape: k of the Pareto tail of the raw weights; up to pareto.limit
    weighted means can be trusted; NaN: too few draws to tell. raw_kish_size: before the largest weights were smoothed.
    tail_draws: draws whose tail it is, where they are a part of the whole; 0: all.
    """

    weights: np.ndarray
    kish_size: float
    tail_shape: float
    raw_kish_size: float
    tail_draws: int = 0

    @property
    def reliable(self) -> bool | None:
        """Whether the tail of the weights lets means be trusted; None: not told, of too few draws."""
        if math.isnan(self.tail_shape):
            return None
        return self.tail_shape <= limit(self.tail_draws or len(self.weights))


def pooled(parts: Sequence[Weighted]) -> Weighted:
    """Return several weighted sets of draws of one posterior as one: each counts by what it is worth (Kish).

    The whole is then worth the sum of the parts (Veach and Guibas 1995, combined estimates). The tail is the worst's.
    """
    worth = np.array([one.kish_size for one in parts])
    weights = np.concatenate([one.weights * share for one, share in zip(parts, worth / worth.sum(), strict=True)])
    worst = max((one for one in parts if not math.isnan(one.tail_shape)), key=lambda one: one.tail_shape, default=None)
    tail, draws = (math.nan, 0) if worst is None else (worst.tail_shape, worst.tail_draws or len(worst.weights))
    return Weighted(weights, kish_size(weights), tail, sum(one.raw_kish_size for one in parts), draws)


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
