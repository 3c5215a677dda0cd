"""What is counted, and per what: one definition of every outcome, shared by all arms and all tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scenarios.errors import InputError, nearest

SECONDS_PER_DAY = 86_400
SECONDS_PER_HOUR = 3_600
SECONDS_PER_YEAR = 31_557_600  # 365.25 days, the person-year of demography
PER_RESIDENTS = 1_000
RATE_UNIT = "per 1,000 residents per year"


@dataclass(frozen=True)
class Outcome:
    """One outcome: ``numerator`` column x ``scale``, over ``denominator`` column x ``denominator_scale``.

    ``unit`` says what the quotient is in; ``counted`` is the noun for the numerator ('attendances', 'days').
    """

    name: str
    label: str
    numerator: str
    counted: str
    scale: float = 1.0
    denominator: str = "person_seconds"
    denominator_scale: float = 1.0 / (SECONDS_PER_YEAR * PER_RESIDENTS)
    unit: str = RATE_UNIT

    @property
    def is_rate(self) -> bool:
        """True for a rate over residents' time; False for a mean per contact."""
        return self.denominator == "person_seconds"


def _rate(name: str, label: str, counted: str) -> Outcome:
    return Outcome(name, label, name, counted)


def _days(name: str, label: str, column: str) -> Outcome:
    return Outcome(name, label, column, "days", scale=1.0 / SECONDS_PER_DAY)


OUTCOMES: tuple[Outcome, ...] = (
    _rate("ed_attendances", "ED attendances", "attendances"),
    _rate("ed_breaches", "ED stays over four hours", "stays"),
    _rate("emergency_admissions", "Emergency admissions", "admissions"),
    _rate("acsc_admissions", "Admissions for ambulatory-care-sensitive conditions", "admissions"),
    _rate("readmissions", "Readmissions", "admissions"),
    _days("bed_days", "Hospital bed days", "bed_seconds"),
    _days("delayed_days", "Delayed-discharge days", "delayed_seconds"),
    _rate("gp_contacts", "GP contacts", "contacts"),
    _rate("community_contacts", "Community team contacts", "contacts"),
    _rate("core_contacts", "INT core contacts", "contacts"),
    _rate("outreach_contacts", "Outreach contacts", "contacts"),
    _rate("social_care_contacts", "Social care contacts", "contacts"),
    _rate("package_starts", "Home care packages started", "packages"),
    _rate("needs", "Needs that arose", "needs"),
    _rate("needs_unmet", "Needs left unmet", "needs"),
    _rate("reneged", "Contacts given up after waiting", "contacts"),
    _rate("missed", "Missed contacts", "contacts"),
    _rate("lost_handovers", "Hand-overs lost", "hand-overs"),
    _rate("deaths", "Deaths", "deaths"),
    Outcome(
        "gp_wait_days",
        "Mean wait for a GP contact",
        "gp_wait_seconds",
        "days",
        1.0 / SECONDS_PER_DAY,
        "gp_contacts",
        1.0,
        "days per contact",
    ),
    Outcome(
        "ed_wait_hours",
        "Mean wait in ED",
        "ed_wait_seconds",
        "hours",
        1.0 / SECONDS_PER_HOUR,
        "ed_attendances",
        1.0,
        "hours per attendance",
    ),
)

MAIN = ("ed_attendances", "emergency_admissions", "bed_days")  # broken down by deprivation everywhere
RATES: tuple[Outcome, ...] = tuple(outcome for outcome in OUTCOMES if outcome.is_rate)


def outcome(name: str) -> Outcome:
    """Return the outcome called ``name``. Raises InputError, with the nearest name, if there is none."""
    for candidate in OUTCOMES:
        if candidate.name == name:
            return candidate
    raise InputError("outcome", f"no outcome '{name}'; {nearest(name, [each.name for each in OUTCOMES])}")


def chosen(names: Iterable[str]) -> tuple[Outcome, ...]:
    """Return the outcomes called ``names``, in that order. Raises InputError for an unknown one."""
    return tuple(outcome(name) for name in names)
