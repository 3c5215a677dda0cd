"""Knock-out: a mechanism switched off must break a figure known of England, or it earns no place in the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.validation import Finding
from intsim.validation.arms import Lived, Probe, Tick, came, design_of, measure, quiet, scenario_of, within
from intsim.validation.probes import bits
from scenarios.registry.reader import load_registry
from sim import codes

SECONDS_PER_DAY = 86400
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "everything on": (),
    "queues off": ("services.unlimited=true",),
    "hidden need off": ("structure.hidden_need=false",),
    "trust off": ("structure.trust=false",),
    "bad spells off": ("structure.spikes=false",),
    "refill off": ("structure.refill=false",),
    "foreseen deaths off": ("structure.dying=false",),
}
OFTEN = 2  # contacts in half the period, from which past use counts as frequent
MOVED = 0.02  # of itself: a figure that moves less than this is left where it was
CLEAR = 3.0  # standard errors of twins


def per_1000(*outcomes: str) -> Probe:
    """Return a probe: outcomes of the panel, added, per 1,000 residents a year."""
    return lambda lived: sum(lived.rate(outcome) for outcome in outcomes)


def ratio_of(above: str, below: str) -> Probe:
    """Return a probe: one outcome of the panel over another."""
    return lambda lived: lived.total(above) / max(lived.total(below), 1.0)


def contacts_per_1000(*kinds: int) -> Probe:
    """Return a probe: contacts served by some kinds of service, per 1,000 residents a year."""

    def probe(lived: Lived) -> float:
        log = lived.log
        served = (log["how"] == codes.SERVED) & (log["person"] >= 0) & np.isin(lived.kind_of(log), kinds)
        years = lived.total("person_seconds") / (365.25 * SECONDS_PER_DAY)
        return 1000.0 * float(served.sum()) / max(years, 1e-9)

    return probe


def quintile_ratio(*kinds: int) -> Probe:
    """Return a probe: contacts with some kinds of service, most against least deprived national quintile.

    Directly standardised by panel age band and sex to the place's own residents.
    """

    def probe(lived: Lived) -> float:
        log, people = lived.log, lived.people
        chosen = log["person"][came(lived, kinds)]
        quintile = lived.course.state.tables.communities["national_quintile"][people["community"]].astype(int) - 1
        age = np.maximum(-people["birth_day"] / 365.25, 0.0)
        band = (np.searchsorted(codes.PANEL_AGE_LOWER, age, side="right") - 1) * 2 + people["sex"]
        cell = band * 5 + quintile
        size = len(codes.PANEL_AGE_LOWER) * 10
        heads = np.bincount(cell[people["presence"] == codes.PRESENT], minlength=size).reshape(-1, 5)
        used = np.bincount(cell[chosen], minlength=size).reshape(-1, 5)
        rates = used / np.maximum(heads, 1)
        standard = (rates * heads.sum(axis=1, keepdims=True)).sum(axis=0)
        return float(standard[0] / max(standard[4], 1e-9))

    return probe


def practice_wait_days(lived: Lived) -> float:
    """Mean days from asking to being seen by a GP."""
    log = lived.log
    seen = log[(lived.kind_of(log) == codes.GP) & (log["started"] >= 0)]
    return float((seen["started"] - seen["joined"]).mean()) / SECONDS_PER_DAY


def hidden_share(lived: Lived) -> float:
    """Share of long-term conditions that services do not act on."""
    people = lived.people
    if lived.course.state.tables.params[0]["switch_hidden_need"] == 0.0:
        return 0.0
    return 1.0 - bits(people["conditions"] & people["known"]) / max(bits(people["conditions"]), 1)


def people_often(lived: Lived) -> float:
    """Share of ED attendances made by the 1% of residents who attend most."""
    log = lived.log
    mine = came(lived, (codes.ED,))
    counts = np.sort(np.bincount(log["person"][mine], minlength=len(lived.people)))[::-1]
    return float(counts[: max(len(counts) // 100, 1)].sum() / max(counts.sum(), 1))


def after_often(kinds: Sequence[int], least: int) -> Probe:
    """Return a probe: how use persists, first half of the period to the second.

    Among residents with at least ``least`` contacts with some kinds of service in the first half: their contacts in
    the second half over those in the first. Before and after enrolment by past use, this is what would be seen of a
    lever that does nothing.
    """

    def probe(lived: Lived) -> float:
        half = len(lived.months) // 2
        counts = []
        for months in (lived.months[:half], lived.months[half : 2 * half]):
            part = Lived(lived.world, lived.course, months)
            log = part.log
            mine = came(part, kinds)
            counts.append(np.bincount(log["person"][mine], minlength=len(part.people)))
        often = counts[0] >= least
        return float(counts[1][often].sum() / max(counts[0][often].sum(), 1))

    return probe


def elective_starts(lived: Lived) -> float:
    """Anonymous elective patients who get a bed, per month."""
    log = lived.log
    return float(((log["need_type"] == codes.BACKGROUND_BED) & (log["started"] >= 0)).sum()) / len(lived.months)


FIGURES: Mapping[str, Probe] = {
    "ed_attendances": per_1000("ed_attendances", "urgent_treatment_attendances"),
    "emergency_admissions": per_1000("emergency_admissions"),
    "emergency_bed_days": lambda lived: per_1000("bed_seconds", "assessment_seconds")(lived) / SECONDS_PER_DAY,
    "practice_appointments": contacts_per_1000(codes.GP, codes.NURSE, codes.PHARMACIST),
    "outpatient_attendances": contacts_per_1000(
        codes.OUTPATIENT_NEW, codes.OUTPATIENT_FOLLOW_UP, codes.OUTPATIENT_PROCEDURE
    ),
    "delayed_share": ratio_of("delayed_seconds", "bed_seconds"),
    "ed_breach_share": ratio_of("ed_breaches", "ed_attendances"),
    "readmission_share": ratio_of("readmissions", "emergency_admissions"),
    "deaths_in_hospital_share": ratio_of("hospital_deaths", "deaths"),
    "ed_ratio_q1_q5": quintile_ratio(codes.ED, codes.URGENT_TREATMENT),
    "admission_ratio_q1_q5": quintile_ratio(codes.BED),
    "practice_wait_days": practice_wait_days,
    "hidden_share": hidden_share,
    "attendances_by_1_percent": people_often,
    "ed_use_after_often": after_often((codes.ED,), OFTEN),
    "bed_use_after_often": after_often((codes.BED,), OFTEN),
    "elective_starts_per_month": elective_starts,
}


def figures(
    words: Sequence[str], replications: int, more: Sequence[str] = (), tick: Tick = quiet
) -> dict[str, np.ndarray]:
    """Return every figure under usual care, float64[replication]."""
    usual = {"usual care": design_of()}
    return measure(scenario_of([*words, *more]), usual, FIGURES, replications, tick=tick)["usual care"]


@dataclass(frozen=True)
class Band:
    """What is published of England, and how far from it a figure may lie."""

    unit: str
    published: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether ``value`` lies within the band."""
        return self.low <= value <= self.high


