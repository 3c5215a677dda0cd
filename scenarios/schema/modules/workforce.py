"""Workforce: who is added, how skills are mixed, and how the team is kept well."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, create_model

from scenarios.schema.block import Amount, Block, Effect, Share
from scenarios.service_names import STAFFED_SERVICES

MOST_FTE = 5000.0  # per 10,000 residents: beyond one for two of them it is a slip

AddedFte = create_model(
    "AddedFte",
    __base__=Block,
    __doc__="Full-time equivalents added per 10,000 registered residents, by service.",
    **{name: (Annotated[Amount, Field(le=MOST_FTE)], 0.0) for name in STAFFED_SERVICES},  # type: ignore[call-overload]
)


class Wellbeing(Block):
    """Clear roles, stable membership and protected time to reflect: drains burnout."""

    reflection_hours_per_month: Amount = 0.0  # per FTE, taken from time with patients
    effect: Effect = 1.0


class Workforce(Block):
    """Staff and places the design adds to those in the place's files."""

    added_fte: AddedFte  # type: ignore[valid-type]
    added_home_packages_per_10000: Amount = 0.0
    added_virtual_ward_places_per_10000: Amount = 0.0
    skill_mix_to_nurse_share: Share = 0.0  # of GP posts that become nurses and pharmacists at equal pay
    bank_cover_share: Share = 0.0  # of vacant and absent hours covered by bank or agency staff
    mutual_aid_share: Share = 0.0  # of the difference in staffing evened out between INTs each month
    wellbeing: Wellbeing
