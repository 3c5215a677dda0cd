"""Money and health in words: with unit, interval and population, no more digits than are known."""

from __future__ import annotations

import math

import numpy as np

from evaluation.economics.acceptability import credible_interval
from evaluation.economics.icer import Icer
from evaluation.ratio import MAYBE_NOTHING
from evaluation.rounding import MINUS, change, decimals, limits, number
from evaluation.twins import NO_DIFFERENCE, mean_interval

POUND = "£"
DASH = "–"
CANNOT_TELL = "cannot be told"  # from chance


def exact(pence: int) -> str:
    """Return whole pence as pounds to the penny: '£1,234.50', '−£0.30'."""
    sign = MINUS if pence < 0 else ""
    return f"{sign}{POUND}{abs(int(pence)) // 100:,}.{abs(int(pence)) % 100:02d}"


def pounds(value: float) -> str:
    """Return a sum that is decided and not estimated (a budget), in whole pounds."""
    return f"{MINUS if round(value) < 0 else ''}{POUND}{abs(round(value)):,}"


def as_known(value: float, values: np.ndarray) -> str:
    """Return pounds of a mean no finer than the 95% interval of the mean of ``values`` allows: '£120,000'.

    Of a mean of the same thing under another price, which has no interval of its own.
    """
    _, lower, upper = mean_interval(values)
    return _with_unit(number(value, min(decimals(value, lower, upper), 0), minus=MINUS), POUND)


def estimate(values: np.ndarray, unit: str = POUND) -> str:
    """Return the mean of independent ``values`` and its 95% interval, at one precision: '£120,000 (90,000 to 150,000)'.

    The interval is of the mean: of draws of the evidence it is not where a draw may lie (``spread_of_draws``). Without
    spread or with one value the mean alone.
    """
    mean, lower, upper = mean_interval(values)
    if not np.any(values):
        return f"{unit}0" if unit == POUND else "0"
    if math.isnan(lower) or lower == upper:
        return _with_unit(number(mean, _places(mean), minus=MINUS), unit)
    text = change(mean, lower, upper, MINUS).replace("+", "")
    head, _, tail = text.partition(" ")
    return f"{_with_unit(head, unit)} {tail}".strip()


def spread_of_draws(values: np.ndarray, unit: str = POUND, seen: np.ndarray | None = None) -> str:
    """Return the central 95% of draws, or that there are too few to tell, or that they do not differ.

    ``seen``: the same with chance still in it. Where those differ and nothing is left, chance hides what there is.
    """
    low, high = credible_interval(values)
    if math.isnan(low):
        return f"{len(values)} values: too few for a range"
    if math.isclose(low, high):
        hidden = seen is not None and not math.isclose(*credible_interval(seen))
        return CANNOT_TELL if hidden else "no spread over draws"
    least, most = limits(low, high, decimals((low + high) / 2, low, high), minus=MINUS)
    return f"{_with_unit(least, unit)} to {_with_unit(most, unit)}"


def ratio(found: Icer, over: str) -> str:
    """Return a cost-effectiveness ratio in words, with its interval if it has one.

    ``over``: what its means are over ('32 draws'): the interval is of their ratio, not of what one draw may give.
    """
    if math.isnan(found.ratio):
        return found.verdict
    if found.reason == MAYBE_NOTHING:  # pounds for next to nothing are a number without a meaning
        return f"no figure: the difference in health may be nothing ({found.verdict} in the mean)"
    if math.isnan(found.lower):
        return f"{pounds(two_digits(found.ratio))} a QALY ({found.verdict}; no interval: {found.reason})"
    low, high = pounds(two_digits(found.lower)), pounds(two_digits(found.upper))
    told = f"95% interval of the ratio of means over {over} {low} to {high}"
    return f"{pounds(two_digits(found.ratio))} a QALY ({told}; {found.verdict})"


def told_as_nothing(values: np.ndarray) -> bool:
    """Return whether a difference is none at all, or its interval holds zero."""
    mean, lower, upper = mean_interval(values)
    if not np.any(values):
        return True
    return not math.isnan(lower) and lower <= 0 <= upper and mean == mean


def difference_words(values: np.ndarray, unit: str, more: str, less: str) -> str:
    """Return 'no difference detected', with the interval where there is one, or how much ``more`` or ``less``."""
    if not np.any(values):
        return f"{NO_DIFFERENCE}: the arms are the same in every run"
    mean, lower, upper = mean_interval(values)
    amount = estimate(values, unit)
    if math.isnan(lower):
        return f"{amount}, one run: chance is not ruled out"
    if lower <= 0 <= upper:
        return f"{NO_DIFFERENCE} ({amount})"
    size = estimate(np.abs(mean) / mean * values, unit)
    return f"{size} {more if mean > 0 else less}"


def percent(share: float) -> str:
    """Return a share as whole per cent, 'under 1%' and 'over 99%' at the ends."""
    if math.isnan(share):
        return DASH
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 < share < 1:
        return "over 99%"
    return f"{100 * share:.0f}%"


def two_digits(value: float) -> float:
    """Return ``value`` at two significant digits: a ratio is never known better here."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, 1 - math.floor(math.log10(abs(value))))


def _places(value: float) -> int:
    return 0 if value == 0 else 1 - math.floor(math.log10(abs(value)))


def _with_unit(text: str, unit: str) -> str:
    if unit != POUND:
        return f"{text} {unit}".strip()
    return f"{MINUS}{POUND}{text[1:]}" if text.startswith(MINUS) else f"{POUND}{text}"
