"""Numbers that stand for words in columns and logs. Published: a number is never reused for another meaning."""

from __future__ import annotations

# Steps a pathway can ask for.
SEEK, STAY, END = 0, 1, 2

# What has just happened to a row when the pathway is asked for the next step.
SERVED, RENEGED, MISSED, DIED, MOVED, STAYED, ARRIVED, ENDED = 0, 1, 2, 3, 4, 5, 6, 7
HOW_NAMES = ("served", "reneged", "missed", "died", "moved", "stayed", "arrived", "ended")

# Status of an open row.
FREE, SCHEDULED, WAITING, IN_SERVICE, STAYING, SUSPENDED = 0, 1, 2, 3, 4, 5
STATUS_NAMES = ("free", "scheduled", "waiting", "in_service", "staying", "suspended")

# How a contact or an episode turned out, as the pathway says.
(
    OUT_NONE,
    OUT_RESOLVED,
    OUT_UNMET,
    OUT_DIED,
    OUT_MOVED,
    OUT_ABSORBED,
    OUT_SELF_CARE,
    OUT_ADMITTED,
    OUT_DISCHARGED,
    OUT_REFERRED,
    OUT_LOST,
    OUT_ESCALATED,
    OUT_TRANSFERRED,
    OUT_FOUND,
    OUT_NOT_HOME,
) = range(15)
OUTCOME_NAMES = (
    "none",
    "resolved",
    "unmet",
    "died",
    "moved",
    "absorbed",
    "self_care",
    "admitted",
    "discharged",
    "referred",
    "lost",
    "escalated",
    "transferred",
    "found",
    "not_home",
)

# Needs of residents; anonymous background patients have their own kinds.
(
    MINOR_ACUTE,
    EXACERBATION,
    FRAILTY_CRISIS,
    UNAVOIDABLE,
    PLANNED_REVIEW,
    SOCIAL_NEED,
    TEAM_REVIEW,
    OUTREACH_VISIT,
    BACKGROUND_ED,
    BACKGROUND_BED,
) = range(10)
NEED_NAMES = (
    "minor_acute",
    "exacerbation",
    "frailty_crisis",
    "unavoidable_emergency",
    "planned_review",
    "social_need",
    "team_review",
    "outreach_visit",
    "background_ed",
    "background_bed",
)

# Kinds of service. Holds go only up the order ED cubicle, bed, home package.
GP, COMMUNITY, INT_CORE, OUTREACH, SOCIAL_CARE, ED, BED, HOME_PACKAGE = range(8)
SERVICE_NAMES = ("gp", "community", "int_core", "outreach", "social_care", "ed", "bed", "home_package")
TIER_OF_SERVICE = (
    "hyper_local",
    "hyper_local",
    "consistent",
    "hyper_local",
    "place",
    "acute",
    "acute",
    "place",
)

# Long-term conditions: bit i of the mask is CONDITION_NAMES[i].
CONDITION_NAMES = (
    "hypertension",
    "diabetes",
    "copd",
    "asthma",
    "coronary_heart_disease",
    "heart_failure",
    "stroke",
    "chronic_kidney_disease",
    "depression",
    "severe_mental_illness",
    "dementia",
    "cancer",
)

FRAILTY_NAMES = ("fit", "mild", "moderate", "severe")
SEX_NAMES = ("female", "male")
ETHNIC_NAMES = ("asian", "black", "mixed", "white", "other")
PRESENCE_NAMES = ("gone", "present", "died", "moved")
GONE, PRESENT, DEAD, LEFT = 0, 1, 2, 3

# Seven age bands of the panel: lower limits in years.
PANEL_AGE_LOWER = (0, 5, 18, 40, 65, 75, 85)
PANEL_AGE_NAMES = ("0-4", "5-17", "18-39", "40-64", "65-74", "75-84", "85+")

NEVER = 2**62  # seconds: a time that does not come
PRIORITIES = 8  # priority classes 0 (first) to 7 (last)
