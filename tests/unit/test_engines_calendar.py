"""The calendar gives every change back at its second, and in order of time, however far ahead it was put in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sim.codes import NEVER
from sim.engines.bins import (
    AGENDA_AT,
    AGENDA_N,
    BIN,
    BINS,
    BITS,
    FULL_BITS,
    NO_ENTRY,
    SPARSE_BITS,
    bin_end,
    bin_start,
    deal_next_bin,
    first_hands,
    strike_out,
)
from sim.engines.records import POOL, SERVICE, blank_rows
from sim.engines.state import State
from sim.engines.wheel import give_back, next_change, push, take_slot
from sim.engines.work import Work, build

WINDOW_S = 10 * 86_400
ROWS = {FULL_BITS: 20_000, SPARSE_BITS: 2_000}  # so many that bins are short, so few that they are long


def calendar(rows: int) -> Work:
    """Return the working arrays of a window in which nothing happens yet."""
    services, pools = np.zeros(1, SERVICE), np.zeros(1, POOL)
    return build(State(0, blank_rows(rows), services, pools, tables=None), WINDOW_S)


def taken(w: Work) -> Iterator[tuple[int, int]]:
    """Take everything out of the calendar: (second, row) as it comes."""
    while True:
        now = next_change(w)
        if now == NEVER or now >= bin_end(w):
            if w.hands[BIN] + 1 >= w.hands[BINS]:
                return
            deal_next_bin(w)
            continue
        second = now - bin_start(w)
        at = int(w.hands[AGENDA_AT])
        while at < w.hands[AGENDA_N] and w.agenda[at]["second"] == second:
            yield now, int(w.agenda[at]["row"])
            at += 1
        w.hands[AGENDA_AT] = at
        e = take_slot(w, second)
        while e >= 0:
            row = int(w.soon[e]["row"])
            e = give_back(w, e)
            yield now, row


@pytest.mark.parametrize("bits", [FULL_BITS, SPARSE_BITS])
def test_what_is_put_in_at_first_comes_out_in_order(bits: int) -> None:
    w = calendar(ROWS[bits])
    assert w.hands[BITS] == bits
    times = np.random.default_rng(bits).integers(0, WINDOW_S, 3_000)
    for row, time in enumerate(times):
        push(w, int(time), row)
    found = list(taken(w))
    assert [time for time, _ in found] == sorted(times)
    assert all(times[row] == time for time, row in found)


@pytest.mark.parametrize("bits", [FULL_BITS, SPARSE_BITS])
def test_what_is_put_in_on_the_way_comes_out_too(bits: int) -> None:
    w, rng = calendar(ROWS[bits]), np.random.default_rng(bits)
    push(w, 5, 0)
    planned, seen = {0: 5}, []
    for now, row in taken(w):
        seen.append((now, row))
        assert planned[row] == now
        while len(planned) < 1_500 and (len(planned) < 3 or rng.random() < 0.7):
            fresh, time = len(planned), now + int(rng.choice([1, 60, 7_200, 100_000]) * rng.uniform(1, 3))
            if time < WINDOW_S:
                planned[fresh] = time
            push(w, time, fresh)
            if time >= WINDOW_S:
                break
    assert len(seen) == len(planned)
    assert [time for time, _ in seen] == sorted(planned.values())


def test_what_is_struck_out_does_not_come() -> None:
    w = calendar(ROWS[FULL_BITS])
    places = [push(w, 1_000 * (row + 1), ~row) for row in range(100)]
    for row in range(0, 100, 2):
        strike_out(w, places[row], ~row)
    assert [~row for _, row in taken(w)] == list(range(1, 100, 2))


def test_a_place_that_has_been_dealt_is_not_anothers_to_strike_out() -> None:
    w = calendar(ROWS[FULL_BITS])
    place = push(w, 1_000, ~1)
    deal_next_bin(w)  # its bin is at hand, and its place is free
    assert push(w, WINDOW_S - 1, ~2) == place
    strike_out(w, place, ~1)
    assert [~row for _, row in taken(w)] == [1, 2]


def test_beyond_the_window_nothing_is_kept() -> None:
    w = calendar(ROWS[SPARSE_BITS])
    assert push(w, WINDOW_S, 1) == NO_ENTRY
    assert list(taken(w)) == []


def test_hands_say_how_many_bins_a_window_has() -> None:
    assert first_hands(0, WINDOW_S, ROWS[FULL_BITS])[BINS] == (WINDOW_S >> FULL_BITS) + 1
    assert first_hands(7, 7, 0)[BINS] == 1
