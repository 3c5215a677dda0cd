"""Adjusting a cohort: crude, regression, inverse-probability weights, g-formula, doubly robust; and rate ratios.

Standard errors come from influence functions that hold the estimation of the nuisance models, summed by cluster
(Hernan and Robins, What If, chapters 12-13; Lunceford and Davidian 2004, Stat Med 23).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.arrays import LARGEST
from evaluation.causal.balance import balance, effective_size, imbalance_caution
from evaluation.causal.bands import FEW_CLUSTERS
from evaluation.causal.cohort import Cohort
from evaluation.causal.logit import Logit, fit_logit
from evaluation.estimate import LEVEL, RATIO, Estimate, critical
from scenarios.errors import InputError, nearest

TARGETS = {"ate": "effect on everyone", "att": "effect on the treated", "atc": "effect on the untreated"}
ERRORS = ("robust", "classical")
EXCHANGEABLE = "no confounding but by the covariates given"
EVERYONE = "nobody is left out for what happened after the start"
LONE_CLUSTER = "one cluster in an arm: how clusters differ there is not known, so no interval"
EXTREME = 0.02  # share of one arm's weight on one person above which users are told


def crude_difference(cohort: Cohort, level: float = LEVEL) -> Estimate:
    """Return the mean outcome of the treated less that of the untreated, unequal variances: no adjustment at all."""
    on = cohort.treated == 1
    value = float(cohort.outcome[on].mean() - cohort.outcome[~on].mean())
    influence = _arm(cohort, on, np.ones(len(on))) - _arm(cohort, ~on, np.ones(len(on)))
    made = _estimate("crude_difference", cohort, value, influence, "association", level)
    return made.with_cautions("not adjusted: those treated may differ in every way")


def regression(cohort: Cohort, errors: str = "robust", level: float = LEVEL) -> Estimate:
    """Return the coefficient of treatment in least squares on the covariates.

    ``errors``: 'robust' (HC1, by cluster) or 'classical' (one variance, Student's t). It weighs groups by how evenly
    they are split between the arms, so it is one effect only if the effect does not vary.
    """
    if errors not in ERRORS:
        raise InputError("errors", f"no such choice '{errors}': {nearest(errors, ERRORS)}")
    x = np.column_stack([cohort.treated, cohort.design])
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise InputError("cohort", "treatment or a covariate follows from the others: they cannot be told apart")
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ (x.T @ cohort.outcome)
    left = cohort.outcome - x @ beta
    df = len(x) - x.shape[1]
    influence = len(x) * (x * left[:, None]) @ inverse[0]
    made = _estimate("regression", cohort, float(beta[0]), influence, "one effect, the same for everyone", level)
    if errors == "classical":
        se = math.sqrt(float(left @ left) / df * inverse[0, 0])
        return _with_se(made, se, critical(level, df))
    return made


def inverse_probability(
    cohort: Cohort, target: str = "ate", stabilised: bool = True, trim: float = 0.0, level: float = LEVEL
) -> Estimate:
    """Return the weighted difference in means (Hajek), weights from a logistic propensity.

    ``target``: 'ate', 'att' or 'atc'. ``stabilised`` multiplies by the share in each arm: the same estimate, weights
    of mean about 1. ``trim``: people with a propensity below it or above 1 less it are left out, and the estimate is
    about the others. Tables 'balance', 'weights_summary'. Raises InputError where covariates separate the arms.
    """
    _known(target)
    cohort, fitted = _trimmed(cohort, _propensity(cohort), trim)
    weights = target_weights(cohort.treated, fitted.chance, target)
    on = cohort.treated == 1
    means = [float(np.average(cohort.outcome[arm], weights=weights[arm])) for arm in (on, ~on)]
    influence = np.zeros(len(on))
    correction = np.zeros(cohort.design.shape[1])
    slope = _weight_slope(cohort.treated, fitted.chance, target)
    for sign, arm, mean in ((1.0, on, means[0]), (-1.0, ~on, means[1])):
        share = (weights * arm).mean()
        influence += sign * arm * weights * (cohort.outcome - mean) / share
        part = (arm * slope * (cohort.outcome - mean))[:, None] * cohort.design
        correction += sign * part.mean(0) / share
    score = (cohort.treated - fitted.chance)[:, None] * cohort.design @ (fitted.covariance * len(on))
    influence += score @ correction
    shares = np.where(on, on.mean(), 1 - on.mean())
    shown = weights * shares if stabilised and target == "ate" else weights
    table = balance(cohort, weights)
    made = _estimate(
        f"inverse_probability_{target}", cohort, means[0] - means[1], influence, TARGETS[target], level, table
    )
    return _with_weights(made, cohort, shown, table)


def g_formula(
    cohort: Cohort, target: str = "ate", interact: Sequence[str] | bool = True, level: float = LEVEL
) -> Estimate:
    """Return the standardised difference: outcomes predicted under both arms by least squares, averaged over people.

    ``interact``: True lets every covariate's coefficient differ by arm, False none, or a list of covariates.
    """
    _known(target)
    x, x1, x0 = _outcome_designs(cohort, interact)
    inverse = np.linalg.pinv(x.T @ x / len(x))
    beta = inverse @ (x.T @ cohort.outcome / len(x))
    about = _members(cohort, target)
    gain = (x1 - x0) @ beta
    value = float(np.average(gain, weights=about))
    gradient = np.average(x1 - x0, axis=0, weights=about)
    influence = about / about.mean() * (gain - value)
    influence += (x * (cohort.outcome - x @ beta)[:, None]) @ (inverse @ gradient)
    made = _estimate(f"g_formula_{target}", cohort, value, influence, TARGETS[target], level)
    return made


def doubly_robust(cohort: Cohort, level: float = LEVEL, target: str = "ate") -> Estimate:
    """Return the augmented inverse-probability estimate (Robins, Rotnitzky and Zhao 1994).

    ``target``: 'ate', or 'att' and 'atc' with the outcome model of the other arm alone. Right if either the propensity
    or the outcome model is; the interval holds if both are.
    """
    _known(target)
    fitted = _propensity(cohort)
    x, x1, x0 = _outcome_designs(cohort, True)
    beta = np.linalg.lstsq(x, cohort.outcome, rcond=None)[0]
    m1, m0, on, e = x1 @ beta, x0 @ beta, cohort.treated, fitted.chance
    if target == "ate":
        each = m1 - m0 + on * (cohort.outcome - m1) / e - (1 - on) * (cohort.outcome - m0) / (1 - e)
        value = float(each.mean())
        influence = each - value
    else:
        arm, sign, other = (on, 1.0, m0) if target == "att" else (1 - on, -1.0, m1)
        odds = e / (1 - e) if target == "att" else (1 - e) / e
        left = cohort.outcome - other
        each = sign * (arm - (1 - arm) * odds) * left
        value = float(each.sum() / arm.sum())
        influence = (each - arm * value) / arm.mean()
    weights = target_weights(on, e, target)
    table = balance(cohort, weights)
    made = _estimate(f"doubly_robust_{target}", cohort, value, influence, TARGETS[target], level, table)
    return _with_weights(made, cohort, weights, table)


@dataclass(frozen=True)
class Counts:
    """Columns of a table of people: ``events`` each had over ``time`` at risk, in which arm, and whose ``person``.

    ``cluster``: rows that belong together (the same practice or team); a person's own where there is none.
    """

    events: str
    time: str
    treated: str
    person: str = ""
    cluster: str = ""


def rate_ratio(frame: pd.DataFrame, counts: Counts, independent: bool = False, level: float = LEVEL) -> Estimate:
    """Return the ratio of rates, treated over untreated, with limits that let one person have many events.

    Variance of the log: sum over people, or over clusters where there are some, of the square of (events - rate x
    time) / events, rate and events being those of the arm, and an arm's n / (n - 1) in it; one in both arms counts in
    both, so that what it shares drops out. ``independent`` takes events as Poisson (1 / events), which is too narrow
    for attendances. People and events are counted apart in ``counts``; a row without a person, or a cluster, is taken
    as one of its own, and noted. Raises InputError for a missing column, events that are negative or no number, time
    not above 0, or an arm without events.
    """
    _columns(frame, counts)
    table, alone = _by_person(frame, counts)
    log_rate: dict[int, float] = {}
    found: dict[str, float] = {}
    for arm, words in ((1, "treated"), (0, "untreated")):
        mine = table[table[counts.treated] == arm]
        events, time = mine[counts.events].to_numpy(dtype=float), mine[counts.time].to_numpy(dtype=float)
        if events.sum() == 0:
            raise InputError("table", f"no {counts.events} among the {words} ({len(mine)} people): no rate ratio")
        log_rate[arm] = math.log(events.sum() / time.sum())
        found |= {f"{words} people": float(len(mine)), f"{words} events": float(events.sum())}
        found[f"{words} people with events"] = float((events > 0).sum())
    groups, lone = _groups(frame, counts)
    if independent:
        se = math.sqrt(1 / found["treated events"] + 1 / found["untreated events"])
    else:
        se = _rate_error(frame, counts, groups)
    value = log_rate[1] - log_rate[0]
    by_cluster = bool(counts.cluster) and not independent
    clusters = int(groups.max()) + 1
    half = (critical(level, max(clusters - 2, 1)) if by_cluster else critical(level)) * se
    caution = ("events are taken as independent: too narrow where people come back",) if independent else ()
    if by_cluster and clusters < FEW_CLUSTERS:
        caution = (f"few clusters ({clusters}): limits may be too narrow",)
    lonely = "" if math.isfinite(se) else LONE_CLUSTER
    return Estimate(
        method="rate_ratio_poisson" if independent else f"rate_ratio_by_{'cluster' if by_cluster else 'person'}",
        estimate=math.exp(value),
        se=se,
        lower=math.exp(value - half),
        upper=math.exp(value + half),
        level=level,
        scale=RATIO,
        reason=lonely,
        estimand="ratio of event rates, treated over untreated",
        population="treated and untreated people, and their events",
        n=float(groups.max() + 1) if by_cluster else float(len(table)),
        n_of="clusters" if by_cluster else "people",
        assumptions=("treatment was given at random or the arms are alike", EVERYONE),
        cautions=(*caution, *alone, *(lone if by_cluster else ())),
        counts=found,
    )


def target_weights(treated: np.ndarray, chance: np.ndarray, target: str) -> np.ndarray:
    """Return (n,): inverse-probability weights for 'ate', 'att' or 'atc'."""
    if target == "ate":
        return treated / chance + (1 - treated) / (1 - chance)
    if target == "att":
        return treated + (1 - treated) * chance / (1 - chance)
    return treated * (1 - chance) / chance + (1 - treated)


def propensity(cohort: Cohort) -> np.ndarray:
    """Return (n,): each person's chance of treatment by logistic regression on the covariates."""
    return _propensity(cohort).chance


def _weight_slope(treated: np.ndarray, chance: np.ndarray, target: str) -> np.ndarray:
    """Return (n,): the derivative of each weight by the propensity's linear predictor."""
    odds = chance / (1 - chance)
    if target == "ate":
        return -treated / odds + (1 - treated) * odds
    return (1 - treated) * odds if target == "att" else -treated / odds


def _known(target: str) -> None:
    if target not in TARGETS:
        raise InputError("target", f"no such target '{target}': {nearest(target, TARGETS)}")


def _columns(frame: pd.DataFrame, counts: Counts) -> None:
    for name in filter(None, (counts.events, counts.time, counts.treated, counts.person, counts.cluster)):
        if name not in frame.columns:
            raise InputError("table", f"column '{name}' is missing: {nearest(name, map(str, frame.columns))}")
    if not frame[counts.treated].isin([0, 1]).all():
        raise InputError("table", f"column '{counts.treated}' holds other values than 0 and 1")
    events, time = (pd.to_numeric(frame[name], errors="coerce") for name in (counts.events, counts.time))
    if not ((events >= 0) & (events <= LARGEST)).all():
        raise InputError(
            "table", f"column '{counts.events}' is empty, negative or no number in a row; counts are needed"
        )
    if not ((time > 0) & (time <= LARGEST)).all():
        raise InputError("table", f"column '{counts.time}' is empty or not above 0 in a row; time at risk is needed")


def _by_person(frame: pd.DataFrame, counts: Counts) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return events and time of each person in each arm, and a note on rows that name nobody."""
    if not counts.person:
        return frame, ()
    named = frame[counts.person].notna()
    keys, sums = [counts.person, counts.treated], [counts.events, counts.time]
    whole = frame[named].groupby(keys, as_index=False)[sums].sum()
    if named.all():
        return whole, ()
    note = f"{int((~named).sum())} rows name no person: each is taken as a person of its own"
    return pd.concat([whole, frame.loc[~named, [*keys, *sums]]], ignore_index=True), (note,)


def _groups(frame: pd.DataFrame, counts: Counts) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (rows,): whole numbers from 0 of what is independent, and a note on rows that name no cluster."""
    name = counts.cluster or counts.person
    if not name:
        return np.arange(len(frame)), ()
    place = pd.factorize(frame[name])[0]  # -1 where it is empty
    alone = place < 0
    place[alone] = place.max() + 1 + np.arange(int(alone.sum()))
    note = f"{int(alone.sum())} rows name no cluster: each is taken as a cluster of its own"
    return place, (note,) if alone.any() else ()


def _rate_error(frame: pd.DataFrame, counts: Counts, groups: np.ndarray) -> float:
    """Return the standard error of the log of the rate ratio, summed over independent ``groups`` (rows,).

    NaN where clusters are told and an arm has one alone: its rate is that cluster's, and nothing says how they differ.
    """
    treated = frame[counts.treated].to_numpy()
    events, time = frame[counts.events].to_numpy(dtype=float), frame[counts.time].to_numpy(dtype=float)
    summed = np.zeros(int(groups.max()) + 1)
    for arm, sign in ((treated == 1, 1.0), (treated == 0, -1.0)):
        away = events[arm] - events[arm].sum() / time[arm].sum() * time[arm]
        many = len(np.unique(groups[arm]))
        if counts.cluster and many < 2:
            return math.nan
        np.add.at(summed, groups[arm], sign * away / events[arm].sum() * math.sqrt(many / max(many - 1, 1)))
    return math.sqrt(float((summed**2).sum()))


def _propensity(cohort: Cohort) -> Logit:
    found = fit_logit(cohort.design, cohort.treated)
    if found is None:
        raise InputError("cohort", "the covariates tell treated from untreated entirely: there is no overlap to weight")
    return found


def _trimmed(cohort: Cohort, fitted: Logit, trim: float) -> tuple[Cohort, Logit]:
    if not 0 <= trim < 0.5:
        raise InputError("trim", f"{trim:g}; from 0 to below 0.5 is allowed")
    kept = (fitted.chance >= trim) & (fitted.chance <= 1 - trim)
    if kept.all():
        return cohort, fitted
    note = f"people with a propensity beyond {trim:g} were left out"
    fewer = cohort.keep(kept, note, "people left out for their propensity")
    return fewer, _propensity(fewer)


def _outcome_designs(cohort: Cohort, interact: Sequence[str] | bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the outcome model's design as treated, with everyone treated, and with nobody treated."""
    if isinstance(interact, bool):
        at = np.arange(len(cohort.names)) if interact else np.arange(0)
    else:
        for name in interact:
            if name not in cohort.names:
                raise InputError("interact", f"no covariate '{name}': {nearest(name, cohort.names)}")
        at = np.array([cohort.names.index(name) for name in interact], dtype=int)

    def made(arm: np.ndarray) -> np.ndarray:
        return np.column_stack([arm, cohort.design, arm[:, None] * cohort.covariates[:, at]])

    ones = np.ones(len(cohort.treated))
    return made(cohort.treated), made(ones), made(0 * ones)


def _members(cohort: Cohort, target: str) -> np.ndarray:
    return {"ate": np.ones(len(cohort.treated)), "att": cohort.treated, "atc": 1 - cohort.treated}[target]


def _arm(cohort: Cohort, arm: np.ndarray, weights: np.ndarray) -> np.ndarray:
    used = weights * arm
    return used * (cohort.outcome - np.average(cohort.outcome, weights=used)) / used.mean()


def _estimate(
    method: str,
    cohort: Cohort,
    value: float,
    influence: np.ndarray,
    estimand: str,
    level: float,
    table: pd.DataFrame | None = None,
) -> Estimate:
    groups = int(cohort.cluster.max()) + 1
    summed = np.bincount(cohort.cluster, influence, groups)
    se = math.sqrt(float((summed**2).sum()) * groups / max(groups - 1, 1)) / len(influence)
    half = critical(level) * se
    return Estimate(
        method=method,
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        level=level,
        estimand=estimand,
        population=cohort.population(),
        n=float(len(cohort.treated)),
        n_of="people",
        counts=cohort.counts(),
        assumptions=(EXCHANGEABLE, EVERYONE, "some chance of either arm for everyone", "the models are right"),
        cautions=cohort.notes,
        tables={} if table is None else {"balance": table},
    )


def _with_se(made: Estimate, se: float, multiplier: float) -> Estimate:
    return replace(made, se=se, lower=made.estimate - multiplier * se, upper=made.estimate + multiplier * se)


def _with_weights(made: Estimate, cohort: Cohort, weights: np.ndarray, table: pd.DataFrame) -> Estimate:
    on = cohort.treated == 1
    largest = max(float(weights[arm].max() / weights[arm].sum()) for arm in (on, ~on))
    caution = (f"one person carries {largest:.0%} of an arm's weight",) if largest > EXTREME else ()
    return replace(
        made,
        cautions=(*made.cautions, *imbalance_caution(table), *caution),
        diagnostics={
            **made.diagnostics,
            "mean_weight": float(weights.mean()),
            "largest_weight_share": largest,
            "effective_treated": effective_size(weights[on]),
            "effective_untreated": effective_size(weights[~on]),
        },
    )
