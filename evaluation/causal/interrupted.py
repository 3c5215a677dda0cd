"""Interrupted time series (Lopez Bernal, Cummins and Gasparrini 2017, IJE 46): one place, no comparator."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.arrays import LARGEST
from evaluation.causal.periods import uneven, written_as_months
from evaluation.causal.series_model import SeriesFit, SeriesModel, cautions, designs, fit_series
from evaluation.estimate import DIFFERENCE, LEVEL, RATIO, Estimate, critical
from scenarios.errors import InputError, nearest

LEAST_EACH_SIDE = 3
ALONE = "one place alone: whatever else changed at the start is counted in; a place beside it takes that out"


def interrupted_time_series(
    frame: pd.DataFrame,
    *,
    time: str,
    outcome: str,
    treated: str,
    population: str = "",
    model: SeriesModel | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Return the change at the start: a rate ratio (a difference for 'gaussian'), its limits as the model says.

    ``frame`` has a row per period: ``time`` (a running number), ``outcome`` (a count, or a number for 'gaussian'),
    ``treated`` (0, then 1) and, for a rate, ``population`` (offset). With a change of level alone the estimate is that
    change; with a slope it is the mean over the periods after: all expected with treatment over all without (or the
    mean difference). Table 'terms' has every coefficient (exponentiated with a log link), 'path' the fitted series
    and the counterfactual. Raises InputError for fewer than three periods on either side, a negative or all-zero
    count, a population that is not above 0, periods that are numbered 202312, 202401 (the trend would jump), or
    treatment that switches off. A period that is missing is noted.
    """
    chosen = model or SeriesModel()
    chosen.check()
    table = checked_series(frame, (time, outcome, treated, population), chosen)
    design, without = designs(table, time, treated, chosen)
    offset = np.log(table[population].to_numpy(dtype=float)) if population and chosen.log else None
    counts, on = table[outcome].to_numpy(dtype=float), table[treated].to_numpy() == 1
    found = fit_series(counts, design, offset, chosen)
    value, se = found.effect(design.to_numpy(), without, on, offset, chosen.log)
    half = critical(level, found.df) * se
    limits = (math.exp(value - half), math.exp(value + half)) if chosen.log else (value - half, value + half)
    return Estimate(
        method=f"interrupted_time_series_{chosen.family}",
        estimate=math.exp(value) if chosen.log else value,
        se=se,
        lower=limits[0],
        upper=limits[1],
        level=level,
        scale=RATIO if chosen.log else DIFFERENCE,
        estimand="change of level at the start" if not chosen.slope else "mean change over the periods after the start",
        population=f"one series, {int((~on).sum())} periods before and {int(on.sum())} after the start",
        assumptions=("the trend and season before would have gone on", "nothing else changed at the start"),
        cautions=(*uneven(table[time].to_numpy()), *cautions(chosen, found.diagnostics), ALONE),
        n=float(len(table)),
        n_of="periods",
        counts=_events(counts, on) if chosen.log else {},
        diagnostics={**found.diagnostics, **_trend(found.beta, design, chosen.log)},
        tables={
            "terms": terms(found, design, chosen.log, level),
            "path": _path(table, (time, outcome), (design.to_numpy(), without), found.beta, offset, chosen.log),
        },
    )


def before_after(frame: pd.DataFrame, before: str, after: str, level: float = LEVEL) -> Estimate:
    """Return the mean change of the same units, after less before, with Student limits: a description, not an effect.

    It credits the service with whatever would have happened anyway, above all regression to the mean among people
    chosen for high past use. Raises InputError for a missing column or fewer than two units.
    """
    for name in (before, after):
        if name not in frame.columns:
            raise InputError("table", f"column '{name}' is missing: {nearest(name, map(str, frame.columns))}")
    change = (frame[after] - frame[before]).dropna().to_numpy(dtype=float)
    if len(change) < 2:
        raise InputError("table", f"{len(change)} units seen before and after; at least two are needed")
    value, se = float(change.mean()), float(change.std(ddof=1) / math.sqrt(len(change)))
    half = critical(level, len(change) - 1) * se
    return Estimate(
        method="before_after",
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        level=level,
        estimand="mean change of those treated, whatever its cause",
        population=f"{len(change)} units",
        assumptions=("nothing would have changed without the service",),
        cautions=("people chosen for high past use fall back without any service: this is not an effect",),
    )


