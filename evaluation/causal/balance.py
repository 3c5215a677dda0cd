"""Covariate balance: standardised mean differences and variance ratios, before and after weighting."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.causal.cohort import Cohort

MOST_DIFFERENCE = 0.1  # absolute standardised difference above which an imbalance is called (Austin 2009, Stat Med 28)


def balance(cohort: Cohort, weights: np.ndarray) -> pd.DataFrame:
    """Return one row per covariate: covariate, smd_before, smd_after, variance_ratio_after.

    Differences are treated less untreated over the pooled standard deviation before weighting, so that both columns
    are on one scale. A covariate that does not vary in either arm has 0.
    """
    on = cohort.treated == 1
    rows = []
    for at, name in enumerate(cohort.names):
        x = cohort.covariates[:, at]
        pooled = float(np.sqrt((x[on].var(ddof=1) + x[~on].var(ddof=1)) / 2))
        before = x[on].mean() - x[~on].mean()
        (mean_on, var_on), (mean_off, var_off) = (_moments(x[arm], weights[arm]) for arm in (on, ~on))
        scale = pooled if pooled > 0 else 1.0
        ratio = var_on / var_off if var_off > 0 else 1.0
        rows.append((name, before / scale, (mean_on - mean_off) / scale, ratio))
    return pd.DataFrame(rows, columns=["covariate", "smd_before", "smd_after", "variance_ratio_after"])


def imbalance_caution(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the caution that names covariates still out of balance; none if all are within MOST_DIFFERENCE."""
    bad = table[table["smd_after"].abs() > MOST_DIFFERENCE]
    if bad.empty:
        return ()
    worst = bad.sort_values("smd_after", key=abs, ascending=False).iloc[0]
    return (f"{len(bad)} covariates are out of balance (|SMD| > {MOST_DIFFERENCE}), '{worst['covariate']}' the most",)


def _moments(x: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    total = weights.sum()
    mean = float((weights * x).sum() / total)
    return mean, float((weights * (x - mean) ** 2).sum() / total)


def effective_size(weights: np.ndarray) -> float:
    """Return Kish's effective number of people behind ``weights``: (sum w)^2 / sum w^2."""
    return float(weights.sum() ** 2 / (weights**2).sum())
