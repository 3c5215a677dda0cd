"""What the model's structure does to a result: switches of mechanisms, as a range beside the parameters' interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.estimate import Estimate
from scenarios.errors import InputError


@dataclass(frozen=True)
class StructuralRange:
    """A result as built, and its lowest and highest with one mechanism switched at a time, with the switches' names."""

    as_built: Estimate
    lowest: float
    lowest_switch: str
    highest: float
    highest_switch: str
    changes_sign: bool

    @property
    def width(self) -> float:
        """From lowest to highest."""
        return self.highest - self.lowest


def structural_range(as_built: Estimate, switched: Mapping[str, Estimate]) -> StructuralRange:
    """Return the range of a result over structural switches (name to result with it), as built included.

    It is no interval: nobody has said how likely each structure is. ``changes_sign``: whether a switch turns the result
    over. Raises InputError where a result is not defined.
    """
    results = {"as built": as_built, **switched}
    for name, each in results.items():
        if math.isnan(each.estimate):
            raise InputError(f"structure '{name}'", f"has no result: {each.reason}")
    low = min(results, key=lambda name: results[name].estimate)
    high = max(results, key=lambda name: results[name].estimate)
    lowest, highest = results[low].estimate, results[high].estimate
    return StructuralRange(as_built, lowest, low, highest, high, lowest < 0 < highest)
