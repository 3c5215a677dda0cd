"""Participation: levers that work with residents where they live."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.schema.block import Amount, Block, Effect, Share


class Outreach(Block):
    """Door-to-door visits by community health and wellbeing workers; how many follows outreach staff in post."""

    worst_quintile: Annotated[int, Field(ge=1, le=5)]  # local deprivation quintiles 1..this are visited; 5 = universal
    households_per_worker: Annotated[float, Field(ge=0, le=1_000)]  # visited once a month; 0: no visits
    effect: Effect = 1.0


class Engagement(Block):
    """Co-design and partnership with community leaders and the voluntary sector."""

    reach_share: Share = 0.0  # of residents of the communities engaged
    worst_quintile: Annotated[int, Field(ge=1, le=5)] = 5  # local quintiles 1..this
    effect: Effect = 1.0


class SocialPrescribing(Block):
    """Link workers offered to people with practical needs or frequent use."""

    reach_share_per_month: Share = 0.0  # of those with a practical need offered a link worker in a month
    effect: Effect = 1.0


class WelfareAdvice(Block):
    """Advisers on benefits, debt and law, offered to those in debt."""

    reach_share_per_month: Share = 0.0
    effect: Effect = 1.0


class HousingRepair(Block):
    """Warmth, damp and repairs for poor homes of people with long-term conditions."""

    reach_share_per_year: Share = 0.0
    effect: Effect = 1.0


class Participation(Block):
    """Levers that work with residents where they live."""

    outreach: Outreach
    engagement: Engagement
    social_prescribing: SocialPrescribing
    welfare_advice: WelfareAdvice
    housing_repair: HousingRepair
    vcfse_grants_ratio: Amount = 1.0  # the voluntary sector's capacity against today's
