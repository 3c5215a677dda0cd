"""Posteriors with a closed form: what every sampler here is checked against, and what needs no simulator at all.

Source: Gelman et al., Bayesian Data Analysis, 3rd edition, chapters 2, 3 and 14.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Known:
    """A posterior (or prediction) of one number as a frozen scipy distribution."""

    law: Any

    @property
    def mean(self) -> float:
        """Its mean."""
        return float(self.law.mean())

    @property
    def sd(self) -> float:
        """Its standard deviation."""
        return float(self.law.std())

    @property
    def variance(self) -> float:
        """Its variance."""
        return float(self.law.var())

    def quantile(self, probability: float) -> float:
        """Return a quantile."""
        return float(self.law.ppf(probability))

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the central interval."""
        low, high = self.law.interval(level)
        return float(low), float(high)


def beta_binomial(alpha: float, beta: float, events: float, n: float) -> Known:
    """Return the posterior of a proportion: Beta(alpha, beta) before, ``events`` of ``n`` seen."""
    return Known(stats.beta(alpha + events, beta + n - events))


def beta_binomial_prediction(alpha: float, beta: float, events: float, n: float, new_n: int) -> Known:
    """Return the prediction of events among ``new_n`` more."""
    return Known(stats.betabinom(new_n, alpha + events, beta + n - events))


def gamma_poisson(shape: float, rate: float, count: float, exposure: float) -> Known:
    """Return the posterior of a rate: Gamma(shape, rate) before, ``count`` events over ``exposure`` seen."""
    return Known(stats.gamma(shape + count, scale=1 / (rate + exposure)))


def gamma_poisson_prediction(shape: float, rate: float, count: float, exposure: float, new_exposure: float) -> Known:
    """Return the prediction of events over ``new_exposure``: negative binomial.

    Its variance is the mean plus the rate's variance times the squared exposure.
    """
    a, b = shape + count, rate + exposure
    return Known(stats.nbinom(a, b / (b + new_exposure)))


def gamma_exponential(shape: float, rate: float, times: Sequence[float]) -> Known:
    """Return the posterior of an exponential rate: Gamma(shape, rate) before, ``times`` seen."""
    return Known(stats.gamma(shape + len(times), scale=1 / (rate + float(np.sum(times)))))


def normal_mean(prior_mean: float, prior_sd: float, obs_sd: float, values: Sequence[float]) -> Known:
    """Return the posterior of a normal mean; ``obs_sd``: the known standard deviation of each value."""
    before, seen = 1 / prior_sd**2, len(values) / obs_sd**2
    mean = (before * prior_mean + seen * float(np.mean(values))) / (before + seen)
    return Known(stats.norm(mean, math.sqrt(1 / (before + seen))))


def normal_mean_prediction(prior_mean: float, prior_sd: float, obs_sd: float, values: Sequence[float]) -> Known:
    """Return the prediction of one more value."""
    found = normal_mean(prior_mean, prior_sd, obs_sd, values)
    return Known(stats.norm(found.mean, math.hypot(found.sd, obs_sd)))


def normal_variance(prior_shape: float, prior_scale: float, mean: float, values: Sequence[float]) -> Known:
    """Return the posterior of a normal variance, the mean known; InverseGamma(shape, scale) before."""
    squares = float(((np.asarray(values) - mean) ** 2).sum())
    return Known(stats.invgamma(prior_shape + len(values) / 2, scale=prior_scale + squares / 2))


@dataclass(frozen=True)
class NormalInverseGamma:
    """Mean and variance of a normal, both unknown: mean given variance Normal(centre, variance / size), variance
    InverseGamma(shape, scale)."""  # fmt: skip

    centre: float
    size: float
    shape: float
    scale: float

    def updated(self, values: Sequence[float]) -> NormalInverseGamma:
        """Return it with ``values`` seen."""
        y = np.asarray(values, float)
        n, mean = len(y), float(y.mean())
        size = self.size + n
        squares = float(((y - mean) ** 2).sum())
        scale = self.scale + squares / 2 + self.size * n * (mean - self.centre) ** 2 / (2 * size)
        return NormalInverseGamma((self.size * self.centre + n * mean) / size, size, self.shape + n / 2, scale)

    @property
    def mean(self) -> Known:
        """The mean: Student's t."""
        return Known(stats.t(2 * self.shape, self.centre, math.sqrt(self.scale / (self.shape * self.size))))

    @property
    def variance(self) -> Known:
        """The variance: inverse gamma."""
        return Known(stats.invgamma(self.shape, scale=self.scale))

    @property
    def prediction(self) -> Known:
        """One more value: Student's t."""
        spread = math.sqrt(self.scale * (1 + 1 / self.size) / self.shape)
        return Known(stats.t(2 * self.shape, self.centre, spread))


def dirichlet_multinomial(alphas: Sequence[float], counts: Sequence[float]) -> list[Known]:
    """Return the posterior of each share of a multinomial, Dirichlet(alphas) before: a beta each."""
    after = np.asarray(alphas, float) + np.asarray(counts, float)
    return [Known(stats.beta(each, after.sum() - each)) for each in after]


def dirichlet_covariance(alphas: Sequence[float], counts: Sequence[float]) -> np.ndarray:
    """Return the covariance of the shares' posterior, float64[parts, parts]."""
    after = np.asarray(alphas, float) + np.asarray(counts, float)
    total = after.sum()
    share = after / total
    return (np.diag(share) - np.outer(share, share)) / (total + 1)


@dataclass(frozen=True)
class Gaussian:
    """A normal posterior of several numbers: ``mean`` float64[k], ``covariance`` float64[k, k]."""

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of each."""
        return np.sqrt(np.diag(self.covariance))

    def of(self, at: int) -> Known:
        """Return one of them."""
        return Known(stats.norm(float(self.mean[at]), float(self.sd[at])))


def linear_gaussian(
    design: np.ndarray, observed: np.ndarray, noise: np.ndarray, prior_mean: np.ndarray, prior_covariance: np.ndarray
) -> Gaussian:
    """Return the posterior of coefficients b of observed = design b + noise, normal before.

    design float64[n, k]; noise: covariance float64[n, n], or variances float64[n]; prior_covariance float64[k, k], or
    variances float64[k].
    """
    covariance = np.diag(noise) if np.ndim(noise) == 1 else np.asarray(noise, float)
    before = np.diag(prior_covariance) if np.ndim(prior_covariance) == 1 else np.asarray(prior_covariance, float)
    weighted = np.linalg.solve(covariance, design)
    precision = np.linalg.inv(before) + design.T @ weighted
    after = np.linalg.inv(precision)
    right = np.linalg.solve(before, prior_mean) + weighted.T @ observed
    return Gaussian(after @ right, (after + after.T) / 2)
