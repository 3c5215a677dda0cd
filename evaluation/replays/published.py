"""What a study found. Scoring reads it; nothing that carries a study out may."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from evaluation.replays.reader import read_block
from scenarios.errors import InputError, nearest
from scenarios.schema.block import Block, Text

FILE = "published.yaml"
LEVEL = 0.95


class Finding(Block):
    """One published figure with its interval, on the scale of the effect; or, without a figure, what was said of it.

    direction: 'none' (not significant), 'up' or 'down'. basis: 'found' (read at the source) or 'recalled'. year: since
    go-live, where the study tells years apart. level: of the interval.
    """

    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    level: Annotated[float, Field(ge=0.5, lt=1)] = LEVEL
    direction: Literal["none", "up", "down"] | None = None
    basis: Literal["found", "recalled"] = "found"
    year: Annotated[int, Field(ge=1, le=20)] | None = None
    note: Text = ""

    @model_validator(mode="after")
    def fits(self) -> Finding:
        """Refuse a finding without anything, half an interval, or a figure outside its own interval."""
        if self.estimate is None and self.direction is None:
            raise ValueError("give an estimate, or the direction of one that was not printed")
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval needs both of its ends")
        if self.low is not None and self.high is not None:
            if self.estimate is None:
                raise ValueError("an interval needs its estimate")
            if not self.low <= self.estimate <= self.high:
                raise ValueError("the estimate lies outside its interval")
        return self


class Published(Block):
    """What a study found, by effect."""

    effects: dict[str, Finding]


def read_published(folder: Path, effects: object) -> dict[str, Finding]:
    """Return what the study in ``folder`` found, by the names of its ``effects``.

    Raises InputError for a file that cannot be read, an effect that the replay does not have, or one left out.
    """
    path = Path(folder) / FILE
    found = read_block(path, Published).effects
    names = list(effects)  # type: ignore[call-overload]
    for name in found:
        if name not in names:
            raise InputError(f"{path} effects.{name}", f"the replay has no such effect: {nearest(name, names)}")
    for name in names:
        if name not in found:
            raise InputError(
                f"{path} effects.{name}", "is missing: every effect of the replay needs what was published"
            )
    return found
