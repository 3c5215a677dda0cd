"""All numbers at once: Sobol indices, by sampling (SALib) or exactly by quadrature where there are few.

First-order index: the share of the result's variance that would go if a number were known. Total: the share that would
stay if everything else were known. They differ by interactions. Sources: Sobol 2001; Saltelli et al. 2010 (estimators,
as in SALib); Herman and Usher 2017 (SALib).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from evaluation.draws import generator
from scenarios.errors import InputError

Function = Callable[[np.ndarray], np.ndarray]  # float64[row, number] -> float64[row]; numbers in the order of bounds
Bounds = Mapping[str, tuple[float, float]]
_MOST_NODES = 2_000_000


def sobol_indices(function: Function, bounds: Bounds, samples: int = 1024, seed: int = 1) -> pd.DataFrame:
    """Return Sobol indices of ``function`` over a box, from ``samples`` x (numbers + 2) evaluations.

    ``bounds``: name to (low, high), each number uniform in between and independent. ``samples``: a power of two.
    Columns: name, first, first_error, total, total_error (half-widths of 95% intervals by resampling). Raises
    InputError for samples that are not a power of two, or bounds that end before they start.
    """
    from SALib.analyze import sobol as analyse
    from SALib.sample import sobol as sample

    if samples < 2 or samples & (samples - 1):
        raise InputError("samples", f"are {samples}; a power of two is needed, such as 1024")
    problem = _problem(bounds)
    points = sample.sample(problem, samples, calc_second_order=False, seed=_key(seed, "sobol", "points"))
    outcome = np.asarray(function(points), float)
    if np.ptp(outcome) == 0:
        none = np.zeros(len(bounds))
        return pd.DataFrame(
            {"name": list(bounds), "first": none, "first_error": none, "total": none, "total_error": none}
        )
    again = _key(seed, "sobol", "resampling")
    found = analyse.analyze(problem, outcome, calc_second_order=False, seed=again)
    columns = {"first": "S1", "first_error": "S1_conf", "total": "ST", "total_error": "ST_conf"}
    return pd.DataFrame({"name": list(bounds), **{name: found[key] for name, key in columns.items()}})


def sobol_exact(function: Function, bounds: Bounds, nodes: int = 40) -> tuple[pd.DataFrame, float, float]:
    """Return (indices: name, first, total; mean; variance) by Gauss-Legendre quadrature with ``nodes`` points a number.

    Exact for smooth functions of few numbers (nodes to their power are evaluated, two million at most), and what the
    sampled indices are checked against. Raises InputError for more.
    """
    size = len(bounds)
    if nodes**size > _MOST_NODES:
        raise InputError("nodes", f"{nodes} to the power of {size} numbers is more than {_MOST_NODES:,} points")
    _problem(bounds)
    points, weights = np.polynomial.legendre.leggauss(nodes)
    weights = weights / 2
    axes = [low + (points + 1) / 2 * (high - low) for low, high in bounds.values()]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, size)
    values = np.asarray(function(grid), float).reshape((nodes,) * size)
    mean = float(_averaged(values, weights, range(size)))
    variance = float(_averaged((values - mean) ** 2, weights, range(size)))
    rows = []
    for at, name in enumerate(bounds):
        alone = _averaged(values, weights, [axis for axis in range(size) if axis != at])
        without = _averaged(values, weights, [at])
        first = float((weights * (alone - mean) ** 2).sum())
        others = float(_averaged((without - mean) ** 2, weights, range(size - 1))) if size > 1 else 0.0
        rows.append((name, first / variance if variance else 0.0, 1 - others / variance if variance else 0.0))
    return pd.DataFrame(rows, columns=["name", "first", "total"]), mean, variance


def morris_effects(
    function: Function, bounds: Bounds, trajectories: int = 20, levels: int = 4, seed: int = 1
) -> pd.DataFrame:
    """Return Morris' elementary effects: a cheap screen of many numbers, trajectories x (numbers + 1) evaluations.

    Columns: name, mean (of the effects, over the whole range of the number), mean_absolute (importance), spread (how
    much the effect depends on the others or on where the number is), error (half-width of the 95% interval of
    mean_absolute). Source: Morris 1991; Campolongo, Cariboni and Saltelli 2007.
    """
    from SALib.analyze import morris as analyse
    from SALib.sample import morris as sample

    problem = _problem(bounds)
    points = sample.sample(problem, trajectories, num_levels=levels, seed=_key(seed, "morris", "trajectories"))
    outcome = np.asarray(function(points), float)
    found = analyse.analyze(problem, points, outcome, num_levels=levels, seed=_key(seed, "morris", "resampling"))
    columns = {"mean": "mu", "mean_absolute": "mu_star", "spread": "sigma", "error": "mu_star_conf"}
    table = pd.DataFrame(
        {"name": list(bounds), **{name: np.asarray(found[key], float) for name, key in columns.items()}}
    )
    return table.sort_values("mean_absolute", ascending=False, kind="stable").reset_index(drop=True)


def _key(seed: int, *labels: str) -> int:
    """Return a seed for a library that spawns generators of its own from whole numbers."""
    return int(generator(seed, *labels).integers(2**31))


def _averaged(values: np.ndarray, weights: np.ndarray, axes: object) -> np.ndarray:
    for axis in sorted(axes, reverse=True):  # type: ignore[call-overload]
        values = np.tensordot(values, weights, axes=([axis], [0]))
    return values


def _problem(bounds: Bounds) -> dict[str, object]:
    if not bounds:
        raise InputError("bounds", "are empty; at least one number is needed")
    for name, (low, high) in bounds.items():
        if not low < high:
            raise InputError(f"bounds of '{name}'", f"go from {low:g} to {high:g}; the lower end comes first")
    return {"num_vars": len(bounds), "names": list(bounds), "bounds": [list(pair) for pair in bounds.values()]}
