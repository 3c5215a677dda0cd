"""One number at a time: the bars of a tornado, from a function or from a bank of draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from evaluation.value_of_information.regression import smooth
from scenarios.errors import InputError

Evaluate = Callable[[Mapping[str, float]], float]  # of every number by name
COLUMNS = ("name", "low", "high", "at_low", "at_high", "swing")


def tornado(evaluate: Evaluate, base: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Return what a result is with each number at both ends of its range, the others as in ``base``.

    Columns: name, low, high (of the number), at_low, at_high (of the result), swing (their distance), widest first.
    Raises InputError for a name that ``base`` has not or a range that ends before it starts.
    """
    rows = []
    for name, (low, high) in ranges.items():
        if name not in base:
            raise InputError(f"range of '{name}'", "has no base value")
        if low > high:
            raise InputError(f"range of '{name}'", f"goes from {low:g} to {high:g}; the lower end comes first")
        at_low, at_high = (float(evaluate({**base, name: end})) for end in (low, high))
        rows.append((name, low, high, at_low, at_high, abs(at_high - at_low)))
    return _widest_first(rows)


def tornado_of_draws(outcome: np.ndarray, inputs: pd.DataFrame, share: float = 0.05) -> pd.DataFrame:
    """Return the same from draws: what is expected of ``outcome`` at the ``share`` and 1 - ``share`` quantile of each.

    ``outcome``: float64[draw]; ``inputs``: one column a number, one row a draw. Others vary as they do in the draws, so
    that this is a mean and not a single case; the smooth behind it takes out the simulation's noise. Adds explained:
    the share of the outcome's variation, in draws left out, that the number accounts for by itself. Raises InputError
    where inputs and outcome differ in their draws.
    """
    values = np.asarray(outcome, float).reshape(-1, 1)
    if len(values) != len(inputs):
        raise InputError("inputs", f"have {len(inputs)} draws where the outcome has {len(values)}")
    rows, explained = [], {}
    for name in inputs.columns:
        column = inputs[[name]].to_numpy(float)
        low, high = np.quantile(column, [share, 1 - share])
        if low == high:
            level = float(values.mean())
            rows.append((str(name), low, high, level, level, 0.0))
            explained[str(name)] = 0.0
            continue
        fit = smooth(column, values)
        at_low, at_high = fit.at(np.array([[low], [high]]))[:, 0]
        rows.append((str(name), low, high, float(at_low), float(at_high), abs(float(at_high - at_low))))
        explained[str(name)] = fit.explained
    table = _widest_first(rows)
    return table.assign(explained=table["name"].map(explained))


def two_way(
    evaluate: Evaluate, base: Mapping[str, float], first: tuple[str, list[float]], second: tuple[str, list[float]]
) -> pd.DataFrame:
    """Return the result over a grid of two numbers: index the first's values, columns the second's.

    Raises InputError for a number without a base value.
    """
    (one, rows), (other, columns) = first, second
    for name in (one, other):
        if name not in base:
            raise InputError(f"range of '{name}'", "has no base value")
    found = [[float(evaluate({**base, one: a, other: b})) for b in columns] for a in rows]
    return pd.DataFrame(found, index=pd.Index(rows, name=one), columns=pd.Index(columns, name=other))


def _widest_first(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("swing", ascending=False, kind="stable").reset_index(drop=True)
