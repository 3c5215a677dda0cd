"""Who the levers reach this month, and the needs they make.

Zero effect: a lever whose effect is 0 writes `reach` and nothing else. Isolation: selection reads the person's own
columns and keys alone; only a caseload that is full makes one person's place depend on another's score.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import (
    CASE_FINDING,
    COLOCATION,
    CONTINUITY,
    DEBT,
    EXTENDED_ACCESS,
    HOUSING,
    NO_CARE_HOME,
    OUTREACH_LEVER,
    PARTICIPATION,
    POOR_HOUSING,
    PRACTICAL_NEED,
    PREVENTION,
    SHARED_RECORDS,
    WELFARE_ADVICE,
)
from sim.jit import jit_entry, jit_small
from sim.rules.arrivals import Arrivals
from sim.rules.case_finding import find_case
from sim.rules.dating import await_dates, date_rest, room_for_dates
from sim.rules.dose import reach_of
from sim.rules.draws import FLAGS, PEOPLE, STANDING, call_up, draw_selection, draw_standing, room_for_draws
from sim.rules.enrolment import apply_coordination, enrol
from sim.rules.needs import LEVER_K, arise
from sim.rules.stages import AT_SERVICE, BOOKED_BY_OUTREACH
from sim.rules.tables import NEED_KINDS, ResidentTables
from sim.rules.visiting import (
    FOR_ADVICE,
    SEVERE,
    offer_advice,
    offer_falls_class,
    offer_link_worker,
    offer_repair,
    round_care_home,
    visit_home,
)

LEVER_OFFERS = 2 * NEED_KINDS  # more than the other levers ever offer one person in a month
ONE_IN = 2  # of residents has an offer a month, at first guess: room is made for more


@passed_by_reference
class Offered(NamedTuple):
    """What levers offer the person at hand. active: enrolment.enrol's. counts: int32[NEED_KINDS] needs that follow.

    asked: uint8[1], what practical needs are for.
    """

    active: np.ndarray
    counts: np.ndarray
    asked: np.ndarray


def offered_by(active: np.ndarray) -> Offered:
    """Return room for offers: none so far."""
    return Offered(active, np.zeros(NEED_KINDS, np.int32), np.zeros(1, np.uint8))


@jit_small
def leave_recorded(tables, draws, people):  # type: ignore[no-untyped-def]
    """Take the mark from those of whom it is recorded that the lever got to them. In the order of draws.STANDING."""
    near = draws.near
    for k in range(people):
        reach = tables.reach[draws.who[k]]
        near[0, k] &= np.uint8(reach["continuity"] == 0)
        near[1, k] &= np.uint8(reach["participation"] == 0)
        near[2, k] &= np.uint8(reach["colocation"] == 0)
        near[3, k] &= np.uint8(reach["shared_records"] == 0)
        near[4, k] &= np.uint8(reach["extended_access"] == 0)


@jit_small
def record(reach, lever, month):  # type: ignore[no-untyped-def]
    """Write into somebody's ``reach`` since when a lever of draws.STANDING has got to them."""
    if lever == CONTINUITY:
        reach["continuity"] = month
    elif lever == PARTICIPATION:
        reach["participation"] = month
    elif lever == COLOCATION:
        reach["colocation"] = month
    elif lever == SHARED_RECORDS:
        reach["shared_records"] = month
    elif lever == EXTENDED_ACCESS:
        reach["extended_access"] = month


