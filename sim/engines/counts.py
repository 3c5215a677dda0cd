"""Contacts counted as they close, for runs that ask how many and how long and not who.

The same counts come from the log of the same run (``add_log``), which is what makes them what they are said to be.
"""

from __future__ import annotations

import numpy as np

from sim.codes import ENDED

HOWS = ENDED + 1  # codes of how a contact closes

COUNT = np.dtype(
    [
        ("closed", "i8"),  # contacts closed so, or episodes ended
        ("at_once", "i8"),  # of them, those that waited less than a second
        ("waited_s", "i8"),  # until service began, or until they left without it; of an episode, its whole length
        ("inside_s", "i8"),  # from the start of service until the place was free again
    ],
    align=True,
)


def no_counts(services: int = -1, classes: int = 0) -> np.ndarray:
    """Return counts of nothing yet: COUNT[service + 1, how, class], ends of episodes first; by default no room."""
    return np.zeros((services + 1, HOWS, classes), COUNT)


def add_log(counts: np.ndarray, log: np.ndarray) -> None:
    """Add what a log (records.LOG) says: each contact by service, how it closed and class (need_type)."""
    began = log["started"] >= 0
    waited_s = np.where(began, log["started"], log["left"]) - log["joined"]
    inside_s = np.where(began, log["left"] - log["started"], 0)
    places = (log["service"].astype(np.int64) + 1, log["how"], log["need_type"])
    for name, value in (("closed", 1), ("at_once", waited_s == 0), ("waited_s", waited_s), ("inside_s", inside_s)):
        np.add.at(counts[name], places, value)
