"""Governance: who decides, and how fast staff and money move."""

from __future__ import annotations

from typing import Literal

from scenarios.schema.block import Amount, Block, Share


class Governance(Block):
    """Who decides, and how fast staff and money move."""

    host: Literal["trust", "council", "gp_federation", "joint"] = "trust"  # the integrator's home
    local_autonomy: Share = 0.0  # 0: the place decides alike for all; 1: teams aim outreach and finding where need is
    recruitment_speed_ratio: Amount = 1.0  # posts filled per month against today's
    joint_decision_months: Amount = 3.0  # from a review's finding to staff moved
