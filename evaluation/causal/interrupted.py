"""Interrupted time series (Lopez Bernal, Cummins and Gasparrini 2017, IJE 46): one place, no comparator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from evaluation.estimate import DIFFERENCE, LEVEL, RATIO, Estimate, critical
from scenarios.errors import InputError, nearest

FAMILIES = ("poisson", "quasi_poisson", "negative_binomial", "gaussian")
ERRORS = ("model", "hac", "robust")
LEAST_EACH_SIDE = 3
OVERDISPERSED = 1.5
ALPHA_RANGE = (-16.0, 4.0)  # logs between which alpha is sought
AUTOCORRELATED = 0.05  # Ljung-Box p-value below which users are told


@dataclass(frozen=True)
class SeriesModel:
    """How one series is modelled.

    ``family``: a name of FAMILIES (a log link but for 'gaussian'); ``level`` and ``slope``: what may change at the
    start; ``slope_from``: the time from which the change of slope counts, so that 'level' is the change there
    (default: the first treated period); ``harmonics``: sine and cosine pairs over ``cycle`` periods (12 months);
    ``errors``: 'model', 'robust' (heteroscedastic) or 'hac' (Newey-West with ``lags``, default the integer part of
    4 (T/100)^(2/9)).
    """

    family: str = "quasi_poisson"
    level: bool = True
    slope: bool = False
    slope_from: float | None = None
    harmonics: int = 0
    cycle: float = 12.0
    errors: str = "model"
    lags: int | None = None

    def check(self) -> None:
        """Raise InputError for what cannot be modelled."""
        for key, value, allowed in (("family", self.family, FAMILIES), ("errors", self.errors, ERRORS)):
            if value not in allowed:
                raise InputError(key, f"no such choice '{value}': {nearest(value, allowed)}")
        if not (self.level or self.slope):
            raise InputError("level", "neither level nor slope may change: there is no effect to estimate")
        if self.harmonics < 0 or self.cycle <= 0:
            raise InputError("harmonics", f"{self.harmonics} over a cycle of {self.cycle:g}; 0 or more, above 0")


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
    """Return the change at the start: a rate ratio (a difference for 'gaussian') with normal limits.

    ``frame`` has a row per period: ``time`` (a running number), ``outcome`` (a count, or a number for 'gaussian'),
    ``treated`` (0, then 1) and, for a rate, ``population`` (offset). With a change of level alone the estimate is that
    change; with a slope it is the mean over the periods after: all expected with treatment over all without (or the
    mean difference). Table 'terms' has every coefficient (exponentiated with a log link), 'path' the fitted series
    and the counterfactual. Raises InputError for fewer than three periods on either side, a negative or all-zero
    count, a population that is not above 0, or treatment that switches off.
    """
    chosen = model or SeriesModel()
    chosen.check()
    table = _checked(frame, (time, outcome, treated, population), chosen)
    import statsmodels.api as sm  # heavy: only when it is needed

    design, without = _designs(table, time, treated, chosen)
    family, scale = _family(sm, chosen, table, outcome, design, population)
    offset = np.log(table[population].to_numpy(dtype=float)) if population and chosen.family != "gaussian" else None
    fitted = sm.GLM(table[outcome].to_numpy(dtype=float), design, family=family, offset=offset).fit(scale=scale)
    covariance = _covariance(sm, fitted, design, table[outcome].to_numpy(dtype=float), chosen)
    beta = np.asarray(fitted.params, dtype=float)
    on = table[treated].to_numpy() == 1
    value, se = _effect(beta, covariance, (design.to_numpy(), without), on, offset, chosen)
    log = chosen.family != "gaussian"
    half = critical(level) * se
    limits = (math.exp(value - half), math.exp(value + half)) if log else (value - half, value + half)
    residuals = np.asarray(fitted.resid_pearson, dtype=float)
    dispersion = float((residuals**2).sum() / fitted.df_resid)
    checks = _checks(residuals, chosen)
    return Estimate(
        method=f"interrupted_time_series_{chosen.family}",
        estimate=math.exp(value) if log else value,
        se=se,
        lower=limits[0],
        upper=limits[1],
        level=level,
        scale=RATIO if log else DIFFERENCE,
        estimand="change of level at the start" if not chosen.slope else "mean change over the periods after the start",
        population=f"one series, {int((~on).sum())} periods before and {int(on.sum())} after the start",
        assumptions=("the trend and season before would have gone on", "nothing else changed at the start"),
        cautions=_cautions(chosen, dispersion, checks),
        diagnostics={"dispersion": dispersion, **checks, **_trend(beta, design, log, time)},
        tables={
            "terms": _terms(beta, covariance, design, log, level),
            "path": _path(table, (time, outcome), (design.to_numpy(), without), beta, offset, log),
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


def _checked(frame: pd.DataFrame, names: tuple[str, str, str, str], chosen: SeriesModel) -> pd.DataFrame:
    time, outcome, treated, population = names
    for name in filter(None, names):
        if name not in frame.columns:
            raise InputError("series", f"column '{name}' is missing: {nearest(name, map(str, frame.columns))}")
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if not np.isfinite(numbers).all():
            bad = frame[name][~np.isfinite(numbers)].iloc[0]
            raise InputError("series", f"column '{name}' holds '{bad}'; a number is needed")
    table = frame.sort_values(time).reset_index(drop=True)
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
    if population and (table[population] <= 0).any():
        raise InputError("series", f"column '{population}' is {table[population].min():g}; above 0 is needed")
    if chosen.family != "gaussian":
        if (table[outcome] < 0).any():
            raise InputError("series", f"column '{outcome}' is {table[outcome].min():g}; counts are 0 or more")
        for flag, words in ((0, "before"), (1, "after")):
            if (table[outcome][table[treated] == flag] == 0).all():
                raise InputError("series", f"column '{outcome}' is 0 in every period {words} the start: no rate ratio")
    return table


def _designs(table: pd.DataFrame, time: str, treated: str, chosen: SeriesModel) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the design and the same with treatment off (counterfactual)."""
    clock = table[time].to_numpy(dtype=float)
    on = table[treated].to_numpy(dtype=float)
    columns: dict[str, np.ndarray] = {"constant": np.ones(len(table))}
    if chosen.level:
        columns["level"] = on
    columns["trend"] = clock
    if chosen.slope:
        origin = clock[on == 1][0] if chosen.slope_from is None else chosen.slope_from
        columns["slope"] = on * (clock - origin)
    for pair in range(1, chosen.harmonics + 1):
        columns[f"sin_{pair}"] = np.sin(2 * np.pi * pair * clock / chosen.cycle)
        columns[f"cos_{pair}"] = np.cos(2 * np.pi * pair * clock / chosen.cycle)
    design = pd.DataFrame(columns)
    if np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        raise InputError("series", "too few periods for this trend, change and season: the terms are collinear")
    without = design.copy()
    without[[name for name in ("level", "slope") if name in without]] = 0.0
    return design, without.to_numpy()


