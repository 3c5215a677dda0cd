"""The monthly rules in the order the simulation calls them: fold, select by lever, needs, background, exits.

At the start of month m (00:00 on the 1st): ``fold_month`` closes month m-1 and moves slow states; then
``lever_selection`` writes reach and returns the levers' own needs; ``month_needs`` the hazards' needs;
``background_rows`` everyone else's; ``month_exits`` deaths and moves.
"""

from __future__ import annotations

from sim.codes import PRESENT
from sim.jit import jit_entry
from sim.rules.background import background_rows
from sim.rules.care_homes import step_care_home
from sim.rules.health import (
    clear_month,
    fold_tie,
    fold_treatment,
    fold_trust,
    fold_use,
    step_falls,
    step_frailty,
    step_onset,
    step_registration,
    step_spike,
)
from sim.rules.levers import lever_selection
from sim.rules.mortality import month_exits
from sim.rules.needs import month_needs
from sim.rules.social import step_hardship, step_practical
from sim.rules.tables import ResidentTables

__all__ = ["background_rows", "fold_month", "lever_selection", "month_exits", "month_needs"]


@jit_entry
def fold_people(tables, month, start_s):  # type: ignore[no-untyped-def]
    """Fold the closed month and step the slow states of every present person; returns how many."""
    people = tables.people
    done = 0
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT:
            clear_month(tables, i)
            continue
        fold_use(tables, i)
        fold_treatment(tables, i)
        fold_trust(tables, i)
        fold_tie(tables, i)
        clear_month(tables, i)
        step_spike(tables, i, month)
        step_onset(tables, i, start_s)
        step_frailty(tables, i, start_s)
        step_practical(tables, i, month, start_s)
        step_hardship(tables, i)
        step_care_home(tables, i, month, start_s)
        step_falls(tables, i)
        step_registration(tables, i, month)
        done += 1
    return done


def fold_month(tables: ResidentTables, month: int, start_s: int) -> int:
    """Close month ``month`` - 1 and set the residents' states for ``month``, which starts at ``start_s``.

    Call it at the first month too (there is nothing to fold then). Returns the number of people present.
    """
    return int(fold_people(tables, month, start_s))
