"""The tables of one run as matching reads them: those of a results folder, and those that a calibration run adds.

A calibration run adds three that a results folder does not have, since they need every resident at once:

- ``by_age``: month_start, area (borough), quintile (national), sex, age (whole years), and columns of the panel;
- ``local_mortality``: area, local_decile, sex, age_band (twenty), person_seconds, deaths;
- ``counts``: name, age, quintile (national), value: people counted once each (attenders, readmissions, conditions);
- ``hospital_months``: month_start, area (trust), ed_attendances, emergency_admissions, seconds of beds occupied and
  available, delayed seconds, and those of residents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scenarios.errors import InputError

READ = ("panel", "services", "mortality")  # of a results folder
NATIONAL = ("england_average",)  # places whose own fifths are England's


@dataclass(frozen=True)
class RunTables:
    """Tables of one replication by name. ``national``: fifths of the panel are England's own.

    draw and replication say which run it was; ``where`` names it in messages.
    """

    tables: Mapping[str, pd.DataFrame]
    national: bool = False
    draw: int = 0
    replication: int = 0
    where: str = "run"

    def __contains__(self, name: str) -> bool:
        """Return whether there is a table of that name."""
        return name in self.tables


def read_run(folder: Path, arm: str = "") -> Iterator[RunTables]:
    """Yield the tables of every draw and replication of one arm in a results folder (its baseline unless named).

    Raises InputError if the folder holds no run, or no such arm.
    """
    import json

    manifest_file = folder / "manifest.json"
    if not manifest_file.is_file():
        raise InputError(str(folder), "holds no finished run (manifest.json is missing)")
    manifest: dict[str, Any] = json.loads(manifest_file.read_text(encoding="utf-8"))
    chosen = arm or str(manifest.get("baseline") or "")
    tables = {
        name: pd.read_parquet(folder / f"{name}.parquet") for name in READ if (folder / f"{name}.parquet").is_file()
    }
    if "panel" not in tables:
        raise InputError(str(folder), "holds no panel.parquet")
    arms = sorted(set(tables["panel"]["arm"].astype(str)))
    if chosen not in arms:
        raise InputError(str(folder), f"has no arm '{chosen}': it has {', '.join(arms)}")
    settings = manifest.get("scenario", {}).get("place", {})
    national = settings.get("name", "") in NATIONAL and not settings.get("folder")
    kept = {name: frame[frame["arm"] == chosen] for name, frame in tables.items()}
    for (draw, replication), _ in kept["panel"].groupby(["draw", "replication"], sort=True):
        mine = {
            name: frame[(frame["draw"] == draw) & (frame["replication"] == replication)] for name, frame in kept.items()
        }
        yield RunTables(mine, national, int(str(draw)), int(str(replication)), str(folder))
