"""What the model predicts a study would find: spread over draws of the evidence, and the study's own sampling error.

Estimates differ between runs because the evidence differs and because a run is finite. The second is known (the noise
of each estimate) and is taken out of the variance over runs; what is left is the evidence. The study's own sampling
error, at its own size, is put in, and the error of a mean over few runs. Limits are Student's t, with degrees of
freedom by Satterthwaite (1946, Biometrics Bulletin 2): runs less one for what runs tell, none lost for the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.estimate import critical

LEVEL = 0.90
FEWEST_RUNS = 3
MOST_DF = 1e6  # root of degrees of freedom that are as good as infinite


@dataclass(frozen=True)
class Prediction:
    """Of one effect, on the scale of the comparison (log where the effect is): middle, limits at LEVEL, and parts.

    ``evidence_sd``: over draws; ``study_se``: of the study at its own size; ``runs``: that could carry the study out,
    of ``tried``. Figures are NaN with too few runs.
    """

    middle: float
    low: float
    high: float
    evidence_sd: float
    study_se: float
    runs: int
    tried: int
    reason: str = ""

    @property
    def half_width(self) -> float:
        """Return half of the interval."""
        return (self.high - self.low) / 2

    @property
    def sampling_half_width(self) -> float:
        """Return half of the interval that the study's own sampling error alone would give."""
        return critical(LEVEL) * self.study_se


def predict(results: pd.DataFrame) -> Prediction:
    """Return the prediction from one effect's rows: estimate, se, noise, reason of each run."""
    seen = results[np.isfinite(results["estimate"].to_numpy(dtype=float))]
    runs, tried = len(seen), len(results)
    if runs < FEWEST_RUNS:
        said = [str(words) for words in results["reason"] if words]
        nan = math.nan
        why = said[0] if said else f"{runs} runs; at least {FEWEST_RUNS} are needed"
        return Prediction(nan, nan, nan, nan, nan, runs, tried, why)
    estimate = seen["estimate"].to_numpy(dtype=float)
    variance = float(estimate.var(ddof=1))
    noise = float(np.mean(np.square(seen["noise"].to_numpy(dtype=float))))
    evidence = max(variance - noise, 0.0)
    study = float(np.mean(np.square(seen["se"].to_numpy(dtype=float))))
    middle = float(estimate.mean())
    seen_part = evidence + variance / runs  # known from a few runs alone; the study's own error is known
    total = seen_part + study
    df = (runs - 1) * min(total / max(seen_part, 1e-300), MOST_DF) ** 2
    half = critical(LEVEL, df) * math.sqrt(total)
    return Prediction(middle, middle - half, middle + half, math.sqrt(evidence), math.sqrt(study), runs, tried)
