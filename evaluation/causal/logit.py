"""Logistic regression by Newton's method: the propensity of many small cells, where a formula would be slow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_STEPS = 50
TOLERANCE = 1e-10
MOST_SEPARATED = 30.0  # a linear predictor beyond this means that a covariate tells the groups apart entirely


@dataclass(frozen=True)
class Logit:
    """``coefficients`` (k,), ``chance`` (n,) in (0, 1), ``covariance`` (k, k): the inverse of the information."""

    coefficients: np.ndarray
    chance: np.ndarray
    covariance: np.ndarray


def fit_logit(design: np.ndarray, on: np.ndarray, weight: np.ndarray | None = None) -> Logit | None:
    """Return the maximum-likelihood fit of ``on`` (0 or 1) on ``design`` (n, k, with its constant), or None.

    None: the covariates separate the groups, or are collinear, so that there is no finite estimate.
    """
    weights = np.ones(len(on)) if weight is None else weight
    beta = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        line = design @ beta
        if np.abs(line).max() > MOST_SEPARATED:
            return None
        chance = 1 / (1 + np.exp(-line))
        information = (design * (weights * chance * (1 - chance))[:, None]).T @ design
        if np.linalg.cond(information) > 1e14:
            return None
        step = np.linalg.solve(information, design.T @ (weights * (on - chance)))
        beta = beta + step
        if np.abs(step).max() < TOLERANCE * max(1.0, np.abs(beta).max()):
            line = design @ beta
            chance = 1 / (1 + np.exp(-line))
            information = (design * (weights * chance * (1 - chance))[:, None]).T @ design
            return Logit(beta, chance, np.linalg.inv(information))
    return None
