"""Settings of the group ``services``: how much capacity there is, and what stands around the residents."""

from __future__ import annotations

from scenarios.schema.block import Amount, Block, Text


class CapacityFactor(Block):
    """Multiplier of each kind of service's capacity: 1 = as the place's files say, 0.8 = a fifth less, 0 = none."""

    gp: Amount = 1.0
    community: Amount = 1.0
    int_core: Amount = 1.0
    outreach: Amount = 1.0
    social_care: Amount = 1.0
    ed: Amount = 1.0
    bed: Amount = 1.0
    home_package: Amount = 1.0


class Services(Block):
    """Capacity, background patients, and whether last month's waits and staffing shape the next month."""

    name: Text
    capacity_factor: CapacityFactor
    unlimited: bool  # no service ever makes anyone wait
    background: bool  # the demand of everyone not modelled loads shared services
    monthly_feedback: (
        bool  # agents answer last month's tallies; false: capacities and expected waits stay as they start
    )
