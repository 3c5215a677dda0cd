"""The efficiency frontier: which options are worth considering at some threshold, and the price of the next step.

Strong dominance: another option gains at least as much for no more. Extended dominance: a mix of two others does, so
that the ratio to the next option would be lower than to this one. Options on the line between two others have the same
ratio and stay. Ties: of options that cost and gain the same the first given stays. Sources: Weinstein 1990; statuses
ND, D and ED as in dampack and in the VA HERC guide.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, numbers, same_length
from scenarios.errors import InputError

FRONTIER, DOMINATED, EXTENDED = "ND", "D", "ED"
WORDS = {FRONTIER: "on the frontier", DOMINATED: "dominated", EXTENDED: "dominated by a mix of others"}


def frontier(names: Sequence[object], costs: Numbers, effects: Numbers) -> pd.DataFrame:
    """Return one row an option: those on the frontier by cost, then those dominated by extension, then the dominated.

    Columns: option, cost, effect, inc_cost, inc_effect and icer against the option before on the frontier (NaN for the
    first and for those off it), status (ND, ED, D). ``costs`` in pounds, ``effects`` the more the better; either may be
    negative. n log n: 100,000 options take a fraction of a second. Raises InputError for lists of unequal length.
    """
    cost, effect = numbers(costs, "cost"), numbers(effects, "effect")
    same_length(cost=cost, effect=effect)
    labels = [str(name) for name in names]
    if len(labels) != len(cost):
        raise InputError("options", f"{len(labels)} names for {len(cost)} costs; as many are needed")
    order = np.lexsort((np.arange(len(cost)), -effect, cost))
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(effect[order])[:-1]])
    undominated = order[effect[order] > best_before]
    kept = _hull(undominated, cost, effect)
    status = np.full(len(cost), DOMINATED, dtype="<U2")
    status[undominated], status[kept] = EXTENDED, FRONTIER
    first = {FRONTIER: 0, EXTENDED: 1, DOMINATED: 2}
    rank = np.array([first[each] for each in status])
    shown = np.lexsort((effect, cost, rank))
    table = pd.DataFrame(
        {"option": np.array(labels, dtype=object)[shown], "cost": cost[shown], "effect": effect[shown]}
    )
    step_cost, step_effect = (np.full(len(cost), np.nan) for _ in range(2))
    step_cost[1 : len(kept)] = np.diff(cost[kept])
    step_effect[1 : len(kept)] = np.diff(effect[kept])
    return table.assign(inc_cost=step_cost, inc_effect=step_effect, icer=step_cost / step_effect, status=status[shown])


def best_at(table: pd.DataFrame, threshold: float) -> str:
    """Return the option of a frontier that is best at ``threshold``: the last whose ratio does not exceed it."""
    on = table[table["status"] == FRONTIER]
    allowed = on["icer"].isna() | (on["icer"] <= threshold)
    return str(on["option"][allowed].iloc[-1])


def _hull(order: np.ndarray, cost: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """Return those of ``order`` (cost and effect rising) between which ratios never fall."""
    kept: list[int] = []
    for option in order.tolist():
        while len(kept) > 1 and _ratio(kept[-2], kept[-1], cost, effect) > _ratio(kept[-1], option, cost, effect):
            kept.pop()
        kept.append(option)
    return np.array(kept)


def _ratio(one: int, other: int, cost: np.ndarray, effect: np.ndarray) -> float:
    return float((cost[other] - cost[one]) / (effect[other] - effect[one]))
