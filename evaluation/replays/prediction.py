"""What the model predicts a study would find: spread over draws of the evidence, and the study's own sampling error.

Estimates differ between runs because the evidence differs and because a run is finite. The second is known (the noise
of each estimate) and is taken out of the variance over runs; what is left is the evidence, and the error of a mean over
few runs goes in. So does the study's own sampling error: where it printed an interval, that interval's, for the study
knows what practices, sites and adjustment did to it; elsewhere as worked out at the study's size. And so does how much
what programmes of one kind do differs between places (Higgins, Thompson and Spiegelhalter 2009, JRSS A 172: 137),
which the printed interval of a pool of trials holds already.

How much the evidence spreads is itself known from a few runs alone, the less the more of their spread is chance. Limits
hold that: they are those of a mixture of normals over what the variance between runs may be, given the one seen (its
fiducial distribution, (runs - 1) x seen over chi-squared, less the known noise and never below 0: a generalised
prediction in the sense of Weerahandi 1993, JASA 88). Without noise it is Student's t with runs less one degrees of
freedom. In made-up runs 87% to 95% of such limits hold the truth, the least where noise is twice what the evidence
spreads (Satterthwaite's degrees of freedom, in their place before, held 80% there with 8 or 16 runs).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2, norm

from evaluation.estimate import critical

LEVEL = 0.90
FEWEST_RUNS = 3
FEWEST_SHARE = 0.5  # of the runs: those in which enough happened are not like the others
SPREADS = 400  # values of the variance between runs in the mixture, evenly over its distribution


@dataclass(frozen=True)
class Prediction:
    """Of one effect, on the scale of the comparison (log where the effect is): middle, limits at LEVEL, and parts.

    ``evidence_sd``: over draws; ``study_se``: of the study, as printed or else at its own size; ``context_sd``: between
    places; ``runs``: that could carry the study out, of ``tried``. Figures are NaN with too few runs.
    """

    middle: float
    low: float
    high: float
    evidence_sd: float
    study_se: float
    runs: int
    tried: int
    reason: str = ""
    context_sd: float = 0.0

    @property
    def half_width(self) -> float:
        """Return half of the interval."""
        return (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        """Return the standard deviation of a normal with that interval."""
        return self.half_width / critical(LEVEL)

    @property
    def sampling_half_width(self) -> float:
        """Return half of the interval that the study's own sampling error alone would give."""
        return critical(LEVEL) * self.study_se


def predict(results: pd.DataFrame, printed_se: float = math.nan, pooled: bool = False) -> Prediction:
    """Return the prediction from one effect's rows: estimate, se, noise, context, reason of each run.

    ``printed_se``: standard error that the study printed, on the scale of the comparison; NaN where it printed none.
    ``pooled``: it is of the mean of several trials, and holds how they differ. There is no prediction where fewer than
    FEWEST_RUNS, or than FEWEST_SHARE of the runs, could carry the study out.
    """
    seen = results[np.isfinite(results["estimate"].to_numpy(dtype=float))]
    runs, tried = len(seen), len(results)
    needed = max(FEWEST_RUNS, math.ceil(FEWEST_SHARE * tried))
    if runs < needed:
        said = [str(words) for words in results["reason"] if words]
        nan = math.nan
        why = said[0] if said else f"{runs} runs; at least {needed} are needed"
        return Prediction(nan, nan, nan, nan, nan, runs, tried, why)
    estimate = seen["estimate"].to_numpy(dtype=float)
    variance = float(estimate.var(ddof=1))
    noise = float(np.mean(np.square(seen["noise"].to_numpy(dtype=float))))
    evidence = max(variance - noise, 0.0)
    study = float(np.mean(np.square(seen["se"].to_numpy(dtype=float))))
    context = float(np.mean(np.square(seen["context"].to_numpy(dtype=float))))
    if math.isfinite(printed_se):
        study = printed_se**2
        context = 0.0 if pooled else context
    middle = float(estimate.mean())
    half = half_at_level(variance, noise, study + context, runs)
    errors = math.sqrt(evidence), math.sqrt(study)
    return Prediction(middle, middle - half, middle + half, *errors, runs, tried, context_sd=math.sqrt(context))


def half_at_level(variance: float, noise: float, known: float, runs: int) -> float:
    """Return half of the interval at LEVEL around the mean of so many runs.

    ``variance``: of the estimates between runs, ``noise`` of it each run's own chance; ``known``: variance of what else
    makes the study's figure differ (its sampling error, its place). NaN where one of them is.
    """
    if not math.isfinite(variance + noise + known):
        return math.nan
    at = (np.arange(SPREADS) + 0.5) / SPREADS
    whole = (runs - 1) * variance / chi2.ppf(at, runs - 1)
    evidence = np.maximum(whole - noise, 0.0)
    sd = np.sqrt(evidence + (evidence + noise) / runs + known)
    if not sd.max() > 0.0:
        return 0.0

    def beyond(half: float) -> float:
        held = 2.0 * norm.cdf(half / np.maximum(sd, 1e-300)) - 1.0
        return float(held.mean()) - LEVEL

    return float(brentq(beyond, 0.0, 10.0 * float(sd.max()), xtol=1e-9 * float(sd.max())))
