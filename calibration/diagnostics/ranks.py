"""Simulation-based calibration: ranks of the truth among posterior draws, uniform if the whole fit is right.

Sources: Talts et al. 2018 (arXiv:1804.06788); Saeilynoja, Buerkner and Vehtari 2022 (Statistics and Computing 32:32)
for bands about the distribution function that hold everywhere at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, chi2, kstest

from scenarios.errors import InputError

BINS = 20
DOUBT = 0.01  # p value below which ranks are taken not to be uniform


@dataclass(frozen=True)
class Uniformity:
    """How uniform ranks are.

    statistic and p_value: chi-squared over ``bins``; ks_p_value: Kolmogorov-Smirnov on ranks spread within their cell;
    mean_rank; coverage_90: share of ranks within the central 90%; shape: what is wrong, in words ('' if nothing is).
    """

    statistic: float
    p_value: float
    bins: int
    ks_p_value: float
    mean_rank: float
    coverage_90: float
    shape: str

    @property
    def passes(self) -> bool:
        """Whether the ranks may be uniform."""
        return self.p_value >= DOUBT


def rank_of(truth: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return how many of ``draws`` [draws, parameters] lie below ``truth`` [parameters]: 0 to the number of draws."""
    return (np.asarray(draws) < np.asarray(truth)).sum(axis=0)


def uniformity(ranks: np.ndarray, draws: int, bins: int = BINS) -> Uniformity:
    """Return whether ``ranks`` (0 to ``draws``) may be uniform.

    Bins are of whole ranks and as equal as they can be; expected counts are in proportion to their ranks. Raises
    InputError for a rank outside, fewer than two bins, or fewer than five expected in a bin.
    """
    found = np.asarray(ranks)
    if ((found < 0) | (found > draws)).any():
        raise InputError("ranks", f"must be whole numbers from 0 to {draws}")
    if not 2 <= bins <= draws + 1:
        raise InputError("bins", f"must be from 2 to {draws + 1} (you gave {bins})")
    edges = np.round(np.linspace(0, draws + 1, bins + 1)).astype(int)
    counts = np.histogram(found, bins=edges)[0]
    expected = len(found) * np.diff(edges) / (draws + 1)
    if expected.min() < 5:
        raise InputError("bins", f"{bins} bins leave {expected.min():.2g} expected ranks in one: at least 5 are needed")
    statistic = float(((counts - expected) ** 2 / expected).sum())
    middle = (found + 0.5) / (draws + 1)
    return Uniformity(
        statistic,
        float(chi2.sf(statistic, bins - 1)),
        bins,
        float(kstest(middle, "uniform").pvalue),
        float(found.mean()),
        coverage(found, draws, 0.9),
        shape_of(counts / expected, float(chi2.sf(statistic, bins - 1))),
    )


def coverage(ranks: np.ndarray, draws: int, level: float) -> float:
    """Return the share of ranks within the central ``level`` of the ranks there are (90% of 0 to 99: 5 to 94)."""
    tail = (1 - level) / 2 * (draws + 1)
    found = np.asarray(ranks)
    return float(((found >= tail - 1e-9) & (found <= draws - tail + 1e-9)).mean())


def shape_of(ratios: np.ndarray, p_value: float) -> str:
    """Return what a histogram of ranks says, '' if it may be flat. ``ratios``: counts over expected, in order."""
    if p_value >= DOUBT:
        return ""
    count = len(ratios)
    place = np.linspace(-1, 1, count)
    slope = float((ratios * place).sum() / (place**2).sum())
    bend = float((ratios * (place**2 - (place**2).mean())).sum() / ((place**2 - (place**2).mean()) ** 2).sum())
    error = np.sqrt(1 / (place**2).sum())
    if abs(slope) / error > abs(bend) / np.sqrt(1 / ((place**2 - (place**2).mean()) ** 2).sum()):
        return "slope: the posterior lies too low" if slope > 0 else "slope: the posterior lies too high"
    return "U: overconfident, intervals too narrow" if bend > 0 else "hump: underconfident, intervals too wide"


def ecdf_bands(
    count: int, draws: int, level: float = 0.95, grid: int = 100
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (places, lower, upper): where the distribution function of ``count`` uniform ranks lies, all at once.

    Pointwise binomial limits at a level found by simulation so that all hold together with probability ``level``. The
    simulation is keyed by the arguments alone.
    """
    from evaluation.draws import generator

    places = np.unique(np.round(np.linspace(0, draws + 1, min(grid, draws + 1) + 1)[1:-1]).astype(int)) / (draws + 1)
    rng = generator(1, "ecdf bands", count, draws)
    lowest = np.empty(2000)
    for at in range(len(lowest)):
        uniform = rng.integers(0, draws + 1, count)
        below = (uniform[:, None] < places * (draws + 1)).sum(axis=0)
        low = binom.cdf(below, count, places)
        high = binom.sf(below - 1, count, places)
        lowest[at] = 2 * min(low.min(), high.min())
    pointwise = float(np.quantile(lowest, 1 - level))
    return places, binom.ppf(pointwise / 2, count, places) / count, binom.isf(pointwise / 2, count, places) / count
