"""Whether a resident takes up what a lever offers: the effort it asks, by trust, language and digital access.

An offer alone reaches the confident first, so a lever may widen a gap; the odds here say how far.
"""

from __future__ import annotations

from sim.jit import jit_borrowing, jit_small
from sim.rules.dose import odds_scaled
from sim.rules.keys import uniform
from sim.rules.maths import exp, power
from sim.rules.needs import trust_of


@jit_borrowing
def uptake_chance(tables, i, base, digital_route):  # type: ignore[no-untyped-def]
    """Return the probability that person ``i`` takes up an offer that ``base`` of average residents do.

    ``digital_route`` 1: the offer comes by text message or online.
    """
    p = tables.params[0]
    person = tables.people[i]
    odds = power(p["uptake_or_trust"], trust_of(tables, i))
    if person["language"] != 0:
        odds = odds * p["uptake_or_language"]
    if digital_route == 1 and person["digital"] == 0:
        odds = odds * p["uptake_or_not_digital"]
    return odds_scaled(base, odds)


@jit_small
def door_chance(tables, i):  # type: ignore[no-untyped-def]
    """Return the chance that person ``i``'s door opens to a worker who knocks: the likelier the more trust."""
    p = tables.params[0]
    return odds_scaled(p["outreach_open_door_base"], exp(p["outreach_door_trust"] * trust_of(tables, i)))


@jit_small
def takes_up(tables, i, base, purpose, month):  # type: ignore[no-untyped-def]
    """Return whether person ``i`` takes up an offer made in person this month, keyed by ``purpose`` and month."""
    u = uniform(tables.seed[0], tables.people[i]["key"], purpose, month)
    return u < uptake_chance(tables, i, base, 0)


@jit_small
def offered(tables, i, reach, purpose, month):  # type: ignore[no-untyped-def]
    """Return whether a lever of monthly ``reach`` comes to person ``i`` this month."""
    return reach > 0.0 and uniform(tables.seed[0], tables.people[i]["key"], purpose, month) < reach
