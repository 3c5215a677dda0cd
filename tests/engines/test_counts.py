"""Counts made on the way are those of the log, and memory used again changes nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.errors import InputError
from sim.codes import FREE, RENEGED, SERVED
from sim.engines import compiled
from sim.engines.arena import Arena
from sim.engines.counts import COUNT, add_log, no_counts
from sim.engines.records import LOG, blank_rows
from sim.engines.state import State
from sim.networks import DAY_S, ENGINES, Node, Source, count_network, network_state, run_network
from sim.rules.network import arrivals
from sim.rules.network_rows import BLANK, COMING, fill_rows, rows_until
from tests.engines.worlds import DAY, differences, random_world

DAYS = 40
WORLDS = 100


def counted(log: np.ndarray, state: State) -> np.ndarray:
    """Return the counts of a log."""
    counts = no_counts(len(state.services), len(state.tables.priorities))
    add_log(counts, log)
    return counts


def small_network(seed: int = 1, arena: Arena | None = None) -> State:
    """Return two nodes with two classes, where some give up."""
    nodes = [Node(0.3), Node(0.5, patience="exponential", mean_patience_days=0.4)]
    sources = [Source(0, 4.0), Source(0, 5.0, klass=1)]
    return network_state(nodes, sources, [3, 2], [[0.0, 0.7], [0.0, 0.0]], (0, 1), seed, arena)


def test_counts_are_those_of_the_log_whatever_happens() -> None:
    closed = 0
    for seed in range(WORLDS):
        one = random_world(np.random.default_rng(40_000 + seed), DAYS)
        other = one.copy()
        log = compiled.advance(one, DAYS * DAY)
        counts = no_counts(len(other.services), len(other.tables.priorities))
        assert len(compiled.advance(other, DAYS * DAY, counts)) == 0
        assert counts.tobytes() == counted(log, one).tobytes(), f"world {seed}"
        nothing = np.zeros(0, LOG)
        assert differences(one, nothing, other, nothing) == [], f"world {seed}"
        closed += int(counts["closed"].sum())
    assert closed > 100 * WORLDS


def test_counts_of_a_log_worked_out_by_hand() -> None:
    log = np.zeros(4, LOG)
    log["service"], log["how"], log["need_type"] = [0, 0, 0, -1], [SERVED, SERVED, RENEGED, 7], [1, 1, 0, 1]
    log["joined"], log["started"], log["left"] = [0, 5, 10, 0], [0, 9, -1, -1], [20, 30, 13, 30]
    counts = no_counts(1, 2)
    add_log(counts, log)
    assert counts[1, SERVED, 1].tolist() == (2, 1, 4, 41)
    assert counts[1, RENEGED, 0].tolist() == (1, 0, 3, 0)
    assert counts[0, 7, 1].tolist() == (1, 0, 30, 0)
    assert counts["closed"].sum() == 4


@pytest.mark.parametrize("engine", list(ENGINES))
def test_a_network_counted_is_the_network_logged(engine: str) -> None:
    one, other = small_network(), small_network()
    count_network(one, 20, engine, 7.0)
    found = count_network(one, 200, engine)
    run_network(other, 20)
    log = run_network(other, 200)
    expected = counted(log, other)
    assert found.contacts.tobytes() == expected[1:].tobytes()
    assert found.customers.tobytes() == expected[0, 7].tobytes()
    assert found.span_s == 180 * DAY_S
    mine = log[(log["service"] == 1) & (log["how"] == SERVED) & (log["need_type"] == 1)]
    waits_s = mine["started"] - mine["joined"]
    assert found.mean_wait_days(1, 1) == pytest.approx(waits_s.mean() / DAY_S)
    assert found.waited_share(1, 1) == pytest.approx((waits_s > 0).mean())
    left = log[log["how"] == RENEGED]
    assert found.mean_wait_days(how=RENEGED) == pytest.approx((left["left"] - left["joined"]).mean() / DAY_S)
    assert 0.5 < found.mean_inside(1) < 2.0
    assert found.mean_waiting(0) > 0.0


def test_nobody_served_is_no_number() -> None:
    found = count_network(network_state([Node(0.1)], [Source(0, 5.0)], [0]), 10)
    assert found.contacts["closed"].sum() == 0
    assert math.isnan(found.mean_wait_days(0))
    assert math.isnan(found.waited_share())
    assert found.mean_waiting(0) > 5.0


def test_no_time_is_no_number() -> None:
    state = small_network()
    run_network(state, 3)
    assert math.isnan(count_network(state, 3).mean_inside(0))


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'compiled'"):
        count_network(small_network(), 3, "compild")


def test_memory_used_again_changes_no_run_and_no_log_that_somebody_keeps() -> None:
    arena = Arena()
    alone = [run_network(small_network(seed), 400) for seed in range(1, 5)]
    kept = [run_network(small_network(seed, arena), 400) for seed in range(1, 5)]
    assert all(np.array_equal(a, b) for a, b in zip(kept, alone, strict=True))
    fewer = count_network(small_network(9, arena), 30)
    assert fewer.contacts.tobytes() == count_network(small_network(9), 30).contacts.tobytes()


def test_memory_is_used_again() -> None:
    arena = Arena()
    places = {run_network(small_network(1, arena), 400).ctypes.data for _ in range(6)}
    assert len(places) == 1


def test_no_counts_has_no_room() -> None:
    assert no_counts().shape[0] == 0
    assert no_counts(2, 3).shape == (3, 8, 3)
    assert no_counts(2, 3).dtype == COUNT


def test_needs_made_in_working_memory_are_those_the_rules_make() -> None:
    for seed in range(40):
        rng = np.random.default_rng(70_000 + seed)
        one = random_world(rng, DAYS).tables
        for table in (one.sources["last_s"], one.sources["count"]):
            table[:] = 0
        other = one._replace(sources=one.sources.copy())
        for end in (3 * DAY, 3 * DAY, 17 * DAY, 60 * DAY):
            made, made_here = arrivals(one, end), rows_until(other, blank_rows(2), end, Arena())[2:]
            assert np.array_equal(made, made_here), (seed, end)
            assert np.array_equal(one.sources, other.sources), (seed, end)
        assert len(made) > 20


def test_needs_go_on_where_the_room_ended() -> None:
    tables = small_network().tables
    whole = arrivals(small_network().tables, 30 * DAY)
    rows, coming = blank_rows(len(whole) + 1), np.empty(2, COMING)
    filled = fill_rows(tables, rows[:50], BLANK, coming, 0, 30 * DAY)
    assert filled == 50
    filled = fill_rows(tables, rows, BLANK, coming, filled, 30 * DAY)
    assert np.array_equal(rows[:filled], whole)


def test_open_rows_that_somebody_holds_are_left_alone() -> None:
    state = small_network()
    run_network(state, 100)
    held = state.rows
    before = held.copy()
    part = held[: len(held) // 2]
    run_network(state, 200)
    assert len(before) > 0
    assert np.array_equal(held, before)
    assert np.array_equal(part, before[: len(part)])


def test_open_rows_stay_where_they_lie_when_nobody_does() -> None:
    state = small_network()
    run_network(state, 200, window_days=50)
    place = state.rows.ctypes.data
    run_network(state, 1_000, window_days=50)
    assert state.rows.ctypes.data == place
    assert FREE not in state.rows["status"]
