"""Everyone who is not simulated, as load on shared services: whole hospitals less the use expected of residents.

Residents' expected use is England's rate for their age, sex and deprivation, times the place's local factor for the
part that is admitted. So the total load of a hospital is its observed activity, whether one neighbourhood is
simulated or all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scenarios.place_files import Place
from sim.place.columns import HOSPITAL
from sim.place.geography import background_stay_days
from sim.rules.margins import Targets, cell_of
from sim.rules.stages import DAYS_PER_YEAR, MONTHS_PER_YEAR
from sim.rules.tables import ResidentTables


def expected_use(tables: ResidentTables, goal: Targets, local_factor_emergency: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the residents' expected (ED attendances, emergency admissions) per day at each hospital."""
    people = tables.people
    bands, quintiles = cell_of(people, tables.communities)
    admitted = goal.admissions[bands, people["sex"], quintiles]
    attended = goal.ed[bands, quintiles] + admitted * (local_factor_emergency - 1.0)
    per_day = MONTHS_PER_YEAR / DAYS_PER_YEAR
    size = len(tables.hospitals)
    attendances = np.bincount(people["hospital"], attended, size) * per_day
    admissions = np.bincount(people["hospital"], admitted * local_factor_emergency, size) * per_day
    return attendances, admissions


def set_background(tables: ResidentTables, place: Place, goal: Targets, values: Mapping[str, float]) -> None:
    """Write the arrivals of everyone else into ``tables.hospitals``.

    Elective patients use the bed days that emergencies leave, and no fewer than England's elective share of beds:
    where the observed admissions would leave less, the hospital's emergency stays are shorter than the model's, and
    fewer of them stand for the same bed days.
    """
    observed = place.hospitals
    attendances, admissions = expected_use(tables, goal, values["local_factor_emergency"])
    all_attendances = observed["ed_attendances_per_year"].to_numpy(dtype=float) / DAYS_PER_YEAR
    all_admissions = observed["emergency_admissions_per_year"].to_numpy(dtype=float) / DAYS_PER_YEAR
    hospitals = tables.hospitals
    hospitals["background_ed_per_day"] = np.maximum(all_attendances - attendances, 0.0)
    stay_days = background_stay_days(dict(values))
    most = hospitals["beds"] * (1.0 - values["elective_bed_share"]) / stay_days
    emergencies = np.minimum(all_admissions, most)
    hospitals["background_emergency_beds_per_day"] = np.maximum(emergencies - admissions, 0.0)
    elective_beds = hospitals["beds"] - emergencies * stay_days
    hospitals["background_elective_beds_per_day"] = elective_beds / values["elective_stay_days"]
    unused = np.bincount(tables.people["hospital"], minlength=len(hospitals)) == 0
    for name in ("cubicles", "beds", *(name for name in HOSPITAL.names or () if name.startswith("background_"))):
        hospitals[name][unused] = 0.0  # a hospital that no simulated resident uses is left out
