"""What every block of settings shares: closed to unknown keys, strict about types, never changed once made."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Block(BaseModel):
    """A group of settings. Unknown keys are refused; values keep their type (no text for a number); frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True)


def as_path(value: Any) -> Any:
    """Return text as a path; leave anything else to be refused."""
    if not isinstance(value, str) or not value:
        return value
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("must be a folder or file: nobody here has that home (~)") from None


def as_date(value: Any) -> Any:
    """Return text such as 2024-04-01 as a date that begins a month."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError("must be a date such as 2024-04-01") from None
    if isinstance(value, date) and value.day != 1:
        raise ValueError("must be the first day of a month")
    return value


def as_text(value: Any) -> Any:
    """Return a whole number as text (a year or an id typed without quotes)."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Share = Annotated[float, Field(ge=0, le=1)]  # a share or a probability: 0 to 1
Effect = Annotated[float, Field(ge=0, le=4)]  # of a lever: 0 none, 1 as the evidence says, 2 twice that
Amount = Annotated[float, Field(ge=0)]  # a quantity that cannot be negative
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Folder = Annotated[Path, BeforeValidator(as_path)]
MonthStart = Annotated[date, BeforeValidator(as_date)]
Text = Annotated[str, BeforeValidator(as_text)]
