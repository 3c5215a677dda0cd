"""Synthetic control (Abadie, Diamond and Hainmueller 2010, JASA 105), with placebos in space and donors left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np
import pandas as pd
from scipy import optimize

from evaluation.causal.bands import drift
from evaluation.causal.donors import Donors, donors_of
from evaluation.causal.simplex import simplex_weights
from evaluation.causal.study import Study
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, critical
from scenarios.errors import InputError

LEAST_PLACEBOS = 5
PLACEBO_DRAWS = 100  # of as many donors as are treated, where those are several
RESTARTS = 5
WORST, ENOUGH = 0.95, 20  # share of placebos that fit better before above which users are told, and of how many
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


@dataclass(frozen=True)
class _Placebo:
    """Donors said to be treated instead: what they are called, their names and ``weight``s, and who is left.

    ``beside``: the treated with the same donors left, whose ratio of errors theirs is compared with; None: with all.
    """

    label: str
    own: tuple[object, ...]
    weight: np.ndarray
    donors: Donors
    beside: _Placebo | None = None


def synthetic_control(
    study: Study,
    predictors: Predictors | None = None,
    ridge: bool = False,
    level: float = LEVEL,
    seed: int = 1,
) -> Estimate:
    """Return the mean gap after the start between the treated units' mean and their synthetic control.

    Without ``predictors`` it matches every period's outcome before the start. ``ridge``: augmented synthetic control,
    which corrects what misfit is left by a ridge regression of later on earlier outcomes (Ben-Michael, Feller and
    Rothstein 2021, JASA 116); its weights can be negative. Limits are Student's t (donors - 1 degrees of freedom), with
    the standard deviation of the same estimator on each donor in turn (placebo in space), so they assume errors alike
    across units; where k units are treated, on the mean of k donors, weighted as the treated are, over all such sets
    of donors or PLACEBO_DRAWS of them, since a mean varies less than one unit. With fewer than 2k donors single ones
    stand in, and a caution says that limits are too wide. 'p_value' is the rank of the treated ratio of errors after
    and before the start among the placebos' (for several treated, with the donors that each placebo leaves: the more
    donors, the closer the fit).
    Raises InputError for ``ridge`` where donors do not differ before the start, and as donors_of does.
    Tables: 'path' (period, observed, synthetic, gap, placebo limits), 'weights', 'placebo', 'left_out', 'predictors'.
    """
    donors, study = donors_of(study)
    if ridge and _all_alike(donors):
        words = "donors are all alike in every period before the start: nothing tells how to weigh them anew"
        raise InputError("panel", f"{words}; use the synthetic control that is not augmented")
    found = _fit(donors, predictors, study)
    weights = _augmented(donors, found.weights) if ridge else found.weights
    gap = donors.gap(weights)
    value = float(gap[donors.start :].mean())
    chosen, wide = _chosen(donors, study, seed)
    placebos = _placebos(chosen, predictors, ridge, found.importance)
    reason = _too_few(donors)
    se = math.nan if reason else float(placebos["estimate"].std(ddof=1))
    half = critical(level, len(donors.names) - 1) * se
    before, ratio = _rmspe(gap, donors.start)[0], _ratio(gap, donors.start)
    rank = 1 + int((placebos["ratio"] >= placebos["treated_ratio"].fillna(ratio)).sum())
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
        cautions=(
            *study.notes,
            *study.unused,
            *wide,
            *_cautions(donors, weights, before),
            *_worst(placebos, before),
            *caution,
        ),
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
            "placebo": placebos.drop(columns=["gap", "treated_ratio"]),
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


def _all_alike(donors: Donors) -> bool:
    """Return whether no donor differs from another before the start by more than rounding."""
    before = donors.donors[: donors.start]
    return bool(np.ptp(before, axis=1).max() <= 1e-12 * np.abs(before).max())


def _augmented(donors: Donors, weights: np.ndarray) -> np.ndarray:
    """Return the weights plus the ridge correction; the penalty is chosen by leaving out one period at a time.

    Donors all alike, as a placebo's can be, correct nothing.
    """
    if _all_alike(donors):
        return weights
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
    others = ~np.eye(donors.start, dtype=bool)
    bases = [simplex_weights(before[kept], donors.target[: donors.start][kept]) for kept in others]
    errors = []
    for penalty in grid:
        miss = 0.0
        for period, (kept, base) in enumerate(zip(others, bases, strict=True)):
            miss += float((target[period] - corrected(penalty, base, kept) @ x[:, period]) ** 2)
        errors.append(miss)
    return corrected(float(grid[int(np.argmin(errors))]), weights, np.ones(donors.start, dtype=bool))


def _too_few(donors: Donors) -> str:
    few = len(donors.names) < LEAST_PLACEBOS
    return f"{len(donors.names)} donors: too few placebos for an interval" if few else ""


def _chosen(donors: Donors, study: Study, seed: int) -> tuple[list[_Placebo], tuple[str, ...]]:
    """Return the placebos: each donor, or draws of as many as are treated; and a caution where those are too many."""
    count, among = donors.treated, len(donors.names)
    if among < 3:  # one would be left as the other's only donor
        return [], ()
    if count == 1 or among < 2 * count:
        alone = [_Placebo(str(name), (name,), np.ones(1), donors.placebo(at)) for at, name in enumerate(donors.names)]
        words = f"{count} treated units and {among} donors: placebos are single donors, so limits are too wide"
        return alone, (words,) if count > 1 and not _too_few(donors) else ()
    weight, treated = study.weight[~study.never], tuple(study.units[~study.never])
    found = []
    for draw, picked in enumerate(_sets(among, weight, seed)):
        left = np.setdiff1d(np.arange(among), picked)
        fewer = replace(donors, donors=donors.donors[:, left], names=donors.names[left])
        mean = np.average(donors.donors[:, picked], axis=1, weights=weight)
        beside = _Placebo("", treated, weight, fewer)
        label = f"mean of {count} donors, draw {draw + 1}"
        found.append(_Placebo(label, tuple(donors.names[picked]), weight, replace(fewer, target=mean), beside))
    return found, ()


def _sets(among: int, weight: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return sets of donors, as many in each as are treated, no set twice: all there are, or PLACEBO_DRAWS of them.

    Where the treated weigh unlike, which donor stands for which of them makes another set.
    """
    count, alike = len(weight), bool(np.ptp(weight) == 0)
    if (math.comb(among, count) if alike else math.perm(among, count)) <= PLACEBO_DRAWS:
        every = combinations(range(among), count) if alike else permutations(range(among), count)
        return [np.array(each) for each in every]
    rng = generator(seed, "synthetic control placebo")
    found: dict[tuple[int, ...], None] = {}  # in the order in which they were drawn
    while len(found) < PLACEBO_DRAWS:
        picked = rng.permutation(among)[:count].tolist()
        found[tuple(sorted(picked) if alike else picked)] = None
    return [np.array(each) for each in found]


