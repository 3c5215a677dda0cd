"""Matched and balanced cohorts: nearest propensity, genetic weights of the distance, and entropy balance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize

from evaluation.causal.adjustment import EVERYONE, EXCHANGEABLE, TARGETS, propensity
from evaluation.causal.balance import balance, effective_size, imbalance_caution
from evaluation.causal.cohort import Cohort
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, critical
from scenarios.errors import InputError, nearest

DISTANCES = ("propensity", "mahalanobis", "genetic")
SEARCH, POPULATION = 15, 12  # generations of the genetic search, and settings tried in each
SPAN = 3.0  # log10 range of the weights it tries


_UNADJUSTED = "matches are not exact, and what differs within pairs is not adjusted for: adjust=True does"


@dataclass(frozen=True)
class Matching:
    """How pairs are made.

    ``distance``: 'propensity' (logit of it), 'mahalanobis', or 'genetic' (Diamond and Sekhon 2013, REStat 95: weights
    of the covariates and the propensity searched for the least largest imbalance). ``ratio`` untreated for each
    treated; ``caliper`` in standard deviations of the propensity's logit (0: none); with or without ``replacement``.
    ``adjust``: what is left of the difference in covariates within a set is taken out by a regression among the
    matches (Abadie and Imbens 2011, JBES 29); without it the nearest are systematically a little less ill. ``target``:
    'att' (effect on the treated), 'atc' or, with replacement, 'ate' (everyone).
    """

    distance: str = "propensity"
    ratio: int = 1
    caliper: float = 0.2
    replacement: bool = False
    adjust: bool = True
    seed: int = 1
    target: str = "att"

    def check(self) -> None:
        """Raise InputError for what cannot be matched on."""
        if self.target not in TARGETS:
            raise InputError("target", f"no such target '{self.target}': {nearest(self.target, TARGETS)}")
        if self.target == "ate" and not self.replacement:
            raise InputError("replacement", "is off; the effect on everyone ('ate') is matched with replacement")
        if self.distance not in DISTANCES:
            raise InputError("distance", f"no such distance '{self.distance}': {nearest(self.distance, DISTANCES)}")
        if self.ratio < 1 or self.caliper < 0:
            raise InputError("matching", f"ratio {self.ratio}, caliper {self.caliper:g}; from 1 and from 0 are allowed")


@dataclass(frozen=True)
class _Matched:
    """One direction: who found matches (position, those of the other arm), gaps of outcomes, what was matched on.

    ``outcome`` (n,): that of everyone, less what is expected of their covariates where it is adjusted for.
    """

    pairs: list[tuple[int, tuple[int, ...]]]
    gaps: np.ndarray
    coordinates: np.ndarray
    outcome: np.ndarray
    missed: int


def matched_cohort(cohort: Cohort, matching: Matching | None = None, level: float = LEVEL) -> Estimate:
    """Return the effect on those of ``target`` who found a match: their outcome against their matches' mean.

    Nearest neighbour, those hardest to match first. Without replacement the standard error is that of the matched
    sets' differences; with it, it adds the variance of those used more than once (Abadie and Imbens 2006, Econometrica
    74). Where rows belong to clusters, what those of a cluster share is added (see _clustered). The effect on everyone
    matches both ways, and needs replacement. Tables 'balance', 'matches' (positions in the cohort). Raises InputError
    if nobody finds a match.
    """
    chosen = matching or Matching()
    chosen.check()
    if not cohort.names:
        raise InputError("cohort", "no covariates are given: there is nothing to match on")
    arms = {"att": (1,), "atc": (0,), "ate": (1, 0)}[chosen.target]
    found = {arm: _one_way(cohort if arm else _flipped(cohort), chosen) for arm in arms}
    gaps = np.concatenate([each.gaps if arm else -each.gaps for arm, each in found.items()])
    value = float(gaps.mean())
    pairs = [pair for each in found.values() for pair in each.pairs]
    weights = _match_weights(len(cohort.treated), pairs)
    if chosen.replacement:
        se = _pair_error(cohort, found[arms[0]].coordinates, pairs, gaps, chosen.target)
    else:
        se = _set_error(gaps)
    se = _clustered(cohort, found, value, se)
    table = balance(cohort, weights)
    missed = sum(each.missed for each in found.values())
    who = {"att": "treated people", "atc": "untreated people", "ate": "people"}[chosen.target]
    note = (f"some {who} found no match: the effect is about the others",) if missed else ()
    half = critical(level) * se
    known = len(gaps) > 1
    return Estimate(
        method=f"matched_cohort_{chosen.distance}" + ("" if chosen.target == "att" else f"_{chosen.target}"),
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        level=level,
        reason="" if known else "one matched person: no interval",
        estimand=TARGETS[chosen.target] + (" who found a match" if missed else ""),
        population=who + (" who found a match" if missed else ""),
        n=float(len(pairs)),
        n_of="people",
        counts={**cohort.counts(), f"matched {who}": float(len(pairs)), f"unmatched {who}": float(missed)},
        assumptions=(EXCHANGEABLE, EVERYONE, "some chance of the other arm for everyone it is about"),
        cautions=(*cohort.notes, *note, *(() if chosen.adjust else (_UNADJUSTED,)), *imbalance_caution(table)),
        diagnostics={"effective_untreated": effective_size(weights[cohort.treated == 0])},
        tables={
            "balance": table,
            "matches": pd.DataFrame(
                [(at, each) if cohort.treated[at] else (each, at) for at, others in pairs for each in others],
                columns=["treated", "untreated"],
            ),
        },
    )


def _flipped(cohort: Cohort) -> Cohort:
    return replace(cohort, treated=1 - cohort.treated)


def _one_way(cohort: Cohort, chosen: Matching) -> _Matched:
    """Return the matches of the treated among the untreated."""
    score = propensity(cohort)
    line = np.log(score / (1 - score))
    coordinates = _coordinates(cohort, line, chosen)
    pairs = _pairs(cohort, line, coordinates, chosen)
    if not pairs:
        raise InputError("cohort", f"nobody finds a match within a caliper of {chosen.caliper:g}")
    weights = _match_weights(len(line), pairs)
    outcome = cohort.outcome - _expected(cohort, weights) if chosen.adjust else cohort.outcome
    gaps = np.array([outcome[at] - outcome[list(others)].mean() for at, others in pairs])
    return _Matched(pairs, gaps, coordinates, outcome, int(cohort.treated.sum()) - len(pairs))


def entropy_balance(cohort: Cohort, moments: int = 1, level: float = LEVEL) -> Estimate:
    """Return the effect on the treated with untreated people weighted to the treated's means (Hainmueller 2012).

    Weights nearest to equal by entropy that make the first ``moments`` (1 or 2) of every covariate equal, by Newton's
    method on the dual. The standard error takes in that weights were estimated (Zhao and Percival 2017: it is doubly
    robust). Raises InputError when no weights can balance (the treated's means lie outside the untreated's reach).
    """
    if moments not in (1, 2):
        raise InputError("moments", f"{moments}; allowed: 1, 2")
    if not cohort.names:
        raise InputError("cohort", "no covariates are given: there is nothing to balance")
    x = _moment_columns(cohort, moments)
    on = cohort.treated == 1
    own = _entropy_weights(x[~on], x[on].mean(0))
    weights = np.where(on, 1.0 / on.sum(), 0.0)
    weights[~on] = own
    value = float(weights[on] @ cohort.outcome[on] - own @ cohort.outcome[~on])
    se = _entropy_error(cohort, x, weights)
    table = balance(cohort, weights)
    half = critical(level) * se
    return Estimate(
        method="entropy_balance_att",
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        level=level,
        estimand="effect on the treated",
        population=cohort.population(),
        n=float(len(cohort.treated)),
        n_of="people",
        counts=cohort.counts(),
        assumptions=(EXCHANGEABLE, EVERYONE, "the outcome or the log odds of treatment is linear in what is balanced"),
        cautions=(*cohort.notes, *imbalance_caution(table)),
        diagnostics={"effective_untreated": effective_size(own), "largest_weight_share": float(own.max())},
        tables={"balance": table},
    )


def _coordinates(cohort: Cohort, line: np.ndarray, chosen: Matching) -> np.ndarray:
    """Return (n, k): coordinates whose Euclidean distance is matched on."""
    if chosen.distance == "propensity":
        return line[:, None]
    x = np.column_stack([cohort.covariates, line]) if chosen.distance == "genetic" else cohort.covariates
    if chosen.distance == "genetic":
        scaled = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1.0)
        return scaled * _genetic_weights(cohort, line, scaled, chosen)
    values, vectors = np.linalg.eigh(np.cov(x, rowvar=False).reshape(x.shape[1], x.shape[1]))
    return x @ (vectors / np.sqrt(np.maximum(values, 1e-12)))


def _genetic_weights(cohort: Cohort, line: np.ndarray, scaled: np.ndarray, chosen: Matching) -> np.ndarray:
    def worst(log_weights: np.ndarray) -> float:
        pairs = _pairs(cohort, line, scaled * 10 ** np.asarray(log_weights), chosen)
        if not pairs:
            return 1e6
        table = balance(cohort, _match_weights(len(line), pairs))
        return float(table["smd_after"].abs().max())

    found = optimize.differential_evolution(
        worst,
        [(-SPAN / 2, SPAN / 2)] * scaled.shape[1],
        maxiter=SEARCH,
        popsize=max(2, POPULATION // scaled.shape[1]),
        rng=generator(chosen.seed, "genetic matching"),
        polish=False,
    )
    return 10 ** np.asarray(found.x)


def _pairs(
    cohort: Cohort, line: np.ndarray, coordinates: np.ndarray, chosen: Matching
) -> list[tuple[int, tuple[int, ...]]]:
    """Return (treated, its untreated matches): nearest first, those with the highest propensity served first."""
    on, off = np.flatnonzero(cohort.treated == 1), np.flatnonzero(cohort.treated == 0)
    free = np.ones(len(off), dtype=bool)
    limit = chosen.caliper * float(line.std()) if chosen.caliper > 0 else math.inf
    places, lines = coordinates[off], line[off]
    found = []
    for at in on[np.argsort(-line[on], kind="stable")]:
        apart = places - coordinates[at]
        distance = np.einsum("ij,ij->i", apart, apart)
        allowed = (np.abs(lines - line[at]) <= limit) & (free | chosen.replacement)
        count = int(np.count_nonzero(allowed))
        if count == 0:
            continue
        distance[~allowed] = math.inf
        take = min(chosen.ratio, count)
        nearest_off = np.argpartition(distance, take - 1)[:take] if take > 1 else distance.argmin(keepdims=True)
        free[nearest_off] = False
        found.append((int(at), tuple(int(off[each]) for each in nearest_off)))
    return found


def _match_weights(people: int, pairs: list[tuple[int, tuple[int, ...]]]) -> np.ndarray:
    weights = np.zeros(people)
    for at, others in pairs:
        weights[at] += 1.0
        weights[list(others)] += 1.0 / len(others)
    return weights


def _expected(cohort: Cohort, weights: np.ndarray) -> np.ndarray:
    """Return (n,): the outcome expected untreated, by weighted least squares among the matched untreated."""
    used = np.where(cohort.treated == 0, weights, 0.0)
    root = np.sqrt(used)[:, None]
    beta = np.linalg.lstsq(cohort.design * root, cohort.outcome * root[:, 0], rcond=None)[0]
    return cohort.design @ beta


def _set_error(gaps: np.ndarray) -> float:
    return float(gaps.std(ddof=1) / math.sqrt(len(gaps))) if len(gaps) > 1 else math.nan


def _pair_error(
    cohort: Cohort,
    coordinates: np.ndarray,
    pairs: list[tuple[int, tuple[int, ...]]],
    gaps: np.ndarray,
    target: str,
) -> float:
    """Return the standard error with replacement: spread of the gaps, and own variance of those used again.

    With K uses of one person among sets of M: K(K - 1) / M^2 own variances more for an effect on one arm, and
    (K / M)^2 + (2M - 1) / M x K / M for that on everyone (Abadie and Imbens 2006, theorems 6 and 7).
    """
    if len(gaps) < 2:
        return math.nan
    uses: dict[int, list[int]] = {}
    for _, others in pairs:
        for each in others:
            uses.setdefault(each, []).append(len(others))
    extra = 0.0
    for each, sizes in uses.items():
        pool = np.flatnonzero(cohort.treated == cohort.treated[each])
        distance = ((coordinates[pool] - coordinates[each]) ** 2).sum(1)
        distance[pool == each] = math.inf
        twin = pool[int(np.argmin(distance))]
        own = (cohort.outcome[each] - cohort.outcome[twin]) ** 2 / 2
        share = 1 / np.array(sizes, dtype=float)
        once = float((share**2).sum())
        more = float((share * (2 - share)).sum()) if target == "ate" else -once
        extra += (float(share.sum()) ** 2 + more) * own
    total = float(((gaps - gaps.mean()) ** 2).sum()) + extra
    return math.sqrt(total) / len(gaps)


def _clustered(cohort: Cohort, found: Mapping[int, _Matched], value: float, se: float) -> float:
    """Return the standard error where people of a cluster may be alike, from ``se``, that of the matched sets.

    Sets and clusters are not nested: the variances of both are added, less that by person, which each of them holds
    (Cameron, Gelbach and Miller 2011, JBES 29). Never below either. ``se`` itself where everyone is a cluster.
    """
    if int(cohort.cluster.max()) + 1 == len(cohort.cluster) or math.isnan(se):
        return se
    influence, used = _influence(found, value)
    people = _summed_squares(influence[used], np.arange(int(used.sum())))
    clusters = _summed_squares(influence[used], cohort.cluster[used])
    return math.sqrt(max(se**2 + clusters - people, se**2, clusters))


def _influence(found: Mapping[int, _Matched], value: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,): what each person adds to the estimate's error, and flags of those in a set.

    The estimate is a weighted difference of means: of those it is about, each once, and of their matches, who weigh as
    often as they are used; each is taken as its distance from the matches' mean.
    """
    total = sum(len(each.pairs) for each in found.values())
    people = len(next(iter(found.values())).outcome)
    influence, used = np.zeros(people), np.zeros(people, dtype=bool)
    for arm, each in found.items():
        sign = 1.0 if arm else -1.0
        own = np.array([at for at, _ in each.pairs])
        matches = _match_weights(people, each.pairs)
        matches[own] -= 1.0  # those it is about are no matches of this direction
        away = each.outcome - np.average(each.outcome, weights=matches)
        influence -= sign * matches * away / total
        influence[own] += (sign * away[own] - value) / total
        used[own] = True
        used |= matches > 0
    return influence, used


