"""Deprivation quantiles of small areas: fifths or tenths of areas by their score, nationally or within a place.

OHID's rule (Fingertips technical guidance, assigning deprivation categories; PHEindicatormethods, phe_quantile): areas
are ranked, ties sharing the lowest rank, and each quantile holds as nearly as may be the same number of areas, not of
people. Where many areas tie across a boundary, look at the result: they all go one way.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, perhaps_numbers
from scenarios.errors import InputError


def assign_quantiles(
    scores: Numbers,
    quantiles: int = 5,
    highest_is_first: bool = True,
    within: Numbers | pd.Series | None = None,
) -> np.ndarray:
    """Return each area's quantile (float, shape: areas), 1 = most deprived; NaN where it has none.

    ``scores``: missing ones get no quantile. ``highest_is_first``: True for an IMD score (the highest is the most
    deprived), False for an IMD rank or an income. ``within``: a label per area; quantiles are then local to each
    label. An area has none, too, where its group has fewer areas with a score than ``quantiles``: see
    ``quantile_reasons``. Raises InputError for fewer than two quantiles, labels of another length, or a score that is
    infinite or no number.
    """
    score, group = _read(scores, quantiles, within)
    found = np.full(len(score), np.nan)
    for label in np.unique(group):
        at = np.flatnonzero((group == label) & ~np.isnan(score))
        if len(at) < quantiles:
            continue
        order = -score[at] if highest_is_first else score[at]
        rank = np.searchsorted(np.sort(order), order, side="left") + 1  # ties share the lowest
        each = (quantiles + 1) - np.ceil((len(at) + 1 - rank) / (len(at) / quantiles))
        found[at] = np.maximum(np.floor(each), 1)
    return found


def quantile_reasons(scores: Numbers, quantiles: int = 5, within: Numbers | pd.Series | None = None) -> np.ndarray:
    """Return why each area has no quantile (text, shape: areas); empty where it has one."""
    score, group = _read(scores, quantiles, within)
    reasons = np.full(len(score), "", dtype=object)
    for label in np.unique(group):
        mine = group == label
        there = int((mine & ~np.isnan(score)).sum())
        if there < quantiles:
            reasons[mine] = f"{there} areas with a score in its group; {quantiles} are needed"
    reasons[np.isnan(score)] = "no score"
    return reasons


def _read(scores: Numbers, quantiles: int, within: Numbers | pd.Series | None) -> tuple[np.ndarray, np.ndarray]:
    if quantiles < 2:
        raise InputError("quantiles", f"is {quantiles}; allowed: 2 and more")
    score = _orderly(scores)
    if within is None:
        return score, np.zeros(len(score), dtype=int)
    labels = pd.factorize(np.asarray(within).reshape(-1))[0]
    if len(labels) != len(score):
        raise InputError("within", f"has {len(labels)} labels for {len(score)} scores; one each is needed")
    return score, labels


def _orderly(scores: Numbers) -> np.ndarray:
    """Return scores, refused as ``perhaps_numbers`` does but for those close to 0: they are put in order, no more."""
    try:
        raw = np.asarray(scores, dtype=float).reshape(-1)
    except (TypeError, ValueError):
        return perhaps_numbers(scores, "scores")  # which says what is wrong
    perhaps_numbers(np.where(np.abs(raw) < 1, 0.0, raw), "scores")
    return raw
