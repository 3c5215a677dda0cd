"""What a run printed at its end says: activity a year, from the panel."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from evaluation.parquet import read_table

HEADLINES = (
    ("ed_attendances", "ED attendances"),
    ("urgent_treatment_attendances", "Urgent treatment centres"),
    ("ambulance_contacts", "Ambulance contacts"),
    ("emergency_admissions", "Emergency admissions"),
    ("bed_seconds", "Bed days"),
    ("delayed_seconds", "of which delayed"),
    ("gp_contacts", "GP contacts"),
    ("nurse_contacts", "Practice nurse contacts"),
    ("community_contacts", "Community contacts"),
    ("outpatient_new_contacts", "Outpatients, new"),
    ("outpatient_follow_up_contacts", "Outpatients, follow-up"),
    ("mental_health_contacts", "Mental health contacts"),
    ("social_care_contacts", "Social care contacts"),
    ("core_contacts", "INT core contacts"),
    ("outreach_contacts", "Outreach visits"),
    ("needs_unmet", "Needs left unmet"),
    ("deaths", "Deaths"),
)
SECONDS_A_DAY = 86_400
SECONDS_A_YEAR = 365.25 * SECONDS_A_DAY


def activity(folder: Path) -> pd.DataFrame:
    """Return events per 1,000 resident-years after go-live: mean over replications, lowest and highest.

    Reads ``panel.parquet`` of a run folder. Columns: outcome, mean, lowest, highest.
    """
    panel = read_table(folder / "panel.parquet")
    after = panel[panel["month"] >= 0]
    totals = after.groupby(["draw", "replication"]).sum(numeric_only=True)
    years = totals["person_seconds"] / SECONDS_A_YEAR
    rows = []
    for column, words in HEADLINES:
        events = totals[column] / SECONDS_A_DAY if column.endswith("_seconds") else totals[column]
        rate = events / years * 1_000
        rows.append({"outcome": words, "mean": rate.mean(), "lowest": rate.min(), "highest": rate.max()})
    return pd.DataFrame(rows)


def activity_table(folder: Path) -> str:
    """Return ``activity`` as lines of text."""
    table = activity(folder)
    lines = [f"{'per 1,000 residents a year':<30}{'mean':>10}{'lowest':>10}{'highest':>10}"]
    for row in table.itertuples():
        lines.append(f"{row.outcome:<30}{row.mean:>10,.1f}{row.lowest:>10,.1f}{row.highest:>10,.1f}")
    return "\n".join(lines)


def parameters_line(folder: Path) -> str:
    """Return where a run's parameters come from, as its manifest says."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return f"Parameters: {manifest['parameters']}"
