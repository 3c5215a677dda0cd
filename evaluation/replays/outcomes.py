"""Outcomes of studies by name: which columns of a table of people they are made of, in which unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True)
class Outcome:
    """``parts``: columns and what each is multiplied by; ``unit``: of what comes out."""

    words: str
    unit: str
    parts: Mapping[str, float]


OUTCOMES: Mapping[str, Outcome] = {
    "ed_attendances": Outcome("attendances at the emergency department", "attendances", {"ed_attendances": 1.0}),
    "all_ed_attendances": Outcome(
        "attendances at emergency departments and urgent treatment centres",
        "attendances",
        {"ed_attendances": 1.0, "urgent_treatment_attendances": 1.0},
    ),
    "minor_ed_attendances": Outcome(
        "attendances of standard acuity that no ambulance brought",
        "attendances",
        {"ed_acuity_4": 1.0, "conveyed_acuity_4": -1.0},
    ),
    "emergency_admissions": Outcome("emergency admissions", "admissions", {"emergency_admissions": 1.0}),
    "avoidable_admissions": Outcome(
        "emergency admissions for exacerbations of long-term conditions", "admissions", {"acsc_admissions": 1.0}
    ),
    "readmissions": Outcome("emergency readmissions in the same episode", "readmissions", {"readmissions": 1.0}),
    "bed_days": Outcome("days in hospital beds", "days", {"bed_seconds": 1 / SECONDS_PER_DAY}),
    "bed_days_with_home": Outcome(
        "days in hospital beds and on a virtual ward",
        "days",
        {"bed_seconds": 1 / SECONDS_PER_DAY, "virtual_ward_seconds": 1 / SECONDS_PER_DAY},
    ),
    "outpatient_attendances": Outcome(
        "outpatient attendances, new and follow-up",
        "attendances",
        {"outpatient_new_contacts": 1.0, "outpatient_follow_up_contacts": 1.0},
    ),
    "planned_procedures": Outcome(
        "outpatient procedures, which stand in for elective admissions",
        "procedures",
        {"outpatient_procedure_contacts": 1.0},
    ),
    "gp_contacts": Outcome("general practice contacts", "contacts", {"gp_contacts": 1.0}),
    "gp_unscheduled_contacts": Outcome(
        "general practice contacts that no plan brought", "contacts", {"gp_unscheduled_contacts": 1.0}
    ),
    "gp_own_contacts": Outcome("contacts with one's own clinician", "contacts", {"gp_own_contacts": 1.0}),
    "prevention_contacts": Outcome(
        "screening, immunisation and health checks taken up", "contacts", {"prevention_contacts": 1.0}
    ),
    "virtual_ward_stays": Outcome("stays on a virtual ward", "stays", {"virtual_ward_admissions": 1.0}),
    "urgent_response_contacts": Outcome(
        "contacts of the two-hour crisis team", "contacts", {"urgent_response_contacts": 1.0}
    ),
    "lower_ambulance_calls": Outcome(
        "calls to 999 of categories 3 and 4", "calls", {"ambulance_category_3": 1.0, "ambulance_category_4": 1.0}
    ),
    "deaths": Outcome("deaths", "deaths", {"deaths": 1.0}),
}
