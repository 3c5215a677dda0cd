"""Sets of parameters that belong together: weighted rows, as a calibration leaves them.

A row is taken whole: parameters that data have tied to each other must not be drawn one by one. Parameters that the
rows do not name keep the registry's own distributions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scenarios.csv_rows import rows_of
from scenarios.errors import InputError, raise_all
from scenarios.registry.limits import value_problem
from scenarios.registry.reader import Registry

WEIGHT, POINT = "weight", "point"  # columns that are no parameter; the second is optional


@dataclass(frozen=True)
class Points:
    """values float64[points, parameters] of ``names`` in their units; weights add to 1. where: what it is called."""

    names: tuple[str, ...]
    values: np.ndarray
    weights: np.ndarray
    where: str = "points"

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.values)

    def row(self, at: int) -> dict[str, float]:
        """Return the parameters of one point by name."""
        return dict(zip(self.names, map(float, self.values[at]), strict=True))

    def at(self, u: float) -> dict[str, float]:
        """Return the point at which the weights so far pass ``u``, a number within 0 and 1.

        Numbers that fill 0 to 1 evenly (a dimension of a Sobol sequence) take each point as often as its weight says.
        """
        if not 0 <= u <= 1:
            raise ValueError(f"{u} does not lie within 0 and 1")
        edges = np.cumsum(self.weights)
        return self.row(min(int(np.searchsorted(edges, u, side="right")), int(np.flatnonzero(self.weights)[-1])))

    def middle(self) -> dict[str, float]:
        """Return the point nearest to the weighted mean, in units of the points' own spread: a set that was run.

        It stands for all of them where one set must do. The mean itself may be a set that no data would allow.
        """
        mean = self.weights @ self.values
        gaps = self.values - mean
        covariance = (gaps * self.weights[:, None]).T @ gaps
        away = np.einsum("pi,ij,pj->p", gaps, np.linalg.pinv(covariance), gaps)
        return self.row(int(np.where(self.weights > 0, away, np.inf).argmin()))


def read_points(path: Path, registry: Registry) -> Points:
    """Return the points in a CSV file: a column ``weight``, and one for each parameter.

    Raises InputError, one line for each problem: a parameter that the registry does not have or holds fixed, a value
    that it cannot take, a weight below 0, all weights zero.
    """
    header, rows = rows_of(path)
    names = tuple(name for name in header if name not in (WEIGHT, POINT))
    check_names(names, header, registry, path.name)
    problems: list[InputError] = []
    values, weights = np.empty((len(rows), len(names))), np.empty(len(rows))
    for at, (row, cells) in enumerate(rows):
        where = f"{path.name} row {row}"
        try:
            weights[at] = number(cells, WEIGHT, where)
            if weights[at] < 0:
                raise InputError(f"{where} column {WEIGHT}", f"must be 0 or more (found {weights[at]:g})")
            values[at] = [checked(cells, name, registry, where) for name in names]
        except InputError as problem:
            problems.append(problem)
    raise_all(problems)
    if not weights.sum() > 0:
        raise InputError(path.name, "all weights are zero: no point counts" if len(rows) else "holds no points")
    return Points(names, values, weights / weights.sum(), path.name)


def check_names(names: Sequence[str], header: Sequence[str], registry: Registry, where: str) -> None:
    """Raise InputError for a header without weights or parameters, one twice, or names that cannot be drawn."""
    if WEIGHT not in header:
        raise InputError(where, f"column '{WEIGHT}' is missing (found: {', '.join(header) or 'nothing'})")
    if not names:
        raise InputError(where, "names no parameter")
    for name in names:
        if list(names).count(name) > 1:
            raise InputError(where, f"column '{name}' is there twice")
        registry.known(name, where)
        if registry.parameters[name].distribution == "fixed":
            raise InputError(where, f"'{name}' is fixed in the registry: it has no uncertainty")


def checked(cells: Mapping[str, str], name: str, registry: Registry, where: str) -> float:
    """Return a parameter's value. Raises InputError for one that it cannot take."""
    value = number(cells, name, where)
    problem = value_problem(name, registry.parameters[name].unit, value, "found")
    if problem:
        raise InputError(f"{where} column {name}", problem)
    return value


def number(cells: Mapping[str, str], column: str, where: str) -> float:
    """Return the number in a cell. Raises InputError if it is none."""
    text = cells[column]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where} column {column}", f"must be a number (found '{text}')")
    return value
