"""A small made-up comparison: two arms (or more), replications that share their noise, a gradient by deprivation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.panel import COUNTS

AGE_BANDS = ("0-4", "5-17", "18-39", "40-64", "65-74", "75-84", "85+")
PEOPLE = (300, 900, 2600, 2000, 600, 350, 140)  # per quintile and sex
SICKNESS = (1.4, 0.6, 0.7, 1.0, 1.6, 2.6, 4.0)
BINS = (0, 300, 900, 1800, 3600, 7200, 14400, 21600, 28800, 43200, 86400, 172800, 259200, 604800, 1209600, 2419200)
NEVER = 2**62
# column -> (events per person-month in the middle quintile, extra share per quintile towards 1, effect in the design)
RATES = {
    "needs": (0.32, 0.10, 0.0),
    "needs_unmet": (0.03, 0.15, -0.15),
    "ed_attendances": (0.03, 0.16, -0.04),
    "ed_breaches": (0.008, 0.16, -0.05),
    "emergency_admissions": (0.007, 0.14, -0.05),
    "acsc_admissions": (0.0015, 0.2, -0.08),
    "readmissions": (0.0008, 0.1, 0.0),
    "gp_contacts": (0.45, 0.03, 0.02),
    "community_contacts": (0.06, 0.05, 0.05),
    "core_contacts": (0.0, 0.0, 0.0),
    "outreach_contacts": (0.0, 0.0, 0.0),
    "social_care_contacts": (0.01, 0.1, 0.0),
    "package_starts": (0.0006, 0.05, 0.0),
    "reneged": (0.01, 0.1, -0.1),
    "missed": (0.01, 0.1, 0.0),
    "lost_handovers": (0.004, 0.1, -0.2),
    "deaths": (0.0005, 0.12, 0.0),
}
FLOWS = {
    ("need", "gp"): 0.6,
    ("need", "ed"): 0.12,
    ("need", "community"): 0.04,
    ("need", "self_care"): 0.18,
    ("need", "unmet"): 0.06,
    ("gp", "resolved"): 0.52,
    ("gp", "ed"): 0.03,
    ("gp", "gp"): 0.04,
    ("gp", "community"): 0.05,
    ("community", "gp"): 0.01,
    ("community", "resolved"): 0.06,
    ("community", "social_care"): 0.02,
    ("social_care", "resolved"): 0.018,
    ("social_care", "unmet"): 0.002,
    ("ed", "resolved"): 0.11,
    ("ed", "bed"): 0.04,
    ("bed", "home"): 0.034,
    ("bed", "home_package"): 0.004,
    ("bed", "died"): 0.002,
    ("home_package", "home"): 0.004,
    ("gp", "moved"): 0.0005,
    ("ed", "absorbed"): 0.0005,
}
SERVICES = {
    "gp": 2.5e5,
    "community": 9e5,
    "int_core": 6e5,
    "social_care": 1.5e6,
    "ed": 9e3,
    "bed": 2e4,
    "home_package": 5e5,
}


def synthetic_panel(
    arms: Sequence[str] = ("usual_care", "frailty"), replications: int = 6, months: range = range(-2, 12), seed: int = 7
) -> pd.DataFrame:
    """Return a panel whose second arm changes activity by the effects in RATES; arms share most of their noise."""
    rng = np.random.default_rng(seed)
    cells = [(q, a, s) for q in range(1, 6) for a in range(7) for s in ("female", "male")]
    quintile = np.array([q for q, _, _ in cells])
    age = np.array([a for _, a, _ in cells])
    people = np.array([PEOPLE[a] for a in age])
    none = np.zeros(len(cells), np.int64)  # services that this place has not
    frames = []
    for replication in range(replications):
        for month in months:
            shared = {name: rng.random(len(cells)) for name in RATES}
            for position, arm in enumerate(arms):
                counts = {"person_seconds": people * 2_629_800}
                for name, (rate, slope, effect) in RATES.items():
                    on = effect * position if month >= 0 else 0.0
                    mean = people * rate * np.array(SICKNESS)[age] * (1 + slope * (3 - quintile)) * (1 + on)
                    spread = mean + np.sqrt(mean) * (shared[name] - 0.5) * 3
                    own = (rng.random(len(cells)) - 0.5) * np.sqrt(mean) if month >= 0 else 0.0
                    counts[name] = np.floor(spread + own * position + shared[name]).clip(0)
                if position and month >= 0:
                    counts["core_contacts"] = np.where(age >= 4, people // 40, 0)
                counts["bed_seconds"] = counts["emergency_admissions"] * 520_000 + people * 30
                counts["delayed_seconds"] = counts["emergency_admissions"] * 40_000
                counts["gp_wait_seconds"] = counts["gp_contacts"] * 300_000
                counts["ed_wait_seconds"] = counts["ed_attendances"] * 6_000
                counts["episodes"] = counts["needs"]
                frames.append(
                    pd.DataFrame(
                        {
                            "arm": arm,
                            "draw": 0,
                            "replication": replication,
                            "month": month,
                            "month_start": str(pd.Period("2024-04", "M") + month),
                            "neighbourhood": "North",
                            "quintile": quintile,
                            "age_band": [AGE_BANDS[a] for a in age],
                            "sex": [s for _, _, s in cells],
                            **{name: np.asarray(counts.get(name, none), dtype=np.int64) for name in COUNTS},
                        }
                    )
                )
    return pd.concat(frames, ignore_index=True)


def synthetic_waits(arms: Sequence[str], replications: int, seed: int = 8) -> pd.DataFrame:
    """Return waits with exponential tails in the published bins."""
    rng = np.random.default_rng(seed)
    upper = (*BINS[1:], NEVER)
    rows = []
    for replication in range(replications):
        for position, arm in enumerate(arms):
            for service, mean in SERVICES.items():
                if service == "int_core" and position == 0:
                    continue
                waited = rng.exponential(mean * (1 - 0.1 * position), 4000)
                counts = np.bincount(np.searchsorted(BINS, waited, side="right") - 1, minlength=len(BINS))
                for start, end, count in zip(BINS, upper, counts, strict=True):
                    if count:
                        rows.append((arm, 0, replication, 0, service, "North", start, end, int(count)))
    names = ["arm", "draw", "replication", "month", "service", "site", "wait_from_s", "wait_to_s", "count"]
    return pd.DataFrame(rows, columns=names)


def synthetic_flows(arms: Sequence[str], replications: int, seed: int = 9) -> pd.DataFrame:
    """Return transitions for about 50,000 needs, fewer by way of ED in the designs, some by way of the INT core."""
    rng = np.random.default_rng(seed)
    rows = []
    for replication in range(replications):
        noise = rng.normal(0, 1, len(FLOWS))
        for position, arm in enumerate(arms):
            edges = dict(FLOWS)
            if position:
                edges[("need", "ed")] -= 0.01
                edges[("need", "int_core")] = 0.02
                edges[("int_core", "resolved")] = 0.015
                edges[("int_core", "gp")] = 0.005
            for i, (edge, share) in enumerate(edges.items()):
                shift = noise[i % len(FLOWS)] * np.sqrt(share * 50_000)
                rows.append((arm, 0, replication, *edge, int(max(share * 50_000 + shift, 0))))
    return pd.DataFrame(rows, columns=["arm", "draw", "replication", "source", "target", "count"])


def synthetic_services(arms: Sequence[str], replications: int) -> pd.DataFrame:
    """Return one month's capacity and use of each service."""
    rows = []
    for replication in range(replications):
        for arm in arms:
            for i, service in enumerate(SERVICES):
                capacity = 40_000_000 if not (service == "int_core" and arm == arms[0]) else 0
                busy = int(capacity * (0.7 + 0.03 * i) + 1000 * replication) if capacity else 0
                starts = 4000 if capacity else 0
                rows.append((arm, 0, replication, 0, service, "North", capacity, busy, 9000, starts, 4000 * 9000, busy))
    counted = ["capacity_seconds", "busy_seconds", "over_seconds", "starts", "waiting_seconds", "inside_seconds"]
    return pd.DataFrame(rows, columns=["arm", "draw", "replication", "month", "service", "site", *counted])


def write_run_folder(
    folder: Path, arms: Sequence[str] = ("usual_care", "frailty"), replications: int = 6, months: range = range(-2, 12)
) -> Path:
    """Write the four tables and the manifest of a comparison into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    synthetic_panel(arms, replications, months).to_parquet(folder / "panel.parquet", index=False)
    synthetic_waits(arms, replications).to_parquet(folder / "waits.parquet", index=False)
    synthetic_flows(arms, replications).to_parquet(folder / "flows.parquet", index=False)
    synthetic_services(arms, replications).to_parquet(folder / "services.parquet", index=False)
    manifest = {
        "version": "0.1.0",
        "created": "2026-11-22T15:00:00Z",
        "scenario": {
            "place": {"name": "bi_borough", "imd_edition": 2019},
            "experiment": {"horizon_months": 12, "replications": replications},
        },
        "arms": list(arms),
        "baseline": arms[0],
        "residents": 68_900,
        "local_factors": {"ed_attendances": 0.91, "emergency_admissions": 0.72},
        "seeds": {"population": 1, "simulation": 2},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
