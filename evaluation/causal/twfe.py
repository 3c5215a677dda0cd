"""Two-way fixed effects, with the weights it hides: negative ones make it wrong when effects differ or grow."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.causal.bands import drift, few_clusters_caution, lone_side
from evaluation.causal.fixed_effects import demean, fit
from evaluation.causal.study import Study
from evaluation.estimate import LEVEL, Estimate, student_interval
from scenarios.errors import InputError


def two_way_fixed_effects(study: Study, level: float = LEVEL) -> Estimate:
    """Return the coefficient of treatment in a regression with unit and period effects, clustered standard errors.

    With starts at several dates it is a weighted sum of cohorts' effects with weights that can be negative (de
    Chaisemartin and D'Haultfoeuille 2020, AER 110; Goodman-Bacon 2021, J. Econometrics 225). 'negative_weight_share'
    is the weight below zero as a share of all in absolute value, and table 'weights' has the weight of each treated
    unit-period. Absent rows are allowed. Raises InputError if treatment does not vary once the effects are out.
    """
    weight = study.row_weights
    treated = study.treated.astype(float)
    found = fit(study.outcome, treated[..., None], weight, study.cluster)
    left = demean(treated, weight) * weight
    on = study.treated & (weight > 0)
    total = left[on].sum()
    if abs(total) < 1e-9:
        raise InputError("panel", "every unit is treated at once: treatment cannot be told from the period")
    share = left[on] / total
    negative = float(-share[share < 0].sum() / np.abs(share).sum())
    reason = lone_side(study)
    value, se = float(found.coefficients[0]), math.nan if reason else float(np.sqrt(found.covariance[0, 0]))
    lower, upper = student_interval(value, se, max(study.clusters - 1, 1), level)
    rows, columns = np.nonzero(on)
    table = pd.DataFrame({"unit": study.units[rows], "period": study.periods[columns], "weight": share})
    several = len(study.cohorts) > 1
    trend, drifts = ({}, ()) if several else drift(_gap_before(study))
    caution = (
        "starts at several dates: two-way fixed effects is biased if effects differ or grow"
        + (f" ({negative:.0%} of its weight is negative)" if negative > 0 else "")
        + "; prefer Callaway-Sant'Anna or Sun-Abraham",
    )
    return Estimate(
        method="did_two_way_fixed_effects",
        estimate=value,
        se=se,
        lower=lower,
        upper=upper,
        reason=reason,
        level=level,
        estimand="one effect, the same for every treated unit-period",
        population=study.population(),
        n=float(study.clusters),
        n_of="clusters",
        assumptions=("parallel trends", "no anticipation", "no spillover between units", "the effect does not vary"),
        cautions=(*study.notes, *study.unused, *(caution if several else ()), *drifts, *few_clusters_caution(study)),
        diagnostics={"negative_weight_share": negative, "clusters": float(study.clusters), **trend},
        tables={"weights": table},
    )


def _gap_before(study: Study) -> np.ndarray:
    """Return the mean of the treated less that of the others, by period before the start; NaN where one is empty."""
    before = study.outcome[:, : int(study.cohorts[0])]
    weight = np.where(np.isnan(before), 0.0, study.weight[:, None])
    sides = []
    for side in (~study.never, study.never):
        people = weight[side].sum(0)
        total = (weight[side] * np.nan_to_num(before[side])).sum(0)
        sides.append(np.divide(total, people, out=np.full(len(people), math.nan), where=people > 0))
    return np.asarray(sides[0] - sides[1])
