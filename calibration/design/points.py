"""Points spread evenly over the prior: scrambled Sobol, Latin hypercube, and even subsets of many points."""

from __future__ import annotations

import hashlib

import numpy as np
from scipy.special import ndtri
from scipy.stats.qmc import LatinHypercube, Sobol

BITS = 30
METHODS = ("sobol", "latin_hypercube")


def scramble(*labels: str | int) -> np.random.Generator:
    """Return a generator keyed by ``labels``, of the kind scipy's designs can spawn from."""
    text = "".join(f"{len(str(part))}:{part}" for part in labels)
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(seed))


def uniform_points(count: int, inputs: int, seed: int, method: str = "sobol") -> np.ndarray:
    """Return float64[count, inputs] within 0 and 1, ends excluded.

    sobol: the first ``count`` of a scrambled Sobol sequence (a power of two fills space most evenly; more points begin
    with the same ones). latin_hypercube: one point in each of ``count`` slices of every input. Raises ValueError for
    another method.
    """
    if method == "sobol":
        sequence = Sobol(inputs, scramble=True, bits=BITS, rng=scramble(seed, "sobol", inputs))
        power = max(int(np.ceil(np.log2(max(count, 1)))), 0)
        return np.asarray(sequence.random_base2(power), float)[:count] + 0.5 ** (BITS + 1)
    if method == "latin_hypercube":
        made = LatinHypercube(inputs, rng=scramble(seed, "latin hypercube", inputs, count)).random(count)
        return np.clip(made, 0.5 ** (BITS + 1), 1 - 0.5 ** (BITS + 1))
    raise ValueError(f"no design '{method}'")


def latent_points(count: int, inputs: int, seed: int, method: str = "sobol") -> np.ndarray:
    """Return an even design over the prior as standard normal numbers, float64[count, inputs]."""
    return np.asarray(ndtri(uniform_points(count, inputs, seed, method)))


def spread_subset(points: np.ndarray, count: int) -> np.ndarray:
    """Return indices of ``count`` points far from each other: each the farthest from those taken so far.

    The first is the one nearest the middle. Distances are in units of each input's spread. Source: Kennard and Stone
    1969 (Technometrics 11:137).
    """
    if count >= len(points):
        return np.arange(len(points))
    spread = points.std(axis=0)
    scaled = (points - points.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    taken = [int((scaled**2).sum(axis=1).argmin())]
    nearest = ((scaled - scaled[taken[0]]) ** 2).sum(axis=1)
    while len(taken) < count:
        taken.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((scaled - scaled[taken[-1]]) ** 2).sum(axis=1))
    return np.array(taken)
