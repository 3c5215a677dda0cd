"""The expected value of perfect information: what it would be worth to know everything before choosing.

Net benefit is float64[draw, option], pounds (or QALYs). Source: Felli and Hazen 1998; Wilson 2015 (population).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import norm

from evaluation.arrays import Numbers, numbers
from evaluation.economics.discounting import Rates, discount_factors
from evaluation.economics.options import Options
from evaluation.estimate import LEVEL, Estimate, normal_limits
from scenarios.errors import InputError

METHOD = "evpi"


def check_benefit(benefit: np.ndarray) -> np.ndarray:
    """Return net benefit as float64[draw, option]. Raises InputError unless there are draws and two options or more."""
    found = np.asarray(benefit, float)
    if found.ndim != 2 or found.shape[1] < 2 or not len(found):
        raise InputError("net benefit", f"has shape {found.shape}; allowed: draws x two options or more")
    numbers(found, "net benefit")
    return found


def evpi(benefit: np.ndarray, level: float = LEVEL, population: str = "not stated") -> Estimate:
    """Return the mean over draws of the best option's net benefit less that of the option best on average.

    The interval is of the Monte Carlo error alone. Noise of the simulation in ``benefit`` (few replications a draw)
    raises it: average them first, or take ``partial.evppi`` of all parameters, which regresses the noise away.
    """
    data = check_benefit(benefit)
    chosen = int(data.mean(axis=0).argmax())
    missed = data.max(axis=1) - data[:, chosen]
    value, n = float(missed.mean()), len(missed)
    se = float(missed.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    lower, upper = normal_limits(value, se, level)
    reason = "" if n > 1 else "one draw: no interval"
    return Estimate(value, max(lower, 0.0), upper, METHOD, population, n, "draws", level, se, reason)


def evpi_curve(options: Options, thresholds: Numbers) -> pd.DataFrame:
    """Return the expected value of perfect information by threshold: columns threshold, evpi (pounds)."""
    rows = [(float(k), evpi(options.net_benefit(float(k))).estimate) for k in numbers(thresholds, "thresholds", 0.0)]
    return pd.DataFrame(rows, columns=["threshold", "evpi"])


def evpi_two_normal(mean: float, sd: float) -> float:
    """Return the value of learning a difference in net benefit that is normal with ``mean`` and ``sd``, in closed form.

    The unit normal loss: sd phi(|mean| / sd) - |mean| Phi(-|mean| / sd). With ``sd`` of what one parameter contributes
    it is that parameter's partial value; with the standard deviation of the pre-posterior mean, of sample information.
    """
    spread = float(numbers([sd], "sd", 0.0)[0])
    if spread == 0:
        return 0.0
    away = abs(mean) / spread
    return spread * float(norm.pdf(away)) - abs(mean) * float(norm.cdf(-away))


def population_value(per_person: float, people_a_year: Numbers, rates: Rates = 0.0, first_time: float = 0.0) -> float:
    """Return a value per person for all whom the decision is about: people by year (shape: years), discounted."""
    people = numbers(people_a_year, "people_a_year", 0.0)
    return float(per_person * (people * discount_factors(first_time + np.arange(len(people)), rates)).sum())
