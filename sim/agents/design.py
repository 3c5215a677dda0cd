"""What an INT design asks of the agents: the dose of each lever, the staff it adds, and its speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scenarios.service_names import STAFFED_SERVICES
from sim.codes import SERVICE_NAMES

PER = 10_000  # doses are stated per 10,000 registered residents


@dataclass(frozen=True)
class LeverSettings:
    """One design in plain numbers. Doses are totals (today's dose included), added staff come on top of the place's.

    effect: 0 changes nothing, 1 is as the evidence says. None: as the evidence registry says (see ``resolved``).
    """

    case_finding_reach_share_per_year: float = 0.0
    case_finding_effect: float = 1.0
    coordination_caseload_per_10000: float = 0.0
    coordination_enrol_share_per_month: float = 0.0
    coordination_effect: float = 1.0
    discharge_reach_share: float = 0.0
    discharge_effect: float = 1.0
    outreach_worst_quintile: int = 1
    outreach_households_per_worker: float = 0.0
    outreach_effect: float = 1.0
    needs_weight: float = 0.0
    donor_speed_months: float | None = None
    recipient_speed_months: float | None = None
    added_fte_per_10000: Mapping[str, float] = field(default_factory=dict)  # by name of service
    added_home_packages_per_10000: float = 0.0
    go_live_month: int = 0  # months after the arms part
    ramp_months: float | None = None

    def resolved(self, params: Any) -> LeverSettings:
        """Return the settings with every None taken from ``params`` (one registry record)."""
        names = {
            "donor_speed_months": "recruitment_months_donor",
            "recipient_speed_months": "recruitment_months_recipient",
            "ramp_months": "ramp_months",
        }
        missing = {key: float(params[name]) for key, name in names.items() if getattr(self, key) is None}
        return replace(self, **missing)  # type: ignore[arg-type]

    def added_fte(self, kind: int, registered: int) -> float:
        """Return the FTE the design adds to services of ``kind`` (sim/codes.py) for ``registered`` residents."""
        return float(self.added_fte_per_10000.get(SERVICE_NAMES[kind], 0.0)) * registered / PER


def from_scenario(int_design: Any) -> LeverSettings:
    """Return the settings of a scenario's ``int_design`` (scenarios.schema.IntDesign)."""
    finding = int_design.population_health.case_finding
    coordination = int_design.relationships.care_coordination
    discharge = int_design.relationships.discharge_support
    outreach = int_design.participation.outreach
    allocation = int_design.resource_allocation
    added = int_design.workforce.added_fte
    return LeverSettings(
        case_finding_reach_share_per_year=finding.reach_share_per_year,
        case_finding_effect=finding.effect,
        coordination_caseload_per_10000=coordination.caseload_per_10000,
        coordination_enrol_share_per_month=coordination.enrol_share_per_month,
        coordination_effect=coordination.effect,
        discharge_reach_share=discharge.reach_share,
        discharge_effect=discharge.effect,
        outreach_worst_quintile=outreach.worst_quintile,
        outreach_households_per_worker=outreach.households_per_worker,
        outreach_effect=outreach.effect,
        needs_weight=allocation.needs_weight,
        donor_speed_months=allocation.donor_speed_months,
        recipient_speed_months=allocation.recipient_speed_months,
        added_fte_per_10000={name: getattr(added, name) for name in STAFFED_SERVICES},
        added_home_packages_per_10000=int_design.workforce.added_home_packages_per_10000,
        go_live_month=int_design.transition.go_live_month,
        ramp_months=int_design.transition.ramp_months,
    )
