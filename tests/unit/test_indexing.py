"""Indices that count from the front: in the engines and a network's rules alone, and checked where bounds are."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
import pytest

from sim import jit  # noqa: F401  (Numba is set up there)
from sim.indexing import counts_from_the_front, mangled


def entry_of(module: str, boundscheck: bool = False) -> Callable[[np.ndarray, int], int]:
    """Return a compiled function of a module that returns one entry of an array."""

    def entry(array, place):  # type: ignore[no-untyped-def]
        return array[place]

    entry.__module__ = module
    return numba.njit(boundscheck=boundscheck)(entry)  # type: ignore[no-any-return]


def test_modules_as_they_stand_in_names_of_compiled_functions() -> None:
    assert mangled("sim.engines") == "3sim7engines"
    assert counts_from_the_front("_ZN3sim7engines8compiled3runB3v3")
    assert counts_from_the_front("_ZN12intsim_inner3sim7engines6places5writeB")
    assert counts_from_the_front("_ZN3sim5rules7network9next_stepB")
    assert counts_from_the_front("_ZN3sim5rules12network_rows9fill_rowsB")
    assert not counts_from_the_front("_ZN3sim5rules9residents9next_stepB")
    assert not counts_from_the_front("_ZN3sim5rules4walk4walkB")


def test_the_rules_keep_pythons_meaning() -> None:
    array = np.arange(5) * 10
    assert entry_of("sim.rules.needs")(array, -2) == 30
    assert entry_of("sim.rules.needs", boundscheck=True)(array, -2) == 30


def test_engines_count_from_the_front() -> None:
    array = np.arange(5) * 10
    inner = array[2:]
    assert entry_of("sim.engines.compiled")(array, 3) == 30
    assert entry_of("sim.engines.compiled")(inner, -2) == 0  # what lies before it, and not its last but one
    with pytest.raises(IndexError):
        entry_of("sim.engines.compiled", boundscheck=True)(inner, -2)
