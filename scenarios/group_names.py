"""Names of the groups that an INT can be for, as settings use them; sim/codes.py numbers them in this order."""

from __future__ import annotations

LANGUAGES = ("english", "arabic", "french", "italian", "portuguese", "spanish", "bengali", "persian", "other")
CONDITIONS = (
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
    "learning_disability",
    "neurological_disease",
    "palliative",
)
INCLUSION = ("none", "homeless", "traveller", "asylum", "drugs_alcohol", "justice", "sex_work")
CARE_HOMES = ("none", "residential", "nursing")
ANY = ("", "any")  # every inclusion group, or every care home
GROUPS = {"language": LANGUAGES, "condition": CONDITIONS, "inclusion": INCLUSION, "care_home": CARE_HOMES}
MAY_BE_ANY = ("inclusion", "care_home")
