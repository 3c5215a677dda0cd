"""Synthetic difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, AER 111)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.causal.bands import drift
from evaluation.causal.simplex import simplex_weights
from evaluation.causal.study import Study, balanced, without_always_treated
from evaluation.causal.synthetic import LEAST_PLACEBOS
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, critical
from scenarios.errors import InputError, nearest

TINY_RIDGE = 1e-6
ERRORS = ("placebo", "jackknife", "bootstrap")
MOST_REDRAWS = 20  # draws for each one used, where a start is easily missed
PLACEBOS = 200


@dataclass(frozen=True)
class _Block:
    """One cohort beside the never-treated: estimate, weights of units and of periods.

    ``size``: weight of the treated x periods after, by which starts are averaged.
    """

    estimate: float
    unit_weights: np.ndarray
    period_weights: np.ndarray
    size: float
    start: int


@dataclass(frozen=True)
class _When:
    """A cohort's start and the end of its follow-up (positions), how many are treated and their summed ``weight``."""

    start: int
    end: int
    treated: int
    weight: float


def synthetic_did(
    study: Study, replications: int = PLACEBOS, seed: int = 1, level: float = LEVEL, errors: str = "placebo"
) -> Estimate:
    """Return the synthetic difference-in-differences effect; several starts are averaged by treated unit-periods.

    Units count there by their weight, as they do in the mean of the treated. Unit weights have the ridge zeta^2 =
    sqrt(treated x periods after) x variance of first differences, times the periods before; both sets of weights allow
    a constant gap. ``errors``, the paper's algorithms: 'placebo' (4: treatment is given to never-treated units at
    random, ``replications`` times; it needs more of them than treated units, and assumes errors alike in both),
    'jackknife' (3: each unit left out with the weights as they are; one start, and at least two treated units), or
    'bootstrap' (2: units drawn again ``replications`` times, weights found anew; for many treated units). Limits: of
    placebos Student's t with never-treated units - 1 degrees of freedom, and none with fewer than LEAST_PLACEBOS of
    them; else normal. Tables: 'weights', 'period_weights', 'path' (one start only). Raises InputError for another name
    of ``errors``, or fewer than two never-treated units.
    """
    if errors not in ERRORS:
        raise InputError("errors", f"no such choice '{errors}': {nearest(errors, ERRORS)}")
    study = without_always_treated(balanced(study))
    if study.never.sum() < 2:
        raise InputError("panel", f"{int(study.never.sum())} never-treated units; at least two are needed")
    blocks = [_block(study.outcome[study.never], _treated_mean(study, g), _when(study, g)) for g in study.cohorts]
    value = _pooled(blocks)
    se, reason = {"placebo": _placebo_se, "jackknife": _jackknife_se, "bootstrap": _bootstrap_se}[errors](
        study, blocks, replications, seed
    )
    placebos_df = float(study.never.sum() - 1)  # placebos are made of so many controls, however often they are drawn
    half = critical(level, placebos_df if errors == "placebo" else math.inf) * se
    first = blocks[0]
    target = _treated_mean(study, int(study.cohorts[0])) - first.unit_weights @ study.outcome[study.never]
    trend, caution = drift(target[: first.start])
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
        cautions=(*study.notes, *study.unused, *caution),
        diagnostics={
            **trend,
            "start": float(study.periods[blocks[0].start]),
            "cohorts": float(len(blocks)),
            "donors_used": float((blocks[0].unit_weights > 1e-3).sum()),
        },
        tables=_tables(study, blocks),
    )


def _treated_mean(study: Study, cohort: int) -> np.ndarray:
    on = study.start == cohort
    return np.average(study.outcome[on], axis=0, weights=study.weight[on])


def _when(study: Study, cohort: int, weight: np.ndarray | None = None) -> _When:
    """Return when a cohort is treated and how many are; ``weight``: theirs, if others stand in for its units."""
    own = study.weight[study.start == cohort] if weight is None else weight
    end = min(float(len(study.periods)), cohort + study.follow_up)
    return _When(int(cohort), int(end), len(own), float(own.sum()))


def _block(controls: np.ndarray, target: np.ndarray, when: _When) -> _Block:
    """Return the estimate from controls (n, T) and the treated mean (T,), treatment from the start to the end."""
    start = when.start
    controls, target = controls[:, : when.end], target[: when.end]
    if start < 2:
        raise InputError("panel", f"{start} period before the start; at least 2 are needed")
    after = controls.shape[1] - start
    noise = float(np.diff(controls[:, :start], axis=1).std(ddof=1))
    zeta = (when.treated * after) ** 0.25 * noise
    units = simplex_weights(controls[:, :start].T, target[:start], zeta**2 * start, intercept=True)
    small = (TINY_RIDGE * noise) ** 2 * len(controls)
    periods = simplex_weights(controls[:, :start], controls[:, start:].mean(1), small, intercept=True)
    gap = target - units @ controls
    value = float(gap[start:].mean() - periods @ gap[:start])
    return _Block(value, units, periods, when.weight * after, start)


