"""Indices in the engines count from the front: compiled code need not ask whether they count from the end.

Python lets ``array[-1]`` mean the last, so Numba asks of every index whether it is negative, which is a tenth of what
an event costs. The engines' functions and a network's never use it: run with bounds checking on (NUMBA_BOUNDSCHECK=1),
where a negative index in them is an error, they say so. The rules keep Python's meaning.

This reaches into Numba, which constraints.txt pins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.np import arrayobj

FROM_THE_FRONT = ("sim.engines", "sim.rules.network", "sim.rules.network_rows")  # modules, and all within them


def mangled(module: str) -> str:
    """Return how the name of a module stands in the names of compiled functions: each part after its length."""
    return "".join(f"{len(part)}{part}" for part in module.split("."))


MANGLED = tuple(mangled(module) for module in FROM_THE_FRONT)


def counts_from_the_front(function_name: str) -> bool:
    """Return whether a compiled function, by its mangled name, is one whose indices are never negative."""
    return any(name in function_name for name in MANGLED)


def index_with(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``fix_integer_index`` that takes indices of such functions as they are."""

    def fix_integer_index(context: Any, builder: Any, idxty: Any, idx: Any, size: Any) -> Any:
        if counts_from_the_front(builder.function.name):
            return context.cast(builder, idx, idxty, types.intp if idxty.signed else types.uintp)
        return original(context, builder, idxty, idx, size)

    return fix_integer_index


def count_from_the_front() -> None:
    """Make Numba do so; doing it twice changes nothing."""
    if not hasattr(arrayobj, "_intsim_counts_from_the_front"):
        arrayobj.fix_integer_index = index_with(arrayobj.fix_integer_index)
        arrayobj._intsim_counts_from_the_front = True  # type: ignore[attr-defined]
