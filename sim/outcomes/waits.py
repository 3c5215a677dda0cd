"""Waits: how long people stood in each list, in fixed published bins, and what residents expect to wait next month.

A wait is counted when it ends: at the start of the service (served), or when the person gives up (reneged).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.calendar import DAY_S, HOUR_S
from sim.codes import BED, NEVER, RENEGED
from sim.outcomes.contacts import OPEN, Contacts, count_by, total_by

WEEK_S = 7 * DAY_S
# Lower limits of the published bins, in seconds; the last has no upper limit. A convention of the results files.
WAIT_FROM_S = (
    0,
    300,
    900,
    1800,
    HOUR_S,
    2 * HOUR_S,
    4 * HOUR_S,
    6 * HOUR_S,
    8 * HOUR_S,
    12 * HOUR_S,
    DAY_S,
    2 * DAY_S,
    3 * DAY_S,
    WEEK_S,
    2 * WEEK_S,
    4 * WEEK_S,
    8 * WEEK_S,
    13 * WEEK_S,
    26 * WEEK_S,
)
WAIT_TO_S = (*WAIT_FROM_S[1:], NEVER)
BINS = len(WAIT_FROM_S)
UNEXPECTED = (BED,)  # nobody chooses by its wait


class Waits(NamedTuple):
    """One month's waits by service; everyone counts, anonymous patients too. All int64."""

    served: np.ndarray  # [service, bin]
    reneged: np.ndarray  # [service, bin]
    starts: np.ndarray  # [service] services started
    wait_s: np.ndarray  # [service] seconds those waited
    still: np.ndarray  # [service] people in the list at the month's end
    still_s: np.ndarray  # [service] seconds those have waited so far


def fold_waits(contacts: Contacts, services: int, start_s: int, end_s: int) -> Waits:
    """Return the waits that ended in [start_s, end_s) and those going on at its end."""
    began = (contacts.started >= start_s) & (contacts.started < end_s)
    left = contacts.how == RENEGED
    still = (contacts.how == OPEN) & (contacts.started < 0)
    wait = np.where(contacts.started >= 0, contacts.started, contacts.left) - contacts.joined
    return Waits(
        served=histogram(contacts.service[began], wait[began], services),
        reneged=histogram(contacts.service[left], wait[left], services),
        starts=count_by(contacts.service[began], services),
        wait_s=total_by(contacts.service[began], wait[began], services),
        still=count_by(contacts.service[still], services),
        still_s=total_by(contacts.service[still], wait[still], services),
    )


def histogram(service: np.ndarray, wait_s: np.ndarray, services: int) -> np.ndarray:
    """Return counts int64 [service, bin]: a wait of exactly a bin's lower limit falls in that bin."""
    bins = np.searchsorted(WAIT_FROM_S, wait_s, side="right") - 1
    return count_by(service.astype(np.int64) * BINS + bins, services * BINS).reshape(services, BINS)


def mean_waits_s(waits: Waits) -> np.ndarray:
    """Return the mean wait of each service in seconds, float64: those served, and those waiting so far.

    NaN where nobody was served: there is no news, and residents keep the view they had.
    """
    people = waits.starts + waits.still
    total = (waits.wait_s + waits.still_s).astype(np.float64)
    return np.where(waits.starts > 0, total / np.maximum(people, 1), np.nan)


def expected_waits(waits: Waits, services: np.ndarray, expected_days: np.ndarray) -> None:
    """Write last month's mean waits into ``expected_days`` float64[kind, site].

    A service at which nobody was served keeps its old value.
    """
    for service, mean_s in zip(services, mean_waits_s(waits), strict=True):
        if np.isnan(mean_s):
            continue
        kind, site = int(service["kind"]), int(service["site"])
        if kind not in UNEXPECTED:
            expected_days[kind, site] = mean_s / DAY_S


def bed_occupancy(
    inside_s: np.ndarray, seconds: int, services: np.ndarray, beds: np.ndarray, hospitals: np.ndarray
) -> None:
    """Write the mean share of beds in use over a month of ``seconds`` into the hospitals' occupancy.

    ``inside_s``: person-seconds inside each service. ``beds``: float64[site], those that could be used. A hospital
    without beds keeps its old value.
    """
    for service, used_s in zip(services, inside_s, strict=True):
        site = int(service["site"])
        if service["kind"] == BED and beds[site] > 0:
            hospitals["occupancy"][site] = used_s / (beds[site] * seconds)
