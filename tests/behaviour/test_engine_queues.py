"""What queues do, in small worlds whose outcome can be worked out by hand; both engines."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from scenarios.errors import InputError
from sim.codes import MISSED, RENEGED, SCHEDULED, SERVED, WAITING
from sim.engines.records import CHANGE, EXIT, blank_rows
from sim.engines.state import State
from sim.networks import DAY_S, ENGINES, Node, Source, network_state, run_network

HOUR_S = 3_600
pytestmark = pytest.mark.parametrize("engine", list(ENGINES))


def need(number: int, at_s: int, node: int = 0, klass: int = 0, person: int = -1) -> np.ndarray:
    """Return one need that arises at a chosen second."""
    row = blank_rows(1)
    row["need"], row["person_key"], row["person"] = number, 1_000 + person if person >= 0 else number, person
    row["need_type"], row["site"], row["status"] = klass, node, SCHEDULED
    row["arose"] = row["due"] = at_s
    return row


def by_hand(state: State, needs: list[np.ndarray], engine: str, days: float = 10) -> np.ndarray:
    """Return the contacts of ``needs`` alone."""
    state.add_rows(np.concatenate(needs))
    log = ENGINES[engine](state, round(days * DAY_S))
    return log[log["service"] >= 0]


def hours(node_hours: float) -> Node:
    """Return a node whose service takes exactly so many hours."""
    return Node(node_hours / 24, law="deterministic")


def test_without_staff_nobody_is_seen_and_everyone_gives_up(engine: str) -> None:
    node = Node(0.1, patience="fixed", mean_patience_days=0.5)
    state = network_state([node], [Source(0, 20.0)], [0])
    log = run_network(state, 100, engine)
    contacts = log[log["service"] == 0]
    assert len(contacts) > 1_500
    assert set(contacts["how"]) == {RENEGED}
    assert set(contacts["started"]) == {-1}
    assert set(contacts["left"] - contacts["joined"]) == {DAY_S // 2}
    assert state.services["starts"][0] == 0
    assert state.pools["busy_area_s"][0] == 0


def test_without_staff_the_patient_wait_for_ever(engine: str) -> None:
    state = network_state([Node(0.1)], [Source(0, 20.0)], [0])
    assert len(run_network(state, 30, engine)) == 0
    assert set(state.rows["status"]) == {WAITING}
    assert state.services["waiting"][0] == len(state.rows) > 500


def test_a_fall_in_capacity_interrupts_nobody_and_its_overrun_is_counted(engine: str) -> None:
    state = network_state([hours(10)], [], [2])
    state.changes = np.array([(4 * HOUR_S, 0, 1)], CHANGE)
    contacts = by_hand(state, [need(n, 0) for n in (1, 2, 3)], engine)
    times = {int(c["need"]): (c["started"] // HOUR_S, c["left"] // HOUR_S) for c in contacts}
    assert times == {1: (0, 10), 2: (0, 10), 3: (10, 20)}
    assert state.pools["over_area_s"][0] == 6 * HOUR_S
    assert state.pools["busy_area_s"][0] == 30 * HOUR_S


def test_a_shut_service_starts_again_when_it_opens(engine: str) -> None:
    state = network_state([hours(1)], [], [1])
    state.changes = np.array([(0, 0, 0), (9 * HOUR_S, 0, 1)], CHANGE)
    contacts = by_hand(state, [need(1, 0), need(2, 8 * HOUR_S)], engine)
    assert (contacts["started"] // HOUR_S).tolist() == [9, 10]


def test_higher_priority_goes_first_then_the_longest_wait_then_the_lower_need(engine: str) -> None:
    state = network_state([hours(1)], [], [1], priorities=(1, 0))
    late_urgent = need(9, 1_000, klass=1)
    contacts = by_hand(state, [need(8, 0), need(7, 500), need(6, 500), need(5, 600), late_urgent], engine)
    assert contacts["need"].tolist() == [8, 9, 6, 7, 5]


def test_arrivals_of_the_same_second_are_served_in_order_of_need(engine: str) -> None:
    state = network_state([hours(1)], [], [1])
    contacts = by_hand(state, [need(n, 60) for n in (4, 2, 3, 1)], engine)
    assert contacts["need"].tolist() == [1, 2, 3, 4]


def test_a_place_freed_at_the_last_second_of_patience_is_still_taken(engine: str) -> None:
    node = Node(1 / 24, law="deterministic", patience="fixed", mean_patience_days=1 / 24)
    state = network_state([node], [], [1])
    contacts = by_hand(state, [need(1, 0), need(2, 0), need(3, 0)], engine)
    assert dict(zip(contacts["need"].tolist(), contacts["how"].tolist(), strict=True)) == {
        1: SERVED, 2: SERVED, 3: RENEGED,
    }  # fmt: skip
    assert set(contacts["left"][contacts["how"] == RENEGED]) == {HOUR_S}


def test_loss_when_patience_is_nought(engine: str) -> None:
    node = Node(1.0, law="deterministic", patience="fixed", mean_patience_days=0.0)
    state = network_state([node], [], [1])
    contacts = by_hand(state, [need(1, 0), need(2, 10), need(3, DAY_S)], engine)
    assert dict(zip(contacts["need"].tolist(), contacts["how"].tolist(), strict=True)) == {
        1: SERVED, 2: RENEGED, 3: SERVED,
    }  # fmt: skip


def test_called_while_in_a_bed_is_missed_and_rejoins_on_discharge(engine: str) -> None:
    clinic, bed = hours(1), Node(1.0, law="deterministic", acute=True)
    state = network_state([clinic, bed], [], [1, 1])
    state.people = 2
    state.changes = np.array([(0, 0, 0), (6 * HOUR_S, 0, 1)], CHANGE)  # the clinic opens while the person is in bed
    needs = [need(1, 0, node=0, person=0), need(2, HOUR_S, node=1, person=0), need(3, 5 * HOUR_S, person=1)]
    contacts = by_hand(state, needs, engine)
    clinic_visits = contacts[(contacts["service"] == 0) & (contacts["need"] == 1)]
    assert clinic_visits["how"].tolist() == [MISSED, SERVED]
    assert (clinic_visits["left"] // HOUR_S).tolist() == [6, 26]
    assert (clinic_visits["joined"] // HOUR_S).tolist() == [0, 25]  # discharged an hour past the first day
    other = contacts[contacts["need"] == 3]
    assert other["started"].tolist() == [6 * HOUR_S]  # the slot missed went to the next on the list


def test_a_need_that_arises_in_a_bed_is_met_there(engine: str) -> None:
    state = network_state([hours(1), Node(1.0, law="deterministic", acute=True)], [], [1, 1])
    state.people = 1
    contacts = by_hand(state, [need(1, 0, node=1, person=0), need(2, HOUR_S, node=0, person=0)], engine)
    assert contacts["need"].tolist() == [1]


def test_a_cubicle_is_held_until_the_bed_starts(engine: str) -> None:
    cubicle = Node(2 / 24, law="deterministic", hold_until_next_starts=True, acute=True)
    bed = Node(1.0, law="deterministic", acute=True)
    state = network_state([cubicle, bed], [], [1, 1], routing=[[0.0, 1.0], [0.0, 0.0]])
    contacts = by_hand(state, [need(1, 0), need(2, 0), need(3, 0)], engine)
    cubicles = contacts[contacts["service"] == 0]
    told = [tuple(int(c[n]) // HOUR_S for n in ("started", "finished", "left")) for c in cubicles]
    # the second patient's cubicle is kept for a day, until the first patient's bed is free; the third waits behind
    assert told == [(0, 2, 2), (2, 4, 26), (26, 28, 50)]
    beds = contacts[contacts["service"] == 1]
    assert (beds["started"] // HOUR_S).tolist() == [2, 26, 50]


def test_death_frees_the_place_and_the_next_starts_that_second(engine: str) -> None:
    state = network_state([Node(5.0, law="deterministic")], [], [1])
    state.people = 1
    exits = np.zeros(1, EXIT)
    exits["time"], exits["person"], exits["person_key"], exits["how"] = 7 * HOUR_S, 0, 1_000, 3
    state.exits = exits
    contacts = by_hand(state, [need(1, 0, person=0), need(2, HOUR_S)], engine)
    assert contacts["left"].tolist() == [7 * HOUR_S, 7 * HOUR_S + 5 * DAY_S]
    assert contacts["started"].tolist() == [0, 7 * HOUR_S]


def test_two_services_share_one_pool(engine: str) -> None:
    nodes = [Node(1 / 24, law="deterministic", pool=0), Node(1 / 24, law="deterministic", pool=0)]
    state = network_state(nodes, [], [1])
    contacts = by_hand(state, [need(1, 0, node=1), need(2, 0, node=0), need(3, 0, node=1)], engine)
    assert contacts["need"].tolist() == [2, 1, 3]  # services in number order, one at a time
    assert (contacts["started"] // HOUR_S).tolist() == [0, 1, 2]


def test_an_episode_that_goes_in_circles_is_stopped(engine: str) -> None:
    there = Node(1.0, patience="fixed", mean_patience_days=0.0, after_reneging=1)
    back = dataclasses.replace(there, after_reneging=0)
    with pytest.raises(RuntimeError, match="impossible step"):
        by_hand(network_state([there, back], [], [0, 0]), [need(1, 0)], engine)


def test_unknown_engine_is_named_with_the_nearest(engine: str) -> None:
    state = network_state([hours(1)], [], [1])
    with pytest.raises(InputError, match=r"engine: 'refrence': did you mean 'reference'"):
        run_network(state, 1, "refrence")
