"""Months of whole numbers -> the tables of a run folder (panel, waits, flows, services) and Parquet, written whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenarios.whole_file import whole
from sim.codes import HOSPITAL_KINDS, PANEL_AGE_NAMES, SERVICE_NAMES, SEX_NAMES
from sim.outcomes.flows import NODES
from sim.outcomes.panel import OUTCOMES
from sim.outcomes.reducer import MonthOutcomes
from sim.outcomes.waits import WAIT_FROM_S, WAIT_TO_S

if TYPE_CHECKING:
    import pandas as pd

GROUP = "group"  # the INT that serves a group wherever it lives: the last row of TEAM


CELL_AXES: dict[str, Sequence[object]] = {
    "quintile": (1, 2, 3, 4, 5),
    "age_band": PANEL_AGE_NAMES,
    "sex": SEX_NAMES,
}


@dataclass(frozen=True)
class Label:
    """Which run a table belongs to."""

    arm: str
    draw: int
    replication: int


@dataclass(frozen=True)
class Names:
    """What the indices of neighbourhoods and hospitals stand for."""

    neighbourhoods: Sequence[str]
    hospitals: Sequence[str]

    def site(self, kind: int, site: int) -> str:
        """Return the name of a service's site: a hospital, else a team."""
        return self.hospitals[site] if kind in HOSPITAL_KINDS else self.team(site)

    def team(self, team: int) -> str:
        """Return the name of a team: its neighbourhood, or GROUP."""
        return self.neighbourhoods[team] if team < len(self.neighbourhoods) else GROUP


@dataclass(frozen=True)
class Collected:
    """One month for the tables: ``month`` (0 = go-live), its label ('2024-04'), outcomes, and the engine's columns.

    services_before/after and pools_before/after are copies of records.SERVICE and POOL at the month's two ends.
    """

    month: int
    month_start: str
    outcomes: MonthOutcomes
    services_before: np.ndarray
    services_after: np.ndarray
    pools_before: np.ndarray
    pools_after: np.ndarray


def panel_frame(months: Sequence[Collected], names: Names, label: Label) -> pd.DataFrame:
    """Return the panel: one row per month and cell in which anything happened or anyone lived, sorted as indexed.

    Columns: arm, draw, replication, month, month_start, neighbourhood, quintile (1 most deprived), age_band, sex, then
    panel.OUTCOMES as int64.
    """
    frames = [panel_of_month(entry, names) for entry in months]
    return labelled(frames, label, ["month", "month_start", "neighbourhood", "quintile", "age_band", "sex", *OUTCOMES])


def closed_frame(months: Sequence[Collected], names: Names, label: Label) -> pd.DataFrame:
    """Return the panel of those who were there when the last design went live, in the columns of ``panel_frame``."""
    axes = {"neighbourhood": names.neighbourhoods, **CELL_AXES}
    frames = [cells_frame(entry, entry.outcomes.closed, axes, OUTCOMES) for entry in months]
    return labelled(frames, label, ["month", "month_start", "neighbourhood", "quintile", "age_band", "sex", *OUTCOMES])


def panel_of_month(entry: Collected, names: Names) -> pd.DataFrame:
    """Return one month's cells that are not all zero."""
    axes = {"neighbourhood": names.neighbourhoods, **CELL_AXES}
    return cells_frame(entry, entry.outcomes.panel, axes, OUTCOMES)


def cells_frame(
    entry: Collected, counts: np.ndarray, axes: Mapping[str, Sequence[object]], columns: Sequence[str]
) -> pd.DataFrame:
    """Return the cells of ``counts`` [*axes, columns] that are not all zero: month, month_start, axes, columns."""
    import pandas as pd

    where = np.nonzero(counts.any(axis=-1))
    table: dict[str, np.ndarray] = {
        "month": np.full(len(where[0]), entry.month, np.int64),
        "month_start": np.full(len(where[0]), entry.month_start, object),
    }
    for (name, labels), index in zip(axes.items(), where, strict=True):
        table[name] = named(labels, index)
    return pd.DataFrame(table | {name: counts[where][:, i] for i, name in enumerate(columns)})


