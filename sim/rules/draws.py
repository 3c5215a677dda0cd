"""Draws of many people's needs at once: whether any arise, kind by kind, before each is dated.

A draw waits for the one before it in nothing, so a processor works on many side by side; person by person it would
wait for each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import HAZARD_KINDS
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.counts import ROUNDING, rare_count, uniform_of

PEOPLE = 64  # drawn for at once: a bit of a word each


@passed_by_reference
class Draws(NamedTuple):
    """Whom is being drawn for. who: int64[PEOPLE]. own: uint64[PEOPLE], key2(seed, person key).

    hazards: float64[kind of HAZARD_KINDS, PEOPLE]. some: uint8[kind, PEOPLE], 1 where a need may arise.
    """

    who: np.ndarray
    own: np.ndarray
    hazards: np.ndarray
    some: np.ndarray


def room_for_draws() -> Draws:
    """Return room to draw for PEOPLE at once."""
    kinds = len(HAZARD_KINDS)
    return Draws(
        np.zeros(PEOPLE, np.int64),
        np.zeros(PEOPLE, np.uint64),
        np.zeros((kinds, PEOPLE)),
        np.zeros((kinds, PEOPLE), np.uint8),
    )


@jit_small
def draw_all(draws, people, month):  # type: ignore[no-untyped-def]
    """Mark for whom of the first ``people`` needs of each kind may arise: those left out have none (see rare_count)."""
    for kind in range(len(HAZARD_KINDS)):
        purpose = purposes.NEED_COUNT + HAZARD_KINDS[kind]
        for k in range(people):
            u = uniform_of(draws.own[k], purpose, month)
            draws.some[kind, k] = np.uint8(u > 1.0 - draws.hazards[kind, k] - ROUNDING)


@jit_small
def drawn_count(draws, kind, k, month, most):  # type: ignore[no-untyped-def]
    """Return how many needs of a kind (its place in HAZARD_KINDS) the ``k``-th person has this month."""
    u = uniform_of(draws.own[k], purposes.NEED_COUNT + HAZARD_KINDS[kind], month)
    return rare_count(u, draws.hazards[kind, k], most)
