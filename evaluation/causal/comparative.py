"""Comparative interrupted series: the change at the start in the place, over that in a place without the service.

Each place keeps a level, trend, season and variance of its own; what changes in both at the start is taken out (Lopez
Bernal, Cummins and Gasparrini 2018, IJE 47). It rests on what else changed at the start having changed both alike.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.causal.interrupted import checked_series, terms
from evaluation.causal.periods import uneven
from evaluation.causal.series_model import SeriesFit, SeriesModel, cautions, designs, fit_series
from evaluation.estimate import DIFFERENCE, LEVEL, RATIO, Estimate, critical
from scenarios.errors import InputError

UNLIKE = 2.0  # one place's dispersion over the other's above which users are told that one was taken for both
EXTRA = "own_"  # before the names of terms of the place with the service, beyond those of both


def comparative_time_series(
    frame: pd.DataFrame,
    *,
    time: str,
    outcome: str,
    treated: str,
    place: str,
    population: str = "",
    model: SeriesModel | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Return the change at the start in the treated place over that in the other: a ratio of rate ratios.

    ``frame`` has a row per ``place`` (two of them) and period: other columns as ``interrupted_time_series``;
    ``treated`` is 0 throughout in the comparison. With 'gaussian' the difference of the two changes. Table 'terms' has
    every coefficient, those that begin 'own_' being the place's beyond the comparison's; 'path' the place's observed
    and fitted series and its counterfactual: its own trend, changed at the start as the comparison's did. Quasi-Poisson
    and gaussian errors have a dispersion for each place; Poisson and negative binomial have one for both, and a caution
    where the places differ by more than twofold. Raises InputError for other than two places, other than one treated,
    or periods that the two do not share.
    """
    chosen = model or SeriesModel()
    chosen.check()
    mine, other = _two(frame, (time, outcome, treated, place), population)
    tables = [
        checked_series(each, (time, outcome, treated, population), chosen)
        for each in (other.assign(**{treated: mine[treated].to_numpy()}), mine)
    ]
    parts = [designs(each, time, treated, chosen)[0] for each in tables]
    extra = parts[1].copy()
    extra.columns = [EXTRA + name for name in extra.columns]
    both = pd.concat(parts, ignore_index=True)
    own = pd.concat([extra * 0.0, extra], ignore_index=True)
    design = pd.concat([both, own], axis=1)
    without = design.copy()
    without[[EXTRA + name for name in ("level", "slope") if EXTRA + name in design]] = 0.0
    counts = np.concatenate([each[outcome].to_numpy(dtype=float) for each in tables])
    offset = None
    if population and chosen.log:
        offset = np.log(np.concatenate([each[population].to_numpy(dtype=float) for each in tables]))
    found = fit_series(counts, design, offset, chosen, series=2)
    length = len(tables[1])
    on = np.concatenate([np.zeros(length, dtype=bool), tables[1][treated].to_numpy() == 1])
    value, se = found.effect(design.to_numpy(), without.to_numpy(), on, offset, chosen.log)
    half = critical(level, found.df) * se
    limits = (math.exp(value - half), math.exp(value + half)) if chosen.log else (value - half, value + half)
    shown = np.exp if chosen.log else np.asarray
    shift = 0.0 if offset is None else offset[length:]
    path = pd.DataFrame({"period": tables[1][time].to_numpy(), "observed": counts[length:]})
    path["fitted"] = shown(design.to_numpy()[length:] @ found.beta + shift)
    path["synthetic"] = shown(without.to_numpy()[length:] @ found.beta + shift)
    path["gap"] = path["fitted"] - path["synthetic"]
    before = int(length - on.sum())
    return Estimate(
        method=f"comparative_time_series_{chosen.family}",
        estimate=math.exp(value) if chosen.log else value,
        se=se,
        lower=limits[0],
        upper=limits[1],
        level=level,
        scale=RATIO if chosen.log else DIFFERENCE,
        estimand="change at the start beyond the comparison's"
        + (", mean over the periods after" if chosen.slope else ""),
        population=f"one series and its comparison, {before} periods before and {int(on.sum())} after the start",
        n=float(2 * length),
        n_of="periods",
        counts=_events(counts, on, length) if chosen.log else {},
        assumptions=("without the service the place would have changed as the comparison did", "no spillover"),
        cautions=(*uneven(tables[1][time].to_numpy()), *cautions(chosen, found.diagnostics), *_unlike(chosen, found)),
        diagnostics={
            **found.diagnostics,
            "dispersion_comparison": float(found.scales[0]),
            "dispersion_place": float(found.scales[1]),
        },
        tables={"terms": terms(found, design, chosen.log, level), "path": path},
    )


def _unlike(chosen: SeriesModel, found: SeriesFit) -> tuple[str, ...]:
    """Return the caution where one dispersion is taken for two places that differ in it."""
    other, own = found.scales
    if chosen.scaled or chosen.errors != "model" or max(own, other) <= UNLIKE * min(own, other):
        return ()
    words = f"variance over the model's is {own:.1f} in the place and {other:.1f} in the comparison"
    return (f"{words}: limits that take one for both are too narrow or too wide; use quasi_poisson",)


def _events(counts: np.ndarray, on: np.ndarray, length: int) -> dict[str, float]:
    mine = counts[length:]
    return {
        "events before": float(mine[~on[length:]].sum()),
        "events after": float(mine[on[length:]].sum()),
        "events in the comparison": float(counts[:length].sum()),
    }


def _two(frame: pd.DataFrame, names: tuple[str, str, str, str], population: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the treated place's rows and the comparison's, by time."""
    time, _, treated, place = names
    for name in filter(None, (*names, population)):
        if name not in frame.columns:
            raise InputError("series", f"column '{name}' is missing")
    found = frame[place].unique()
    if len(found) != 2:
        raise InputError(
            "series", f"column '{place}' names {len(found)} places; two are needed, one treated (--only A,B)"
        )
    ever = frame.groupby(place)[treated].max()
    if sorted(pd.to_numeric(ever, errors="coerce")) != [0, 1]:
        raise InputError("series", f"column '{treated}' must be 0 throughout in one place and turn 1 in the other")
    mine, other = (frame[frame[place].map(ever) == flag].sort_values(time).reset_index(drop=True) for flag in (1, 0))
    if mine[time].tolist() != other[time].tolist():
        raise InputError("series", "the two places have other periods; each needs the same, once")
    return mine, other
