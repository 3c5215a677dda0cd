"""Keyed random numbers: a draw is a hash of what it is for, never the next number of a shared stream.

Nested splitmix64 (Steele, Lea and Flood 2014): each part of the key is mixed in before the next is added.
Purposes have fixed, published numbers: a number once given is never given to something else.
"""

from __future__ import annotations

import numpy as np

from sim.jit import jit
from sim.rules.maths import exp, log, normal_quantile

Key = int | np.uint64  # part of a key: any whole number, taken modulo 2**64

GAMMA = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
SHIFT_30 = np.uint64(30)
SHIFT_27 = np.uint64(27)
SHIFT_31 = np.uint64(31)
SHIFT_11 = np.uint64(11)
TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53
BELOW_ONE = 1.0 - TO_UNIT


@jit
def mix(value: np.uint64) -> np.uint64:
    """Return splitmix64's finalised ``value + GAMMA`` (uint64 to uint64)."""
    z = np.uint64(value) + GAMMA
    z = (z ^ (z >> SHIFT_30)) * MIX_1
    z = (z ^ (z >> SHIFT_27)) * MIX_2
    return z ^ (z >> SHIFT_31)


@jit
def key2(a: Key, b: Key) -> np.uint64:
    """Return the hash of two integers."""
    return mix(mix(np.uint64(a)) ^ np.uint64(b))


@jit
def key3(a: Key, b: Key, c: Key) -> np.uint64:
    """Return the hash of three integers."""
    return mix(key2(a, b) ^ np.uint64(c))


@jit
def key4(a: Key, b: Key, c: Key, d: Key) -> np.uint64:
    """Return the hash of four integers."""
    return mix(key3(a, b, c) ^ np.uint64(d))


@jit
def unit(key: np.uint64) -> float:
    """Return a number strictly between 0 and 1 from a 64-bit key."""
    value = (np.float64(key >> SHIFT_11) + 0.5) * TO_UNIT
    return value if value < 1.0 else BELOW_ONE  # the very last key would be rounded up to 1


@jit
def uniform(seed: Key, who: Key, purpose: Key, ordinal: Key) -> float:
    """Return the uniform draw for (seed, who, purpose, ordinal), strictly inside (0, 1).

    ``who`` is a person key, a need id, a community or a post; ``ordinal`` a month or a visit.
    """
    return unit(key4(seed, who, purpose, ordinal))


@jit
def exponential(seed: Key, who: Key, purpose: Key, ordinal: Key) -> float:
    """Return a unit exponential draw: -ln U."""
    return -log(uniform(seed, who, purpose, ordinal))


@jit
def normal(seed: Key, who: Key, purpose: Key, ordinal: Key) -> float:
    """Return a standard normal draw: the normal quantile of U."""
    return normal_quantile(uniform(seed, who, purpose, ordinal))


@jit
def gumbel(seed: Key, who: Key, purpose: Key, ordinal: Key) -> float:
    """Return a standard Gumbel draw, -ln(-ln U), for choices by the largest noisy utility."""
    return -log(-log(uniform(seed, who, purpose, ordinal)))


@jit
def poisson_count(uniform_draw: float, mean: float, most: int) -> int:
    """Return the Poisson count at ``uniform_draw`` by inverse distribution, at most ``most``.

    The same draw at a larger mean never gives a smaller count, so a hazard that rises only adds needs.
    """
    from_zero = exp(-mean)
    total = from_zero
    term = from_zero
    count = 0
    while uniform_draw > total and count < most:
        count += 1
        term = term * mean / count
        total = total + term
    return count
