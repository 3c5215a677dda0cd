"""Gumbel noise of a choice, and what it is at most, told without a logarithm: most alternatives cannot win."""

from __future__ import annotations

import numpy as np

from sim.jit import jit_small
from sim.rules.maths import BIAS, MANTISSA_BITS, log

PER_BIT = 1.0 / (1 << MANTISSA_BITS)
LN2 = 0.6931471805599453
LOG2_SAG = 0.0861  # log2(1 + m) is above m by no more than 0.08608, for m from 0 to 1
ROUNDING = 1e-9  # far above the rounding of a logarithm, far below any difference that is worth its while


@jit_small
def log2_least(x):  # type: ignore[no-untyped-def]
    """Return a number that the binary logarithm of x > 0 is not below, and above by less than ``LOG2_SAG``.

    The bits of a number, read as a whole number, are its exponent and, straight between its powers of two, the rest.
    """
    return np.float64(np.float64(x).view(np.int64)) * PER_BIT - BIAS


@jit_small
def gumbel_of(u):  # type: ignore[no-untyped-def]
    """Return the standard Gumbel draw at the uniform ``u``, as `keys.gumbel`."""
    return -log(-log(u))


@jit_small
def gumbel_most(u):  # type: ignore[no-untyped-def]
    """Return a bound that ``gumbel_of(u)`` is not above: -ln u is at least 1 - u, and at least what its bits say."""
    by_bits = -LN2 * (log2_least(u) + LOG2_SAG)
    beyond = 1.0 - u
    if by_bits > beyond:
        beyond = by_bits
    return ROUNDING - LN2 * log2_least(beyond)