def _family(
    sm: Any, chosen: SeriesModel, table: pd.DataFrame, outcome: str, design: pd.DataFrame, population: str
) -> tuple[Any, Any]:
    """Return the family and how its scale is set: Pearson's for quasi-Poisson and gaussian, else 1."""
    if chosen.family == "gaussian":
        return sm.families.Gaussian(), "X2"
    if chosen.family == "negative_binomial":
        offset = np.log(table[population].to_numpy(dtype=float)) if population else None
        alpha = _overdispersion(sm, table[outcome].to_numpy(dtype=float), design, offset)
        return sm.families.NegativeBinomial(alpha=alpha), 1.0
    return sm.families.Poisson(), "X2" if chosen.family == "quasi_poisson" else 1.0


def _overdispersion(sm: Any, counts: np.ndarray, design: pd.DataFrame, offset: np.ndarray | None) -> float:
    """Return the negative binomial's alpha (variance = mean + alpha x mean^2) of most likelihood, by profile."""

    def loss(log_alpha: float) -> float:
        family = sm.families.NegativeBinomial(alpha=math.exp(log_alpha))
        return -float(sm.GLM(counts, design, family=family, offset=offset).fit().llf)

    found = optimize.minimize_scalar(loss, bounds=ALPHA_RANGE, method="bounded", options={"xatol": 1e-6})
    return math.exp(float(found.x))


