"""Toy detectors about deprivation: a placebo that shuffles it, and whether unequal staff make unequal use."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.validation import Finding
from intsim.validation.arms import Lived, Probe, Tick, design_of, measure, quiet, scenario_of, twin
from intsim.validation.detectors import CLEAR, contacts_of
from intsim.validation.probes import CHOICE_KINDS
from scenarios.place_files import load_place
from scenarios.schema import Scenario
from sim import codes
from sim.place.geography import local_quintiles
from sim.rules.keys import uniform

SHUFFLE = 1  # what the shuffling of communities is keyed by
IMD_COLUMNS = ("imd_2019_rank", "imd_2019_decile", "imd_2025_rank", "imd_2025_decile")
SUPPLY_TILT = "supply_gp_tilt_per_quintile"
CHOICE_ORDER = np.sort(np.array(CHOICE_KINDS))


def shuffled_place(scenario: Scenario, folder: Path) -> Path:
    """Write a copy of the scenario's place with deprivation shuffled among communities; residents' ages stay."""
    place = load_place(scenario.place.folder if scenario.place.folder is not None else scenario.place.name)
    target = folder / "shuffled"
    shutil.copytree(place.folder, target)
    table = pd.read_csv(target / "communities.csv", dtype=str, keep_default_na=False)
    keys = [uniform(scenario.experiment.seed, row, SHUFFLE, 0) for row in range(len(table))]
    order = np.argsort(np.array(keys))
    for column in IMD_COLUMNS:
        table[column] = table[column].to_numpy()[order]
    table.to_csv(target / "communities.csv", index=False)
    return target


def ratio_between(quintile_of: np.ndarray, kind: int) -> Probe:
    """Return a probe: contacts per head with a kind of service, quintile 1 against 5, by a given map of communities."""

    def probe(lived: Lived) -> float:
        people = lived.people
        where = quintile_of[people["community"]]
        here = people["presence"] == codes.PRESENT
        used = np.bincount(where[contacts_of(lived, kind)], minlength=6)
        heads = np.maximum(np.bincount(where[here], minlength=6), 1)
        return float(used[1] / heads[1] / max(used[5] / heads[5], 1e-9))

    return probe


def placebo(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Check that a gap vanishes when deprivation is shuffled among communities, age and sex kept."""
    scenario = scenario_of(words)
    source = scenario.place.folder if scenario.place.folder is not None else scenario.place.name
    quintile_of = local_quintiles(load_place(source), scenario.place.imd_edition)
    probes = {"ED": ratio_between(quintile_of, codes.ED)}
    rows = []
    with tempfile.TemporaryDirectory() as name:
        shuffled = shuffled_place(scenario, Path(name))
        for label, more in (("as it is", ()), ("shuffled", (f"place.folder={shuffled}",))):
            found = measure(scenario_of([*words, *more]), {"usual care": design_of()}, probes, replications, tick=tick)
            ratios = np.log(found["usual care"]["ED"])
            rows.append((label, math.exp(ratios.mean()), float(ratios.std(ddof=1)) / math.sqrt(replications)))
    table = pd.DataFrame(rows, columns=["deprivation", "ratio_of_ed_use_fifth_1_to_5", "se_of_log"])
    real, none = table["ratio_of_ed_use_fifth_1_to_5"]
    # A shuffle of few communities is not perfectly even: an eighth of the real gap is allowed beside chance.
    allowed = CLEAR * float(table["se_of_log"].iloc[1]) + abs(math.log(real)) / 8
    return Finding(
        "Placebo, deprivation",
        "Does the gap vanish when deprivation is shuffled among communities (ages kept)?",
        f"ED use per head, most against least deprived fifth: {real:.2f} as it is, {none:.2f} shuffled.",
        bool(abs(math.log(none)) < allowed and real > 1.1),
        table,
    )


def seen_by_quintile(lived: Lived) -> np.ndarray:
    """Return, by national quintile, the share of choice needs first seen by general practice: float64[5].

    Given need: each type of need at each age (panel age bands) weighs in every quintile as it does in the place.
    """
    log, people, tables = lived.log, lived.people, lived.course.state.tables
    quintile = tables.communities["national_quintile"][people["community"]].astype(int) - 1
    age = np.maximum(-people["birth_day"] / 365.25, 0.0)
    bands = len(codes.PANEL_AGE_LOWER)
    of_person = (np.searchsorted(codes.PANEL_AGE_LOWER, age, side="right") - 1) * 5 + quintile

    def cells(rows: np.ndarray) -> np.ndarray:
        at = np.searchsorted(CHOICE_ORDER, rows["need_type"]) * bands * 5 + of_person[rows["person"]]
        return np.bincount(at, minlength=len(CHOICE_ORDER) * bands * 5).reshape(-1, 5)

    made = lived.created
    made = made[np.isin(made["need_type"], CHOICE_ORDER) & (made["person"] >= 0)]
    practice = np.isin(lived.kind_of(log), (codes.GP, codes.NURSE, codes.PHARMACIST))
    chosen = practice & np.isin(log["need_type"], CHOICE_ORDER) & (log["person"] >= 0)
    needs, seen = cells(made), cells(log[chosen & (log["how"] == codes.SERVED) & (log["ordinal"] <= 1)])
    everywhere = (needs > 0).all(axis=1)
    shares = seen[everywhere] / needs[everywhere]
    weights = needs[everywhere].sum(axis=1)
    return np.asarray(weights @ shares / weights.sum())


