"""Claims put to the test: how probable is it that a design reaches a published effect, and at what dose would it?

On paired differences of draws. A claim is never an input: it is set beside what the model gives, under our priors, and
the answer is conditional on them. Chance between replications of a draw is taken out before a draw is called a hit,
or a few noisy runs would reach any claim; what it leaves open of the mean over draws is kept in the probability.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import beta

from evaluation.arrays import Numbers, need_columns, numbers, same_length
from evaluation.economics.chance import share_where
from evaluation.economics.shares import Shares, shares
from evaluation.estimate import LEVEL, check_level
from scenarios.errors import InputError

YEARS = (1, 3, 5)
RATIOS = ("rate ratio", "risk ratio", "odds ratio", "hazard ratio", "ratio")
CHANGE = "proportional change"
EFFECTS = ("draw", "replication", "year", "outcome", "baseline", "design")
CLAIMS = ("name", "outcome", "measure", "value")
OWN = "own_"  # begins the name of a claim that is the case's own
NOT_HERE = "this outcome is not among the results"
TOO_SHORT = "the run does not last that long"
NO_NUMBER = "the claim gives no size that can be reached"
CHANCE_ALONE = "parameters were not drawn: the share of replications, chance alone"
A_COIN = "cannot be told: draws differ by practically nothing but chance, and the interval of the mean holds the claim"
NOISY = "one replication a draw: chance cannot be taken out, so the probability is too high for a claim far off"


def claimed_change(measure: str, value: float) -> float:
    """Return a claim as a proportional change (-0.12 for 12% less); NaN for one that is no ratio or change."""
    if measure == CHANGE:
        return float(value)
    return float(value) - 1.0 if measure in RATIOS else math.nan


def claims_test(
    effects: pd.DataFrame,
    claims: pd.DataFrame,
    years: Sequence[int] = YEARS,
    weights: Numbers | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return, for each claim and year, how probable it is that the effect is at least as large as claimed.

    ``effects``: draw, replication, year (of the run, 1 first), outcome, baseline and design (the outcome in each arm).
    ``claims``: name, outcome, measure and value. ``weights``: of draws (in order of their number), for another prior;
    equal unless given. The effect of a year is that year's, not the sum of years to it. Columns: name, outcome, claim
    (proportional change), year, effect (mean over draws of
    difference over the baseline's mean of the draw), probability, lower, upper (Jeffreys limits, of as many draws
    as its standard error is worth), told (False: no better than a coin, see ``shares.Shares``), pairs ('draws' or
    'replications'), n, reason (why there is no probability, or what it lacks).
    """
    need_columns(effects, EFFECTS, "effects")
    need_columns(claims, CLAIMS, "claims")
    rows = []
    for claim in claims.to_dict("records"):
        wanted = claimed_change(str(claim["measure"]), float(claim["value"]))
        mine = effects[effects["outcome"] == claim["outcome"]]
        for year in years:
            head = {"name": claim["name"], "outcome": claim["outcome"], "claim": wanted, "year": year}
            found = _reached(mine, int(year), wanted, weights, check_level(level))
            if found["reason"] == NOT_HERE and effects.empty:  # no whole year of any outcome
                found["reason"] = TOO_SHORT
            rows.append({**head, **found})
    return pd.DataFrame(rows)


def smallest_dose(doses: Numbers, effects: Numbers, claim: float) -> float:
    """Return the smallest dose at which a claim is reached, between doses that were run; NaN if none reaches it.

    ``effects``: mean proportional change at each of ``doses`` (rising). A dose between two is taken on a straight line;
    nothing is said beyond the largest dose that was run. Raises InputError for doses that do not rise.
    """
    amount, effect = numbers(doses, "doses", 0.0), numbers(effects, "effects")
    same_length(doses=amount, effects=effect)
    if (np.diff(amount) <= 0).any():
        raise InputError("doses", "must rise; each dose is run once")
    if claim == 0 or math.isnan(claim):
        return math.nan
    short = (effect - claim) * math.copysign(1.0, claim)  # below 0: not yet reached
    if short[0] >= 0:
        return float(amount[0])
    for at in range(1, len(amount)):
        if short[at] >= 0:
            share = -short[at - 1] / (short[at] - short[at - 1])
            return float(amount[at - 1] + share * (amount[at] - amount[at - 1]))
    return math.nan