def _pooled(blocks: list[_Block]) -> float:
    sizes = np.array([block.size for block in blocks], dtype=float)
    return float(np.array([block.estimate for block in blocks]) @ sizes / sizes.sum())


def _placebo_se(study: Study, blocks: list[_Block], replications: int, seed: int) -> tuple[float, str]:
    """Return the standard error, or NaN and why there is none."""
    if study.never.sum() <= (~study.never).sum():
        return math.nan, "as many treated as never-treated units: no placebo standard error"
    if study.never.sum() < LEAST_PLACEBOS:
        return math.nan, f"{int(study.never.sum())} never-treated units: too few placebos for an interval"
    rng = generator(seed, "synthetic did placebo")
    controls = study.outcome[study.never]
    weights = [study.weight[study.start == g] for g in study.cohorts]  # placebos stand in for the treated, one for one
    counts = [len(each) for each in weights]
    found = []
    for _ in range(replications):
        order = rng.permutation(len(controls))
        donors, at, blocks = controls[order[sum(counts) :]], 0, []
        for cohort, count, weight in zip(study.cohorts, counts, weights, strict=True):
            target = np.average(controls[order[at : at + count]], axis=0, weights=weight)
            blocks.append(_block(donors, target, _when(study, int(cohort), weight)))
            at += count
        found.append(_pooled(blocks))
    return _spread(found)


def _spread(found: list[float]) -> tuple[float, str]:
    if len(found) < 2:
        return math.nan, f"{len(found)} replications: no standard error"
    return float(np.std(found, ddof=1)), ""


def _jackknife_se(study: Study, blocks: list[_Block], replications: int, seed: int) -> tuple[float, str]:
    """Return the fixed-weights jackknife over units (algorithm 3); see _placebo_se."""
    treated = int((~study.never).sum())
    if len(blocks) > 1:
        return math.nan, "several starts: no jackknife standard error"
    if treated < 2:
        return math.nan, "one treated unit: no jackknife standard error"
    block, controls = blocks[0], study.outcome[study.never]
    if (block.unit_weights > 1e-12).sum() < 2:
        return math.nan, "one never-treated unit has all the weight: no jackknife standard error"
    own, weight = study.outcome[~study.never], study.weight[~study.never]
    end = _when(study, int(study.cohorts[0])).end

    def estimate(kept: np.ndarray, omega: np.ndarray) -> float:
        target = np.average(own[kept], axis=0, weights=weight[kept])
        gap = (target - (omega / omega.sum()) @ controls)[:end]
        return float(gap[block.start :].mean() - block.period_weights @ gap[: block.start])

    everyone = np.ones(treated, dtype=bool)
    found = [estimate(np.arange(treated) != at, block.unit_weights) for at in range(treated)]
    for at in range(len(controls)):
        found.append(estimate(everyone, np.where(np.arange(len(controls)) == at, 0.0, block.unit_weights)))
    n = len(found)
    return math.sqrt((n - 1) / n * float(((np.array(found) - np.mean(found)) ** 2).sum())), ""


def _bootstrap_se(study: Study, blocks: list[_Block], replications: int, seed: int) -> tuple[float, str]:
    """Return the bootstrap over units (algorithm 2); draws that lose a start, or the controls, are redrawn."""
    if (~study.never).sum() < 2:
        return math.nan, "one treated unit: no bootstrap standard error"
    rng = generator(seed, "synthetic did bootstrap")
    found: list[float] = []
    for _ in range(replications * MOST_REDRAWS):
        if len(found) == replications:
            break
        picked = rng.integers(0, len(study.units), len(study.units))
        start = study.start[picked]
        controls = study.outcome[picked][~np.isfinite(start)]
        groups = [start == g for g in study.cohorts]
        if len(controls) < 2 or not all(group.any() for group in groups):
            continue
        drawn = []
        for cohort, group in zip(study.cohorts, groups, strict=True):
            weight = study.weight[picked][group]
            target = np.average(study.outcome[picked][group], axis=0, weights=weight)
            drawn.append(_block(controls, target, _when(study, int(cohort), weight)))
        found.append(_pooled(drawn))
    return _spread(found)


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
