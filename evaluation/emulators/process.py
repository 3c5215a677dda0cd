"""A Gaussian process for one output: mean by regression, the rest by distance, with a nugget from replicates.

Sources: O'Hagan 2006 (Reliability Engineering and System Safety 91:1290); Rasmussen and Williams 2006, chapters 2, 5;
Dubrule 1983 (Mathematical Geology 15:687) for leaving one out without fitting again; Ankenman, Nelson and Staum 2010
(Operations Research 58:371) for a nugget known from replications (stochastic kriging).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

from evaluation.emulators.basis import basis
from evaluation.emulators.kernel import correlation, slope_factor, squared_distance, weighted_squares

JITTER = 1e-9  # share of the variance added to the diagonal, for arithmetic
# Priors of the logarithms of hyperparameters, normal: (mean, sd). Inputs have standard deviation 1 and so has the
# output; a length of the root of the number of inputs leaves two average points a correlation of about a third.
LOG_LENGTH_SD = 1.0
LOG_SIGNAL = (np.log(0.3), 2.0)
LOG_NUGGET = (np.log(1e-3), 2.5)
BOUNDS = {"length": (np.log(0.05), np.log(200.0)), "signal": (np.log(1e-6), np.log(1e3)), "nugget": (-23.0, 3.0)}


@dataclass(frozen=True)
class Settings:
    """How a process is fitted.

    kernel, mean: see kernel.KERNELS and basis.MEANS; mean 'auto' takes whichever of linear and quadratic leaves better
    predictions of points left out. most: hyperparameters are fitted on the first so many points (all are then used for
    predictions). nugget_is_noise: what is left beyond the stated noise is chance, and not part of the mean's
    uncertainty; False: it is what the emulator misses.
    """

    kernel: str = "matern52"
    mean: str = "auto"
    most: int = 300
    nugget_is_noise: bool = False
    iterations: int = 80


@dataclass(frozen=True)
class Process:
    """A fitted process. Points are rows of inputs in their own units; ``noise``: variance of each value, known before.

    centre and spread standardise inputs, shift and scale the output; lengths, signal and nugget are in those terms.
    """

    points: np.ndarray
    values: np.ndarray
    noise: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    shift: float
    scale: float
    lengths: np.ndarray
    signal: float
    nugget: float
    kernel: str
    mean: str
    nugget_is_noise: bool
    factor: np.ndarray  # lower Cholesky factor of the covariance
    solved: np.ndarray  # K^-1 H
    inner: np.ndarray  # Cholesky factor of H' K^-1 H
    coefficients: np.ndarray
    weights: np.ndarray  # K^-1 (y - H b)

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of the model's own mean at ``points`` (rows), in the output's unit and its square.

        The variance holds that of the regression coefficients, and the nugget unless it is chance.
        """
        here = (np.atleast_2d(points) - self.centre) / self.spread
        near = self.signal * correlation(squared_distance(here, self.points, self.lengths), self.kernel)
        h = basis(here, self.mean)
        mean = h @ self.coefficients + near @ self.weights
        half = solve_triangular(self.factor, near.T, lower=True)
        gap = h.T - self.solved.T @ near.T
        outer = solve_triangular(self.inner, gap, lower=True)
        variance = self.signal - (half**2).sum(axis=0) + (outer**2).sum(axis=0)
        variance = np.maximum(variance, 0.0) + (0.0 if self.nugget_is_noise else self.nugget)
        return self.shift + self.scale * mean, self.scale**2 * variance

    def left_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of each value as predicted from all others (noise and nugget included)."""
        inverse = cho_solve((self.factor, True), np.eye(len(self.points)))
        half = solve_triangular(self.inner, self.solved.T, lower=True)
        projected = inverse - half.T @ half
        diagonal = np.diag(projected)
        mean = self.values - (projected @ self.values) / diagonal
        return self.shift + self.scale * mean, self.scale**2 / diagonal

    @property
    def observed(self) -> np.ndarray:
        """The values it was fitted to, in the output's unit."""
        return self.shift + self.scale * self.values


def fit_process(
    points: np.ndarray, values: np.ndarray, noise: np.ndarray | None = None, settings: Settings | None = None
) -> Process:
    """Return the process fitted to ``values`` at ``points`` (float64[n, inputs]).

    noise: variance of each value by chance (0 if the model is exact; None: not known, so what the process leaves is
    taken as chance). Raises ValueError for values that are not finite, or fewer points than the mean needs.
    """
    how = settings or Settings()
    points, values = np.asarray(points, float), np.asarray(values, float)
    if not (np.isfinite(points).all() and np.isfinite(values).all()):
        raise ValueError("points and values must be finite")
    if noise is None:
        from dataclasses import replace

        how = replace(how, nugget_is_noise=True)
    known = np.zeros(len(values)) if noise is None else np.broadcast_to(np.asarray(noise, float), values.shape)
    if how.mean != "auto":
        return fit_with(points, values, known, how, how.mean)
    inputs = points.shape[1]
    means = ["linear"] if len(points) >= inputs + 4 else ["constant"]
    if len(points) >= 3 * (2 * inputs + 1):
        means.append("quadratic")
    made = [fit_with(points, values, known, how, mean) for mean in means]
    return max(made, key=left_out_score)


