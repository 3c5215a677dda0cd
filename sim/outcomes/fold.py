"""Counts one closed month in a single pass over its log, open rows and people: the totals of every table.

What is counted, and when, is defined in sim/outcomes/reducer.py; sim/outcomes/by_events.py says the same person by
person and is much slower. What is known of an episode is found by its need id, and each record is walked as it is
read: an episode's contacts close in their order, where no place is held beyond one. From a contact on with a service
where places are held, or with ambulances, an episode's records are put aside, put in order and walked together. What
goes on into the next month is kept in EPISODE. All sums are of whole numbers.
"""

from __future__ import annotations

import numpy as np

from sim.calendar import DAY_S
from sim.codes import (
    AMBULANCE,
    ASSESSMENT,
    BED,
    CHILDHOOD_ACUTE,
    ED,
    EXACERBATION,
    FREE,
    NEVER,
    OFFERED_KINDS,
    OUT_LOST,
    OUT_UNMET,
    PLACE_COUNT_KINDS,
    RENEGED,
    SCHEDULED,
    SERVED,
    SERVICE_KINDS,
)
from sim.jit import jit_borrowing, jit_entry, jit_small
from sim.outcomes.columns import (
    COLUMN,
    CONVEYED_ACUITY_1,
    CONVEYED_CATEGORY_1,
)
from sim.outcomes.contacts import OPEN
from sim.outcomes.episodes import FROM_NEED, NO_SERVICE, NO_SPELL, write_episode
from sim.outcomes.flows import NODE_OF_OUTCOME
from sim.outcomes.fold_contacts import (
    N_ADMISSIONS,
    N_NEEDS,
    N_UNMET,
    T_NEEDS,
    T_UNMET,
    add,
    add_need,
    count_at_service,
    count_contact,
    level,
)
from sim.outcomes.fold_open import find_open
from sim.outcomes.month_books import (
    ADMITTED_N,
    EPISODES_N,
    KEPT_N,
    OPEN_N,
    OUT_OF_ORDER_N,
    STRUNG_N,
)
from sim.outcomes.panel import ACUITIES, CATEGORIES
from sim.prefetch import fetch

HASH = np.uint64(0x9E3779B97F4A7C15)
HASH_SHIFT = np.uint64(20)
FAR, NEAR = 16, 8  # records, rows or episodes ahead: how soon memory is asked for
MOST_ENDS = 1 << 16  # the end of an episode comes after its contacts
STRUNG = np.array([kind == AMBULANCE or kind in PLACE_COUNT_KINDS for kind in range(SERVICE_KINDS)])
TOO_MANY, OUT_OF_ORDER = -1, -2  # why a month cannot be folded
NEEDS, NEEDS_UNMET = COLUMN["needs"], COLUMN["needs_unmet"]
ADMISSIONS, ASSESSMENT_ADMISSIONS = COLUMN["emergency_admissions"], COLUMN["assessment_admissions"]
ACSC_ADMISSIONS, CHILDHOOD_ADMISSIONS = COLUMN["acsc_admissions"], COLUMN["childhood_acute_admissions"]
READMISSIONS, SPELL_DAYS = COLUMN["readmissions"], COLUMN["spell_days"]
ZERO_DAY_SPELLS, LONGER_SPELLS = COLUMN["zero_day_spells"], COLUMN["longer_spells"]
EPISODES, CHANGES, STORIES = COLUMN["episodes"], COLUMN["service_changes"], COLUMN["stories_repeated"]


@jit_small
def record_of(b, number):  # type: ignore[no-untyped-def]
    """Return a record by number: those of the log, then those of contacts still open."""
    if number < len(b.log):
        return b.log[number]
    return b.still_open[number - len(b.log)]


@jit_small
def slot_of(b, need):  # type: ignore[no-untyped-def]
    """Return the slot at which an episode is looked for first."""
    return ((need * HASH) >> HASH_SHIFT) & np.uint64(len(b.slots) - 1)


@jit_borrowing
def episode_of(b, need):  # type: ignore[no-untyped-def]
    """Return the place of an episode in ``episodes``, where it is put if it is new."""
    mask = np.uint64(len(b.slots) - 1)
    slot = slot_of(b, need)
    while True:
        e = b.slots[slot]
        if e < 0:
            e = b.numbers[EPISODES_N]
            b.numbers[EPISODES_N] = e + 1
            b.slots[slot] = e
            fresh = b.episodes[e]
            fresh["need"] = need
            fresh["seen"] = 0
            fresh["began_s"] = NO_SPELL
            fresh["until_s"] = NO_SPELL
            fresh["node"] = FROM_NEED
            fresh["kind"] = NO_SERVICE
            fresh["admitted"] = 0
            fresh["latest"] = -1
            fresh["step"] = -1
            return e
        if b.episodes[e]["need"] == need:
            return np.int64(e)
        slot = (slot + np.uint64(1)) & mask


