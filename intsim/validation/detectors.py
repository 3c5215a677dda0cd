"""Toy detectors: experiments that a spreadsheet of published savings would fail. Each returns a Finding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evaluation.validation import Finding
from intsim.validation.arms import Lived, Probe, Tick, came, design_of, lives, measure, quiet, scenario_of, twin
from intsim.validation.levers import AT_ONCE, check_named
from scenarios.compose import compose
from scenarios.schema import IntDesign
from sim import codes

CLEAR = 3.0  # standard errors within which two figures count as equal
MISSED_SHARE = 0.005  # of attendances for trauma: somebody may be in a bed then in one arm and not in the other
MOST_OF_AVOIDABLE = 0.25  # of attendances that could be avoided: far beyond the 8% of any area in our replays
ISOLATED = ("services.unlimited=true", "services.monthly_feedback=false")


def contacts_of(lived: Lived, kind: int) -> np.ndarray:
    """Return the person of every contact of residents with a kind of service that was not missed."""
    return np.asarray(lived.log["person"][came(lived, (kind,))])


def attendances(lived: Lived) -> float:
    """ED attendances by all residents."""
    return float(len(contacts_of(lived, codes.ED)))


def attendances_by_key(lived: Lived) -> pd.Series:
    """Return ED attendances by person key, of everybody who was ever there."""
    counts = np.bincount(contacts_of(lived, codes.ED), minlength=len(lived.people))
    return pd.Series(counts, index=lived.people["key"])


def split_effect(
    words: Sequence[str], replications: int, designs: Mapping[str, IntDesign], tick: Tick = quiet
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return by replication: exposure share of ED attendances, rate ratio of the exposed, and the area's change.

    The exposed are the people whom case finding has searched in arm ``on`` by the end; the same people are followed
    in arm ``off``. Float64[replication] each.
    """
    counts: dict[str, dict[int, pd.Series]] = {arm: {} for arm in designs}
    exposed: dict[int, np.ndarray] = {}
    for replication, arm, lived in lives(scenario_of(words), designs, replications, tick=tick):
        counts[arm][replication] = attendances_by_key(lived)
        if arm == "on":
            exposed[replication] = lived.people["key"][lived.course.state.tables.reach["case_finding"] > 0]
    rows = []
    for replication, keys in exposed.items():
        off, on = (counts[arm][replication] for arm in ("off", "on"))
        before, after = (float(one.reindex(keys).fillna(0).sum()) for one in (off, on))
        rows.append((before / off.sum(), after / before, on.sum() / off.sum() - 1.0))
    share, ratio, area = np.array(rows).T
    return share, ratio, area


