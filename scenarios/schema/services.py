"""Settings of the group ``services``: how much capacity there is, and what stands around the residents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, create_model

from scenarios.schema.block import Amount, Block, Text
from scenarios.service_names import SERVICES

MOST = 50.0  # times today's capacity: 80 is a slip for 0.8

CapacityFactor = create_model(
    "CapacityFactor",
    __base__=Block,
    __doc__="Multiplier of each service's capacity: 1 as the place's files say, 0.8 a fifth less, 0 nobody is served.",
    **{name: (Annotated[Amount, Field(le=MOST)], 1.0) for name in SERVICES},  # type: ignore[call-overload]
)


class Services(Block):
    """Capacity, background patients, and whether last month's waits and staffing shape the next month."""

    name: Text
    capacity_factor: CapacityFactor  # type: ignore[valid-type]
    unlimited: bool  # no service ever makes anyone wait
    background: bool  # the demand of everyone not modelled loads shared services
    monthly_feedback: (
        bool  # agents answer last month's tallies; false: capacities and expected waits stay as they start
    )