def _placebo_fit(placebo: _Placebo, predictors: Predictors | None, ridge: bool, importance: np.ndarray) -> np.ndarray:
    """Return a placebo's weights; it keeps the predictors' importance found for the treated unit, for speed."""
    donors = placebo.donors
    if predictors is None:
        before = slice(0, donors.start)
        weights = simplex_weights(donors.donors[before], donors.target[before])
    else:
        table = predictors.table
        names = [str(column) for column in table.columns]
        numbers = table.to_numpy(dtype=float)
        sd = numbers.std(axis=1, ddof=1)
        sd[sd == 0] = 1.0
        x0 = numbers[:, [names.index(str(name)) for name in donors.names]] / sd[:, None]
        own = numbers[:, [names.index(str(name)) for name in placebo.own]]
        weights = _by_importance(importance, x0, np.average(own, axis=1, weights=placebo.weight) / sd)
    return _augmented(donors, weights) if ridge else weights


def _placebos(
    chosen: Sequence[_Placebo], predictors: Predictors | None, ridge: bool, importance: np.ndarray
) -> pd.DataFrame:
    def gap_of(placebo: _Placebo) -> np.ndarray:
        return placebo.donors.gap(_placebo_fit(placebo, predictors, ridge, importance))

    rows = []
    for each in chosen:
        gap, start = gap_of(each), each.donors.start
        own = _ratio(gap_of(each.beside), start) if each.beside else math.nan
        rows.append((each.label, float(gap[start:].mean()), _rmspe(gap, start)[0], _ratio(gap, start), own, gap))
    return pd.DataFrame(rows, columns=["unit", "estimate", "rmspe_before", "ratio", "treated_ratio", "gap"])


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


def _ratio(gap: np.ndarray, start: int) -> float:
    before, after = _rmspe(gap, start)
    return after / before if before > 0 else math.inf


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


def _worst(placebos: pd.DataFrame, before: float) -> tuple[str, ...]:
    """Return the caution where the placebos, whose spread is the error, can be matched and the treated cannot."""
    if len(placebos) < ENOUGH or not (placebos["rmspe_before"] < before).mean() > WORST:
        return ()
    return (f"the error before the start is above {WORST:.0%} of placebos': limits, made of theirs, are too narrow",)


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