@jit_small
def step_of(one):  # type: ignore[no-untyped-def]
    """Return a record's place within its episode."""
    return np.int64(one["ordinal"]) if one["service"] >= 0 else MOST_ENDS


@jit_small
def in_order(b, e, order):  # type: ignore[no-untyped-def]
    """Write an episode's records into ``order`` by step; return how many fit, or -1 where they do not."""
    n = 0
    number = np.int64(b.episodes[e]["latest"])
    while number >= 0:
        if n == len(order):
            return -1
        step = step_of(record_of(b, number))
        j = n
        while j > 0 and step_of(record_of(b, order[j - 1])) > step:
            order[j] = order[j - 1]
            j -= 1
        order[j] = number
        n += 1
        number = np.int64(b.before[number])
    return n


@jit_small
def follow_ambulance(b, one, kind, crew):  # type: ignore[no-untyped-def]
    """Count a crew's contact that led straight to this one with ED; return the number of a crew's contact, or -1.

    ``crew``: number of the record before this one among those with ambulance or ED, if a crew's that was served.
    """
    if kind == ED and crew >= 0:
        called = record_of(b, crew)
        if one["joined"] <= called["left"]:
            add(b, one["person"], CONVEYED_CATEGORY_1 + level(called["priority"], CATEGORIES), 1)
            add(b, one["person"], CONVEYED_ACUITY_1 + level(one["acuity"], ACUITIES), 1)


@jit_small
def follow_journey(b, episode, one, kind):  # type: ignore[no-untyped-def]
    """Count a change of service, and a story told again to a service that is new to the episode."""
    before = episode["kind"]
    bit = np.int64(1) << kind
    if before != NO_SERVICE:
        if kind != before:
            add(b, one["person"], CHANGES, 1)
        if episode["seen"] & bit == 0:
            add(b, one["person"], STORIES, 1)
    episode["seen"] |= bit
    episode["kind"] = kind


@jit_small
def follow_flow(b, episode, one, target):  # type: ignore[no-untyped-def]
    """Count the step of the journey that this record is."""
    b.flows[episode["node"], target] += 1
    if one["service"] >= 0:
        episode["node"] = target


@jit_small
def follow_contact(b, episode, one, kind):  # type: ignore[no-untyped-def]
    """Count what a contact with a service of ``kind`` is in the episode's course."""
    how = one["how"]
    if how == SERVED:
        follow_journey(b, episode, one, kind)
    if how != OPEN and (one["started"] >= 0 or how == RENEGED):
        follow_flow(b, episode, one, 1 + kind)


@jit_small
def forget_spell(episode):  # type: ignore[no-untyped-def]
    """Write that no spell in hospital is under way."""
    episode["began_s"] = NO_SPELL
    episode["until_s"] = NO_SPELL


@jit_small
def admit(b, episode, one, kind):  # type: ignore[no-untyped-def]
    """Count an emergency admission."""
    person, need_type = one["person"], one["need_type"]
    add(b, person, ADMISSIONS, 1)
    add_need(b, person, need_type, N_ADMISSIONS)
    b.admitted[b.numbers[ADMITTED_N]] = person
    b.numbers[ADMITTED_N] += 1
    if kind == ASSESSMENT:
        add(b, person, ASSESSMENT_ADMISSIONS, 1)
    if need_type == EXACERBATION:
        add(b, person, ACSC_ADMISSIONS, 1)
    if need_type == CHILDHOOD_ACUTE:
        add(b, person, CHILDHOOD_ADMISSIONS, 1)
    if episode["admitted"] == 1:
        add(b, person, READMISSIONS, 1)
    episode["admitted"] = 1


@jit_small
def discharge(b, one, began_s):  # type: ignore[no-untyped-def]
    """Count a completed spell by length: the date of leaving less the date of admission."""
    nights = one["left"] // DAY_S - began_s // DAY_S
    add(b, one["person"], ZERO_DAY_SPELLS if nights == 0 else LONGER_SPELLS, 1)
    add(b, one["person"], SPELL_DAYS, nights)


@jit_small
def goes_on(b, order, k, n):  # type: ignore[no-untyped-def]
    """Return whether the stay at place ``k`` of an episode is followed directly by another."""
    left = record_of(b, order[k])["left"]
    for later in range(k + 1, n):
        one = record_of(b, order[later])
        if one["service"] < 0:
            return False
        kind = b.kinds[one["service"]]
        if kind in (ASSESSMENT, BED):
            return one["joined"] <= left
    return False


