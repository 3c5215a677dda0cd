"""Names of services and levers as settings, files and reports use them; sim/codes.py numbers them in this order."""

from __future__ import annotations

SERVICES = (
    "gp",
    "community",
    "int_core",
    "outreach",
    "social_care",
    "ed",
    "bed",
    "home_package",
    "nurse",
    "pharmacist",
    "pharmacy",
    "vcfse",
    "link_worker",
    "tailored",
    "specialist",
    "outpatient_new",
    "outpatient_follow_up",
    "outpatient_procedure",
    "mental_health",
    "urgent_response",
    "ambulance",
    "urgent_treatment",
    "assessment",
    "virtual_ward",
    "call_111",
    "children_social_care",
    "housing",
    "employment",
    "welfare_advice",
    "public_health",
    "health_visiting",
)
COUNTED_IN_PLACES = ("ed", "bed", "home_package", "assessment", "virtual_ward")
OF_A_GROUP = ("int_core", "outreach", "link_worker", "tailored", "specialist")  # whom an INT for a group can employ
STAFFED_SERVICES = tuple(name for name in SERVICES if name not in COUNTED_IN_PLACES)
