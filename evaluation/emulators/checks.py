"""Is an emulator good enough to stand for its model? Points left out, and points held back, in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, chi2

from evaluation.emulators.bundle import Bundle

Z_95 = 1.959963984540054
FAR = 3.0  # standardised errors beyond this are counted
COVERED = 0.95
LEAST_EXPLAINED = 0.5  # of an output's variance beyond chance; less, and the emulator says little
IMPROBABLE = 0.001  # a coverage this unlikely, were the stated variances right, fails


@dataclass(frozen=True)
class Verdict:
    """Whether every output's emulator can be used, and the table of checks (one row per output)."""

    table: pd.DataFrame

    @property
    def failing(self) -> list[str]:
        """Names of outputs whose emulator cannot be used."""
        return [str(name) for name in self.table.loc[~self.table["good"], "output"]]

    @property
    def good(self) -> bool:
        """Whether all can be used."""
        return not self.failing


def check_left_out(bundle: Bundle, outputs: np.ndarray, names: Sequence[str] = ()) -> Verdict:
    """Return checks of each output's points, each as predicted from all the others."""
    mean, variance = bundle.left_out()
    return judged(outputs, mean, variance, names or bundle.names)


def check_held_back(
    bundle: Bundle, points: np.ndarray, outputs: np.ndarray, noise: np.ndarray | None = None
) -> Verdict:
    """Return checks of outputs at points that the emulators never saw.

    noise: covariance by chance of those outputs (see noise.mean_covariance), added to what the emulators state.
    """
    mean, variance = bundle.predict(points)
    chance = np.zeros(outputs.shape[1]) if noise is None else np.diag(noise)
    return judged(outputs, mean, variance + chance, bundle.names)


def judged(outputs: np.ndarray, mean: np.ndarray, variance: np.ndarray, names: Sequence[str]) -> Verdict:
    """Return the table of checks.

    Columns: output, points, rmse (in the output's unit), explained (1 - squared error over variance), covered (share
    within 95% intervals), far (share of standardised errors beyond 3), sd_ratio (root mean squared standardised error,
    1 if the stated variances are right), good. An output is not good if its coverage is improbably low, or if it moves
    by more than the stated error and the emulator explains less than half of that.
    """
    rows = []
    for at, name in enumerate(names):
        gap, sd = outputs[:, at] - mean[:, at], np.sqrt(variance[:, at])
        standard = gap / np.where(sd > 0, sd, np.nan)
        inside = np.abs(standard) <= Z_95
        total = float(outputs[:, at].var())
        explained = 1 - float((gap**2).mean()) / total if total > 0 else math.nan
        unlikely = bool(binom.cdf(int(inside.sum()), len(inside), COVERED) < IMPROBABLE)
        moves = total > 4 * float((sd**2).mean())
        rows.append(
            {
                "output": name,
                "points": len(gap),
                "rmse": math.sqrt(float((gap**2).mean())),
                "explained": explained,
                "covered": float(inside.mean()),
                "far": float((np.abs(standard) > FAR).mean()),
                "sd_ratio": math.sqrt(float(np.nanmean(standard**2))),
                "good": not unlikely and not (moves and explained < LEAST_EXPLAINED),
            }
        )
    return Verdict(pd.DataFrame(rows))


def mahalanobis(outputs: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    """Return the squared Mahalanobis distance of held-back values from their predictions, and how unlikely it is.

    ``outputs``, ``mean`` float64[n]; ``covariance`` float64[n, n]. The distance is compared with a chi-squared
    distribution of n degrees of freedom. Source: Bastos and O'Hagan 2009 (Technometrics 51:425).
    """
    gap = outputs - mean
    distance = float(gap @ np.linalg.solve(covariance, gap))
    return distance, float(chi2.sf(distance, len(gap)))
