"""The panel: month x neighbourhood x local deprivation quintile x age band x sex x outcome, whole numbers only."""

from __future__ import annotations

import numpy as np

from sim.calendar import DAY_S
from sim.codes import INT_CORE, PANEL_AGE_LOWER, PANEL_AGE_NAMES, SERVICE_NAMES, SEX_NAMES, STAFFED_KINDS

QUINTILES = 5
AGE_BANDS = len(PANEL_AGE_NAMES)
SEXES = len(SEX_NAMES)
CELLS_PER_NEIGHBOURHOOD = QUINTILES * AGE_BANDS * SEXES

ACUITIES = 4  # 1 immediate, 2 very urgent, 3 urgent, 4 standard
CATEGORIES = 4  # of ambulance calls
DEATH_CLASSES = ("treatable", "preventable", "other")


def contacts_column(kind: int) -> str:
    """Return the column that counts contacts served of a kind of service (the INT core's is ``core_contacts``)."""
    return "core_contacts" if kind == INT_CORE else f"{SERVICE_NAMES[kind]}_contacts"


def staff_column(kind: int) -> str:
    """Return the column of seconds that staff of a kind of service spent with residents."""
    return f"{SERVICE_NAMES[kind]}_staff_seconds"


def numbered(name: str, count: int) -> tuple[str, ...]:
    """Return ``name_1`` ... ``name_count``."""
    return tuple(f"{name}_{number}" for number in range(1, count + 1))


CONTACTS = tuple(contacts_column(kind) for kind in range(len(SERVICE_NAMES)))
OUTCOMES = (
    "person_seconds",
    "needs",
    "needs_unmet",
    "ed_attendances",
    *numbered("ed_acuity", ACUITIES),
    "ed_breaches",
    "urgent_treatment_attendances",
    *numbered("urgent_treatment_acuity", ACUITIES),
    *numbered("ambulance_category", CATEGORIES),
    *numbered("conveyed_category", CATEGORIES),
    *numbered("conveyed_acuity", ACUITIES),
    "emergency_admissions",
    "assessment_admissions",
    "acsc_admissions",
    "childhood_acute_admissions",
    "readmissions",
    "zero_day_spells",
    "longer_spells",
    "spell_days",
    "bed_seconds",
    "assessment_seconds",
    "delayed_seconds",
    "virtual_ward_admissions",
    "virtual_ward_seconds",
    *CONTACTS,
    "package_starts",
    "reneged",
    "missed",
    "lost_handovers",
    "episodes",
    "service_changes",
    "stories_repeated",
    "deaths",
    *(f"deaths_{name}" for name in DEATH_CLASSES),
    "hospital_deaths",
    "gp_wait_seconds",
    "ed_wait_seconds",
    "outpatient_wait_seconds",
    *(staff_column(kind) for kind in STAFFED_KINDS),
)
# What the table by ethnic group and Core20PLUS group tells.
HEADLINES = (
    "person_seconds",
    "needs",
    "needs_unmet",
    "ed_attendances",
    "urgent_treatment_attendances",
    "emergency_admissions",
    "acsc_admissions",
    "bed_seconds",
    "gp_contacts",
    "community_contacts",
    "mental_health_contacts",
    "outpatient_new_contacts",
    "reneged",
    "deaths",
)
# What the month of one person tells.
OF_A_PERSON = (
    "ed_attendances",
    "urgent_treatment_attendances",
    *numbered("conveyed_acuity", ACUITIES),
    "emergency_admissions",
    "zero_day_spells",
    "longer_spells",
    "spell_days",
    "bed_seconds",
    "gp_contacts",
    "outpatient_new_contacts",
    "outpatient_follow_up_contacts",
    "outpatient_procedure_contacts",
    "community_contacts",
    "urgent_response_contacts",
    "health_visiting_contacts",
    "core_contacts",
    "deaths",
)


def age_years(birth_day: np.ndarray, day: int) -> np.ndarray:
    """Return whole years of age on ``day`` (days since the start date), with years of 365.25 days; never below 0."""
    return np.maximum((4 * (day - birth_day.astype(np.int64))) // 1461, 0)


def bands_of(people: np.ndarray, start_s: int) -> np.ndarray:
    """Return each person's panel age band (0 to 6) at ``start_s``."""
    return np.searchsorted(PANEL_AGE_LOWER, age_years(people["birth_day"], start_s // DAY_S), side="right") - 1


def cells_of(people: np.ndarray, communities: np.ndarray, start_s: int) -> np.ndarray:
    """Return each person's panel cell in the month that starts at ``start_s``: int64, shape (people,).

    cell = ((neighbourhood * 5 + quintile) * 7 + age band) * 2 + sex, quintile 0 the most deprived of the place.
    """
    quintile = communities["local_quintile"].astype(np.int64)[people["community"]] - 1
    cell = people["neighbourhood"].astype(np.int64) * QUINTILES + quintile
    return (cell * AGE_BANDS + bands_of(people, start_s)) * SEXES + people["sex"]
