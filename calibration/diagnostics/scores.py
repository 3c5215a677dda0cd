"""Scores of a prediction against what came: all proper, so that honesty pays. Lower is better unless said.

Sources: Gneiting and Raftery 2007 (JASA 102:359) for CRPS, interval, logarithmic and energy scores; Bracher et al. 2021
(PLoS Computational Biology 17:e1008618) for the weighted interval score; Scheuerer and Hamill 2015 (Monthly Weather
Review 143:1321) for the variogram score; Czado, Gneiting and Held 2009 (Biometrics 65:1254) for counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from calibration.diagnostics.weights import normalised, weighted_covariance, weighted_mean

Numbers = float | np.ndarray


def crps_normal(observed: Numbers, mean: Numbers, sd: Numbers) -> np.ndarray:
    """Return the continuous ranked probability score of a normal prediction, in the unit of ``observed``."""
    z = (np.asarray(observed, float) - mean) / sd
    return np.asarray(sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi)))


def crps_log_normal(observed: Numbers, log_mean: Numbers, log_sd: Numbers) -> np.ndarray:
    """Return the CRPS of a log-normal prediction; ``log_mean`` and ``log_sd`` are those of the logarithm."""
    y = np.asarray(observed, float)
    with np.errstate(divide="ignore"):
        z = (np.log(np.maximum(y, 0.0)) - log_mean) / log_sd
    mean = np.exp(np.asarray(log_mean) + np.asarray(log_sd) ** 2 / 2)
    spread = norm.cdf(z - log_sd) + norm.cdf(np.asarray(log_sd) / math.sqrt(2)) - 1
    return np.asarray(y * (2 * norm.cdf(z) - 1) - 2 * mean * spread)


def crps_sample(observed: float, draws: np.ndarray, weights: np.ndarray | None = None, fair: bool = False) -> float:
    """Return the CRPS of a prediction given by draws: mean |X - y| less half the mean |X - X'|.

    fair: X and X' are different draws (an unbiased estimate of the score of the distribution drawn from; Ferro 2014);
    otherwise the score of the draws' own distribution.
    """
    here = np.asarray(draws, float)
    share = np.full(len(here), 1 / len(here)) if weights is None else normalised(weights)
    order = np.argsort(here)
    here, share = here[order], share[order]
    before = np.concatenate([[0.0], np.cumsum(share)[:-1]])
    pairs = 2 * float((share * here * (2 * before + share - 1)).sum())  # mean |X - X'|, all pairs
    if fair:
        pairs /= 1 - float((share**2).sum())
    return float((share * np.abs(here - observed)).sum() - 0.5 * pairs)


def crps_counts(observed: int, cdf: Callable[[np.ndarray], np.ndarray], most: int) -> float:
    """Return the CRPS of a prediction of a count: sum over k = 0 to ``most`` of (F(k) - 1{y <= k})^2.

    cdf: F, of whole numbers. ``most`` must lie where F is 1 for all practical purposes.
    """
    k = np.arange(most + 1)
    return float(((np.asarray(cdf(k), float) - (k >= observed)) ** 2).sum())


def crps_of(observed: float, cdf: Callable[[float], float], low: float, high: float) -> float:
    """Return the CRPS of any continuous prediction by quadrature of (F(x) - 1{y <= x})^2 from ``low`` to ``high``."""
    below = quad(lambda x: float(cdf(x)) ** 2, low, observed, limit=200)[0] if observed > low else 0.0
    above = quad(lambda x: (1 - float(cdf(x))) ** 2, observed, high, limit=200)[0] if observed < high else 0.0
    return float(below + above + max(low - observed, 0.0) + max(observed - high, 0.0))


def absolute_error(observed: Numbers, point: Numbers) -> np.ndarray:
    """Return |observed - point|: the CRPS of a prediction without uncertainty."""
    return np.abs(np.asarray(observed, float) - point)


def pit_normal(observed: Numbers, mean: Numbers, sd: Numbers) -> np.ndarray:
    """Return the probability that a normal prediction gave to values up to ``observed`` (uniform if it is right)."""
    return np.asarray(norm.cdf((np.asarray(observed, float) - mean) / sd))


def pit_sample(observed: float, draws: np.ndarray, weights: np.ndarray | None = None, u: float = 0.5) -> float:
    """Return the weight of draws below ``observed`` and ``u`` of that of draws equal to it.

    u: 0.5 for the middle; a uniform random number makes it uniform for counts too.
    """
    here = np.asarray(draws, float)
    share = np.full(len(here), 1 / len(here)) if weights is None else normalised(weights)
    return float(share[here < observed].sum() + u * share[here == observed].sum())


def interval_score(observed: Numbers, lower: Numbers, upper: Numbers, level: float = 0.9) -> np.ndarray:
    """Return the score of a central interval: width, and 2 / (1 - level) for each unit that ``observed`` lies outside.

    level: 0.9 for a 90% interval.
    """
    y, penalty = np.asarray(observed, float), 2 / (1 - level)
    outside = np.maximum(np.asarray(lower) - y, 0.0) + np.maximum(y - np.asarray(upper), 0.0)
    return np.asarray(np.asarray(upper) - lower + penalty * outside)


def weighted_interval_score(observed: float, median: float, intervals: Sequence[tuple[float, float, float]]) -> float:
    """Return the weighted interval score of a median and central intervals, each (lower, upper, level).

    An approximation of the CRPS: (|y - m| / 2 + sum of (1 - level) / 2 x interval score) / (number + 1/2).
    """
    total = 0.5 * abs(observed - median)
    for lower, upper, level in intervals:
        total += 0.5 * (1 - level) * float(interval_score(observed, lower, upper, level))
    return total / (len(intervals) + 0.5)


def quantile_score(observed: Numbers, quantile: Numbers, probability: float) -> np.ndarray:
    """Return the pinball loss of a quantile, (1{y < q} - p)(q - y); half of what some packages print."""
    gap = np.asarray(quantile, float) - np.asarray(observed, float)
    return np.asarray((np.where(gap > 0, 1.0, 0.0) - probability) * gap)


def log_score_normal(observed: Numbers, mean: Numbers, sd: Numbers) -> np.ndarray:
    """Return the log density of a normal prediction at ``observed``: higher is better."""
    return np.asarray(norm.logpdf(observed, mean, sd))


def log_score_sample(observed: float, draws: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the log density at ``observed`` of a normal with the draws' mean and sd: higher is better."""
    here = np.asarray(draws, float)
    share = np.full(len(here), 1 / len(here)) if weights is None else normalised(weights)
    mean = float(weighted_mean(here, share))
    variance = float(weighted_covariance(here[:, None], share, unbiased=True)[0, 0])
    return float(norm.logpdf(observed, mean, math.sqrt(variance)))


