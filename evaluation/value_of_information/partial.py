"""The expected value of partial perfect information: what it would be worth to know some parameters, and which.

Incremental net benefit is regressed on the parameters to be known; the value is the mean of the best fitted option less
the best mean. By splines (several parameters, with error), by blocks of sorted draws or by segments between points
where the choice turns (one parameter), or by any regression given as a function, such as an emulator's. Sources:
Strong, Oakley and Brennan 2014; Strong and Oakley 2013 (blocks); Sadatsafavi et al. 2013 (segments).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.economics.options import Options
from evaluation.value_of_information.perfect import check_benefit
from evaluation.value_of_information.regression import Regressor, smooth
from scenarios.errors import InputError

SPLINES, BLOCKS, SEGMENTS = "splines", "blocks", "segments"
METHODS = (SPLINES, BLOCKS, SEGMENTS)
Groups = Mapping[str, Sequence[str]] | Sequence[str]
LEAST_DRAWS = 100
_SAMPLES = 200
_LEAST_IN_BLOCK = 20
_MOST_COLUMNS = 300  # of a smooth whose standard error is still worked out
TOO_FEW = "fewer draws than the regression needs"
CONSTANT = "the same in every draw: nothing to learn"
RAISED = "raised to the value of a part of it"
CAPPED = "lowered to the value of perfect information"


@dataclass(frozen=True)
class Method:
    """How partial value is found. ``blocks``: how many blocks for 'blocks'. ``regressor``: a regression of one's own.

    'segments': the choice between each pair of options turns at most once along the parameter.
    ``seed``: of the samples of the fit behind the standard error.
    """

    name: str = SPLINES
    blocks: int = 20
    regressor: Regressor | None = None
    seed: int = 1


def evppi(
    benefit: np.ndarray, inputs: pd.DataFrame, groups: Groups | None = None, how: Method | None = None
) -> pd.DataFrame:
    """Return what it is worth to know each parameter or group of them, highest first.

    ``benefit``: net benefit, float64[draw, option], pounds. ``inputs``: one column a parameter, one row a draw, in the
    same order. ``groups``: names of parameters, or name to parameters; None: each parameter by itself. Columns: group,
    parameters (joined by '; '), evppi (never below 0, above evpi, or below a group that is part of it), se (of the
    regression, NaN where the method has none), evpi, share (of evpi; NaN if that is 0), explained (the share of the
    variation of incremental net benefit, in draws left out, that the group accounts for; of all parameters together it
    shows how good the regression is; NaN where the method has none), note. Raises InputError for rows that do not
    match, a column that is missing, or fewer than 100 draws.
    """
    data = check_benefit(benefit)
    return _table(data - data[:, :1], data, inputs, groups, how or Method())


def evppi_by_threshold(
    options: Options, inputs: pd.DataFrame, thresholds: Sequence[float], groups: Groups | None = None
) -> pd.DataFrame:
    """Return ``evppi`` by splines at each threshold, from one regression of costs and effects; adds threshold."""
    sets = _groups(groups, inputs)
    _check_rows(options.cost, inputs)
    parts = []
    steps = [np.delete(each - each[:, :1], 0, axis=1) for each in (options.effect, options.cost)]
    fits = {name: smooth(inputs[list(names)].to_numpy(float), np.hstack(steps)) for name, names in sets.items()}
    others = len(options.names) - 1
    for threshold in thresholds:
        whole = options.net_benefit(float(threshold))
        most = _gain(whole)
        rows = {}
        for name, fit in fits.items():
            fitted = float(threshold) * fit.fitted[:, :others] - fit.fitted[:, others:]
            explained = fit.explained
            rows[name] = {
                "evppi": _gain(np.column_stack([np.zeros(len(fitted)), fitted])),
                "se": math.nan,
                "explained": explained,
            }
        parts.append(_finished(rows, sets, most).assign(threshold=float(threshold)))
    return pd.concat(parts, ignore_index=True)


def _table(
    steps: np.ndarray, whole: np.ndarray, inputs: pd.DataFrame, groups: Groups | None, how: Method
) -> pd.DataFrame:
    _check_rows(whole, inputs)
    sets = _groups(groups, inputs)
    rows: dict[str, dict[str, Any]] = {}
    for name, names in sets.items():
        values = inputs[list(names)].to_numpy(float)
        numbers(values, f"parameters of '{name}'")
        if (np.ptp(values, axis=0) == 0).all():
            rows[name] = {"evppi": 0.0, "se": 0.0, "explained": math.nan, "note": CONSTANT}
        elif how.regressor is not None:
            fitted = np.column_stack([how.regressor(values, steps[:, at]) for at in range(1, steps.shape[1])])
            rows[name] = {"evppi": _gain(_with_zero(fitted)), "se": math.nan, "explained": math.nan}
        elif how.name == BLOCKS:
            rows[name] = {"evppi": _by_blocks(values, whole, how.blocks, name), "se": math.nan, "explained": math.nan}
        elif how.name == SEGMENTS:
            rows[name] = {"evppi": _by_segments(values, whole, name), "se": math.nan, "explained": math.nan}
        elif how.name == SPLINES:
            rows[name] = _by_splines(values, steps[:, 1:], how.seed)
        else:
            raise InputError("method", f"no such method '{how.name}'; allowed: {', '.join(METHODS)}")
    return _finished(rows, sets, _gain(whole))


def _by_splines(values: np.ndarray, steps: np.ndarray, seed: int) -> dict[str, float]:
    fit = smooth(values, steps)
    again = [_gain(_with_zero(each)) for each in fit.samples(_SAMPLES, seed)] if fit.columns <= _MOST_COLUMNS else []
    se = float(np.std(again, ddof=1)) if again else math.nan
    return {"evppi": _gain(_with_zero(fit.fitted)), "se": se, "explained": fit.explained}


def _by_blocks(values: np.ndarray, whole: np.ndarray, blocks: int, name: str) -> float:
    """Return Strong and Oakley's estimate: means of net benefit within blocks of draws sorted by the parameter."""
    _one_parameter(values, name, BLOCKS)
    size, left = divmod(len(whole), blocks) if blocks > 0 else (0, 0)
    if left or size < _LEAST_IN_BLOCK:
        allowed = f"a divisor that leaves {_LEAST_IN_BLOCK} draws or more in each"
        raise InputError("blocks", f"{blocks} for {len(whole)} draws; allowed: {allowed}")
    order = np.argsort(values[:, 0], kind="stable")
    means = whole[order].reshape(blocks, size, whole.shape[1]).mean(axis=1)
    return _gain(means)


