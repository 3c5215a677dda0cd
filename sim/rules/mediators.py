"""What makes one person need care more often than another: factors on the hazards, in place of a deprivation term.

``PLAYING`` says which mediator plays a part in which need. Nothing that care or circumstance can move plays one in
unavoidable emergencies, the placebo: only the lasting tendency that a person is made with. Every strength is a registry
row; the residual that is left is solved (sim/rules/margins.py).
"""

from __future__ import annotations

import numpy as np

from sim.codes import (
    ASTHMA,
    CARE_COORDINATION,
    CARE_HOME_SUPPORT,
    CARER_STRAIN,
    CHILD_DEVELOPMENT,
    CHILDHOOD_ACUTE,
    COPD,
    DEBT,
    DEPRESSION,
    ELECTIVE_REFERRAL,
    END_OF_LIFE,
    EXACERBATION,
    FALLS_PREVENTION,
    FRAILTY_CRISIS,
    FRAILTY_NAMES,
    LEARNING_DISABILITY,
    LONELINESS,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    NEED_NAMES,
    NO_CARE_HOME,
    NURSING,
    PALLIATIVE,
    PLANNED_REVIEW,
    POOR_HOUSING,
    PRACTICAL_NEED,
    SEVERE_MENTAL_ILLNESS,
    SOCIAL_NEED,
    UNAVOIDABLE,
    WORKLESSNESS,
)
from sim.fields import one_of
from sim.jit import jit_entry, jit_small
from sim.rules.conditions import condition_weight, count_bits, has, known_conditions
from sim.rules.dose import dose, effect_of, standing_dose

(
    BY_CONDITIONS,
    BY_FRAILTY,
    BY_UNMET,
    BY_BENEFIT,
    BY_TRUST,
    BY_SPIKE,
    BY_LIVING_ALONE,
    BY_PRONENESS,
    BY_HOUSING,
    BY_HARDSHIP,
    BY_LONELINESS,
    BY_CARER_STRAIN,
    BY_CARE_HOME,
    BY_HOUSEHOLD,
    BY_INCLUSION,
    BY_DISABILITY,
    BY_PRACTICAL,
    BY_TIE,
    BY_FALLS_CLASS,
) = range(19)
MEDIATOR_NAMES = (
    "conditions",
    "frailty",
    "unmet",
    "treatment benefit",
    "trust",
    "spike",
    "living alone",
    "proneness",
    "housing",
    "debt and worklessness",
    "loneliness",
    "carer strain",
    "care home",
    "household deprivation",
    "inclusion group",
    "disability",
    "practical needs",
    "continuity",
    "falls class",
)
MEDIATORS = len(MEDIATOR_NAMES)
MILD = FRAILTY_NAMES.index("mild")
EXACERBATION_GAIN = one_of("exacerbation_gain_mild", "exacerbation_gain_moderate", "exacerbation_gain_severe")
CRISIS = one_of("crisis_fit", "crisis_fit", "crisis_moderate", "crisis_severe")  # the mild are at 1
DEATH_BY_FRAILTY = one_of("death_mild", "death_moderate", "death_severe")
PLAYING = {
    MINOR_ACUTE: (
        BY_CONDITIONS,
        BY_UNMET,
        BY_PRONENESS,
        BY_HARDSHIP,
        BY_LONELINESS,
        BY_CARER_STRAIN,
        BY_CARE_HOME,
        BY_HOUSEHOLD,
        BY_INCLUSION,
        BY_DISABILITY,
    ),
    EXACERBATION: (
        BY_CONDITIONS,
        BY_FRAILTY,
        BY_UNMET,
        BY_BENEFIT,
        BY_SPIKE,
        BY_PRONENESS,
        BY_HOUSING,
        BY_CARE_HOME,
        BY_INCLUSION,
        BY_TIE,
    ),
    FRAILTY_CRISIS: (
        BY_CONDITIONS,
        BY_FRAILTY,
        BY_UNMET,
        BY_SPIKE,
        BY_PRONENESS,
        BY_LIVING_ALONE,
        BY_CARER_STRAIN,
        BY_CARE_HOME,
        BY_FALLS_CLASS,
    ),
    PLANNED_REVIEW: (BY_CONDITIONS, BY_FRAILTY, BY_TRUST, BY_DISABILITY),
    SOCIAL_NEED: (BY_FRAILTY, BY_LIVING_ALONE, BY_CARE_HOME, BY_DISABILITY),
    UNAVOIDABLE: (BY_PRONENESS,),
    CHILDHOOD_ACUTE: (BY_CONDITIONS, BY_UNMET, BY_PRONENESS, BY_HOUSING, BY_HOUSEHOLD, BY_TIE),
    MENTAL_HEALTH_CRISIS: (
        BY_CONDITIONS,
        BY_UNMET,
        BY_SPIKE,
        BY_PRONENESS,
        BY_HARDSHIP,
        BY_LONELINESS,
        BY_CARER_STRAIN,
        BY_INCLUSION,
    ),
    END_OF_LIFE: (BY_CONDITIONS, BY_FRAILTY, BY_CARE_HOME),
    ELECTIVE_REFERRAL: (BY_CONDITIONS, BY_TRUST),
    PRACTICAL_NEED: (BY_PRACTICAL,),
    CHILD_DEVELOPMENT: (BY_HOUSING, BY_HOUSEHOLD, BY_DISABILITY),
}
PARTS = np.full((len(NEED_NAMES), max(len(parts) for parts in PLAYING.values()) + 1), -1, np.int64)  # ends with -1
PLAYS = np.zeros((len(NEED_NAMES), MEDIATORS), np.bool_)
for _kind, _parts in PLAYING.items():
    PARTS[_kind, : len(_parts)] = _parts
    PLAYS[_kind, list(_parts)] = True