def dawid_sebastiani(observed: Numbers, mean: Numbers, sd: Numbers) -> np.ndarray:
    """Return ((y - mean) / sd)^2 + 2 log sd."""
    return np.asarray(((np.asarray(observed, float) - mean) / sd) ** 2 + 2 * np.log(sd))


def brier(happened: Numbers, probability: Numbers) -> np.ndarray:
    """Return (probability - happened)^2; ``happened`` is 0 or 1."""
    return np.asarray((np.asarray(probability, float) - happened) ** 2)


def energy_score(
    observed: np.ndarray, draws: np.ndarray, weights: np.ndarray | None = None, fair: bool = False
) -> float:
    """Return the energy score of several values together: the CRPS with Euclidean distance.

    observed: float64[k]; draws: float64[draws, k] on scales that may be added; fair: as for ``crps_sample``.
    """
    here = np.asarray(draws, float)
    share = np.full(len(here), 1 / len(here)) if weights is None else normalised(weights)
    near = float((share * np.linalg.norm(here - np.asarray(observed, float), axis=1)).sum())
    squares = (here**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * here @ here.T, 0.0))
    pairs = float(share @ apart @ share)
    if fair:
        pairs /= 1 - float((share**2).sum())
    return near - 0.5 * pairs


def variogram_score(
    observed: np.ndarray, draws: np.ndarray, weights: np.ndarray | None = None, power: float = 0.5
) -> float:
    """Return the variogram score: squared gaps between |y_i - y_j|^p and its mean over draws, all pairs i, j.

    It sees wrong correlations that the energy score hardly does.
    """
    y, here = np.asarray(observed, float), np.asarray(draws, float)
    share = np.full(len(here), 1 / len(here)) if weights is None else normalised(weights)
    apart = np.abs(here[:, :, None] - here[:, None, :]) ** power
    expected = np.tensordot(share, apart, axes=(0, 0))
    return float(((np.abs(y[:, None] - y[None, :]) ** power - expected) ** 2).sum())


def skill(score: float, reference: float) -> float:
    """Return 1 - score / reference: the share of a reference's score that is saved; NaN if the reference is 0."""
    return 1 - score / reference if reference > 0 else math.nan
