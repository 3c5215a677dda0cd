"""Random numbers of resampling and simulation: a generator for each use, keyed by the seed and what it is for."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *labels: str | int) -> np.random.Generator:
    """Return the Generator for ``labels`` (what the numbers are for) under ``seed``; same words, same numbers.

    Philox keyed by the first 128 bits of BLAKE2b over the seed and the labels, each preceded by its length.
    """
    words = [str(part) for part in (seed, *labels)]
    text = "".join(f"{len(word)}:{word}" for word in words)
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
