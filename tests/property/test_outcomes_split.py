"""However time is split, the parts add up: made-up journeys reduced in one window and in two."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import codes
from sim.engines.records import EXIT, LOG, SERVICE, blank_rows
from sim.outcomes.flows import NODES
from sim.outcomes.reducer import ClosedMonth, Memory, MonthOutcomes, reduce_month
from sim.place.columns import COMMUNITY, PERSON
from tests.outcomes_oracle import differences

KINDS = (codes.GP, codes.ED, codes.BED, codes.HOME_PACKAGE, codes.ASSESSMENT, codes.AMBULANCE)
HORIZON = 10_000
RESIDENTS = 4

# One contact: (service, seconds waited, seconds served, seconds held afterwards, how it goes: 0 served, 1 reneges)
CONTACT = st.tuples(
    st.integers(0, 5), st.integers(0, 900), st.integers(1, 2000), st.integers(0, 1500), st.integers(0, 1)
)
EPISODE = st.tuples(
    st.integers(-1, RESIDENTS - 1),  # person
    st.integers(0, HORIZON - 1),  # arises
    st.integers(0, codes.SOCIAL_NEED),  # need type
    st.lists(st.tuples(CONTACT, st.integers(0, 800)), max_size=5),  # contacts, each with a stay after it
    st.sampled_from((codes.OUT_RESOLVED, codes.OUT_UNMET, codes.OUT_LOST, codes.OUT_DISCHARGED)),
)


class World:
    """Journeys laid out in time: every record that will ever be written, and what is open at any instant."""

    def __init__(self, episodes: list[tuple]) -> None:
        self.records: list[dict[str, int]] = []
        self.needs: list[dict[str, int]] = []
        for index, (person, arose, need_type, contacts, outcome) in enumerate(episodes):
            base = {"need": index + 1, "person": person, "need_type": need_type}
            now = arose
            for ordinal, ((service, wait, served, held, how), stay) in enumerate(contacts):
                begin = now + wait
                finished = begin + served
                if how == 1:
                    times = {"joined": now, "started": -1, "finished": -1, "left": begin, "how": codes.RENEGED}
                else:
                    times = {"joined": now, "started": begin, "finished": finished, "left": finished + held}
                    times["how"] = codes.SERVED
                self.records.append({**base, "service": service, "ordinal": ordinal, "outcome": 0, **times})
                now = times["left"] + stay
            ends = {"service": -1, "ordinal": len(contacts), "how": codes.ENDED, "outcome": outcome}
            self.records.append({**base, **ends, "joined": arose, "started": -1, "finished": now, "left": now})
            self.needs.append({**base, "arose": arose, "ends": now})

    def log(self, start_s: int, end_s: int) -> np.ndarray:
        kept = [one for one in self.records if start_s <= one["left"] < end_s]
        log = np.zeros(len(kept), LOG)
        for record, one in zip(log, kept, strict=True):
            for name, value in one.items():
                record[name] = value
        return log

    def open_at(self, time_s: int) -> np.ndarray:
        needs = [one for one in self.needs if one["arose"] < time_s <= one["ends"]]
        rows = blank_rows(len(needs))
        for row, need in zip(rows, needs, strict=True):
            row["need"], row["person"], row["need_type"] = need["need"], need["person"], need["need_type"]
            row["arose"], row["status"] = need["arose"], codes.STAYING
            for one in self.records:
                if one["need"] == need["need"] and one["service"] >= 0 and one["joined"] < time_s <= one["left"]:
                    put(row, one, time_s)
        return rows

    def created(self, start_s: int, end_s: int) -> np.ndarray:
        kept = [one for one in self.needs if start_s <= one["arose"] < end_s]
        rows = blank_rows(len(kept))
        for row, need in zip(rows, kept, strict=True):
            row["need"], row["person"], row["need_type"] = need["need"], need["person"], need["need_type"]
            row["status"], row["due"] = codes.SCHEDULED, need["arose"]
        return rows


def put(row: np.void, one: dict[str, int], time_s: int) -> None:
    """Write a contact open at ``time_s`` (an event at that very second belongs to the next window) into its row."""
    if one["started"] < 0 or one["started"] >= time_s:
        row["status"], row["service"], row["joined"], row["ordinal"] = (
            codes.WAITING,
            one["service"],
            one["joined"],
            one["ordinal"],
        )
    elif one["finished"] >= time_s:
        row["status"], row["service"], row["joined"], row["ordinal"] = (
            codes.IN_SERVICE,
            one["service"],
            one["joined"],
            one["ordinal"],
        )
        row["started"] = one["started"]
    else:
        row["held"], row["held_ordinal"] = one["service"], one["ordinal"]
        for name in ("joined", "started", "finished"):
            row[f"held_{name}"] = one[name]


def reduce(world: World, start_s: int, end_s: int, memory: Memory) -> MonthOutcomes:
    people = np.zeros(RESIDENTS, PERSON)
    people["presence"] = codes.PRESENT
    people["birth_day"] = -20_000
    communities = np.zeros(1, COMMUNITY)
    communities["local_quintile"] = 1
    services = np.zeros(len(KINDS), SERVICE)
    services["kind"] = KINDS
    exits = np.zeros(1, EXIT)
    exits["person"], exits["time"], exits["how"] = RESIDENTS - 1, HORIZON // 2, codes.DIED
    if exits["time"][0] < start_s:
        people["presence"][RESIDENTS - 1] = codes.DEAD
    month = ClosedMonth(
        start_s,
        end_s,
        world.log(start_s, end_s),
        world.open_at(end_s),
        world.created(start_s, end_s),
        exits[(exits["time"] >= start_s) & (exits["time"] < end_s)],
    )
    found = reduce_month(month, people, communities, services, 2, memory)
    assert differences(found, month, people, communities, services, 2, memory) == []
    return found


@settings(max_examples=150, deadline=None)
@given(episodes=st.lists(EPISODE, max_size=8), middle=st.integers(1, HORIZON - 1))
def test_two_windows_add_up_to_one(episodes: list[tuple], middle: int) -> None:
    world = World([one for one in episodes if one[0] != RESIDENTS - 1])
    whole = reduce(world, 0, HORIZON, Memory())
    first = reduce(world, 0, middle, Memory())
    second = reduce(world, middle, HORIZON, first.memory)
    np.testing.assert_array_equal(first.panel + second.panel, whole.panel)
    np.testing.assert_array_equal(first.tallies + second.tallies, whole.tallies)
    np.testing.assert_array_equal(first.waiting_s + second.waiting_s, whole.waiting_s)
    np.testing.assert_array_equal(first.inside_s + second.inside_s, whole.inside_s)
    np.testing.assert_array_equal(first.waits.served + second.waits.served, whole.waits.served)
    np.testing.assert_array_equal(first.waits.reneged + second.waits.reneged, whole.waits.reneged)
    np.testing.assert_array_equal(first.needs + second.needs, whole.needs)
    np.testing.assert_array_equal(first.composition + second.composition, whole.composition)
    np.testing.assert_array_equal(first.mortality + second.mortality, whole.mortality)
    np.testing.assert_array_equal(first.flows + second.flows, whole.flows)


@settings(max_examples=60, deadline=None)
@given(episodes=st.lists(EPISODE, max_size=8))
def test_every_journey_that_reaches_an_end_left_the_need_once(episodes: list[tuple]) -> None:
    world = World(episodes)
    flows = reduce(world, 0, 10 * HORIZON, Memory()).flows
    ends = NODES.index("none")
    assert flows[0].sum() == flows[:, ends:].sum()
    inner = slice(1, ends)
    np.testing.assert_array_equal(flows[:, inner].sum(axis=0), flows[inner].sum(axis=1))
