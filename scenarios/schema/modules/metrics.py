"""Metrics: what is reviewed, how often, and what follows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.schema.block import Amount, Block, Share


class Metrics(Block):
    """What is reviewed, how often, and what follows."""

    review: Literal["none", "unmet_need", "ed_attendances", "waits", "gap"] = "none"
    review_every_months: Annotated[Amount, Field(ge=1.0)] = 12.0
    response_share: Share = 0.0  # of added staff that a review may move to where the measure is worst