@jit_small
def record_standing(tables, draws, people, month):  # type: ignore[no-untyped-def]
    """Record when a lever with a standing reach first got to one of the first ``people`` of ``draws``.

    Their effects are read where they act.
    """
    draw_standing(tables, draws, people)
    leave_recorded(tables, draws, people)
    for place in range(len(STANDING)):
        for word in range(PEOPLE // FLAGS):
            if draws.nearby[place, word] == 0:
                continue
            for k in range(word * FLAGS, min(people, word * FLAGS + FLAGS)):
                i = draws.who[k]
                if draws.near[place, k] != 0 and reach_of(tables, i, STANDING[place]) > 0.0:
                    record(tables.reach[i], STANDING[place], month + 1)


@jit_small
def mark_asked(tables, draws, people, active):  # type: ignore[no-untyped-def]
    """Mark to whom of the first ``people`` of ``draws`` any lever of ``select_person`` may have something to offer.

    Nothing there does anything for the others: each lever ends at the condition that is asked for here, without
    branches and of many at once, as most people meet none.
    """
    link_frequent_ed = tables.params[0]["link_frequent_ed"]
    for k in range(people):
        i, column = draws.who[k], draws.columns[k]
        found, visited = tables.lever_reach[CASE_FINDING, column], tables.lever_reach[OUTREACH_LEVER, column]
        person = tables.people[i]
        social = np.int64(person["social"])
        asked = (draws.search[k] < found) | ((draws.round[k] < visited) & (person["visited_home"] == 1))
        asked |= (active[i] == 1) | (person["enrolled"] == 1) | (person["care_home"] != NO_CARE_HOME)
        asked |= (tables.reach[i]["social_prescribing"] < 0) | (person["recent_ed"] >= link_frequent_ed)
        asked |= ((social & DEBT) != 0) | ((social & POOR_HOUSING) != 0)
        asked |= (person["frailty"] > 0) & (person["frailty"] < SEVERE)
        draws.asked[k] = np.uint8(asked)


@jit_small
def select_person(tables, draws, k, month, now, offered):  # type: ignore[no-untyped-def]
    """Let every lever without a standing reach select the ``k``-th of ``draws`` and make its offers."""
    i = draws.who[k]
    active, counts, asked = offered.active, offered.counts, offered.asked
    find_case(tables, i, month, now, draws.search[k], counts)
    visit_home(tables, i, month, draws.round[k], counts)
    apply_coordination(tables, i, active, counts)
    round_care_home(tables, i, month, counts)
    offer_link_worker(tables, i, month, now, counts)
    offer_advice(tables, i, month, counts, asked)
    offer_repair(tables, i, month, counts, asked)
    offer_falls_class(tables, i, month, now, counts)


@jit_small
def offers_arise(tables, i, offered, arrivals, at):  # type: ignore[no-untyped-def]
    """Write what the levers offer person ``i`` as needs, and clear the offers; return the place after them.

    A practical need says in its stage which service it is for: where one person has both, advice comes first. What an
    outreach worker books and goes along to says in its stage whose it is.
    """
    counts, asked = offered.counts, offered.asked
    some = 0
    for need_type in range(NEED_KINDS):
        some |= counts[need_type]
    if some == 0:
        return at
    for need_type in range(NEED_KINDS):
        number = counts[need_type]
        if number == 0:
            continue
        counts[need_type] = 0
        for k in range(LEVER_K, LEVER_K + number):
            stage = 0
            if need_type == PREVENTION:
                stage = BOOKED_BY_OUTREACH
            elif need_type == PRACTICAL_NEED:
                stage = AT_SERVICE + HOUSING
                if int(asked[0]) & FOR_ADVICE:
                    stage = AT_SERVICE + WELFARE_ADVICE
                    asked[0] = int(asked[0]) & ~FOR_ADVICE
            at = arise(tables, i, need_type, 1, k, stage, arrivals, at)
    asked[0] = 0
    return at


@jit_small
def levers_offer(tables, month, start_s, offered, draws, people, arrivals, at):  # type: ignore[no-untyped-def]
    """Let the levers go once through the first ``people`` of ``draws``; return the place after what they offer."""
    record_standing(tables, draws, people, month)
    draw_selection(draws, people, month)
    mark_asked(tables, draws, people, offered.active)
    for word in range(PEOPLE // FLAGS):
        if draws.all_asked[word] == 0:
            continue
        for k in range(word * FLAGS, min(people, word * FLAGS + FLAGS)):
            if draws.asked[k] != 0:
                select_person(tables, draws, k, month, start_s, offered)
                at = offers_arise(tables, draws.who[k], offered, arrivals, at)
    return at


@jit_entry
def all_offers(tables, month, window, offered, draws, dates, arrivals, place):  # type: ignore[no-untyped-def]
    """Let the levers go once through the people present; as ``needs.all_needs``, from where ``place`` says."""
    i, at = place[0], place[1]
    while i < len(tables.people) and at + place[2] <= len(arrivals):
        i, drawn = call_up(tables, i, draws)
        first, at = at, levers_offer(tables, month, window[0], offered, draws, drawn, arrivals, at)
        await_dates(tables, month, window, arrivals, first, at, dates)
    date_rest(tables, month, window, arrivals, dates)
    place[0], place[1] = i, at
    return i


def lever_room(tables: ResidentTables) -> int:
    """Return how many needs levers can make in a month, at the most, for all who are drawn for at once."""
    p = tables.params[0]
    return PEOPLE * (LEVER_OFFERS + int(p["care_home_rounds_per_month"]) + int(p["find_contacts"]))


def lever_arrivals(tables: ResidentTables, month: int, start_s: int, end_s: int) -> Arrivals:
    """Select by every lever, record `reach`, and return the needs that levers make."""
    room = lever_room(tables)
    arrivals = Arrivals(len(tables.people) // ONE_IN + room)
    place = np.array([0, 0, room], np.int64)
    offered, draws, dates = offered_by(enrol(tables, month)), room_for_draws(), room_for_dates()
    while True:
        all_offers(tables, month, (start_s, end_s), offered, draws, dates, arrivals.array, place)
        arrivals.made = int(place[1])
        if place[0] == len(tables.people):
            return arrivals
        arrivals.make_room(room)


def lever_selection(tables: ResidentTables, month: int, start_s: int, end_s: int) -> np.ndarray:
    """Select by every lever, record `reach`, and return the needs levers make as ROW[] in [start_s, end_s).

    Discharge support selects at each admission (the hospital's rules), not here. A practical need that a lever makes
    says in its stage which service it is for.
    """
    return lever_arrivals(tables, month, start_s, end_s).rows(start_s)