def named(labels: Sequence[object], index: np.ndarray) -> np.ndarray:
    """Return the labels at ``index``: whole numbers as int64, words as objects."""
    whole = all(isinstance(label, int) for label in labels)
    return np.array(labels, np.int64 if whole else object)[index]


def waits_frame(months: Sequence[Collected], names: Names, label: Label) -> pd.DataFrame:
    """Return waits of people served: month, service, site, wait_from_s, wait_to_s (codes.NEVER: no limit), count."""
    return histogram_frame(months, "served", names, label)


def reneged_frame(months: Sequence[Collected], names: Names, label: Label) -> pd.DataFrame:
    """Return waits of people who gave up, in the columns of ``waits_frame``."""
    return histogram_frame(months, "reneged", names, label)


def histogram_frame(months: Sequence[Collected], which: str, names: Names, label: Label) -> pd.DataFrame:
    """Return the ``which`` (served or reneged) histograms of all months as rows."""
    import pandas as pd

    frames = []
    for entry in months:
        counts = getattr(entry.outcomes.waits, which)
        service, bin_ = np.nonzero(counts)
        columns = {
            "month": np.full(len(service), entry.month, np.int64),
            **service_columns(entry.services_after[service], names),
            "wait_from_s": np.array(WAIT_FROM_S, np.int64)[bin_],
            "wait_to_s": np.array(WAIT_TO_S, np.int64)[bin_],
            "count": counts[service, bin_],
        }
        frames.append(pd.DataFrame(columns))
    return labelled(frames, label, ["month", "service", "site", "wait_from_s", "wait_to_s", "count"])


def service_columns(services: np.ndarray, names: Names) -> dict[str, np.ndarray]:
    """Return the names of the services' kinds and sites."""
    sites = [names.site(int(one["kind"]), int(one["site"])) for one in services]
    return {"service": np.array(SERVICE_NAMES, object)[services["kind"]], "site": np.array(sites, object)}


def flows_frame(months: Sequence[Collected], label: Label) -> pd.DataFrame:
    """Return transitions between consecutive contacts of residents, summed over ``months``: source, target, count."""
    import pandas as pd

    total = np.zeros((len(NODES), len(NODES)), np.int64)
    for entry in months:
        total += entry.outcomes.flows
    source, target = np.nonzero(total)
    nodes = np.array(NODES, object)
    frame = pd.DataFrame({"source": nodes[source], "target": nodes[target], "count": total[source, target]})
    return labelled([frame], label, ["source", "target", "count"])


def services_frame(months: Sequence[Collected], names: Names, label: Label) -> pd.DataFrame:
    """Return what each service had and did: capacity, busy and over seconds, starts, waiting and inside seconds.

    The first three belong to the service's capacity pool: services that share a pool show the same figures.
    """
    import pandas as pd

    frames = []
    for entry in months:
        before, after = entry.services_before, entry.services_after
        pool = after["pool"]
        used = {
            name.replace("_area_s", "_seconds"): (entry.pools_after[name] - entry.pools_before[name])[pool]
            for name in ("capacity_area_s", "busy_area_s", "over_area_s")
        }
        columns = {
            "month": np.full(len(after), entry.month, np.int64),
            **service_columns(after, names),
            **used,
            "starts": after["starts"] - before["starts"],
            "waiting_seconds": entry.outcomes.waiting_s,
            "inside_seconds": entry.outcomes.inside_s,
        }
        frames.append(pd.DataFrame(columns))
    counted = ["capacity_seconds", "busy_seconds", "over_seconds", "starts", "waiting_seconds", "inside_seconds"]
    return labelled(frames, label, ["month", "service", "site", *counted])


def labelled(frames: Sequence[pd.DataFrame], label: Label, columns: Sequence[str]) -> pd.DataFrame:
    """Return the frames as one, in ``columns``, with arm, draw and replication in front."""
    import pandas as pd

    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))
    frame = frame[list(columns)]
    for position, name in enumerate(("arm", "draw", "replication")):
        frame.insert(position, name, getattr(label, name))
    return frame


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write ``frame`` to ``path`` as Parquet, whole or not at all."""
    with whole(path) as part:
        frame.to_parquet(part, index=False)
