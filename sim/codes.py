"""Numbers that stand for words in columns and logs. Published: a number is never reused for another meaning."""

from __future__ import annotations

from scenarios.group_names import CARE_HOMES, CONDITIONS, INCLUSION, LANGUAGES
from scenarios.service_names import SERVICES as SERVICE_NAMES

# Steps a pathway can ask for.
SEEK, STAY, END = 0, 1, 2

# What has just happened to a row when the pathway is asked for the next step.
SERVED, RENEGED, MISSED, DIED, MOVED, STAYED, ARRIVED, ENDED = 0, 1, 2, 3, 4, 5, 6, 7
HOW_NAMES = ("served", "reneged", "missed", "died", "moved", "stayed", "arrived", "ended")

# Status of an open row.
FREE, SCHEDULED, WAITING, IN_SERVICE, STAYING, SUSPENDED = 0, 1, 2, 3, 4, 5

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

# Needs of residents; anonymous background patients, and visits that a lever brings, have their own kinds.
(
    MINOR_ACUTE,
    EXACERBATION,
    FRAILTY_CRISIS,
    UNAVOIDABLE,
    PLANNED_REVIEW,
    SOCIAL_NEED,  # a request for adult social care
    TEAM_REVIEW,
    OUTREACH_VISIT,
    BACKGROUND_ED,
    BACKGROUND_BED,
    CHILDHOOD_ACUTE,
    MENTAL_HEALTH_CRISIS,
    PREVENTION,  # screening, immunisation, health check
    END_OF_LIFE,
    ELECTIVE_REFERRAL,
    PRACTICAL_NEED,  # housing, debt, work, loneliness, carer strain
    CHILD_DEVELOPMENT,  # health visiting, children's social care
    CARE_HOME_ROUND,
    LINK_VISIT,
    FALLS_CLASS,
    BACKGROUND_CLINIC,
) = range(21)
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
    "childhood_acute",
    "mental_health_crisis",
    "prevention",
    "end_of_life",
    "elective_referral",
    "practical_need",
    "child_development",
    "care_home_round",
    "link_visit",
    "falls_class",
    "background_clinic",
)
HAZARD_KINDS = (  # needs that arise in residents' lives, at a hazard
    MINOR_ACUTE,
    EXACERBATION,
    FRAILTY_CRISIS,
    UNAVOIDABLE,
    PLANNED_REVIEW,
    SOCIAL_NEED,
    CHILDHOOD_ACUTE,
    MENTAL_HEALTH_CRISIS,
    PREVENTION,
    END_OF_LIFE,
    ELECTIVE_REFERRAL,
    PRACTICAL_NEED,
    CHILD_DEVELOPMENT,
)
OFFERED_KINDS = (TEAM_REVIEW, OUTREACH_VISIT, CARE_HOME_ROUND, LINK_VISIT, FALLS_CLASS)  # care that a lever brings
BACKGROUND_KINDS = (BACKGROUND_ED, BACKGROUND_BED, BACKGROUND_CLINIC)

# Kinds of service. Holds go only up the order ED cubicle, assessment unit, bed, home package.
(
    GP,
    COMMUNITY,
    INT_CORE,
    OUTREACH,
    SOCIAL_CARE,
    ED,
    BED,
    HOME_PACKAGE,
    NURSE,
    PHARMACIST,
    PHARMACY,
    VCFSE,
    LINK_WORKER,
    TAILORED,
    SPECIALIST,
    OUTPATIENT_NEW,
    OUTPATIENT_FOLLOW_UP,
    OUTPATIENT_PROCEDURE,
    MENTAL_HEALTH,
    URGENT_RESPONSE,
    AMBULANCE,
    URGENT_TREATMENT,
    ASSESSMENT,
    VIRTUAL_WARD,
    CALL_111,
    CHILDREN_SOCIAL_CARE,
    HOUSING,
    EMPLOYMENT,
    WELFARE_ADVICE,
    PUBLIC_HEALTH,
    HEALTH_VISITING,
) = range(31)
SERVICE_KINDS = len(SERVICE_NAMES)
HYPER_LOCAL, CONSISTENT, TAILORED_TIER, ALIGNED, ACUTE, PLACE = (
    "hyper_local",
    "consistent",
    "tailored",
    "aligned",
    "acute",
    "place",
)
TIER_OF_SERVICE = (
    HYPER_LOCAL,  # gp
    HYPER_LOCAL,  # community
    CONSISTENT,  # int_core
    HYPER_LOCAL,  # outreach
    PLACE,  # social_care
    ACUTE,  # ed
    ACUTE,  # bed
    HYPER_LOCAL,  # home_package: home care
    HYPER_LOCAL,  # nurse
    HYPER_LOCAL,  # pharmacist
    HYPER_LOCAL,  # pharmacy
    HYPER_LOCAL,  # vcfse
    HYPER_LOCAL,  # link_worker
    TAILORED_TIER,  # tailored
    ALIGNED,  # specialist
    ALIGNED,  # outpatient_new
    ALIGNED,  # outpatient_follow_up
    ALIGNED,  # outpatient_procedure
    ALIGNED,  # mental_health
    HYPER_LOCAL,  # urgent_response
    ACUTE,  # ambulance
    ACUTE,  # urgent_treatment
    ACUTE,  # assessment
    ACUTE,  # virtual_ward
    PLACE,  # call_111
    PLACE,  # children_social_care
    PLACE,  # housing
    PLACE,  # employment
    PLACE,  # welfare_advice
    PLACE,  # public_health
    PLACE,  # health_visiting
)
HOSPITAL_KINDS = (ED, BED, ASSESSMENT)  # one at each hospital; every other service has one at each neighbourhood
CLINIC_KINDS = (OUTPATIENT_NEW, OUTPATIENT_FOLLOW_UP, OUTPATIENT_PROCEDURE)  # the hospital's, by appointment
ACUTE_KINDS = (ED, BED, ASSESSMENT)  # whoever is here is in hospital, and cannot be anywhere else
TEAM_KINDS = (INT_CORE, OUTREACH, TAILORED, SPECIALIST, LINK_WORKER)  # serve whom the INT serves, wherever they live
PLACE_COUNT_KINDS = (ED, BED, HOME_PACKAGE, ASSESSMENT, VIRTUAL_WARD)  # capacity is places at once, not staff
# Parts of services for a far larger area, never shut: a neighbourhood's share alone would leave hours unstaffed.
SHARED_KINDS = (AMBULANCE, CALL_111, URGENT_TREATMENT, URGENT_RESPONSE)
STAFFED_KINDS = tuple(kind for kind in range(SERVICE_KINDS) if kind not in PLACE_COUNT_KINDS)

