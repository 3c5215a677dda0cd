"""The eighteen levers as a design sets them: which settings give each its reach, and what staff its reach needs."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from scenarios.schema import IntDesign
from sim import codes
from sim.agents.dose import Dose, Plans, dose_at, stays_usual
from sim.agents.ramps import monthly_share, within

# Lever: (block of the design that holds its effect, the setting in it that says how much of it there is).
SETTINGS = {
    codes.CASE_FINDING: ("population_health.case_finding", "reach_share_per_year"),
    codes.CARE_COORDINATION: ("relationships.care_coordination", "caseload_per_10000"),
    codes.OUTREACH_LEVER: ("participation.outreach", "households_per_worker"),
    codes.DISCHARGE_SUPPORT: ("relationships.discharge_support", "reach_share"),
    codes.CONTINUITY: ("relationships.continuity", "reach_share"),
    codes.PARTICIPATION: ("participation.engagement", "reach_share"),
    codes.COLOCATION: ("access_technology.colocation", "reach_share"),
    codes.SHARED_RECORDS: ("information_sharing.shared_records", "reach_share"),
    codes.URGENT_RESPONSE_LEVER: ("access_technology.urgent_response", "reach_share"),
    codes.VIRTUAL_WARD_LEVER: ("access_technology.virtual_ward", "reach_share"),
    codes.CARE_HOME_SUPPORT: ("relationships.care_home_support", "reach_share"),
    codes.SOCIAL_PRESCRIBING: ("participation.social_prescribing", "reach_share_per_month"),
    codes.WELFARE_ADVICE_LEVER: ("participation.welfare_advice", "reach_share_per_month"),
    codes.WORKFORCE_WELLBEING: ("workforce.wellbeing", "reflection_hours_per_month"),
    codes.NEEDS_ALLOCATION: ("resource_allocation", "needs_weight"),
    codes.HOUSING_REPAIR: ("participation.housing_repair", "reach_share_per_year"),
    codes.FALLS_PREVENTION: ("population_health.falls_prevention", "reach_share_per_year"),
    codes.EXTENDED_ACCESS: ("access_technology.extended_access", "hours_per_week"),
}
COUNTED = (codes.CARE_COORDINATION, codes.OUTREACH_LEVER)  # reach follows from places and doors: sim/agents/teams.py
FULL_AT = {  # settings in hours: the row that says at how many reach is 1
    codes.WORKFORCE_WELLBEING: "wellbeing_full_hours",
    codes.EXTENDED_ACCESS: "extended_access_full_hours",
}
# Lever: (whose staff do it, the row that says how many people one FTE can take). See ``Residents.eligible``.
STAFFED = {
    codes.SOCIAL_PRESCRIBING: (codes.LINK_WORKER, "link_worker_offers_per_fte"),
    codes.WELFARE_ADVICE_LEVER: (codes.WELFARE_ADVICE, "adviser_offers_per_fte"),
    codes.URGENT_RESPONSE_LEVER: (codes.URGENT_RESPONSE, "urgent_response_residents_per_fte"),
    codes.CARE_HOME_SUPPORT: (codes.COMMUNITY, "care_home_residents_per_fte"),
}
PER_YEAR = "reach_share_per_year"
FIELDS = {lever: (attrgetter(block), name) for lever, (block, name) in SETTINGS.items()}


def effect_of(design: IntDesign, lever: int) -> float:
    """Return the strength of a lever's effect in ``design``: 0 none, 1 as the evidence says."""
    return float(FIELDS[lever][0](design).effect)


def dose_of(design: IntDesign, lever: int, params: Any) -> Dose:
    """Return a lever's dose in ``design``: reach (in a month where the setting is per year) and effect."""
    read, name = FIELDS[lever]
    block = read(design)
    amount = float(getattr(block, name))
    if name == PER_YEAR:
        amount = monthly_share(amount)
    elif lever in FULL_AT:
        full = float(params[FULL_AT[lever]])
        amount = within(amount / full, 0.0, 1.0)
    return Dose(amount, float(block.effect))


def month_dose(plans: Plans, lever: int, params: Any, aim: float = 1.0) -> Dose:
    """Return a lever's dose this month; ``aim`` multiplies what the design adds, where a team aims it itself."""
    usual, design = dose_of(plans.usual, lever, params), dose_of(plans.design, lever, params)
    if aim != 1.0 and not stays_usual(usual, design):
        design = Dose(within(usual.amount + (design.amount - usual.amount) * aim, 0.0, 1.0), design.effect)
    return dose_at(usual, design, plans.ramp)


def works(plans: Plans, lever: int) -> bool:
    """Return whether the design is live and its lever has an effect: one without changes nothing else either."""
    return plans.live and effect_of(plans.design, lever) != 0.0


def staffed_reach(reach: float, fte: float, people_per_fte: float, eligible: float) -> float:
    """Return ``reach`` as far as staff in post can give it: it fades as they go."""
    return min(reach, fte * people_per_fte / eligible) if eligible > 0.0 else reach
