"""The calendar: bins of some hours, and the agenda of the bin at hand in order of time.

A change goes into its bin, whose entries lie together in blocks. When the bin is reached, its entries are sorted by
second into the agenda, so that what memory each will want can be asked for long before its turn. Changes made
meanwhile, for the bin at hand, go into the wheel (sim/engines/wheel.py).
A change at or after the window's end is not kept: the rows tell the next window of it.
An entry names a row; the end of a row's patience is named by the complement of the row.
"""

from __future__ import annotations

import numpy as np

from sim.jit import jit_borrowing, jit_small

FULL_BITS, SPARSE_BITS = 14, 16  # bins of 2**14 seconds, some four and a half hours, or of 18 where little happens
FULL = 64  # rows a bin of the shorter kind, above which bins are short
MOST_BINS = 1 << 16
LONGEST_S = MOST_BINS << FULL_BITS  # of one window
BLOCK_BITS = 5
BLOCK = 1 << BLOCK_BITS  # entries that lie together
DIGIT_BITS = 8  # of a radix sort by second
DIGITS = 1 << DIGIT_BITS
FEW = 24  # so few are sorted by insertion

ENTRY = np.dtype([("second", "i4"), ("row", "i4")], align=True)  # seconds from the start of the bin
BIN_OF = np.dtype([("block", "i4"), ("used", "i4")], align=True)  # the block being filled, and how far it is

# Slots of `hands`.
ORIGIN, UNTIL, BIN, BINS, FREE_SOON, SOON_N, FREE_BLOCK, BLOCK_N, AGENDA_AT, AGENDA_N, BITS = range(11)
NO_ENTRY = NO_BLOCK = -1
STRUCK = np.int32(-(2**31))  # in place of the row: nothing happens
BEFORE_FIRST = -1  # the bin in which a window starts: none is dealt yet


def first_hands(now: int, until: int, rows: int) -> np.ndarray:
    """Return where the calendar of so many rows stands before a window from ``now`` to ``until``: int64[11]."""
    span_s = max(until - now, 0)
    bits = FULL_BITS if rows > FULL * (span_s >> FULL_BITS) else SPARSE_BITS
    bins = (span_s >> bits) + 1
    return np.array([now, until, BEFORE_FIRST, bins, NO_ENTRY, 0, NO_BLOCK, 0, 0, 0, bits], np.int64)


@jit_small
def put_later(w, bin_: int, second: int, row: int) -> int:  # type: ignore[no-untyped-def]
    """Put an entry into a later bin; return its place."""
    here = w.bins[bin_]
    block = int(here["block"])
    used = int(here["used"])
    if block < 0 or used == BLOCK:
        fresh = int(w.hands[FREE_BLOCK])
        if fresh >= 0:
            w.hands[FREE_BLOCK] = w.block_after[fresh]
        else:
            fresh = int(w.hands[BLOCK_N])
            w.hands[BLOCK_N] = fresh + 1
        w.block_after[fresh] = block
        here["block"] = fresh
        block = fresh
        used = 0
    here["used"] = used + 1
    place = (block << BLOCK_BITS) + used
    w.later[place]["second"] = second
    w.later[place]["row"] = row
    return place


@jit_small
def strike_out(w, place: int, row: int) -> None:  # type: ignore[no-untyped-def]
    """Let the entry at ``place`` say nothing when its time comes, if it is still that of ``row``.

    Once its bin is at hand it is not, and whoever reads the agenda sees from the row that the entry is void.
    """
    if w.later[place]["row"] == row:
        w.later[place]["row"] = STRUCK


@jit_small
def gather_bin(w, bin_: int) -> int:  # type: ignore[no-untyped-def]
    """Write the entries of a bin to the agenda as they lie, and give its blocks back; return how many there are."""
    n = 0
    block = int(w.bins[bin_]["block"])
    used = int(w.bins[bin_]["used"])
    while block >= 0:
        first = block << BLOCK_BITS
        for place in range(first, first + used):
            row = w.later[place]["row"]
            w.later[place]["row"] = STRUCK  # the place is no one's now
            if row != STRUCK:
                w.agenda[n]["second"] = w.later[place]["second"]
                w.agenda[n]["row"] = row
                n += 1
        after = int(w.block_after[block])
        w.block_after[block] = w.hands[FREE_BLOCK]
        w.hands[FREE_BLOCK] = block
        block = after
        used = BLOCK
    return n


@jit_small
def insert_all(agenda, n: int) -> None:  # type: ignore[no-untyped-def]
    """Sort the first ``n`` entries by second, by insertion."""
    for i in range(1, n):
        second = agenda[i]["second"]
        row = agenda[i]["row"]
        j = i - 1
        while j >= 0 and agenda[j]["second"] > second:
            agenda[j + 1]["second"] = agenda[j]["second"]
            agenda[j + 1]["row"] = agenda[j]["row"]
            j -= 1
        agenda[j + 1]["second"] = second
        agenda[j + 1]["row"] = row


@jit_borrowing
def sort_by_digit(entries, into, starts, n: int, shift: int) -> None:  # type: ignore[no-untyped-def]
    """Write the first ``n`` entries into ``into`` by one digit of their second, equal ones as they stood."""
    for d in range(DIGITS):
        starts[d] = 0
    for k in range(n):
        starts[(entries[k]["second"] >> shift) & (DIGITS - 1)] += 1
    total = 0
    for d in range(DIGITS):
        here = starts[d]
        starts[d] = total
        total += here
    for k in range(n):
        d = (entries[k]["second"] >> shift) & (DIGITS - 1)
        to = starts[d]
        starts[d] = to + 1
        into[to]["second"] = entries[k]["second"]
        into[to]["row"] = entries[k]["row"]


@jit_small
def deal_next_bin(w) -> None:  # type: ignore[no-untyped-def]
    """Go to the next bin: its entries become the agenda, in order of time; the wheel stands empty."""
    bin_ = int(w.hands[BIN]) + 1
    n = gather_bin(w, bin_)
    if n <= FEW:
        insert_all(w.agenda, n)
    else:
        sort_by_digit(w.agenda, w.agenda_spare, w.digit_starts, n, 0)
        sort_by_digit(w.agenda_spare, w.agenda, w.digit_starts, n, DIGIT_BITS)
    w.hands[BIN] = bin_
    w.hands[FREE_SOON] = NO_ENTRY
    w.hands[SOON_N] = 0
    w.hands[AGENDA_AT] = 0
    w.hands[AGENDA_N] = n


@jit_small
def bin_start(w) -> int:  # type: ignore[no-untyped-def]
    """Return the second at which the bin at hand starts."""
    return int(w.hands[ORIGIN] + (w.hands[BIN] << w.hands[BITS]))


@jit_small
def bin_end(w) -> int:  # type: ignore[no-untyped-def]
    """Return the second at which the bin at hand ends."""
    return int(w.hands[ORIGIN] + ((w.hands[BIN] + 1) << w.hands[BITS]))
