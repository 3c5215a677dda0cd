"""Records with room left behind them grow in their own memory, and give what a copy would give."""

from __future__ import annotations

import numpy as np

from sim.engines.records import CHANGE, extended, joined, with_room


def records(first: int, count: int) -> np.ndarray:
    """Return ``count`` records, told apart by their time."""
    made = np.zeros(count, CHANGE)
    made["time"], made["pool"] = np.arange(first, first + count), 7
    return made


def test_room_is_used_before_memory_is_taken() -> None:
    known = with_room(records(0, 100), 110)
    grown = extended(known, records(100, 10))
    assert np.shares_memory(known, grown)
    more = extended(grown, records(110, 1))
    assert not np.shares_memory(grown, more)
    assert np.shares_memory(more, extended(more, records(111, 1)))
    assert np.array_equal(more, joined([records(0, 100), records(100, 10), records(110, 1)]))


def test_a_copy_and_its_original_grow_apart() -> None:
    known = with_room(records(0, 100), 110)
    other = known.copy()
    one, two = extended(known, records(100, 5)), extended(other, records(500, 5))
    assert one["time"].tolist() == list(range(105))
    assert two["time"].tolist() == [*range(100), *range(500, 505)]


def test_a_part_of_an_array_does_not_write_into_the_rest() -> None:
    whole = records(0, 20)
    assert extended(whole[5:10], records(90, 2))["time"].tolist() == [5, 6, 7, 8, 9, 90, 91]
    assert whole["time"].tolist() == list(range(20))
