"""The folder a comparison leaves behind, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from evaluation.inequality.gaps import QuintileBasis
from evaluation.outcomes import SECONDS_PER_YEAR
from evaluation.panel import COUNTS, UNIT, after_go_live, read_panel, totals
from evaluation.parquet import read_table
from scenarios.errors import InputError, nearest

WAITS = (*UNIT, "month", "service", "site", "wait_from_s", "wait_to_s", "count")
FLOWS = (*UNIT, "source", "target", "count")
SERVICES = (*UNIT, "month", "service", "site", "capacity_seconds", "busy_seconds", "over_seconds", "starts")
EXPOSURE = (
    *UNIT,
    "lever",
    "people_reached",
    "people_reached_usual",
    "residents",
    "ed_attendances_share",
    "admissions_share",
)
USUAL = "usual_care"


@dataclass(frozen=True)
class RunFolder:
    """A comparison: ``arms`` with the baseline first, the manifest, and the tables (None where a file is absent)."""

    path: Path
    arms: tuple[str, ...]
    manifest: dict[str, Any]
    panel: pd.DataFrame
    waits: pd.DataFrame | None
    flows: pd.DataFrame | None
    services: pd.DataFrame | None
    exposure: pd.DataFrame | None
    settings: dict[str, dict[str, Any]]  # the settings of each arm whose config is in the folder

    @property
    def baseline(self) -> str:
        """The arm the others are compared with."""
        return self.arms[0]

    @property
    def designs(self) -> tuple[str, ...]:
        """The other arms."""
        return self.arms[1:]

    @property
    def basis(self) -> QuintileBasis:
        """Which deprivation index and whose quintiles."""
        edition = self.said("scenario", "place", "imd_edition") or self.manifest.get("imd_edition")
        scope = str(self.manifest.get("quintile_basis") or "local")
        return QuintileBasis(str(edition or "edition not stated"), scope)

    @property
    def place(self) -> str:
        """The place as a reader sees it: its title, or its name as 'Bi Borough'."""
        if self.manifest.get("place_title"):
            return str(self.manifest["place_title"])
        return str(self.said("scenario", "place", "name") or "the place modelled").replace("_", " ").title()

    @property
    def standing(self) -> str:
        """What the model may claim, in a sentence: whether its parameters are fitted to what was observed and where."""
        of = self.manifest.get("calibrated_to")
        fitted = "not calibrated yet"
        if of:
            where = self.manifest.get("calibrated_to_title") or str(of).replace("_", " ").title()
            fitted = f"its use of care fitted to what was observed in {where}"
            here = self.manifest.get("calibrated_here")
            if here is None:  # runs of before it was told: no place of a user's own had a fit that was known as its own
                here = not self.said("scenario", "place", "folder") and self.said("scenario", "place", "name") == of
            fitted += "" if here else ", not in this place"
        return f"Illustrative model from open data; {fitted}; not endorsed by the organisations named."

    @property
    def horizon_months(self) -> int:
        """Months from go-live on."""
        return int(after_go_live(self.panel)["month"].nunique())

    @property
    def replications(self) -> int:
        """Replications per draw, as found in the panel."""
        return int(self.panel.groupby("draw")["replication"].nunique().max())

    @property
    def draws(self) -> int:
        """Draws of the parameters, as found in the panel."""
        return int(self.panel["draw"].nunique())

    @property
    def residents(self) -> int:
        """Residents the manifest states, or the mean number living there after go-live in the baseline."""
        stated = self.manifest.get("residents")
        if isinstance(stated, int | float) and not isinstance(stated, bool):
            return round(stated)
        live = after_go_live(self.panel)
        years = totals(live[live["arm"] == self.baseline], UNIT, ["person_seconds"])["person_seconds"].mean()
        return round(float(years) / SECONDS_PER_YEAR * 12 / self.horizon_months)

    def said(self, *keys: str) -> Any:
        """Return what the manifest says under nested ``keys``, None if any is missing."""
        found: Any = self.manifest
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found


def read_run(folder: Path, also: Sequence[str] = ()) -> RunFolder:
    """Return the comparison in ``folder``; ``also``: columns of the panel wanted beside those of the outcomes.

    Raises InputError naming the file and what is wrong: no panel or manifest, a manifest that is not JSON, fewer than
    two arms, an arm that the panel does not have, or a table without a column it needs.
    """
    manifest = read_manifest(folder / "manifest.json")
    panel = read_panel(folder / "panel.parquet", tuple(dict.fromkeys([*COUNTS, *also])))
    return RunFolder(
        path=folder,
        arms=_arms(manifest, [str(arm) for arm in panel["arm"].unique()]),
        manifest=manifest,
        panel=panel,
        waits=_table(folder / "waits.parquet", WAITS),
        flows=_table(folder / "flows.parquet", FLOWS),
        services=_table(folder / "services.parquet", SERVICES),
        exposure=_table(folder / "exposure.parquet", EXPOSURE),
        settings=read_settings(folder, str((manifest.get("arms") or [""])[-1])),
    )


def read_settings(folder: Path, last: str) -> dict[str, dict[str, Any]]:
    """Return the INT design of each arm: config-<arm>.yaml, and config.yaml for the ``last`` arm of the manifest.

    One that cannot be read is left out: a report can do without.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("config*.yaml")):
        try:
            settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue
        design = settings.get("int") if isinstance(settings, dict) else None
        if isinstance(design, dict):
            stem = path.stem.removeprefix("config").removeprefix("-")
            found[stem or last or str(design.get("name"))] = design
    return found


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a run's manifest; raise InputError for a file that is not there or holds no keys."""
    if not path.is_file():
        raise InputError(str(path), "no such file; a run folder holds manifest.json")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(str(path), f"is not JSON ({error})") from error
    if not isinstance(found, dict):
        raise InputError(str(path), "holds no keys; an object {...} is needed")
    return found


def _arms(manifest: Mapping[str, Any], present: Sequence[str]) -> tuple[str, ...]:
    stated = [str(arm) for arm in manifest.get("arms") or present]
    for arm in stated:
        if arm not in present:
            raise InputError("manifest.json key 'arms'", f"the panel has no arm '{arm}'; {nearest(arm, present)}")
    first = str(manifest.get("baseline") or (USUAL if USUAL in stated else stated[0]))
    if first not in stated:
        raise InputError("manifest.json key 'baseline'", f"'{first}' is no arm; {nearest(first, stated)}")
    if len(stated) < 2:
        raise InputError("manifest.json key 'arms'", f"only '{first}'; a comparison needs at least two")
    return (first, *(arm for arm in stated if arm != first))


def _table(path: Path, columns: Sequence[str]) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    return read_table(path, columns)
