"""Little's law and conservation hold to the unit, and a single error of one second or one need is seen."""

from __future__ import annotations

import numpy as np
import pytest

from sim import codes
from sim.engines.records import LOG, SERVICE, blank_rows
from sim.outcomes.little import conservation, little_check


def a_window() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One service over [100, 200): one person served 110-150 after waiting from 90, one still waiting since 130."""
    log = np.zeros(1, LOG)
    log["joined"], log["started"], log["finished"], log["left"], log["need"] = 90, 110, 150, 150, 1
    rows = blank_rows(1)
    rows["status"], rows["service"], rows["joined"], rows["need"] = codes.WAITING, 0, 130, 2
    before, after = np.zeros(1, SERVICE), np.zeros(1, SERVICE)
    before["waiting"], before["changed"] = 1, 90
    after["waiting"], after["changed"] = 1, 150
    after["waiting_area_s"], after["inside_area_s"] = (110 - 90) + (150 - 130), 40
    return log, rows, before, after


def test_person_seconds_of_contacts_equal_the_engines_areas() -> None:
    check = little_check(*a_window(), 100, 200)
    assert check.contacts_waiting_s.tolist() == [10 + 70]
    assert check.contacts_inside_s.tolist() == [40]
    assert check.holds


@pytest.mark.parametrize("column", ["waiting_area_s", "inside_area_s", "waiting"])
def test_one_second_too_many_is_seen(column: str) -> None:
    log, rows, before, after = a_window()
    after[column] += 1
    assert not little_check(log, rows, before, after, 100, 200).holds


def ends_of(*pairs: tuple[int, int]) -> np.ndarray:
    ends = np.zeros(len(pairs), LOG)
    ends["service"] = -1
    for end, (need, outcome) in zip(ends, pairs, strict=True):
        end["need"], end["outcome"] = need, outcome
    return ends


def open_need(need: int) -> np.ndarray:
    rows = blank_rows(2)
    rows["need"], rows["status"] = need, (codes.WAITING, codes.FREE)
    return rows


def test_every_need_is_resolved_open_unmet_or_ended() -> None:
    ends = ends_of((1, codes.OUT_RESOLVED), (2, codes.OUT_UNMET), (3, codes.OUT_DIED), (4, codes.OUT_SELF_CARE))
    account = conservation(np.array([1, 2, 3, 4, 5], np.uint64), ends, open_need(5))
    assert account == (5, 2, 1, 1, 1, 0)
    assert account.holds


@pytest.mark.parametrize(
    ("created", "ends", "still"),
    [
        ([1, 2], [(1, codes.OUT_RESOLVED)], 3),  # need 2 vanished, need 3 came from nowhere
        ([1, 2], [(1, codes.OUT_RESOLVED), (1, codes.OUT_RESOLVED)], 2),  # ended twice
        ([1, 2], [(1, codes.OUT_RESOLVED), (2, codes.OUT_DIED)], 2),  # ended and open
    ],
)
def test_a_need_astray_is_seen(created: list[int], ends: list[tuple[int, int]], still: int) -> None:
    assert not conservation(np.array(created, np.uint64), ends_of(*ends), open_need(still)).holds
