"""Can these importance weights be trusted? The shape of their largest, and weights smoothed by it (PSIS).

Source: Vehtari, Simpson, Gelman, Yao and Gabry 2024 (JMLR 25:72); the fit of the generalised Pareto distribution is
that of Zhang and Stephens 2009 (Technometrics 51:316).
"""

from __future__ import annotations

import math

import numpy as np

RELIABLE = 0.7  # shape below which weighted means of many draws can be trusted; see ``limit`` for few
PRIOR_SIZE = 10.0  # the shape is pulled towards 0.5 as by so many values
LEAST_TAIL = 5


def limit(draws: int) -> float:
    """Return the shape up to which weighted means of so many draws can be trusted: min(1 - 1 / log10(draws), 0.7).

    Below 2,200 draws it is less than 0.7 (0.57 at 200, 0.28 at 24); -inf where log10 is 0 or less. Source: Vehtari et
    al. 2024, section 3.2.4.
    """
    return -math.inf if draws <= 1 else min(1 - 1 / math.log10(draws), RELIABLE)


def smoothed(log_weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Return log weights with the largest smoothed, and the shape k of their tail (NaN with too few draws).

    The largest min(20%, 3 sqrt(n)) are replaced by expected order statistics of a generalised Pareto distribution, none
    above the largest as it was.
    """
    logs = np.asarray(log_weights, float) - np.max(log_weights)
    count = len(logs)
    tail = math.ceil(min(0.2 * count, 3 * math.sqrt(count)))
    if tail < LEAST_TAIL:
        return logs, math.nan
    order = np.argsort(logs, kind="stable")
    cut = logs[order[-tail - 1]]
    largest = order[-tail:]
    excess = np.exp(logs[largest]) - math.exp(cut)
    if not excess.max() > 0:
        return logs, -math.inf
    shape, scale = pareto_fit(np.maximum(excess, 1e-300))
    places = (np.arange(1, tail + 1) - 0.5) / tail
    expected = scale * (np.expm1(-shape * np.log1p(-places)) / shape if abs(shape) > 1e-12 else -np.log1p(-places))
    found = logs.copy()
    found[largest] = np.minimum(np.log(expected + math.exp(cut)), 0.0)
    return found, shape


def pareto_fit(excess: np.ndarray) -> tuple[float, float]:
    """Return (shape k, scale) of a generalised Pareto distribution fitted to sorted positive excesses."""
    values = np.sort(excess)
    count = len(values)
    grid = 30 + int(math.sqrt(count))
    quartile = values[int(count / 4 + 0.5) - 1]
    b = (1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3 * quartile) + 1 / values[-1]
    k = np.log1p(-b[:, None] * values).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        length = count * (np.log(-b / k) - k - 1)
    length = np.where(np.isfinite(length), length, -np.inf)
    weights = np.exp(length - length.max())
    best = float((b * weights).sum() / weights.sum())
    shape = float(np.log1p(-best * values).mean())
    scale = -shape / best
    return (count * shape + PRIOR_SIZE * 0.5) / (count + PRIOR_SIZE), scale
