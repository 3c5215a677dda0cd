"""Little's law and conservation, as identities in whole numbers.

Over any window, the person-seconds an engine adds up in a service must equal those of its contacts, counting people
still there; and every need made must be resolved, still open, unmet, or ended by death or moving away.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.codes import FREE, NEVER, OUT_DIED, OUT_LOST, OUT_MOVED, OUT_UNMET
from sim.outcomes.contacts import contacts_of, inside_s, total_by, waited_s


class LittleCheck(NamedTuple):
    """Person-seconds by service, int64 [service]: the engine's areas against the sums over contacts."""

    engine_waiting_s: np.ndarray
    contacts_waiting_s: np.ndarray
    engine_inside_s: np.ndarray
    contacts_inside_s: np.ndarray

    @property
    def holds(self) -> bool:
        """Whether both sides are equal to the second at every service."""
        waiting = np.array_equal(self.engine_waiting_s, self.contacts_waiting_s)
        return waiting and np.array_equal(self.engine_inside_s, self.contacts_inside_s)


def areas_at(services: np.ndarray, time_s: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the person-seconds (waiting, inside) of records.SERVICE columns brought up to ``time_s``."""
    span = time_s - services["changed"]
    waiting = services["waiting_area_s"] + services["waiting"] * span
    return waiting, services["inside_area_s"] + services["inside"] * span


def little_check(
    log: np.ndarray, open_rows: np.ndarray, before: np.ndarray, after: np.ndarray, start_s: int, end_s: int
) -> LittleCheck:
    """Compare contacts and engine over [start_s, end_s).

    ``log``: all records of the window. ``open_rows``: rows as they stand at ``end_s``. ``before``, ``after``: copies of
    the records.SERVICE columns at the window's start and end.
    """
    contacts = contacts_of(log, open_rows, start_s, end_s)
    waiting_0, inside_0 = areas_at(before, start_s)
    waiting_1, inside_1 = areas_at(after, end_s)
    return LittleCheck(
        engine_waiting_s=waiting_1 - waiting_0,
        contacts_waiting_s=total_by(contacts.service, waited_s(contacts, start_s, end_s), len(after)),
        engine_inside_s=inside_1 - inside_0,
        contacts_inside_s=total_by(contacts.service, inside_s(contacts, start_s, end_s), len(after)),
    )


class Conservation(NamedTuple):
    """What became of the needs made: counts of need ids, and the ids that break the rule."""

    created: int
    resolved: int  # ended by the pathway other than unmet (self-care, discharge and reviews done included)
    unmet: int  # ended unmet or lost
    ended: int  # by death or moving away
    still_open: int
    astray: int  # made but neither ended nor open, or both, or ended twice, or never made

    @property
    def holds(self) -> bool:
        """Whether every need is in exactly one place."""
        total = self.resolved + self.unmet + self.ended + self.still_open
        return self.astray == 0 and self.created == total


def arisen(made: np.ndarray, exits: np.ndarray) -> np.ndarray:
    """Return the needs (uint64 ids) of ``made`` (ROW) that arose while their people were there.

    ``exits``: EXIT records of those who died or moved away. What would have arisen later never was a need.
    """
    last = np.full(int(max(made["person"].max(initial=-1), exits["person"].max(initial=-1))) + 1, NEVER, np.int64)
    last[exits["person"]] = exits["time"]
    mine = made["person"] >= 0
    there = np.ones(len(made), bool)
    there[mine] = made["arose"][mine] < last[made["person"][mine]]
    return made["need"][there]


def conservation(created: np.ndarray, ends: np.ndarray, open_rows: np.ndarray) -> Conservation:
    """Account for every need made since the start.

    ``created``: uint64 need ids. ``ends``: LOG records with service -1 (others are left out). ``open_rows``: ROWs now.
    """
    ends = ends[ends["service"] < 0]
    still = open_rows["need"][open_rows["status"] != FREE]
    places = np.concatenate([ends["need"], still])
    unique, times = np.unique(places, return_counts=True)
    made = np.unique(created)
    astray = int((times > 1).sum()) + len(np.setxor1d(unique, made)) + len(created) - len(made)
    unmet = np.isin(ends["outcome"], (OUT_UNMET, OUT_LOST))
    gone = np.isin(ends["outcome"], (OUT_DIED, OUT_MOVED))
    return Conservation(
        created=len(created),
        resolved=int((~unmet & ~gone).sum()),
        unmet=int(unmet.sum()),
        ended=int(gone.sum()),
        still_open=len(still),
        astray=astray,
    )
