"""Periods as sources write them: financial years, years, months, and several years pooled."""

from __future__ import annotations

import re
from typing import NamedTuple

from scenarios.errors import InputError

ALLOWED = "allowed: 2024/25, 2015/16-2019/20, 2024-05, 2019, 2018-20 or 2015-2019"
FINANCIAL = re.compile(r"(\d{4})/(\d{2})")
FINANCIAL_YEARS = re.compile(r"(\d{4})/(\d{2})\s*-\s*(\d{2}|\d{4})/(\d{2})")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
YEAR = re.compile(r"\d{4}")
SHORT_YEARS = re.compile(r"(\d{4})\s*-\s*(\d{2})")
LONG_YEARS = re.compile(r"(\d{4})\s*-\s*(\d{4})")


class Period(NamedTuple):
    """Whole months, both included, each counted as year x 12 + month - 1."""

    first: int
    last: int

    @property
    def months(self) -> int:
        """How many months."""
        return self.last - self.first + 1

    def shared(self, other: Period) -> int:
        """Return how many months the two share."""
        return max(min(self.last, other.last) - max(self.first, other.first) + 1, 0)

    def inside(self, other: Period) -> bool:
        """Whether every month of this one is in ``other``."""
        return other.first <= self.first and self.last <= other.last

    def words(self) -> str:
        """Return the period as 'YYYY-MM to YYYY-MM', or the month alone."""
        return label(self.first) if self.months == 1 else f"{label(self.first)} to {label(self.last)}"


def month_number(year: int, month: int) -> int:
    """Return the number of a month (January is 1)."""
    return year * 12 + month - 1


def label(number: int) -> str:
    """Return a month's number as 'YYYY-MM'."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


PANDEMIC = Period(month_number(2020, 3), month_number(2022, 3))  # activity of these months informs ratios only


def parse(text: str, where: str = "period") -> Period:
    """Return the months that ``text`` stands for. Raises InputError naming ``where`` if it is no period.

    A month wins over two years in short ('2018-05' is May 2018; '2018-20' is three years).
    """
    said = text.strip()
    if match := FINANCIAL_YEARS.fullmatch(said):
        last = match[3] if len(match[3]) == 4 else match[1][:2] + match[3]
        years = financial(match[1], match[2], where, said), financial(last, match[4], where, said)
        return in_order(years[0].first, years[1].last, where, said)
    if match := FINANCIAL.fullmatch(said):
        return financial(match[1], match[2], where, said)
    if match := MONTH.fullmatch(said):
        number = month_number(int(match[1]), int(match[2]))
        return Period(number, number)
    if YEAR.fullmatch(said):
        return Period(month_number(int(said), 1), month_number(int(said), 12))
    if match := LONG_YEARS.fullmatch(said):
        return in_order(month_number(int(match[1]), 1), month_number(int(match[2]), 12), where, said)
    if match := SHORT_YEARS.fullmatch(said):
        end = int(match[1]) // 100 * 100 + int(match[2])
        return in_order(month_number(int(match[1]), 1), month_number(end, 12), where, said)
    raise InputError(where, f"'{text}' is no period; {ALLOWED}")


def financial(year: str, end: str, where: str, said: str) -> Period:
    """Return April of ``year`` to March of the next; the two digits of its end must follow.

    Raises InputError naming ``where``, if they do not.
    """
    if int(end) != (int(year) + 1) % 100:
        raise InputError(where, f"'{said}' is no financial year ({year}/{(int(year) + 1) % 100:02d}?); {ALLOWED}")
    return Period(month_number(int(year), 4), month_number(int(year) + 1, 3))


def in_order(first: int, last: int, where: str, said: str) -> Period:
    """Return the period; raise InputError if it ends before it begins."""
    if last < first:
        raise InputError(where, f"'{said}' ends before it begins; {ALLOWED}")
    return Period(first, last)


def run_period(start_date: str, months: int) -> Period:
    """Return the months observed of a run that starts on ``start_date`` (YYYY-MM-DD) and lasts ``months``."""
    first = parse(start_date[:7]).first
    return Period(first, first + months - 1)