def fit_with(points: np.ndarray, values: np.ndarray, noise: np.ndarray, how: Settings, mean: str) -> Process:
    """Return the process with a given mean: hyperparameters at the mode of their posterior."""
    centre, spread = points.mean(axis=0), points.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    shift, scale = float(values.mean()), float(values.std()) or 1.0
    x, y, v = (points - centre) / spread, (values - shift) / scale, noise / scale**2
    if len(x) <= basis(x[:1], mean).shape[1] + 1:
        raise ValueError(f"{len(x)} points are too few for a {mean} mean of {x.shape[1]} inputs")
    few = slice(0, max(how.most, basis(x[:1], mean).shape[1] + 2))
    start = starting(x.shape[1])
    found = minimize(
        objective,
        start,
        args=(x[few], y[few], v[few], how.kernel, mean),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds(x.shape[1]),
        options={"maxiter": how.iterations},
    )
    lengths, signal, nugget = unpacked(found.x)
    factor, solved, inner, coefficients, weights = conditioned(x, y, v, (lengths, signal, nugget), how.kernel, mean)
    return Process(
        x, y, v, centre, spread, shift, scale, lengths, signal, nugget, how.kernel, mean, how.nugget_is_noise,
        factor, solved, inner, coefficients, weights,
    )  # fmt: skip


def starting(inputs: int) -> np.ndarray:
    """Return the hyperparameters' prior means, logged: lengths, signal, nugget."""
    return np.concatenate([np.full(inputs, 0.5 * np.log(inputs)), [LOG_SIGNAL[0], LOG_NUGGET[0]]])


def bounds(inputs: int) -> list[tuple[float, float]]:
    """Return the limits of the search, logged."""
    return [BOUNDS["length"]] * inputs + [BOUNDS["signal"], BOUNDS["nugget"]]


def unpacked(logs: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return (lengths, signal, nugget)."""
    return np.exp(logs[:-2]), float(np.exp(logs[-2])), float(np.exp(logs[-1]))


def covariance(squared: np.ndarray, noise: np.ndarray, signal: float, nugget: float, kernel: str) -> np.ndarray:
    """Return the covariance of values at points with squared scaled distances ``squared``."""
    found = signal * correlation(squared, kernel)
    found[np.diag_indices_from(found)] += noise + nugget + JITTER * (signal + 1.0)
    return found


def conditioned(
    x: np.ndarray, y: np.ndarray, noise: np.ndarray, hyper: tuple[np.ndarray, float, float], kernel: str, mean: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what predictions need, the coefficients of the mean integrated out under a flat prior."""
    lengths, signal, nugget = hyper
    h = basis(x, mean)
    factor = cholesky(covariance(squared_distance(x, x, lengths), noise, signal, nugget, kernel), lower=True)
    solved = cho_solve((factor, True), h)
    inner = cholesky(h.T @ solved + 1e-12 * np.eye(h.shape[1]), lower=True)
    coefficients = cho_solve((inner, True), solved.T @ y)
    return factor, solved, inner, coefficients, cho_solve((factor, True), y - h @ coefficients)


def objective(
    logs: np.ndarray, x: np.ndarray, y: np.ndarray, noise: np.ndarray, kernel: str, mean: str
) -> tuple[float, np.ndarray]:
    """Return minus the log posterior of the hyperparameters (restricted likelihood and priors) and its gradient."""
    lengths, signal, nugget = unpacked(logs)
    squared = squared_distance(x, x, lengths)
    try:
        factor = cholesky(covariance(squared, noise, signal, nugget, kernel), lower=True)
    except np.linalg.LinAlgError:
        return 1e25, np.zeros_like(logs)
    h = basis(x, mean)
    inverse = cho_solve((factor, True), np.eye(len(x)))
    solved = inverse @ h
    inner = cholesky(h.T @ solved + 1e-12 * np.eye(h.shape[1]), lower=True)
    half = solve_triangular(inner, solved.T, lower=True)
    projected = inverse - half.T @ half
    alpha = projected @ y
    value = np.log(np.diag(factor)).sum() + np.log(np.diag(inner)).sum() + 0.5 * float(y @ alpha)
    outer = projected - np.outer(alpha, alpha)
    slopes = signal * outer * slope_factor(squared, kernel)
    gradient = np.empty_like(logs)
    gradient[:-2] = 0.5 * weighted_squares(slopes, x) / lengths**2
    gradient[-2] = 0.5 * signal * float((outer * correlation(squared, kernel)).sum())
    gradient[-1] = 0.5 * nugget * float(np.trace(outer))
    centres = starting(x.shape[1])
    sds = np.concatenate([np.full(x.shape[1], LOG_LENGTH_SD), [LOG_SIGNAL[1], LOG_NUGGET[1]]])
    gap = (logs - centres) / sds
    return float(value + 0.5 * (gap**2).sum()), gradient + gap / sds


def left_out_score(process: Process) -> float:
    """Return the mean log density of each value as predicted from all others."""
    mean, variance = process.left_out()
    gap = process.observed - mean
    return float(np.mean(-0.5 * (gap**2 / variance + np.log(2 * np.pi * variance))))
