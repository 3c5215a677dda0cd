"""Inference with few clusters: wild cluster bootstrap, and randomisation of which clusters were treated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evaluation.causal.bands import lone_side
from evaluation.causal.fixed_effects import demean, fit_each
from evaluation.causal.study import Study
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate
from scenarios.errors import InputError, nearest

SIGNS = ("auto", "webb", "rademacher")
WEBB = np.sqrt(np.array([1.5, 1.0, 0.5]))
FEW = 12  # clusters up to which Rademacher signs have too few combinations, and users are told
NEAR, FAR = 8.0, 1_000.0  # standard errors: tried closely up to the first, and up to the second in wide steps
BISECTIONS = 40
BLOCK = 50  # deals refitted at once


def wild_bootstrap(
    study: Study, bootstraps: int = 999, signs: str = "auto", seed: int = 1, level: float = LEVEL
) -> Estimate:
    """Return two-way fixed effects with a p-value and limits by the wild cluster bootstrap, the null imposed.

    Cameron, Gelbach and Miller (2008, REStat 90); Webb's six points with few clusters (Webb 2023, CJE 56). Limits hold
    the values not rejected, found by bisection with the same draws throughout. Unreliable with one or two treated
    clusters (MacKinnon and Webb 2018): then use randomisation_test. Raises InputError with fewer than three clusters,
    or one treated.
    """
    if signs not in SIGNS:
        raise InputError("signs", f"no such choice '{signs}': {nearest(signs, SIGNS)}")
    if study.clusters < 3:
        raise InputError("panel", f"{study.clusters} clusters; at least three are needed")
    if lone_side(study):
        raise InputError("panel", lone_side(study))
    base = two_way_fixed_effects(study, level)
    draws = _draws(study.clusters, bootstraps, signs, seed)
    pieces = _Pieces(study)

    def p_value(null: float) -> float:
        return pieces.p_value(null, draws)

    lower = _edge(p_value, base.estimate, -base.se, 1 - level)
    upper = _edge(p_value, base.estimate, base.se, 1 - level)
    reason = "" if math.isfinite(lower + upper) else "the bootstrap rejects no value on one side: no limit there"
    treated = len(np.unique(study.cluster[~study.never]))
    caution = (f"only {treated} treated clusters: use the randomisation test",) if treated < 3 else _few(study.clusters)
    several = tuple(each for each in base.cautions if "clusters:" not in each)
    return replace(
        base,
        method="did_two_way_fixed_effects_wild_bootstrap",
        lower=lower,
        upper=upper,
        reason=reason,
        cautions=(*several, *caution),
        diagnostics={**base.diagnostics, "p_value": p_value(0.0), "bootstraps": float(len(draws))},
    )


def _few(clusters: int) -> tuple[str, ...]:
    words = f"only {clusters} clusters: these limits may be somewhat narrow; read the randomisation test beside them"
    return (words,) if clusters <= FEW else ()


class _Pieces:
    """What the bootstrap's t needs, cluster by cluster, so that a draw costs a product of small matrices."""

    def __init__(self, study: Study) -> None:
        weight = study.row_weights
        d = demean(study.treated.astype(float), weight)
        y = demean(np.nan_to_num(study.outcome), weight)
        groups = study.clusters
        self.square = float((weight * d * d).sum())
        self.estimate = float((weight * d * y).sum() / self.square)
        self.own = np.array([(weight * d * d)[study.cluster == g].sum() for g in range(groups)])
        self.of = {"y": y, "d": d}
        self.scores = {name: np.zeros(groups) for name in self.of}
        self.spread = {name: np.zeros((groups, groups)) for name in self.of}
        for name, values in self.of.items():
            for g in range(groups):
                rows = study.cluster == g
                piece = demean(np.where(rows[:, None], values, 0.0), weight)
                products = (weight * d * piece).sum(1)
                self.scores[name][g] = float((weight * d * values)[rows].sum())
                self.spread[name][:, g] = np.bincount(study.cluster, products, groups)

    def p_value(self, null: float, draws: np.ndarray) -> float:
        """Return the share of draws whose |t| is at least the data's, for the hypothesis effect = ``null``."""
        scores = self.scores["y"] - null * self.scores["d"]
        spread = self.spread["y"] - null * self.spread["d"]
        moved = draws @ scores / self.square
        parts = draws @ spread.T - np.outer(moved, self.own)
        t = moved / np.sqrt(np.maximum((parts**2).sum(1), 1e-300)) * self.square
        gap = self.estimate - null
        data = spread.sum(1) - gap * self.own
        mine = gap / math.sqrt(max(float((data**2).sum()), 1e-300)) * self.square
        return float((np.abs(t) >= abs(mine) * (1 - 1e-9)).mean())


