"""Generalised synthetic control: interactive fixed effects learnt from controls (Xu 2017, Political Analysis 25)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.causal.study import Study, balanced, without_always_treated
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, critical
from scenarios.errors import InputError

MOST_FACTORS = 5
BOOTSTRAPS = 200
FEW_CONTROLS, FEW_BEFORE = 40, 10  # as recalled of Xu (2017), whose simulations are biased with fewer; not read anew
MOST_STEPS = 500
TOLERANCE = 1e-7
MOST_LEVERAGE = 1 - 1e-9  # of a period on its own fit, so that leaving it out stays a finite error


@dataclass(frozen=True)
class _Model:
    """Learnt from controls: coefficients (k,), period effects with the grand mean (T,), factors (T, r), residuals."""

    beta: np.ndarray
    period: np.ndarray
    factors: np.ndarray
    residuals: np.ndarray


def covariate_array(frame: pd.DataFrame, study: Study, unit: str, time: str, columns: Sequence[str]) -> np.ndarray:
    """Return (n, T, k): time-varying ``columns`` of ``frame`` in the order of ``study``; refuses absent values."""
    parts = []
    for column in columns:
        if column not in frame.columns:
            raise InputError("panel", f"column '{column}' is missing")
        wide = frame.pivot(index=unit, columns=time, values=column).reindex(index=study.units, columns=study.periods)
        if wide.isna().any(axis=None):
            raise InputError("panel", f"column '{column}' is empty for a unit and period; a number is needed")
        parts.append(wide.to_numpy(dtype=float))
    return np.stack(parts, axis=2)


def generalised_synthetic_control(
    study: Study,
    factors: int | None = None,
    covariates: np.ndarray | None = None,
    bootstraps: int = BOOTSTRAPS,
    seed: int = 1,
    level: float = LEVEL,
) -> Estimate:
    """Return the mean effect over treated unit-periods, from unit, period and ``factors`` interactive effects.

    Treated units count by their weight; controls, from whom factors are learnt, count alike.
    ``factors`` None: as many, up to MOST_FACTORS, as predict the treated units' earlier periods best when each is left
    out in turn. ``covariates`` (n, T, k): time-varying (see covariate_array); the panel must then be balanced.
    Standard errors by the paper's parametric bootstrap (algorithm 2); normal limits.
    Tables: 'event_study' (mean effect by time since the start), 'path' (one start only), 'cross_validation'.
    """
    study = without_always_treated(balanced(study))
    if covariates is None:
        covariates = np.zeros((*study.outcome.shape, 0))
    elif len(covariates) != len(study.units):
        raise InputError("covariates", f"{len(covariates)} units for {len(study.units)} complete ones in the panel")
    control, first = study.never, int(study.cohorts[0])
    most = _most_factors(study, first, factors)
    y0, x0 = study.outcome[control], covariates[control]
    scores = pd.DataFrame([(r, _left_out_error(_learn(y0, x0, r), study, covariates)) for r in range(most + 1)])
    scores.columns = pd.Index(["factors", "mspe"])
    used = int(scores["factors"][scores["mspe"].argmin()]) if factors is None else factors
    model = _learn(y0, x0, used)
    gap = _gaps(model, study, covariates)
    on = (study.treated & study.within)[~control]
    value = _mean(gap, on, study)
    se, by_time = _bootstrap(study, covariates, model, bootstraps, seed) if bootstraps > 1 else (math.nan, {})
    half = critical(level) * se
    return Estimate(
        method="generalised_synthetic_control",
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        level=level,
        reason="" if bootstraps > 1 else "no bootstrap was asked for: no interval",
        estimand="effect on the treated: mean effect over treated unit-periods",
        population=study.population(),
        n=float(study.clusters),
        n_of="clusters",
        assumptions=(
            f"{used} common factors with fixed loadings drive trends",
            "no spillover",
            "no anticipation",
        ),
        cautions=(*study.notes, *study.unused, *_few(int(control.sum()), first)),
        diagnostics={
            "start": float(study.periods[first]),
            "factors": float(used),
            "mspe": float(scores["mspe"][used]) if used <= most else math.nan,
        },
        tables={
            "event_study": _event_study(study, gap, by_time, level),
            "cross_validation": scores,
            **_path(study, gap),
        },
    )


def _few(controls: int, before: int) -> tuple[str, ...]:
    words = f"{controls} controls and {before} periods before: few of either: biased, and limits are narrow"
    return (words,) if controls < FEW_CONTROLS or before < FEW_BEFORE else ()


def _most_factors(study: Study, first: int, factors: int | None) -> int:
    room = min(first - 2, int(study.never.sum()) - 2, len(study.periods) - 2)
    if room < 0:
        raise InputError("panel", f"{first} periods before the start and {int(study.never.sum())} controls: too few")
    if factors is not None and not 0 <= factors <= room:
        raise InputError("factors", f"{factors}; with {first} periods before the start 0 to {room} are allowed")
    return min(MOST_FACTORS, room) if factors is None else factors


def _learn(outcome: np.ndarray, covariates: np.ndarray, factors: int) -> _Model:
    """Return the interactive fixed effects of controls (n, T): least squares, alternating (Bai 2009)."""
    k = covariates.shape[2]
    x = _twice_demeaned(covariates)
    flat = x.reshape(x.shape[0] * x.shape[1], k)
    beta, common = np.zeros(k), np.zeros(outcome.shape)
    for _ in range(MOST_STEPS):
        left = _twice_demeaned((outcome - covariates @ beta)[..., None])[..., 0]
        u, s, vt = np.linalg.svd(left, full_matrices=False)
        common = (u[:, :factors] * s[:factors]) @ vt[:factors]
        if k == 0:
            break
        target = _twice_demeaned((outcome - common)[..., None])[..., 0]
        new = np.linalg.lstsq(flat, target.ravel(), rcond=None)[0]
        moved = np.abs(new - beta).max()
        beta = new
        if moved < TOLERANCE:
            break
    rest = outcome - covariates @ beta
    basis = vt[:factors].T * math.sqrt(outcome.shape[1])
    return _Model(beta, rest.mean(0), basis, _twice_demeaned(rest[..., None])[..., 0] - common)


def _twice_demeaned(values: np.ndarray) -> np.ndarray:
    return values - values.mean(0) - values.mean(1, keepdims=True) + values.mean((0, 1))


def _predicted(model: _Model, rest: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return (T,): a unit's untreated outcome, its own level and loadings fitted on the periods flagged ``before``."""
    basis = np.column_stack([np.ones(len(rest)), model.factors])
    own = np.linalg.lstsq(basis[before], (rest - model.period)[before], rcond=None)[0]
    return model.period + basis @ own