def bands() -> dict[str, Band]:
    """Return England's published figures with their bands, by figure (registry table england_bands)."""
    return {
        str(row["figure"]): Band(str(row["unit"]), float(row["published"]), float(row["low"]), float(row["high"]))
        for row in load_registry().table("england_bands").to_dict("records")
    }


def levels(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Check the figures of an England-average place against England's.

    With the posterior that stands by default many of them were fitted (``evidence.posterior=registry``: none was).
    """
    found, published = figures(words, replications, tick=tick), bands()
    rows = []
    for name, band in published.items():
        if name in found:
            value = float(found[name].mean())
            rows.append((name, band.unit, band.published, value, band.holds(value)))
    table = pd.DataFrame(rows, columns=["figure", "unit", "published", "simulated", "within_band"])
    out = table.loc[~table["within_band"], "figure"].tolist()
    return Finding(
        "Levels",
        "Does an average English place look like England (by default much of it was fitted)?",
        f"{len(table) - len(out)} of {len(table)} figures lie within their bands"
        + (f"; not {', '.join(out)}." if out else "."),
        not out,
        table,
    )


def knock_out(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Switch off one mechanism at a time and say which figures it moves, and which leave their band."""
    found = {}
    for name, more in SWITCHES.items():
        found[name] = figures(words, replications, more, within(tick, name))
    published, base = bands(), found["everything on"]
    rows, silent = [], []
    for switch in [name for name in SWITCHES if name != "everything on"]:
        told = 0
        for figure in FIGURES:
            change = found[switch][figure] - base[figure]
            se = float(change.std(ddof=1)) / replications**0.5
            was, now = float(base[figure].mean()), float(found[switch][figure].mean())
            if abs(now - was) <= max(CLEAR * se, MOVED * abs(was)):
                continue
            told += 1
            leaves = figure in published and published[figure].holds(was) and not published[figure].holds(now)
            rows.append((switch, figure, was, now, leaves))
        if not told:
            silent.append(switch)
    table = pd.DataFrame(rows, columns=["switched_off", "figure", "on", "off", "leaves_its_band"])
    moved = (
        "Every mechanism moves at least one figure." if not silent else f"Nothing moves without: {', '.join(silent)}."
    )
    return Finding(
        "Knock-out",
        "Does switching a mechanism off move a figure (a sign that it acts; not that the figure needs it)?",
        f"{moved} {told_of_bands(table)}",
        not silent,
        table,
    )


def told_of_bands(table: pd.DataFrame) -> str:
    """Return in words without which mechanisms a published figure leaves its band, and without which none does."""
    breaks = table.loc[table["leaves_its_band"].astype(bool), "switched_off"].unique().tolist()
    rest = [name for name in SWITCHES if SWITCHES[name] and name not in breaks]
    first = f"A published figure leaves its band with: {', '.join(breaks)}." if breaks else ""
    return f"{first} None does with: {', '.join(rest)}.".strip() if rest else first
