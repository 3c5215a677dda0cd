"""What a fit has come to: targets beside posterior predictions, those held out among them, and what the data informed.

This is the only place where a fit's predictions meet the values of targets that were held out; it is called when the
fit is over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from calibration.diagnostics.coverage import coverage_table, predictions
from calibration.diagnostics.weights import resampled, weighted_covariance, weighted_mean, weighted_quantile
from calibration.fit.fit import Fit
from calibration.fit.plan import Plan
from calibration.likelihood.build import likelihood_of
from calibration.likelihood.scales import from_scale, slope, to_scale
from calibration.targets.target import Z_95, Target, TargetSet
from evaluation.draws import generator

DRAWS = 4_000  # of the posterior prediction
INFORMED = 0.8  # posterior sd over prior sd, on the latent scale: below, the data have informed a parameter
PROMISED_INSIDE, PROMISED_HELD_OUT, PROMISED_WIDTH = 0.9, 0.8, 0.15
ENDS = np.array([0.05, 0.5, 0.95])


class Predicting(Protocol):
    """Weighted points with what the model gave at them: a fit, or a posterior carried to another place."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the outputs."""

    @property
    def outputs(self) -> np.ndarray:
        """float64[points, replications, outputs]."""

    @property
    def weights(self) -> np.ndarray:
        """Weights of the points, adding to 1."""

    @property
    def plan(self) -> Plan:
        """The plan, for its seed."""

    def of(self, names: Sequence[str]) -> np.ndarray:
        """Return outputs of some names, float64[points, replications, names]."""


@dataclass(frozen=True)
class Assessment:
    """Tables of a fit. met: targets beside the model; predicted: predictive intervals and scores; coverage_*: of
    fitted and held-out targets; informed: parameters; correlations: of the posterior, latent."""  # fmt: skip

    met: pd.DataFrame
    predicted: pd.DataFrame
    coverage_fitted: pd.DataFrame
    coverage_held_out: pd.DataFrame
    informed: pd.DataFrame
    correlations: pd.DataFrame

    @property
    def held_out(self) -> pd.DataFrame:
        """Predictions of the targets held out."""
        return self.predicted[self.predicted["role"] == "held_out"]


def assess(fit: Fit, targets: TargetSet) -> Assessment:
    """Return the tables of ``fit`` beside ``targets`` of every role, in all their values."""
    known = TargetSet(tuple(each for each in targets if each.target in fit.names and each.weight > 0), targets.name)
    predicted = predictive(fit, known)
    roles = {each.target: each.role for each in known}
    predicted.insert(1, "role", predicted["target"].map(roles))
    fitted = predicted[predicted["role"] == "fitted"]
    held = predicted[predicted["role"] == "held_out"]
    return Assessment(
        met_table(fit, known),
        predicted,
        coverage_table(fitted) if len(fitted) else pd.DataFrame(),
        coverage_table(held) if len(held) else pd.DataFrame(),
        informed_table(fit),
        correlation_table(fit),
    )


def predictive_draws(fit: Predicting, targets: TargetSet, draws: int = DRAWS) -> tuple[list[str], np.ndarray]:
    """Return names and draws float64[draws, targets] of what would be observed: parameters, chance, error of observing.

    Chance is that of one run: what is observed happened once. With several replications it is taken out of the spread
    of points' means and added again as that of one run. With one, which does not tell it apart, points spread by it
    already, and nothing is added.
    """
    likelihood = likelihood_of(targets)
    rng = generator(fit.plan.seed, "predictive", *likelihood.names)
    chosen = resampled(fit.weights, draws, rng)
    outputs = fit.of(likelihood.names)
    of_mean = chance_of(outputs)
    told = np.nan_to_num(of_mean)
    mean = without_chance(outputs.mean(axis=1), fit.weights, told)
    once = np.broadcast_to(told * outputs.shape[1], mean.shape)
    return likelihood.names, likelihood.draw(mean[chosen], once[chosen], rng)


def without_chance(mean: np.ndarray, weights: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return points' means float64[points, outputs] moved towards their common mean until parameters alone spread them.

    chance: variance by chance of a point's mean, float64[outputs]. Of a variance v of the means chance / v is no
    parameter's doing, and gaps are shortened by the root of what is left (0 at least).
    """
    common = weighted_mean(mean, weights)
    with np.errstate(divide="ignore", invalid="ignore"):  # one point alone has no spread
        spread = np.diag(weighted_covariance(mean, weights, unbiased=True))
        left = np.where(spread > 0, 1.0 - chance / spread, 1.0)
    moved = common + np.sqrt(np.clip(left, 0.0, 1.0)) * (mean - common)
    return np.where(np.isfinite(moved), moved, mean)


def chance_of(outputs: np.ndarray) -> np.ndarray:
    """Return the variance by chance of a point's mean, pooled over points, float64[outputs]; NaN with one run each."""
    if outputs.shape[1] < 2:
        return np.full(outputs.shape[2], np.nan)
    variance = outputs.var(axis=1, ddof=1)
    known = np.isfinite(variance)
    mean = np.where(known, variance, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), mean, np.nan) / outputs.shape[1]


def predictive(fit: Predicting, targets: TargetSet) -> pd.DataFrame:
    """Return predictions of ``targets`` beside what was observed (see coverage.predictions)."""
    names, draws = predictive_draws(fit, targets)
    observed = dict(zip(names, likelihood_of(targets).observed, strict=True))
    return predictions(names, np.array([observed[name] for name in names]), draws)


def outputs_table(fit: Predicting) -> pd.DataFrame:
    """Return what the runs of the posterior points gave: point, replication, and each output in its target's unit."""
    points, replications, outputs = fit.outputs.shape
    found = pd.DataFrame(fit.outputs.reshape(-1, outputs), columns=list(fit.names))
    found.insert(0, "replication", np.tile(np.arange(replications), points))
    found.insert(0, "point", np.repeat(np.arange(points), replications))
    return found