def tilted_weights(scores: Numbers, shift: float) -> np.ndarray:
    """Return weights of draws under a prior moved by ``shift`` standard deviations along ``scores`` (mean 0, sd 1).

    For a standard normal score the tilt exp(shift x score) is exactly the prior moved by ``shift``: below 0 sceptical,
    above 0 optimistic. Adds up to 1.
    """
    value = float(shift) * numbers(scores, "scores")
    raw = np.exp(value - value.max())
    return raw / raw.sum()


def effective_draws(weights: Numbers) -> float:
    """Return how many equally weighted draws these are worth (Kish)."""
    share = numbers(weights, "weights", 0.0)
    return float(share.sum() ** 2 / (share**2).sum())


def _reached(mine: pd.DataFrame, year: int, wanted: float, weights: Numbers | None, level: float) -> dict[str, object]:
    nothing: dict[str, object] = {
        **dict.fromkeys(("effect", "probability", "lower", "upper"), math.nan),
        "pairs": "",
        "n": 0,
        "told": False,
    }
    if math.isnan(wanted) or wanted == 0:
        return {**nothing, "reason": NO_NUMBER}
    if mine.empty:
        return {**nothing, "reason": NOT_HERE}
    found = mine[mine["year"] == year]
    if found.empty:
        return {**nothing, "reason": TOO_SHORT}
    base, design = _grids(found)
    level_there = base.mean(axis=1, keepdims=True)  # a mean of ratios would lean towards more where events are few
    change = np.divide(design - base, level_there, out=np.full_like(base, np.nan), where=level_there != 0)
    if not np.isfinite(change).all():
        return {**nothing, "reason": "the outcome does not happen in the baseline"}
    draws, replications = change.shape
    pairs, reason = _pairs(draws, replications)
    values = change if pairs == "draws" else change.T
    share = np.full(len(values), 1 / len(values)) if weights is None else numbers(weights, "weights", 0.0)
    same_length(draws=values, weights=share)
    share = share / share.sum()
    reached = _share(values, wanted, share)
    probability, error = float(reached.probability[0]), float(reached.error[0])
    n = effective_draws(share)
    if error > 0:  # chance in the mean makes the share as uncertain as one of fewer draws
        n = min(n, probability * (1 - probability) / error**2)
    lower, upper = _jeffreys(probability * n, n, level)
    told = {"effect": float((share * values.mean(axis=1)).sum()), "probability": probability}
    limits = {"lower": lower, "upper": upper, "told": bool(reached.told[0])}
    why = reason if reached.told[0] else A_COIN
    return {**told, **limits, "pairs": pairs, "n": len(values), "reason": why}


def _share(values: np.ndarray, wanted: float, weights: np.ndarray) -> Shares:
    """Return in which share of ``values``, float64[draw, replication], the claim is reached."""
    towards = math.copysign(1.0, wanted)

    def hits(at: np.ndarray) -> np.ndarray:
        return ((at - wanted) * towards >= 0).astype(float)

    if values.shape[1] == 1:
        share, error = shares(values, hits, weights=weights)
        return Shares(share, error, np.array([True]))
    draws = np.repeat(np.arange(len(values)), values.shape[1])
    return share_where(values.ravel(), draws, hits, wanted, weights)


def _grids(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return baseline and design of one year, float64[draw, replication]; NaN where a run is missing."""
    (_, row), (_, column) = (np.unique(found[name], return_inverse=True) for name in ("draw", "replication"))
    grids = np.full((2, row.max() + 1, column.max() + 1), math.nan)
    grids[:, row, column] = found[["baseline", "design"]].to_numpy(float).T
    return grids[0], grids[1]


def _pairs(draws: int, replications: int) -> tuple[str, str]:
    """Return what is judged one by one (draws, or the replications of a single draw), and what it lacks."""
    if draws == 1:
        return "replications", CHANCE_ALONE
    return "draws", NOISY if replications == 1 else ""


def _jeffreys(hits: float, n: float, level: float) -> tuple[float, float]:
    """Return Jeffreys limits of a share: 0 at no hit, 1 at no miss."""
    tail = (1 - level) / 2
    lower = 0.0 if hits <= 0 else float(beta.ppf(tail, hits + 0.5, n - hits + 0.5))
    upper = 1.0 if hits >= n else float(beta.ppf(1 - tail, hits + 0.5, n - hits + 0.5))
    return lower, upper
