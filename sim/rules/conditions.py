"""A person's long-term conditions as bits of a mask: which they have, how much they weigh, and which are known."""

from __future__ import annotations

import numpy as np

from sim.codes import CONDITION_NAMES
from sim.fields import one_of
from sim.jit import jit_small
from sim.rules.tables import CONDITIONS

EXACERBATION_WEIGHT = one_of(*(f"exacerbation_weight_{name}" for name in CONDITION_NAMES))


@jit_small
def has(mask, bit):  # type: ignore[no-untyped-def]
    """Return whether condition ``bit`` is in ``mask``."""
    return (int(mask) >> bit) & 1 == 1


@jit_small
def condition_weight(tables, mask):  # type: ignore[no-untyped-def]
    """Return the summed exacerbation weights of the conditions in ``mask`` (1: as often as COPD)."""
    if mask == 0:
        return 0.0
    p = tables.params[0]
    total = 0.0
    for bit in range(CONDITIONS):
        if (int(mask) >> bit) & 1:
            total += EXACERBATION_WEIGHT(p, bit)
    return total


@jit_small
def known_share(tables, known, conditions):  # type: ignore[no-untyped-def]
    """Return the share of a person's long-term conditions that services know of, by weight (0: there are none).

    All of it where the switch of hidden need is off. ``known``, ``conditions``: masks.
    """
    total = condition_weight(tables, conditions)
    if total <= 0.0:
        return 0.0
    if tables.params[0]["switch_hidden_need"] == 0.0:
        return 1.0
    return condition_weight(tables, int(known) & int(conditions)) / total


@jit_small
def count_bits(mask):  # type: ignore[no-untyped-def]
    """Return how many conditions (or practical needs) are in ``mask``."""
    count = 0
    left = np.int64(mask)
    while left:
        left = left & (left - np.int64(1))  # drops the lowest bit that is set
        count += 1
    return count


@jit_small
def drawn_bit(mask, u):  # type: ignore[no-untyped-def]
    """Return one of the bits set in ``mask`` (not 0), each as likely as another, by the uniform ``u``."""
    skip = int(u * count_bits(mask))
    for bit in range(CONDITIONS):
        if (int(mask) >> bit) & 1:
            if skip == 0:
                return bit
            skip -= 1
    return 0


@jit_small
def known_conditions(tables, i):  # type: ignore[no-untyped-def]
    """Return the mask of conditions services know of (all of them when the hidden-need switch is off)."""
    person = tables.people[i]
    if tables.params[0]["switch_hidden_need"] == 0.0:
        return int(person["conditions"])
    return int(person["known"]) & int(person["conditions"])
