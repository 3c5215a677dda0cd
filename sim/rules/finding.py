"""Hidden need that a contact brings to light."""

from __future__ import annotations

from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.contacts import draw
from sim.rules.needs import drawn_bit


@jit_small
def find_hidden(tables, rows, r, purpose, share):  # type: ignore[no-untyped-def]
    """Make one hidden condition known with probability ``share``; say whether one was found."""
    i = rows[r]["person"]
    hidden = int(tables.people[i]["conditions"]) & ~int(tables.people[i]["known"])
    if hidden == 0 or draw(tables, rows, r, purpose) >= share:
        return False
    bit = drawn_bit(hidden, draw(tables, rows, r, purposes.FOUND_CONDITION))
    tables.people[i]["known"] = int(tables.people[i]["known"]) | (1 << bit)
    return True
