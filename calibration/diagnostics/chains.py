"""Chains: have they met, and how many independent draws are they worth?

Source: Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021 (Bayesian Analysis 16:667): rank-normalised split R-hat,
bulk and tail effective sizes by Geyer's initial monotone sequence, Monte Carlo errors of means and quantiles. Chains
are float64[chains, draws].
"""

from __future__ import annotations

import math

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import beta, rankdata

MET = 1.01  # R-hat below which chains are taken to have met
ENOUGH = 400.0  # bulk and tail effective size from which quantiles can be printed
LEAST_DRAWS = 4
TAILS = (0.05, 0.95)


def rhat(chains: np.ndarray, method: str = "rank") -> float:
    """Return R-hat; 1 where chains cannot be told apart, above 1 where they differ.

    rank: the larger of rank-normalised split R-hat and that of distances from the median. z_scale and folded: its two
    parts. split: split R-hat of the values (Gelman et al. 2013). plain: without splitting (Gelman and Rubin 1992).
    NaN with fewer than four draws a chain or values not finite. Raises ValueError for another method.
    """
    values = checked(chains)
    if values is None:
        return math.nan
    if method == "plain":
        return between_within(values)
    halves = split(values)
    if method == "split":
        return between_within(halves)
    if method == "z_scale":
        return between_within(rank_normalised(halves))
    if method == "folded":
        return between_within(rank_normalised(folded(halves)))
    if method == "rank":
        found = [between_within(rank_normalised(each)) for each in (halves, folded(halves))]
        return max(found) if not any(map(math.isnan, found)) else math.nan
    raise ValueError(f"no method '{method}'")


def bulk_size(chains: np.ndarray) -> float:
    """Return the bulk effective size: of rank-normalised split chains. NaN where it cannot be had."""
    values = checked(chains)
    return math.nan if values is None else geyer_size(rank_normalised(split(values)))


def tail_size(chains: np.ndarray, tails: tuple[float, float] = TAILS) -> float:
    """Return the tail effective size: the smaller of those of the 5% and 95% quantiles."""
    return min(quantile_size(chains, probability) for probability in tails)


def quantile_size(chains: np.ndarray, probability: float) -> float:
    """Return the effective size of one quantile: of whether each draw lies at or below it."""
    values = checked(chains)
    if values is None:
        return math.nan
    return geyer_size(split((values <= np.quantile(values, probability)).astype(float)))


def mean_size(chains: np.ndarray) -> float:
    """Return the effective size for the mean: of split chains as they are."""
    values = checked(chains)
    return math.nan if values is None else geyer_size(split(values))


def sd_size(chains: np.ndarray) -> float:
    """Return the effective size for the standard deviation: of squared distances from the mean."""
    values = checked(chains)
    return math.nan if values is None else geyer_size(split((values - values.mean()) ** 2))


def median_size(chains: np.ndarray) -> float:
    """Return the effective size of the median."""
    return quantile_size(chains, 0.5)


def local_size(chains: np.ndarray, low: float, high: float) -> float:
    """Return the effective size of the probability between two quantiles."""
    values = checked(chains)
    if values is None:
        return math.nan
    below, above = np.quantile(values, [low, high])
    return geyer_size(split(((values >= below) & (values <= above)).astype(float)))


def ar1_size(draws: float, correlation: float) -> float:
    """Return the effective size of ``draws`` of a first-order autoregression: n (1 - phi) / (1 + phi)."""
    return draws * (1 - correlation) / (1 + correlation)


def mean_error(chains: np.ndarray) -> float:
    """Return the Monte Carlo standard error of the mean."""
    values = np.asarray(chains, float)
    return float(values.std(ddof=1) / math.sqrt(mean_size(values)))


