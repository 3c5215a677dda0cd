"""Waits: published bins, means with those still waiting, and what is written for residents to expect."""

from __future__ import annotations

import numpy as np
import pytest

from sim import codes
from sim.engines.records import LOG, SERVICE, blank_rows
from sim.outcomes.contacts import contacts_of
from sim.outcomes.waits import (
    BINS,
    WAIT_FROM_S,
    WAIT_TO_S,
    bed_occupancy,
    expected_waits,
    fold_waits,
    histogram,
    mean_waits_s,
)
from sim.place.columns import HOSPITAL

DAY = 86_400


def log_of(*contacts: tuple[int, int, int, int]) -> np.ndarray:
    """Each contact: (service, joined, started or -1, left)."""
    log = np.zeros(len(contacts), LOG)
    for record, (service, joined, started, left) in zip(log, contacts, strict=True):
        record["service"], record["joined"], record["started"], record["left"] = service, joined, started, left
        record["how"] = codes.SERVED if started >= 0 else codes.RENEGED
    return log


def waiting_row(service: int, joined: int) -> np.ndarray:
    row = blank_rows(1)
    row["status"], row["service"], row["joined"] = codes.WAITING, service, joined
    return row


def test_bins_follow_one_another_without_gaps() -> None:
    assert WAIT_FROM_S[0] == 0
    assert WAIT_TO_S[:-1] == WAIT_FROM_S[1:]
    assert WAIT_TO_S[-1] == codes.NEVER


def test_a_wait_at_a_lower_limit_falls_in_that_bin() -> None:
    counts = histogram(np.array([0, 0, 0, 1]), np.array([299, 300, 0, 200 * 7 * DAY]), 2)
    assert counts[0, :2].tolist() == [2, 1]
    assert counts[1, BINS - 1] == 1
    assert counts.sum() == 4


def test_those_who_gave_up_are_counted_apart() -> None:
    log = log_of((0, 0, 400, 500), (0, 0, -1, 1000))
    waits = fold_waits(contacts_of(log, blank_rows(0), 0, DAY), 1, 0, DAY)
    assert np.flatnonzero(waits.served[0]).tolist() == [1]
    assert np.flatnonzero(waits.reneged[0]).tolist() == [2]
    assert waits.starts.tolist() == [1]


def test_the_mean_wait_counts_those_still_waiting_with_their_time_so_far() -> None:
    log = log_of((0, 0, 600, 700))
    waits = fold_waits(contacts_of(log, waiting_row(0, DAY - 1200), 0, DAY), 2, 0, DAY)
    assert waits.still_s.tolist() == [1200, 0]
    means = mean_waits_s(waits)
    assert means[0] == pytest.approx(900)
    assert np.isnan(means[1])


def test_expected_waits_are_written_by_kind_and_site_and_kept_where_nobody_was_served() -> None:
    services = np.zeros(4, SERVICE)
    services["kind"] = (codes.GP, codes.GP, codes.ED, codes.OUTREACH)
    services["site"] = (0, 1, 0, 0)
    expected_days = np.full((codes.SERVICE_KINDS, 2), 7.0)
    log = log_of((0, 0, 2 * DAY, 3 * DAY), (2, 0, 7200, 8000), (3, 0, 5, 6))
    rows = waiting_row(1, 0)  # nobody is served at the second practice
    waits = fold_waits(contacts_of(log, rows, 0, 30 * DAY), 4, 0, 30 * DAY)
    expected_waits(waits, services, expected_days)
    assert expected_days[codes.GP].tolist() == [2.0, 7.0]
    assert expected_days[codes.ED].tolist() == [7200 / DAY, 7.0]


def test_bed_occupancy_is_the_share_of_bed_seconds_used() -> None:
    services = np.zeros(2, SERVICE)
    services["kind"] = (codes.ED, codes.BED)
    hospitals = np.zeros(1, HOSPITAL)
    bed_occupancy(np.array([5, 9 * DAY]), DAY, services, np.array([10.0]), hospitals)
    assert hospitals["occupancy"].tolist() == [0.9]
    bed_occupancy(np.array([5, 9 * DAY]), DAY, services, np.array([0.0]), hospitals)
    assert hospitals["occupancy"].tolist() == [0.9]
