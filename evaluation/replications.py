"""How often to simulate: replications for a precision, and what sharing random numbers saves.

Sources: Robinson 2004; Hoad, Robinson and Davies 2010 (confidence-interval method, with its look ahead); Klein et al.
2024 (common random numbers).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from evaluation.arrays import Numbers, numbers
from evaluation.estimate import LEVEL, check_level
from scenarios.errors import InputError

NOT_REACHED = -1


@dataclass(frozen=True)
class Enough:
    """How many replications a precision needs; NOT_REACHED (-1) if those at hand are too few.

    ``first``: when it is met first, which may be a fluke; ``stays``: from when on it is met at every later count.
    """

    precision: float
    first: int
    stays: int


def running_precision(values: Numbers, level: float = LEVEL) -> pd.DataFrame:
    """Return, for the first n of ``values``: n, mean, half_width (Student's t), deviation (half_width over |mean|)."""
    data = numbers(values, "values")
    rows = []
    for n in range(2, len(data) + 1):
        mean = float(data[:n].mean())
        half = float(student.ppf(0.5 + check_level(level) / 2, n - 1) * data[:n].std(ddof=1) / math.sqrt(n))
        rows.append((n, mean, half, half / abs(mean) if mean != 0 else math.inf))
    return pd.DataFrame(rows, columns=["n", "mean", "half_width", "deviation"])


def replications_needed(values: Numbers, precision: float, level: float = LEVEL, least: int = 3) -> Enough:
    """Return how many replications give a half-width of at most ``precision`` times the mean (0.05: 5%).

    At least ``least``. For a mean near 0, such as a difference, use the absolute half-width of ``running_precision``.
    Raises InputError for a precision that is not above 0.
    """
    if not precision > 0:
        raise InputError("precision", f"is {precision:g}; allowed: above 0 (0.05 is 5% of the mean)")
    table = running_precision(values, level)
    table = table[table["n"] >= least]
    met = (table["deviation"] <= precision).to_numpy()
    counts = table["n"].to_numpy()
    first = int(counts[met.argmax()]) if met.any() else NOT_REACHED
    late = np.flatnonzero(~met)
    after = 0 if not len(late) else int(late[-1]) + 1
    return Enough(precision, first, int(counts[after]) if after < len(counts) else NOT_REACHED)


def paired_standard_error(sd_baseline: float, sd_design: float, correlation: float, replications: int) -> float:
    """Return the standard error of a mean difference of arms that share random numbers.

    Var(A - B) = var A + var B - 2 r sd A sd B. Raises InputError for a correlation outside -1 to 1, a spread below 0 or
    no replication.
    """
    a, b = (float(numbers([each], "standard deviation", 0.0)[0]) for each in (sd_baseline, sd_design))
    if not -1 <= correlation <= 1:
        raise InputError("correlation", f"is {correlation:g}; allowed: -1 to 1")
    if replications < 1:
        raise InputError("replications", f"are {replications}; allowed: 1 or more")
    return math.sqrt(max(a**2 + b**2 - 2 * correlation * a * b, 0.0) / replications)


def equivalent_independent(sd_baseline: float, sd_design: float, correlation: float, replications: int) -> float:
    """Return how many replications of independent arms would be as precise; infinite if the difference never varies."""
    paired = paired_standard_error(sd_baseline, sd_design, correlation, replications)
    apart = paired_standard_error(sd_baseline, sd_design, 0.0, replications)
    return replications * (apart / paired) ** 2 if paired > 0 else math.inf
