"""Targets beside what the model gives as it stands, nothing fitted: the first look, before a fit is planned."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from calibration.fit.assessment import target_row
from calibration.fit.runs import Progress
from calibration.fit.simulator import Simulator
from calibration.fit.store import point_key, run_seed
from calibration.matching.simulated import pooled_sd
from calibration.targets.target import TargetSet


def beside(
    targets: TargetSet,
    simulator: Simulator,
    runs: int,
    seed: int = 1,
    progress: Progress = lambda done, total, what: None,
) -> pd.DataFrame:
    """Return targets beside the mean of ``runs`` runs at the registry's central values.

    Columns: those of ``assessment.target_row``, and after simulated chance_sd (of one run; NaN with one).
    """
    found = []
    for number in range(runs):
        progress(number, runs, "runs at the registry's values")
        found.append(simulator.run({}, run_seed(seed, point_key({}), number)))
    progress(runs, runs, "runs at the registry's values")
    rows = []
    for each in targets:
        values = np.array([one[each.target] for one in found])
        values = values[np.isfinite(values)]  # of few residents some groups may have nobody to divide by
        mean = float(values.mean()) if len(values) else math.nan
        rows.append(target_row(each, mean, {"chance_sd": pooled_sd([values]) if len(values) else math.nan}))
    return pd.DataFrame(rows)
