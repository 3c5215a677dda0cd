"""Resource allocation: a fixed pool of staff and money moved by need, and what becomes of released capacity."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.schema.block import Amount, Block, Effect, Share


class FormulaWeights(Block):
    """What the need formula counts, in parts that are scaled to sum to 1. All 0: the place's needs index."""

    conditions: Amount = 0.0
    deprivation: Amount = 0.0
    age: Amount = 0.0
    living_alone: Amount = 0.0
    unmet_need: Amount = 0.0


class ResourceAllocation(Block):
    """Needs-based allocation: a fixed pool of staff moved between neighbourhoods."""

    needs_weight: Share = 0.0  # 0: staff as today, 1: fully in proportion to need
    effect: Effect = 1.0
    formula: FormulaWeights
    donor_speed_months: Amount | None = None  # None: as the evidence registry says
    recipient_speed_months: Amount | None = None  # None: as the evidence registry says
    pooled_budget_share: Share = 0.0  # of social care and NHS posts that may be moved between services
    reinvest_share: Share = 0.0  # of bed days released that become community posts a year later
    close_released_beds_share: Annotated[float, Field(ge=0, le=1)] = 0.0  # 0: they refill, the default
