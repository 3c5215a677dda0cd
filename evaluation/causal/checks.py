"""Checks that work with any estimator of a panel: placebo in time and in space, and leaving parts out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.causal.draws import generator
from evaluation.causal.result import Estimate
from evaluation.causal.study import NEVER, Study
from scenarios.errors import InputError

LEAST_BEFORE = 3
Estimator = Callable[[Study], Estimate]


def placebo_in_time(study: Study, estimator: Estimator, periods_earlier: int) -> Estimate:
    """Return the estimate for starts moved ``periods_earlier``, on periods before any true start: expect none.

    Raises InputError if fewer than two periods would be left before the moved start.
    """
    first = int(study.cohorts[0])
    if first < LEAST_BEFORE:
        raise InputError("panel", f"{first} periods before the start; a placebo in time needs at least {LEAST_BEFORE}")
    if periods_earlier < 1 or first - periods_earlier < 2:
        raise InputError("periods_earlier", f"{periods_earlier}; 1 to {first - 2} are allowed")
    early = study.keep(periods=np.arange(len(study.periods)) < first)
    moved = np.where(study.start == first, float(first - periods_earlier), NEVER)
    others = ~(np.isfinite(study.start) & (study.start != first))
    placed = replace(early, start=moved)
    result = estimator(placed.keep(others) if not others.all() else placed)
    return replace(result, method=f"{result.method}_placebo_in_time", estimand="placebo: no effect is expected")


def placebo_in_space(study: Study, estimator: Estimator, draws: int = 99, seed: int = 1) -> pd.DataFrame:
    """Return the estimates when as many never-treated clusters are said to be treated: columns draw, estimate, se.

    The true treated units are left out. The p-value of the true estimate is its rank among these. Raises InputError
    unless there are at least two more never-treated than treated clusters.
    """
    control = study.keep(study.never)
    treated = [study.start[study.cluster == g][0] for g in np.unique(study.cluster[~study.never])]
    if control.clusters <= len(treated) + 1:
        raise InputError("panel", f"{control.clusters} never-treated clusters for {len(treated)} treated: too few")
    rng = generator(seed, "placebo in space")
    rows = []
    for draw in range(draws):
        start = np.full(control.clusters, NEVER)
        start[rng.permutation(control.clusters)[: len(treated)]] = treated
        result = estimator(replace(control, start=start[control.cluster]))
        rows.append((draw, result.estimate, result.se))
    return pd.DataFrame(rows, columns=["draw", "estimate", "se"])


def leave_one_out(study: Study, estimator: Estimator) -> pd.DataFrame:
    """Return the estimate without each cluster in turn: left_out (a unit of it), estimate, lower, upper, reason.

    A cluster without which there is nothing to estimate has an empty estimate and the reason.
    """
    rows = []
    for g in range(study.clusters):
        kept = study.cluster != g
        name = study.units[~kept][0]
        try:
            result = estimator(study.keep(kept))
        except InputError as problem:
            rows.append((name, np.nan, np.nan, np.nan, problem.problem))
            continue
        rows.append((name, result.estimate, result.lower, result.upper, result.reason))
    return pd.DataFrame(rows, columns=["left_out", "estimate", "lower", "upper", "reason"])
