"""The panel: month x neighbourhood x local deprivation quintile x age band x sex x outcome, whole numbers only."""

from __future__ import annotations

import numpy as np

from sim.calendar import DAY_S
from sim.codes import PANEL_AGE_LOWER, PANEL_AGE_NAMES, SEX_NAMES

QUINTILES = 5
AGE_BANDS = len(PANEL_AGE_NAMES)
SEXES = len(SEX_NAMES)
CELLS_PER_NEIGHBOURHOOD = QUINTILES * AGE_BANDS * SEXES

OUTCOMES = (
    "person_seconds",
    "needs",
    "needs_unmet",
    "ed_attendances",
    "ed_breaches",
    "emergency_admissions",
    "acsc_admissions",
    "readmissions",
    "bed_seconds",
    "delayed_seconds",
    "gp_contacts",
    "community_contacts",
    "core_contacts",
    "outreach_contacts",
    "social_care_contacts",
    "package_starts",
    "reneged",
    "missed",
    "lost_handovers",
    "deaths",
    "gp_wait_seconds",
    "ed_wait_seconds",
)


def age_years(birth_day: np.ndarray, day: int) -> np.ndarray:
    """Return whole years of age on ``day`` (days since the start date), with years of 365.25 days; never below 0."""
    return np.maximum((4 * (day - birth_day.astype(np.int64))) // 1461, 0)


def cells_of(people: np.ndarray, communities: np.ndarray, start_s: int) -> np.ndarray:
    """Return each person's panel cell in the month that starts at ``start_s``: int64, shape (people,).

    cell = ((neighbourhood * 5 + quintile) * 7 + age band) * 2 + sex, quintile 0 the most deprived of the place.
    """
    quintile = communities["local_quintile"].astype(np.int64)[people["community"]] - 1
    band = np.searchsorted(PANEL_AGE_LOWER, age_years(people["birth_day"], start_s // DAY_S), side="right") - 1
    cell = people["neighbourhood"].astype(np.int64) * QUINTILES + quintile
    return (cell * AGE_BANDS + band) * SEXES + people["sex"]
