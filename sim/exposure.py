"""Who a design reached beyond the baseline, and what share of use they made: the dose beside every result.

Area effect = share of the outcome made by exposed people x (1 - rate ratio on them). The share is read in the baseline
arm, where the same people live without the design.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.codes import LEVER_NAMES
from sim.outcomes.frames import Label
from sim.outcomes.reducer import MonthOutcomes
from sim.rules.tables import ResidentTables

LEVERS = LEVER_NAMES
DEPARTED = np.dtype([("key", "u8"), ("levers", "u4")], align=True)  # levers: bit i for LEVERS[i]


@dataclass
class UseByPerson:
    """Person keys of every ED attendance and emergency admission of residents after go-live, one entry an event."""

    attendances: list[np.ndarray] = field(default_factory=list)
    admissions: list[np.ndarray] = field(default_factory=list)

    def add(self, outcomes: MonthOutcomes, people: np.ndarray) -> None:
        """Add one month's."""
        self.attendances.append(people["key"][outcomes.attended])
        self.admissions.append(people["key"][outcomes.admitted])


def departed_from(tables: ResidentTables, gone: np.ndarray, since_month: int) -> np.ndarray:
    """Return DEPARTED of those in the rows ``gone`` whom any lever has selected in or after ``since_month``."""
    found = np.zeros(len(gone), DEPARTED)
    found["key"] = tables.people["key"][gone]
    for place, lever in enumerate(LEVERS):
        found["levers"] |= (tables.reach[lever][gone] > since_month).astype(np.uint32) << np.uint32(place)
    return found[found["levers"] != 0]


def keys_reached(
    people: np.ndarray, reach: np.ndarray, lever: str, since_month: int, departed: np.ndarray | None = None
) -> np.ndarray:
    """Return the keys of those whom ``lever`` selected in or after ``since_month`` (absolute month).

    departed: DEPARTED[] of people who have gone and whose rows are others' by now.
    """
    here = people["key"][reach[lever] > since_month]
    if departed is None or len(departed) == 0:
        return here
    mine = (departed["levers"] >> np.uint32(LEVERS.index(lever))) & np.uint32(1)
    return np.concatenate([here, departed["key"][mine == 1]])


def everyone(by_lever: dict[str, np.ndarray]) -> np.ndarray:
    """Return the keys of those named for any lever, each once."""
    return np.unique(np.concatenate(list(by_lever.values())))


def exposure_frame(
    reached: dict[str, np.ndarray], reached_usual: dict[str, np.ndarray], residents: int, use: UseByPerson, label: Label
) -> pd.DataFrame:
    """Return one row per lever and one for any of them.

    Columns: arm, draw, replication, lever, people_reached, people_reached_usual, residents, ed_attendances_share,
    admissions_share: the last two are the share of the baseline arm's events made by people whom the design newly
    reached: with the lever, where usual care did not reach them with that one; for any lever, with one or more.
    """
    attendances = np.concatenate(use.attendances) if use.attendances else np.zeros(0, np.uint64)
    admissions = np.concatenate(use.admissions) if use.admissions else np.zeros(0, np.uint64)
    ours = {**reached, "any": everyone(reached)}
    theirs = {**reached_usual, "any": everyone(reached_usual)}
    newly = {lever: np.setdiff1d(reached[lever], reached_usual[lever]) for lever in LEVERS}
    newly["any"] = everyone(newly)
    rows = []
    for lever, added in newly.items():
        rows.append(
            {
                "arm": label.arm,
                "draw": label.draw,
                "replication": label.replication,
                "lever": lever,
                "people_reached": len(ours[lever]),
                "people_reached_usual": len(theirs[lever]),
                "residents": residents,
                "ed_attendances_share": float(np.isin(attendances, added).mean()) if len(attendances) else 0.0,
                "admissions_share": float(np.isin(admissions, added).mean()) if len(admissions) else 0.0,
            }
        )
    return pd.DataFrame(rows)
