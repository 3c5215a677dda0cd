"""Sets as bits of a word: the lowest member."""

from __future__ import annotations

from typing import Any

from numba.cpython.unsafe.numbers import trailing_zeros as trailing_zeros_of
from numba.extending import overload

trailing_zeros: Any = trailing_zeros_of


def lowest_bit(word):  # type: ignore[no-untyped-def]
    """Return the place of the lowest bit set in ``word``, not 0."""
    return (int(word) & -int(word)).bit_length() - 1


@overload(lowest_bit)
def _lowest_bit_compiled(word):  # type: ignore[no-untyped-def]
    def call(word):  # type: ignore[no-untyped-def]
        return trailing_zeros(word)

    return call
