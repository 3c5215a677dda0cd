"""The ratio of two means from paired observations, and how sure it is."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import t as student

from evaluation.estimate import LEVEL, check_level

MAYBE_NOTHING = "the difference below the line may be nothing: the ratio has no interval"


def fieller(
    top: np.ndarray, bottom: np.ndarray, level: float = LEVEL, least_sd: float = 0.0
) -> tuple[float, float, str]:
    """Return Fieller's limits of mean(top) / mean(bottom) from paired observations, and why there are none (or '').

    Of the ratio of the means, not of the ratio in one observation. Student's t with n - 1 degrees of freedom. They hold
    0 just where Student's limits of mean(top) do. NaN where the denominator cannot be told from 0: the limits would be
    two half-lines, or everything. ``least_sd``: a spread of the top below this is not known. Source: Fieller 1954,
    Journal of the Royal Statistical Society B 16, 175 to 185.
    """
    a, b, n = np.asarray(top, float), np.asarray(bottom, float), len(top)
    if n < 2:
        return math.nan, math.nan, "one observation: no interval"
    if np.ptp(b) == 0 and np.ptp(a) == 0:
        return math.nan, math.nan, "the same in every draw: no interval"
    t2 = float(student.ppf(0.5 + check_level(level) / 2, n - 1)) ** 2
    ma, mb = float(a.mean()), float(b.mean())
    off_a, off_b = a - ma, b - mb
    aa, ab, bb = (
        t2 * float(one @ other) / (n - 1) / n for one, other in ((off_a, off_a), (off_a, off_b), (off_b, off_b))
    )
    aa = max(aa, t2 * least_sd**2 / n)
    left = mb**2 - bb
    if left <= 0:
        return math.nan, math.nan, MAYBE_NOTHING
    middle = ma * mb - ab
    root = math.sqrt(max(middle**2 - left * (ma**2 - aa), 0.0))
    return (middle - root) / left, (middle + root) / left, ""
