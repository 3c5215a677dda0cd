"""Levels between need and hospital are England's, whatever else a draw of the evidence says."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.compose import compose
from sim.levels import (
    CALL_111_CONSTANTS,
    CONVEY_LOG_ODDS,
    FURTHEST,
    INJURIES,
    REPEATS,
    SOLVED,
    gaps,
    half_of,
    level_constants,
    levels_of,
)
from sim.place.england import Reference, make_reference
from sim.rules.margins import PER_CELL, make_grids, solve
from sim.world import build_world
from tests.rules_world import registry


def made(values: dict[str, float]) -> Reference:
    """Return the reference population of ``values``."""
    return make_reference(registry(), values, PER_CELL)


def given_by(values: dict[str, float]) -> np.ndarray:
    """Return how far the levels are from England's with ``values``, on the people that they were solved on."""
    hazards, cells, _ = solve(registry(), values, half_of(made(values)), REPEATS)
    return gaps(levels_of(hazards, cells), values)


def test_the_registrys_own_constants_give_englands_levels() -> None:
    values = registry().central()
    solved = make_grids(registry(), values)
    found = levels_of(solved.hazards, solved.cells)
    assert found.ed / (found.ed + found.urgent_treatment) == pytest.approx(values["ed_type1_share"], abs=0.02)
    met = values["level_met_ambulance"]  # a run gives less than where everything is served at once
    assert found.calls_111 * values["level_met_111"] == pytest.approx(values["calls_111_per_1000"], rel=0.06)
    assert found.attended * met == pytest.approx(values["ambulance_attended_per_1000"], rel=0.06)
    assert found.heard * met == pytest.approx(values["ambulance_heard_per_1000"], rel=0.06)
    assert found.conveyed / found.attended == pytest.approx(values["ambulance_conveyed_share"], abs=0.02)


def test_constants_far_off_are_brought_to_the_levels_and_keep_their_differences() -> None:
    central = registry().central()
    values = {**central, "choice_ambulance_minor_acute": -7.5, "unavoidable_999_above": 0.65, INJURIES: 0.2}
    values |= {name: central[name] - 0.8 for name in CALL_111_CONSTANTS}
    assert np.abs(given_by(values)).max() > 0.3
    found = level_constants(registry(), values, made(values))
    assert set(found) == set(SOLVED)
    assert np.abs(given_by(values | found)).max() < 0.02
    for names in (CALL_111_CONSTANTS, CONVEY_LOG_ODDS):
        shifts = [found[name] - values[name] for name in names]
        assert shifts == pytest.approx([shifts[0]] * len(shifts))


def test_a_level_out_of_reach_leaves_constants_that_can_be_used() -> None:
    values = {**registry().central(), "ambulance_attended_per_1000": 5.0}
    found = level_constants(registry(), values, made(values))
    assert all(np.isfinite(value) for value in found.values())
    assert all(abs(found[name] - values[name]) <= FURTHEST for name in CALL_111_CONSTANTS)


def test_a_constant_of_your_own_stands() -> None:
    world = build_world(compose(["place=toy", "evidence.overrides.choice_ambulance_minor_acute=-3.0"]))
    assert world.values["choice_ambulance_minor_acute"] == -3.0
