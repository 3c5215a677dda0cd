"""Whom a design newly reached: with a lever that usual care did not reach them with."""

from __future__ import annotations

import numpy as np

from sim.exposure import LEVERS, UseByPerson, exposure_frame
from sim.outcomes.frames import Label

FIRST, SECOND = LEVERS[:2]


def keys(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.uint64)


def by_lever(**reached: np.ndarray) -> dict[str, np.ndarray]:
    return {lever: reached.get(lever, keys()) for lever in LEVERS}


def test_whoever_usual_care_reaches_with_another_lever_is_newly_reached_with_this_one() -> None:
    usual = by_lever(**{FIRST: keys(1, 2)})
    ours = by_lever(**{FIRST: keys(1, 2, 3), SECOND: keys(2, 4)})
    use = UseByPerson([keys(1, 2, 2, 3), keys(4, 9)], [keys(2, 9)])
    frame = exposure_frame(ours, usual, 10, use, Label("design", 0, 0)).set_index("lever")
    assert list(frame.index) == [*LEVERS, "any"]
    assert frame.loc["any", ["people_reached", "people_reached_usual"]].tolist() == [4, 2]
    assert frame.loc[FIRST, "ed_attendances_share"] == 1 / 6  # 3 alone
    assert frame.loc[SECOND, "ed_attendances_share"] == 3 / 6  # 2, and 4
    assert frame.loc["any", "ed_attendances_share"] == 4 / 6  # 2, 3 and 4
    assert frame.loc["any", "admissions_share"] == 1 / 2


def test_without_use_or_levers_shares_are_nothing() -> None:
    frame = exposure_frame(by_lever(), by_lever(), 10, UseByPerson(), Label("design", 0, 0))
    told = frame[["people_reached", "people_reached_usual", "ed_attendances_share", "admissions_share"]]
    assert not told.to_numpy().any()
