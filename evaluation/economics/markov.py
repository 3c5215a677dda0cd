"""Markov cohorts: where a closed group of people is after each cycle, and what that costs and gains.

For economic models beside the simulation (long-run consequences, published models re-run); states are columns, cycles
rows. Sources: Briggs, Claxton and Sculpher 2006, chapters 2 and 4; Fleurence and Hollenbeak 2007 (rates).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.arrays import Numbers, numbers
from evaluation.economics.cycles import counted
from evaluation.economics.discounting import Rates
from scenarios.errors import InputError

_WHOLE = 1e-9  # how far from 1 a row of probabilities may add up


@dataclass(frozen=True)
class Counting:
    """How a cohort is counted: when in the cycle, how long a cycle is, and when it is discounted (see cycles.py)."""

    counting: str = "half_cycle"
    cycle_years: float = 1.0
    discount: str = "counted"


def counts_to_probabilities(counts: np.ndarray) -> np.ndarray:
    """Return transition probabilities from counts of moves, float64[from, to]: each row over its sum.

    Raises InputError for counts below 0 or a row of none.
    """
    moves = np.asarray(counts, float)
    total = moves.sum(axis=1, keepdims=True)
    if (moves < 0).any() or (total <= 0).any():
        raise InputError("transition counts", "must be 0 or above, with at least one in every row")
    return moves / total


def with_relative_risk(matrix: np.ndarray, relative_risk: float, states: Numbers | None = None) -> np.ndarray:
    """Return ``matrix`` with every chance of leaving a state times ``relative_risk``; those staying take up the rest.

    ``states``: positions of the states it applies to (all unless given). Raises InputError for a risk below 0 or one
    that makes a row leave more than everybody.
    """
    risk = float(numbers([relative_risk], "relative risk", 0.0)[0])
    found = _matrix(matrix).copy()
    rows = range(len(found)) if states is None else numbers(states, "states", 0.0).astype(int)
    for row in rows:
        stay = found[row, row]
        found[row] *= risk
        found[row, row] = 1 - (1 - stay) * risk
    return _matrix(found)


def rate_to_probability(rate: Numbers, years: float = 1.0) -> np.ndarray:
    """Return the chance that an event at ``rate`` a year happens within ``years``: 1 - exp(-rate years)."""
    return -np.expm1(-numbers(rate, "rate", 0.0) * years)


def probability_to_rate(probability: Numbers, years: float = 1.0) -> np.ndarray:
    """Return the constant rate a year that gives ``probability`` within ``years``. Raises InputError from 1 on."""
    chance = numbers(probability, "probability", 0.0)
    if (chance >= 1).any():
        raise InputError("probability", f"is {chance.max():g}; allowed: 0 to below 1")
    return -np.log1p(-chance) / years


def cohort_trace(start: Numbers, matrices: np.ndarray, cycles: int | None = None) -> np.ndarray:
    """Return people by state at every snapshot, float64[cycle + 1, state].

    ``start``: people in each state at time 0. ``matrices``: float64[from, to], the same in each of ``cycles``, or
    float64[cycle, from, to]. Raises InputError for probabilities that do not add up to 1 or lie outside 0 to 1.
    """
    now = numbers(start, "start", 0.0)
    steps = np.asarray(matrices, float)
    if steps.ndim == 2:
        if cycles is None or cycles < 1:
            raise InputError("cycles", f"is {cycles}; one matrix needs how many cycles it is for, 1 or more")
        steps = np.broadcast_to(_matrix(steps), (cycles, *steps.shape))
    else:
        steps = np.stack([_matrix(step) for step in steps])
    if steps.shape[1] != len(now):
        raise InputError("start", f"has {len(now)} states where the matrix has {steps.shape[1]}; as many are needed")
    trace = [now]
    for step in steps:
        trace.append(trace[-1] @ step)
    return np.array(trace)


def cohort_total(
    trace: np.ndarray,
    reward: np.ndarray,
    rates: Rates = 0.0,
    how: Counting | None = None,
    once: np.ndarray | None = None,
) -> float:
    """Return the discounted total of ``reward`` over a trace: costs, life-years (1 alive) or QALYs (utilities).

    ``reward``: per person and cycle in each state, shape (state,) or (cycle, state); where a cycle is not a year, give
    life-years and utilities times ``cycle_years``. ``once``: what is paid in each cycle on top, shape (cycle,), such as
    for people who move (see ``moves``), discounted at the cycle's end. Raises InputError for shapes other than these.
    """
    way = how or Counting()
    lived = counted(np.asarray(trace, float), way.counting, rates, way.cycle_years, way.discount)
    each = np.asarray(reward, float)
    if each.shape[-1] != lived.shape[1] or (each.ndim == 2 and len(each) != len(lived)):
        raise InputError("reward", f"has shape {each.shape}; allowed: {(lived.shape[1],)} or {lived.shape}")
    total = float((lived * each).sum())
    if once is None:
        return total
    paid = np.asarray(once, float).reshape(-1, 1)
    if len(paid) != len(lived):
        raise InputError("once", f"has {len(paid)} cycles; allowed: {len(lived)}")
    moments = counted(np.vstack([np.zeros((1, 1)), paid]), "end", rates, way.cycle_years, "counted")
    return total + float(moments.sum())


def moves(trace: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Return how many people move in each cycle, float64[cycle, from, to], for payments on a move."""
    people = np.asarray(trace, float)[:-1]
    steps = np.asarray(matrices, float)
    return people[:, :, None] * (steps if steps.ndim == 3 else steps[None])


def _matrix(matrix: np.ndarray) -> np.ndarray:
    found = np.asarray(matrix, float)
    if found.ndim != 2 or found.shape[0] != found.shape[1]:
        raise InputError("transition matrix", f"has shape {found.shape}; a square one is needed")
    off = np.abs(found.sum(axis=1) - 1)
    if (off > _WHOLE).any():
        row = int(off.argmax())
        raise InputError(f"transition matrix row {row}", f"adds up to {found[row].sum():g}; allowed: 1")
    if (found < -_WHOLE).any() or (found > 1 + _WHOLE).any():
        row = int(np.argwhere((found < -_WHOLE) | (found > 1 + _WHOLE))[0, 0])
        raise InputError(f"transition matrix row {row}", "holds a probability outside 0 to 1")
    return found.clip(0.0, 1.0)
