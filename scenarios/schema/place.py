"""Settings of the group ``place``: the area, who counts as a resident, and which edition of deprivation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from scenarios.place_schema import MOST_RESIDENTS
from scenarios.schema.block import Block, Folder, MonthStart, Seed, Text


def as_ids(value: Any) -> Any:
    """Return 'all' as it is, one id or a list of ids as a tuple of text."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value if value == "all" else (str(value),)
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError("must be 'all' or at least one neighbourhood")
        if all(isinstance(item, str | int) and not isinstance(item, bool) for item in value):
            return tuple(str(item) for item in value)
        raise ValueError("must be 'all' or a list of neighbourhood ids")
    raise ValueError("must be 'all' or a list of neighbourhood ids")


def as_basis(value: Any) -> Any:
    """Return a basis as it is: the name of a total, a number of residents, or None for the place's own default."""
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise ValueError("must be the name of a population basis, or a whole number of residents")
    if isinstance(value, int) and not 1 <= value <= MOST_RESIDENTS:
        raise ValueError(f"must be 1 to {MOST_RESIDENTS:,} residents")
    return value


class Place(Block):
    """The area modelled. ``folder`` None: the built-in place called ``name``."""

    name: Text
    folder: Folder | None = None
    basis: Annotated[str | int | None, BeforeValidator(as_basis)] = None  # a total the place names, or a number
    neighbourhoods: Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(as_ids)] = "all"
    imd_edition: Annotated[Literal["2019", "2025"], BeforeValidator(lambda v: str(v) if isinstance(v, int) else v)]
    population_seed: Seed = Field(description="seed of the synthetic population, apart from the seed of its life")
    start_date: MonthStart
    baseline_year: Literal["2024/25"] = "2024/25"  # the year that rates, staff and prices are of; no other is known
