"""When needs arise: of many at once, as a processor works on many side by side and would wait for each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.counts import uniform_of
from sim.rules.keys import key2, key4, uniform
from sim.rules.stages import SECONDS_PER_DAY, SECONDS_PER_HOUR
from sim.rules.tables import NEED_KINDS

HOURS = 24
AT_ONCE = 64  # needs of a kind


@passed_by_reference
class Dates(NamedTuple):
    """Needs that wait to be dated, by kind, and AT_ONCE of one kind that are being dated.

    waiting: int64[need type, AT_ONCE], places among arrivals. counts: int64[need type], how many wait.
    person: uint64, keys. number: int64, which need of its kind it is of that person's. need: uint64 ids. day: int64 of
    the month. left: float64, what the draw of the hour leaves after the hours before. hour: int64.
    """

    waiting: np.ndarray
    counts: np.ndarray
    person: np.ndarray
    number: np.ndarray
    need: np.ndarray
    day: np.ndarray
    left: np.ndarray
    hour: np.ndarray


def room_for_dates() -> Dates:
    """Return room to date needs: none wait."""
    waiting, counts = np.zeros((NEED_KINDS, AT_ONCE), np.int64), np.zeros(NEED_KINDS, np.int64)
    kinds = (np.uint64, np.int64, np.uint64, np.int64, np.float64, np.int64)
    return Dates(waiting, counts, *(np.zeros(AT_ONCE, kind) for kind in kinds))


@jit_borrowing
def need_time(tables, need_id, need_type, start_s, end_s):  # type: ignore[no-untyped-def]
    """Return the second a need arises: day uniform in [start_s, end_s), hour by the type's profile."""
    days = (end_s - start_s) // SECONDS_PER_DAY
    day = int(uniform(tables.seed[0], need_id, purposes.NEED_DAY, 0) * days)
    left = uniform(tables.seed[0], need_id, purposes.NEED_HOUR, 0)
    hour = 0
    share = tables.profiles[need_type, 0]
    while hour < HOURS - 1 and left >= share:
        left = left - share
        hour += 1
        share = tables.profiles[need_type, hour]
    return start_s + day * SECONDS_PER_DAY + hour * SECONDS_PER_HOUR + within_hour(left, share)


@jit_small
def within_hour(left, share):  # type: ignore[no-untyped-def]
    """Return the second within an hour of ``share`` of a day's needs, of whose draw ``left`` is over."""
    within = int(left / share * SECONDS_PER_HOUR) if share > 0.0 else 0
    return within if within < SECONDS_PER_HOUR - 1 else SECONDS_PER_HOUR - 1


@jit_small
def find_days(seed, month, need_type, days, dates, count):  # type: ignore[no-untyped-def]
    """Write id and day of ``count`` needs of a kind, and the draws of their hours."""
    for k in range(count):
        dates.need[k] = key4(dates.person[k], need_type, month, dates.number[k])
    for k in range(count):
        own = np.uint64(key2(seed, dates.need[k]))
        dates.day[k] = np.int64(uniform_of(own, purposes.NEED_DAY, 0) * days)
        dates.left[k] = uniform_of(own, purposes.NEED_HOUR, 0)
        dates.hour[k] = 0


@jit_small
def find_hours(profiles, need_type, dates, count):  # type: ignore[no-untyped-def]
    """Find the hours of ``count`` needs of a kind: by the same subtractions as ``need_time`` makes."""
    for hour in range(HOURS - 1):
        share = profiles[need_type, hour]
        for k in range(count):
            later = dates.left[k] >= share and dates.hour[k] == hour
            dates.left[k] = dates.left[k] - share if later else dates.left[k]
            dates.hour[k] += np.int64(later)


@jit_borrowing
def date_kind(tables, month, start_s, end_s, need_type, arrivals, dates):  # type: ignore[no-untyped-def]
    """Date the needs of a kind that wait for it: give them their ids, and the seconds of ``need_time``."""
    count, waiting = dates.counts[need_type], dates.waiting[need_type]
    for k in range(count):
        one = arrivals[waiting[k]]
        dates.person[k] = one["person_key"]
        dates.number[k] = one["due"]
    find_days(tables.seed[0], month, need_type, (end_s - start_s) // SECONDS_PER_DAY, dates, count)
    find_hours(tables.profiles, need_type, dates, count)
    for k in range(count):
        one = arrivals[waiting[k]]
        one["need"] = dates.need[k]
        within = within_hour(dates.left[k], tables.profiles[need_type, dates.hour[k]])
        one["due"] = start_s + dates.day[k] * SECONDS_PER_DAY + dates.hour[k] * SECONDS_PER_HOUR + within
    dates.counts[need_type] = 0


@jit_small
def await_dates(tables, month, window, arrivals, first, last, dates):  # type: ignore[no-untyped-def]
    """Let the arrivals from place ``first`` to before ``last`` wait for dates in ``window``; ``due`` is their number.

    Those of a kind are dated when enough of them wait, the others by ``date_rest``.
    """
    for at in range(first, last):
        need_type = arrivals[at]["need_type"]
        count = dates.counts[need_type]
        dates.waiting[need_type, count] = at
        dates.counts[need_type] = count + 1
        if count + 1 == AT_ONCE:
            date_kind(tables, month, window[0], window[1], np.int64(need_type), arrivals, dates)


@jit_small
def date_rest(tables, month, window, arrivals, dates):  # type: ignore[no-untyped-def]
    """Date all that still wait."""
    for need_type in range(NEED_KINDS):
        if dates.counts[need_type] > 0:
            date_kind(tables, month, window[0], window[1], need_type, arrivals, dates)
