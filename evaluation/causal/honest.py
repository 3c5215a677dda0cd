"""How far trends may differ before a conclusion fails: bounds after Rambachan and Roth (2023, REStud 90).

Both bounds start from an event study with one base period just before the start (universal base) and its covariance.

'relative magnitudes': the difference in trends changes, from one period to the next, by at most ``much`` times the
largest change seen before. The interval is that of the authors' hybrid test (see relative_magnitudes).

'smoothness': the slope of the difference in trends changes by at most ``much`` (in the outcome's unit per period)
between periods. The interval is the fixed-length one of their section 4.1: the affine estimator of least half-length.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import optimize, stats

from evaluation.causal.relative_magnitudes import relative_interval
from evaluation.estimate import LEVEL, Estimate
from scenarios.errors import InputError, nearest

RESTRICTIONS = ("relative_magnitudes", "smoothness")
NO_ERROR = 1e-24  # of the largest squared coefficient: rounding, no variance
SEARCH = {"maxiter": 1_000, "ftol": 1e-12}


def honest_bounds(
    result: Estimate,
    much: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0),
    restriction: str = "relative_magnitudes",
    weights: np.ndarray | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return one row for each of ``much``: much, estimate, lower, upper, holds (the interval excludes 0).

    ``result`` needs an event study with a zero base row and its covariance (Sun-Abraham, or Callaway-Sant'Anna with a
    universal base). ``weights`` over the periods after the start, default the first period after it. Raises InputError
    if there is no such event study, no earlier period, an event study without errors, or no such restriction.
    """
    if restriction not in RESTRICTIONS:
        raise InputError("restriction", f"no such restriction '{restriction}': {nearest(restriction, RESTRICTIONS)}")
    if any(each < 0 for each in much):
        raise InputError("much", f"{min(much):g}; 0 or more is allowed")
    before, after, covariance = _parts(result)
    post = np.eye(len(after))[0] if weights is None else np.asarray(weights, dtype=float)
    if len(post) != len(after):
        raise InputError("weights", f"{len(post)} given for {len(after)} periods after the start; one each is needed")
    bound = _relative if restriction == "relative_magnitudes" else _smooth
    rows = []
    for each in much:
        middle, lower, upper = bound(before, after, covariance, post, each, level)
        rows.append((each, middle, lower, upper, lower > 0 or upper < 0))
    return pd.DataFrame(rows, columns=["much", "estimate", "lower", "upper", "holds"])


def breakdown(table: pd.DataFrame) -> float:
    """Return the largest ``much`` up to which the conclusion holds at every smaller one too; NaN if at none."""
    kept = table["much"][table["holds"].cummin()]
    return float(kept.max()) if len(kept) else math.nan


