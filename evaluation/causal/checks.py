"""Checks that work with any estimator of a panel: placebos in time and space, spillover, leaving parts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.causal.study import NEVER, Study
from evaluation.draws import generator
from evaluation.estimate import Estimate
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
    """Return the estimates when as many never-treated clusters are said to be treated: draw, estimate, se, reason.

    ``reason``: why a standard error is missing. The true treated units are left out. The p-value of the true estimate
    is its rank among these. Raises InputError unless there are at least two more never-treated than treated clusters.
    """
    if not study.never.any():
        raise InputError("panel", "no unit is never treated: there is no one to give a placebo to")
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
        rows.append((draw, result.estimate, result.se, result.reason))
    return pd.DataFrame(rows, columns=["draw", "estimate", "se", "reason"])


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


def spillover_check(
    study: Study, exposed_from: Mapping[object, float], estimator: Estimator
) -> tuple[Estimate, Estimate]:
    """Return (effect on exposed comparison units, effect on the treated without them): does it reach the neighbours?

    ``exposed_from``: the period from which a never-treated unit could be reached, by unit (neighbours of treated
    units, patients of the same practices). The first estimate takes them as treated and leaves the treated out; the
    second leaves them out. Raises InputError for a unit that is not there or is itself treated, a period that is not
    in the panel, or when no comparison unit is left.
    """
    place = {each: at for at, each in enumerate(study.units.tolist())}
    periods = {each: at for at, each in enumerate(study.periods.tolist())}
    start = np.full(len(study.units), NEVER)
    for unit, period in exposed_from.items():
        if unit not in place or not study.never[place[unit]]:
            raise InputError("exposed_from", f"'{unit}' is no never-treated unit of the panel")
        if period not in periods:
            raise InputError("exposed_from", f"{period} is no period of the panel")
        start[place[unit]] = periods[period]
    exposed = np.isfinite(start)
    if not exposed.any() or not (study.never & ~exposed).any():
        raise InputError("exposed_from", f"{int(exposed.sum())} exposed units; some, and some others, are needed")
    reached = estimator(replace(study, start=start).keep(study.never))
    clean = estimator(study.keep(~exposed, note=f"{int(exposed.sum())} exposed comparison units were left out"))
    words = "effect on comparison units that could be reached: none is expected without spillover"
    return replace(reached, method=f"{reached.method}_spillover", estimand=words), clean
