"""The month of each person of a cohort, on request: what an evaluation that follows individuals would have."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from sim.calendar import DAY_S
from sim.codes import LEVER_NAMES, NO_CARE_HOME, PRESENT, SEX_NAMES
from sim.outcomes.events import Events, sums
from sim.outcomes.frames import Label, Names
from sim.outcomes.panel import OF_A_PERSON, age_years

OLDER_FROM = 65  # years: pension-age cohorts are how programmes define who may be offered proactive care


def cohort(choice: str, people: np.ndarray, reach: np.ndarray, params: Any, start_s: int) -> np.ndarray:
    """Return who is in a cohort in the month that starts at ``start_s``, bool (people,), whether there or not.

    choice: 'enrolled', on the caseload or reached by a lever since the start; 'eligible', those and whoever is 65 or
    over, lives in a care home, or scores enough for the caseload today.
    """
    chosen = people["enrolled"] == 1
    for lever in LEVER_NAMES:
        chosen |= reach[lever] > 0
    if choice == "eligible":
        chosen |= age_years(people["birth_day"], start_s // DAY_S) >= OLDER_FROM
        chosen |= people["care_home"] != NO_CARE_HOME
        chosen |= caseload_score(people, params) >= float(params["score_least"])
    return chosen


def caseload_score(people: np.ndarray, params: Any) -> np.ndarray:
    """Return each person's score for the INT core caseload, float64, from past use, frailty and known conditions."""
    return (
        float(params["score_ed"]) * people["recent_ed"]
        + float(params["score_admission"]) * people["recent_admissions"]
        + float(params["score_frailty"]) * people["frailty"]
        + float(params["score_condition"]) * np.bitwise_count(people["known"])
    )


def columns_of(
    chosen: np.ndarray, people: np.ndarray, communities: np.ndarray, reach: np.ndarray, start_s: int
) -> dict[str, np.ndarray]:
    """Return who the chosen are in the month that starts at ``start_s``: key, age, place, health, care, levers."""
    mine = people[chosen]
    quintile = communities["local_quintile"][mine["community"]]
    return {
        "person_key": mine["key"],
        "age": age_years(mine["birth_day"], start_s // DAY_S).astype(np.int16),
        "sex": np.array(SEX_NAMES, object)[mine["sex"]],
        "quintile": quintile.astype(np.int8),
        "neighbourhood": mine["neighbourhood"],
        "conditions": np.bitwise_count(mine["conditions"]),
        "frailty": mine["frailty"],
        "care_home": mine["care_home"],
        "enrolled": mine["enrolled"],
        **{f"reached_{lever}": (reach[lever][chosen] > 0).astype(np.int8) for lever in LEVER_NAMES},
    }


def used(events: Events, chosen: np.ndarray, people: int) -> dict[str, np.ndarray]:
    """Return what the chosen used in the month, int32, one column of panel.OF_A_PERSON each."""
    each = np.arange(people)
    return {name: sums(events[name], each, people)[chosen].astype(np.int32) for name in OF_A_PERSON}


class PersonMonths:
    """A Parquet file of person-months of one arm, written month by month; whole, or not there at all."""

    def __init__(self, path: Path, names: Names, label: Label) -> None:
        self.path, self.names, self.label = Path(path), names, label
        self.part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        self.writer: Any = None

    def __enter__(self) -> PersonMonths:
        """Return itself."""
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Give the file its name, or remove what there is of it after an error."""
        if self.writer is not None:
            self.writer.close()
            if kind is None:
                os.replace(self.part, self.path)
        self.part.unlink(missing_ok=True)

    def write(self, month: int, columns: dict[str, np.ndarray]) -> None:
        """Add one month (0: go-live)."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.parquet as pq

        frame = pd.DataFrame(columns)
        frame["neighbourhood"] = np.array(self.names.neighbourhoods, object)[columns["neighbourhood"]]
        frame.insert(0, "month", np.full(len(frame), month, np.int32))
        for position, name in enumerate(("arm", "draw", "replication")):
            frame.insert(position, name, getattr(self.label, name))
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.part, table.schema)
        self.writer.write_table(table.cast(self.writer.schema))


def was_there(people: np.ndarray, exits: np.ndarray) -> np.ndarray:
    """Return who lived there in the month just run: those present, and those who died or moved in it."""
    there = people["presence"] == PRESENT
    there[exits["person"]] = True
    return there
