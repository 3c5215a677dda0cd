"""Every lever at full reach: what its effect moves first, and what comes of it in years 1, 3 and 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from intsim.validation import probes
from intsim.validation.arms import Lived, Probe, Tick, design_of, measure, quiet, scenario_of, twin
from scenarios.schema import IntDesign
from sim.world import World

STRENGTHS = (0.5, 1.0, 2.0)
LEAST_TWIN_ERRORS = 5.0  # a move must be this many standard errors of twins to count
NET_OUTCOMES = ("ed_attendances", "emergency_admissions", "bed_seconds")
NET_YEARS = (1, 3, 5)
AT_ONCE = ("int.transition.ramp_months=0",)
STAFFED = (  # staff enough for any lever, the same in every arm of a lever's check
    "int.workforce.added_fte.int_core=6",
    "int.workforce.added_fte.community=6",
    "int.workforce.added_fte.outreach=30",
    "int.workforce.added_fte.link_worker=6",
    "int.workforce.added_fte.welfare_advice=6",
    "int.workforce.added_fte.urgent_response=6",
    "int.workforce.added_fte.vcfse=6",
    "int.workforce.added_fte.housing=3",
    "int.workforce.added_fte.public_health=6",
    "int.workforce.added_virtual_ward_places_per_10000=10",
)


MANY_CARE_HOMES = (  # homes are small in a small place: here most older people live in one
    "evidence.overrides.care_home_share_65_74=0.3",
    "evidence.overrides.care_home_share_75_84=0.5",
    "evidence.overrides.care_home_share_85_plus=0.8",
)


@dataclass(frozen=True)
class LeverCheck:
    """One lever: how it is set at full reach, where its effect is set, and what that effect moves first."""

    lever: str
    block: str  # dotted path of the lever's settings
    settings: tuple[str, ...]
    moves: str  # in words
    probe: Probe
    rises: bool  # with a stronger effect, at the central evidence
    more: tuple[str, ...] = ()  # settings of the place that the lever needs to be seen

    def design(self, effect: float) -> IntDesign:
        """Return usual care with the lever at full reach, no ramp, and staff enough, at a strength of effect."""
        own = tuple(f"int.{self.block}.{setting}" for setting in self.settings)
        return design_of(*AT_ONCE, *STAFFED, *own, f"int.{self.block}.effect={effect}")


CHECKS = (
    LeverCheck(
        "case_finding",
        "population_health.case_finding",
        ("reach_share_per_year=1",),
        "share of long-term conditions known to services",
        probes.known_share,
        True,
    ),
    LeverCheck(
        "care_coordination",
        "relationships.care_coordination",
        ("caseload_per_10000=300", "enrol_share_per_month=1"),
        "treatment of long-term need among those enrolled (0 to 1)",
        probes.treated_enrolled,
        True,
    ),
    LeverCheck(
        "outreach",
        "participation.outreach",
        ("worst_quintile=5", "households_per_worker=120"),
        "mean trust in services (0 to 1)",
        probes.mean_trust,
        True,
    ),
    LeverCheck(
        "discharge_support",
        "relationships.discharge_support",
        ("reach_share=1",),
        "days in bed until medically ready, 65 and over",
        probes.older_stay_days,
        False,
    ),
    LeverCheck(
        "continuity",
        "relationships.continuity",
        ("reach_share=1",),
        "share of GP contacts with one's own clinician",
        probes.own_clinician_share,
        True,
    ),
    LeverCheck(
        "participation",
        "participation.engagement",
        ("reach_share=1",),
        "share of needs taken first to practice, pharmacy or voluntary sector",
        probes.hyper_local_share,
        True,
    ),
    LeverCheck(
        "colocation",
        "access_technology.colocation",
        ("reach_share=1",),
        "visits by referral to services that can be co-located, per 1,000 residents",
        probes.referred_visits,
        True,
    ),
    LeverCheck(
        "shared_records",
        "information_sharing.shared_records",
        ("reach_share=1", "opened_share=1", "acted_share=1"),
        "share of referrals that led nowhere",
        probes.lost_share,
        False,
    ),
    LeverCheck(
        "urgent_response",
        "access_technology.urgent_response",
        ("reach_share=1",),
        "share of crises seen by the two-hour team that then come to the emergency department",
        probes.conveyed_after_response,
        False,
    ),
    LeverCheck(
        "virtual_ward",
        "access_technology.virtual_ward",
        ("reach_share=1",),
        "share of stays answered by the virtual ward alone",
        probes.beds_replaced_share,
        True,
    ),
    LeverCheck(
        "care_home_support",
        "relationships.care_home_support",
        ("reach_share=1",),
        "share of care-home residents' urgent needs that come to the emergency department",
        probes.care_home_transfers,
        False,
        MANY_CARE_HOMES,
    ),
    LeverCheck(
        "social_prescribing",
        "participation.social_prescribing",
        ("reach_share_per_month=0.5",),
        "share of those offered a link worker who are lonely",
        probes.lonely_share,
        False,
    ),
    LeverCheck(
        "welfare_advice",
        "participation.welfare_advice",
        ("reach_share_per_month=0.5",),
        "share of those offered advice who are in debt",
        probes.debt_share,
        False,
    ),
    LeverCheck(
        "workforce_wellbeing",
        "workforce.wellbeing",
        ("reflection_hours_per_month=8",),
        "mean burnout of the teams (0 to 1)",
        probes.mean_burnout,
        False,
    ),
    LeverCheck(
        "needs_allocation",
        "resource_allocation",
        ("needs_weight=0.5", "recipient_speed_months=3", "donor_speed_months=1", "formula.deprivation=1"),
        "practice and community staff per head, most against least deprived neighbourhood",
        probes.staff_of_most_deprived,
        True,
    ),
    LeverCheck(
        "housing_repair",
        "participation.housing_repair",
        ("reach_share_per_year=1",),
        "share of those offered repairs who are in poor housing",
        probes.poor_housing_share,
        False,
    ),
    LeverCheck(
        "falls_prevention",
        "population_health.falls_prevention",
        ("reach_share_per_year=1",),
        "hazard of a frailty crisis a month among people protected by a class",
        probes.fall_hazard,
        False,
    ),
    LeverCheck(
        "extended_access",
        "access_technology.extended_access",
        ("hours_per_week=20",),
        "share of minor needs taken first to the emergency department or urgent treatment centre",
        probes.emergency_door_share,
        False,
    ),
)


def check_named(lever: str) -> LeverCheck:
    """Return the check of a lever by its name in sim/codes.py; raise KeyError if there is none."""
    return {check.lever: check for check in CHECKS}[lever]


def intermediate_effects(
    words: Sequence[str],
    replications: int,
    checks: Sequence[LeverCheck] = CHECKS,
    world: World | None = None,
    tick: Tick = quiet,
) -> pd.DataFrame:
    """Return, for each lever, what its first outcome is at effects of 0.5, 1 and 2, and the paired moves.

    Columns: lever, moves, at_half, at_one, at_double, half_less_one, half_se, double_less_one, double_se,
    opposite (the two moves have opposite signs), clear (each is over 5 twin standard errors), as_expected.
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    for more in dict.fromkeys(check.more for check in checks):
        alike = [check for check in checks if check.more == more]
        designs = {f"{check.lever} {effect}": check.design(effect) for check in alike for effect in STRENGTHS}
        named = {check.lever: check.probe for check in alike}
        found |= measure(scenario_of([*words, *more]), designs, named, replications, None if more else world, tick)
    rows = []
    for check in checks:
        arms = [f"{check.lever} {effect}" for effect in STRENGTHS]
        half, half_se = twin(found, check.lever, arms[0], arms[1])
        double, double_se = twin(found, check.lever, arms[2], arms[1])
        clear = abs(half) > LEAST_TWIN_ERRORS * half_se and abs(double) > LEAST_TWIN_ERRORS * double_se
        rows.append(
            {
                "lever": check.lever,
                "moves": check.moves,
                "at_half": float(found[arms[0]][check.lever].mean()),
                "at_one": float(found[arms[1]][check.lever].mean()),
                "at_double": float(found[arms[2]][check.lever].mean()),
                "half_less_one": half,
                "half_se": half_se,
                "double_less_one": double,
                "double_se": double_se,
                "opposite": half * double < 0,
                "clear": bool(clear),
                "as_expected": (double > 0) == check.rises,
            }
        )
    return pd.DataFrame(rows)


