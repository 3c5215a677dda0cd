"""Emulators of many outputs at once: each by itself, or through the principal components that they share.

Through components a few processes stand for many outputs, and errors that outputs share stay shared: Higdon et al.
2008 (JASA 103:570). What the components leave out is added to each output's variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.emulators.process import Process, Settings, fit_process

EXPLAINED = 0.999  # share of the outputs' variance beyond chance that components must carry
MOST_COMPONENTS = 60
SEPARATE_UP_TO = 8  # outputs: so few are emulated each by itself


@dataclass(frozen=True)
class Bundle:
    """Emulators of named outputs. Outputs are standardised by ``shift`` and ``scale``; loadings: [outputs, components].

    rest: variance of each standardised output that the components leave out; rest_chance: that by chance, of a point.
    """

    names: tuple[str, ...]
    inputs: tuple[str, ...]
    processes: tuple[Process, ...]
    shift: np.ndarray
    scale: np.ndarray
    loadings: np.ndarray
    rest: np.ndarray
    rest_chance: np.ndarray

    def scores(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of each component at ``points``, float64[points, components]."""
        found = [process.predict(points) for process in self.processes]
        return np.stack([mean for mean, _ in found], axis=1), np.stack([variance for _, variance in found], axis=1)

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of each output's own mean at ``points``, float64[points, outputs], in its unit."""
        mean, variance = self.scores(np.atleast_2d(points))
        there = self.shift + self.scale * (mean @ self.loadings.T)
        return there, self.scale**2 * (variance @ (self.loadings**2).T + self.rest)

    def covariance(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean float64[points, outputs] and covariance float64[points, outputs, outputs]."""
        mean, variance = self.scores(np.atleast_2d(points))
        scaled = self.scale[:, None] * self.loadings
        shared = (variance[:, None, :] * scaled) @ scaled.T
        shared += np.diag(self.scale**2 * self.rest)
        return self.shift + self.scale * (mean @ self.loadings.T), shared

    def left_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of each output at each point, as predicted from all others (chance included).

        Components are taken as found with all points: a good approximation when points are many.
        """
        found = [process.left_out() for process in self.processes]
        mean = np.stack([each for each, _ in found], axis=1)
        variance = np.stack([each for _, each in found], axis=1)
        there = self.shift + self.scale * (mean @ self.loadings.T)
        return there, self.scale**2 * (variance @ (self.loadings**2).T + self.rest + self.rest_chance)


def fit_bundle(
    points: np.ndarray,
    outputs: np.ndarray,
    noise: np.ndarray | None = None,
    names: Sequence[str] = (),
    inputs: Sequence[str] = (),
    settings: Settings | None = None,
    components: bool | None = None,
    repeats: np.ndarray | None = None,
) -> Bundle:
    """Return emulators of ``outputs`` float64[points, outputs] at ``points`` float64[points, inputs].

    noise: covariance by chance of outputs (see noise.pooled_covariance), over ``repeats`` at each point (1 unless
    given: ``noise`` is then that of the point's own values); None: not known. components: emulate principal components
    (None: where there are more than eight outputs). An output that never moves is emulated as a constant. Raises
    ValueError as fit_process.
    """
    outputs = np.asarray(outputs, float)
    count = outputs.shape[1]
    shift, scale = outputs.mean(axis=0), outputs.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    standard = (outputs - shift) / scale
    chance = None if noise is None else noise / np.outer(scale, scale)
    share = np.ones(len(outputs)) if repeats is None else 1 / np.asarray(repeats, float)
    if count > SEPARATE_UP_TO if components is None else components:
        loadings, rest, rest_chance = principal(standard, None if chance is None else chance * share.mean())
    else:
        loadings, rest, rest_chance = np.eye(count), np.zeros(count), np.zeros(count)
    scores = standard @ loadings
    processes = []
    for at in range(loadings.shape[1]):
        own = None if chance is None else float(loadings[:, at] @ chance @ loadings[:, at])
        known = None if own is None else own * share
        processes.append(fit_process(points, scores[:, at], known, settings))
    return Bundle(
        tuple(names) or tuple(f"y{at}" for at in range(count)),
        tuple(inputs) or tuple(f"x{at}" for at in range(np.asarray(points).shape[1])),
        tuple(processes),
        shift,
        scale,
        loadings,
        rest,
        rest_chance,
    )


def principal(standard: np.ndarray, chance: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return loadings float64[outputs, components], and what they leave of each output's variance: real, by chance.

    As many components as carry EXPLAINED of the variance that is not chance.
    """
    _, values, rows = np.linalg.svd(standard, full_matrices=False)
    shares = values**2 / len(standard)
    by_chance = np.zeros_like(shares) if chance is None else np.einsum("ci,ij,cj->c", rows, chance, rows)
    real = np.maximum(shares - by_chance, 0.0)
    if real.sum() > 0:
        enough = int(np.searchsorted(np.cumsum(real) / real.sum(), EXPLAINED)) + 1
    else:
        enough = 1
    kept = rows[: min(enough, MOST_COMPONENTS, len(rows))].T
    left = standard - standard @ kept @ kept.T
    rest = left.var(axis=0)
    if chance is None:
        return kept, rest, np.zeros_like(rest)
    out = np.eye(len(kept)) - kept @ kept.T
    lucky = np.minimum(np.diag(out @ chance @ out.T), rest)
    return kept, rest - lucky, lucky