def _summed_squares(influence: np.ndarray, groups: np.ndarray) -> float:
    """Return the variance of a sum of ``influence`` over independent ``groups``, with n / (n - 1) of them."""
    there, place = np.unique(groups, return_inverse=True)
    summed = np.bincount(place, influence)
    return float((summed**2).sum()) * len(there) / max(len(there) - 1, 1)


def _moment_columns(cohort: Cohort, moments: int) -> np.ndarray:
    x = cohort.covariates
    if moments == 2:
        many = np.array([len(np.unique(x[:, at])) > 2 for at in range(x.shape[1])])
        x = np.column_stack([x, x[:, many] ** 2])
    return (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1.0)


def _entropy_weights(x: np.ndarray, target: np.ndarray) -> np.ndarray:
    gap = x - target

    def dual(line: np.ndarray) -> tuple[float, np.ndarray]:
        exponent = gap @ line
        top = exponent.max()
        raised = np.exp(exponent - top)
        total = raised.sum()
        return float(np.log(total) + top), gap.T @ (raised / total)

    options = {"gtol": 1e-10, "maxiter": 1000}
    with np.errstate(all="ignore"):  # weights that cannot balance run away: caught below
        made = optimize.minimize(dual, np.zeros(x.shape[1]), jac=True, method="BFGS", options=options)
        raised = np.exp(gap @ made.x - (gap @ made.x).max())
        weights = raised / raised.sum()
    if not np.abs(gap.T @ weights).max() < 1e-5:
        raise InputError("cohort", "no weights balance the covariates: the treated lie outside the untreated's reach")
    return weights


def _entropy_error(cohort: Cohort, x: np.ndarray, weights: np.ndarray) -> float:
    """Return the standard error from the influence of the weighted regression that the balance is equal to."""
    on = cohort.treated == 1
    design = np.column_stack([np.ones(len(x)), x])
    used = np.where(on, 0.0, weights)
    gram = (design * used[:, None]).T @ design
    beta = np.linalg.pinv(gram) @ (design.T @ (used * cohort.outcome))
    left = cohort.outcome - design @ beta
    mean = float(left[on].mean())
    influence = np.where(on, (left - mean) / on.sum(), -used * left)
    summed = np.bincount(cohort.cluster, influence)
    return math.sqrt(float((summed**2).sum()))


def without_unmatched(cohort: Cohort, result: Estimate) -> Cohort:
    """Return the cohort of the matched people of ``result``, for a second adjustment among them."""
    matches = result.tables["matches"]
    kept = np.zeros(len(cohort.treated), dtype=bool)
    kept[np.concatenate([matches["treated"].unique(), matches["untreated"].unique()])] = True
    return replace(cohort.keep(kept), notes=(*cohort.notes, "matched people only"))
