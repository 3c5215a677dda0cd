"""Access and technology: when, where and by what route care can be reached."""

from __future__ import annotations

from scenarios.schema.block import Amount, Block, Effect, Share


class Colocation(Block):
    """Mental health, advice and specialists in the neighbourhood's hub."""

    reach_share: Share = 0.0  # of residents whose practice refers to the hub
    drop_in_share: Share = 0.0  # of its time that needs no appointment
    effect: Effect = 1.0


class ExtendedAccess(Block):
    """General practice in evenings and at weekends."""

    hours_per_week: Amount = 0.0  # beyond core hours; staff come from the same pool unless added
    effect: Effect = 1.0


class UrgentResponse(Block):
    """A crisis team at home within two hours, in place of conveyance."""

    reach_share: Share = 0.0  # of eligible crises offered to the team
    effect: Effect = 1.0


class VirtualWard(Block):
    """Hospital care at home; places are in workforce."""

    reach_share: Share = 0.0  # of suitable admissions offered a place
    effect: Effect = 1.0


class AccessTechnology(Block):
    """When, where and by what route care can be reached."""

    colocation: Colocation
    extended_access: ExtendedAccess
    urgent_response: UrgentResponse
    virtual_ward: VirtualWard
    digital_route_share: Share = 0.3  # of general practice that can be reached online
