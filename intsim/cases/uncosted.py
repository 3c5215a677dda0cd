"""What a design changes that a case puts no price on: told beside its money, for with much of it one looks cheap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Design = Mapping[str, Any]  # the settings of one INT design, as saved with a run

SETTINGS = (  # key under int, and what it is in words; staff, places and double running have prices
    ("workforce.bank_cover_share", "bank staff who cover absence and vacancies"),
    ("workforce.wellbeing.reflection_hours_per_month", "protected time of staff (except the care that it takes away)"),
    ("participation.vcfse_grants_ratio", "grants to voluntary groups"),
    ("participation.housing_repair.reach_share_per_year", "housing repairs"),
    ("population_health.falls_prevention.reach_share_per_year", "falls classes"),
    ("resource_allocation.reinvest_share", "community posts paid for by released bed days"),
    ("information_sharing.shared_records.reach_share", "shared records"),
    ("access_technology.digital_route_share", "digital routes"),
    ("access_technology.extended_access.hours_per_week", "evening and weekend hours"),
    ("access_technology.colocation.reach_share", "rooms for services under one roof"),
    ("geography.hub_distance_ratio", "a nearer hub"),
    ("governance.recruitment_speed_ratio", "faster recruitment"),
)


def uncosted(design: Design, comparator: Design) -> list[str]:
    """Return in words what ``design`` changes against its comparator and no price is put on."""
    return [words for key, words in SETTINGS if at(design, key) != at(comparator, key)]


def at(design: Design, key: str) -> Any:
    """Return a setting by its dotted key; None where the settings are of a version without it."""
    found: Any = design
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