def _parts(result: Estimate) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pre-period coefficients (oldest first), post-period ones, and their joint covariance."""
    event = result.tables.get("event_study")
    if event is None or result.covariance is None:
        raise InputError(result.method, "has no event study: honest bounds need one")
    times, beta = event["event_time"].to_numpy(), event["estimate"].to_numpy(dtype=float)
    base = (times == -1) & (beta == 0) & (np.diag(result.covariance) == 0)
    if not base.any():
        raise InputError(result.method, "its event study has no base period at -1: use a universal base")
    pre, post = times < -1, times >= 0
    if not pre.any() or not post.any():
        raise InputError(result.method, "needs at least two periods before the start and one from it on")
    keep = pre | post
    if np.diag(result.covariance)[keep].max() <= NO_ERROR * max(float((beta**2).max()), NO_ERROR):
        raise InputError(result.method, f"its event study has no errors ({result.reason or 'nothing varies'})")
    return beta[pre], beta[post], result.covariance[np.ix_(keep, keep)]


def _relative(
    before: np.ndarray, after: np.ndarray, covariance: np.ndarray, post: np.ndarray, much: float, level: float
) -> tuple[float, float, float]:
    """Plain where trends are parallel (``much`` 0), else kept by the hybrid test; the middle is the plain estimate."""
    k, m = len(before), len(after)
    steps = np.zeros((k + 1, k + m))
    for row in range(k - 1):
        steps[row, row], steps[row, row + 1] = -1.0, 1.0
    steps[k - 1, k - 1] = -1.0  # from the last coefficient to the base, which is 0
    steps[k, k:] = post
    joint = steps @ covariance @ steps.T
    values = steps @ np.concatenate([before, after])
    se = np.sqrt(np.maximum(np.diag(joint), 0))
    if much == 0:
        half = float(stats.norm.ppf(0.5 + level / 2) * se[-1])
        return float(values[-1]), float(values[-1] - half), float(values[-1] + half)
    reach = float(np.abs(np.cumsum(post[::-1])[::-1]).sum())  # the step into period j moves every later period
    return float(values[-1]), *relative_interval(values, joint, much, reach, level)


def _smooth(
    before: np.ndarray, after: np.ndarray, covariance: np.ndarray, post: np.ndarray, much: float, level: float
) -> tuple[float, float, float]:
    """Fixed-length interval: over affine estimators unbiased under a linear trend, least half-length.

    Half-length: se x the ``level`` quantile of |N(bias/se, 1)|, worst bias over |second difference| <= much.
    """
    k, m = len(before), len(after)
    times = np.concatenate([np.arange(-k - 1, -1), np.arange(m)]).astype(float)  # base at -1 is the zero
    from_base = times + 1
    constraint = from_base[:k]
    target = -float(post @ from_base[k:])
    start = constraint * target / float(constraint @ constraint)
    free = np.linalg.svd(constraint[None])[2][1:].T  # directions that leave a linear trend unbiased
    shapes = _kinks(k, m, from_base)
    weights = np.concatenate([start, post])
    directions = np.vstack([free, np.zeros((m, free.shape[1]))])
    scale = (
        math.sqrt(float(np.trace(covariance)) / (k + m)) or 1.0
    )  # in its unit the search is the same for any outcome
    if free.shape[1]:
        weights = weights + directions @ _shortest(
            covariance / scale**2, weights, directions, shapes, much / scale, level
        )
    value = float(weights @ np.concatenate([before, after]))
    bias = much * float(np.abs(shapes @ weights).sum())
    length = _half_length(math.sqrt(max(float(weights @ covariance @ weights), 0.0)), bias, level)
    return value, value - length, value + length


def _shortest(
    covariance: np.ndarray, base: np.ndarray, directions: np.ndarray, shapes: np.ndarray, much: float, level: float
) -> np.ndarray:
    """Return the point x at which weights ``base`` + ``directions`` x give the least half-length.

    The worst bias is a sum of absolute values: each gets a variable above it, so that what is left is smooth and
    convex. It starts from the least variance, which is the answer where ``much`` is 0.
    """
    gram = directions.T @ covariance @ directions
    least = -np.linalg.pinv(gram, hermitian=True) @ (directions.T @ covariance @ base)
    if much == 0:
        return least
    moving, fixed = shapes @ directions, shapes @ base
    size = len(least)

    def objective(point: np.ndarray) -> tuple[float, np.ndarray]:
        weights = base + directions @ point[:size]
        se, bias = math.sqrt(max(float(weights @ covariance @ weights), 1e-20)), much * float(point[size:].sum())
        length = _half_length(se, bias, level)
        below, above = stats.norm.pdf((length - bias) / se), stats.norm.pdf((length + bias) / se)
        by_bias = float((below - above) / (below + above))
        by_se = (length - bias * by_bias) / se  # the length is homogeneous in both
        of_se = directions.T @ covariance @ weights / se
        return length, np.concatenate([by_se * of_se, np.full(len(shapes), by_bias * much)])

    def above(sign: float) -> dict[str, object]:
        slopes = np.hstack([sign * moving, np.eye(len(shapes))])
        return {"type": "ineq", "fun": lambda point: slopes @ point + sign * fixed, "jac": lambda point: slopes}

    started = np.concatenate([least, np.abs(fixed + moving @ least)])
    made = optimize.minimize(
        objective, started, jac=True, method="SLSQP", constraints=[above(1.0), above(-1.0)], options=SEARCH
    )
    return np.asarray(made.x[:size])


def _half_length(se: float, bias: float, level: float) -> float:
    return se * _folded_quantile(bias / se, level) if se > 0 else bias


def _kinks(k: int, m: int, from_base: np.ndarray) -> np.ndarray:
    """Return (kinks, k + m): the trend made by a unit change of slope at each interior period, zero at the base."""
    interior = np.arange(-k, m).astype(float)  # positions from the base, strictly inside the span
    rows = []
    for at in interior:
        rows.append(np.maximum(from_base - at, 0) if at >= 0 else np.maximum(at - from_base, 0))
    made = np.array(rows)
    return made[[bool(np.abs(row).sum() > 0) for row in made]]


def _folded_quantile(shift: float, level: float) -> float:
    """Return the ``level`` quantile of |N(shift, 1)|."""
    if shift > 10:
        return float(shift + stats.norm.ppf(level))
    spread = shift + 10

    def miss(value: float) -> float:
        return float(stats.norm.cdf(value - shift) - stats.norm.cdf(-value - shift)) - level

    return float(optimize.brentq(miss, 0.0, spread))
