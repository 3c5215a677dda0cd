"""Numbers as words: never more digits than the uncertainty allows."""

from __future__ import annotations

import math

MINUS = "−"  # the typographic minus of the page; plain text uses a hyphen
_EXACT_DIGITS = 3  # significant digits where the interval has no width
_FINEST = 4  # decimals beyond which a difference that may be nothing is not told
_LONE_DIGITS = 2  # and where there is no interval at all
_MOST_DIGITS = (
    4  # significant digits that no figure of a model exceeds: over few runs an interval may be narrow by luck
)


def decimals(value: float, lower: float, upper: float) -> int:
    """Return the decimal places (negative: tens, hundreds) that the interval's half-width supports.

    Two significant digits of the half-width if it starts with 1 or 2, otherwise one: 12.34 with 10.9 to 13.8 gives 1,
    with 5 to 19 gives 0; never more than four significant digits of the largest of the three. Without width, three
    significant digits of ``value``; without an interval (NaN), two.
    """
    half = (upper - lower) / 2
    if math.isnan(half):
        return _places(value, _LONE_DIGITS)
    if half <= 0:
        return _places(value, _EXACT_DIGITS)
    exponent = math.floor(math.log10(half))
    leading = half / 10.0**exponent
    by_width = (1 if leading < 3 else 0) - exponent
    return min(by_width, _places(max(abs(value), abs(lower), abs(upper)), _MOST_DIGITS))


def number(value: float, places: int, sign: bool = False, minus: str = "-") -> str:
    """Return ``value`` with ``places`` decimals (negative: rounded to tens, hundreds) and thousands separators.

    ``sign`` puts a plus before what is above zero. Raises ValueError for NaN: say the reason instead.
    """
    if math.isnan(value):
        raise ValueError("a figure that is not defined has no digits: print its reason")
    rounded = round(value, places) + 0.0
    text = f"{abs(rounded):,.{max(places, 0)}f}"
    if rounded < 0:
        return minus + text
    return "+" + text if sign and rounded > 0 else text


def limits(lower: float, upper: float, places: int, sign: bool = False, minus: str = "-") -> tuple[str, str]:
    """Return both ends of an interval with ``places`` decimals, as ``number`` does.

    An end beside zero that would read as zero, of an interval that does not hold it, has a digit of its own: '50'
    beside '70,000'.
    """
    low, high = (number(end, _of_its_own(end, places, lower * upper > 0), sign, minus) for end in (lower, upper))
    return low, high


def level(value: float, lower: float, upper: float, minus: str = "-") -> str:
    """Return a level rounded by its own interval: '412', '0.62', '1,340'."""
    return number(value, decimals(value, lower, upper), minus=minus)


def change(value: float, lower: float, upper: float, minus: str = "-") -> str:
    """Return a difference and its interval at one precision: '-12 (-19 to -6)'; '-12' alone without an interval.

    An interval about zero that is too narrow for any reader gives '0 (0 to 0)'.
    """
    places = decimals(value, lower, upper)
    if lower <= 0 <= upper and all(round(each, _FINEST) == 0 for each in (value, lower, upper)):
        places = 0
    middle = number(value, places, sign=True, minus=minus)
    if math.isnan(lower) or math.isnan(upper):
        return middle
    low, high = limits(lower, upper, places, sign=True, minus=minus)
    return f"{middle} ({low} to {high})"


def spread(value: float, lower: float, upper: float, minus: str = "-", most: int = 9) -> str:
    """Return a level and its interval at one precision: '412 (405 to 419)'; '410' alone without an interval or width.

    ``most``: decimals beyond which no reader goes.
    """
    places = min(decimals(value, lower, upper), most)
    if math.isnan(lower) or math.isnan(upper) or lower == upper:
        return number(value, places, minus=minus)
    low, high = limits(lower, upper, places, minus=minus)
    return f"{number(value, places, minus=minus)} ({low} to {high})"


def _of_its_own(end: float, places: int, holds_no_zero: bool) -> int:
    """Return the decimals of an end of an interval: ``places``, or its first digit's where it would read as zero."""
    if not holds_no_zero or end == 0 or round(end, places) != 0:
        return places
    return _places(end, 1)


def _places(value: float, digits: int) -> int:
    if value == 0 or math.isnan(value):
        return 0
    return digits - 1 - math.floor(math.log10(abs(value)))