def met_table(fit: Predicting, targets: TargetSet) -> pd.DataFrame:
    """Return targets beside the posterior mean of what the model gives, no discrepancy added.

    Columns: those of ``target_row``, simulated being the posterior mean, and after it simulated_05, simulated_95
    (percentiles over points of their means, which hold the chance of their runs: with one replication all of a run's)
    and chance_se (standard deviation by chance of one point's mean; NaN with one replication).
    """
    rows = []
    outputs = fit.outputs.mean(axis=1)
    chance = chance_of(fit.outputs)
    for each in targets:
        at = fit.names.index(each.target)
        mine = outputs[:, at]
        spread = {
            "simulated_05": float(weighted_quantile(mine, 0.05, fit.weights)),
            "simulated_95": float(weighted_quantile(mine, 0.95, fit.weights)),
            "chance_se": math.sqrt(float(chance[at])),
        }
        rows.append(target_row(each, float(weighted_mean(mine, fit.weights)), spread))
    return pd.DataFrame(rows)


def target_row(each: Target, mean: float, spread: Mapping[str, float]) -> dict[str, object]:
    """Return a row of every table that sets a target beside the model, whose runs give ``mean``.

    Keys: target, role, headline, unit, observed, low, high (as bridged), simulated (``mean``), those of ``spread``
    (what is known of how ``mean`` varies), inside (simulated lies within low to high; None without limits), tolerance,
    within_tolerance (headlines; None for others), observed_less_model_sd (observed less simulated, in standard
    deviations of the observation: above 0 where the model gives too little; NaN for parts of a whole without limits).
    """
    low, high, gap = limits_and_gap(each, mean)
    return {
        "target": each.target,
        "role": each.role,
        "headline": each.headline,
        "unit": each.unit,
        "observed": each.bridged_value,
        "low": low,
        "high": high,
        "simulated": mean,
        **spread,
        "inside": None if math.isnan(low) else bool(low <= mean <= high),
        "tolerance": each.tolerance,
        "within_tolerance": bool(abs(mean - each.bridged_value) <= each.tolerance) if each.headline else None,
        "observed_less_model_sd": gap,
    }


def limits_and_gap(each: Target, mean: float) -> tuple[float, float, float]:
    """Return a target's 95% limits as bridged, and how many of its standard deviations ``mean`` lies below it.

    Limits that it states are its own; those of a count follow from its likelihood. NaN for one of a multinomial
    without limits.
    """
    low, high = each.lower_95 * each.bridge_factor, each.upper_95 * each.bridge_factor
    if each.likelihood == "multinomial":
        return low, high, math.nan
    here = likelihood_of([each]).components[0]
    error = float(here.error(np.array([[each.bridged_value]]))[0, 0])
    error *= float(slope(np.array(each.bridged_value), here.scale))
    there, model = to_scale(np.array([each.bridged_value, mean]), here.scale)
    if math.isnan(low):
        low, high = map(float, from_scale(there + Z_95 * error * np.array([-1.0, 1.0]), here.scale))
    return low, high, float(there - model) / error


def informed_table(fit: Fit) -> pd.DataFrame:
    """Return what the data did to each parameter.

    Columns: parameter, unit, prior_05, prior_50, prior_95, posterior_05, posterior_50, posterior_95 (in its unit),
    latent_05, latent_50, latent_95 (of the posterior, in prior standard deviations), sd_ratio (posterior over prior
    standard deviation, latent), shift (posterior mean in prior standard deviations), informed, words.
    """
    values = fit.space.values(fit.latent)
    spread = np.sqrt(np.diag(weighted_covariance(fit.latent, fit.weights, unbiased=True)))
    shift = weighted_mean(fit.latent, fit.weights)
    rows = []
    for at, prior in enumerate(fit.space.priors):
        low, middle, high = weighted_quantile(values[:, at], ENDS, fit.weights)
        ends = weighted_quantile(fit.latent[:, at], ENDS, fit.weights)
        informed = bool(spread[at] < INFORMED or abs(shift[at]) > 1.0)
        rows.append(
            {
                "parameter": prior.name,
                "unit": prior.unit,
                "prior_05": prior.at(0.05),
                "prior_50": prior.at(0.5),
                "prior_95": prior.at(0.95),
                "posterior_05": float(low),
                "posterior_50": float(middle),
                "posterior_95": float(high),
                "latent_05": float(ends[0]),
                "latent_50": float(ends[1]),
                "latent_95": float(ends[2]),
                "sd_ratio": float(spread[at]),
                "shift": float(shift[at]),
                "informed": informed,
                "words": informed_words(float(spread[at]), float(shift[at]), informed),
            }
        )
    return pd.DataFrame(rows)


def informed_words(ratio: float, shift: float, informed: bool) -> str:
    """Return what the data did to one parameter, in words."""
    if not informed:
        return "not informed by these targets: it rests on its prior"
    narrowed = f"narrowed to {100 * ratio:.0f}% of its prior spread" if ratio < INFORMED else "hardly narrowed"
    moved = (
        ""
        if abs(shift) < 0.5
        else f", moved {abs(shift):.1f} prior standard deviations {'up' if shift > 0 else 'down'}"
    )
    return narrowed + moved


def correlation_table(fit: Fit) -> pd.DataFrame:
    """Return posterior correlations of the latent parameters."""
    covariance = weighted_covariance(fit.latent, fit.weights)
    sd = np.sqrt(np.diag(covariance))
    return pd.DataFrame(covariance / np.outer(sd, sd), index=fit.space.names, columns=fit.space.names)
