"""What a design makes of records, routes and lists: the columns of a team that the rules read at each contact."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.design import FINDING_TARGETS
from sim.agents.dose import Plans, stays_usual
from sim.agents.levers import dose_of, month_dose, works
from sim.agents.ramps import monthly_share
from sim.agents.world import Boundary
from sim.calendar import WEEKDAYS
from sim.codes import CASE_FINDING, COLOCATION, EXTENDED_ACCESS, PARTICIPATION, SHARED_RECORDS


def write_frictions(model: Boundary, row: int, plans: Plans) -> None:
    """Write the design's columns of team ``row`` for the month."""
    new = model.new.teams[row]
    write_records(new, plans, model.params)
    write_routes(new, plans, model.params)
    write_lists(new, plans, model.params)
    usual, design = plans.usual.relationships, plans.design.relationships
    new["named_consultant"] = plans.eased(usual.named_consultant_share, design.named_consultant_share)


def write_records(new: np.void, plans: Plans, params: Any) -> None:
    """Write how often a record is opened and acted on, whose it may be, and what it does to a contact's length."""
    usual, design = plans.usual.information_sharing, plans.design.information_sharing
    shared, before = design.shared_records, usual.shared_records
    idle = not works(plans, SHARED_RECORDS)
    new["record_opened"] = before.opened_share if idle else plans.eased(before.opened_share, shared.opened_share)
    new["record_acted"] = before.acted_share if idle else plans.eased(before.acted_share, shared.acted_share)
    asked = usual.consent_share if idle else plans.eased(usual.consent_share, design.consent_share)
    new["consent_change"] = consent_change(usual.consent_share, asked)
    new["minutes_ratio"] = 1.0
    if idle:
        return
    new["minutes_ratio"] = minutes_ratio(plans, params)


def minutes_ratio(plans: Plans, params: Any) -> float:
    """Return the length of a contact against usual where shared records came lately to some, and long ago to others.

    Whoever is new to them learns for some months after they came, and not after the design went live: reach grows.
    """
    shared = plans.design.information_sharing
    today = dose_of(plans.usual, SHARED_RECORDS, params).amount
    before = plans._replace(ramp=plans.arrived_before(shared.learning_months))
    now, settled = (month_dose(each, SHARED_RECORDS, params).amount - today for each in (plans, before))
    slower, quicker = (float(params[f"record_minutes_{which}"]) - 1.0 for which in ("learning", "settled"))
    return max(1.0 + shared.shared_records.effect * ((now - settled) * slower + settled * quicker), 0.0)


def consent_change(usual: float, now: float) -> float:
    """Return the share of those who do not consent today whom asking wins; below 0, of those who do whom it loses."""
    if now == usual:
        return 0.0
    return (now - usual) / (1.0 - usual) if now > usual else (now - usual) / usual


def write_routes(new: np.void, plans: Plans, params: Any) -> None:
    """Write how general practice and the hub can be reached: online, without appointment, in the evening."""
    usual, design = plans.usual.access_technology, plans.design.access_technology
    new["digital_route"] = plans.eased(usual.digital_route_share, design.digital_route_share)
    drop_in = usual.colocation.drop_in_share
    if works(plans, COLOCATION):
        drop_in = plans.eased(drop_in, design.colocation.drop_in_share)
    new["drop_in"] = drop_in
    core = (float(params["open_to_hour"]) - float(params["open_from_hour"])) * WEEKDAYS
    extra = usual.extended_access.hours_per_week
    if works(plans, EXTENDED_ACCESS):
        extra = plans.eased(extra, design.extended_access.hours_per_week)
    new["open_hours_per_week"] = core + extra


def write_lists(new: np.void, plans: Plans, params: Any) -> None:
    """Write whom case finding searches and engagement meets, and what reminders and open lists do."""
    usual, design = dose_of(plans.usual, CASE_FINDING, params), dose_of(plans.design, CASE_FINDING, params)
    searched = plans.usual if stays_usual(usual, design) else plans.now
    for end, whose in (("", searched), ("_today", plans.usual)):
        finding = whose.population_health.case_finding
        new[f"finding_target{end}"] = FINDING_TARGETS.index(finding.target)
        new[f"finding_age_from{end}"] = finding.age_from
    new["finding_today"] = usual.amount
    before, after = dose_of(plans.usual, PARTICIPATION, params), dose_of(plans.design, PARTICIPATION, params)
    engaged = plans.usual if stays_usual(before, after) else plans.now
    new["engagement_worst_quintile"] = engaged.participation.engagement.worst_quintile
    lists, today = plans.design.population_health, plans.usual.population_health
    new["prevention_ratio"] = plans.eased(today.prevention_uptake_ratio, lists.prevention_uptake_ratio)
    yearly = plans.eased(today.open_registration_share, lists.open_registration_share)
    new["open_registration"] = monthly_share(yearly)