def seen_ratio(lived: Lived) -> float:
    """Return the share of needs general practice sees, most against least deprived national quintile."""
    shares = seen_by_quintile(lived)
    return float(shares[0] / max(shares[4], 1e-9))


def inverse_care(words: Sequence[str], replications: int, equal: Sequence[str], tick: Tick = quiet) -> Finding:
    """Check that use given need is equal with equal trust, registration and staff, and not with the staff observed.

    ``equal``: overrides that make trust, registration, routes and staff per need alike.
    """
    shares = {}
    for label, more in (
        ("alike, and staff per head", [*equal, f"evidence.overrides.{SUPPLY_TILT}=0"]),
        ("alike, staff as observed", list(equal)),
    ):
        usual, probes = {"usual care": design_of()}, {"seen": seen_ratio}
        found = measure(scenario_of([*words, *more]), usual, probes, replications, tick=tick)
        shares[label] = found["usual care"]["seen"]
    rows = [(label, float(one.mean()), standard_error(one)) for label, one in shares.items()]
    table = pd.DataFrame(rows, columns=["world", "needs_seen_by_practice_ratio_q1_to_q5", "se"])
    (_, alike, alike_se), (_, observed, _) = rows
    less = np.subtract(*reversed(shares.values()))  # the same residents and random numbers in both worlds
    return Finding(
        "Inverse care",
        "Is use given need equal with equal trust, registration, routes and staff, and unequal with staff as observed?",
        f"Needs seen by practices, most against least deprived fifth: {alike:.3f} alike, {observed:.3f} as observed.",
        bool(abs(alike - 1.0) < CLEAR * alike_se + 0.01 and less.mean() < -CLEAR * standard_error(less)),
        table,
    )


def standard_error(values: np.ndarray) -> float:
    """Return the standard error of the mean of ``values`` (one a replication)."""
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def trust_gap(lived: Lived) -> float:
    """Return mean trust in services, most less least deprived local quintile (trust runs from 0 to 1)."""
    people = lived.people
    quintile = lived.course.state.tables.communities["local_quintile"][people["community"]]
    here = people["presence"] == codes.PRESENT
    return float(people["trust"][here & (quintile == 1)].mean() - people["trust"][here & (quintile == 5)].mean())


def practice_gap(lived: Lived) -> float:
    """Return GP contacts per 1,000 residents a year, most less least deprived local quintile."""
    return lived.rate("gp_contacts", quintile=1) - lived.rate("gp_contacts", quintile=5)


def outreach(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Send the same outreach workers to every community, or to the most deprived fifth alone, and compare the gaps."""
    staff = (
        "int.transition.ramp_months=0",
        "int.workforce.added_fte.outreach=15",
        "int.participation.outreach.households_per_worker=120",
    )
    designs = {"none": design_of()} | {
        name: design_of(*staff, f"int.participation.outreach.worst_quintile={worst}")
        for name, worst in (("to everyone", 5), ("to the most deprived fifth", 1))
    }
    probes = {"trust": trust_gap, "gp_contacts": practice_gap}
    found = measure(scenario_of(words), designs, probes, replications, tick=tick)
    rows = []
    for probe in probes:
        before = float(found["none"][probe].mean())
        for arm, other in (
            ("to everyone", "none"),
            ("to the most deprived fifth", "none"),
            ("to the most deprived fifth", "to everyone"),
        ):
            rows.append((probe, before, arm, other, *twin(found, probe, arm, other)))
    table = pd.DataFrame(rows, columns=["gap_in", "gap_without", "outreach", "against", "difference", "se"])
    apart = table[table["against"] == "to everyone"]
    trust = table[table["gap_in"] == "trust"]["difference"].to_numpy()
    return Finding(
        "Outreach and the gap",
        "Does outreach close the gap when it goes to the most deprived fifth, and not when it goes to everyone alike?",
        f"The gap in trust, most less least deprived fifth, moves by {trust[1]:+.3f} when the same workers go to the "
        f"most deprived fifth and by {trust[0]:+.3f} when they go to everyone.",
        bool((apart["difference"] > CLEAR * apart["se"]).all() and trust[1] > max(2.0 * trust[0], 0.0)),
        table,
    )
