"""Callaway and Sant'Anna (2021): effects by cohort and period, their averages, and simultaneous bands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.causal.att_gt import Cells, Choice, cells, periods_compared
from evaluation.causal.bands import (
    critical_values,
    degrees_of_freedom,
    few_clusters_words,
    lone_side,
    pretrend,
    simultaneous,
)
from evaluation.causal.fixed_effects import by_cluster
from evaluation.causal.study import Study, balanced, without_always_treated
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, critical
from scenarios.errors import InputError, nearest

AVERAGES = {
    "simple": "mean effect over treated unit-periods",
    "dynamic": "mean over periods since the start of the mean effect at that time",
    "group": "mean over treated units of a unit's mean effect so far",
    "calendar": "mean over calendar periods of the mean effect on those treated by then",
}
SHOWN_COHORTS = 4  # starts that are named where not all have an effect
SHOWN_SKIPPED = 3  # cells without a comparison that are named
BLOCK = 100  # bootstrap draws held in memory at once
IQR_OF_NORMAL = 1.3489795003921634


@dataclass(frozen=True)
class Spread:
    """Inference for k estimates: ``se`` (k,), covariance, bootstrap draws of the errors (none: normal), ``df`` (k,).

    ``influence`` (G, k): what each cluster adds to the error of each estimate.
    """

    se: np.ndarray
    covariance: np.ndarray
    draws: np.ndarray | None
    level: float
    df: np.ndarray
    influence: np.ndarray

    def band(self, at: slice, seed: int) -> float:
        """Return the simultaneous critical value of the estimates ``at``."""
        if self.draws is None:
            return simultaneous(self.covariance[at, at], self.level, seed)
        se, draws = self.se[at], self.draws[:, at]
        used = se > 1e-12
        largest = np.abs(draws[:, used] / se[used]).max(axis=1) if used.any() else np.zeros(1)
        return float(np.quantile(largest, self.level))


def callaway_santanna(
    study: Study,
    choice: Choice | None = None,
    average: str = "simple",
    bootstraps: int = 0,
    seed: int = 1,
    level: float = LEVEL,
) -> Estimate:
    """Return the ``average`` (a key of AVERAGES) effect on the treated, with its tables.

    ``bootstraps`` 0: standard errors from the influence function, clustered; otherwise by multiplier bootstrap
    (Mammen weights, the interquartile range over that of a normal, Callaway and Sant'Anna 2021, algorithm 1).
    Limits use Student's t (see degrees_of_freedom); bands hold over the whole event study at once.
    Where nobody is never treated the last cohort is a control until it starts, and has no effect: what the estimate is
    of, and of whom, then names the cohorts that have one.
    Tables: 'att_gt' (cohort, period, estimate, se, lower, upper), 'event_study', 'by_cohort', 'by_period'.
    Raises InputError for a panel that cannot be compared (see read_study, cells).
    """
    if average not in AVERAGES:
        raise InputError("average", f"no such average '{average}': {nearest(average, AVERAGES)}")
    chosen = choice or Choice()
    study = without_always_treated(balanced(study) if chosen.kept == "complete" else study)
    found = cells(study, chosen)
    weigh = _Averages(study, found, chosen.shares == "sampled")
    parts = {name: weigh.by(name) for name in ("dynamic", "group", "calendar")}
    overall = {name: weigh.overall(name, parts) for name in AVERAGES}
    columns = [found.influence, *(part[2] for part in parts.values()), overall[average][1][:, None]]
    spread = _spread(np.column_stack(columns), study, bootstraps, seed, level)
    edges = np.cumsum([each.shape[1] for each in columns])
    names = ("att_gt", *parts, "overall")
    at = {name: slice(end - each.shape[1], end) for name, end, each in zip(names, edges, columns, strict=True)}
    tables = _tables(study, found, parts, spread, at, seed)
    reason = lone_side(study)
    value, se = overall[average][0], math.nan if reason else float(spread.se[-1])
    half = critical(level, float(spread.df[-1])) * se
    event, keep = tables["event_study"], _estimated(found, parts["dynamic"][0])
    covariance = spread.covariance[at["dynamic"], at["dynamic"]]
    early = (event["event_time"].to_numpy() < 0) & keep
    others = {f"average_{name}": overall[name][0] for name in AVERAGES}
    about = _about(study, chosen, found, weigh.after)
    few = () if reason else few_clusters_words(about.treated, about.clusters)
    return Estimate(
        method=f"did_callaway_santanna_{chosen.control}",
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        reason=reason,
        level=level,
        estimand=f"effect on the treated{about.who}: {AVERAGES[average]}",
        population=about.population,
        n=float(about.clusters),
        n_of="clusters",
        assumptions=_assumptions(chosen, study),
        cautions=(*study.notes, *_pairs(study), *_skipped(found), *_lone_cohorts(study), *few),
        diagnostics={
            **pretrend(event["estimate"].to_numpy(), covariance, early, spread.influence[:, at["dynamic"]], study),
            **others,
            "degrees_of_freedom": float(spread.df[-1]),
            "cells_skipped": float(len(found.skipped)),
        },
        tables=tables,
        covariance=covariance,
    )


@dataclass(frozen=True)
class _About:
    """Whom an estimate is of: ``who`` in words where it is not all the treated, the population, its clusters.

    ``treated``: how many of the clusters are treated.
    """

    who: str
    population: str
    clusters: int
    treated: int


def _about(study: Study, choice: Choice, found: Cells, after: np.ndarray) -> _About:
    """Return whom the cells flagged ``after`` are of: cohorts without one are controls, or left out."""
    used = np.unique(found.cohort[after])
    if len(used) == len(study.cohorts):
        return _About("", study.population(), study.clusters, len(np.unique(study.cluster[~study.never])))
    names = ", ".join(str(each) for each in study.periods[used[:SHOWN_COHORTS]])
    more = f" and {len(used) - SHOWN_COHORTS} more dates" if len(used) > SHOWN_COHORTS else ""
    who = f"who start at {names}{more}"
    treated = np.isin(study.start, used)
    first = int(found.period[after].min())
    late = (study.start > first + choice.anticipation) & (choice.control == "not_yet")
    control = ~treated & (study.never | late)
    clusters = len(np.unique(study.cluster[treated | control]))
    periods = periods_compared(study, choice)
    words = f"{int(treated.sum())} treated units {who}, {int(control.sum())} others as controls, {periods} periods"
    return _About(f" {who}", words, clusters, len(np.unique(study.cluster[treated])))


class _Averages:
    """Averages of cells with cohort shares as weights, and the influence of having estimated those shares."""

    def __init__(self, study: Study, found: Cells, sampled: bool) -> None:
        weight = study.weight / study.weight.mean()
        self.found = found
        self.ids = np.unique(found.cohort)
        member = np.column_stack([weight * (study.start == g) for g in self.ids])
        self.share = member.mean(0)
        self.off = member - self.share if sampled else np.zeros_like(member)
        self.after = (found.period >= found.cohort) & (found.period - found.cohort < study.follow_up)
        self.follow_up = study.follow_up

    def mean(self, keep: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the share-weighted mean of the cells flagged, and its influence (n,)."""
        at = np.searchsorted(self.ids, self.found.cohort[keep])
        share, effect = self.share[at], self.found.effect[keep]
        weights = share / share.sum()
        value = float(weights @ effect)
        own = self.found.influence[:, keep] @ weights
        of_shares = self.off[:, at] @ ((effect - value) / share.sum())
        return value, own + of_shares

    def by(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (labels, values, influence) of the means by time since start, by cohort or by period."""
        found = self.found
        label = {"dynamic": found.period - found.cohort, "group": found.cohort, "calendar": found.period}[name]
        keep = np.ones(len(label), dtype=bool) if name == "dynamic" else self.after
        labels = np.unique(label[keep])
        made = [self.mean(keep & (label == each)) for each in labels]
        return labels, np.array([each[0] for each in made]), np.column_stack([each[1] for each in made])

    def overall(
        self, name: str, parts: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]
    ) -> tuple[float, np.ndarray]:
        """Return (value, influence) of one average over all."""
        if name == "simple":
            return self.mean(self.after)
        labels, values, influence = parts[name]
        if name == "group":
            share = self.share[np.searchsorted(self.ids, labels)]
            weights = share / share.sum()
            value = float(weights @ values)
            off = self.off[:, np.searchsorted(self.ids, labels)]
            return value, influence @ weights + off @ ((values - value) / share.sum())
        keep = np.ones(len(labels), dtype=bool)
        if name == "dynamic":
            keep = (labels >= 0) & (labels < self.follow_up)
        return float(values[keep].mean()), influence[:, keep].mean(1)


def _spread(influence: np.ndarray, study: Study, bootstraps: int, seed: int, level: float) -> Spread:
    units = len(study.units)
    summed = by_cluster(influence, study.cluster) / units
    groups = study.clusters
    small = groups / (groups - 1) if groups > 1 else math.nan
    covariance = summed.T @ summed * small
    se = np.sqrt(np.maximum(np.diag(covariance), 0))
    df = degrees_of_freedom(summed, study)
    if bootstraps == 0:
        return Spread(se, covariance, None, level, df, summed)
    draws = _multiplier_draws(summed, bootstraps, seed)
    low, high = np.quantile(draws, [0.25, 0.75], axis=0)
    boot = (high - low) / IQR_OF_NORMAL * math.sqrt(small)
    return Spread(boot, covariance, draws, level, df, summed)


def _multiplier_draws(summed: np.ndarray, bootstraps: int, seed: int) -> np.ndarray:
    """Return bootstraps x k draws of the estimates' errors, with Mammen's two-point weights for each cluster."""
    rng = generator(seed, "multiplier bootstrap")
    root = math.sqrt(5)
    low, high, chance = -(root - 1) / 2, (root + 1) / 2, (root + 1) / (2 * root)
    parts = []
    for first in range(0, bootstraps, BLOCK):
        size = min(BLOCK, bootstraps - first)
        weights = np.where(rng.random((size, len(summed))) < chance, low, high)
        parts.append(weights @ summed)
    return np.concatenate(parts)


def _tables(
    study: Study,
    found: Cells,
    parts: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
    spread: Spread,
    at: dict[str, slice],
    seed: int,
) -> dict[str, pd.DataFrame]:
    def dressed(keys: dict[str, np.ndarray], estimate: np.ndarray, name: str) -> pd.DataFrame:
        se, t = spread.se[at[name]], critical_values(spread.level, spread.df[at[name]])
        columns = {**keys, "estimate": estimate, "se": se, "lower": estimate - t * se, "upper": estimate + t * se}
        if name == "dynamic":
            width = np.maximum(spread.band(at[name], seed), t)
            columns |= {"band_lower": estimate - width * se, "band_upper": estimate + width * se}
        return pd.DataFrame(columns)

    keys = {"cohort": study.periods[found.cohort], "period": study.periods[found.period]}
    tables = {"att_gt": dressed(keys, found.effect, "att_gt")}
    titles = {
        "dynamic": ("event_study", "event_time"),
        "group": ("by_cohort", "cohort"),
        "calendar": ("by_period", "period"),
    }
    for name, (title, label) in titles.items():
        labels = parts[name][0] if name == "dynamic" else study.periods[parts[name][0]]
        tables[title] = dressed({label: labels}, parts[name][1], name)
    return tables


def _pairs(study: Study) -> tuple[str, ...]:
    lost = int(np.isnan(study.outcome).any(axis=1).sum())
    words = f"{lost} of {len(study.units)} units lack a period: each cell uses those seen in both of its periods"
    return (words,) if lost else ()


def _skipped(found: Cells) -> tuple[str, ...]:
    more = len(found.skipped) - SHOWN_SKIPPED
    return (*found.skipped[:SHOWN_SKIPPED], *((f"{more} more cells could not be compared",) if more > 0 else ()))


def _lone_cohorts(study: Study) -> tuple[str, ...]:
    alone = [study.periods[g] for g in study.cohorts if len(np.unique(study.cluster[study.start == g])) == 1]
    words = ", ".join(str(each) for each in alone[:4])
    return (
        (f"one cluster alone starts at {words}: its own variance cannot be told, so limits are too narrow",)
        if alone
        else ()
    )


def _estimated(found: Cells, event_times: np.ndarray) -> np.ndarray:
    """Return flags of the event times that were estimated, not set to zero as the base."""
    moved = found.influence.any(axis=0)
    return np.isin(event_times, (found.period - found.cohort)[moved])


def _assumptions(choice: Choice, study: Study) -> tuple[str, ...]:
    control = "never-treated" if choice.control == "never" else "not-yet-treated"
    given = f" given {', '.join(study.covariate_names)}" if study.covariate_names else ""
    ahead = (
        f"nothing changes more than {choice.anticipation} periods ahead" if choice.anticipation else "no anticipation"
    )
    return (f"parallel trends with {control} units{given}", ahead, "no spillover between units", "treatment stays on")
