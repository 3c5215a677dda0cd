"""What the files of a place folder hold: every column, its kind, and what is allowed in it."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.service_names import SERVICES

AGE_BANDS = 20
AGE_LOWER_YEARS = (0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90)
AGE_COLUMNS = (
    "age_0",
    "age_1_4",
    *(f"age_{lower}_{lower + 4}" for lower in AGE_LOWER_YEARS[2:-1]),
    "age_90_plus",
)
ETHNIC_COLUMNS = ("ethnic_asian", "ethnic_black", "ethnic_mixed", "ethnic_white", "ethnic_other")
DEPRIVED_COLUMNS = tuple(f"households_deprived_{dimensions}" for dimensions in range(5))
SERVICE_UNITS = (
    "fte_per_10000_registered",
    "contacts_per_10000_registered_per_year",
    "places_per_10000_registered",
    "places",
)
SITE_TYPES = ("neighbourhood", "hospital")
OPEN_PATTERNS = ("weekday_8_1830", "always")
IMD_AREAS = {"2019": 32_844, "2025": 33_755}  # LSOAs of England ranked in each edition (MHCLG)
MOST_KM = 200.0
MOST_RESIDENTS = 10_000_000  # of a basis
FACTOR_LIMITS = (0.1, 10.0)  # of a place against England
BASES = ("found", "recalled", "derived", "assumption", "invented")


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is text, choice, count, number, share, decile or rank; ``options`` belong to choice."""

    name: str
    kind: str
    options: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    blank: bool = False  # an empty cell is allowed

    def allowed(self) -> str:
        """Return what the column takes, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.options)
        words = {
            "text": "some text",
            "count": "a number, 0 or more",
            "share": "a share from 0 to 1",
            "decile": "a whole number from 1 (most deprived) to 10",
            "rank": "a whole number, 1 or more (1 = most deprived)",
            "number": "a number",
        }[self.kind]
        if self.kind == "number" and self.low is not None and self.high is not None:
            words += f" from {self.low:g} to {self.high:g}"
        if self.kind == "count" and self.high is not None:
            words += f" and at most {self.high:g}"
        return words


def text(name: str, blank: bool = False) -> Column:
    """Return a text column."""
    return Column(name, "text", blank=blank)


def count(name: str, blank: bool = False, high: float | None = None) -> Column:
    """Return a column of numbers that cannot be negative."""
    return Column(name, "count", low=0.0, high=high, blank=blank)


def distance(name: str, blank: bool = False) -> Column:
    """Return a column of kilometres: no service is further away than MOST_KM (metres would be)."""
    return count(name, blank, high=MOST_KM)


def share(name: str, blank: bool = False) -> Column:
    """Return a column of shares."""
    return Column(name, "share", low=0.0, high=1.0, blank=blank)


COMMUNITIES = (
    text("code"),
    text("name"),
    text("borough"),
    text("ward"),
    text("neighbourhood"),
    text("hospital"),
    Column("imd_2019_rank", "rank", low=1),
    Column("imd_2019_decile", "decile", low=1, high=10),
    Column("imd_2025_rank", "rank", low=1),
    Column("imd_2025_decile", "decile", low=1, high=10),
    count("population"),
    *(count(name) for name in AGE_COLUMNS),
    count("households"),
    share("one_person_household_share"),
    *(count(name) for name in ETHNIC_COLUMNS),
    count("social_rented_households", blank=True),
    count("overcrowded_households", blank=True),
    Column("lat", "number", low=49, high=61),  # the United Kingdom
    Column("lon", "number", low=-9, high=2),
    distance("distance_ed_km"),
    distance("distance_gp_km"),
)
# Columns of communities.csv that may be left out, or have blank cells: England's figures are then used.
COMMUNITIES_OPTIONAL = (
    *(count(name, blank=True) for name in DEPRIVED_COLUMNS),  # households deprived in 0 to 4 dimensions of the Census
    share("disabled_share", blank=True),
    share("english_main_language_share", blank=True),
    distance("distance_pharmacy_km", blank=True),
    distance("distance_hub_km", blank=True),
)
NEIGHBOURHOODS = (text("id"), text("name"), text("borough"), text("wards"), text("note", blank=True))
HOSPITALS = (
    text("code"),
    text("name"),
    count("ed_attendances_per_year"),
    count("emergency_admissions_per_year"),
    count("beds_available"),
    count("beds_occupied"),
    share("patients_from_place_share"),
    share("delayed_share"),
    Column("basis", "choice", BASES),
    text("source"),
    text("note", blank=True),
)
# Of attendances of all types those at type 1 departments; left out or blank: England's share.
HOSPITALS_OPTIONAL = (share("type_1_share", blank=True),)
SERVICE_ROWS = (
    Column("service", "choice", SERVICES),
    Column("site_type", "choice", SITE_TYPES),
    count("amount", blank=True),
    Column("unit", "choice", SERVICE_UNITS),
    Column("open_pattern", "choice", OPEN_PATTERNS),
    text("sessions_rule", blank=True),
    Column("basis", "choice", BASES),
    text("source"),
    text("note", blank=True),
)
AGE_SEX = (text("borough"), Column("age_band", "choice", AGE_COLUMNS), share("male_share"))
FACTS = (
    text("key"),
    text("value"),
    text("unit"),
    text("source"),
    Column("basis", "choice", BASES),
    text("note", blank=True),
)
SOURCES = tuple(text(name) for name in ("file", "column", "source", "licence", "year", "basis", "derivation"))

OBSERVED = (
    text("measure"),
    text("category"),
    text("area"),
    Column("value", "number"),
    text("unit"),
    text("period"),
    Column("basis", "choice", BASES),
    text("source"),
    text("note", blank=True),
)

FILES: dict[str, tuple[Column, ...]] = {
    "place.csv": FACTS,
    "neighbourhoods.csv": NEIGHBOURHOODS,
    "hospitals.csv": HOSPITALS,
    "communities.csv": COMMUNITIES,
    "services.csv": SERVICE_ROWS,
    "age_sex.csv": AGE_SEX,
    "sources.csv": SOURCES,
    "observed.csv": OBSERVED,
}
MAY_LACK = {
    "communities.csv": COMMUNITIES_OPTIONAL,
    "hospitals.csv": HOSPITALS_OPTIONAL,
}  # file: columns that need not be there
OPTIONAL = ("observed.csv", "services.csv")  # the place's own published figures, to compare with
KEYS = {  # file: the column(s) that may not repeat
    "place.csv": ("key",),
    "neighbourhoods.csv": ("id",),
    "hospitals.csv": ("code",),
    "communities.csv": ("code",),
    "services.csv": ("service",),
    "age_sex.csv": ("borough", "age_band"),
    "sources.csv": (),
    "observed.csv": ("measure", "category", "area"),
}
FREE_FACTS = ("title", "local_factor_care_home", "imd_edition")  # of place.csv, which may be left out
REQUIRED_FACTS = (
    "name",
    "start_date",
    "basis_default",
    "local_factor_emergency",
    "local_factor_mortality",
    "local_factor_births",
)