def net_probe(outcome: str, year: int, quintile: int | None) -> Probe:
    """Return a probe: the rate of an outcome per 1,000 residents in a year, of one local quintile or of all."""

    def probe(lived: Lived) -> float:
        return lived.rate(outcome, year, quintile)

    return probe


def net_effects(
    words: Sequence[str],
    replications: int,
    checks: Sequence[LeverCheck] = CHECKS,
    world: World | None = None,
    tick: Tick = quiet,
) -> pd.DataFrame:
    """Return what each lever does at full reach against the same staff with no effect, by year and local quintile.

    Columns: lever, outcome, year, quintile ('all', '1', '5'), difference and se (per 1,000 residents a year; bed days
    for bed seconds), baseline.
    """
    scenario = scenario_of(words)
    years = [year for year in NET_YEARS if year * 12 <= scenario.experiment.horizon_months]
    groups: dict[str, int | None] = {"all": None, "1": 1, "5": 5}
    named = {
        f"{outcome}|{year}|{group}": net_probe(outcome, year, quintile)
        for outcome in NET_OUTCOMES
        for year in years
        for group, quintile in groups.items()
    }
    designs = {f"{check.lever} {effect}": check.design(effect) for check in checks for effect in (0.0, 1.0)}
    found = measure(scenario, designs, named, replications, world, tick)
    rows = []
    for check in checks:
        for name in named:
            outcome, year, group = name.split("|")
            difference, se = twin(found, name, f"{check.lever} 1.0", f"{check.lever} 0.0")
            unit = 86400.0 if outcome.endswith("_seconds") else 1.0
            rows.append(
                {
                    "lever": check.lever,
                    "outcome": outcome.replace("_seconds", "_days"),
                    "year": int(year),
                    "quintile": group,
                    "difference": difference / unit,
                    "se": se / unit,
                    "baseline": float(found[f"{check.lever} 0.0"][name].mean()) / unit,
                }
            )
    return pd.DataFrame(rows)
