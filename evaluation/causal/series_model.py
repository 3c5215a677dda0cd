"""How one series is modelled: trend, season, a change at the start, and errors that may be dispersed or correlated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from scenarios.errors import InputError, nearest

FAMILIES = ("poisson", "quasi_poisson", "negative_binomial", "gaussian")
SCALED = ("quasi_poisson", "gaussian")
ERRORS = ("model", "hac", "robust", "prais_winsten")
LIMITS = ("student", "normal")
OVERDISPERSED = 1.5
ALPHA_RANGE = (-16.0, 4.0)  # logs between which alpha is sought
MOST_ROUNDS, MOST_RHO = 200, 0.999  # of the search for the errors' autocorrelation
AUTOCORRELATED = 0.05  # Ljung-Box p-value below which users are told


@dataclass(frozen=True)
class SeriesModel:
    """How one series is modelled.

    ``family``: a name of FAMILIES (a log link but for 'gaussian'); ``level`` and ``slope``: what may change at the
    start; ``slope_from``: the time from which the change of slope counts, so that 'level' is the change there
    (default: the first treated period); ``harmonics``: sine and cosine pairs over ``cycle`` periods (12 months), or
    ``months``: an indicator for each place in the cycle but the first (``time`` in whole numbers); ``errors``: 'model',
    'robust' (heteroscedastic), 'hac' (Newey-West with ``lags``, default the integer part of 4 (T/100)^(2/9)) or, for
    'gaussian', 'prais_winsten' (errors that follow an AR(1), fitted with the rest; Prais and Winsten 1954). ``limits``:
    'student' (on the residuals' degrees of freedom, wherever the error is estimated from residuals) or 'normal', as R's
    glm and the published examples have them: too narrow in short series.
    """

    family: str = "quasi_poisson"
    level: bool = True
    slope: bool = False
    slope_from: float | None = None
    harmonics: int = 0
    cycle: float = 12.0
    months: bool = False
    errors: str = "model"
    lags: int | None = None
    limits: str = "student"

    @property
    def log(self) -> bool:
        """Whether the link is the log, so that effects are ratios."""
        return self.family != "gaussian"

    @property
    def scaled(self) -> bool:
        """Whether the variance is the family's times a scale that is estimated."""
        return self.family in SCALED

    @property
    def student(self) -> bool:
        """Whether limits are Student's: standard errors rest on the residuals, and normal ones are not asked for."""
        return self.limits == "student" and (self.scaled or self.errors != "model")

    def check(self) -> None:
        """Raise InputError for what cannot be modelled."""
        names = (("family", self.family, FAMILIES), ("errors", self.errors, ERRORS), ("limits", self.limits, LIMITS))
        for key, value, allowed in names:
            if value not in allowed:
                raise InputError(key, f"no such choice '{value}': {nearest(value, allowed)}")
        if not (self.level or self.slope):
            raise InputError("level", "neither level nor slope may change: there is no effect to estimate")
        if self.harmonics < 0 or self.cycle <= 0:
            raise InputError("harmonics", f"{self.harmonics} over a cycle of {self.cycle:g}; 0 or more, above 0")
        if self.months and self.harmonics:
            raise InputError("months", "with harmonics: the season is fitted by one of the two")
        if self.lags is not None and self.lags < 0:
            raise InputError("lags", f"{self.lags}; 0 or more is allowed")
        if self.errors == "prais_winsten" and self.family != "gaussian":
            raise InputError("errors", f"'prais_winsten' is for 'gaussian'; with '{self.family}' use 'hac'")


def designs(table: pd.DataFrame, time: str, treated: str, chosen: SeriesModel) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the design of one series and the same with treatment off (counterfactual)."""
    clock = table[time].to_numpy(dtype=float)
    on = table[treated].to_numpy(dtype=float)
    columns: dict[str, np.ndarray] = {"constant": np.ones(len(table))}
    if chosen.level:
        columns["level"] = on
    columns["trend"] = clock
    if chosen.slope:
        origin = clock[on == 1][0] if chosen.slope_from is None else chosen.slope_from
        columns["slope"] = on * (clock - origin)
    if chosen.months:
        if (clock % 1 != 0).any():
            raise InputError("series", f"column '{time}' is not in whole numbers: months=True needs them")
        columns |= {f"month_{at:g}": (clock % chosen.cycle == at).astype(float) for at in np.arange(1, chosen.cycle)}
    for pair in range(1, chosen.harmonics + 1):
        columns[f"sin_{pair}"] = np.sin(2 * np.pi * pair * clock / chosen.cycle)
        columns[f"cos_{pair}"] = np.cos(2 * np.pi * pair * clock / chosen.cycle)
    design = pd.DataFrame(columns)
    without = design.copy()
    without[[name for name in ("level", "slope") if name in without]] = 0.0
    return design, without.to_numpy()


@dataclass(frozen=True)
class SeriesFit:
    """``beta`` (k,), ``covariance`` (k, k), Pearson ``residuals`` (T,), ``df`` of limits (infinite: normal).

    ``scales``: Pearson's dispersion of each series.
    """

    beta: np.ndarray
    covariance: np.ndarray
    residuals: np.ndarray
    df: float
    diagnostics: dict[str, float]
    scales: np.ndarray

    def effect(
        self, design: np.ndarray, without: np.ndarray, on: np.ndarray, offset: np.ndarray | None, log: bool
    ) -> tuple[float, float]:
        """Return (effect, se) over the periods ``on``: log of all expected over all ``without``, or mean difference."""
        x, x0 = design[on], without[on]
        if log:
            shift = 0.0 if offset is None else offset[on]
            fitted, bare = np.exp(x @ self.beta + shift), np.exp(x0 @ self.beta + shift)
            value = float(math.log(fitted.sum() / bare.sum()))
            gradient = fitted @ x / fitted.sum() - bare @ x0 / bare.sum()
        else:
            gradient = (x - x0).mean(0)
            value = float(gradient @ self.beta)
        return value, float(math.sqrt(gradient @ self.covariance @ gradient))


def fit_series(
    outcome: np.ndarray, design: pd.DataFrame, offset: np.ndarray | None, chosen: SeriesModel, series: int = 1
) -> SeriesFit:
    """Return the fit of ``outcome`` (T,) on ``design``; ``series``: how many equally long ones follow one another.

    Several series have an equal number of terms each, and each a variance of its own where the family's is estimated
    (quasi-Poisson, gaussian). Raises InputError where the terms are collinear.
    """
    import statsmodels.api as sm  # heavy: only when it is needed

    if np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        raise InputError("series", "too few periods for this trend, change and season: the terms are collinear")
    family, scale = _family(sm, chosen, outcome, design, offset)
    fitted = sm.GLM(outcome, design, family=family, offset=offset).fit(scale=scale)
    beta, residuals = np.asarray(fitted.params, dtype=float), np.asarray(fitted.resid_pearson, dtype=float)
    found: dict[str, float] = {}
    if chosen.errors == "prais_winsten":
        beta, covariance, residuals, rho = _prais_winsten(design.to_numpy(), outcome, series)
        found["rho"] = rho
    else:
        covariance = _covariance(fitted, design.to_numpy(), outcome, chosen, series)
    df = float(fitted.df_resid)
    found = {"dispersion": float((residuals**2).sum() / df), **found, **_checks(residuals, chosen)}
    scales = _scales(residuals, series, df)
    if series > 1 and scales.any():
        df = _welch(scales, np.asarray(fitted.model.family.weights(fitted.mu), dtype=float), df / series)
    return SeriesFit(beta, covariance, residuals, df if chosen.student else math.inf, found, scales)


def _scales(residuals: np.ndarray, series: int, df: float) -> np.ndarray:
    """Return (series,): Pearson's dispersion of each series, which share ``df`` degrees of freedom equally."""
    return np.array([float((own**2).sum()) for own in np.split(residuals, series)]) / (df / series)


def _welch(scales: np.ndarray, weights: np.ndarray, df: float) -> float:
    """Return Welch's degrees of freedom of a difference of series with ``df`` each.

    Their designs being alike, what each adds to the variance is its dispersion over its ``weights`` (with a log link,
    its counts: a small place adds more than a large one).
    """
    parts = scales / np.array([own.sum() for own in np.split(weights, len(scales))])
    return float(parts.sum() ** 2 / (parts**2 / df).sum())


def _of_scales(x: np.ndarray, weights: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return the covariance of weighted least squares whose errors have a variance for each of equally long series."""
    bread = np.linalg.inv((x * weights[:, None]).T @ x)
    each = np.repeat(scales, len(x) // len(scales)) * weights
    return np.asarray(bread @ ((x * each[:, None]).T @ x) @ bread)


def _family(
    sm: Any, chosen: SeriesModel, counts: np.ndarray, design: pd.DataFrame, offset: np.ndarray | None
) -> tuple[Any, Any]:
    """Return the family and how its scale is set: Pearson's for quasi-Poisson and gaussian, else 1."""
    if chosen.family == "gaussian":
        return sm.families.Gaussian(), "X2"
    if chosen.family == "negative_binomial":
        alpha = _overdispersion(sm, counts, design, offset)
        return sm.families.NegativeBinomial(alpha=alpha), 1.0
    return sm.families.Poisson(), "X2" if chosen.family == "quasi_poisson" else 1.0


def _overdispersion(sm: Any, counts: np.ndarray, design: pd.DataFrame, offset: np.ndarray | None) -> float:
    """Return the negative binomial's alpha (variance = mean + alpha x mean^2) of most likelihood, by profile."""

    def loss(log_alpha: float) -> float:
        family = sm.families.NegativeBinomial(alpha=math.exp(log_alpha))
        return -float(sm.GLM(counts, design, family=family, offset=offset).fit().llf)

    found = optimize.minimize_scalar(loss, bounds=ALPHA_RANGE, method="bounded", options={"xatol": 1e-6})
    return math.exp(float(found.x))


def _prais_winsten(x: np.ndarray, y: np.ndarray, series: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return coefficients, covariance, residuals and rho of least squares with AR(1) errors, iterated until rho stays.

    The first period of each series is kept, times the root of 1 - rho^2.
    """
    rho, length = 0.0, len(y) // series
    first = np.arange(len(y)) % length == 0
    last = np.roll(first, -1)
    for _ in range(MOST_ROUNDS):
        xs, ys = (_without_memory(each, first, rho) for each in (x, y))
        beta = np.linalg.lstsq(xs, ys, rcond=None)[0]
        left = y - x @ beta
        before = float((left[~last] ** 2).sum())
        new = float((left[~first] * left[~last]).sum()) / before if before > 0 else 0.0
        new = float(np.clip(new, -MOST_RHO, MOST_RHO))
        if abs(new - rho) < 1e-9:
            break
        rho = new
    own = ys - xs @ beta
    covariance = _of_scales(xs, np.ones(len(y)), _scales(own, series, len(y) - x.shape[1]))
    return beta, covariance, own, rho


def _without_memory(values: np.ndarray, first: np.ndarray, rho: float) -> np.ndarray:
    before = np.roll(values, 1, axis=0)
    flags = first if values.ndim == 1 else first[:, None]
    return np.where(flags, math.sqrt(1 - rho**2) * values, values - rho * before)


def _covariance(fitted: Any, x: np.ndarray, outcome: np.ndarray, chosen: SeriesModel, series: int) -> np.ndarray:
    """Return the coefficients' covariance; sandwich forms from the scores of the canonical or log link."""
    weights = np.asarray(fitted.model.family.weights(fitted.mu), dtype=float)
    if chosen.errors == "model" and series > 1 and chosen.scaled:
        scales = _scales(np.asarray(fitted.resid_pearson, dtype=float), series, float(fitted.df_resid))
        return _of_scales(x, weights, scales)
    if chosen.errors == "model":
        return np.asarray(fitted.cov_params(), dtype=float)
    slope = np.asarray(fitted.model.family.link.deriv(fitted.mu), dtype=float)
    scores = x * (weights * slope * (outcome - fitted.mu))[:, None]
    bread = np.linalg.inv((x * weights[:, None]).T @ x)
    meat = scores.T @ scores
    if chosen.errors == "hac":
        length = len(x) // series
        lags = int(4 * (length / 100) ** (2 / 9)) if chosen.lags is None else chosen.lags
        for own in np.split(scores, series):  # no lag reaches from one series into the next
            for lag in range(1, lags + 1):
                part = own[lag:].T @ own[:-lag]
                meat = meat + (1 - lag / (lags + 1)) * (part + part.T)
    small = len(x) / (len(x) - x.shape[1])
    return np.asarray(small * bread @ meat @ bread)


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


def cautions(chosen: SeriesModel, checks: dict[str, float]) -> tuple[str, ...]:
    """Return what users are told of dispersion and autocorrelation."""
    found, dispersion = [], checks.get("dispersion", 1.0)
    if chosen.family == "poisson" and chosen.errors == "model" and dispersion > OVERDISPERSED:
        found.append(f"variance is {dispersion:.1f} times Poisson's: this interval is too narrow; use quasi_poisson")
    if checks.get("ljung_box_p_value", 1.0) < AUTOCORRELATED and chosen.errors != "hac":
        other = "'prais_winsten'" if chosen.family == "gaussian" and chosen.errors != "prais_winsten" else "'hac'"
        found.append(f"residuals are autocorrelated: the interval is too narrow; add season or use errors={other}")
    if chosen.errors == "hac":
        found.append("Newey-West limits are still somewhat narrow in short series")
    if chosen.errors == "prais_winsten":
        found.append("Prais-Winsten limits are somewhat narrow in short series")
    return tuple(found)
