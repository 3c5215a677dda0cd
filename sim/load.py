"""Everyone not simulated, as load on shared services: whole hospitals less what residents are expected to use.

Residents' expected use is what the solved hazards give people of their age, sex and deprivation, with the local factor
on the needs it works on. So the total load of a hospital is its observed activity, whether one neighbourhood is
simulated or all of them, but for what distance and waits make residents use beyond England's mean: some percent of
their own use.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scenarios.place_files import Place
from sim.codes import (
    ASSESSMENT,
    HOSPITAL_KINDS,
    OUTPATIENT_FOLLOW_UP,
    OUTPATIENT_NEW,
    OUTPATIENT_PROCEDURE,
)
from sim.place.columns import HOSPITAL
from sim.place.geography import background_stay_days
from sim.place.supply import type_1_shares
from sim.rules.cells import cell_of
from sim.rules.margins import SOLVED_KINDS, Grids
from sim.rules.needs import LOCAL_KINDS
from sim.rules.stages import DAYS_PER_YEAR, MONTHS_PER_YEAR
from sim.rules.tables import ResidentTables
from sim.rules.walk import Y_ADMISSION, Y_ED

CLINICS = {
    "clinic_new_fte": OUTPATIENT_NEW,
    "clinic_follow_up_fte": OUTPATIENT_FOLLOW_UP,
    "clinic_procedure_fte": OUTPATIENT_PROCEDURE,
}


def expected_per_day(tables: ResidentTables, grids: Grids, contact: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's expected contacts a day at a local factor of 1: (needs it works on, other needs).

    Needs at the end of life are among the others, as often as in England: deaths' own factor does not move them here.

    contact: walk.Y_ED, Y_ADMISSION... Hazard of each need x mean mediators and contacts per need of the person's cell.
    """
    people = tables.people
    bands, quintiles = cell_of(people, tables.communities)
    per_day = MONTHS_PER_YEAR / DAYS_PER_YEAR
    parts = (np.zeros(len(people)), np.zeros(len(people)))
    for kind in range(SOLVED_KINDS):
        hazard = grids.hazards[kind][bands, people["sex"], quintiles]
        made = grids.cells.made[kind, contact][bands, quintiles]
        parts[0 if kind in LOCAL_KINDS else 1][:] += hazard * made * per_day
    return parts


def need_factor(counts: np.ndarray, quintiles: np.ndarray, grids: Grids, admission_ratio: float) -> float:
    """Return the factor on local needs that makes the place's admissions ``admission_ratio`` times England's.

    counts: residents of the whole place [community, age band, sex]; quintiles: national, 0 most deprived [community].
    Needs that are not local (minor ones, reviews) sometimes end in admission too, so the factor lies further from 1.
    """
    local = other = 0.0
    for kind in range(SOLVED_KINDS):
        rate = grids.hazards[kind] * grids.cells.made[kind, Y_ADMISSION][:, None, :]  # [band, sex, quintile]
        admitted = float((counts * np.moveaxis(rate[:, :, quintiles], 2, 0)).sum())
        if kind in LOCAL_KINDS:
            local += admitted
        else:
            other += admitted
    return max((admission_ratio * (local + other) - other) / local, 0.0) if local > 0.0 else admission_ratio


def expected_use(tables: ResidentTables, grids: Grids, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the residents' expected (ED attendances, emergency admissions) a day at each hospital."""
    size = len(tables.hospitals)
    used = []
    for contact in (Y_ED, Y_ADMISSION):
        local, other = expected_per_day(tables, grids, contact)
        used.append(np.bincount(tables.people["hospital"], factor * local + other, size))
    return used[0], used[1]


def bed_days_each(tables: ResidentTables, values: Mapping[str, float]) -> np.ndarray:
    """Return the mean days in a bed of an anonymous emergency admission at each hospital, as float64[hospital].

    Where there is an assessment unit, stays that end the same day are there and use no bed.
    """
    size = len(tables.hospitals)
    in_unit = tables.supply[ASSESSMENT, :size] > 0.0
    longer = (1.0 - values["background_zero_day"]) * values["background_emergency_days"]
    return np.where(in_unit, longer, background_stay_days(dict(values)))


def set_background(
    tables: ResidentTables, place: Place, grids: Grids, factor: float, values: Mapping[str, float]
) -> None:
    """Write the arrivals of everyone else into ``tables.hospitals``.

    Elective patients use the bed days that emergencies leave, and no fewer than England's elective share of beds:
    where the observed admissions would leave less, the hospital's emergency stays are shorter than the model's, and
    fewer of them stand for the same bed days.
    """
    for name, kind in CLINICS.items():
        tables.teams[name] = tables.supply[kind, : len(tables.teams)]
    observed = place.hospitals
    attendances, admissions = expected_use(tables, grids, factor)
    at_type_1 = type_1_shares(place, values) / DAYS_PER_YEAR  # those of other types are at the treatment centres
    all_attendances = observed["ed_attendances_per_year"].to_numpy(dtype=float) * at_type_1
    all_admissions = observed["emergency_admissions_per_year"].to_numpy(dtype=float) / DAYS_PER_YEAR
    hospitals = tables.hospitals
    hospitals["background_ed_per_day"] = np.maximum(all_attendances - attendances, 0.0)
    stay_days = bed_days_each(tables, values)
    beds = observed["beds_occupied"].to_numpy(dtype=float)  # what is in use on the mean day, not what there is
    most = beds * (1.0 - values["elective_bed_share"]) / stay_days
    emergencies = np.minimum(all_admissions, most)
    hospitals["background_emergency_beds_per_day"] = np.maximum(emergencies - admissions, 0.0)
    elective_beds = beds - emergencies * stay_days
    hospitals["background_elective_beds_per_day"] = elective_beds / values["elective_stay_days"]
    unused = np.bincount(tables.people["hospital"], minlength=len(hospitals)) == 0
    for name in (name for name in HOSPITAL.names or () if name.startswith("background_")):
        hospitals[name][unused] = 0.0  # a hospital that no simulated resident uses is left out
    for kind in HOSPITAL_KINDS:
        tables.supply[kind, : len(hospitals)][unused] = 0.0
