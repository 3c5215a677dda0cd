"""Where a case turns: "it holds while reach is above 34%"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.economics.returns import break_even
from evaluation.rounding import number
from scenarios.errors import InputError

_SCAN = 64


@dataclass(frozen=True)
class Turning:
    """Of one number from ``low`` to ``high``: ``points`` where a net value crosses 0, and its sign before the first."""

    name: str
    low: float
    high: float
    points: tuple[float, ...]
    holds_at_low: bool

    def sentence(self, what: str = "the case", share: bool = False, unit: str = "") -> str:
        """Return the finding in words; ``share``: the number is told in per cent, otherwise in ``unit``."""
        label = self.name.replace("_", " ")
        low, high = (_told(each, self.high - self.low, share, unit) for each in (self.low, self.high))
        if not self.points:
            never = "holds" if self.holds_at_low else "does not hold"
            return f"{what.capitalize()} {never} at any {label} between {low} and {high}."
        points = [_told(each, self.high - self.low, share, unit) for each in self.points]
        if len(points) == 1:
            side = "below" if self.holds_at_low else "above"
            return f"{what.capitalize()} holds while {label} is {side} {points[0]}."
        first = "holds" if self.holds_at_low else "does not hold"
        return f"{what.capitalize()} {first} from {label} {low} on and turns at {', '.join(points)}."


def turning_points(net: Callable[[float], float], name: str, low: float, high: float) -> Turning:
    """Return where ``net`` (above 0: the case holds) crosses 0 between ``low`` and ``high``.

    Looks at 65 places and between two of different sign by bisection; crossings closer than that to each other in pairs
    are not seen. Raises InputError unless low is below high.
    """
    if not low < high:
        raise InputError(name, f"low {low:g} must be below high {high:g}")
    places = np.linspace(low, high, _SCAN + 1)
    values = np.array([net(float(place)) for place in places])
    holds = values > 0
    found = [
        break_even(net, float(places[at]), float(places[at + 1])) for at in range(_SCAN) if holds[at] != holds[at + 1]
    ]
    return Turning(name, low, high, tuple(found), bool(holds[0]))


def _told(value: float, width: float, share: bool, unit: str) -> str:
    if share:
        return f"{number(100 * value, 0 if width > 0.05 else 1)}%"
    places = max(0, 2 - int(np.floor(np.log10(width))))
    return f"{number(value, places)} {unit}".strip()
