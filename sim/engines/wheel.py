"""The calendar of the compiled engine: bins of 2**16 seconds, and a wheel with one slot for each second of a bin.

A change goes into its bin's list; when the bin is reached, its changes are dealt to the wheel's slots, and changes
made meanwhile go straight there. A bit for each slot, and one for each word of bits, find the next second at which
anything happens. Nothing is compared or sorted, and every change of one second comes out together.
A change at or after the window's end is not kept: the rows tell the next window of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.cpython.unsafe.numbers import trailing_zeros

from sim.codes import NEVER
from sim.jit import jit_borrowing, jit_small

SLOT_BITS = 16
SLOTS = 1 << SLOT_BITS  # seconds of a bin: about 18 hours
WORD_BITS = 6  # 64 slots to a word of bits
SLOT_WORDS = SLOTS >> WORD_BITS
WORDS = SLOT_WORDS + (SLOT_WORDS >> WORD_BITS)  # then a bit for each of those words
MOST_BINS = 1 << 16
LONGEST_S = MOST_BINS * SLOTS  # of one window

# after: the next in the bin, in the slot, or of those that are free
ENTRY = np.dtype([("time", "i8"), ("row", "i4"), ("after", "i4")], align=True)

lowest_bit: Any = trailing_zeros  # the place of the lowest bit set

# Slots of `hands`.
ORIGIN, UNTIL, BIN, BINS, GROUP, FREE_ENTRY, ENTRY_N = range(7)
NO_ENTRY = NO_ROW = -1
BEFORE_FIRST = -1  # the bin in which a window starts: none is dealt yet


def bins_until(now: int, until: int) -> int:
    """Return how many bins a window from ``now`` to ``until`` needs."""
    return (max(until - now, 0) >> SLOT_BITS) + 1


def first_hands(now: int, until: int) -> np.ndarray:
    """Return where the calendar stands before a window from ``now`` to ``until``: int64[7]."""
    return np.array([now, until, BEFORE_FIRST, bins_until(now, until), 0, -1, 0], np.int64)


@jit_small
def set_slot(w, e: int, slot: int) -> None:  # type: ignore[no-untyped-def]
    """Put entry ``e`` into a slot of the wheel."""
    w.entries[e]["after"] = w.wheel[slot]
    w.wheel[slot] = e
    word = slot >> WORD_BITS
    w.bits[word] |= np.int64(1) << (slot & 63)
    w.bits[SLOT_WORDS + (word >> WORD_BITS)] |= np.int64(1) << (word & 63)


@jit_small
def push(w, time: int, r: int) -> int:  # type: ignore[no-untyped-def]
    """Put a change of row ``r`` at ``time`` into the calendar; return its entry, or NO_ENTRY beyond the window."""
    if time >= w.hands[UNTIL]:
        return NO_ENTRY
    e = int(w.hands[FREE_ENTRY])
    if e >= 0:
        w.hands[FREE_ENTRY] = w.entries[e]["after"]
    else:
        e = int(w.hands[ENTRY_N])
        w.hands[ENTRY_N] = e + 1
    w.entries[e]["time"] = time
    w.entries[e]["row"] = r
    offset = time - w.hands[ORIGIN]
    bin_ = offset >> SLOT_BITS
    if bin_ == w.hands[BIN]:
        set_slot(w, e, offset & (SLOTS - 1))
    else:
        w.entries[e]["after"] = w.bins[bin_]
        w.bins[bin_] = e
    return e


@jit_small
def strike_out(w, e: int) -> None:  # type: ignore[no-untyped-def]
    """Let entry ``e`` say nothing when its time comes."""
    w.entries[e]["row"] = NO_ROW


@jit_small
def deal_next_bin(w) -> None:  # type: ignore[no-untyped-def]
    """Go to the next bin and put its changes into their slots."""
    bin_ = w.hands[BIN] + 1
    w.hands[BIN] = bin_
    w.hands[GROUP] = 0
    origin = w.hands[ORIGIN]
    e = w.bins[bin_]
    while e >= 0:
        after = w.entries[e]["after"]
        set_slot(w, e, (w.entries[e]["time"] - origin) & (SLOTS - 1))
        e = after


@jit_small
def give_back(w, e: int) -> int:  # type: ignore[no-untyped-def]
    """Free entry ``e`` for another change; return the entry that followed it."""
    after = int(w.entries[e]["after"])
    w.entries[e]["after"] = w.hands[FREE_ENTRY]
    w.hands[FREE_ENTRY] = e
    return after


@jit_small
def take_slot(w, now: int) -> int:  # type: ignore[no-untyped-def]
    """Empty the slot of second ``now``, which is in the bin at hand; return its first entry, or -1."""
    slot = (now - w.hands[ORIGIN]) & (SLOTS - 1)
    w.hands[GROUP] = slot >> (2 * WORD_BITS)
    e = int(w.wheel[slot])
    if e >= 0:
        w.wheel[slot] = -1
        word = slot >> WORD_BITS
        w.bits[word] &= ~(np.int64(1) << (slot & 63))
        if w.bits[word] == 0:
            w.bits[SLOT_WORDS + (word >> WORD_BITS)] &= ~(np.int64(1) << (word & 63))
    return e


@jit_small
def first_slot(w) -> int:  # type: ignore[no-untyped-def]
    """Return the first slot that holds anything, or -1: no slot before the present one does."""
    for group in range(w.hands[GROUP], SLOT_WORDS >> WORD_BITS):
        words = w.bits[SLOT_WORDS + group]
        if words != 0:
            word = (group << WORD_BITS) + lowest_bit(words)
            return int((word << WORD_BITS) + lowest_bit(w.bits[word]))
    return -1


@jit_borrowing
def bin_end(w) -> int:  # type: ignore[no-untyped-def]
    """Return the second at which the bin at hand ends."""
    return int(w.hands[ORIGIN] + ((w.hands[BIN] + 1) << SLOT_BITS))


@jit_small
def next_change(w) -> int:  # type: ignore[no-untyped-def]
    """Return the second of the next change in the bin at hand, or codes.NEVER."""
    slot = first_slot(w)
    if slot < 0:
        return NEVER
    return int(w.hands[ORIGIN] + (w.hands[BIN] << SLOT_BITS) + slot)


@jit_small
def slot_after(w, slot: int) -> int:  # type: ignore[no-untyped-def]
    """Return the first slot after ``slot`` that holds anything, of those a few minutes ahead, or -1."""
    word = slot >> WORD_BITS
    later = w.bits[word] & ~((np.int64(2) << (slot & 63)) - 1)
    if later != 0:
        return int((word << WORD_BITS) + lowest_bit(later))
    words = w.bits[SLOT_WORDS + (word >> WORD_BITS)] & ~((np.int64(2) << (word & 63)) - 1)
    if words == 0:
        return -1
    word = (word & ~63) + lowest_bit(words)
    return int((word << WORD_BITS) + lowest_bit(w.bits[word]))


@jit_small
def row_at(w, slot: int) -> int:  # type: ignore[no-untyped-def]
    """Return a row whose change is in ``slot``, which holds something, or NO_ROW."""
    return int(w.entries[w.wheel[slot]]["row"])
