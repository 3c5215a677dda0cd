"""The last year of life, with structure.dying: needs and stays gather before deaths, and many die in hospital."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pytest

from intsim.fitting import scenario_of
from scenarios.registry.reader import load_registry
from sim.codes import DIED, END_OF_LIFE, OUT_ADMITTED
from sim.engines import compiled
from sim.month import first_course, make_plan, run_month
from sim.outcomes.panel import OUTCOMES
from sim.rules.dying import LAST_ILLNESS_K
from sim.rules.keys import key4
from sim.world import build_world

WORDS = ("place=england_average", "place.basis=30000", "experiment.burn_in_months=12")
MONTHS, COUNTED_FROM = 36, 18
DAY_S = 86_400
YEAR_S = 365.25 * DAY_S


class Lives(NamedTuple):
    """What came before each death, of which there are ``deaths``.

    stays, needs: how many seconds before it; died_s, ages: when, and at what age in years. illnesses: how many needs
    were last illnesses. foreseen_s: the column death_s at the end.
    """

    deaths: int
    in_hospital: int
    stays: list[np.ndarray]
    needs: list[np.ndarray]
    ages: np.ndarray
    illnesses: int
    foreseen_s: np.ndarray


@lru_cache(maxsize=2)
def lives(dying: bool) -> Lives:
    """Return the deaths of the last half of three years of usual care."""
    world = build_world(scenario_of([*WORDS, f"structure.dying={str(dying).lower()}"]))
    design = world.scenario.int_design
    plan, course = make_plan(world, design, design), first_course(world, 3)
    stays: dict[int, list[int]] = {}
    needs: dict[int, list[int]] = {}
    ends: list[tuple[int, int, float]] = []
    in_hospital = illnesses = 0
    for month in range(MONTHS):
        done = run_month(world, course, plan, compiled.advance)
        people, exits = course.state.tables.people, course.state.exits
        admitted = done.log[(done.log["person"] >= 0) & (done.log["outcome"] == OUT_ADMITTED)]
        note(stays, admitted["person_key"], admitted["left"])
        made = done.created[(done.created["need_type"] == END_OF_LIFE) & (done.created["person"] >= 0)]
        note(needs, made["person_key"], made["arose"])
        if month >= COUNTED_FROM:
            last = [key4(key, END_OF_LIFE, month, LAST_ILLNESS_K) for key in made["person_key"]]
            illnesses += int((made["need"] == np.array(last, np.uint64)).sum())
            died = exits[exits["how"] == DIED]
            ages = (died["time"] / DAY_S - people["birth_day"][died["person"]]) / 365.25
            ends += zip(died["person_key"].tolist(), died["time"].tolist(), ages.tolist(), strict=True)
            panel = np.asarray(done.collected.outcomes.panel).reshape(-1, len(OUTCOMES)).sum(axis=0)
            in_hospital += int(panel[OUTCOMES.index("hospital_deaths")])
    before = [[end - np.array(events.get(key, []), float) for key, end, _ in ends] for events in (stays, needs)]
    aged = np.array([age for _, _, age in ends])
    return Lives(len(ends), in_hospital, before[0], before[1], aged, illnesses, course.state.tables.people["death_s"])


def note(events: dict[int, list[int]], keys: np.ndarray, times_s: np.ndarray) -> None:
    """Add what happened to whom."""
    for key, time_s in zip(keys.tolist(), times_s.tolist(), strict=True):
        events.setdefault(key, []).append(time_s)


def in_last(before: list[np.ndarray], days: float) -> np.ndarray:
    """Return how many events each life had in its last ``days``."""
    return np.array([int(((gap >= 0) & (gap <= days * DAY_S)).sum()) for gap in before])


@pytest.mark.slow
def test_four_in_ten_die_in_hospital_and_have_two_stays_in_their_last_year() -> None:
    found = lives(True)
    assert found.deaths > 300
    assert 0.36 < found.in_hospital / found.deaths < 0.51  # England 2022: 43%
    stays = in_last(found.stays, 365.25)
    assert 1.5 < stays.mean() < 2.5
    assert 0.2 < (stays >= 3).mean() < 0.36
    nearer = in_last(found.stays, 90)
    assert nearer.mean() > 0.5 * stays.mean()  # in the last quarter of the year, more than half of its stays


@pytest.mark.slow
def test_without_it_deaths_and_hospital_hardly_meet() -> None:
    found = lives(False)
    assert found.in_hospital / found.deaths < 0.06
    assert in_last(found.stays, 365.25).mean() < 0.8
    assert (found.foreseen_s == 0).all()
    assert found.illnesses == 0


@pytest.mark.slow
def test_needs_before_a_death_are_as_many_as_the_evidence_says_and_gather_towards_it() -> None:
    found, values = lives(True), load_registry().central()
    older = found.ages >= values["dying_older_from"]
    expected = np.where(older, values["dying_needs_per_death_85"], values["dying_needs_per_death_0"])
    expected = expected + values["last_illness_share"]
    needs = in_last(found.needs, 365.25)
    assert needs.mean() == pytest.approx(expected.mean(), rel=0.12)
    gathered = in_last(found.needs, 4 * 30.4).sum() / needs.sum()
    assert gathered > 0.6  # some 0.58 of a year's needs fall in its last four months, and every last illness does
    assert found.illnesses / found.deaths == pytest.approx(values["last_illness_share"], abs=0.08)


@pytest.mark.slow
def test_as_many_die_with_it_as_without() -> None:
    with_it, without = lives(True).deaths, lives(False).deaths
    assert without > 300
    assert abs(with_it - without) <= 0.01 * without  # twins: who dies when is drawn by the person
