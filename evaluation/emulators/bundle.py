"""Emulators of many outputs at once: each by itself, or through the principal components that they share.

Through components a few processes stand for many outputs, and errors that outputs share stay shared: Higdon et al.
2008 (JASA 103:570). What the components leave out is added to each output's variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.emulators.process import Process, Settings, fit_process

LEFT = 0.001  # share of an output's variance beyond chance that components may leave
LEFT_OF_CHANCE = 0.05  # or so much of its variance by chance
FLOOR = 1e-6  # of a standardised output's variance: the least that counts as chance
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
    many = count > SEPARATE_UP_TO if components is None else components
    found = principal(standard, None if chance is None else chance * share.mean()) if many else separate(count)
    scores = standard @ found.unmix
    processes = []
    for at in range(scores.shape[1]):
        own = None if chance is None else float(found.unmix[:, at] @ chance @ found.unmix[:, at])
        known = None if own is None else own * share
        processes.append(fit_process(points, scores[:, at], known, settings))
    return Bundle(
        tuple(names) or tuple(f"y{at}" for at in range(count)),
        tuple(inputs) or tuple(f"x{at}" for at in range(np.asarray(points).shape[1])),
        tuple(processes),
        shift,
        scale,
        found.loadings,
        found.rest,
        found.rest_chance,
    )


@dataclass(frozen=True)
class Components:
    """scores = standardised outputs @ unmix; outputs = scores @ loadings.T. rest and rest_chance: see Bundle."""

    unmix: np.ndarray
    loadings: np.ndarray
    rest: np.ndarray
    rest_chance: np.ndarray


def separate(outputs: int) -> Components:
    """Return every output as a component of its own."""
    return Components(np.eye(outputs), np.eye(outputs), np.zeros(outputs), np.zeros(outputs))


def principal(standard: np.ndarray, chance: np.ndarray | None) -> Components:
    """Return the components of standardised outputs float64[points, outputs] that stand out from chance.

    Outputs are first mixed so that chance is alike and independent in all directions (Green et al. 1988, IEEE
    Transactions on Geoscience and Remote Sensing 26:65): one noisy output then does not blur the others. As many
    components are taken as leave of each output at most a thousandth of what is not chance, or a twentieth of chance.
    chance: covariance of a point's values; None: not known.
    """
    points, outputs = standard.shape
    noise = np.zeros((outputs, outputs)) if chance is None else shrunk(chance, points)
    sizes, axes = np.linalg.eigh(noise + FLOOR * np.eye(outputs))
    root, inverse = (axes * np.sqrt(sizes)) @ axes.T, (axes / np.sqrt(sizes)) @ axes.T
    _, values, rows = np.linalg.svd(standard @ inverse, full_matrices=False)
    real = np.maximum(values**2 / points - np.einsum("ci,ij,cj->c", rows, inverse @ noise @ inverse, rows), 0.0)
    rows = rows[np.argsort(-real, kind="stable")]
    carried = np.sort(real)[::-1, None] * (rows @ root) ** 2
    left = carried.sum(axis=0) - np.cumsum(carried, axis=0)
    allowed = np.maximum(LEFT * carried.sum(axis=0), LEFT_OF_CHANCE * np.diag(noise))
    enough = int(np.argmax((left <= allowed + 1e-12).all(axis=1))) + 1
    kept = rows[: min(enough, MOST_COMPONENTS)]
    unmix, loadings = inverse @ kept.T, (kept @ root).T
    out = np.eye(outputs) - unmix @ loadings.T
    rest = (standard @ out).var(axis=0)
    lucky = np.minimum(np.diag(out.T @ noise @ out), rest)
    return Components(unmix, loadings, rest - lucky, lucky)


def shrunk(covariance: np.ndarray, points: int) -> np.ndarray:
    """Return a covariance found from few points pulled towards its diagonal, so that no direction seems exact."""
    share = len(covariance) / (points + len(covariance))
    return (1 - share) * covariance + share * np.diag(np.diag(covariance))
