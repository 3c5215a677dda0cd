"""What the agents know of the residents at a month's start: counts and means, never one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim import codes
from sim.rules.stages import DAYS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_MEAN_MONTH

QUINTILES = 5
READ = (
    "community",
    "neighbourhood",
    "team",
    "visited_home",
    "enrolled",
    "trust",
    "unmet",
    "m_ed",
    "social",
    "care_home",
    "known",
    "birth_day",
    "lives_alone",
)  # what agents know of the residents is counted from these columns
OLDER_FROM = codes.PANEL_AGE_LOWER[4]
NEED_PARTS = ("conditions", "deprivation", "age", "living_alone", "unmet_need")  # of the need formula


@dataclass(frozen=True)
class Residents:
    """Of those present: by community, by INT that serves them (``team``), or by neighbourhood.

    trust: mean, float64[community] (NaN: nobody). doors: int64[community], households with somebody present;
    team_doors the same by INT, int64[team].
    enrolled, served: int64[team], people on the caseload, and all. eligible: float64[lever, team], people a lever
    that needs staff could be offered to. parts: float64[need part, neighbourhood], means per head (0: nobody).
    unmet: float64[neighbourhood, local quintile], stock of unmet need per head (0: nobody).
    attended, attended_deprived: int64[neighbourhood], ED attendances last month, and of the most deprived fifth.
    """

    trust: np.ndarray
    doors: np.ndarray
    team_doors: np.ndarray
    enrolled: np.ndarray
    served: np.ndarray
    eligible: np.ndarray
    parts: np.ndarray
    unmet: np.ndarray
    attended: np.ndarray
    attended_deprived: np.ndarray


def see_residents(people: np.ndarray, communities: np.ndarray, teams: np.ndarray, month: int) -> Residents:
    """Return what agents know of ``people`` (PERSON[]) at the start of ``month``, before last month is folded in."""
    present = people["presence"] == codes.PRESENT
    here = {name: people[name][present] for name in READ}  # never the whole records: there are half a million
    where, near = here["community"].astype(np.int64), here["neighbourhood"].astype(np.int64)
    quintile = np.clip(communities["local_quintile"][where].astype(np.int64) - 1, 0, QUINTILES - 1)
    rows = len(teams)
    return Residents(
        trust=mean_by(where, here["trust"], len(communities), np.nan),
        doors=np.bincount(where[here["visited_home"] == 1], minlength=len(communities)).astype(np.int64),
        team_doors=np.bincount(here["team"][here["visited_home"] == 1], minlength=rows).astype(np.int64),
        enrolled=np.bincount(here["team"][here["enrolled"] == 1], minlength=rows).astype(np.int64),
        served=np.bincount(here["team"], minlength=rows).astype(np.int64),
        eligible=eligible_for(here, rows),
        parts=need_parts(here, near, quintile, rows, month),
        unmet=mean_by(near * QUINTILES + quintile, here["unmet"], rows * QUINTILES).reshape(rows, QUINTILES),
        attended=sum_by(near, here["m_ed"], rows),
        attended_deprived=sum_by(near[quintile == 0], here["m_ed"][quintile == 0], rows),
    )


def mean_by(index: np.ndarray, values: np.ndarray, size: int, empty: float = 0.0) -> np.ndarray:
    """Return the mean of ``values`` by ``index``, float64[size]; ``empty`` where there are none."""
    count = np.bincount(index, minlength=size)
    total = np.bincount(index, weights=values, minlength=size)
    return np.divide(total, count, out=np.full(size, empty), where=count > 0)


def sum_by(index: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return the sum of whole ``values`` by ``index``, int64[size]."""
    return np.rint(np.bincount(index, weights=values, minlength=size)).astype(np.int64)


def eligible_for(here: Mapping[str, np.ndarray] | np.ndarray, rows: int) -> np.ndarray:
    """Return how many people each lever that needs staff could be offered to, float64[lever, team]."""
    found = np.zeros((codes.LEVERS, rows))
    offered = {
        codes.SOCIAL_PRESCRIBING: here["social"] != 0,
        codes.WELFARE_ADVICE_LEVER: (here["social"] & codes.DEBT) != 0,
        codes.URGENT_RESPONSE_LEVER: np.ones(len(here["team"]), bool),
        codes.CARE_HOME_SUPPORT: here["care_home"] != codes.NO_CARE_HOME,
    }
    for lever, who in offered.items():
        found[lever] = np.bincount(here["team"][who], minlength=rows)
    return found


def need_parts(
    here: Mapping[str, np.ndarray], near: np.ndarray, quintile: np.ndarray, rows: int, month: int
) -> np.ndarray:
    """Return the means per head that a need formula can count, float64[need part, neighbourhood]."""
    known = here["known"].astype(np.int64)
    conditions = np.bitwise_count(known)
    today = month * SECONDS_PER_MEAN_MONTH / SECONDS_PER_DAY
    older = here["birth_day"] <= today - OLDER_FROM * DAYS_PER_YEAR
    of_each = (conditions, quintile == 0, older, here["lives_alone"], here["unmet"])
    return np.stack([mean_by(near, values, rows) for values in of_each])


def registered_of(base: np.ndarray, residents: Residents, row: int) -> int:
    """Return how many residents an INT counts its doses by: those at the start, or a group's members today.

    ``base``: TEAM_BASE[].
    """
    registered = int(base[row]["registered"])
    return registered if registered > 0 or row < len(base) - 1 else int(residents.served[row])


def busy_share(teams: np.ndarray, inside_s: np.ndarray, could_s: np.ndarray, site: np.ndarray) -> None:
    """Write the share of staff time in use last month into TEAM ``teams``.

    inside_s, could_s: float64[service], seconds worked and seconds there were; site: row of ``teams``.
    """
    used = np.bincount(site, weights=inside_s, minlength=len(teams))
    there = np.bincount(site, weights=could_s, minlength=len(teams))
    teams["t_busy_share"] = np.divide(used, there, out=np.zeros(len(teams)), where=there > 0.0)