@jit_small
def follow_spell(b, episode, order, k, n, kind, window):  # type: ignore[no-untyped-def]
    """Follow the spell in hospital that a stay belongs to: its admission, and its discharge.

    Those that never started are stays too: people who wait for a bed go on with a spell they are in.
    """
    one = record_of(b, order[k])
    if one["joined"] > episode["until_s"]:
        episode["began_s"] = NO_SPELL
    started = one["started"]
    if episode["began_s"] < 0 and started >= 0:
        episode["began_s"] = started
        if window[0] <= started < window[1]:
            admit(b, episode, one, kind)
    began_s = episode["began_s"]
    episode["until_s"] = one["left"]
    if goes_on(b, order, k, n):
        return
    if one["how"] == OPEN:
        episode["until_s"] = NEVER if started >= 0 else one["joined"]
        return
    if began_s >= 0:
        discharge(b, one, began_s)
    forget_spell(episode)


@jit_small
def end_episode(b, episode, one):  # type: ignore[no-untyped-def]
    """Count the end of an episode."""
    person = one["person"]
    if episode["kind"] != NO_SERVICE:
        add(b, person, EPISODES, 1)
    if (one["outcome"] == OUT_UNMET or one["outcome"] == OUT_LOST) and one["need_type"] not in OFFERED_KINDS:
        add(b, person, NEEDS_UNMET, 1)
        add_need(b, person, one["need_type"], N_UNMET)
        b.tallies[b.where[person]["team"], T_UNMET] += 1
    follow_flow(b, episode, one, NODE_OF_OUTCOME[one["outcome"]])


@jit_small
def fetch_record(b, number):  # type: ignore[no-untyped-def]
    """Ask for a record."""
    if number < len(b.log):
        fetch(b.log, number)
    else:
        fetch(b.still_open, number - len(b.log))


@jit_small
def look_ahead_of(b, k):  # type: ignore[no-untyped-def]
    """Ask for what walking the strung episodes after the ``k``-th will need."""
    if k + FAR < b.numbers[STRUNG_N]:
        far = np.int64(b.episodes[b.strung[k + FAR]]["latest"])
        fetch_record(b, far)
        fetch(b.before, far)


@jit_borrowing
def walk_episode(b, e, order, n, window):  # type: ignore[no-untyped-def]
    """Walk the records of one episode that were put aside, in order."""
    episode = b.episodes[e]
    crew = -1
    stayed = False
    for k in range(n):
        one = record_of(b, order[k])
        if one["service"] < 0:
            end_episode(b, episode, one)
            continue
        kind = b.kinds[one["service"]]
        count_contact(b, one, kind, window[0], window[1])
        if kind in (AMBULANCE, ED):
            follow_ambulance(b, one, kind, crew)
            crew = order[k] if kind == AMBULANCE and one["how"] == SERVED else -1
        elif kind in (ASSESSMENT, BED):
            stayed = True
            follow_spell(b, episode, order, k, n, kind, window)
        follow_contact(b, episode, one, kind)
    if not stayed:
        forget_spell(episode)


@jit_borrowing
def walk_strung(b, order, window):  # type: ignore[no-untyped-def]
    """Walk the records that were put aside, episode by episode; return 0, or TOO_MANY where ``order`` is too short."""
    for k in range(b.numbers[STRUNG_N]):
        look_ahead_of(b, k)
        e = np.int64(b.strung[k])
        n = in_order(b, e, order)
        if n < 0:
            return TOO_MANY
        walk_episode(b, e, order, n, window)
    for known in range(len(b.known)):  # they come first
        if b.episodes[known]["latest"] < 0:
            forget_spell(b.episodes[known])
    return 0


@jit_small
def put_aside(b, number, e):  # type: ignore[no-untyped-def]
    """Put a record with the others of its episode that are walked together."""
    latest = b.episodes[e]["latest"]
    if latest < 0:
        b.strung[b.numbers[STRUNG_N]] = e
        b.numbers[STRUNG_N] += 1
    b.before[number] = latest
    b.episodes[e]["latest"] = number


@jit_small
def walk_record(b, number, one, e, window, all_aside):  # type: ignore[no-untyped-def]
    """Walk a resident's record, or put it aside; one that is read after a later one of its episode is noted."""
    episode = b.episodes[e]
    service, step = one["service"], step_of(one)
    if step <= episode["step"]:
        b.numbers[OUT_OF_ORDER_N] += 1
    if all_aside or episode["latest"] >= 0 or (service >= 0 and STRUNG[b.kinds[service]]):
        put_aside(b, number, e)
        return
    episode["step"] = step
    if service < 0:
        end_episode(b, episode, one)
        return
    kind = b.kinds[service]
    count_contact(b, one, kind, window[0], window[1])
    follow_contact(b, episode, one, kind)


