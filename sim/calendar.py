"""Calendar months as whole seconds since the start date; no daylight saving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

DAY_S = 86_400
HOUR_S = 3_600
WEEKDAYS = 5


@dataclass(frozen=True)
class Calendar:
    """Months counted from ``start``, the first day of month 0 (and second 0)."""

    start: date

    def __post_init__(self) -> None:
        if self.start.day != 1:
            raise ValueError(f"start date {self.start}: must be the first day of a month")

    def first_day(self, month: int) -> date:
        """Return the first day of month ``month``, which may be negative."""
        index = self.start.year * 12 + self.start.month - 1 + month
        return date(index // 12, index % 12 + 1, 1)

    def month_start_s(self, month: int) -> int:
        """Return the second at which month ``month`` starts."""
        return (self.first_day(month) - self.start).days * DAY_S

    def days_in_month(self, month: int) -> int:
        """Return 28 to 31."""
        return (self.first_day(month + 1) - self.first_day(month)).days

    def month_of_year(self, month: int) -> int:
        """Return 1 (January) to 12."""
        return self.first_day(month).month

    def label(self, month: int) -> str:
        """Return the month as '2024-04'."""
        return self.first_day(month).strftime("%Y-%m")

    def weekday(self, day: int) -> int:
        """Return 0 (Monday) to 6 for day ``day`` since the start date."""
        return (self.start + timedelta(days=day)).weekday()
