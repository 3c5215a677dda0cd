"""What the rules read: one tuple of arrays, the same for both engines and for the monthly rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.jit import jit
from sim.rules.stages import DAYS_PER_YEAR, SECONDS_PER_DAY

NEED_KINDS = 8  # needs of residents (background kinds have no hazard)
AGE_BANDS = 20
SEXES = 2
QUINTILES = 5
SINGLE_AGES = 101
CONDITIONS = 12
BAND_YEARS = 5


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
    teams: np.ndarray  # TEAM[]
    hospitals: np.ndarray  # HOSPITAL[]
    service_at: np.ndarray  # int16[kind, site], -1 where there is none
    hazards: np.ndarray  # float64[need type 8, age band 20, sex 2, national quintile 5]
    profiles: np.ndarray  # float64[need type 10, hour 24], shares of a day
    seasons: np.ndarray  # float64[need type 8, calendar month 12], mean 1
    deaths: np.ndarray  # float64[single age 101, sex 2, national quintile 5]
    onsets: np.ndarray  # float64[condition 12, age band 20, national quintile 5]


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