def _draws(clusters: int, bootstraps: int, signs: str, seed: int) -> np.ndarray:
    rng = generator(seed, "wild bootstrap")
    if signs == "webb" or (signs == "auto" and clusters <= FEW):
        return rng.choice(np.concatenate([WEBB, -WEBB]), size=(bootstraps, clusters))
    return rng.choice(np.array([-1.0, 1.0]), size=(bootstraps, clusters))


def _edge(p_value: Callable[[float], float], estimate: float, step: float, alpha: float) -> float:
    """Return the outermost value not rejected in the direction of ``step``; infinite if none is rejected far out.

    With few clusters the p-value can rise again beyond where it first falls below ``alpha``; values in between are kept
    in, so that the limits never contradict a test of any one value.
    """
    if step == 0:
        return estimate
    tried = estimate + step * np.concatenate([np.arange(0.0, NEAR, 0.5), np.geomspace(NEAR, FAR, 12)])
    kept = [at for at, value in enumerate(tried) if p_value(float(value)) > alpha]
    last = kept[-1] if kept else 0
    if last == len(tried) - 1:
        return math.copysign(math.inf, step)
    inside, outside = float(tried[last]), float(tried[last + 1])
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if p_value(middle) > alpha else (inside, middle)
    return (inside + outside) / 2


def randomisation_test(
    study: Study,
    estimator: Callable[[Study], Estimate] = two_way_fixed_effects,
    permutations: int = 499,
    seed: int = 1,
    studentised: bool = True,
) -> Estimate:
    """Return ``estimator``'s result with the p-value of the sharp null of no effect for anyone.

    Start dates are dealt out anew among clusters, each as often as it was; the p-value is the rank of the estimate
    (``studentised``: over its standard error) among ``permutations`` deals, the data's own included. Exact when
    clusters could have been treated in any order. It tests that hypothesis alone, and so has no limits. Raises
    InputError if units of a cluster start at different dates.
    """
    starts = np.array([study.start[study.cluster == g][0] for g in range(study.clusters)])
    if not np.array_equal(starts[study.cluster], study.start):
        raise InputError("panel", "units of one cluster start at different dates: treatment is not given by cluster")
    rng = generator(seed, "randomisation test")

    base = estimator(study)
    deals = [replace(study, start=rng.permutation(starts)[study.cluster]) for _ in range(permutations)]
    if estimator is two_way_fixed_effects and math.isinf(study.follow_up):
        found = _refitted(study, deals)
    else:
        found = np.array([(each.estimate, each.se) for each in map(estimator, deals)]).reshape(-1, 2)
    mine = _statistics(np.array([[base.estimate, base.se]]), studentised)[0]
    rank = 1 + int((_statistics(found, studentised) >= mine * (1 - 1e-9)).sum())
    return replace(
        base,
        method=f"{base.method}_randomisation",
        lower=math.nan,
        upper=math.nan,
        reason="a test of no effect for anyone: no limits of its own",
        diagnostics={**base.diagnostics, "p_value": rank / (permutations + 1), "permutations": float(permutations)},
    )


def _refitted(study: Study, deals: list[Study]) -> np.ndarray:
    """Return (deals, 2): two-way fixed effects of each deal of starts and its standard error, many at a time."""
    parts = [np.empty((0, 2))]
    for first in range(0, len(deals), BLOCK):
        designs = np.stack([each.treated for each in deals[first : first + BLOCK]], axis=2).astype(float)
        parts.append(fit_each(study.outcome, designs, study.row_weights, study.cluster))
    found = np.concatenate(parts)
    if lone_side(study):
        found[:, 1] = math.nan
    return found


def _statistics(found: np.ndarray, studentised: bool) -> np.ndarray:
    """Return |estimate / standard error| of rows, or |estimate| where that is asked or there is no error."""
    value, se = np.abs(found).T
    if not studentised:
        return value
    return np.divide(value, se, out=value.copy(), where=se > 0)
