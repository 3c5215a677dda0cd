"""The monthly rules in the order the simulation calls them: fold, exits, select by lever, needs, background.

At the start of month m (00:00 on the 1st): ``fold_month`` closes month m-1 and moves slow states; then ``month_exits``
finds deaths and moves; ``lever_selection`` writes reach and returns the levers' own needs; ``month_needs`` the hazards'
needs; ``background_rows`` everyone else's.
"""

from __future__ import annotations

import numpy as np

from sim.codes import NO_CARE_HOME, PRESENT
from sim.engines.arena import Arena
from sim.jit import jit_entry, jit_small
from sim.rules.arrivals import Arrivals
from sim.rules.background import add_background, background_rows
from sim.rules.care_homes import step_care_home
from sim.rules.dating import await_dates, date_rest, room_for_dates
from sim.rules.draws import call_up, tell_ages
from sim.rules.dying import last_illnesses
from sim.rules.enrolment import enrol
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
from sim.rules.homes import Parted, leave_alone, note_home, parted_from
from sim.rules.levers import lever_room, lever_selection, levers_offer, offered_by
from sim.rules.mortality import month_exits
from sim.rules.needs import month_draws, month_needs, need_room, needs_arise
from sim.rules.social import step_hardship, step_practical
from sim.rules.steps import draw_steps, month_steps
from sim.rules.tables import ResidentTables

__all__ = ["background_rows", "fold_month", "lever_selection", "month_exits", "month_needs", "month_rows"]


@jit_small
def fold_person(tables, month, steps, k):  # type: ignore[no-untyped-def]
    """Fold the closed month of the ``k``-th of ``steps`` and step their slow states."""
    i = steps.who[k]
    age = steps.ages[k]
    fold_use(tables, i)
    fold_treatment(tables, i)
    fold_trust(tables, i, steps.participation[k])
    fold_tie(tables, i, steps.continuity[k])
    clear_month(tables, i)
    step_spike(tables, i, month, steps.spike[k])
    step_onset(tables, i, steps.bands[k], steps.onsets, steps.onset[k])
    step_frailty(tables, i, age, steps.own[k])
    step_practical(tables, i, month, age, steps.troubles, steps.resolutions, steps.social[:, k])
    step_hardship(tables, i)
    step_care_home(tables, i, month, age, steps.entries, steps.home[k])
    step_falls(tables, i)
    step_registration(tables, i, month)


@jit_entry
def fold_people(tables, month, start_s, steps, parted):  # type: ignore[no-untyped-def]
    """Fold the closed month and step the slow states of every present person; returns how many."""
    people = tables.people
    i = done = 0
    while i < len(people):
        first = i
        i, present = call_up(tables, i, steps)
        if i - first > present:
            for gone in range(first, i):
                if people[gone]["presence"] != PRESENT:
                    clear_month(tables, gone)
        tell_ages(tables, start_s, steps.who, present, steps.ages, steps.bands)
        draw_steps(tables, steps, present, month)
        for k in range(present):
            was_at_home = people[steps.who[k]]["care_home"] == NO_CARE_HOME
            fold_person(tables, month, steps, k)
            note_home(tables, steps.who[k], was_at_home, parted)
        done += present
    leave_alone(tables, start_s, parted)
    return done


def fold_month(tables: ResidentTables, month: int, start_s: int, parted: Parted | None = None) -> int:
    """Close month ``month`` - 1 and set the residents' states for ``month``, which starts at ``start_s``.

    Call it at the first month too (there is nothing to fold then). parted: households that somebody left in the month
    before (None: none is known), and room for those who move into care homes. Returns the number of people present.
    """
    if parted is None:
        parted = parted_from(np.zeros(0, np.int64), len(tables.people))
    return int(fold_people(tables, month, start_s, month_steps(tables), parted))


@jit_entry
def all_arrivals(tables, month, window, calendar_month, offered, draws, dates, arrivals, place):  # type: ignore[no-untyped-def]
    """Go once through the people present: what levers offer each, and the needs that arise; from where ``place`` says.

    offered: levers.Offered. place: int64[3], the next person, the next free place, and the room that as many people
    may take as are drawn for at once.
    """
    i, at = place[0], place[1]
    while i < len(tables.people) and at + place[2] <= len(arrivals):
        i, drawn = call_up(tables, i, draws)
        first = at
        at = levers_offer(tables, month, window[0], offered, draws, drawn, arrivals, at)
        at = needs_arise(tables, draws, drawn, month, window, calendar_month, arrivals, at)
        await_dates(tables, month, window, arrivals, first, at, dates)
        at = last_illnesses(tables, draws, drawn, month, window, arrivals, at)
    date_rest(tables, month, window, arrivals, dates)
    place[0], place[1] = i, at
    return i


def month_rows(
    tables: ResidentTables,
    month: int,
    window: tuple[int, int],
    month_of_year: int,
    background_days: int,
    open_now: np.ndarray,
    arena: Arena | None = None,
) -> np.ndarray:
    """Return ``open_now`` (ROW[]) and behind it every need of the month as ROW[], in order of time.

    What ``lever_selection``, ``month_needs`` and, for ``background_days`` above 0, ``background_rows`` make. The rows
    are lent by ``arena``: as long as somebody holds them, the next months have others.
    """
    room = lever_room(tables) + need_room(tables)
    arrivals = Arrivals(len(tables.people) + room, arena)
    place, draws, dates = np.array([0, 0, room], np.int64), month_draws(tables, month_of_year), room_for_dates()
    offered = offered_by(enrol(tables, month))
    while True:
        all_arrivals(tables, month, window, month_of_year, offered, draws, dates, arrivals.array, place)
        arrivals.made = int(place[1])
        if place[0] == len(tables.people):
            break
        arrivals.make_room(room)
    if background_days > 0:
        add_background(arrivals, tables, window[0], background_days)
    return arrivals.rows(window[0], open_now)
