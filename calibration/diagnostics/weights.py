"""Weighted draws: how many equal ones they are worth (Kish), means, spreads, quantiles, and drawing from them again.

The effective size of weighted draws and that of chains are different things: here it is ``kish_size``; for chains see
``chains.bulk_size``. Neither is ever printed without its kind.
"""

from __future__ import annotations

import numpy as np

from scenarios.errors import InputError


def normalised(weights: np.ndarray) -> np.ndarray:
    """Return weights that add to 1. Raises InputError for none, one below 0 or not finite, or all of them zero."""
    found = np.asarray(weights, float)
    if found.size == 0:
        raise InputError("weights", "there are none")
    if not np.isfinite(found).all() or (found < 0).any():
        at = int(np.flatnonzero(~np.isfinite(found) | (found < 0))[0])
        raise InputError(f"weights row {at}", f"is {found[at]:g}; allowed: 0 or more")
    total = found.sum()
    if total <= 0:
        raise InputError("weights", "all weights are zero: no draw counts")
    return found / total


def from_logs(logs: np.ndarray) -> np.ndarray:
    """Return weights that add to 1 from their logarithms; -inf: a weight of 0. Raises InputError as ``normalised``."""
    found = np.asarray(logs, float)
    if found.size == 0 or not np.isfinite(found.max()):
        raise InputError("weights", "all weights are zero: no draw counts")
    return normalised(np.exp(found - found.max()))


def kish_size(weights: np.ndarray) -> float:
    """Return Kish's effective size, (sum w)^2 / sum w^2: 1 to the number of draws. Raises as ``normalised``."""
    return float(1.0 / (normalised(weights) ** 2).sum())


def entropy(weights: np.ndarray) -> float:
    """Return Shannon's entropy of the weights, in nats. Raises as ``normalised``."""
    share = normalised(weights)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())


def perplexity(weights: np.ndarray) -> float:
    """Return exp(entropy): the number of equal weights as uncertain as these. Raises as ``normalised``."""
    return float(np.exp(entropy(weights)))


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis of ``values``. Raises as ``normalised``."""
    return np.tensordot(normalised(weights), np.asarray(values, float), axes=(0, 0))


def weighted_covariance(values: np.ndarray, weights: np.ndarray, unbiased: bool = False) -> np.ndarray:
    """Return the covariance of float64[draws, k] about its weighted mean.

    unbiased: divided by 1 - sum w^2 (weights that say how reliable a draw is). Raises as ``normalised``.
    """
    share, here = normalised(weights), np.asarray(values, float)
    gaps = here - weighted_mean(here, share)
    found = (gaps * share[:, None]).T @ gaps
    return found / (1 - (share**2).sum()) if unbiased else found


def weighted_sd(values: np.ndarray, weights: np.ndarray, unbiased: bool = False) -> np.ndarray:
    """Return the standard deviation of each column of ``values`` (or of the one). See ``weighted_covariance``."""
    here = np.asarray(values, float)
    columns = here.reshape(len(here), -1)
    found = np.sqrt(np.diag(weighted_covariance(columns, weights, unbiased)))
    return found if here.ndim > 1 else found[0]


def weighted_quantile(
    values: np.ndarray, at: float | np.ndarray, weights: np.ndarray, method: str = "midpoint"
) -> np.ndarray:
    """Return quantiles of one column of draws at probabilities ``at``.

    midpoint: each draw stands at the middle of its weight, straight lines between (Hazen's rule; what pyABC uses).
    inverse_cdf: the smallest draw at which the weight so far reaches the probability. linear: the first draw at 0, the
    last at 1 (R's type 7 where weights are equal). Raises InputError for a probability outside 0 to 1, and as
    ``normalised``; ValueError for another method.
    """
    share, here, probability = normalised(weights), np.asarray(values, float), np.asarray(at, float)
    if ((probability < 0) | (probability > 1)).any():
        raise InputError("quantile", "must be asked for at a probability from 0 to 1")
    order = np.argsort(here, kind="stable")
    order = order[share[order] > 0]
    here, share = here[order], share[order]
    so_far = np.cumsum(share)
    so_far[-1] = 1.0
    if method == "midpoint":
        return np.interp(probability, so_far - 0.5 * share, here)
    if method == "inverse_cdf":
        return here[np.minimum(np.searchsorted(so_far, probability - 1e-12), len(here) - 1)]
    if method == "linear":
        if len(here) == 1:
            return np.full(probability.shape, here[0])
        place = so_far - share
        return np.interp(probability, place / place[-1], here)
    raise ValueError(f"no method '{method}'")


def resampled(weights: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return indices of ``count`` equally weighted draws by systematic resampling (Kitagawa 1996).

    A draw of weight w is taken floor(count w) or ceil(count w) times. Raises as ``normalised``.
    """
    edges = np.cumsum(normalised(weights))
    edges[-1] = 1.0
    return np.searchsorted(edges, (np.arange(count) + rng.random()) / count, side="right")
