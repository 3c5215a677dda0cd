"""What must hold in every world, checked from the log and the open rows alone."""

from __future__ import annotations

import numpy as np
import pytest

from sim.codes import FREE, IN_SERVICE, MISSED, NEVER, RENEGED
from sim.engines import compiled
from sim.engines.records import LOG_ORDER
from sim.engines.state import State
from sim.networks import advance_in_windows
from sim.outcomes.contacts import Contacts, contacts_of
from sim.outcomes.little import arisen, conservation, little_check
from sim.rules.network import FIXED_PATIENCE
from tests.engines.worlds import DAY, random_cuts, random_world

DAYS = 40
WORLDS = range(30_000, 30_080)


class Moved:
    """A random world before and after its run."""

    def __init__(self, seed: int) -> None:
        self.before: State = random_world(np.random.default_rng(seed), DAYS)
        self.after: State = self.before.copy()
        self.log = compiled.advance(self.after, DAYS * DAY)
        self.contacts: Contacts = contacts_of(self.log, self.after.rows, 0, DAYS * DAY)
        self.started = self.contacts.started >= 0
        self.pool = self.after.services["pool"][self.contacts.service]
        self.acute = self.after.services["acute"][self.contacts.service] == 1


@pytest.fixture(scope="module")
def worlds() -> list[Moved]:
    """Return the worlds, moved once."""
    return [Moved(seed) for seed in WORLDS]


def test_every_need_has_exactly_one_end_or_is_still_open(worlds: list[Moved]) -> None:
    for world in worlds:
        arose = arisen(world.before.rows, world.before.exits)
        checked = conservation(arose, world.log, world.after.rows)
        assert checked.holds, checked


def test_person_seconds_of_the_engine_are_those_of_the_contacts(worlds: list[Moved]) -> None:
    for world in worlds:
        checked = little_check(
            world.log, world.after.rows, world.before.services, world.after.services, 0, world.after.now
        )
        assert checked.holds, checked


def test_person_seconds_agree_in_every_window() -> None:
    for seed in range(40_000, 40_020):
        rng = np.random.default_rng(seed)
        state = random_world(rng, DAYS)
        changes, exits = state.changes, state.exits
        for end in random_cuts(rng, DAYS):
            start, before = state.now, state.services.copy()
            state.changes, state.exits = changes, exits
            log = advance_in_windows(state, compiled.advance, [end])
            assert little_check(log, state.rows, before, state.services, start, end).holds, (seed, end)


def capacity_at(world: Moved, pool: int, times: np.ndarray) -> np.ndarray:
    """Return the pool's capacity once the changes of each time have been applied."""
    mine = world.before.changes[world.before.changes["pool"] == pool]
    steps = np.concatenate([[world.before.pools["capacity"][pool]], mine["capacity"]])
    return steps[np.searchsorted(mine["time"], times, side="right")]


def test_nobody_starts_above_capacity(worlds: list[Moved]) -> None:
    checked = 0
    for world in worlds:
        still_there = np.where(world.contacts.left == world.after.now, NEVER, world.contacts.left)
        for pool in range(len(world.after.pools)):
            mine = world.started & (world.pool == pool)
            starts, ends = np.sort(world.contacts.started[mine]), np.sort(still_there[mine])
            inside = np.searchsorted(starts, starts, "right") - np.searchsorted(ends, starts, "right")
            assert np.all(inside <= capacity_at(world, pool, starts))
            checked += len(starts)
    assert checked > 5_000


def test_seconds_of_capacity_are_those_of_its_calendar(worlds: list[Moved]) -> None:
    for world in worlds:
        for pool, column in enumerate(world.after.pools):
            mine = world.before.changes[world.before.changes["pool"] == pool]
            edges = np.concatenate([[0], mine["time"], [world.after.now]])
            levels = capacity_at(world, pool, edges[:-1])
            assert column["capacity_area_s"] == np.sum(np.diff(edges) * levels)
            assert column["busy_area_s"] == np.sum(
                (world.contacts.left - world.contacts.started)[world.started & (world.pool == pool)]
            )