def checked_series(frame: pd.DataFrame, names: tuple[str, str, str, str], chosen: SeriesModel) -> pd.DataFrame:
    """Return the table by time, or raise InputError (see interrupted_time_series)."""
    time, outcome, treated, population = names
    for name in filter(None, names):
        if name not in frame.columns:
            raise InputError("series", f"column '{name}' is missing: {nearest(name, map(str, frame.columns))}")
        numbers = pd.to_numeric(frame[name], errors="coerce")
        bad = ~(numbers.abs() <= LARGEST)
        if bad.any():
            words = f"column '{name}' holds '{frame[name][bad].iloc[0]}'; a number of at most {LARGEST:g} is needed"
            raise InputError("series", words)
    table = frame.sort_values(time).reset_index(drop=True)
    if len(table) and written_as_months(table[time].to_numpy()) and table[time].nunique() > 1:
        first, last = table[time].iloc[0], table[time].iloc[-1]
        if first // 100 != last // 100:
            words = f"column '{time}' runs from {first} to {last}; number the months one after another: 1, 2, 3..."
            raise InputError("series", words)
    if table[time].duplicated().any():
        raise InputError("series", f"period {table[time][table[time].duplicated()].iloc[0]} comes twice")
    if not table[treated].isin([0, 1]).all():
        raise InputError("series", f"column '{treated}' holds other values than 0 and 1")
    if (table[treated].diff() < 0).any():
        at = table[time][table[treated].diff() < 0].iloc[0]
        raise InputError("series", f"treatment switches off at {at}; this design needs one that stays on")
    for flag, words in ((0, "before"), (1, "after")):
        count = int((table[treated] == flag).sum())
        if count < LEAST_EACH_SIDE:
            raise InputError("series", f"{count} periods {words} the start; at least {LEAST_EACH_SIDE} are needed")
    if chosen.errors == "prais_winsten" and not np.allclose(np.diff(table[time]), np.diff(table[time])[0]):
        raise InputError("series", f"column '{time}' has a hole: 'prais_winsten' needs periods at equal distance")
    if population and (table[population] <= 0).any():
        raise InputError("series", f"column '{population}' is {table[population].min():g}; above 0 is needed")
    if chosen.family != "gaussian":
        if (table[outcome] < 0).any():
            raise InputError("series", f"column '{outcome}' is {table[outcome].min():g}; counts are 0 or more")
        for flag, words in ((0, "before"), (1, "after")):
            if (table[outcome][table[treated] == flag] == 0).all():
                raise InputError("series", f"column '{outcome}' is 0 in every period {words} the start: no rate ratio")
    if (table[outcome] == table[outcome].iloc[0]).all():
        raise InputError(
            "series", f"column '{outcome}' is {table[outcome].iloc[0]:g} in every period: nothing to estimate"
        )
    return table


def _events(counts: np.ndarray, on: np.ndarray) -> dict[str, float]:
    return {"events before": float(counts[~on].sum()), "events after": float(counts[on].sum())}


def _trend(beta: np.ndarray, design: pd.DataFrame, log: bool) -> dict[str, float]:
    """Return the trend per period: a ratio with a log link, else a difference; and over twelve."""
    one = float(beta[list(design.columns).index("trend")])
    if log:
        return {"trend_per_period": math.exp(one), "trend_per_12_periods": math.exp(12 * one)}
    return {"trend_per_period": one, "trend_per_12_periods": 12 * one}


def terms(found: SeriesFit, design: pd.DataFrame, log: bool, level: float) -> pd.DataFrame:
    """Return one row per coefficient (exponentiated with a log link), its limits and its standard error."""
    se = np.sqrt(np.diag(found.covariance))
    half = critical(level, found.df) * se
    shown = np.exp if log else np.asarray
    return pd.DataFrame(
        {
            "term": list(design.columns),
            "estimate": shown(found.beta),
            "lower": shown(found.beta - half),
            "upper": shown(found.beta + half),
            "se": se,
        }
    )


def _path(
    table: pd.DataFrame,
    names: tuple[str, str],
    designs: tuple[np.ndarray, np.ndarray],
    beta: np.ndarray,
    offset: np.ndarray | None,
    log: bool,
) -> pd.DataFrame:
    shift = 0.0 if offset is None else offset
    shown = np.exp if log else np.asarray
    made = pd.DataFrame({"period": table[names[0]], "observed": table[names[1]].astype(float)})
    made["fitted"], made["synthetic"] = shown(designs[0] @ beta + shift), shown(designs[1] @ beta + shift)
    made["gap"] = made["fitted"] - made["synthetic"]
    return made
