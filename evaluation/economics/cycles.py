"""When in a cycle people are counted, and when what they cost and gain is discounted.

A cohort model sees a state only at the ends of cycles. ``start`` counts everybody where the cycle finds them, ``end``
where it leaves them, ``half_cycle`` half and half: the trapezoidal rule, the usual correction. Sources: Sonnenberg and
Beck 1993; Briggs, Claxton and Sculpher 2006; Elbasha and Chhatwal 2016.
"""

from __future__ import annotations

import numpy as np

from evaluation.economics.discounting import Rates, discount_factors
from scenarios.errors import InputError, nearest

COUNTINGS = ("start", "end", "half_cycle")
MOMENTS = ("counted", "start", "mid", "end")


def cycle_weights(cycles: int, counting: str = "half_cycle") -> np.ndarray:
    """Return the weight of each of ``cycles`` + 1 snapshots (times 0 ... cycles), which add up to ``cycles``.

    half_cycle: a half for the first and the last, 1 between. Raises InputError for no cycle or an unknown counting.
    """
    known(counting, COUNTINGS, "counting")
    if cycles < 1:
        raise InputError("cycles", f"is {cycles}; allowed: 1 or more")
    at_start, at_end = np.append(np.ones(cycles), 0.0), np.append(0.0, np.ones(cycles))
    return {"start": at_start, "end": at_end, "half_cycle": (at_start + at_end) / 2}[counting]


def counted(snapshots: np.ndarray, counting: str, rates: Rates, cycle_years: float, discount: str) -> np.ndarray:
    """Return discounted person-cycles, float64[cycle, state], from ``snapshots``, float64[cycle + 1, state].

    ``discount``: the moment at which a cycle is discounted: 'counted' (each snapshot at its own time), or its start,
    mid or end for all. Raises InputError for an unknown name.
    """
    known(counting, COUNTINGS, "counting")
    known(discount, MOMENTS, "discount")
    cycles = len(snapshots) - 1
    first, second = {"start": (1.0, 0.0), "end": (0.0, 1.0), "half_cycle": (0.5, 0.5)}[counting]
    if discount == "counted":
        factors = discount_factors(np.arange(cycles + 1) * cycle_years, rates)[:, None]
        return first * (factors * snapshots)[:-1] + second * (factors * snapshots)[1:]
    shift = {"start": 0.0, "mid": 0.5, "end": 1.0}[discount]
    factors = discount_factors((np.arange(cycles) + shift) * cycle_years, rates)[:, None]
    return factors * (first * snapshots[:-1] + second * snapshots[1:])


def known(name: str, names: tuple[str, ...], what: str) -> None:
    """Raise InputError, with the nearest name, unless ``name`` is one of ``names``."""
    if name not in names:
        raise InputError(what, f"no such {what} '{name}'; {nearest(name, names)}")
