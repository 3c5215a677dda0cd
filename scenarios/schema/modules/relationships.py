"""Relationships: levers that work through people knowing one another."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.schema.block import Amount, Block, Effect, Share


class CareCoordination(Block):
    """Named co-ordinator, team review and care plan for an enrolled caseload."""

    caseload_per_10000: Annotated[float, Field(ge=0, le=10_000)] = 0.0  # places per 10,000 registered residents
    # Chance each month that a resident who qualifies is put to the team's meeting while there are places.
    enrol_share_per_month: Share = 0.0
    effect: Effect = 1.0


class DischargeSupport(Block):
    """Individual discharge planning for older emergency inpatients."""

    reach_share: Share = 0.0  # of those eligible
    effect: Effect = 1.0


class Continuity(Block):
    """Appointments held for a clinician's own list: people see whom they know."""

    reach_share: Share = 0.0  # of residents whose practice holds slots for its own lists
    effect: Effect = 1.0


class CareHomeSupport(Block):
    """One team knows each care home: aligned GP, weekly round, nurse in-reach, plans for what may come."""

    reach_share: Share = 0.0  # of care-home residents
    effect: Effect = 1.0


class Relationships(Block):
    """How the team works together and with the people it serves."""

    care_coordination: CareCoordination
    discharge_support: DischargeSupport
    continuity: Continuity
    care_home_support: CareHomeSupport
    mdt_hours_per_week: Amount = 0.0  # a meeting of the whole core, per INT: taken from its time with patients
    named_consultant_share: Share = 0.0  # of specialist advice given by a consultant who knows the team
    role_hierarchy: Share = 0.5  # 0: anyone may pass work on; 1: every hand-over climbs a ladder
