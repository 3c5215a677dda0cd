"""A ratio of rates between matched people, adjusted for what they were matched on, which matching leaves apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.replays.contrast import Found
from scenarios.errors import InputError

ITERATIONS = 50
SETTLED = 1e-10  # largest change of a coefficient at which the fit has settled
LARGEST_STEP = 2.0  # of a coefficient on the log, so that a fit does not run away from its start
DOES_NOT_SETTLE = "the adjusted ratio does not settle: use a larger place"


def adjusted_ratio(table: pd.DataFrame, covariates: Sequence[str], crude: Found) -> Found:
    """Return ``crude``, a log rate ratio of matched people, adjusted for their ``covariates``.

    Poisson regression of ``y`` on ``treated`` and the covariates with the log of ``time`` as offset (McCullagh and
    Nelder 1989, chapter 6). Counts of past use are taken as log(1 + count); all are standardised. The error is
    the robust one (Huber 1967), as counts vary more than Poisson ones. Raises InputError if the fit does not settle.
    """
    treated = table["treated"].to_numpy(dtype=float)
    known = [name for name in covariates if table[name].nunique() > 1]
    columns = [standardised(np.log1p(table[name].to_numpy(dtype=float).clip(min=0.0))) for name in known]
    x = np.column_stack([treated, np.ones(len(table)), *columns])
    y, time = table["y"].to_numpy(dtype=float), table["time"].to_numpy(dtype=float)
    beta, error = poisson(x, y, time)
    return replace(crude, value=beta, se=error, paired=error)


def poisson(x: np.ndarray, y: np.ndarray, time: np.ndarray) -> tuple[float, float]:
    """Return the first coefficient of a Poisson regression with offset log(time), and its robust standard error.

    x (n, k), y (n,) counts or amounts of 0 or more, time (n,) above 0. Newton's method from the rate of everyone.
    Raises InputError where coefficients cannot be told apart or the fit does not settle.
    """
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise InputError("replay", "what was matched on does not vary enough to adjust for: use a larger place")
    beta = np.zeros(x.shape[1])
    beta[1] = math.log(y.sum() / time.sum())
    try:
        for _ in range(ITERATIONS):
            mean = time * np.exp(x @ beta)
            step = np.linalg.solve((x * mean[:, None]).T @ x, x.T @ (y - mean))
            beta += np.clip(step, -LARGEST_STEP, LARGEST_STEP)
            if np.abs(step).max() < SETTLED:
                break
        else:
            raise InputError("replay", DOES_NOT_SETTLE)
        mean = time * np.exp(x @ beta)
        bread = np.linalg.inv((x * mean[:, None]).T @ x)
    except np.linalg.LinAlgError:  # covariates that tell who had no events run away until nothing is left to solve
        raise InputError("replay", DOES_NOT_SETTLE) from None
    meat = (x * np.square(y - mean)[:, None]).T @ x
    return float(beta[0]), math.sqrt(float((bread @ meat @ bread)[0, 0]))


def standardised(values: np.ndarray) -> np.ndarray:
    """Return values less their mean, over their standard deviation; they must vary."""
    return np.asarray((values - values.mean()) / values.std())