@jit_small
def trust_of(tables, i):  # type: ignore[no-untyped-def]
    """Return trust less its midpoint, from -0.5 to 0.5 (0 when the trust switch is off)."""
    if tables.params[0]["switch_trust"] == 0.0:
        return 0.0
    return tables.people[i]["trust"] - 0.5


@jit_small
def proneness(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the person's own lasting tendency to need care, mean 1: what no other column explains."""
    person = tables.people[i]
    if need_type in (EXACERBATION, FRAILTY_CRISIS):
        return person["prone_exacerbation"]
    if need_type == UNAVOIDABLE:
        return person["prone_unavoidable"]
    if need_type == CHILDHOOD_ACUTE:
        return person["prone_childhood"]
    if need_type == MENTAL_HEALTH_CRISIS:
        return person["prone_mental"]
    return person["prone_minor"]


@jit_small
def mental_weight(tables, mask):  # type: ignore[no-untyped-def]
    """Return how often a mental health crisis arises with these conditions, severe mental illness being 1."""
    p = tables.params[0]
    total = p["mental_no_condition"]
    if has(mask, DEPRESSION):
        total = total + p["mental_weight_depression"]
    if has(mask, SEVERE_MENTAL_ILLNESS):
        total = total + 1.0
    if has(mask, LEARNING_DISABILITY):
        total = total + p["mental_weight_learning_disability"]
    return total


@jit_small
def by_conditions(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of long-term conditions; planned care follows the known ones alone."""
    p = tables.params[0]
    mask = tables.people[i]["conditions"]
    if need_type == EXACERBATION:
        return p["exacerbation_no_condition"] + condition_weight(tables, mask)
    if need_type == MENTAL_HEALTH_CRISIS:
        return mental_weight(tables, mask)
    if need_type == CHILDHOOD_ACUTE:
        return p["childhood_asthma"] if has(mask, ASTHMA) else 1.0
    if need_type == END_OF_LIFE:
        return p["end_of_life_palliative"] if has(mask, PALLIATIVE) else 1.0
    if need_type == MINOR_ACUTE:
        return 1.0 + p["minor_gain_per_condition"] * count_bits(mask)
    if need_type == FRAILTY_CRISIS:
        return 1.0 + p["crisis_gain_per_condition"] * count_bits(mask)
    known = count_bits(known_conditions(tables, i))
    if need_type == PLANNED_REVIEW:
        return 1.0 + p["review_gain_per_known"] * known
    return 1.0 + p["elective_gain_per_known"] * known


@jit_small
def by_frailty(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of the frailty category."""
    p = tables.params[0]
    category = int(tables.people[i]["frailty"])
    if need_type == EXACERBATION:
        return 1.0 if category == 0 else 1.0 + EXACERBATION_GAIN(p, category - 1)
    if need_type == FRAILTY_CRISIS:
        return 1.0 if category == MILD else CRISIS(p, category)
    if need_type == END_OF_LIFE:  # as deaths do
        return 1.0 if category == 0 else DEATH_BY_FRAILTY(p, category - 1)
    if need_type == SOCIAL_NEED:
        return 1.0 + p["social_gain_frailty"] * category
    return 1.0 + p["review_gain_frailty"] * category


@jit_small
def by_unmet(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of the stock of unmet need."""
    p = tables.params[0]
    unmet = min(tables.people[i]["unmet"], p["unmet_most"])
    if need_type == MINOR_ACUTE:
        return 1.0 + p["unmet_gain_minor"] * unmet
    if need_type == CHILDHOOD_ACUTE:
        return 1.0 + p["unmet_gain_childhood_acute"] * unmet
    if need_type == MENTAL_HEALTH_CRISIS:
        return 1.0 + p["unmet_gain_mental"] * unmet
    gain = p["unmet_gain_exacerbation"] if need_type == EXACERBATION else p["unmet_gain_crisis"]
    return 1.0 + gain * unmet


@jit_small
def by_benefit(tables, i):  # type: ignore[no-untyped-def]
    """Return the factor of lagged treatment on exacerbations of conditions that have been known for a while."""
    person = tables.people[i]
    return 1.0 - tables.params[0]["benefit_effect"] * person["benefit"] * person["covered"]


@jit_small
def by_housing(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of poor housing; on exacerbations it works through the lungs alone."""
    p = tables.params[0]
    person = tables.people[i]
    if int(person["social"]) & POOR_HOUSING == 0:
        return 1.0
    if need_type == CHILDHOOD_ACUTE:
        return p["housing_childhood"]
    if need_type == CHILD_DEVELOPMENT:
        return p["housing_child_development"]
    mask = person["conditions"]
    lungs = p["exacerbation_weight_copd"] if has(mask, COPD) else 0.0
    if has(mask, ASTHMA):
        lungs = lungs + p["exacerbation_weight_asthma"]
    return 1.0 + (p["housing_respiratory"] - 1.0) * lungs / (
        p["exacerbation_no_condition"] + condition_weight(tables, mask)
    )


@jit_small
def by_circumstances(tables, i, need_type, which):  # type: ignore[no-untyped-def]
    """Return the factor of debt and worklessness, loneliness, the strain of caring, or practical needs together."""
    p = tables.params[0]
    person = tables.people[i]
    social = int(person["social"])
    minor = need_type == MINOR_ACUTE
    if which == BY_HARDSHIP:
        gain = p["hardship_gain_minor"] if minor else p["hardship_gain_mental"]
        return 1.0 + gain * count_bits(social & (DEBT | WORKLESSNESS))
    if which == BY_LONELINESS:
        if social & LONELINESS == 0:
            return 1.0
        return p["lonely_minor"] if minor else p["lonely_mental"]
    if which == BY_CARER_STRAIN:
        if social & CARER_STRAIN == 0:
            return 1.0
        if need_type == FRAILTY_CRISIS:  # care at home that is near its end
            return p["carer_strain_crisis"] if person["cared_for"] == 1 else 1.0
        return p["carer_strain_minor"] if minor else p["carer_strain_mental"]
    return p["practical_none"] + count_bits(social)


@jit_small
def by_care_home(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of living in a care home."""
    p = tables.params[0]
    home = int(tables.people[i]["care_home"])
    if home == NO_CARE_HOME:
        return 1.0
    if need_type == SOCIAL_NEED:
        return p["care_home_social"]
    if need_type == MINOR_ACUTE:
        return p["care_home_minor"]
    if need_type == END_OF_LIFE:
        return p["care_home_end_of_life"]
    return p["care_home_emergency_nursing"] if home == NURSING else p["care_home_emergency_residential"]


@jit_small
def by_household(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of the household's dimensions of deprivation (Census, 0 to 4)."""
    p = tables.params[0]
    gain = p["household_gain_minor"]
    if need_type == CHILDHOOD_ACUTE:
        gain = p["household_gain_childhood"]
    elif need_type == CHILD_DEVELOPMENT:
        gain = p["household_gain_child_development"]
    return 1.0 + gain * tables.people[i]["household_deprivation"]


@jit_small
def by_inclusion(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of belonging to an inclusion health group."""
    p = tables.params[0]
    if tables.people[i]["inclusion"] == 0:
        return 1.0
    if need_type == EXACERBATION:
        return p["inclusion_exacerbation"]
    return p["inclusion_minor"] if need_type == MINOR_ACUTE else p["inclusion_mental"]


@jit_small
def by_disability(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the factor of disability: 1 limited a little, 2 limited a lot."""
    p = tables.params[0]
    gain = p["disability_gain_minor"]
    if need_type == PLANNED_REVIEW:
        gain = p["disability_gain_review"]
    elif need_type == SOCIAL_NEED:
        gain = p["disability_gain_social"]
    elif need_type == CHILD_DEVELOPMENT:
        gain = p["disability_gain_child_development"]
    return 1.0 + gain * tables.people[i]["disability"]


@jit_small
def by_falls_class(tables, i):  # type: ignore[no-untyped-def]
    """Return the factor of fewer (or more) falls on crises, of which a share are falls.

    By a class while it lasts; by what a plan does about falls, on a team's caseload or in a supported care home.
    """
    p = tables.params[0]
    person = tables.people[i]
    ratio = 1.0
    if person["falls_months"] > 0:
        ratio = dose(effect_of(tables, i, FALLS_PREVENTION), p["falls_class_rr"])
    if person["plan"] == 1:
        if person["care_home"] != NO_CARE_HOME:
            ratio = ratio * dose(standing_dose(tables, i, CARE_HOME_SUPPORT), p["home_plan_falls_rr"])
        elif person["enrolled"] == 1:
            ratio = ratio * dose(effect_of(tables, i, CARE_COORDINATION), p["coordination_falls_rr"])
    return 1.0 + p["crisis_falls_share"] * (ratio - 1.0)


@jit_small
def by_relations(tables, i, need_type, which):  # type: ignore[no-untyped-def]
    """Return the factor of trust, of a tie with one clinician, or of living alone."""
    p = tables.params[0]
    if which == BY_TRUST:
        gain = p["review_gain_trust"] if need_type == PLANNED_REVIEW else p["elective_gain_trust"]
        return 1.0 + gain * trust_of(tables, i)
    if which == BY_TIE:
        gain = p["childhood_gain_tie"] if need_type == CHILDHOOD_ACUTE else p["exacerbation_gain_tie"]
        return 1.0 + gain * (tables.people[i]["tie"] - 0.5)
    if tables.people[i]["lives_alone"] != 1:
        return 1.0
    return p["crisis_living_alone"] if need_type == FRAILTY_CRISIS else p["social_living_alone"]


@jit_small
def played(tables, i, need_type, which):  # type: ignore[no-untyped-def]
    """Return the factor of mediator ``which`` on a need in which it plays a part."""
    if which == BY_CONDITIONS:
        return by_conditions(tables, i, need_type)
    if which == BY_FRAILTY:
        return by_frailty(tables, i, need_type)
    if which == BY_UNMET:
        return by_unmet(tables, i, need_type)
    if which == BY_BENEFIT:
        return by_benefit(tables, i)
    if which == BY_SPIKE:
        return tables.params[0]["spike_multiplier"] if tables.people[i]["spike_months"] > 0 else 1.0
    if which == BY_PRONENESS:
        return proneness(tables, i, need_type)
    if which == BY_HOUSING:
        return by_housing(tables, i, need_type)
    if which == BY_CARE_HOME:
        return by_care_home(tables, i, need_type)
    if which == BY_HOUSEHOLD:
        return by_household(tables, i, need_type)
    if which == BY_INCLUSION:
        return by_inclusion(tables, i, need_type)
    if which == BY_DISABILITY:
        return by_disability(tables, i, need_type)
    if which == BY_FALLS_CLASS:
        return by_falls_class(tables, i)
    if which in (BY_TRUST, BY_TIE, BY_LIVING_ALONE):
        return by_relations(tables, i, need_type, which)
    return by_circumstances(tables, i, need_type, which)


@jit_entry
def mediator(tables, i, need_type, which):  # type: ignore[no-untyped-def]
    """Return the factor of mediator ``which`` on person ``i``'s hazard of ``need_type`` (1 where it plays no part)."""
    return played(tables, i, need_type, which) if PLAYS[need_type, which] else 1.0


@jit_entry
def multiplier(tables, i, need_type):  # type: ignore[no-untyped-def]
    """Return the product of all mediators of person ``i`` for ``need_type``."""
    product = 1.0
    at = 0
    which = PARTS[need_type, 0]
    while which >= 0:
        product = product * played(tables, i, need_type, which)
        at += 1
        which = PARTS[need_type, at]
    return product if product > 0.0 else 0.0  # a draw of effects far below nothing cannot make a hazard negative
