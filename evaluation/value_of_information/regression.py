"""A smooth of many draws: what is expected of an outcome when some parameters are known.

Cubic splines of each parameter and products of pairs, ridge-penalised about a straight plane, the penalty by
generalised cross-validation for each outcome: light where the draws show structure, heavy where they do not. Linear in
the outcomes, so leave-one-out errors and the uncertainty of the fit are exact. Sources: Strong, Oakley and Brennan 2014
(regression for partial value of information); Wood 2017 (penalised splines).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.interpolate import BSpline

from evaluation.draws import generator

Regressor = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (float64[draw, parameter], float64[draw]) -> fitted[draw]

_DEGREE = 3
_ONE, _FEW, _MANY = 10, 8, 6  # spline columns a parameter: alone, among up to three, among more
_HIGHEST = {2: 3, 3: 3}  # power in products of pairs, by how many parameters; else 2
_MOST_PAIRED = 8  # parameters whose pairs are taken in such powers: of more, those that matter most by themselves
_MOST_CROSSED = 30  # parameters whose plain products are taken
_PENALTIES = np.logspace(-6, 3, 37)  # of the largest singular value squared
_NONE = 1e-9


@dataclass(frozen=True)
class Fit:
    """A fitted smooth. ``fitted``: float64[draw, outcome]; ``explained``: of left-out draws, all outcomes together."""

    fitted: np.ndarray
    explained: float
    plane: np.ndarray  # float64[draw, column], orthonormal: what is not penalised
    wiggles: np.ndarray  # float64[draw, column], orthonormal
    kept: np.ndarray  # float64[column, outcome]: how much of each wiggle is left
    residual: np.ndarray  # covariance of the residuals, float64[outcome, outcome]
    basis: Basis
    coefficients: np.ndarray  # of the basis, float64[column, outcome]

    @property
    def columns(self) -> int:
        """How many columns the smooth has."""
        return self.plane.shape[1] + self.wiggles.shape[1]

    def at(self, inputs: np.ndarray) -> np.ndarray:
        """Return what is expected at other inputs, float64[row, outcome]; beyond the draws as at their edge."""
        return self.basis.columns(inputs) @ self.coefficients

    def samples(self, count: int, seed: int) -> np.ndarray:
        """Return ``count`` fits as uncertain as this one is, float64[count, draw, outcome]."""
        draws = generator(seed, "value of information", "fit")
        spread, axes = np.linalg.eigh(self.residual)  # may be singular: outcomes that are alike or constant
        root = axes * np.sqrt(spread.clip(0.0))
        columns = np.hstack([self.plane, self.wiggles])
        weight = np.vstack([np.ones((self.plane.shape[1], self.kept.shape[1])), np.sqrt(self.kept)])
        noise = draws.standard_normal((count, columns.shape[1], len(root))) @ root.T
        return self.fitted + np.einsum("nc,kco->kno", columns, noise * weight)


class Basis:
    """Columns of a smooth: a plane, splines of each parameter, and products of pairs; usable at any inputs."""

    def __init__(self, inputs: np.ndarray, paired: np.ndarray | None = None) -> None:
        """Take knots and scale from ``inputs``, float64[draw, parameter]; ``paired``: to take higher products of."""
        data = np.asarray(inputs, float)
        self.vary = np.flatnonzero(np.ptp(data, axis=0) > 0)
        self.low, self.high = data.min(axis=0), data.max(axis=0)
        count = len(self.vary)
        columns = _ONE if count == 1 else (_FEW if count <= 3 else _MANY)
        self.knots = {int(at): _knots(data[:, at], columns) for at in self.vary}
        chosen = set((self.vary if paired is None else paired).tolist())
        power = _HIGHEST.get(count, 2)
        self.products: list[tuple[int, int, int, int]] = []  # parameter, parameter, power, power
        for one, other in combinations(self.vary.tolist(), 2):
            highest = power if {one, other} <= chosen else int(count <= _MOST_CROSSED)
            each = range(1, highest + 1)
            self.products += [(one, other, a, b) for a in each for b in each]

    @property
    def linear(self) -> int:
        """How many columns the plane has."""
        return 1 + len(self.vary)

    def columns(self, inputs: np.ndarray) -> np.ndarray:
        """Return float64[row, column]: 1, each parameter from -1 to 1, splines, products of Legendre polynomials."""
        data = np.clip(np.asarray(inputs, float), self.low, self.high)
        scaled = np.zeros_like(data)
        width = (self.high - self.low)[self.vary]
        scaled[:, self.vary] = 2 * (data[:, self.vary] - self.low[self.vary]) / width - 1
        parts = [np.ones((len(data), 1)), scaled[:, self.vary]]
        for at, knots in self.knots.items():
            if len(knots) > 0:
                parts.append(BSpline.design_matrix(data[:, at], knots, _DEGREE).toarray())
        if self.products:
            legendre = {at: np.polynomial.legendre.legvander(scaled[:, at], 3) for at in self.vary.tolist()}
            crossed = [legendre[one][:, a] * legendre[other][:, b] for one, other, a, b in self.products]
            parts.append(np.column_stack(crossed))
        return np.hstack(parts)


def smooth(inputs: np.ndarray, outcomes: np.ndarray) -> Fit:
    """Return the smooth of ``outcomes``, float64[draw, outcome], on ``inputs``, float64[draw, parameter]."""
    y = np.asarray(outcomes, float)
    basis = Basis(inputs, _worth_pairing(np.asarray(inputs, float), y))
    columns = basis.columns(inputs)
    n = len(y)
    plane, _ = _orthonormal(columns[:, : basis.linear])
    rest = columns[:, basis.linear :]
    rest = rest - plane @ (plane.T @ rest)
    size = np.sqrt((rest**2).mean(axis=0))
    used = size > _NONE * max(float(size.max(initial=0.0)), _NONE)
    rest = rest[:, used] / size[used]
    wiggles, stretch = _singular(rest)
    on_plane, on_wiggles = plane.T @ y, wiggles.T @ y
    whole = ((y - plane @ on_plane) ** 2).sum(axis=0)
    kept = np.column_stack([_light(on_wiggles[:, o], stretch, whole[o], n, plane.shape[1]) for o in range(y.shape[1])])
    fitted = plane @ on_plane + wiggles @ (kept * on_wiggles)
    leverage = (plane**2).sum(axis=1)[:, None] + (wiggles**2) @ kept
    left = (y - fitted) / np.maximum(1 - leverage, 1e-6)
    spread = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    explained = 1 - float((left**2).sum() / spread.sum()) if spread.sum() > 0 else 1.0
    freedom = n - plane.shape[1] - kept.sum(axis=0)
    scale = np.sqrt(np.maximum(freedom, 1.0))
    residual = (y - fitted) / scale
    coefficients = _coefficients(columns, fitted)
    return Fit(fitted, explained, plane, wiggles, kept, residual.T @ residual, basis, coefficients)


def _worth_pairing(inputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the parameters to take higher products of: those that vary or, of many, those that explain most alone."""
    vary = np.flatnonzero(np.ptp(inputs, axis=0) > 0)
    if len(vary) <= _MOST_PAIRED:
        return vary
    spread = np.maximum(((y - y.mean(axis=0)) ** 2).sum(axis=0), _NONE)
    alone = []
    for at in vary:
        columns, _ = _orthonormal(Basis(inputs[:, [at]], np.zeros(0, int)).columns(inputs[:, [at]]))
        alone.append(float((((columns.T @ (y - y.mean(axis=0))) ** 2).sum(axis=0) / spread).max()))
    return vary[np.argsort(-np.array(alone), kind="stable")[:_MOST_PAIRED]]


