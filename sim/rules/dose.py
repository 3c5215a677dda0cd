"""How much of a lever reaches a resident: reach is a choice of the design, effect is evidence times its strength."""

from __future__ import annotations

from sim.codes import PARTICIPATION
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.keys import uniform
from sim.rules.stages import SECONDS_PER_MEAN_MONTH


@jit_small
def lever_column(tables, i):  # type: ignore[no-untyped-def]
    """Return the column of ``lever_reach`` and ``lever_effect`` for person ``i``.

    One per INT as its design has it, then one per INT for communities its design is not for: today's doses.
    """
    team = int(tables.people[i]["team"])
    return team + len(tables.teams) * int(tables.communities[tables.people[i]["community"]]["outside_design"])


@jit_borrowing
def reach_of(tables, i, lever):  # type: ignore[no-untyped-def]
    """Return the lever's reach where person ``i`` lives, in the INT that serves them."""
    worst = tables.teams[tables.people[i]["team"]]["engagement_worst_quintile"]
    quintile = tables.communities[tables.people[i]["community"]]["local_quintile"]
    if lever == PARTICIPATION and worst > 0 and quintile > worst:
        return 0.0
    return tables.lever_reach[lever, lever_column(tables, i)]


@jit_small
def effect_of(tables, i, lever):  # type: ignore[no-untyped-def]
    """Return the strength of the lever's effect on person ``i``: 0 none, 1 as the evidence says."""
    return tables.lever_effect[lever, lever_column(tables, i)]


@jit_small
def is_reached(tables, i, lever):  # type: ignore[no-untyped-def]
    """Return whether a lever with a standing reach has reached person ``i``: the same people, and more as it grows."""
    reach = reach_of(tables, i, lever)
    return reach > 0.0 and uniform(tables.seed[0], tables.people[i]["key"], purposes.REACHED + lever, 0) < reach


@jit_small
def standing_dose(tables, i, lever):  # type: ignore[no-untyped-def]
    """Return the effect of a lever with a standing reach on person ``i`` (0 where it has not reached them)."""
    return effect_of(tables, i, lever) if is_reached(tables, i, lever) else 0.0


@jit_small
def drawn_dose(tables, i, lever, u):  # type: ignore[no-untyped-def]
    """Return ``standing_dose`` where the draw of ``is_reached`` is at hand."""
    return effect_of(tables, i, lever) if u < reach_of(tables, i, lever) else 0.0


@jit_small
def month_number(now):  # type: ignore[no-untyped-def]
    """Return the month of ``now`` + 1 as `reach` records it, in mean months: a pathway knows seconds, not calendars."""
    return now // SECONDS_PER_MEAN_MONTH + 1


@jit_small
def dose(effect, ratio):  # type: ignore[no-untyped-def]
    """Return 1 + effect x (ratio - 1): a rate ratio at part of its dose, above or below 1; never below 0."""
    scaled = 1.0 + effect * (ratio - 1.0)
    return scaled if scaled > 0.0 else 0.0


@jit_borrowing
def odds_scaled(chance, ratio):  # type: ignore[no-untyped-def]
    """Return the probability whose odds are ``ratio`` times those of ``chance``."""
    if chance <= 0.0 or chance >= 1.0:
        return chance
    odds = chance / (1.0 - chance) * ratio
    return odds / (1.0 + odds)
