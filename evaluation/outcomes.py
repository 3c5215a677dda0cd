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
# Groups in the order of a table: who there is, then from the hospital's front door outwards.
GROUPS = (
    "Hospital",
    "Urgent care",
    "General practice",
    "Community and INT",
    "Outpatients and specialists",
    "Place",
    "People",
    "Waits",
)
HOSPITAL, URGENT, PRACTICE, COMMUNITY, OUTPATIENTS, PLACE, PEOPLE, WAITS = GROUPS


@dataclass(frozen=True)
class Outcome:
    """One outcome: ``numerator`` column x ``scale``, over ``denominator`` column x ``denominator_scale``.

    ``unit`` says what the quotient is in; ``counted`` is the noun for the numerator ('attendances', 'days'); ``group``
    is where tables put it.
    """

    name: str
    label: str
    numerator: str
    counted: str
    scale: float = 1.0
    denominator: str = "person_seconds"
    denominator_scale: float = 1.0 / (SECONDS_PER_YEAR * PER_RESIDENTS)
    unit: str = RATE_UNIT
    group: str = PEOPLE

    @property
    def is_rate(self) -> bool:
        """True for a rate over residents' time; False for a mean per contact."""
        return self.denominator == "person_seconds"

    @property
    def counts_events(self) -> bool:
        """True where the numerator counts events; False for time that was measured, and for a mean per contact."""
        return self.is_rate and self.scale == 1.0


def _rate(group: str, name: str, label: str, counted: str) -> Outcome:
    return Outcome(name, label, name, counted, group=group)


def _contacts(group: str, service: str, label: str) -> Outcome:
    return _rate(group, f"{service}_contacts", label, "contacts")


def _time(group: str, name: str, label: str, column: str, seconds: int = SECONDS_PER_DAY) -> Outcome:
    noun = "days" if seconds == SECONDS_PER_DAY else "hours"
    return Outcome(name, label, column, noun, scale=1.0 / seconds, group=group)


def _wait(name: str, label: str, column: str, per: str, seconds: int, noun: str) -> Outcome:
    """Return a mean wait: ``column`` of seconds over the contacts ``per``; ``noun``: 'contact' or 'attendance'."""
    unit = "days" if seconds == SECONDS_PER_DAY else "hours"
    return Outcome(name, label, column, unit, 1.0 / seconds, per, 1.0, f"{unit} per {noun}", WAITS)