def _covariance(sm: Any, fitted: Any, design: pd.DataFrame, outcome: np.ndarray, chosen: SeriesModel) -> np.ndarray:
    """Return the coefficients' covariance; sandwich forms from the scores of the canonical or log link."""
    if chosen.errors == "model":
        return np.asarray(fitted.cov_params(), dtype=float)
    x = design.to_numpy()
    weights = np.asarray(fitted.model.family.weights(fitted.mu), dtype=float)
    slope = np.asarray(fitted.model.family.link.deriv(fitted.mu), dtype=float)
    scores = x * (weights * slope * (outcome - fitted.mu))[:, None]
    bread = np.linalg.inv((x * weights[:, None]).T @ x)
    meat = scores.T @ scores
    if chosen.errors == "hac":
        lags = int(4 * (len(x) / 100) ** (2 / 9)) if chosen.lags is None else chosen.lags
        for lag in range(1, lags + 1):
            part = scores[lag:].T @ scores[:-lag]
            meat = meat + (1 - lag / (lags + 1)) * (part + part.T)
    small = len(x) / (len(x) - x.shape[1])
    return small * bread @ meat @ bread


def _effect(
    beta: np.ndarray,
    covariance: np.ndarray,
    designs: tuple[np.ndarray, np.ndarray],
    on: np.ndarray,
    offset: np.ndarray | None,
    chosen: SeriesModel,
) -> tuple[float, float]:
    """Return (effect, se): the level coefficient, or the delta method on totals after the start."""
    if not chosen.slope:
        return float(beta[1]), float(math.sqrt(covariance[1, 1]))
    x, x0 = designs[0][on], designs[1][on]
    if chosen.family == "gaussian":
        gradient = (x - x0).mean(0)
        return float(gradient @ beta), float(math.sqrt(gradient @ covariance @ gradient))
    shift = 0.0 if offset is None else offset[on]
    fitted, without = np.exp(x @ beta + shift), np.exp(x0 @ beta + shift)
    gradient = fitted @ x / fitted.sum() - without @ x0 / without.sum()
    return float(math.log(fitted.sum() / without.sum())), float(math.sqrt(gradient @ covariance @ gradient))


def _checks(residuals: np.ndarray, chosen: SeriesModel) -> dict[str, float]:
    """Return lag-1 autocorrelation, Durbin-Watson and the Ljung-Box p-value of Pearson residuals."""
    centred = residuals - residuals.mean()
    total = float((centred**2).sum())
    if total == 0:
        return {}
    n, most = len(centred), min(int(chosen.cycle), len(centred) // 4)
    lagged = np.array([float((centred[lag:] * centred[:-lag]).sum()) / total for lag in range(1, max(most, 1) + 1)])
    ljung = n * (n + 2) * float((lagged**2 / (n - np.arange(1, len(lagged) + 1))).sum())
    return {
        "autocorrelation_lag_1": float(lagged[0]),
        "durbin_watson": float((np.diff(residuals) ** 2).sum() / (residuals**2).sum()),
        "ljung_box_p_value": float(stats.chi2.sf(ljung, len(lagged))),
    }


def _cautions(chosen: SeriesModel, dispersion: float, checks: dict[str, float]) -> tuple[str, ...]:
    found = []
    if chosen.family == "poisson" and chosen.errors == "model" and dispersion > OVERDISPERSED:
        found.append(f"variance is {dispersion:.1f} times Poisson's: this interval is too narrow; use quasi_poisson")
    if checks.get("ljung_box_p_value", 1.0) < AUTOCORRELATED and chosen.errors != "hac":
        found.append("residuals are autocorrelated: the interval is too narrow; add season or use errors='hac'")
    if chosen.errors == "hac":
        found.append("Newey-West limits are still somewhat narrow in short series")
    return tuple(found)


def _trend(beta: np.ndarray, design: pd.DataFrame, log: bool, time: str) -> dict[str, float]:
    """Return the trend per period of ``time``: a ratio with a log link, else a difference; and over twelve."""
    one = float(beta[list(design.columns).index("trend")])
    if log:
        return {"trend_per_period": math.exp(one), "trend_per_12_periods": math.exp(12 * one)}
    return {"trend_per_period": one, "trend_per_12_periods": 12 * one}


def _terms(beta: np.ndarray, covariance: np.ndarray, design: pd.DataFrame, log: bool, level: float) -> pd.DataFrame:
    se = np.sqrt(np.diag(covariance))
    half = critical(level) * se
    shown = np.exp if log else np.asarray
    return pd.DataFrame(
        {
            "term": list(design.columns),
            "estimate": shown(beta),
            "lower": shown(beta - half),
            "upper": shown(beta + half),
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
