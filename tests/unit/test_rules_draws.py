"""Drawing for many people at once gives what drawing for each gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.codes import HAZARD_KINDS
from sim.rules import purposes
from sim.rules.counts import uniform_of
from sim.rules.draws import PEOPLE, draw_all, drawn_count, room_for_draws
from sim.rules.keys import poisson_count

MOST = 30


@given(st.integers(0, 2**63 - 1), st.floats(0.0, 3.0), st.integers(0, 500), st.integers(0, PEOPLE))
@settings(max_examples=40, deadline=None)
def test_the_counts_are_those_of_each_person_alone(seed: int, largest: float, month: int, people: int) -> None:
    rng, draws = np.random.default_rng(seed), room_for_draws()
    draws.own[:] = rng.integers(0, 2**63, PEOPLE, dtype=np.uint64)
    draws.hazards[:] = rng.uniform(0.0, largest, draws.hazards.shape) * rng.integers(0, 2, draws.hazards.shape)
    draw_all(draws, people, month)
    for kind, need_type in enumerate(HAZARD_KINDS):
        for k in range(people):
            u = uniform_of(draws.own[k], purposes.NEED_COUNT + need_type, month)
            alone = poisson_count(u, draws.hazards[kind, k], MOST)
            together = drawn_count(draws, kind, k, month, MOST) if draws.some[kind, k] else 0
            assert together == alone


def test_people_not_drawn_for_are_left_alone() -> None:
    draws = room_for_draws()
    draws.some[:] = 1
    draw_all(draws, 3, 0)
    assert not draws.some[:, :3].any(), "nobody has a need at hazard 0"
    assert draws.some[:, 3:].all()
