"""Our own month: the slow states, the needs with the second each arises, and deaths, by the rules of the model."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.month_people import Lives, Step, closed_state
from sim.codes import DEAD, PRESENT
from sim.rules.month import fold_month, month_exits, month_needs
from sim.world import World


def prepare(world: World, kinds: tuple[int, ...], seed: int) -> Step:
    """Return what steps a fresh copy of the residents for a number of months."""
    state, calendar = closed_state(world, kinds, seed), world.calendar

    def step(months: int) -> Lives:
        tables = state.tables
        needs, deaths, present = [], [], []
        for month in range(months):
            start_s, end_s = calendar.month_start_s(month), calendar.month_start_s(month + 1)
            present.append(fold_month(tables, month, start_s))
            rows = month_needs(tables, month, start_s, end_s, calendar.month_of_year(month))
            exits = month_exits(tables, month, start_s, end_s)
            tables.people["presence"][exits["person"]] = DEAD
            needs.append(np.bincount(rows["need_type"], minlength=max(kinds) + 1)[list(kinds)])
            deaths.append(len(exits))
        return Lives(np.array(needs), np.array(deaths), np.array(present))

    if np.count_nonzero(state.tables.people["presence"] == PRESENT) != world.residents:
        raise RuntimeError("somebody is absent at second 0")
    return step
