"""Components of a likelihood: normal, log-normal, binomial, Poisson, gamma-Poisson and multinomial.

Each takes the model's value with a variance: what is not known of it, from few replications or from an emulator. The
variance is integrated out: a binomial becomes a beta-binomial, a Poisson a negative binomial, a multinomial a
Dirichlet-multinomial, each with the first two moments of the model's value (Gelman et al., Bayesian Data Analysis, 3rd
edition, section 2; Starsim's calibration components do the same for a finite number of runs). With no variance each is
the plain distribution.

Shapes: mean and variance are float64[points, parts], where parts is 1 but for the multinomial; a log likelihood is
float64[points].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import betaln, gammaln

from calibration.likelihood.scales import slope, to_scale

TINY = 1e-300
NEVER = -1e300  # log likelihood of what cannot be: finite, so that differences of two stay numbers


class Component(Protocol):
    """One or more targets with one likelihood. ``names``: of its targets; ``scale``: on which it is compared.

    observed: float64[parts], as bridged. relative_sd: of bridge and discrepancy, on the model's value.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """The targets' names."""
        ...

    @property
    def power(self) -> float:
        """Factor on the log likelihood; 1 for a normal, whose own variance is divided by its weight instead."""
        ...

    @property
    def scale(self) -> str:
        """'natural', 'log' or 'logit'."""
        ...

    @property
    def observed(self) -> np.ndarray:
        """What was observed, float64[parts], in the target's unit."""
        ...

    @property
    def half_event(self) -> float:
        """What half an event is in the target's unit; 0 where nothing is counted."""
        ...

    def error(self, mean: np.ndarray) -> np.ndarray:
        """Return the sd of observation, bridge and discrepancy at the model's ``mean`` (any shape), in its unit."""
        ...

    def log_likelihood(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the log likelihood of each point, before ``power``."""
        ...

    def draw(self, mean: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return what might be observed at each point, float64[points, parts], in the target's unit."""
        ...


@dataclass(frozen=True)
class Normal:
    """A value with a standard deviation, on the natural or log scale.

    value: observed and bridged, in its unit. sd: of the observation and its bridge on ``scale`` (relative for log).
    discrepancy: sd of what the model leaves out, as a share of the observed value. weight: its own variance is divided
    by it, which is what a power of a normal density is.
    """

    name: str
    value: float
    sd: float
    scale: str = "natural"
    discrepancy: float = 0.0
    weight: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """The target's name."""
        return (self.name,)

    @property
    def observed(self) -> np.ndarray:
        """The observed value."""
        return np.array([self.value])

    @property
    def half_event(self) -> float:
        """Nothing is counted."""
        return 0.0

    @property
    def power(self) -> float:
        """The weight is in the variance already."""
        return 1.0

    @property
    def own_variance(self) -> float:
        """Variance of observation, bridge and discrepancy on the scale."""
        share = self.discrepancy if self.scale == "log" else self.discrepancy * abs(self.value)
        return self.sd**2 + share**2

    @property
    def weighed_variance(self) -> float:
        """The own variance over the weight."""
        return self.own_variance / self.weight

    def error(self, mean: np.ndarray) -> np.ndarray:
        """Return the sd of observation, bridge and discrepancy, in the unit."""
        here = np.full(np.shape(mean), self.value)
        return math.sqrt(self.own_variance) / slope(here, self.scale)

    def log_likelihood(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the normal log density of the observed value on the scale."""
        there = to_scale(mean[:, 0], self.scale)
        with np.errstate(invalid="ignore"):
            spread = self.weighed_variance + variance[:, 0] * slope(mean[:, 0], self.scale) ** 2
            gap = float(to_scale(np.array(self.value), self.scale)) - there
            found = -0.5 * (gap**2 / spread + np.log(2 * math.pi * spread))
        return np.where(np.isfinite(found), found, NEVER)

    def draw(self, mean: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return draws around the model's value, on the scale and back."""
        from calibration.likelihood.scales import from_scale

        spread = np.sqrt(self.own_variance + variance * slope(mean, self.scale) ** 2)
        return from_scale(to_scale(mean, self.scale) + spread * rng.standard_normal(mean.shape), self.scale)


@dataclass(frozen=True)
class Counted:
    """What counts share: the model's value stands for the observed period by ``factor``, with a relative error.

    per: the unit's own factor (1,000 for a rate per 1,000). relative: sd of bridge and discrepancy together.
    """

    name: str
    count: float
    out_of: float
    per: float = 1.0
    factor: float = 1.0
    relative: float = 0.0
    weight: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """The target's name."""
        return (self.name,)

    @property
    def observed(self) -> np.ndarray:
        """The observed value in the target's unit, bridged."""
        return np.array([self.factor * self.per * self.count / self.out_of])

    @property
    def power(self) -> float:
        """The weight."""
        return self.weight

    @property
    def half_event(self) -> float:
        """Half an event in the target's unit."""
        return 0.5 * self.factor * self.per / self.out_of

    def rate(self, mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of the observed period's rate per ``out_of``."""
        share = self.factor * self.per
        here = mean[:, 0] / share
        return here, variance[:, 0] / share**2 + (self.relative * here) ** 2


@dataclass(frozen=True)
class Binomial(Counted):
    """``count`` of ``out_of``; the model gives a share."""

    @property
    def scale(self) -> str:
        """Shares are compared on the logit scale."""
        return "logit"

    def error(self, mean: np.ndarray) -> np.ndarray:
        """Return the sd of the share that would be observed, bridged: the observed share itself is mean / factor."""
        chance = mean * np.maximum(self.factor - mean, 0.0) / self.out_of
        return np.sqrt(chance + (self.relative * mean) ** 2)

    def log_likelihood(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the log probability of the count: beta-binomial, binomial where there is no variance."""
        share, spread = self.rate(mean, variance)
        n, k = self.out_of, self.count
        choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        inside = (share > 0) & (share < 1)
        safe = np.where(inside, share, 0.5)
        plain = k * np.log(safe) + (n - k) * np.log1p(-safe)
        size = safe * (1 - safe) / np.maximum(spread, TINY) - 1
        a, b = np.maximum(safe * size, TINY), np.maximum((1 - safe) * size, TINY)
        mixed = betaln(k + a, n - k + b) - betaln(a, b)
        found = np.where((spread > 0) & (size > 0) & (size < 1e12), mixed, plain) + choose
        at_edge = ((share <= 0) & (k == 0)) | ((share >= 1) & (k == n))
        return np.where(inside, found, np.where(at_edge, 0.0, NEVER))

    def draw(self, mean: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return shares that might be observed."""
        share, spread = self.rate(mean, variance)
        share = np.clip(share, 1e-12, 1 - 1e-12)
        size = np.where(spread > 0, np.maximum(share * (1 - share) / np.maximum(spread, TINY) - 1, 1e-6), 1e12)
        p = np.where(size < 1e12, rng.beta(np.minimum(share * size, 1e12), np.minimum((1 - share) * size, 1e12)), share)
        return (self.factor * rng.binomial(int(self.out_of), p) / self.out_of)[:, None]


@dataclass(frozen=True)
class Poisson(Counted):
    """``count`` events over ``out_of``; the model gives a rate. dispersion: squared CV of the rate beyond Poisson."""

    dispersion: float = 0.0

    @property
    def scale(self) -> str:
        """Rates are compared on the log scale."""
        return "log"

    def error(self, mean: np.ndarray) -> np.ndarray:
        """Return the sd of the rate that would be observed, in the target's unit."""
        share = self.factor * self.per
        here = mean / share
        return share * np.sqrt(here / self.out_of + (self.dispersion + self.relative**2) * here**2)

    def log_likelihood(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the log probability of the count: negative binomial, Poisson where nothing is uncertain."""
        rate, spread = self.rate(mean, variance)
        possible = rate > 0
        safe = np.where(possible, rate, 1.0)
        expected = safe * self.out_of
        scv = spread / safe**2 + self.dispersion
        plain = self.count * np.log(expected) - expected - gammaln(self.count + 1)
        size = 1 / np.maximum(scv, TINY)
        mixed = gammaln(self.count + size) - gammaln(size) - gammaln(self.count + 1)
        mixed = mixed - size * np.log1p(expected / size) - self.count * np.log1p(size / expected)
        found = np.where((scv > 1e-12) & (size < 1e12), mixed, plain)
        return np.where(possible, found, 0.0 if self.count == 0 else NEVER)

    def draw(self, mean: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return rates that might be observed, in the target's unit."""
        rate, spread = self.rate(np.maximum(mean, 0.0), variance)
        safe = np.maximum(rate, TINY)
        scv = spread / safe**2 + self.dispersion
        shape = 1 / np.maximum(scv, 1e-12)
        expected = np.where(scv > 1e-12, rng.gamma(shape, safe * self.out_of / shape), safe * self.out_of)
        return (self.factor * self.per * rng.poisson(expected) / self.out_of)[:, None]


@dataclass(frozen=True)
class Multinomial:
    """Counts of the parts of one whole; the model gives shares. relative: sd of bridge and discrepancy together."""

    parts: tuple[str, ...]
    counts: tuple[float, ...]
    relative: float = 0.0
    weight: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """The targets' names, in order of the parts."""
        return self.parts

    @property
    def scale(self) -> str:
        """Shares are compared on the logit scale."""
        return "logit"

    @property
    def observed(self) -> np.ndarray:
        """Shares observed, float64[parts]."""
        return np.array(self.counts) / sum(self.counts)

    @property
    def power(self) -> float:
        """The weight."""
        return self.weight

    @property
    def half_event(self) -> float:
        """Half an event as a share."""
        return 0.5 / sum(self.counts)

    def error(self, mean: np.ndarray) -> np.ndarray:
        """Return the sd of each share that would be observed."""
        return np.sqrt(mean * (1 - mean) / sum(self.counts) + (self.relative * mean) ** 2)

    def shares(self, mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return shares that add to 1, float64[points, parts], and the size of the Dirichlet with their variances."""
        safe = np.maximum(mean, 1e-12)
        share = safe / safe.sum(axis=1, keepdims=True)
        spread = (variance + (self.relative * share) ** 2).sum(axis=1)
        size = (share * (1 - share)).sum(axis=1) / np.maximum(spread, TINY) - 1
        return share, np.where(spread > 0, np.clip(size, 1e-6, 1e12), 1e12)

    def log_likelihood(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the log probability of the counts: Dirichlet-multinomial, multinomial where there is no variance."""
        share, size = self.shares(mean, variance)
        counts = np.array(self.counts)
        n = counts.sum()
        choose = gammaln(n + 1) - gammaln(counts + 1).sum()
        plain = (counts * np.log(share)).sum(axis=1)
        a = share * size[:, None]
        mixed = gammaln(size) - gammaln(size + n) + (gammaln(counts + a) - gammaln(a)).sum(axis=1)
        return choose + np.where(size < 1e12, mixed, plain)

    def draw(self, mean: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return shares that might be observed."""
        share, size = self.shares(mean, variance)
        raw = rng.standard_gamma(np.maximum(share * np.minimum(size, 1e8)[:, None], 1e-12))
        p = np.where(size[:, None] < 1e12, raw / raw.sum(axis=1, keepdims=True), share)
        n = round(sum(self.counts))
        return np.array([rng.multinomial(n, row / row.sum()) for row in p]) / n