def test_what_is_busy_now_is_what_the_rows_hold(worlds: list[Moved]) -> None:
    for world in worlds:
        rows, services = world.after.rows, world.after.services
        inside = np.bincount(rows["service"][rows["status"] == IN_SERVICE], minlength=len(services))
        inside += np.bincount(rows["held"][rows["held"] >= 0], minlength=len(services))
        assert inside.tolist() == services["inside"].tolist()
        assert np.bincount(services["pool"], inside, len(world.after.pools)).tolist() == (
            world.after.pools["busy"].tolist()
        )


def test_a_person_is_in_one_hospital_place_at_a_time(worlds: list[Moved]) -> None:
    stays = 0
    for world in worlds:
        c = world.contacts
        for person in np.unique(c.person[world.acute & world.started & (c.person >= 0)]):
            mine = np.flatnonzero(world.started & (c.person == person))
            for i in mine[world.acute[mine]]:
                others = mine[c.need[mine] != c.need[i]]
                during = (c.started[others] > c.started[i]) & (c.started[others] < c.left[i])
                assert not np.any(during), "somebody started while in hospital for something else"
                stays += 1
    assert stays > 500


def test_a_missed_call_found_the_person_in_hospital(worlds: list[Moved]) -> None:
    missed = 0
    for world in worlds:
        c = world.contacts
        for record in world.log[world.log["how"] == MISSED]:
            elsewhere = world.acute & world.started & (c.person == record["person"]) & (c.need != record["need"])
            assert np.any(elsewhere & (c.started <= record["left"]) & (c.left >= record["left"]))
            missed += 1
    assert missed > 100


def test_death_and_moving_away_free_everything_at_that_second(worlds: list[Moved]) -> None:
    gone = 0
    for world in worlds:
        for leaver in world.before.exits:
            mine = world.log[world.log["person"] == leaver["person"]]
            assert np.all(mine["left"] <= leaver["time"])
            still = world.after.rows[world.after.rows["status"] != FREE]
            assert leaver["person"] not in still["person"].tolist()
            gone += int(np.sum(mine["left"] == leaver["time"]) > 0)
    assert gone > 100


def test_without_patience_nobody_waits(worlds: list[Moved]) -> None:
    lost = 0
    for world in worlds:
        nodes = world.after.tables.nodes
        for s in np.flatnonzero((nodes["patience_law"] == FIXED_PATIENCE) & (nodes["patience_s"] == 0)):
            mine = world.log[world.log["service"] == s]
            until = np.where(mine["started"] >= 0, mine["started"], mine["left"])
            assert np.all(until == mine["joined"])
            assert world.after.services["waiting_area_s"][s] == 0
            lost += int(np.sum(mine["how"] == RENEGED))
    assert lost > 500


def test_nobody_waits_past_their_patience(worlds: list[Moved]) -> None:
    for world in worlds:
        nodes = world.after.tables.nodes
        for s in np.flatnonzero(nodes["patience_law"] == FIXED_PATIENCE):
            gave_up = world.log[(world.log["service"] == s) & (world.log["how"] == RENEGED)]
            assert np.all(gave_up["left"] - gave_up["joined"] == int(nodes["patience_s"][s]))


def test_the_log_is_in_order_and_no_contact_ends_before_it_begins(worlds: list[Moved]) -> None:
    for world in worlds:
        log = world.log
        order = np.lexsort([log[name] for name in reversed(LOG_ORDER)])
        assert np.array_equal(order, np.arange(len(log)))
        served = log[log["started"] >= 0]
        assert np.all(served["started"] >= served["joined"])
        finished = served[served["finished"] >= 0]
        assert np.all(finished["finished"] > finished["started"])
        assert np.all(finished["left"] >= finished["finished"])
