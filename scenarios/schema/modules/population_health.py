"""Population health: levers that use data on the whole registered list."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.schema.block import Block, Effect, Share


class CaseFinding(Block):
    """Search of the registered list for people with need no service knows of."""

    # Of those eligible searched each year, a twelfth each month; above 1: how often everyone is (12: every month).
    reach_share_per_year: Annotated[float, Field(ge=0, le=12)] = 0.0
    target: Literal["all", "age", "risk", "core20plus"] = "all"  # risk: by what services know; blind to hidden need
    age_from: Annotated[int, Field(ge=0, le=120)] = 0  # with target=age
    effect: Effect = 1.0


class FallsPrevention(Block):
    """Strength and balance classes offered to older people at risk."""

    reach_share_per_year: Share = 0.0
    effect: Effect = 1.0


class PopulationHealth(Block):
    """Whom data finds, and who is on a list at all."""

    case_finding: CaseFinding
    falls_prevention: FallsPrevention
    open_registration_share: Share = 0.0  # a twelfth each month of people without a practice are put on a list
    prevention_uptake_ratio: Annotated[float, Field(ge=0, le=2)] = 1.0  # invitations kept, against today's reminders
