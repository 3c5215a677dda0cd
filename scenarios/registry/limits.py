"""What values a parameter can take: by its unit, and for a few by name. Outside them the model has no meaning."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from scenarios.registry.draw import quantile

RARE = 1e-6  # a distribution may pass a limit less often than this at either end
WELL_WITHIN = 0.01  # a beta whose 5th and 95th percentiles are this far from 0 and 1 is never rounded to them


@dataclass(frozen=True)
class Limits:
    """From ``low`` to ``high``; ``above`` and ``below`` leave out the ends themselves; ``whole``: no fractions."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False
    whole: bool = False

    def allow(self, value: float) -> bool:
        """Return whether ``value`` may be used."""
        if self.whole and value != math.floor(value):
            return False
        over = value > self.low if self.above else value >= self.low
        under = value < self.high if self.below else value <= self.high
        return over and under

    def kept(self, value: float) -> float:
        """Return ``value`` moved to the nearest end if it lies beyond one."""
        return min(max(value, self.low), self.high)

    def words(self) -> str:
        """Return what is allowed, to follow "must be"."""
        if math.isfinite(self.high - self.low) and not (self.above or self.below):
            return f"{'a whole number ' if self.whole else ''}from {self.low:g} to {self.high:g}"
        kind = "a whole number, " if self.whole else ""
        low = f"above {self.low:g}" if self.above else f"at least {self.low:g}"
        high = f"below {self.high:g}" if self.below else f"at most {self.high:g}"
        if math.isinf(self.high):
            return kind + low
        return kind + (high if math.isinf(self.low) else f"{low} and {high}")


ANY = Limits()
SHARE = Limits(0, 1)
POSITIVE = Limits(0, above=True)
NOT_NEGATIVE = Limits(0)
COUNT = Limits(1, whole=True)
STOCK_KEPT = Limits(0, 1, below=True)  # a stock of which everything is kept each month never settles
DURATIONS = ("minutes", "hours", "days", "weeks", "months", "years")
BY_UNIT = {
    **dict.fromkeys((*DURATIONS, "minutes per review", "hours per attendance"), POSITIVE),
    **dict.fromkeys(
        (
            "km",
            "power",
            "patients",
            "people",
            "people per month",
            "persons per household",
            "contacts per year",
            "contacts per month",
        ),
        POSITIVE,
    ),
    **dict.fromkeys(("ratio", "rate ratio", "odds ratio", "ratio to COPD", "reviews per finding"), NOT_NEGATIVE),
    **dict.fromkeys(
        ("per month", "per person per year", "per 1000 per year", "points", "needs", "staff"), NOT_NEGATIVE
    ),
    **dict.fromkeys(("severity", "index points (0 to 1)"), SHARE),
    **dict.fromkeys(("FTE per bed day", "places per 10000 registered"), NOT_NEGATIVE),
    "contacts": COUNT,
    "priority class": Limits(0, 7, whole=True),
    "hour of day": Limits(0, 24),
    "switch": Limits(0, 1, whole=True),
}
BY_NAME = {
    **dict.fromkeys(("unmet_kept", "treated_kept", "recent_kept"), STOCK_KEPT),
    **dict.fromkeys(("team_review_every_months", "spike_most_months", "needs_per_month_most"), COUNT),
    **dict.fromkeys(("ed_cubicle_use", "assessment_use"), Limits(0, 1, above=True)),  # places are what is used over it
    "benefit_effect": Limits(high=1),  # full benefit cannot take away more than the whole hazard
}


def is_share(unit: str) -> bool:
    """Return whether ``unit`` begins with the word share or probability ("change in share" does not)."""
    words = re.split(r"[^a-z]+", unit.lower().strip())
    return words[0] in ("share", "probability")


def limits_of(name: str, unit: str) -> Limits:
    """Return what the parameter ``name``, measured in ``unit``, can take."""
    if name in BY_NAME:
        return BY_NAME[name]
    return SHARE if is_share(unit) else BY_UNIT.get(unit, ANY)


def value_problem(name: str, unit: str, value: float, said: str) -> str:
    """Return what is wrong with one value, or ''; ``said`` is how it came: 'found' or 'you gave'."""
    limits = limits_of(name, unit)
    if limits.allow(value):
        return ""
    if limits == SHARE and is_share(unit):
        return f"a {unit} must lie within 0 and 1 ({said} {value:g})"
    return f"must be {limits.words()} ({said} {value:g}); unit: {unit}"


def draws_problem(name: str, unit: str, distribution: str, points: tuple[float, float, float]) -> str:
    """Return what is wrong with drawing from (low, central, high), or ''.

    A draw beyond an end that is itself allowed is moved to that end (``Limits.kept``); where the end is not allowed,
    or fractions are not, the distribution itself must stay within.
    """
    limits = limits_of(name, unit)
    low, central, high = points
    if distribution == "fixed":
        return ""
    if limits.whole:
        return f"must be 'fixed': '{name}' takes whole numbers alone (found '{distribution}')"
    within = distribution == "beta" and low >= WELL_WITHIN and high <= 1 - WELL_WITHIN
    if within or not (limits.above or limits.below):
        return ""
    ends = [quantile(distribution, central, low, high, u) for u in (RARE, 1 - RARE)]
    if (limits.above and ends[0] <= limits.low) or (limits.below and ends[1] >= limits.high):
        advice = "beta" if limits.high == 1 else "lognormal"
        return f"'{distribution}' would be drawn outside: '{name}' must be {limits.words()} (use {advice})"
    return ""
