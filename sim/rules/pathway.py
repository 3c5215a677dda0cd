"""The pathway is an argument of the engine: the type of its tables says which state machine is asked.

Compiled code chooses at compile time (so compiled engines stay cacheable), Python at the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.extending import overload

from sim.rules import network, residents

BEGIN: dict[str, Callable[..., Any]] = {
    "NetworkTables": network.begin_episode,
    "ResidentTables": residents.begin_episode,
}
NEXT: dict[str, Callable[..., Any]] = {
    "NetworkTables": network.next_step,
    "ResidentTables": residents.next_step,
}
AHEAD: dict[str, Callable[..., Any]] = {
    "NetworkTables": network.look_ahead,
    "ResidentTables": residents.look_ahead,
}
ASK: dict[str, Callable[..., Any]] = {
    "NetworkTables": network.ask_for_person,
    "ResidentTables": residents.ask_for_person,
}


def look_ahead(tables, rows, r):  # type: ignore[no-untyped-def]
    """Do nothing: it is only compiled code that may say what memory it will want."""


def ask_for_person(tables, rows, r):  # type: ignore[no-untyped-def]
    """Do nothing: as ``look_ahead``."""


def begin_episode(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    """Return the need's first step: (kind, service, duration_s, priority, patience_s, keep, outcome)."""
    return BEGIN[type(tables).__name__](tables, rows, r, now, in_acute)


def next_step(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    """Return the step after ``event`` (codes.SERVED, RENEGED or STAYED) for row ``r``; the tuple of begin_episode."""
    return NEXT[type(tables).__name__](tables, rows, r, now, event, in_acute)


@overload(begin_episode)
def _begin_compiled(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
    chosen = BEGIN[tables.instance_class.__name__]

    def call(tables, rows, r, now, in_acute):  # type: ignore[no-untyped-def]
        return chosen(tables, rows, r, now, in_acute)

    return call


@overload(next_step)
def _next_compiled(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
    chosen = NEXT[tables.instance_class.__name__]

    def call(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
        return chosen(tables, rows, r, now, event, in_acute)

    return call


@overload(look_ahead)
def _ahead_compiled(tables, rows, r):  # type: ignore[no-untyped-def]
    chosen = AHEAD[tables.instance_class.__name__]

    def call(tables, rows, r):  # type: ignore[no-untyped-def]
        chosen(tables, rows, r)

    return call


@overload(ask_for_person)
def _ask_compiled(tables, rows, r):  # type: ignore[no-untyped-def]
    chosen = ASK[tables.instance_class.__name__]

    def call(tables, rows, r):  # type: ignore[no-untyped-def]
        chosen(tables, rows, r)

    return call
