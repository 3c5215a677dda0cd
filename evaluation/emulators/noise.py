"""Chance between replications of one point: its variance pooled over points, and the variance of a point's mean."""

from __future__ import annotations

import numpy as np


def means(replicated: np.ndarray) -> np.ndarray:
    """Return the mean over replications of float64[points, replications, outputs]."""
    return replicated.mean(axis=1)


def pooled_covariance(replicated: np.ndarray) -> np.ndarray:
    """Return the covariance of outputs between replications of a point, pooled over points, float64[outputs, outputs].

    Zero with one replication a point: nothing is then known of chance. Raises ValueError for another shape.
    """
    if replicated.ndim != 3:
        raise ValueError(f"shape {replicated.shape}: points x replications x outputs is needed")
    points, replications, outputs = replicated.shape
    if replications < 2:
        return np.zeros((outputs, outputs))
    gaps = (replicated - replicated.mean(axis=1, keepdims=True)).reshape(-1, outputs)
    return gaps.T @ gaps / (points * (replications - 1))


def mean_covariance(replicated: np.ndarray) -> np.ndarray:
    """Return the covariance by chance of a point's mean over its replications, float64[outputs, outputs]."""
    return pooled_covariance(replicated) / replicated.shape[1]
