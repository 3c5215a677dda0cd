"""Synthetic control (Abadie, Diamond and Hainmueller 2010, JASA 105), with placebos in space and donors left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from evaluation.causal.bands import drift
from evaluation.causal.donors import Donors, donors_of
from evaluation.causal.simplex import simplex_weights
from evaluation.causal.study import Study
from evaluation.estimate import LEVEL, Estimate, critical
from scenarios.errors import InputError

LEAST_PLACEBOS = 5
RESTARTS = 5
POOR_FIT = 5.0  # placebos whose error before is this many times the treated unit's are not shown as comparable


@dataclass(frozen=True)
class Predictors:
    """What to match on: ``table`` (predictors x units) and the periods whose error chooses the predictors' weights.

    ``importance`` (one per predictor) fixes those weights; otherwise they are those with the least mean squared error
    over ``fit_periods`` (default: all before the start).
    """

    table: pd.DataFrame
    fit_periods: Sequence[float] = ()
    importance: Sequence[float] = ()


@dataclass(frozen=True)
class _Fit:
    weights: np.ndarray
    importance: np.ndarray


def synthetic_control(
    study: Study, predictors: Predictors | None = None, ridge: bool = False, level: float = LEVEL
) -> Estimate:
    """Return the mean gap after the start between the treated units' mean and their synthetic control.

    Without ``predictors`` it matches every period's outcome before the start. ``ridge``: augmented synthetic control,
    which corrects what misfit is left by a ridge regression of later on earlier outcomes (Ben-Michael, Feller and
    Rothstein 2021, JASA 116); its weights can be negative. The interval is normal, with the standard deviation of the
    same estimator on each donor in turn (placebo in space), so it assumes errors alike across units; 'p_value' is the
    rank of the treated unit's ratio of errors after and before the start among the placebos'.
    Tables: 'path' (period, observed, synthetic, gap, placebo limits), 'weights', 'placebo', 'left_out', 'predictors'.
    """
    donors, study = donors_of(study)
    found = _fit(donors, predictors, study)
    weights = _augmented(donors, found.weights) if ridge else found.weights
    gap = donors.gap(weights)
    value = float(gap[donors.start :].mean())
    placebos = _placebos(donors, predictors, study, ridge, found.importance)
    se = float(placebos["estimate"].std(ddof=1)) if len(placebos) >= LEAST_PLACEBOS else math.nan
    half = critical(level) * se
    reason = "" if len(placebos) >= LEAST_PLACEBOS else f"{len(placebos)} donors: too few placebos for an interval"
    before, after = _rmspe(gap, donors.start)
    ratio = after / before if before > 0 else math.inf
    rank = 1 + int((placebos["ratio"] >= ratio).sum())
    trend, caution = drift(gap[: donors.start])
    return Estimate(
        method="synthetic_control_augmented" if ridge else "synthetic_control",
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        level=level,
        reason=reason,
        estimand="effect on the treated: mean gap over periods from the start on",
        population=f"{donors.treated} treated, {len(donors.names)} donors, {donors.start} periods before the start",
        assumptions=("the weighted donors would have gone on as the treated unit", "no spillover to donors"),
        cautions=(*study.notes, *study.unused, *_cautions(donors, weights, before), *caution),
        diagnostics={
            **trend,
            "start": float(donors.periods[donors.start]),
            "rmspe_before": before,
            "rmspe_ratio": ratio,
            "p_value": rank / (len(placebos) + 1),
            "donors_used": float((np.abs(weights) > 1e-3).sum()),
            "largest_weight": float(weights.max()),
        },
        tables={
            "path": _path(donors, weights, placebos, before),
            "weights": pd.DataFrame({"unit": donors.names, "weight": weights}),
            "placebo": placebos.drop(columns="gap"),
            "left_out": _left_out(donors, predictors, study, ridge, found),
            **_predictor_table(donors, predictors, study, found),
        },
    )


def _fit(donors: Donors, predictors: Predictors | None, study: Study, importance: np.ndarray | None = None) -> _Fit:
    before = slice(0, donors.start)
    if predictors is None:
        return _Fit(simplex_weights(donors.donors[before], donors.target[before]), np.ones(donors.start))
    x1, x0 = _scaled(donors, predictors, study)
    rows = _fit_rows(donors, predictors)
    given = np.asarray(predictors.importance, dtype=float) if len(predictors.importance) else importance
    if given is not None:
        if len(given) != len(x1) or (given < 0).any() or given.sum() == 0:
            raise InputError("importance", f"{len(given)} numbers for {len(x1)} predictors; one each, 0 or more")
        return _Fit(_by_importance(given, x0, x1), given / given.sum())
    best = _best_importance(x0, x1, donors.donors[rows], donors.target[rows])
    return _Fit(_by_importance(best, x0, x1), best)


def _by_importance(importance: np.ndarray, x0: np.ndarray, x1: np.ndarray) -> np.ndarray:
    root = np.sqrt(importance)
    return simplex_weights(x0 * root[:, None], x1 * root)


def _best_importance(x0: np.ndarray, x1: np.ndarray, y0: np.ndarray, y1: np.ndarray) -> np.ndarray:
    """Return predictors' weights (sum 1) with the least mean squared error of the outcome near equal ones.

    Nelder-Mead on log weights from equal ones with steps of one, restarted until it gains nothing. A local search, as
    in the authors' own software: a wider one fits the earlier outcomes a little better by ignoring most predictors.
    """

    def shares(line: np.ndarray) -> np.ndarray:
        raised = np.exp(line - line.max())
        return raised / raised.sum()

    def loss(line: np.ndarray) -> float:
        return float(((y1 - y0 @ _by_importance(shares(line), x0, x1)) ** 2).mean())

    k = len(x1)
    at, least = np.zeros(k), math.inf
    for _ in range(RESTARTS):
        simplex = np.vstack([at, at + np.eye(k)])
        options = {"initial_simplex": simplex, "maxiter": 200 * k, "adaptive": True, "xatol": 1e-4, "fatol": 1e-10}
        made = optimize.minimize(loss, at, method="Nelder-Mead", options=options)
        at, gained = made.x, least - made.fun
        least = float(made.fun)
        if gained < 1e-6 * abs(least):
            break
    return shares(at)


def _scaled(donors: Donors, predictors: Predictors, study: Study) -> tuple[np.ndarray, np.ndarray]:
    """Return the treated mean (k,) and donors (k, d), each predictor over its standard deviation across units."""
    table = predictors.table
    treated = study.units[~study.never]
    names = set(map(str, table.columns))
    lookup = {str(column): table[column].to_numpy(dtype=float) for column in table.columns}
    for name in (*treated, *donors.names):
        if str(name) not in names:
            raise InputError("predictors", f"have no column for unit '{name}'")
    x0 = np.column_stack([lookup[str(name)] for name in donors.names])
    own = [str(name) for name in treated if str(name) in lookup]
    x1 = np.average(np.column_stack([lookup[name] for name in own]), axis=1, weights=study.weight[~study.never])
    sd = np.column_stack([x0, x1]).std(axis=1, ddof=1)
    sd[sd == 0] = 1.0
    return x1 / sd, x0 / sd[:, None]


def _fit_rows(donors: Donors, predictors: Predictors) -> np.ndarray:
    if not len(predictors.fit_periods):
        return np.arange(donors.start)
    rows = np.flatnonzero(np.isin(donors.periods, list(predictors.fit_periods)))
    if len(rows) == 0 or rows.max() >= donors.start:
        raise InputError("fit_periods", "must be periods of the panel, all before the start")
    return rows


def _augmented(donors: Donors, weights: np.ndarray) -> np.ndarray:
    """Return the weights plus the ridge correction; the penalty is chosen by leaving out one period at a time."""
    before = donors.donors[: donors.start]
    centre = before.mean(axis=1, keepdims=True)
    x = (before - centre).T  # donors x periods
    target = donors.target[: donors.start] - centre[:, 0]
    largest = float(np.linalg.eigvalsh(x.T @ x).max())

    def corrected(penalty: float, base: np.ndarray, kept: np.ndarray) -> np.ndarray:
        part = x[:, kept]
        miss = target[kept] - base @ part
        inner = np.linalg.solve(part.T @ part + penalty * np.eye(part.shape[1]), miss)
        return base + part @ inner

    grid = largest * np.logspace(-6, 2, 20)
    errors = []
    for penalty in grid:
        miss = 0.0
        for period in range(donors.start):
            kept = np.arange(donors.start) != period
            base = simplex_weights(before[kept], donors.target[: donors.start][kept])
            miss += float((target[period] - corrected(penalty, base, kept) @ x[:, period]) ** 2)
        errors.append(miss)
    return corrected(float(grid[int(np.argmin(errors))]), weights, np.ones(donors.start, dtype=bool))


def _placebo_fit(
    donors: Donors, predictors: Predictors | None, study: Study, ridge: bool, importance: np.ndarray
) -> np.ndarray:
    """Return a placebo's weights; it keeps the predictors' importance found for the treated unit, for speed."""
    if predictors is None:
        weights = _fit(donors, None, study).weights
    else:
        table = predictors.table
        names = [str(column) for column in table.columns]
        numbers = table.to_numpy(dtype=float)
        sd = numbers.std(axis=1, ddof=1)
        sd[sd == 0] = 1.0
        x0 = np.column_stack([numbers[:, names.index(str(name))] for name in donors.names]) / sd[:, None]
        own = next(name for name in study.units[study.never] if name not in donors.names)
        weights = _by_importance(importance, x0, numbers[:, names.index(str(own))] / sd)
    return _augmented(donors, weights) if ridge else weights


def _placebos(
    donors: Donors, predictors: Predictors | None, study: Study, ridge: bool, importance: np.ndarray
) -> pd.DataFrame:
    rows = []
    for at, name in enumerate(donors.names):
        if len(donors.names) < 3:
            break
        other = donors.placebo(at)
        gap = other.gap(_placebo_fit(other, predictors, study, ridge, importance))
        before, after = _rmspe(gap, donors.start)
        rows.append((name, float(gap[donors.start :].mean()), before, after / before if before > 0 else math.inf, gap))
    return pd.DataFrame(rows, columns=["unit", "estimate", "rmspe_before", "ratio", "gap"])


def _left_out(donors: Donors, predictors: Predictors | None, study: Study, ridge: bool, found: _Fit) -> pd.DataFrame:
    """Return the estimate without each donor that has weight; predictors keep their importance."""
    rows = []
    for at in np.flatnonzero(found.weights > 1e-3):
        if len(donors.names) < 3:
            break
        fewer = donors.without(int(at))
        weights = _fit(fewer, predictors, study, found.importance).weights
        gap = fewer.gap(_augmented(fewer, weights) if ridge else weights)
        rows.append((donors.names[at], float(gap[donors.start :].mean())))
    return pd.DataFrame(rows, columns=["left_out", "estimate"])


def _rmspe(gap: np.ndarray, start: int) -> tuple[float, float]:
    return float(np.sqrt((gap[:start] ** 2).mean())), float(np.sqrt((gap[start:] ** 2).mean()))


def _path(donors: Donors, weights: np.ndarray, placebos: pd.DataFrame, before: float) -> pd.DataFrame:
    gap = donors.gap(weights)
    table = pd.DataFrame(
        {"period": donors.periods, "observed": donors.target, "synthetic": donors.donors @ weights, "gap": gap}
    )
    fair = placebos[placebos["rmspe_before"] <= POOR_FIT * before] if before > 0 else placebos
    if len(fair) >= LEAST_PLACEBOS:
        gaps = np.vstack(fair["gap"].to_list())
        table["placebo_lower"], table["placebo_upper"] = np.quantile(gaps, [0.025, 0.975], axis=0)
    return table


def _cautions(donors: Donors, weights: np.ndarray, before: float) -> tuple[str, ...]:
    found = []
    spread = float(donors.target[: donors.start].std())
    if spread > 0 and before > spread:
        found.append("poor fit before the start: the error is larger than the series' own spread")
    if float(weights.max()) > 0.9:
        found.append("almost all weight is on one donor")
    return tuple(found)


def _predictor_table(
    donors: Donors, predictors: Predictors | None, study: Study, found: _Fit
) -> dict[str, pd.DataFrame]:
    if predictors is None:
        return {}
    table = predictors.table
    own = [column for column in table.columns if str(column) in set(map(str, study.units[~study.never]))]
    by_name = {str(column): table[column].to_numpy(dtype=float) for column in table.columns}
    mean = np.column_stack([by_name[str(name)] for name in donors.names])
    made = pd.DataFrame(
        {
            "predictor": list(table.index),
            "importance": found.importance,
            "treated": table[own].to_numpy(dtype=float).mean(axis=1),
            "synthetic": mean @ found.weights,
            "donors_mean": mean.mean(axis=1),
        }
    )
    return {"predictors": made}