def pass_through(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Compare an area's effect with exposure share x (rate ratio of the exposed - 1), with queues and without."""
    block = f"int.{check_named('case_finding').block}"
    shared = (*AT_ONCE, f"{block}.reach_share_per_year=0.3")
    designs = {arm: design_of(*shared, f"{block}.effect={effect}") for arm, effect in (("off", 0.0), ("on", 2.0))}
    rows = []
    for name, more in (("queues and feedback", ()), ("nobody waits, nothing answers", ISOLATED)):
        share, ratio, area = split_effect([*words, *more], replications, designs, tick)
        simple = share * (ratio - 1.0)
        left = area - simple
        se = float(left.std(ddof=1)) / math.sqrt(replications)
        rows.append((name, share.mean(), ratio.mean(), simple.mean(), area.mean(), left.mean(), se))
    table = pd.DataFrame(
        rows,
        columns=[
            "world",
            "exposure_share",
            "rate_ratio_exposed",
            "simple_effect",
            "area_effect",
            "queues_and_others",
            "se",
        ],
    )
    with_queues, without = table["queues_and_others"]
    return Finding(
        "Pass-through",
        "Does an area's effect differ from exposure share x (rate ratio - 1) by what queues and displacement do?",
        f"Through queues, case finding changes the area's ED use by {100 * with_queues:+.2f}% through people it did "
        f"not search; with nobody waiting by {100 * without:+.2f}%.",
        bool(abs(with_queues) > 0 and abs(without) < 1e-9),
        table,
    )


def trauma(lived: Lived) -> dict[str, np.ndarray]:
    """Return the keys of the people of each need that no service can avoid, and of each attendance for one."""
    log, created = lived.log, lived.created
    mine = (lived.kind_of(log) == codes.ED) & (log["need_type"] == codes.UNAVOIDABLE) & (log["person"] >= 0)
    arose = (created["need_type"] == codes.UNAVOIDABLE) & (created["person"] >= 0)
    return {"needs": created["person_key"][arose], "attendances": log["person_key"][mine]}


def among(keys: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return those of ``keys`` that are of ``people``, in order."""
    return np.sort(keys[np.isin(keys, people)])


def unavoidable(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Check that no lever moves trauma, everything switched on at once in full and nobody waiting.

    Of the people who are there at the end in both arms, so that those whom levers keep alive do not count. Their needs
    have to be the same to the last one; an attendance may be missed by somebody who is in a bed in one arm alone.
    """
    designs = {"usual care": design_of(), "everything": compose(["int=full", *AT_ONCE]).int_design}
    seen: dict[str, dict[int, dict[str, np.ndarray]]] = {arm: {} for arm in designs}
    here: dict[str, dict[int, np.ndarray]] = {arm: {} for arm in designs}
    for replication, arm, lived in lives(scenario_of([*words, *ISOLATED]), designs, replications, tick=tick):
        seen[arm][replication] = trauma(lived)
        here[arm][replication] = lived.people["key"][lived.people["presence"] == codes.PRESENT]
    both = {one: np.intersect1d(here["usual care"][one], here["everything"][one]) for one in range(replications)}
    rows, same = [], True
    for name, allowed in (("needs", 0.0), ("attendances", MISSED_SHARE)):
        counts = np.zeros((2, replications))
        for one, keys in both.items():
            usual, full = (among(seen[arm][one][name], keys) for arm in designs)
            counts[:, one] = len(usual), len(full)
            same = same and (allowed > 0 or np.array_equal(usual, full))
        before, after = counts.mean(axis=1)
        same = same and before > 0 and abs(after - before) <= allowed * before
        rows.append((name, before, after - before))
    table = pd.DataFrame(rows, columns=["unavoidable_trauma", "usual_care", "difference"])
    return Finding(
        "Placebo, trauma",
        "Does a need that no service can avoid show no effect?",
        f"Of those who are there to the end, attendances for trauma change by {rows[1][2]:+.1f} of {rows[1][1]:,.0f}.",
        bool(same),
        table,
    )


def reversal(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Check that a fifth less staff, or no home care, shrinks or reverses what a design does to delayed bed days."""

    def delayed(lived: Lived) -> float:
        return lived.rate("delayed_seconds") / 86400

    def unmet(lived: Lived) -> float:
        return lived.rate("needs_unmet")

    worlds = {
        "as the place's files": (),
        "a fifth less staff": tuple(
            f"services.capacity_factor.{codes.SERVICE_NAMES[kind]}=0.8" for kind in codes.STAFFED_KINDS
        ),
        "no home care": ("services.capacity_factor.home_package=0",),
    }
    rows, saved = [], {}
    for name, more in worlds.items():
        designs = {
            "usual care": design_of(),
            "frailty": compose(["int=frailty", *AT_ONCE]).int_design,
        }
        probes = {"delayed": delayed, "unmet": unmet}
        found = measure(scenario_of([*words, *more]), designs, probes, replications, tick=tick)
        saved[name] = found["usual care"]["delayed"] - found["frailty"]["delayed"]
        for outcome in ("delayed", "unmet"):
            change, se = twin(found, outcome, "frailty", "usual care")
            rows.append((name, outcome, float(found["usual care"][outcome].mean()), change, se))
    table = pd.DataFrame(rows, columns=["world", "outcome", "usual_care", "difference", "se"])
    full, fewer, none = saved.values()
    return Finding(
        "Reversal",
        "Does the effect shrink or reverse when capacity is short?",
        f"Delayed bed days saved per 1,000 residents a year: {full.mean():.1f} as the files say, "
        f"{fewer.mean():.1f} with a fifth less staff, {none.mean():.1f} with no home care.",
        above_nothing(full) and above_nothing(full - none),
        table,
    )


def above_nothing(values: np.ndarray) -> bool:
    """Return whether the mean of ``values``, one a replication, is above 0 by twice its standard error."""
    return bool(values.mean() > 2.0 * values.std(ddof=1) / math.sqrt(len(values)))


def dose_response(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Check that the benefit of a caseload is concave in its size: those who gain most come first."""
    doses = (0.0, 0.5, 1.0, 2.0, 4.0)
    unit = 100.0

    def gained(lived: Lived) -> float:
        people = lived.people
        here = people["presence"] == codes.PRESENT
        return float((people["treated"][here] * people["recent_ed"][here]).sum())

    lever = check_named("care_coordination")
    designs = {
        str(dose): design_of(
            "int.transition.ramp_months=0",
            "int.workforce.added_fte.int_core=2",
            f"int.{lever.block}.caseload_per_10000={dose * unit}",
            f"int.{lever.block}.enrol_share_per_month=1",
        )
        for dose in doses
    }
    found = measure(scenario_of(words), designs, {"gained": gained}, replications, tick=tick)
    gains = [twin(found, "gained", str(dose), "0.0") for dose in doses]
    per_unit = [
        (gains[k + 1][0] - gains[k][0]) / (doses[k + 1] - doses[k]) / max(abs(gains[2][0]), 1e-12)
        for k in range(len(doses) - 1)
    ]
    table = pd.DataFrame(
        {
            "dose": doses,
            "gain_against_none": [gain for gain, _ in gains],
            "se": [se for _, se in gains],
            "gain_of_the_last_unit": [math.nan, *per_unit],
        }
    )
    held = per_unit[-1] < per_unit[0] and per_unit[-1] < per_unit[1]
    return Finding(
        "Dose",
        "Does each further unit of a caseload with the same staff add less (dose 0, 1/2, 1, 2, 4)?",
        f"The first half unit adds {per_unit[0]:.2f} per unit of what dose 1 adds, the last two {per_unit[-1]:.2f}.",
        bool(held),
        table,
    )


def avoidable_ceiling(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Check that every lever together moves attendances by no more than a part of what could be avoided."""

    def share(lived: Lived) -> float:
        log = lived.log
        seen = (lived.kind_of(log) == codes.ED) & (log["person"] >= 0)
        return float(1.0 - (log["need_type"][seen] == codes.UNAVOIDABLE).mean())

    probes: dict[str, Probe] = {"avoidable": share, "attendances": attendances}
    designs = {
        "usual care": design_of(),
        "everything": compose(["int=full", "int.transition.ramp_months=0"]).int_design,
    }
    found = measure(scenario_of(words), designs, probes, replications, tick=tick)
    change, se = twin(found, "attendances", "everything", "usual care")
    base = float(found["usual care"]["attendances"].mean())
    ceiling = float(found["usual care"]["avoidable"].mean())
    table = pd.DataFrame(
        [(base, change, se, 100 * change / base, 100 * ceiling)],
        columns=["attendances", "difference", "se", "change_percent", "avoidable_percent"],
    )
    return Finding(
        "All levers together",
        "Do all levers together move attendances by less than a quarter of the share that could be avoided?",
        f"Everything at once changes ED attendances by {100 * change / base:+.1f}%; "
        f"{100 * ceiling:.0f}% are for needs a service could answer.",
        bool(abs(change) / base < MOST_OF_AVOIDABLE * ceiling),
        table,
    )


def attendances_of(lived: Lived, keys: np.ndarray, months: slice) -> int:
    """Return the ED attendances of the people with ``keys`` in some of the months."""
    part = Lived(lived.world, lived.course, lived.months[months])
    return int(np.isin(part.people["key"][contacts_of(part, codes.ED)], keys).sum())


def regression_to_the_mean(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Check that a lever with no effect shows a fall before and after among the enrolled, and none against twins."""
    lever = check_named("care_coordination")
    scenario = scenario_of(words)
    half = scenario.experiment.horizon_months // 2
    absent = design_of(f"int.{lever.block}.caseload_per_10000=0")
    powerless = design_of(
        "int.transition.ramp_months=0",
        f"int.transition.go_live_month={half}",
        f"int.{lever.block}.caseload_per_10000=200",
        f"int.{lever.block}.enrol_share_per_month=1",
        f"int.{lever.block}.effect=0",
    )
    first, last = slice(0, half), slice(half, 2 * half)
    counts = {"enrolled": np.zeros((replications, 2)), "twins": np.zeros((replications, 2))}
    keys = np.zeros(0, np.uint64)
    for replication, arm, lived in lives(
        scenario, {"enrolled": powerless, "twins": absent}, replications, usual=absent, tick=tick
    ):
        if arm == "enrolled":
            people = lived.people
            joined = lived.course.state.tables.reach[lever.lever] == lived.course.month - half + 1
            keys = people["key"][joined & (people["presence"] == codes.PRESENT)]
        counts[arm][replication] = [attendances_of(lived, keys, months) for months in (first, last)]
    before, after = counts["enrolled"].T
    changes = after / np.maximum(before, 1.0) - 1.0
    fall, se = float(changes.mean()), float(changes.std(ddof=1)) / math.sqrt(replications)
    against = float(np.abs(counts["enrolled"] - counts["twins"]).sum())
    table = pd.DataFrame(
        [
            ("attendances of those enrolled, before", before.sum()),
            ("after", after.sum()),
            ("of the same people without the lever, before", counts["twins"][:, 0].sum()),
            ("after", counts["twins"][:, 1].sum()),
        ],
        columns=["who", "attendances"],
    )
    return Finding(
        "Regression to the mean",
        "Does a lever with no effect still show a fall before and after, and none against controls?",
        f"ED use of those enrolled changes by {100 * fall:+.0f}% (standard error {100 * se:.0f}) before and after with "
        f"no effect at all, and by {against:+.0f} attendances against the same people without the lever.",
        bool(fall < -CLEAR * se and against == 0),
        table,
    )
