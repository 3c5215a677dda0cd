"""Claims put to the test: how probable is it that a design reaches a published effect, and at what dose would it?

On paired differences of draws. A claim is never an input: it is set beside what the model gives, under our priors, and
the answer is conditional on them. Chance between replications of a draw is taken out before a draw is called a hit,
or a few noisy runs would reach any claim.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import beta

from evaluation.arrays import Numbers, need_columns, numbers, same_length
from evaluation.economics.chance import without_chance
from evaluation.estimate import LEVEL, check_level
from scenarios.errors import InputError

YEARS = (1, 3, 5)
RATIOS = ("rate ratio", "risk ratio", "odds ratio", "hazard ratio", "ratio")
CHANGE = "proportional change"
EFFECTS = ("draw", "replication", "year", "outcome", "baseline", "design")
CLAIMS = ("name", "outcome", "measure", "value")
NOT_HERE = "this outcome is not among the results"
TOO_SHORT = "the run does not last that long"
NO_NUMBER = "the claim gives no size that can be reached"
CHANCE_ALONE = "parameters were not drawn: the share of replications, chance alone"
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
    (proportional change), year, effect (mean over draws), probability, lower, upper (Jeffreys limits of the draws at
    hand), pairs ('draws' or 'replications'), n, reason (why there is no probability, or what it lacks).
    """
    need_columns(effects, EFFECTS, "effects")
    need_columns(claims, CLAIMS, "claims")
    rows = []
    for claim in claims.to_dict("records"):
        wanted = claimed_change(str(claim["measure"]), float(claim["value"]))
        mine = effects[effects["outcome"] == claim["outcome"]]
        for year in years:
            head = {"name": claim["name"], "outcome": claim["outcome"], "claim": wanted, "year": year}
            rows.append({**head, **_reached(mine, int(year), wanted, weights, check_level(level))})
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
    }
    if math.isnan(wanted) or wanted == 0:
        return {**nothing, "reason": NO_NUMBER}
    if mine.empty:
        return {**nothing, "reason": NOT_HERE}
    found = mine[mine["year"] == year]
    if found.empty:
        return {**nothing, "reason": TOO_SHORT}
    base, design = _grids(found)
    change = np.divide(design, base, out=np.full_like(base, np.nan), where=base != 0) - 1
    if not np.isfinite(change).all():
        return {**nothing, "reason": "the outcome does not happen in the baseline"}
    values, pairs, reason = _units(change)
    share = np.full(len(values), 1 / len(values)) if weights is None else numbers(weights, "weights", 0.0)
    same_length(draws=values, weights=share)
    share = share / share.sum()
    hits = (values - wanted) * math.copysign(1.0, wanted) >= 0
    probability = float((share * hits).sum())
    n = effective_draws(share)
    lower, upper = _jeffreys(probability * n, n, level)
    effect = float((share * change.mean(axis=1)).sum()) if pairs == "draws" else float(values.mean())
    told = {"effect": effect, "probability": probability, "lower": lower, "upper": upper}
    return {**told, "pairs": pairs, "n": len(values), "reason": reason}


def _grids(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return baseline and design of one year, float64[draw, replication]; NaN where a run is missing."""
    (_, row), (_, column) = (np.unique(found[name], return_inverse=True) for name in ("draw", "replication"))
    grids = np.full((2, row.max() + 1, column.max() + 1), math.nan)
    grids[:, row, column] = found[["baseline", "design"]].to_numpy(float).T
    return grids[0], grids[1]


def _units(change: np.ndarray) -> tuple[np.ndarray, str, str]:
    """Return the values to judge (draws, chance between replications taken out), what they are, and what they lack."""
    draws, replications = change.shape
    if draws == 1:
        return change[0], "replications", CHANCE_ALONE
    if replications == 1:
        return change[:, 0], "draws", NOISY
    means = without_chance(change.reshape(-1, 1), np.repeat(np.arange(draws), replications))[:, 0]
    return means, "draws", ""


def _jeffreys(hits: float, n: float, level: float) -> tuple[float, float]:
    """Return Jeffreys limits of a share: 0 at no hit, 1 at no miss."""
    tail = (1 - level) / 2
    lower = 0.0 if hits <= 0 else float(beta.ppf(tail, hits + 0.5, n - hits + 0.5))
    upper = 1.0 if hits >= n else float(beta.ppf(1 - tail, hits + 0.5, n - hits + 0.5))
    return lower, upper
