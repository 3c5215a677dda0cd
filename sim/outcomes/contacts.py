"""Contacts as columns: the closed ones of the log and, at the window's end, the ones still open in the rows.

A contact open at the end of a window appears with ``left`` = the window's end and ``how`` = OPEN. Whatever is summed
as an overlap with [start, end), or counted at its own instant, therefore adds up over any split of time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.codes import FREE, IN_SERVICE, WAITING

OPEN = -1  # `how` of a contact that is not closed yet
NOT_YET = -1  # `started` or `finished` of a contact that has not come so far


class Contacts(NamedTuple):
    """One entry per contact, as arrays of equal length; times are whole seconds since the start date."""

    need: np.ndarray  # uint64
    person: np.ndarray  # index into people, -1 anonymous
    service: np.ndarray
    ordinal: np.ndarray
    need_type: np.ndarray
    how: np.ndarray  # codes.SERVED, RENEGED, MISSED, DIED, MOVED, or OPEN
    outcome: np.ndarray
    priority: np.ndarray  # at this service
    acuity: np.ndarray  # the episode's, as last triaged
    joined: np.ndarray
    started: np.ndarray  # NOT_YET: never started
    finished: np.ndarray  # NOT_YET: never finished; from here until `left` the place is only held
    left: np.ndarray


def contacts_of(log: np.ndarray, open_rows: np.ndarray, start_s: int, end_s: int) -> Contacts:
    """Return the contacts closed in [start_s, end_s) and those open at ``end_s``.

    ``log``: records.LOG, ends of episodes (service -1) and records of other windows are left out.
    ``open_rows``: records.ROW as they stand at ``end_s``; a suspended row stands in no list, so it is no contact.
    """
    closed = log[(log["service"] >= 0) & (log["left"] >= start_s) & (log["left"] < end_s)]
    parts = [
        from_log(closed),
        from_waiting(open_rows[(open_rows["status"] == WAITING) & (open_rows["service"] >= 0)], end_s),
        from_service(open_rows[(open_rows["status"] == IN_SERVICE) & (open_rows["service"] >= 0)], end_s),
        from_holding(open_rows[(open_rows["status"] != FREE) & (open_rows["held"] >= 0)], end_s),
    ]
    return Contacts(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def from_log(log: np.ndarray) -> Contacts:
    """Return the closed contacts of ``log``."""
    return Contacts(*(np.ascontiguousarray(log[name]) for name in Contacts._fields))


def from_waiting(rows: np.ndarray, end_s: int) -> Contacts:
    """Return the contacts of rows that stand in a list at ``end_s``."""
    never = np.full(len(rows), NOT_YET, np.int64)
    about = rows["service"], rows["ordinal"], rows["priority"]
    return still_open(rows, about, rows["joined"], never, never, end_s)


def from_service(rows: np.ndarray, end_s: int) -> Contacts:
    """Return the contacts of rows in service at ``end_s``."""
    never = np.full(len(rows), NOT_YET, np.int64)
    about = rows["service"], rows["ordinal"], rows["priority"]
    return still_open(rows, about, rows["joined"], rows["started"], never, end_s)


def from_holding(rows: np.ndarray, end_s: int) -> Contacts:
    """Return the contacts whose service is over and whose place is still held at ``end_s``."""
    times = rows["held_joined"], rows["held_started"], rows["held_finished"]
    about = rows["held"], rows["held_ordinal"], rows["held_priority"]
    return still_open(rows, about, *times, end_s)


def still_open(
    rows: np.ndarray,
    about: tuple[np.ndarray, np.ndarray, np.ndarray],
    joined: np.ndarray,
    started: np.ndarray,
    finished: np.ndarray,
    end_s: int,
) -> Contacts:
    """Return open contacts of ``rows``; ``about``: service, ordinal and priority; ``left`` is the window's end."""
    service, ordinal, priority = about
    count = len(rows)
    how = np.full(count, OPEN, np.int8)
    outcome = np.zeros(count, np.int8)
    left = np.full(count, end_s, np.int64)
    need, person, kind, acuity = rows["need"], rows["person"], rows["need_type"], rows["acuity"]
    return Contacts(
        need, person, service, ordinal, kind, how, outcome, priority, acuity, joined, started, finished, left
    )


def overlap_s(begin: np.ndarray, end: np.ndarray, start_s: int, end_s: int) -> np.ndarray:
    """Return the seconds that [begin, end) shares with [start_s, end_s): int64, never negative."""
    return np.maximum(np.minimum(end, end_s) - np.maximum(begin, start_s), 0)


def waited_s(contacts: Contacts, start_s: int, end_s: int) -> np.ndarray:
    """Return the seconds each contact stood in its list within [start_s, end_s)."""
    called = np.where(contacts.started >= 0, contacts.started, contacts.left)
    return overlap_s(contacts.joined, called, start_s, end_s)


def inside_s(contacts: Contacts, start_s: int, end_s: int) -> np.ndarray:
    """Return the seconds each contact was in service or holding its place within [start_s, end_s)."""
    seconds = overlap_s(contacts.started, contacts.left, start_s, end_s)
    return np.where(contacts.started >= 0, seconds, 0)


def working_s(contacts: Contacts, start_s: int, end_s: int) -> np.ndarray:
    """Return the seconds each contact was in service, holding left out, within [start_s, end_s): staff's time."""
    until = np.where(contacts.finished >= 0, contacts.finished, contacts.left)
    return np.where(contacts.started >= 0, overlap_s(contacts.started, until, start_s, end_s), 0)


def held_s(contacts: Contacts, start_s: int, end_s: int) -> np.ndarray:
    """Return the seconds each contact only held its place within [start_s, end_s): a delayed discharge, for a bed."""
    seconds = overlap_s(contacts.finished, contacts.left, start_s, end_s)
    return np.where(contacts.finished >= 0, seconds, 0)


def pick(contacts: Contacts, mask: np.ndarray) -> Contacts:
    """Return the contacts where ``mask`` is true."""
    return take(contacts, np.flatnonzero(mask))


def take(contacts: Contacts, where: np.ndarray) -> Contacts:
    """Return the contacts at the indices ``where``, in that order."""
    return Contacts(*(column[where] for column in contacts))


def by_need_and_step(need: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return the order by (need, step), step below 2**16: plain sorts, the second only of needs with several rows."""
    order = np.argsort(need)
    arranged = need[order]
    same = arranged[1:] == arranged[:-1]
    several = np.zeros(len(need), bool)
    several[1:] = same
    several[:-1] |= same
    where = np.flatnonzero(several)
    rows = order[where]
    rank = np.cumsum(~same_as_before(arranged[where]))
    order[where] = rows[np.argsort(rank << 16 | step[rows])]
    return order


def same_as_before(values: np.ndarray) -> np.ndarray:
    """Return whether each value equals the one before it (False for the first)."""
    same = np.zeros(len(values), bool)
    same[1:] = values[1:] == values[:-1]
    return same


def total_by(index: np.ndarray, amounts: np.ndarray, size: int) -> np.ndarray:
    """Return int64 sums of whole ``amounts`` by ``index``, shape (size,). Exact while sums stay below 2**53."""
    return np.rint(np.bincount(index, weights=amounts, minlength=size)).astype(np.int64)


def count_by(index: np.ndarray, size: int) -> np.ndarray:
    """Return int64 counts of each value of ``index``, shape (size,)."""
    return np.bincount(index, minlength=size).astype(np.int64)
