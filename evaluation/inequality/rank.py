"""Ranks from the most to the least deprived, and whether the coding of deprivation can be right."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from evaluation.arrays import Numbers, numbers, same_length
from evaluation.estimate import LEVEL
from scenarios.errors import InputError, nearest

SCORE_FALLS, SCORE_RISES = "falls", "rises"


def fractional_rank(order: Numbers, weights: Numbers | None = None) -> np.ndarray:
    """Return each unit's weighted mid-rank from 0 to 1 by ``order``, lowest first (shape: units).

    Units with the same ``order`` share the middle of their joint interval, so the weighted mean is one half whatever
    the ties. Source: Van Ourti 2004; Stata conindex (O'Donnell, O'Neill, Van Ourti and Walsh 2016). Raises InputError
    for a weight below 0, or weights that are all 0.
    """
    ranked = numbers(order, "order")
    weight = np.ones_like(ranked) if weights is None else numbers(weights, "weights", 0.0)
    same_length(order=ranked, weights=weight)
    if weight.sum() <= 0:
        raise InputError("weights", "are all 0; somebody is needed to be ranked")
    _, group = np.unique(ranked, return_inverse=True)
    share = np.bincount(group, weights=weight) / weight.sum()
    return (np.cumsum(share) - share / 2)[group]


def check_quantiles(quantiles: Numbers, where: str, expected: int | None = None) -> np.ndarray:
    """Return ``quantiles`` as whole numbers, or raise InputError unless they are 1 to the highest, each once.

    ``expected``: how many there should be (5 or 10), so that a missing last one is noticed as well.
    """
    found = numbers(quantiles, f"{where} quantile", 1.0)
    if (found != np.floor(found)).any():
        raise InputError(f"{where} quantile", "is not a whole number; allowed: 1 (most deprived) and up")
    whole = found.astype(int)
    top = expected if expected is not None else int(whole.max())
    missing = sorted(set(range(1, top + 1)) - set(whole.tolist()))
    if missing:
        raise InputError(f"{where} quantile", f"{missing[0]} of {top} is missing; all of 1 to {top} are needed")
    if len(set(whole.tolist())) != len(whole):
        repeated = next(each for each in whole.tolist() if (whole == each).sum() > 1)
        raise InputError(f"{where} quantile", f"{repeated} is there more than once; each is allowed once")
    if whole.max() > top:
        raise InputError(f"{where} quantile", f"is {whole.max()}; allowed: 1 to {top}, 1 = most deprived")
    return whole


def check_direction(quantiles: Numbers, score: Numbers, score_as_quantile_rises: str = SCORE_FALLS) -> None:
    """Raise InputError if a deprivation measure says that ``quantiles`` count from the wrong end.

    ``score``: a measure of the same units (any number of units per quantile). ``score_as_quantile_rises``: 'falls' for
    an IMD score or a share in poverty (highest among the most deprived), 'rises' for an IMD rank or an income. Refused
    where every pair of ranks is the other way round, or Spearman's correlation is, at the 5% level; a measure that says
    neither is no evidence and passes.
    """
    if score_as_quantile_rises not in (SCORE_FALLS, SCORE_RISES):
        raise InputError("score_as_quantile_rises", nearest(score_as_quantile_rises, (SCORE_FALLS, SCORE_RISES)))
    quantile, measure = numbers(quantiles, "quantile"), numbers(score, "score")
    same_length(quantile=quantile, score=measure)
    if np.ptp(quantile) == 0 or np.ptp(measure) == 0:
        return
    sign = -1 if score_as_quantile_rises == SCORE_FALLS else 1
    found = spearmanr(quantile, sign * measure)
    clear = len(quantile) > 2 and found.pvalue < 1 - LEVEL
    if np.isclose(found.statistic, -1.0) or (found.statistic < 0 and clear):
        goes = "rises" if score_as_quantile_rises == SCORE_FALLS else "falls"
        raise InputError(
            "quantile", f"counts from the wrong end: the score {goes} with the quantile; 1 must be the most deprived"
        )
