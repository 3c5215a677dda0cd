"""What people who died had before: hand-made spells and deaths with known answers."""

from __future__ import annotations

import numpy as np

from calibration.simulators.last_year import DEATH, YEAR_S, counts, seconds_within, within
from calibration.simulators.people import STAY
from sim.calendar import DAY_S

DEAD_AT = 400 * DAY_S


def spells(*rows: tuple[int, int, int]) -> np.ndarray:
    """Return spells by person and start: (person, day begun, day left)."""
    found = np.zeros(len(rows), STAY)
    for at, (person, began, left) in enumerate(sorted(rows)):
        found[at]["person"], found[at]["started"], found[at]["left"] = person, began * DAY_S, left * DAY_S
    return found


def dead(*people: int, age: int = 80, quintile: int = 1) -> np.ndarray:
    """Return deaths at the same second."""
    found = np.zeros(len(people), DEATH)
    found["person"], found["time"], found["age"], found["quintile"] = people, DEAD_AT, age, quintile
    return found


HAD = spells(
    (2, 10, 20),  # more than a year before
    (2, 30, 45),  # begun more than a year before, and left within it: ten days are of the last year
    (2, 309, 312),  # 91 days before
    (2, 310, 311),  # 90 days before
    (2, 390, 400),  # the stay she died in
    (3, 399, 405),  # somebody else
    (5, 400, 401),
)


def test_spells_are_counted_back_from_the_death_and_nobody_elses() -> None:
    deaths = dead(2, 4)
    assert within(deaths, HAD, 90 * DAY_S).tolist() == [2, 0]
    assert within(deaths, HAD, YEAR_S).tolist() == [3, 0]
    assert (seconds_within(deaths, HAD, YEAR_S) / DAY_S).round(2).tolist() == [10.25 + 3 + 1 + 10, 0.0]


def test_time_after_the_death_is_nobodys() -> None:
    assert (seconds_within(dead(3), HAD, YEAR_S) / DAY_S).tolist() == [1.0]
    assert within(dead(5), HAD, YEAR_S).tolist() == [1]  # at the very second


def test_rows_are_by_age_and_fifth() -> None:
    deaths = np.concatenate([dead(2, age=70, quintile=5), dead(3, 4, age=90)])
    rows = {(name, age, quintile): value for name, age, quintile, value in counts(deaths, HAD)}
    assert rows["deaths_followed", 90, 1] == 2.0
    assert rows["died_admitted_often_last_year", 70, 5] == 1.0
    assert ("died_admitted_often_last_90_days", 70, 5) not in rows
    assert rows["days_in_last_year", 90, 1] == 1.0


def test_nobody_died() -> None:
    assert counts(dead(), HAD) == []
    assert within(dead(2), spells(), YEAR_S).tolist() == [0]