def _light(on: np.ndarray, stretch: np.ndarray, whole: float, n: int, linear: int) -> np.ndarray:
    """Return how much of each wiggle to keep, by generalised cross-validation."""
    if not len(stretch):
        return np.zeros(0)
    best, least = np.zeros_like(stretch), np.inf
    for penalty in _PENALTIES * float(stretch.max()) ** 2:
        kept = stretch**2 / (stretch**2 + penalty)
        squares = whole - float(((2 * kept - kept**2) * on**2).sum())
        free = n - linear - float(kept.sum())
        if free <= 1:
            continue
        score = max(squares, 0.0) / free**2
        if score < least:
            best, least = kept, score
    return best


def _coefficients(columns: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    found, *_ = np.linalg.lstsq(columns, fitted, rcond=1e-10)
    return found


def _orthonormal(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, size, _ = np.linalg.svd(columns, full_matrices=False)
    there = size > _NONE * size[0]
    return left[:, there], size[there]


def _singular(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return left singular vectors and values, from the small side: columns are far fewer than draws."""
    if columns.shape[1] == 0:
        return np.zeros((len(columns), 0)), np.zeros(0)
    squares, right = np.linalg.eigh(columns.T @ columns)
    there = squares > 1e-10 * squares[-1]
    size = np.sqrt(squares[there])
    return columns @ right[:, there] / size, size


def _knots(values: np.ndarray, columns: int) -> np.ndarray:
    """Return knots of a cubic spline with ``columns`` columns at quantiles; none where there are too few values."""
    distinct = np.unique(values)
    if len(distinct) < columns + 1:
        return np.zeros(0) if len(distinct) < _DEGREE + 3 else _knots_at(distinct, min(columns, len(distinct) - 1))
    return _knots_at(values, columns)


def _knots_at(values: np.ndarray, columns: int) -> np.ndarray:
    inner = np.quantile(values, np.linspace(0, 1, columns - _DEGREE + 1))
    inner = np.unique(inner)
    return np.concatenate([np.repeat(inner[0], _DEGREE), inner, np.repeat(inner[-1], _DEGREE)])