# Levers an INT design can pull. needs_allocation and workforce_wellbeing act on staff alone.
(
    CASE_FINDING,
    CARE_COORDINATION,
    OUTREACH_LEVER,
    DISCHARGE_SUPPORT,
    CONTINUITY,
    PARTICIPATION,
    COLOCATION,
    SHARED_RECORDS,
    URGENT_RESPONSE_LEVER,
    VIRTUAL_WARD_LEVER,
    CARE_HOME_SUPPORT,
    SOCIAL_PRESCRIBING,
    WELFARE_ADVICE_LEVER,
    WORKFORCE_WELLBEING,
    NEEDS_ALLOCATION,
    HOUSING_REPAIR,
    FALLS_PREVENTION,
    EXTENDED_ACCESS,
) = range(18)
LEVER_NAMES = (
    "case_finding",
    "care_coordination",
    "outreach",
    "discharge_support",
    "continuity",
    "participation",
    "colocation",
    "shared_records",
    "urgent_response",
    "virtual_ward",
    "care_home_support",
    "social_prescribing",
    "welfare_advice",
    "workforce_wellbeing",
    "needs_allocation",
    "housing_repair",
    "falls_prevention",
    "extended_access",
)
LEVERS = len(LEVER_NAMES)

# Long-term conditions: bit i of the mask is CONDITION_NAMES[i].
CONDITION_NAMES = CONDITIONS
(
    HYPERTENSION,
    DIABETES,
    COPD,
    ASTHMA,
    CORONARY_HEART_DISEASE,
    HEART_FAILURE,
    STROKE,
    CHRONIC_KIDNEY_DISEASE,
    DEPRESSION,
    SEVERE_MENTAL_ILLNESS,
    DEMENTIA,
    CANCER,
    LEARNING_DISABILITY,
    NEUROLOGICAL_DISEASE,
    PALLIATIVE,
) = range(15)

# Practical needs of a person: bit i of the mask ``social`` is SOCIAL_NAMES[i].
SOCIAL_NAMES = ("housing", "debt", "loneliness", "carer_strain", "worklessness")
POOR_HOUSING, DEBT, LONELINESS, CARER_STRAIN, WORKLESSNESS = 1, 2, 4, 8, 16
CARE_HOME_NAMES, INCLUSION_NAMES, LANGUAGE_NAMES = CARE_HOMES, INCLUSION, LANGUAGES
NO_CARE_HOME, RESIDENTIAL, NURSING = 0, 1, 2

FRAILTY_NAMES = ("fit", "mild", "moderate", "severe")
SEX_NAMES = ("female", "male")
ETHNIC_NAMES = ("asian", "black", "mixed", "white", "other")
GONE, PRESENT, DEAD, LEFT = 0, 1, 2, 3

# Seven age bands of the panel: lower limits in years.
PANEL_AGE_LOWER = (0, 5, 18, 40, 65, 75, 85)
PANEL_AGE_NAMES = ("0-4", "5-17", "18-39", "40-64", "65-74", "75-84", "85+")

NEVER = 2**62  # seconds: a time that does not come
PRIORITIES = 8  # priority classes 0 (first) to 7 (last)