@jit_small
def look_ahead_at(b, far, near):  # type: ignore[no-untyped-def]
    """Ask for what is needed to find the episodes of two needs: of one that is soon asked for, and one before it."""
    fetch(b.slots, np.int64(slot_of(b, far)))
    e = np.int64(b.slots[slot_of(b, near)])
    if e >= 0:
        fetch(b.episodes, e)


@jit_small
def look_ahead_to_record(b, number, records):  # type: ignore[no-untyped-def]
    """Ask for what walking the records after this one will need."""
    if number + FAR < records:
        near = record_of(b, number + NEAR)
        look_ahead_at(b, record_of(b, number + FAR)["need"], near["need"])
        person = np.int64(near["person"])
        if person >= 0:
            fetch(b.where, person)


@jit_borrowing
def read_records(b, window, all_aside):  # type: ignore[no-untyped-def]
    """Count every contact at its service, and walk those of residents or put them aside, ``all_aside`` or as needed."""
    start_s, end_s = window[0], window[1]
    for k in range(len(b.known)):
        known = b.known[k]
        write_episode(b.episodes[episode_of(b, known["need"])], known)
    closed = len(b.log)
    records = closed + b.numbers[OPEN_N]
    e, need = np.int64(-1), np.uint64(0)
    for number in range(records):
        look_ahead_to_record(b, number, records)
        one = record_of(b, number)
        if number < closed and not start_s <= one["left"] < end_s:
            continue
        if one["service"] >= 0:
            count_at_service(b, one, start_s, end_s)
        if one["person"] >= 0:
            if e < 0 or one["need"] != need:  # the end of an episode mostly follows its last contact
                e, need = episode_of(b, one["need"]), one["need"]
            walk_record(b, number, one, e, window, all_aside)


@jit_small
def look_ahead_to(b, person):  # type: ignore[no-untyped-def]
    """Ask for what counting somebody's need will need."""
    if person >= 0:
        fetch(b.where, person)


@jit_borrowing
def count_needs(b, start_s):  # type: ignore[no-untyped-def]
    """Count the needs that arose in residents' lives while they were there."""
    for r in range(len(b.created)):
        if r + FAR < len(b.created):
            look_ahead_to(b, np.int64(b.created[r + FAR]["person"]))
        row = b.created[r]
        person = row["person"]
        if person < 0 or row["need_type"] in OFFERED_KINDS:
            continue
        arose = row["due"] if row["status"] == SCHEDULED else row["arose"]
        if start_s <= arose < b.where[person]["gone_s"]:
            add(b, person, NEEDS, 1)
            add_need(b, person, row["need_type"], N_NEEDS)
            b.tallies[b.where[person]["team"], T_NEEDS] += 1


@jit_borrowing
def keep_open(b):  # type: ignore[no-untyped-def]
    """Write what goes on with every resident's episode still open."""
    for r in range(len(b.rows)):
        row = b.rows[r]
        if r + FAR < len(b.rows):
            look_ahead_at(b, b.rows[r + FAR]["need"], b.rows[r + NEAR]["need"])
        if row["status"] == FREE or row["person"] < 0:
            continue
        episode = b.episodes[episode_of(b, row["need"])]
        known = episode["node"] != FROM_NEED or episode["kind"] != NO_SERVICE
        if known or episode["began_s"] >= 0 or episode["admitted"] == 1:
            write_episode(b.kept[b.numbers[KEPT_N]], episode)
            b.numbers[KEPT_N] += 1


@jit_entry
def fold_records(b, order, window, all_aside):  # type: ignore[no-untyped-def]
    """Fold log, open rows and needs of a month into the books, people being done; return how many episodes there are.

    TOO_MANY if ``order``, int64[], has no room for the records of one episode. OUT_OF_ORDER if records of an episode
    are not read in its order, unless all are put aside first, as ``all_aside`` says. window: int64[2], the month's
    first second and its end's.
    """
    start_s, end_s = window[0], window[1]
    find_open(b, end_s)
    read_records(b, window, all_aside)
    if b.numbers[OUT_OF_ORDER_N] > 0:
        return OUT_OF_ORDER
    if walk_strung(b, order, window) < 0:
        return TOO_MANY
    count_needs(b, start_s)
    keep_open(b)
    return b.numbers[EPISODES_N]