def quantile_error(chains: np.ndarray, probability: float) -> float:
    """Return the Monte Carlo standard error of a quantile: half the distance its 68% interval spans."""
    values = np.asarray(chains, float)
    size = quantile_size(values, probability)
    if math.isnan(size):
        return math.nan
    law = beta(size * probability + 1, size * (1 - probability) + 1)
    ordered = np.sort(values, axis=None)
    count = len(ordered)
    low = ordered[max(math.floor(law.ppf(0.1586553) * count) - 1, 0)]
    high = ordered[min(math.ceil(law.ppf(0.8413447) * count) - 1, count - 1)]
    return float((high - low) / 2)


def checked(chains: np.ndarray) -> np.ndarray | None:
    """Return chains as float64[chains, draws]; None if there are too few draws or values that are not finite."""
    values = np.atleast_2d(np.asarray(chains, float))
    return values if values.shape[1] >= LEAST_DRAWS and np.isfinite(values).all() else None


def split(chains: np.ndarray) -> np.ndarray:
    """Return each chain as its two halves; the middle draw of an odd number is left out."""
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def folded(chains: np.ndarray) -> np.ndarray:
    """Return distances from the median of all draws."""
    return np.abs(chains - np.median(chains))


def rank_normalised(chains: np.ndarray) -> np.ndarray:
    """Return normal scores of the ranks of all draws together (Blom's offset 3/8; ties share their mean rank)."""
    ranks = rankdata(chains, method="average").reshape(chains.shape)
    return np.asarray(ndtri((ranks - 0.375) / (chains.size + 0.25)))


def between_within(chains: np.ndarray) -> float:
    """Return the square root of pooled over within-chain variance; NaN where nothing varies within."""
    draws = chains.shape[1]
    within = float(chains.var(axis=1, ddof=1).mean())
    if within <= 0 or len(chains) < 2:
        return math.nan
    between = draws * float(chains.mean(axis=1).var(ddof=1))
    return math.sqrt((between / within + draws - 1) / draws)


def geyer_size(chains: np.ndarray) -> float:
    """Return the effective size of chains by Geyer's initial monotone sequence of paired autocorrelations."""
    count, draws = chains.shape
    if np.ptp(chains) < np.finfo(float).resolution:
        return float(chains.size)
    lagged = autocovariance(chains).mean(axis=0)
    within = float(lagged[0]) * draws / (draws - 1)
    pooled = within * (draws - 1) / draws + (float(chains.mean(axis=1).var(ddof=1)) if count > 1 else 0.0)
    rho = 1 - (within - lagged) / pooled
    rho[0] = 1.0
    pairs, last = paired(rho, draws)
    tau = -1.0 + 2.0 * float(np.minimum.accumulate(pairs).sum() if len(pairs) else 0.0) + last
    return count * draws / max(tau, 1 / math.log10(count * draws))


def paired(rho: np.ndarray, draws: int) -> tuple[np.ndarray, float]:
    """Return sums of pairs of autocorrelations before the first that is not positive, and what the term after adds.

    The first term of the pair at which the sequence ends is counted once if it is positive: it lessens the variance of
    the estimate.
    """
    sums = rho[: draws - draws % 2].reshape(-1, 2).sum(axis=1)
    last = max((draws - 3) // 2, 0)  # the pair beyond which lags are too few to say anything
    ends = np.flatnonzero(sums[: last + 1] <= 0)
    end = int(ends[0]) if len(ends) else last
    if end == 0 and last > 0:  # the very first pair is not positive: nothing after it is looked at
        return np.zeros(0), float(max(rho[0], 0.0))
    total = float(rho[2 * end])
    return sums[:end], total if total > 0 or sums[end] >= 0 else 0.0


def autocovariance(chains: np.ndarray) -> np.ndarray:
    """Return the autocovariance of each chain at every lag, float64[chains, draws], divided by the number of draws."""
    draws = chains.shape[1]
    size = next_fast_len(2 * draws)
    gaps = chains - chains.mean(axis=1, keepdims=True)
    spectrum = rfft(gaps, n=size, axis=1)
    return np.asarray(irfft(spectrum * np.conj(spectrum), n=size, axis=1))[:, :draws] / draws
