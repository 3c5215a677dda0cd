"""How many needs a month brings: draws of sim/rules/keys.py for people with many of them, most of which are zero."""

from __future__ import annotations

import numpy as np

from sim.jit import jit
from sim.rules.keys import Key, mix, poisson_count, unit
from sim.rules.maths import log

ROUNDING = 1e-12  # far above the error of exp, far below any draw's step of interest


@jit
def uniform_of(own: np.uint64, purpose: Key, ordinal: Key) -> float:
    """Return ``keys.uniform`` where ``own`` = key2(seed, who) is at hand: the same draw for half the work."""
    return unit(mix(mix(own ^ np.uint64(purpose)) ^ np.uint64(ordinal)))


@jit
def rare_count(uniform_draw: float, mean: float, most: int) -> int:
    """Return ``keys.poisson_count``: the same count, without an exponential where it is clearly zero."""
    if uniform_draw <= 1.0 - mean - ROUNDING:  # exp(-mean) is never less than 1 - mean
        return 0
    return poisson_count(uniform_draw, mean, most)


@jit
def passes(hazard_sum: float, uniform_draw: float) -> bool:
    """Return whether a summed hazard has reached -ln U, without a logarithm where it clearly has not."""
    if hazard_sum < 1.0 - uniform_draw - ROUNDING:  # -ln U is never less than 1 - U
        return False
    return hazard_sum >= -log(uniform_draw)
