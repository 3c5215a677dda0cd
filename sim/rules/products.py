"""Products of mediators compiled for one kind of need: with the kind known, most of what is asked falls away."""

from __future__ import annotations

from typing import Any

from sim.jit import jit_small
from sim.rules.mediators import PLAYING, played


def product_for(need_type: int) -> Any:
    """Return a compiled ``multiplier`` of one kind of need: with the kind known, most of what is asked falls away."""
    return never_negative(need_type, product_of(need_type, PLAYING.get(need_type, ())))


def never_negative(need_type: int, product: Any) -> Any:
    """Return ``product`` with nothing below 0."""

    def not_below_zero(tables, i):  # type: ignore[no-untyped-def]
        value = product(tables, i)
        return value if value > 0.0 else 0.0

    return jit_small(named(not_below_zero, need_type))


def product_of(need_type: int, parts: tuple[int, ...]) -> Any:
    """Return a compiled product of the mediators ``parts`` for one kind of need, from the first to the last."""
    if not parts:

        def nothing(tables, i):  # type: ignore[no-untyped-def]
            return 1.0

        return jit_small(named(nothing, need_type))
    before, last = product_of(need_type, parts[:-1]), parts[-1]

    def product(tables, i):  # type: ignore[no-untyped-def]
        return before(tables, i) * played(tables, i, need_type, last)

    return jit_small(named(product, need_type, *parts))


def named(function: Any, *numbers: int) -> Any:
    """Give a function made for certain numbers a name of its own, and return it."""
    function.__name__ = "_".join([function.__name__, *map(str, numbers)])
    return function