def _by_segments(values: np.ndarray, whole: np.ndarray, name: str) -> float:
    """Return Sadatsafavi's estimate: draws in order of the parameter, cut where a pair's cumulated difference peaks."""
    _one_parameter(values, name, SEGMENTS)
    ordered = whole[np.argsort(values[:, 0], kind="stable")]
    n, options = ordered.shape
    cuts = {0, n}
    for one in range(options):
        for other in range(one + 1, options):
            upto = np.cumsum(ordered[:, one] - ordered[:, other])
            top, low = int(upto.argmax()), int(upto.argmin())
            above = upto[top] - max(upto[0], upto[-1])
            below = min(upto[0], upto[-1]) - upto[low]
            at = top if above > below else low
            if 0 < at < n - 1:
                cuts.add(at + 1)
    points = sorted(cuts)
    best = sum(float(ordered[start:end].sum(axis=0).max()) for start, end in pairwise(points))
    return best / n - float(ordered.mean(axis=0).max())


def _one_parameter(values: np.ndarray, name: str, method: str) -> None:
    if values.shape[1] != 1:
        raise InputError(f"group '{name}'", f"has {values.shape[1]} parameters; {method} take one")


def _finished(rows: Mapping[str, dict[str, Any]], sets: Mapping[str, Sequence[str]], most: float) -> pd.DataFrame:
    """Return the table with values made monotone: no group below a part of it, none above perfect information."""
    found = {name: min(max(row["evppi"], 0.0), most) for name, row in rows.items()}
    notes = {name: row.get("note", CAPPED if row["evppi"] > most else "") for name, row in rows.items()}
    for name in sorted(sets, key=lambda each: len(set(sets[each]))):
        parts = [found[other] for other in sets if other != name and set(sets[other]) < set(sets[name])]
        if parts and max(parts) > found[name]:
            found[name], notes[name] = max(parts), RAISED
    table = pd.DataFrame(
        {
            "group": list(rows),
            "parameters": ["; ".join(sets[name]) for name in rows],
            "evppi": [found[name] for name in rows],
            "se": [row["se"] for row in rows.values()],
            "evpi": most,
            "share": [found[name] / most if most > 0 else math.nan for name in rows],
            "explained": [row["explained"] for row in rows.values()],
            "note": [notes[name] for name in rows],
        }
    )
    return table.sort_values("evppi", ascending=False, kind="stable").reset_index(drop=True)


def _gain(benefit: np.ndarray) -> float:
    """Return the mean of the best less the best mean."""
    return float(benefit.max(axis=1).mean() - benefit.mean(axis=0).max())


def _with_zero(fitted: np.ndarray) -> np.ndarray:
    """Return incremental net benefit with the comparator's, 0, as first column."""
    return np.column_stack([np.zeros(len(fitted)), fitted])


def _groups(groups: Groups | None, inputs: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    if groups is None:
        groups = [str(name) for name in inputs.columns]
    if isinstance(groups, Mapping):
        sets = {str(name): tuple(names) for name, names in groups.items()}
    else:
        sets = {str(name): (str(name),) for name in groups}
    for name, names in sets.items():
        if not names:
            raise InputError(f"group '{name}'", "has no parameters; one at least is needed")
        need_columns(inputs, names, "parameters")
    return sets


def _check_rows(whole: np.ndarray, inputs: pd.DataFrame) -> None:
    if len(whole) != len(inputs):
        raise InputError(
            "parameters", f"have {len(inputs)} draws where net benefit has {len(whole)}; as many are needed"
        )
    if len(whole) < LEAST_DRAWS:
        raise InputError("draws", f"are {len(whole)}; {TOO_FEW}: {LEAST_DRAWS} or more")
