"""Burnout of a team: fed by months busier than usual, drained by time to reflect and by knowing one another.

A stock from 0 to 1. Absence, leaving and work done per hour depend on it; at its level at the start they are as usual.
"""

from __future__ import annotations

from typing import Any

from sim.agents.base import NO_NEWS
from sim.agents.ramps import within


def next_burnout(now: float, pressure: float, wellbeing: float, climate: float, params: Any) -> float:
    """Return next month's burnout, 0 to 1.

    pressure: share of staff time in use last month above what it was before the arms parted. wellbeing: effect of
    protected time times the share of it there is. climate: maturity of the team above that at the start.
    """
    start = float(params["burnout_start"])
    change = float(params["burnout_gain_pressure"]) * pressure
    change -= (now - start) / max(float(params["burnout_recovery_months"]), 1.0)
    change -= float(params["wellbeing_burnout_fall"]) * wellbeing
    change -= float(params["climate_burnout_fall"]) * climate
    return within(now + change, 0.0, 1.0)


def against_start(burnout: float, start: float, exhausted: float) -> float:
    """Return a rate against its usual value, when it is ``exhausted`` times as high at burnout 1 as at burnout 0."""
    usual = 1.0 + start * (exhausted - 1.0)
    return (1.0 + burnout * (exhausted - 1.0)) / usual if usual > 0.0 else 1.0


def pressure_of(busy: float, busy_usual: float) -> float:
    """Return how much busier last month was than usual; 0 while there is no news."""
    return busy - busy_usual if busy > 0.0 and busy_usual != NO_NEWS else 0.0
