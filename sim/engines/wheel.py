"""The calendar of the bin at hand: a wheel with one slot for each second, for changes made in the bin for the bin.

A bit for each slot, and one for each word of bits, find the next second at which anything happens. Nothing is
compared or sorted, and every change of one second comes out together. ``push`` chooses between wheel and later bins
(sim/engines/bins.py), and ``next_change`` looks at the wheel and the agenda.
"""

from __future__ import annotations

import numpy as np

from sim.bits import lowest_bit
from sim.codes import NEVER
from sim.engines.bins import (
    AGENDA_AT,
    AGENDA_N,
    BIN,
    BITS,
    FREE_SOON,
    NO_ENTRY,
    ORIGIN,
    SOON_N,
    SPARSE_BITS,
    UNTIL,
    bin_start,
    put_later,
)
from sim.jit import jit_small

WORD_BITS = 6  # 64 slots to a word of bits
SLOTS = 1 << SPARSE_BITS
SLOT_WORDS = SLOTS >> WORD_BITS
TOP = SLOT_WORDS + (SLOT_WORDS >> WORD_BITS)  # then a bit for each of those words, and one for each of these
WORDS = TOP + 1

SOON = np.dtype([("row", "i4"), ("after", "i4")], align=True)  # after: the next in the slot, or of those that are free


@jit_small
def push(w, time: int, row: int) -> int:  # type: ignore[no-untyped-def]
    """Put a change of ``row`` at ``time`` into the calendar; return its place if it can be struck out, or NO_ENTRY."""
    if time >= w.hands[UNTIL]:
        return NO_ENTRY
    offset = time - w.hands[ORIGIN]
    bits = w.hands[BITS]
    bin_ = int(offset >> bits)
    second = int(offset - (bin_ << bits))
    if bin_ != w.hands[BIN]:
        return put_later(w, bin_, second, row)
    e = int(w.hands[FREE_SOON])
    if e >= 0:
        w.hands[FREE_SOON] = w.soon[e]["after"]
    else:
        e = int(w.hands[SOON_N])
        w.hands[SOON_N] = e + 1
    w.soon[e]["row"] = row
    w.soon[e]["after"] = w.wheel[second]
    w.wheel[second] = e
    word = second >> WORD_BITS
    w.bits[word] |= np.int64(1) << (second & 63)
    group = word >> WORD_BITS
    w.bits[SLOT_WORDS + group] |= np.int64(1) << (word & 63)
    w.bits[TOP] |= np.int64(1) << group
    return NO_ENTRY


@jit_small
def give_back(w, e: int) -> int:  # type: ignore[no-untyped-def]
    """Free entry ``e`` of the wheel for another change; return the entry that followed it."""
    after = int(w.soon[e]["after"])
    w.soon[e]["after"] = w.hands[FREE_SOON]
    w.hands[FREE_SOON] = e
    return after


@jit_small
def take_slot(w, second: int) -> int:  # type: ignore[no-untyped-def]
    """Empty the slot of a second of the bin at hand; return its first entry, or -1."""
    word = second >> WORD_BITS
    if (w.bits[word] >> (second & 63)) & 1 == 0:  # the bits are few, and near; the slots are not
        return NO_ENTRY
    e = int(w.wheel[second])
    w.wheel[second] = NO_ENTRY
    w.bits[word] &= ~(np.int64(1) << (second & 63))
    if w.bits[word] == 0:
        group = word >> WORD_BITS
        w.bits[SLOT_WORDS + group] &= ~(np.int64(1) << (word & 63))
        if w.bits[SLOT_WORDS + group] == 0:
            w.bits[TOP] &= ~(np.int64(1) << group)
    return e


@jit_small
def first_slot(w) -> int:  # type: ignore[no-untyped-def]
    """Return the first slot that holds anything, or -1: no slot before the present one does."""
    groups = w.bits[TOP]
    if groups == 0:
        return -1
    group = lowest_bit(groups)
    word = (group << WORD_BITS) + lowest_bit(w.bits[SLOT_WORDS + group])
    return int((word << WORD_BITS) + lowest_bit(w.bits[word]))


@jit_small
def next_change(w) -> int:  # type: ignore[no-untyped-def]
    """Return the second of the next change in the bin at hand, or codes.NEVER."""
    second = first_slot(w)
    if w.hands[AGENDA_AT] < w.hands[AGENDA_N]:
        planned = int(w.agenda[w.hands[AGENDA_AT]]["second"])
        second = planned if second < 0 else min(second, planned)
    return NEVER if second < 0 else bin_start(w) + second
