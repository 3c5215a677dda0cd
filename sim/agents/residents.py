"""What the agents know of the residents at a month's start: counts and means, never one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim import codes
from sim.by_reference import passed_by_reference
from sim.jit import jit
from sim.rules.conditions import count_bits
from sim.rules.stages import DAYS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_MEAN_MONTH

QUINTILES = 5
OLDER_FROM = codes.PANEL_AGE_LOWER[4]
FIXED = 2.0**32  # trust and unmet need are summed in whole parts of this
NEED_PARTS = ("conditions", "deprivation", "age", "living_alone", "unmet_need")  # of the need formula

# Columns of the sums, by where people live, which INT serves them, and their neighbourhood.
OF_COMMUNITY = PRESENT_NOW, TRUST, DOORS = range(3)
OF_TEAM = TEAM_DOORS, ENROLLED, SERVED, WITH_SOCIAL, IN_DEBT, IN_CARE_HOME = range(6)
OF_HOME = LIVING, CONDITIONS, DEPRIVED, OLDER, ALONE, UNMET, ATTENDED, ATTENDED_DEPRIVED, MEMBERS = range(9)
# Levers that need staff, by the columns from SERVED on of those they could be offered to.
OFFERED = (
    codes.URGENT_RESPONSE_LEVER,
    codes.SOCIAL_PRESCRIBING,
    codes.WELFARE_ADVICE_LEVER,
    codes.CARE_HOME_SUPPORT,
)


@passed_by_reference
class Sums(NamedTuple):
    """Sums of those present, int64.

    by_community: [community, OF_COMMUNITY]. by_team: [team, OF_TEAM]. by_home: [neighbourhood, OF_HOME].
    by_quintile: [neighbourhood, local quintile, (people, unmet need)].
    """

    by_community: np.ndarray
    by_team: np.ndarray
    by_home: np.ndarray
    by_quintile: np.ndarray


@dataclass(frozen=True)
class Residents:
    """Of those present: by community, by INT that serves them (``team``), or by neighbourhood.

    trust: mean, float64[community] (NaN: nobody). doors: int64[community], households with somebody present;
    team_doors the same by INT, int64[team].
    enrolled, served: int64[team], people on the caseload, and all. eligible: float64[lever, team], people a lever
    that needs staff could be offered to. parts: float64[need part, neighbourhood], means per head (0: nobody).
    unmet: float64[neighbourhood, local quintile], stock of unmet need per head (0: nobody).
    attended, attended_deprived: int64[neighbourhood], ED attendances last month, and of the most deprived fifth.
    members: float64[neighbourhood], share of those who live there whom the INT of a group serves.
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
    members: np.ndarray


def see_residents(people: np.ndarray, communities: np.ndarray, teams: np.ndarray, month: int) -> Residents:
    """Return what agents know of ``people`` (PERSON[]) at the start of ``month``, before last month is folded in."""
    rows = len(teams)
    today = month * SECONDS_PER_MEAN_MONTH / SECONDS_PER_DAY
    sums = Sums(
        by_community=np.zeros((len(communities), len(OF_COMMUNITY)), np.int64),
        by_team=np.zeros((rows, len(OF_TEAM)), np.int64),
        by_home=np.zeros((rows, len(OF_HOME)), np.int64),
        by_quintile=np.zeros((rows, QUINTILES, 2), np.int64),
    )
    count_residents(people, communities, sums, today - OLDER_FROM * DAYS_PER_YEAR)
    in_community, in_team, at_home = sums.by_community.T, sums.by_team.T, sums.by_home.T
    eligible = np.zeros((codes.LEVERS, rows))
    eligible[list(OFFERED)] = in_team[SERVED : SERVED + len(OFFERED)]
    count, unmet = sums.by_quintile[..., 0], sums.by_quintile[..., 1] / FIXED
    parts = at_home[CONDITIONS : UNMET + 1].astype(np.float64)
    parts[UNMET - CONDITIONS] /= FIXED
    return Residents(
        trust=shared(in_community[TRUST] / FIXED, in_community[PRESENT_NOW], np.nan),
        doors=in_community[DOORS].copy(),
        team_doors=in_team[TEAM_DOORS].copy(),
        enrolled=in_team[ENROLLED].copy(),
        served=in_team[SERVED].copy(),
        eligible=eligible,
        parts=np.stack([shared(part, at_home[LIVING], 0.0) for part in parts]),
        unmet=shared(unmet, count, 0.0),
        attended=at_home[ATTENDED].copy(),
        attended_deprived=at_home[ATTENDED_DEPRIVED].copy(),
        members=shared(at_home[MEMBERS], at_home[LIVING], 0.0),
    )


def shared(total: np.ndarray, count: np.ndarray, empty: float) -> np.ndarray:
    """Return means per head; ``empty`` where there is nobody."""
    return np.divide(total, count, out=np.full(total.shape, empty), where=count > 0)


@jit
def count_residents(people: np.ndarray, communities: np.ndarray, sums: Sums, born_before: float) -> int:
    """Add everyone present to ``sums`` in whole numbers, so that their order has no say; return how many there are.

    born_before: the last birth day of those who count as older.
    """
    present = 0
    for i in range(len(people)):
        person = people[i]
        if person["presence"] != codes.PRESENT:
            continue
        present += 1
        where, team, home = person["community"], person["team"], person["neighbourhood"]
        quintile: Any = min(max(np.int64(communities[where]["local_quintile"]) - 1, 0), QUINTILES - 1)
        unmet = np.int64(person["unmet"] * FIXED + 0.5)
        door = 1 if person["visited_home"] == 1 else 0
        social = np.int64(person["social"])
        sums.by_community[where, PRESENT_NOW] += 1
        sums.by_community[where, TRUST] += np.int64(person["trust"] * FIXED + 0.5)
        sums.by_community[where, DOORS] += door
        sums.by_team[team, TEAM_DOORS] += door
        sums.by_team[team, ENROLLED] += person["enrolled"] == 1
        sums.by_team[team, SERVED] += 1
        sums.by_team[team, WITH_SOCIAL] += social != 0
        sums.by_team[team, IN_DEBT] += (social & codes.DEBT) != 0
        sums.by_team[team, IN_CARE_HOME] += person["care_home"] != codes.NO_CARE_HOME
        sums.by_home[home, LIVING] += 1
        sums.by_home[home, MEMBERS] += team == len(sums.by_team) - 1
        sums.by_home[home, CONDITIONS] += count_bits(person["known"])
        sums.by_home[home, DEPRIVED] += QUINTILES - 1 - quintile
        sums.by_home[home, OLDER] += person["birth_day"] <= born_before
        sums.by_home[home, ALONE] += person["lives_alone"]
        sums.by_home[home, UNMET] += unmet
        sums.by_home[home, ATTENDED] += person["m_ed"]
        if quintile == 0:
            sums.by_home[home, ATTENDED_DEPRIVED] += person["m_ed"]
        sums.by_quintile[home, quintile, 0] += 1
        sums.by_quintile[home, quintile, 1] += unmet
    return present


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
