"""The event log as a table: what is kept of it, with words in place of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.codes import HOW_NAMES, NEED_NAMES, OUTCOME_NAMES, SERVICE_NAMES
from sim.outcomes.frames import Label, Names

ONE_PERCENT = 100  # one person in this many
MONTHS_A_YEAR = 12


def kept_log(log: np.ndarray, choice: str, month: int) -> np.ndarray | None:
    """Return the records to keep, or None.

    choice: 'none'; 'persons_1pct', every record of one resident in a hundred, by key; 'months', one whole month a
    year (the twelfth); 'all'.
    """
    if choice == "all":
        return log
    if choice == "months":
        return log if month % MONTHS_A_YEAR == MONTHS_A_YEAR - 1 else None
    if choice == "persons_1pct":
        return log[(log["person"] >= 0) & (log["person_key"] % np.uint64(ONE_PERCENT) == 0)]
    return None


def log_frame(months: Sequence[tuple[int, np.ndarray, np.ndarray]], names: Names, label: Label) -> pd.DataFrame:
    """Return the kept log of an arm: (month, records.LOG, records.SERVICE) each; times in seconds since the start."""
    frames = []
    for month, log, services in months:
        kind = np.where(log["service"] >= 0, services["kind"][log["service"]], -1)
        site = np.where(log["service"] >= 0, services["site"][log["service"]], -1)
        frame = pd.DataFrame({"month": np.full(len(log), month, np.int64)})
        for column in ("need", "person_key", "ordinal"):
            frame[column] = log[column]
        frame["need_type"] = np.array(NEED_NAMES)[log["need_type"]]
        frame["service"] = np.array([*SERVICE_NAMES, "end"])[kind]
        frame["site"] = [names.site(int(k), int(s)) if k >= 0 else "" for k, s in zip(kind, site, strict=True)]
        frame["how"] = np.array(HOW_NAMES)[log["how"]]
        frame["outcome"] = np.array(OUTCOME_NAMES)[log["outcome"]]
        for column in ("priority", "acuity", "joined", "started", "finished", "left"):
            frame[f"{column}_s" if column not in ("priority", "acuity") else column] = log[column]
        frames.append(frame)
    result = pd.concat(frames, ignore_index=True)
    for position, name in enumerate(("arm", "draw", "replication")):
        result.insert(position, name, getattr(label, name))
    return result
