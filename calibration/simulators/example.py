"""A small fit to try the machinery with: a queue whose arrivals and service times are to be found again."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from calibration.simulators.toys import Queue
from calibration.space import Space, of_laws
from calibration.targets.columns import FITTED, HELD_OUT
from calibration.targets.target import Z_95, Target, TargetSet

TRUTH = {"arrivals_per_day": 7.2, "service_days": 0.27}
PRIORS = {"arrivals_per_day": (6.8, 0.09), "service_days": (0.28, 0.09)}  # median, sd of the logarithm
# name, unit, standard deviation of observing it, whether of the logarithm, role
OBSERVED = (
    ("occupancy", "share", 0.03, False, FITTED),
    ("wait", "days", 0.25, True, FITTED),
    ("arrivals", "per day", 0.4, False, HELD_OUT),
)


@dataclass(frozen=True)
class Example:
    """What is fitted, to what, with which simulator."""

    space: Space
    targets: TargetSet
    simulator: Queue


def example() -> Example:
    """Return the example: targets are what the queue gives in the long run at ``TRUTH``, observed without luck."""
    made = Queue(servers=3, days=600.0, warm_up_days=60.0)
    space = of_laws({name: stats.lognorm(spread, scale=middle) for name, (middle, spread) in PRIORS.items()})
    values = made.expected(np.array(TRUTH["arrivals_per_day"]), np.array(TRUTH["service_days"]))
    rows = []
    for (name, unit, error, log, role), value in zip(OBSERVED, values.tolist(), strict=True):
        half = Z_95 * error
        low, high = (value * math.exp(-half), value * math.exp(half)) if log else (value - half, value + half)
        rows.append(
            Target(
                target=name, output=name, unit=unit, value=value, period="2024/25", role=role, lower_95=low,
                upper_95=high, likelihood="log_normal" if log else "normal", area_name="a queue of three servers",
                definition=f"{name} of a queue in the long run", where=f"example {name}",
            )
        )  # fmt: skip
    return Example(space, TargetSet(tuple(rows), "example"), made)