OUTCOMES: tuple[Outcome, ...] = (
    _rate(HOSPITAL, "ed_attendances", "ED attendances", "attendances"),
    _rate(HOSPITAL, "ed_breaches", "ED stays over four hours", "stays"),
    _rate(HOSPITAL, "emergency_admissions", "Emergency admissions", "admissions"),
    _rate(HOSPITAL, "acsc_admissions", "Admissions for ambulatory-care-sensitive conditions", "admissions"),
    _rate(HOSPITAL, "childhood_acute_admissions", "Admissions for acute childhood illness", "admissions"),
    _rate(HOSPITAL, "readmissions", "Readmissions", "admissions"),
    _rate(HOSPITAL, "zero_day_spells", "Emergency spells of zero days", "spells"),
    _rate(HOSPITAL, "longer_spells", "Emergency spells of one day or more", "spells"),
    _time(HOSPITAL, "bed_days", "Hospital bed days", "bed_seconds"),
    _time(HOSPITAL, "delayed_days", "Delayed-discharge days", "delayed_seconds"),
    _rate(HOSPITAL, "virtual_ward_admissions", "Virtual ward admissions", "admissions"),
    _time(HOSPITAL, "virtual_ward_days", "Virtual ward days", "virtual_ward_seconds"),
    _rate(URGENT, "urgent_treatment_attendances", "Urgent treatment centre attendances", "attendances"),
    _contacts(URGENT, "ambulance", "Ambulance contacts"),
    _rate(URGENT, "conveyed_category_1", "Conveyed to ED, ambulance category 1", "conveyances"),
    _rate(URGENT, "conveyed_category_2", "Conveyed to ED, ambulance category 2", "conveyances"),
    _rate(URGENT, "conveyed_category_3", "Conveyed to ED, ambulance category 3", "conveyances"),
    _rate(URGENT, "conveyed_category_4", "Conveyed to ED, ambulance category 4", "conveyances"),
    _contacts(URGENT, "call_111", "Calls to 111"),
    _contacts(URGENT, "urgent_response", "Urgent community response contacts"),
    _contacts(PRACTICE, "gp", "GP contacts"),
    _contacts(PRACTICE, "nurse", "Practice nurse contacts"),
    _contacts(PRACTICE, "pharmacist", "Practice pharmacist contacts"),
    _contacts(PRACTICE, "pharmacy", "Community pharmacy contacts"),
    _time(PRACTICE, "gp_hours", "GP hours with residents", "gp_staff_seconds", SECONDS_PER_HOUR),
    _contacts(COMMUNITY, "community", "Community team contacts"),
    _contacts(COMMUNITY, "core", "INT core contacts"),
    _contacts(COMMUNITY, "tailored", "Tailored team contacts"),
    _contacts(COMMUNITY, "outreach", "Outreach contacts"),
    _contacts(COMMUNITY, "link_worker", "Link worker contacts"),
    _contacts(COMMUNITY, "vcfse", "VCFSE contacts"),
    _contacts(COMMUNITY, "health_visiting", "Health visiting contacts"),
    _time(
        COMMUNITY, "community_hours", "Community team hours with residents", "community_staff_seconds", SECONDS_PER_HOUR
    ),
    _time(COMMUNITY, "core_hours", "INT core hours with residents", "int_core_staff_seconds", SECONDS_PER_HOUR),
    _contacts(OUTPATIENTS, "outpatient_new", "Outpatient contacts, new"),
    _contacts(OUTPATIENTS, "outpatient_follow_up", "Outpatient contacts, follow-up"),
    _contacts(OUTPATIENTS, "outpatient_procedure", "Outpatient procedures"),
    _contacts(OUTPATIENTS, "specialist", "Specialist contacts in the INT"),
    _contacts(OUTPATIENTS, "mental_health", "Mental health contacts"),
    _contacts(PLACE, "social_care", "Social care contacts"),
    _rate(PLACE, "package_starts", "Home care packages started", "packages"),
    _contacts(PLACE, "children_social_care", "Children's social care contacts"),
    _contacts(PLACE, "housing", "Housing contacts"),
    _contacts(PLACE, "employment", "Employment contacts"),
    _contacts(PLACE, "welfare_advice", "Welfare advice contacts"),
    _contacts(PLACE, "public_health", "Public health contacts"),
    _rate(PEOPLE, "needs", "Needs that arose", "needs"),
    _rate(PEOPLE, "needs_unmet", "Needs left unmet", "needs"),
    _rate(PEOPLE, "reneged", "Contacts given up after waiting", "contacts"),
    _rate(PEOPLE, "missed", "Missed contacts", "contacts"),
    _rate(PEOPLE, "lost_handovers", "Referrals that led nowhere", "referrals"),
    Outcome(
        "changes_per_episode",
        "Changes of service in an episode",
        "service_changes",
        "changes",
        1.0,
        "episodes",
        1.0,
        "changes per episode",
        PEOPLE,
    ),
    Outcome(
        "stories_per_episode",
        "People repeating their story",
        "stories_repeated",
        "stories",
        1.0,
        "episodes",
        1.0,
        "times per episode",
        PEOPLE,
    ),
    _rate(PEOPLE, "deaths", "Deaths", "deaths"),
    Outcome(
        "deaths_in_hospital",
        "Deaths in ED or hospital",
        "hospital_deaths",
        "deaths",
        100.0,
        "deaths",
        1.0,
        "per 100 deaths",
        PEOPLE,
    ),
    _wait("gp_wait_days", "Mean wait for a GP contact", "gp_wait_seconds", "gp_contacts", SECONDS_PER_DAY, "contact"),
    _wait("ed_wait_hours", "Mean wait in ED", "ed_wait_seconds", "ed_attendances", SECONDS_PER_HOUR, "attendance"),
)

MAIN = ("ed_attendances", "emergency_admissions", "bed_days")  # broken down by deprivation everywhere
MEASURED = frozenset(("seconds", "minutes", "hours", "days", "weeks", "wait", "waits", "gbp", "share"))
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


def counts_events(column: str) -> bool:
    """Return whether a table's ``column`` counts events: as its outcome does, else unless its name has a unit in it.

    A stay of thirty days is thirty whole numbers and one event: sums of days, seconds or waits vary far more than
    counts of as many independent events.
    """
    name = column.removesuffix("_count")
    known = next((each for each in OUTCOMES if each.name == name), None)
    return known.counts_events if known else MEASURED.isdisjoint(name.split("_"))
