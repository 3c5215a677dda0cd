"""Computed indices count from the front: compiled code need not ask whether they count from the end.

Python lets ``array[-1]`` mean the last, so Numba asks of every index whether it is negative: a tenth of what an event
costs. Code compiled without reference counting is ours alone (jit.py), and there every index that is computed is a
place, 0 or more; only a negative constant means a place from the end. Run with bounds checking on
(NUMBA_BOUNDSCHECK=1), where a negative one is an IndexError, it says so. Everything else keeps Python's meaning.

This reaches into Numba, which constraints.txt pins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core.types import intp, uintp
from numba.np import arrayobj


def index_with(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``fix_integer_index`` that takes computed indices of our code as they are."""

    def fix_integer_index(context: Any, builder: Any, idxty: Any, idx: Any, size: Any) -> Any:
        from_end = isinstance(idx, ir.Constant) and idx.constant < 0
        if context.enable_nrt or from_end:
            return original(context, builder, idxty, idx, size)
        return context.cast(builder, idx, idxty, intp if idxty.signed else uintp)

    return fix_integer_index


def count_from_the_front() -> None:
    """Make Numba do so; doing it twice changes nothing."""
    if not hasattr(arrayobj, "_intsim_counts_from_the_front"):
        arrayobj.fix_integer_index = index_with(arrayobj.fix_integer_index)
        arrayobj._intsim_counts_from_the_front = True  # type: ignore[attr-defined]
