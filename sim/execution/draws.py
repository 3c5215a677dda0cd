"""Samples of the uncertain parameters: scrambled Sobol points, one dimension for each parameter of the registry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios.errors import InputError
from sim.rules.keys import key2

BITS = 30  # of each coordinate; a point is the middle of its cell, so it is never 0 or 1


def check_draws(draws: int) -> None:
    """Raise InputError unless ``draws`` is a power of two: only then does a Sobol sequence fill space evenly."""
    if draws < 1 or draws & (draws - 1):
        raise InputError("experiment.draws", f"must be a power of two, such as 8 (you gave {draws})")


def sobol_points(dimensions: int, draws: int, seed: int) -> np.ndarray:
    """Return float64[draws, dimensions], each strictly between 0 and 1.

    Sobol's sequence with Joe and Kuo's direction numbers, scrambled by a random linear matrix and a digital shift
    (Matousek 1998, as in scipy.stats.qmc.Sobol); Owen (2020) on why draws is a power of two. The scramble is drawn
    from ``seed`` alone, so twice as many points begin with these. Raises InputError as check_draws.
    """
    from scipy.stats.qmc import Sobol  # takes half a second to load, and most processes draw nothing

    check_draws(draws)
    scramble = np.random.Generator(np.random.Philox(seed))  # scipy spawns from its seed sequence
    sequence = Sobol(dimensions, scramble=True, bits=BITS, rng=scramble)
    corners = sequence.random_base2(draws.bit_length() - 1)
    return np.asarray(corners, float) + 0.5 ** (BITS + 1)


def uniforms(names: Sequence[str], draws: int, draw: int, seed: int, purpose: int) -> dict[str, float]:
    """Return the coordinate of each of ``names`` in draw number ``draw`` of ``draws``.

    A parameter's dimension is its place among the names in sorted order, those that are fixed included: fixing one, or
    giving it another range, moves no other. The scramble is keyed by ``seed`` and ``purpose``.
    """
    if not 0 <= draw < draws:
        raise ValueError(f"draw {draw} is not one of {draws}")
    ordered = sorted(names)
    points = sobol_points(len(ordered), draws, int(key2(seed, purpose)))
    return {name: float(u) for name, u in zip(ordered, points[draw], strict=True)}
