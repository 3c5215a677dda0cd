"""Both engines, event for event: the same log, open rows, services, pools and tables, to the second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.codes import DIED, ENDED, HOW_NAMES, MISSED, MOVED, RENEGED, SCHEDULED, SERVED
from sim.engines import compiled, reference
from sim.engines.records import CHANGE, blank_rows
from sim.engines.state import State
from sim.engines.store import load_state, save_state
from sim.networks import Node, Source, advance_in_windows, network_state
from tests.engines.worlds import DAY, differences, random_cuts, random_world

DAYS = 40
WORLDS = 300
settings.register_profile("engines", derandomize=True, deadline=None, database=None)
seeds = st.integers(0, 2**32 - 1)
seen: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _said() -> Iterator[None]:
    """Say at the end how many worlds were compared and what happened in them."""
    yield
    print(f"\nengines compared on {seen['worlds']} random worlds, {seen['records']} records: {dict(seen)}")


@settings(settings.get_profile("engines"), max_examples=WORLDS)
@given(seed=seeds)
def test_engines_agree_event_for_event(seed: int) -> None:
    one = random_world(np.random.default_rng(seed), DAYS)
    other = one.copy()
    log = compiled.advance(one, DAYS * DAY)
    assert differences(one, log, other, reference.advance(other, DAYS * DAY)) == []
    seen.update(HOW_NAMES[how] for how in log["how"].tolist())
    seen.update({"worlds": 1, "records": len(log)})


def test_random_worlds_hold_everything_that_can_happen() -> None:
    happened: Counter[str] = Counter()
    for seed in range(60):
        log = compiled.advance(random_world(np.random.default_rng(seed), DAYS), DAYS * DAY)
        happened.update(HOW_NAMES[how] for how in log["how"].tolist())
    for how in (SERVED, RENEGED, MISSED, DIED, MOVED, ENDED):
        assert happened[HOW_NAMES[how]] > 100, HOW_NAMES[how]


def moved_in_windows(state: State, advance: object, cuts: list[int], file: Path | None) -> tuple[State, np.ndarray]:
    """Return (state, log) after all windows, saved and reloaded at each boundary when ``file`` is given."""
    changes, exits, parts = state.changes, state.exits, []
    for end in cuts:
        if file is not None:
            save_state(state, file)
            state = load_state(file)
        state.changes, state.exits = changes, exits
        parts.append(advance_in_windows(state, advance, [end]))  # type: ignore[arg-type]
    return state, np.concatenate(parts)


@pytest.mark.parametrize("engine", [compiled, reference], ids=["compiled", "reference"])
@pytest.mark.parametrize("saved", [False, True], ids=["in_memory", "saved_and_reloaded"])
def test_cutting_time_into_windows_changes_nothing(engine: object, saved: bool, tmp_path: Path) -> None:
    for seed in range(60):
        rng = np.random.default_rng(10_000 + seed)
        whole = random_world(rng, DAYS)
        parts = whole.copy()
        log = engine.advance(whole, DAYS * DAY)  # type: ignore[attr-defined]
        file = tmp_path / "state.npz" if saved else None
        parts, parts_log = moved_in_windows(parts, engine.advance, random_cuts(rng, DAYS), file)  # type: ignore[attr-defined]
        assert differences(whole, log, parts, parts_log) == [], f"world {seed}"


def test_engines_can_take_turns() -> None:
    for seed in range(30):
        rng = np.random.default_rng(20_000 + seed)
        whole = random_world(rng, DAYS)
        turns = whole.copy()
        log = compiled.advance(whole, DAYS * DAY)
        parts = []
        changes, exits = turns.changes, turns.exits
        for n, end in enumerate(random_cuts(rng, DAYS)):
            turns.changes, turns.exits = changes, exits
            parts.append(advance_in_windows(turns, (reference, compiled)[n % 2].advance, [end]))
        assert differences(whole, log, turns, np.concatenate(parts)) == [], f"world {seed}"


def test_a_copied_state_goes_its_own_way() -> None:
    one = random_world(np.random.default_rng(5), DAYS)
    compiled.advance(one, 20 * DAY)
    branch = one.copy()
    before = branch.rows.copy()
    one.changes = one.changes[one.changes["time"] >= one.now]
    one.exits = one.exits[one.exits["time"] >= one.now]
    compiled.advance(one, DAYS * DAY)
    assert branch.now == 20 * DAY
    assert np.array_equal(branch.rows, before)


def test_a_service_that_ends_when_patience_would_have_ended_is_one_change_not_two() -> None:
    people = 40
    states = []
    for _ in range(2):
        node = Node(5.0, "deterministic", patience="fixed", mean_patience_days=10.0)
        state = network_state([node], [Source(0, 1.0)], capacity=[0])
        state.add_rows(blank_rows(people))
        state.rows["need"] = state.rows["person_key"] = np.arange(1, people + 1)
        state.rows["status"], state.rows["site"] = SCHEDULED, 0
        state.changes = np.zeros(1, CHANGE)
        state.changes["time"], state.changes["capacity"] = 5 * DAY, people
        states.append(state)
    logs = [engine.advance(state, 20 * DAY) for engine, state in zip((compiled, reference), states, strict=True)]
    assert len(logs[0]) == 2 * people
    assert (logs[0] == logs[1]).all()
