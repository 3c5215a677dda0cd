"""Worlds with a known effect, area by month. Fixed before the estimators were written, and not tuned to any of them.

Every generator takes a numpy Generator and returns a Panel: 'outcome' by 'unit' (area) and 'month' from 0, with
'first_treated' (the month treatment starts; NaN: never) and 'cluster'. ``effect`` is the true effect in every row, so
that any estimand can be worked out from it. All sizes and effects are invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

MONTHS = 20
AREAS = 60
EFFECT = -3.0  # per 1,000 a month, on a mean of about 40
MEAN, AREA_SD, MONTH_SD, NOISE_SD = 40.0, 6.0, 2.0, 3.0
STARTS = (8, 11, 14)  # months at which a quarter of areas start each; the last quarter never do
AR1 = 0.5
CLUSTERS, AREAS_PER_CLUSTER, CLUSTER_SD = 8, 6, 1.5
SPILL = 0.5  # share of the effect that reaches a treated area's untreated neighbours


@dataclass(frozen=True, eq=False)
class Panel:
    """One drawn world: ``frame`` has unit, month, outcome, first_treated, cluster, and effect (true, by row)."""

    frame: pd.DataFrame

    def truth(self, estimand: str) -> float:
        """Return the true value of an estimand.

        'simple': mean effect over treated area-months; 'dynamic': mean over months since the start of the mean effect
        at that time since; 'group': mean over treated areas of an area's mean effect; 'gap': mean effect in the first
        fifth less that in the last. Zero where nothing is treated.
        """
        treated = self.frame[self.frame["month"] >= self.frame["first_treated"]]
        if estimand == "gap":
            by_fifth = treated.groupby("fifth")["effect"].mean()
            return float(by_fifth[1] - by_fifth[5])
        if estimand == "simple":
            return float(treated["effect"].mean())
        if estimand == "dynamic":
            return float(treated.groupby(treated["month"] - treated["first_treated"])["effect"].mean().mean())
        return float(treated.groupby("unit")["effect"].mean().mean())


def null(rng: np.random.Generator) -> Panel:
    """Staggered starts, no effect, independent errors."""
    return _staggered(rng, lambda since, start: np.zeros_like(since))


def constant(rng: np.random.Generator) -> Panel:
    """Staggered starts, the same effect everywhere at once, independent errors."""
    return _staggered(rng, lambda since, start: np.full_like(since, EFFECT))


def staggered(rng: np.random.Generator) -> Panel:
    """Staggered starts; the effect is larger for early starters and grows with time: two-way fixed effects is wrong."""
    return _staggered(rng, lambda since, start: EFFECT * (STARTS[-1] + 1 - start) / 4 * (1 + since) / 4)


def ar1(rng: np.random.Generator) -> Panel:
    """As constant, with errors that follow an AR(1) of 0.5 within each area."""
    return _staggered(rng, lambda since, start: np.full_like(since, EFFECT), AR1)


def few_clusters(rng: np.random.Generator) -> Panel:
    """Eight clusters of six areas; four start together at the middle; months of a cluster share a shock. No effect."""
    areas = CLUSTERS * AREAS_PER_CLUSTER
    cluster = np.repeat(np.arange(CLUSTERS), AREAS_PER_CLUSTER)
    first = np.where(cluster < CLUSTERS // 2, MONTHS / 2, np.nan)
    shocks = _autoregressive(rng, CLUSTERS, CLUSTER_SD, AR1)[cluster]
    return _assemble(rng, first, np.zeros((areas, MONTHS)), shocks, cluster)


def spillover(rng: np.random.Generator) -> Panel:
    """A constant effect, half of which reaches half of the never-treated areas from the first start on."""
    first = _starts(AREAS)
    effect = _effects(first, lambda since, start: np.full_like(since, EFFECT))
    never = np.flatnonzero(np.isnan(first))
    reached = np.zeros((AREAS, MONTHS))
    reached[never[::2], STARTS[0] :] = SPILL * EFFECT
    world = _assemble(rng, first, effect, reached, np.arange(AREAS))
    return Panel(world.frame.assign(neighbour=np.repeat(reached.any(axis=1), MONTHS)))


def fifths(rng: np.random.Generator) -> Panel:
    """Forty neighbourhoods of five fifths each; half start at month 6 of 12, and gain more the more deprived.

    Fifths of a neighbourhood share its shocks month by month. 'fifth' 1 is the most deprived; the effect there is four
    thirds of EFFECT, and falls to nothing in the fifth: the absolute gap falls by as much.
    """
    places, months, start = 40, 12, 6
    fifth = np.tile(np.arange(1, 6), places)
    first = np.repeat(np.where(np.arange(places) % 2 == 0, float(start), np.nan), 5)
    since = np.where(np.arange(months) >= first[:, None], 1.0, 0.0)
    effect = since * (EFFECT * (5 - fifth) / 3)[:, None]
    shared = np.repeat(rng.normal(0, MONTH_SD, (places, months)), 5, axis=0) - 2.0 * fifth[:, None]
    world = _assemble(rng, first, effect, shared, np.repeat(np.arange(places), 5))
    return Panel(world.frame.assign(unit=world.frame["cluster"], fifth=np.repeat(fifth, months)))


def factors(rng: np.random.Generator) -> Panel:
    """Two common factors load more on treated areas (no parallel trends); 5 of 40 start at month 20 of 30."""
    areas, months, treated, start = 40, 30, 5, 20
    first = np.where(np.arange(areas) < treated, float(start), np.nan)
    trend = np.cumsum(rng.normal(0.25, 0.5, months))
    season = rng.normal(0.0, 1.0, months)
    loads = np.column_stack([rng.uniform(0, 2, areas), rng.uniform(-1, 1, areas)])
    loads[:treated, 0] += 0.7
    effect = _effects(first, lambda since, start: np.full_like(since, EFFECT), months)
    return _assemble(rng, first, effect, loads @ np.vstack([trend, season]), np.arange(areas), noise_sd=1.0)


def wedge(rng: np.random.Generator) -> Panel:
    """A stepped wedge: 24 areas in random order start in 6 steps over 7 periods; exchangeable area effects."""
    areas, periods = 24, 7
    first = rng.permutation(np.repeat(np.arange(1, periods), areas // (periods - 1))).astype(float)
    effect = _effects(first, lambda since, start: np.full_like(since, EFFECT), periods)
    return _assemble(rng, first, effect, np.zeros((areas, periods)), np.arange(areas))


def _staggered(
    rng: np.random.Generator, effect: Callable[[np.ndarray, np.ndarray], np.ndarray], correlation: float = 0.0
) -> Panel:
    first = _starts(AREAS)
    extra = np.zeros((AREAS, MONTHS))
    noise_sd = NOISE_SD
    if correlation:
        extra, noise_sd = _autoregressive(rng, AREAS, NOISE_SD, correlation), 0.0
    return _assemble(rng, first, _effects(first, effect), extra, np.arange(AREAS), noise_sd)


def _starts(areas: int) -> np.ndarray:
    """Return a quarter of areas for each start, and a quarter never (NaN)."""
    return np.array([*STARTS, np.nan])[np.arange(areas) % 4]


def _effects(
    first: np.ndarray, effect: Callable[[np.ndarray, np.ndarray], np.ndarray], months: int = MONTHS
) -> np.ndarray:
    """Return areas x months: ``effect(months since start, start)`` where treated, else 0."""
    since = np.arange(months) - first[:, None]
    on = since >= 0
    start = np.broadcast_to(first[:, None], since.shape)
    values = np.zeros(since.shape)
    values[on] = effect(since[on], start[on])
    return values


def _autoregressive(rng: np.random.Generator, rows: int, sd: float, correlation: float) -> np.ndarray:
    """Return rows x MONTHS of a stationary AR(1) with standard deviation ``sd``."""
    steps = rng.normal(0.0, 1.0, (rows, MONTHS))
    values = np.empty_like(steps)
    values[:, 0] = steps[:, 0]
    for month in range(1, MONTHS):
        values[:, month] = correlation * values[:, month - 1] + np.sqrt(1 - correlation**2) * steps[:, month]
    return sd * values


def _assemble(
    rng: np.random.Generator,
    first: np.ndarray,
    effect: np.ndarray,
    extra: np.ndarray,
    cluster: np.ndarray,
    noise_sd: float = NOISE_SD,
) -> Panel:
    areas, months = effect.shape
    level = MEAN + rng.normal(0, AREA_SD, (areas, 1)) + rng.normal(0, MONTH_SD, months)
    outcome = level + effect + extra + rng.normal(0, 1, effect.shape) * noise_sd
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(areas), months),
            "month": np.tile(np.arange(months), areas),
            "outcome": outcome.ravel(),
            "first_treated": np.repeat(first, months),
            "cluster": np.repeat(cluster, months),
            "effect": effect.ravel(),
        }
    )
    return Panel(frame)
