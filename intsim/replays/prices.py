"""What a month of hospital care costs by person: unit costs of the registry for the columns of a table of people."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import scenarios
from evaluation.replays.outcomes import SECONDS_PER_DAY

FILE = Path(scenarios.__file__).parent / "registry" / "economics" / "prices.csv"
ROWS = {  # column of a table of people: (row of the prices, units of the column to one of the price)
    "ed_attendances": ("ed_attendance", 1.0),
    "urgent_treatment_attendances": ("urgent_treatment_attendance", 1.0),
    "emergency_admissions": ("emergency_admission", 1.0),
    "bed_seconds": ("emergency_bed_day", SECONDS_PER_DAY),
    "outpatient_new_contacts": ("outpatient_new_contact", 1.0),
    "outpatient_follow_up_contacts": ("outpatient_follow_up_contact", 1.0),
    "outpatient_procedure_contacts": ("outpatient_procedure", 1.0),
}


@lru_cache(maxsize=1)
def hospital_prices() -> dict[str, float]:
    """Return GBP for one unit of each column of hospital care, at the central prices of the registry."""
    with FILE.open(encoding="utf-8", newline="") as file:
        central = {row["name"]: float(row["central"]) for row in csv.DictReader(file)}
    return {column: central[name] / units for column, (name, units) in ROWS.items()}
