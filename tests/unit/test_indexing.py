"""Indices count from the front: in code compiled without reference counting alone, and checked where bounds are."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
import pytest

from sim import jit  # noqa: F401  (Numba is set up there)


def entry_of(counted: bool, boundscheck: bool = False) -> Callable[[np.ndarray, int], int]:
    """Return a compiled function that returns one entry of an array; ``counted``: with reference counting."""

    def entry(array, place):  # type: ignore[no-untyped-def]
        return array[place]

    return numba.njit(boundscheck=boundscheck, _nrt=counted)(entry)  # type: ignore[call-overload, no-any-return]


def test_code_that_is_not_ours_keeps_pythons_meaning() -> None:
    array = np.arange(5) * 10
    assert entry_of(counted=True)(array, -2) == 30
    assert entry_of(counted=True, boundscheck=True)(array, -2) == 30


def test_our_code_counts_from_the_front() -> None:
    array = np.arange(5) * 10
    inner = array[2:]
    assert entry_of(counted=False)(array, 3) == 30
    assert entry_of(counted=False)(inner, -2) == 0  # what lies before it, and not its last but one
    with pytest.raises(IndexError):
        entry_of(counted=False, boundscheck=True)(inner, -2)


def test_a_negative_constant_is_a_place_from_the_end() -> None:
    last = numba.njit(_nrt=False)(lambda array: array[-1])  # type: ignore[call-overload]
    assert last(np.arange(5) * 10) == 40