def _gaps(model: _Model, study: Study, covariates: np.ndarray) -> np.ndarray:
    """Return (treated units, T): outcome less its counterfactual."""
    units = np.flatnonzero(~study.never)
    rest = study.outcome[units] - covariates[units] @ model.beta
    early = ~study.treated[units]
    return np.array([row - _predicted(model, row, before) for row, before in zip(rest, early, strict=True)])


def _left_out_error(model: _Model, study: Study, covariates: np.ndarray) -> float:
    """Return the mean squared error of each treated unit's earlier periods, each predicted from the others."""
    total, count = 0.0, 0
    r = model.factors.shape[1]
    basis = np.column_stack([np.ones(len(model.period)), model.factors])
    for unit in np.flatnonzero(~study.never):
        before = np.flatnonzero(~study.treated[unit])
        if len(before) <= r + 1:
            continue
        rest = (study.outcome[unit] - covariates[unit] @ model.beta - model.period)[before]
        used, _ = np.linalg.qr(basis[before])
        leverage = np.minimum((used**2).sum(1), MOST_LEVERAGE)
        left = (rest - used @ (used.T @ rest)) / (1 - leverage)  # what leaving that period out would miss it by
        total += float((left**2).sum())
        count += len(before)
    return total / count if count else math.inf


def _bootstrap(
    study: Study, covariates: np.ndarray, model: _Model, bootstraps: int, seed: int
) -> tuple[float, dict[int, float]]:
    """Return the standard error of the mean effect, and of that at each time since the start."""
    rng = generator(seed, "generalised synthetic control")
    control = np.flatnonzero(study.never)
    treated = np.flatnonzero(~study.never)
    early = ~study.treated[treated]
    y0, x0, factors = study.outcome[control], covariates[control], model.factors.shape[1]
    errors = _prediction_errors(y0, x0, factors, early)
    fitted0 = y0 - model.residuals
    fitted1 = study.outcome[treated] - _gaps(model, study, covariates)
    since = _since(study)
    times = np.unique(since)
    on = (since >= 0) & (since < study.follow_up)
    means, by_time = [], []
    for _ in range(bootstraps):
        picked = rng.integers(0, len(control), len(control))
        drawn0 = fitted0 + model.residuals[picked]
        own = rng.integers(0, len(errors), len(treated))
        drawn1 = fitted1 + errors[own]
        again = _learn(drawn0, x0, factors)
        rest = drawn1 - covariates[treated] @ again.beta
        gap = np.array([row - _predicted(again, row, before) for row, before in zip(rest, early, strict=True)])
        means.append(_mean(gap, on, study))
        by_time.append([_mean(gap, since == each, study) for each in times])
    spread = np.std(by_time, axis=0, ddof=1)
    return float(np.std(means, ddof=1)), {int(each): float(s) for each, s in zip(times, spread, strict=True)}


