"""Transition: when the design starts, where first, and how fast its reach grows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.schema.block import Amount, Block


class Transition(Block):
    """When the design starts, where first, and how fast its reach grows."""

    go_live_month: Annotated[int, Field(ge=0)] = 0  # months after the arms part; 0 = at once
    stagger_months: Annotated[int, Field(ge=0)] = 0  # between one neighbourhood's start and the next
    stagger_by: Literal["need", "deprivation", "listed"] = "need"  # who starts first: most of it, or as the file lists
    ramp_months: Amount | None = None  # until reach is full; None: as the evidence registry says, 0: at once
    double_running_months: Amount = 0.0  # in which added staff learn beside the old service and see nobody
