"""The group ``case``: what is compared for what money, in whose eyes, and how it is valued.

A case changes a simulation in one way alone: it turns a budget into the posts of each design. Everything else (prices,
discounting, perspective, fairness) is applied to results afterwards and may be changed without simulating again.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from scenarios.schema.block import Amount, Block, Share, Text
from scenarios.schema.int_design import Name
from scenarios.service_names import STAFFED_SERVICES

YEAR = re.compile(r"(\d{4})/(\d{2})")


def as_financial_year(value: str) -> str:
    """Return a financial year such as 2024/25; raise ValueError if it is none."""
    found = YEAR.fullmatch(value)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise ValueError("must be a financial year such as 2024/25")
    return value


FinancialYear = Annotated[Text, AfterValidator(as_financial_year)]


class OptionCosts(Block):
    """What one design costs besides its posts and places: pounds of the price year for 10,000 registered residents."""

    set_up_gbp_per_10000: Amount = 0.0  # once, in the first year
    double_running_gbp_per_10000: Amount = 0.0  # once: two services at a time while one replaces the other
    recurrent_gbp_per_10000: Amount = 0.0  # a year: licences, grants, contracts
    estates_gbp_per_10000: Amount = 0.0  # a year
    training_gbp_per_10000: Amount = 0.0  # a year
    funded_by: dict[Text, Share] = Field(default_factory=dict)  # organisation: share; empty: the integrated care board

    @field_validator("funded_by")
    @classmethod
    def whole(cls, value: dict[str, float]) -> dict[str, float]:
        """Refuse shares that do not add up to 1."""
        if value and abs(sum(value.values()) - 1) > 1e-9:
            raise ValueError(f"must add up to 1; these add up to {sum(value.values()):g}")
        return value


class Case(Block):
    """An investment case: designs beside a comparator for one budget, and how costs and health are valued."""

    name: Text
    comparator: Name | None = None  # the design that the others are compared with
    options: list[Name] = Field(default_factory=list)  # the designs compared; empty: no case
    # Pounds a year for every 10,000 registered residents, the same for each option; null: each design as it is.
    budget_gbp_per_10000: Amount | None = None
    buy_more: bool = True  # money left over buys more of the same posts; false: it stays unspent
    # Posts that the budget buys, in what proportion, for a design that adds none of its own: FTE by service.
    posts: dict[Name, dict[str, Amount]] = Field(default_factory=dict)
    costs: dict[Name, OptionCosts] = Field(default_factory=dict)
    funding_years: Amount | None = None  # for how long the money is there; null: as long as the run
    area_supplement: Literal["inner_london", "none"] = "none"
    price_year: FinancialYear = "2024/25"
    deflator: Literal["nhscii", "gdp"] = "nhscii"
    prices: dict[str, float] = Field(default_factory=dict)  # your own, by name, in pounds of the price year
    perspective: Literal["nhs_social_care", "public_sector"] = "nhs_social_care"
    discounting: Literal["nice", "green_book", "local"] = "nice"
    cost_rate: Share | None = None  # instead of the preset's, a year: 0.035 is 3.5%
    health_rate: Share | None = None
    horizon_years: Annotated[int, Field(ge=1)] | None = None  # of the run that count; null: all
    beyond_run: Literal["none", "remaining_life"] = "none"  # whether deaths avoided count for the years after the run
    cash_released_share: Share = 0.0  # of the value of capacity set free that becomes money: by default none
    equity: Literal["nice", "dcea", "green_book"] = "nice"  # one of them, never two: they would count the same twice
    gradient: Literal["flat", "moderate", "steep"] = "flat"  # who bears the opportunity cost
    claims: dict[str, float] = Field(
        default_factory=dict
    )  # your own, by outcome: proportional change, -0.05 is 5% less
    threshold: Text = "opportunity_cost"  # of thresholds.csv: at which health forgone is counted

    @field_validator("options")
    @classmethod
    def comparable(cls, value: list[str], info: ValidationInfo) -> list[str]:
        """Refuse options without a comparator, or one that is there twice or is the comparator."""
        comparator = info.data.get("comparator")
        if value and comparator is None:
            raise ValueError("need something to be compared with: give case.comparator, such as usual_care")
        names = [*value, comparator]
        twice = next((name for name in value if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"must be different designs, none of them the comparator: '{twice}' is there twice")
        return value

    @field_validator("posts")
    @classmethod
    def known_services(cls, value: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        """Refuse posts in a service that has none."""
        for design, posts in value.items():
            for service in posts:
                if service not in STAFFED_SERVICES:
                    raise ValueError(f"must be posts of staffed services; '{service}' (of {design}) is none")
        return value
