"""Months of whole numbers -> the further tables of a run folder: needs, stocks, composition, mortality, workforce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.codes import ETHNIC_NAMES, HOSPITAL_KINDS, NEED_NAMES, SERVICE_NAMES, SEX_NAMES
from sim.outcomes.composition import AGE_NAMES, CORE20_NAMES, DECILES, MORTALITY, PLUS_NAMES
from sim.outcomes.frames import CELL_AXES, Collected, Label, Names, cells_frame, labelled, named
from sim.outcomes.panel import HEADLINES
from sim.outcomes.reducer import NEEDS
from sim.outcomes.stocks import STOCKS

if TYPE_CHECKING:
    import pandas as pd

MONTHS_A_YEAR = 12
OF_TEAM = ("registered", "caseload", "enrolled", "absence", "vacancy", "burnout", "turnover_per_year", "productivity")
WORKED = ("amount", "capacity_seconds", "busy_seconds")
COMPOSITION_AXES: dict[str, Sequence[object]] = {
    "ethnic_group": ETHNIC_NAMES,
    "core20": CORE20_NAMES,
    "plus": PLUS_NAMES,
}
SUPPRESSED_BELOW = 6  # counts of people or events under this are not exported: the rule of official statistics here


@dataclass(frozen=True)
class Staffed:
    """A month's staff as the agents left it: ``month``, columns.TEAM and supply float64 [kind, site] (copies)."""

    month: int
    teams: np.ndarray
    supply: np.ndarray


def needs_frame(months: Sequence[Collected], names: Names, label: Label) -> pd.DataFrame:
    """Return needs by type: month, month_start, neighbourhood, quintile, need, then reducer.NEEDS."""
    axes = {"neighbourhood": names.neighbourhoods, "quintile": CELL_AXES["quintile"], "need": NEED_NAMES}
    frames = [cells_frame(entry, entry.outcomes.needs, axes, NEEDS) for entry in months]
    return labelled(frames, label, ["month", "month_start", *axes, *NEEDS])


def stocks_frame(months: Sequence[Collected], names: Names, label: Label) -> pd.DataFrame:
    """Return stocks at each month's end in the cells of the panel: keys as there, then stocks.STOCKS."""
    axes = {"neighbourhood": names.neighbourhoods, **CELL_AXES}
    frames = [cells_frame(entry, entry.outcomes.stocks, axes, STOCKS) for entry in months]
    return labelled(frames, label, ["month", "month_start", *axes, *STOCKS])


def composition_frame(months: Sequence[Collected], label: Label) -> pd.DataFrame:
    """Return headline outcomes by ethnic group, Core20 and plus group, for export.

    Columns: month, month_start, ethnic_group, core20, plus, panel.HEADLINES as nullable whole numbers, basis (always
    'composition only'). A count of 1 to 5 is empty, and so is any sum of seconds in a bed that rests on one.
    """
    import pandas as pd

    frames = [cells_frame(entry, entry.outcomes.composition, COMPOSITION_AXES, HEADLINES) for entry in months]
    frame = labelled(frames, label, ["month", "month_start", *COMPOSITION_AXES, *HEADLINES])
    small = {name: (frame[name] > 0) & (frame[name] < SUPPRESSED_BELOW) for name in HEADLINES}
    small["bed_seconds"] = small["bed_seconds"] | small["emergency_admissions"]
    for name in HEADLINES:
        frame[name] = frame[name].astype("Int64").mask(small[name], pd.NA)
    frame["basis"] = "composition only"
    return frame


def mortality_frame(months: Sequence[Collected], label: Label) -> pd.DataFrame:
    """Return deaths and time lived by year: year (0 from go-live), months in it, decile, sex, age_band, MORTALITY."""
    import pandas as pd

    totals: dict[int, np.ndarray] = {}
    lengths: dict[int, int] = {}
    for entry in months:
        year = entry.month // MONTHS_A_YEAR
        totals[year] = totals.get(year, 0) + entry.outcomes.mortality
        lengths[year] = lengths.get(year, 0) + 1
    axes = {"decile": tuple(range(1, DECILES + 1)), "sex": SEX_NAMES, "age_band": AGE_NAMES}
    frames = []
    for year, counts in totals.items():
        where = np.nonzero(counts.any(axis=-1))
        columns = {"year": np.full(len(where[0]), year, np.int64), "months": np.full(len(where[0]), lengths[year])}
        columns |= {name: named(labels, index) for (name, labels), index in zip(axes.items(), where, strict=True)}
        frames.append(pd.DataFrame(columns | {name: counts[where][:, i] for i, name in enumerate(MORTALITY)}))
    return labelled(frames, label, ["year", "months", *axes, *MORTALITY])


def workforce_frame(
    months: Sequence[Collected], staffed: Sequence[Staffed], names: Names, label: Label
) -> pd.DataFrame:
    """Return staff by month, team and service: amount (FTE at work, or places), capacity and busy seconds of its pool.

    Then the team's own columns OF_TEAM, the same in each of its rows. Services of hospitals are not in it.
    """
    import pandas as pd

    frames = []
    for entry, staff in zip(months, staffed, strict=True):
        services = entry.services_after
        services = services[~np.isin(services["kind"], HOSPITAL_KINDS)]
        kind, site, pool = (services[name].astype(np.int64) for name in ("kind", "site", "pool"))
        worked = {
            f"{what}_seconds": (entry.pools_after[f"{what}_area_s"] - entry.pools_before[f"{what}_area_s"])[pool]
            for what in ("capacity", "busy")
        }
        columns = {
            "month": np.full(len(services), entry.month, np.int64),
            "team": np.array([names.team(int(one)) for one in site], object),
            "service": np.array(SERVICE_NAMES, object)[kind],
            "amount": staff.supply[kind, site],
            **worked,
            **{name: staff.teams[name][site] for name in OF_TEAM},
        }
        frames.append(pd.DataFrame(columns))
    return labelled(frames, label, ["month", "team", "service", *WORKED, *OF_TEAM])
