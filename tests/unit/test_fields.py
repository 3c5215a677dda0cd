"""One of several fields of a record: the same by Python and compiled, for every place."""

from __future__ import annotations

import numpy as np
import pytest

from sim.fields import one_of
from sim.jit import jit

PARAMS = np.array([(1.5, 2.5, 3.5, 4.5)], np.dtype([(name, "f8") for name in "abcd"]))
BACKWARDS = one_of("d", "b", "b", "a")
MIXED = one_of("a", "n")


@jit
def read_compiled(params: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return what stands at each of ``places``."""
    found = np.zeros(len(places))
    for k in range(len(places)):
        found[k] = BACKWARDS(params[0], places[k])
    return found


@jit
def read_mixed(params: np.ndarray) -> float:
    """Return a field of a record whose fields are not alike."""
    return MIXED(params[0], 0)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.int8, np.uint8])
def test_each_place_reads_its_own_field(kind: type) -> None:
    places = np.array([3, 0, 1, 2, 0], kind)
    expected = [1.5, 4.5, 2.5, 2.5, 4.5]
    assert read_compiled(PARAMS, places).tolist() == expected
    assert [BACKWARDS(PARAMS[0], int(place)) for place in places] == expected


def test_a_field_that_is_no_float_is_refused_when_compiled() -> None:
    with pytest.raises(Exception, match="one_of"):
        read_mixed(np.array([(1.0, 2)], np.dtype([("a", "f8"), ("n", "i8")])))


def test_a_place_beyond_the_last_is_an_error_in_python() -> None:
    with pytest.raises(IndexError):
        BACKWARDS(PARAMS[0], 4)
