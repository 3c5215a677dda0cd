"""What the rules read: one tuple of arrays, the same for both engines and for the monthly rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.by_reference import passed_by_reference
from sim.codes import CONDITION_NAMES, NEED_NAMES, PANEL_AGE_LOWER
from sim.jit import jit
from sim.rules.stages import DAYS_PER_YEAR, SECONDS_PER_DAY

NEED_KINDS = len(NEED_NAMES)  # hazards of kinds that do not arise in residents' lives are 0
AGE_BANDS = 20
SEXES = 2
QUINTILES = 5
SINGLE_AGES = 101
TREND_NEEDS, TREND_ONSETS, TREND_DEATHS, TREND_SUPPLY, MONTH_LENGTH = range(5)
TRENDS = 5
CONDITIONS = len(CONDITION_NAMES)
BAND_YEARS = 5
MOVE_AGES = (16, 25, 35, 50, 65)  # where the age bands named by the parameters moves_out_per_year_* begin
# Ages at which practical needs are counted, in the order of codes.SOCIAL_NAMES, as in sim/place/circumstances.py.
SOCIAL_AGE_FROM = (0, 18, 16, 0, 16)
SOCIAL_AGE_TO = (200, 200, 200, 200, 65)
ADULT_AGES = PANEL_AGE_LOWER[2:]  # where the age groups under_18, 18_39, ..., 85_plus of parameters part


@passed_by_reference
class ResidentTables(NamedTuple):
    """Columns the residents' pathway and the monthly rules read and write (rates are per month).

    ``hazards`` is the solved residual of sim/rules/margins.py; ``deaths`` the life table divided by the mean
    frailty multiplier; ``onsets`` new conditions; the last two are read by the monthly rules alone.
    """

    seed: np.ndarray  # uint64[1]
    params: np.ndarray  # record[1], one float64 field per registry row
    people: np.ndarray  # PERSON[]
    reach: np.ndarray  # REACH[]
    communities: np.ndarray  # COMMUNITY[]
    teams: np.ndarray  # TEAM[], neighbourhoods first, then one for a group wherever it lives
    hospitals: np.ndarray  # HOSPITAL[]
    service_at: np.ndarray  # int16[kind, site], -1 where there is none
    supply: np.ndarray  # float64[kind, site]: FTE at work, or places at once, this month
    carry: np.ndarray  # float64[kind, site]: fraction of a session or place carried to next month
    waits: np.ndarray  # float64[kind, site]: days residents expect to wait (last month's mean)
    lever_reach: np.ndarray  # float64[lever, team]: share of those eligible reached (by month where a lever says so)
    lever_effect: np.ndarray  # float64[lever, team]: 0 nothing, 1 as the evidence says, 2 twice that
    service_params: np.ndarray  # float64[kind, field of sim/rules/arrays.py]
    refer: np.ndarray  # float64[from kind, need type, to kind]: chance that a contact ends in a referral
    # float64[5]: this month's factor on needs, onsets, deaths and supply (1: as in the baseline year), and its length
    # in mean months, which needs and deaths grow with
    trend: np.ndarray
    hazards: np.ndarray  # float64[need type, age band 20, sex 2, national quintile 5]
    profiles: np.ndarray  # float64[need type, hour 24], shares of a day
    seasons: np.ndarray  # float64[need type, calendar month 12]: of needs a day, mean 1
    deaths: np.ndarray  # float64[single age 101, sex 2, national quintile 5]
    onsets: np.ndarray  # float64[age band 20, national quintile 5, condition]
    refers: np.ndarray  # int64[from kind, need type] of sim/rules/arrays.py: a bit for each kind ever referred to
    lengths: np.ndarray  # float64[2 x kinds, 4] of sim/rules/arrays.py: of lengths of contacts, what never changes
    first_weekday: np.ndarray  # int64[1]: of the day of second 0, 0 (Monday) to 6


@jit
def age_years(birth_day: int, now: int) -> float:
    """Return age in years at second ``now`` for a birth day counted from the start date (never below 0)."""
    age = (now / SECONDS_PER_DAY - birth_day) / DAYS_PER_YEAR
    return age if age > 0.0 else 0.0


@jit
def age_band(age: float) -> int:
    """Return the band 0-19 of an age in years: 0, 1-4, 5-9, ..., 85-89, 90 and over."""
    if age < 1.0:
        return 0
    band = 1 + int(age / BAND_YEARS)
    return band if band < AGE_BANDS - 1 else AGE_BANDS - 1


@jit
def adult_group(age: float) -> int:
    """Return the group 0-5 of an age in years: under 18, 18-39, 40-64, 65-74, 75-84, 85 and over."""
    group = 0
    for lower in ADULT_AGES:
        if age >= lower:
            group += 1
    return group
