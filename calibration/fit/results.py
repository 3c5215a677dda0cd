"""What a fit leaves in its folder: tables as CSV and a manifest, read back as they were written."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scenarios.errors import InputError
from scenarios.whole_file import write_text

MANIFEST = "manifest.json"
KIND = "intsim calibration"
# Tables by name: the first are always there, the others where they say something.
ALWAYS = ("posterior", "outputs", "targets", "predictions", "parameters", "correlations", "waves", "wave_points")
CARRIED = ("posterior", "outputs", "targets", "predictions")  # where a posterior was carried to a place
TABLES = (*ALWAYS, "ruled_out", "reach", "emulators", "chains", "coverage", "ranks", "spreadsheets", "skill")
RENAMED = {"away": "observed_less_model_sd"}  # columns of targets.csv as fits of earlier versions left them
TEXT = ("target", "parameter", "output", "role", "unit", "words", "predictor", "kind", "group")


@dataclass(frozen=True)
class Results:
    """Tables by name (see ``TABLES``), and what the manifest says."""

    tables: Mapping[str, pd.DataFrame]
    about: Mapping[str, Any]

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table; an empty one if there is none of that name."""
        return self.tables.get(name, pd.DataFrame())

    def write(self, folder: Path) -> None:
        """Write every table, and the manifest last: it says that the fit is finished."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            write_csv(folder / f"{name}.csv", table)
        text = json.dumps(plain({"kind": KIND, **self.about}), indent=1, ensure_ascii=False) + "\n"
        write_text(folder / MANIFEST, text)


def read_results(folder: Path) -> Results:
    """Return the results in ``folder``. Raises InputError if it holds no finished fit."""
    file = folder / MANIFEST
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(str(folder), f"holds no finished fit ({MANIFEST} is missing or cannot be read)") from None
    if not isinstance(about, dict) or about.get("kind") != KIND:
        raise InputError(str(file), "is not of a fit")
    always = CARRIED if "start" in about else ALWAYS
    missing = [name for name in always if not (folder / f"{name}.csv").is_file()]
    if missing:
        raise InputError(str(folder), f"holds no {missing[0]}.csv: the fit is not whole")
    found = {name: read_csv(folder / f"{name}.csv") for name in TABLES if (folder / f"{name}.csv").is_file()}
    found["targets"] = found["targets"].rename(columns=RENAMED)
    return Results(found, about)


def read_csv(path: Path) -> pd.DataFrame:
    """Return a table as it was written: words stay words, an empty one has its columns."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(TEXT, str)).fillna(
        dict.fromkeys(TEXT, "")
    )


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table, whole or not at all; numbers come back to the last bit."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def plain(data: Any) -> Any:
    """Return data that JSON can hold: numbers that are none become null."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain(value) for value in data]
    if isinstance(data, float) and not math.isfinite(data):
        return None
    return data
