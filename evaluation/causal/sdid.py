"""Synthetic difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, AER 111)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.causal.simplex import simplex_weights
from evaluation.causal.study import Study, balanced, without_always_treated
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, critical
from scenarios.errors import InputError

TINY_RIDGE = 1e-6
PLACEBOS = 200


@dataclass(frozen=True)
class _Block:
    """One cohort beside the never-treated: estimate, weights of units and of periods, treated unit-periods."""

    estimate: float
    unit_weights: np.ndarray
    period_weights: np.ndarray
    size: int
    start: int


def synthetic_did(study: Study, replications: int = PLACEBOS, seed: int = 1, level: float = LEVEL) -> Estimate:
    """Return the synthetic difference-in-differences effect; several starts are averaged by treated unit-periods.

    Unit weights have the ridge zeta^2 = sqrt(treated x periods after) x variance of first differences, times the
    periods before; both sets of weights allow a constant gap. Standard error by placebo (algorithm 4): treatment is
    given to never-treated units at random, ``replications`` times; it needs more of them than treated units, and
    assumes errors alike in both. Tables: 'weights', 'period_weights', 'path' (one start only).
    """
    study = without_always_treated(balanced(study))
    if study.never.sum() < 2:
        raise InputError("panel", f"{int(study.never.sum())} never-treated units; at least two are needed")
    blocks = [_block(study.outcome[study.never], _treated_mean(study, g), g, _count(study, g)) for g in study.cohorts]
    value = _pooled(blocks)
    reason, se = "", math.nan
    if study.never.sum() > (~study.never).sum():
        se = _placebo_se(study, replications, seed)
    else:
        reason = "as many treated as never-treated units: no placebo standard error"
    half = critical(level) * se
    return Estimate(
        method="synthetic_did",
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        level=level,
        reason=reason,
        estimand="effect on the treated: mean effect over treated unit-periods",
        population=study.population(),
        n=float(study.clusters),
        n_of="clusters",
        assumptions=("weighted donors and periods would have kept a constant gap", "no spillover to donors"),
        cautions=study.notes,
        diagnostics={
            "start": float(study.periods[blocks[0].start]),
            "cohorts": float(len(blocks)),
            "donors_used": float((blocks[0].unit_weights > 1e-3).sum()),
        },
        tables=_tables(study, blocks),
    )


def _count(study: Study, cohort: int) -> int:
    return int((study.start == cohort).sum())


def _treated_mean(study: Study, cohort: int) -> np.ndarray:
    on = study.start == cohort
    return np.average(study.outcome[on], axis=0, weights=study.weight[on])


def _block(controls: np.ndarray, target: np.ndarray, start: int, treated: int) -> _Block:
    """Return the estimate from controls (n, T) and the treated mean (T,), treatment from ``start`` on."""
    if start < 2:
        raise InputError("panel", f"{start} period before the start; at least 2 are needed")
    after = controls.shape[1] - start
    noise = float(np.diff(controls[:, :start], axis=1).std(ddof=1))
    zeta = (treated * after) ** 0.25 * noise
    units = simplex_weights(controls[:, :start].T, target[:start], zeta**2 * start, intercept=True)
    small = (TINY_RIDGE * noise) ** 2 * len(controls)
    periods = simplex_weights(controls[:, :start], controls[:, start:].mean(1), small, intercept=True)
    gap = target - units @ controls
    return _Block(float(gap[start:].mean() - periods @ gap[:start]), units, periods, treated * after, start)


def _pooled(blocks: list[_Block]) -> float:
    sizes = np.array([block.size for block in blocks], dtype=float)
    return float(np.array([block.estimate for block in blocks]) @ sizes / sizes.sum())


def _placebo_se(study: Study, replications: int, seed: int) -> float:
    rng = generator(seed, "synthetic did placebo")
    controls = study.outcome[study.never]
    counts = [_count(study, g) for g in study.cohorts]
    found = []
    for _ in range(replications):
        order = rng.permutation(len(controls))
        donors, at, blocks = controls[order[sum(counts) :]], 0, []
        for cohort, count in zip(study.cohorts, counts, strict=True):
            target = controls[order[at : at + count]].mean(0)
            blocks.append(_block(donors, target, int(cohort), count))
            at += count
        found.append(_pooled(blocks))
    return float(np.std(found, ddof=1))


def _tables(study: Study, blocks: list[_Block]) -> dict[str, pd.DataFrame]:
    names = study.units[study.never]
    starts = [study.periods[block.start] for block in blocks]
    tables = {
        "weights": pd.concat(
            [
                pd.DataFrame({"start": start, "unit": names, "weight": block.unit_weights})
                for start, block in zip(starts, blocks, strict=True)
            ],
            ignore_index=True,
        ),
        "period_weights": pd.concat(
            [
                pd.DataFrame({"start": start, "period": study.periods[: block.start], "weight": block.period_weights})
                for start, block in zip(starts, blocks, strict=True)
            ],
            ignore_index=True,
        ),
    }
    if len(blocks) == 1:
        block, target = blocks[0], _treated_mean(study, int(study.cohorts[0]))
        synthetic = block.unit_weights @ study.outcome[study.never]
        shift = float(block.period_weights @ (target - synthetic)[: block.start])
        synthetic = synthetic + shift
        tables["path"] = pd.DataFrame(
            {
                "period": study.periods,
                "observed": target,
                "synthetic": synthetic,
                "gap": target - synthetic,
            }
        )
    return tables
