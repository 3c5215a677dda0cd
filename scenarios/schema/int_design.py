"""Settings of the group ``int``: one INT design, as the eleven delivery modules.

``effect`` of a lever: 0 records whom it would reach and changes nothing, 1 is what the evidence says. Doses (whom,
how many, with what staff, from when) are choices and live here; effects live in the evidence registry alone.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from scenarios.schema.block import Amount, Block, Share, Text

NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def as_name(value: str) -> str:
    """Return a design's name if it can also name files and columns; raise ValueError if not."""
    if not NAME.fullmatch(value):
        raise ValueError("must be 1 to 60 letters, digits, _ or -")
    return value


Name = Annotated[Text, AfterValidator(as_name)]


class Geography(Block):
    """Neighbourhood boundaries and bases. Empty: filled by the full model."""


class AddedFte(Block):
    """Full-time equivalents added per 10,000 registered residents, by service."""

    gp: Amount = 0.0
    community: Amount = 0.0
    int_core: Amount = 0.0
    outreach: Amount = 0.0
    social_care: Amount = 0.0


class Workforce(Block):
    """Staff and home-care places the design adds to those in the place's files."""

    added_fte: AddedFte
    added_home_packages_per_10000: Amount = 0.0


class CareCoordination(Block):
    """Named co-ordinator, team review and care plan for an enrolled caseload."""

    caseload_per_10000: Annotated[float, Field(ge=0, le=10_000)] = 0.0  # places per 10,000 registered residents
    # Chance each month that a resident who qualifies is put to the team's meeting while there are places.
    enrol_share_per_month: Share = 0.0
    effect: Share = 1.0


class DischargeSupport(Block):
    """Individual discharge planning for older emergency inpatients."""

    reach_share: Share = 0.0  # of those eligible
    effect: Share = 1.0


class Relationships(Block):
    """Levers that work through people knowing one another."""

    care_coordination: CareCoordination
    discharge_support: DischargeSupport


class Outreach(Block):
    """Door-to-door visits by community health and wellbeing workers; how many follows outreach staff in post."""

    worst_quintile: Annotated[int, Field(ge=1, le=5)]  # local deprivation quintiles 1..this are visited; 5 = universal
    households_per_worker: Annotated[float, Field(gt=0, le=1_000)]  # visited once a month
    effect: Share = 1.0


class Participation(Block):
    """Levers that work with residents where they live."""

    outreach: Outreach


class CaseFinding(Block):
    """Search of the registered list for people with need no service knows of."""

    reach_share_per_year: Share = 0.0  # of those eligible searched each year
    effect: Share = 1.0


class PopulationHealth(Block):
    """Levers that use data on the whole registered list."""

    case_finding: CaseFinding


class InformationSharing(Block):
    """Shared records and care plans. Empty: filled by the full model."""


class AccessTechnology(Block):
    """Digital routes and remote monitoring. Empty: filled by the full model."""


class Governance(Block):
    """Pooled budgets, autonomy and reviews. Empty: filled by the full model."""


class Metrics(Block):
    """What the integrator watches and rewards. Empty: filled by the full model."""


class ResourceAllocation(Block):
    """Needs-based allocation: a fixed pool of staff moved between neighbourhoods."""

    needs_weight: Share = 0.0  # 0: staff as today, 1: fully in proportion to need
    donor_speed_months: Amount | None = None  # None: as the evidence registry says
    recipient_speed_months: Amount | None = None  # None: as the evidence registry says


class Transition(Block):
    """When the design starts and how fast its reach grows."""

    go_live_month: Annotated[int, Field(ge=0)] = 0  # months after the arms part; 0 = at once
    ramp_months: Amount | None = None  # until reach is full; None: as the evidence registry says, 0: at once


class IntDesign(Block):
    """One INT design: the eleven delivery modules."""

    name: Name  # also names the arm's files and rows
    geography: Geography
    workforce: Workforce
    relationships: Relationships
    participation: Participation
    population_health: PopulationHealth
    information_sharing: InformationSharing
    access_technology: AccessTechnology
    governance: Governance
    metrics: Metrics
    resource_allocation: ResourceAllocation
    transition: Transition