def _since(study: Study) -> np.ndarray:
    """Return (treated units, T): periods since the start."""
    return np.arange(len(study.periods)) - study.start[~study.never][:, None]


def _mean(gap: np.ndarray, flags: np.ndarray, study: Study) -> float:
    """Return the mean of ``gap`` (treated units, T) over the unit-periods flagged, units by their weight."""
    weight = np.broadcast_to(study.weight[~study.never][:, None], gap.shape)
    return float(np.average(gap[flags], weights=weight[flags]))


def _prediction_errors(y0: np.ndarray, x0: np.ndarray, factors: int, early: np.ndarray) -> np.ndarray:
    """Return (controls, T): each control's error when predicted as if treated, from the other controls."""
    found = []
    for at in range(len(y0)):
        others = np.arange(len(y0)) != at
        model = _learn(y0[others], x0[others], factors)
        rest = y0[at] - x0[at] @ model.beta
        found.append(rest - _predicted(model, rest, early[at % len(early)]))
    return np.array(found)


def _event_study(study: Study, gap: np.ndarray, by_time: dict[int, float], level: float) -> pd.DataFrame:
    since = _since(study)
    times = np.unique(since).astype(int)
    table = pd.DataFrame({"event_time": times, "estimate": [_mean(gap, since == each, study) for each in times]})
    if by_time:
        table["se"] = [by_time[int(each)] for each in times]
        table["lower"] = table["estimate"] - critical(level) * table["se"]
        table["upper"] = table["estimate"] + critical(level) * table["se"]
    return table


def _path(study: Study, gap: np.ndarray) -> dict[str, pd.DataFrame]:
    if len(study.cohorts) > 1:
        return {}
    weight = study.weight[~study.never]
    observed = np.average(study.outcome[~study.never], axis=0, weights=weight)
    mean_gap = np.average(gap, axis=0, weights=weight)
    return {
        "path": pd.DataFrame(
            {"period": study.periods, "observed": observed, "synthetic": observed - mean_gap, "gap": mean_gap}
        )
    }
