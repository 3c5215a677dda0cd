"""Practical needs that come and go: housing, debt, loneliness, carer strain, worklessness; and the hardship they leave.

Onset is set so that what comes balances what goes: prevalence p of a quintile stays where
onset = resolution x p / (1 - p). Contacts with link workers and advisers help needs to end sooner.
"""

from __future__ import annotations

from sim.codes import (
    CARER_STRAIN,
    DEBT,
    HOUSING_REPAIR,
    LONELINESS,
    NO_CARE_HOME,
    POOR_HOUSING,
    SOCIAL_NAMES,
    SOCIAL_PRESCRIBING,
    WELFARE_ADVICE_LEVER,
)
from sim.fields import one_of
from sim.jit import jit_borrowing, jit_small
from sim.rules.dose import effect_of
from sim.rules.needs import count_bits
from sim.rules.tables import SOCIAL_AGE_FROM, SOCIAL_AGE_TO, age_years

SOCIAL_NEEDS = len(SOCIAL_NAMES)
HARDSHIP_NEEDS = POOR_HOUSING | DEBT | LONELINESS  # what hardship counts: needs with a known tie to health
SOCIAL_PREVALENCE_HOUSING_QUINTILE = one_of(
    "social_prevalence_housing_quintile_1",
    "social_prevalence_housing_quintile_2",
    "social_prevalence_housing_quintile_3",
    "social_prevalence_housing_quintile_4",
    "social_prevalence_housing_quintile_5",
)
SOCIAL_PREVALENCE_DEBT_QUINTILE = one_of(
    "social_prevalence_debt_quintile_1",
    "social_prevalence_debt_quintile_2",
    "social_prevalence_debt_quintile_3",
    "social_prevalence_debt_quintile_4",
    "social_prevalence_debt_quintile_5",
)
SOCIAL_PREVALENCE_LONELINESS_QUINTILE = one_of(
    "social_prevalence_loneliness_quintile_1",
    "social_prevalence_loneliness_quintile_2",
    "social_prevalence_loneliness_quintile_3",
    "social_prevalence_loneliness_quintile_4",
    "social_prevalence_loneliness_quintile_5",
)
SOCIAL_PREVALENCE_CARER_STRAIN_QUINTILE = one_of(
    "social_prevalence_carer_strain_quintile_1",
    "social_prevalence_carer_strain_quintile_2",
    "social_prevalence_carer_strain_quintile_3",
    "social_prevalence_carer_strain_quintile_4",
    "social_prevalence_carer_strain_quintile_5",
)
SOCIAL_PREVALENCE_WORKLESSNESS_QUINTILE = one_of(
    "social_prevalence_worklessness_quintile_1",
    "social_prevalence_worklessness_quintile_2",
    "social_prevalence_worklessness_quintile_3",
    "social_prevalence_worklessness_quintile_4",
    "social_prevalence_worklessness_quintile_5",
)
SOCIAL_RESOLVED_PER_MONTH = one_of(
    "social_housing_resolved_per_month",
    "social_debt_resolved_per_month",
    "social_loneliness_resolved_per_month",
    "social_carer_strain_resolved_per_month",
    "social_worklessness_resolved_per_month",
)


@jit_borrowing
def need_prevalence(p, need, quintile):  # type: ignore[no-untyped-def]
    """Return the share with a practical need (a mask of one bit) in national quintile 0 to 4 under usual care."""
    if need == POOR_HOUSING:
        return SOCIAL_PREVALENCE_HOUSING_QUINTILE(p, quintile)
    if need == DEBT:
        return SOCIAL_PREVALENCE_DEBT_QUINTILE(p, quintile)
    if need == LONELINESS:
        return SOCIAL_PREVALENCE_LONELINESS_QUINTILE(p, quintile)
    if need == CARER_STRAIN:
        return SOCIAL_PREVALENCE_CARER_STRAIN_QUINTILE(p, quintile)
    return SOCIAL_PREVALENCE_WORKLESSNESS_QUINTILE(p, quintile)


@jit_small
def resolution(p, bit):  # type: ignore[no-untyped-def]
    """Return the chance per month that practical need number ``bit`` ends by itself."""
    return SOCIAL_RESOLVED_PER_MONTH(p, bit)


@jit_small
def onset_chance(p, bit, quintile):  # type: ignore[no-untyped-def]
    """Return the chance per month that a person without practical need number ``bit`` comes to have it."""
    share = need_prevalence(p, 1 << bit, quintile)
    if share >= 1.0:
        return 1.0
    return min(resolution(p, bit) * share / (1.0 - share), 1.0)


@jit_small
def is_recent(taken, month, months):  # type: ignore[no-untyped-def]
    """Return whether an offer that was taken up at ``taken`` (month + 1; 0 never) is still at work."""
    return taken > 0 and month + 1 - taken <= months


@jit_borrowing
def lever_help(tables, i, need, month):  # type: ignore[no-untyped-def]
    """Return what levers whose offer person ``i`` took up of late add to the chance that a contact ends ``need``.

    Whoever declined is helped no more than others, whatever contacts follow. It may be below 0: the evidence does not
    rule out harm.
    """
    p = tables.params[0]
    person = tables.people[i]
    lasting = p["help_months"]
    if need == POOR_HOUSING and is_recent(person["repair_taken"], month, lasting):
        return effect_of(tables, i, HOUSING_REPAIR) * p["housing_repair_share"]
    if need == DEBT and is_recent(person["advice_taken"], month, lasting):
        return effect_of(tables, i, WELFARE_ADVICE_LEVER) * p["welfare_advice_debt_share"]
    if need == LONELINESS and is_recent(person["link_taken"], month, lasting):
        return effect_of(tables, i, SOCIAL_PRESCRIBING) * p["social_prescribing_loneliness_share"]
    return 0.0


@jit_small
def contacts_needed(tables, i, need, month):  # type: ignore[no-untyped-def]
    """Return how many contacts it takes before ``need`` may end by them: works on a house are one job."""
    if need == POOR_HOUSING and lever_help(tables, i, need, month) != 0.0:
        return 1.0
    return tables.params[0]["link_contacts_needed"]


@jit_small
def end_chance(tables, i, bit, month):  # type: ignore[no-untyped-def]
    """Return the chance that practical need ``bit`` of person ``i`` ends this month, by itself or by contacts made."""
    p = tables.params[0]
    alone = resolution(p, bit)
    if contacts_so_far(tables, i) < contacts_needed(tables, i, 1 << bit, month):
        return alone
    helped = p["link_base_share"] + lever_help(tables, i, 1 << bit, month)
    helped = min(max(helped, 0.0), 1.0)
    return 1.0 - (1.0 - alone) * (1.0 - helped)


@jit_small
def contacts_so_far(tables, i):  # type: ignore[no-untyped-def]
    """Return the contacts person ``i`` has had with today's practical needs."""
    return int(tables.people[i]["link_contacts"])


@jit_borrowing
def may_have(person, bit, age):  # type: ignore[no-untyped-def]
    """Return whether a person of ``age`` (years) can have practical need number ``bit``: also by caring and home.

    People in care homes can be lonely and nothing else.
    """
    need = 1 << bit
    if person["care_home"] != NO_CARE_HOME and need != LONELINESS:
        return False
    if need == CARER_STRAIN and person["carer"] != 1:
        return False
    return SOCIAL_AGE_FROM[bit] <= age < SOCIAL_AGE_TO[bit]


@jit_small
def can_have(person, age):  # type: ignore[no-untyped-def]
    """Return the mask of practical needs that a person of ``age`` (years) can have."""
    mask = 0
    for bit in range(SOCIAL_NEEDS):
        mask |= int(may_have(person, bit, age)) << bit
    return mask


@jit_small
def any_changes(held, chances, resolutions, draws):  # type: ignore[no-untyped-def]
    """Return whether a practical need would come or end by itself, to somebody who can have them all."""
    changes = 0
    for bit in range(SOCIAL_NEEDS):
        changes |= draws[bit] < (resolutions[bit] if (held >> bit) & 1 == 1 else chances[bit])
    return changes != 0


@jit_small
def step_practical(tables, i, month, age, chances, resolutions, draws):  # type: ignore[no-untyped-def]
    """End and start practical needs of person ``i``; contacts that were given their chance are used up.

    chances: of coming, float64[quintile, practical need]; resolutions: of ending by themselves, draws: both
    float64[practical need].
    """
    people = tables.people
    quintile = int(tables.communities[people[i]["community"]]["national_quintile"]) - 1
    held = int(people[i]["social"])
    untouched = contacts_so_far(tables, i) < min(1.0, tables.params[0]["link_contacts_needed"])
    if untouched and not any_changes(held, chances[quintile], resolutions, draws):  # most people, most months
        people[i]["social"] = held & can_have(people[i], age)
        if people[i]["social"] == 0:
            people[i]["link_contacts"] = 0
        return
    after = held
    tried = False
    for bit in range(SOCIAL_NEEDS):
        need = 1 << bit
        if not may_have(people[i], bit, age):
            after &= ~need
            continue
        if held & need:
            tried |= contacts_so_far(tables, i) >= contacts_needed(tables, i, need, month)
            if draws[bit] < end_chance(tables, i, bit, month):
                after &= ~need
        elif draws[bit] < chances[quintile, bit]:
            after |= need
    people[i]["social"] = after
    if tried or after == 0:
        people[i]["link_contacts"] = 0


@jit_small
def usual_hardship(tables, i, now):  # type: ignore[no-untyped-def]
    """Return the mean number of needs that hardship counts among people like ``i``: quintile, age and home."""
    p = tables.params[0]
    person = tables.people[i]
    quintile = int(tables.communities[person["community"]]["national_quintile"]) - 1
    age = age_years(person["birth_day"], now)
    total = 0.0
    for bit in range(SOCIAL_NEEDS):
        if (HARDSHIP_NEEDS >> bit) & 1 and may_have(person, bit, age):
            total += need_prevalence(p, 1 << bit, quintile)
    return total


@jit_small
def step_hardship(tables, i):  # type: ignore[no-untyped-def]
    """Let hardship follow the practical needs held, with a lag of months: health answers slowly to a warm home.

    Stored as 1 + the lagged number of needs, so that 0 tells someone who has just come: they start as they are.
    """
    people = tables.people
    now = 1.0 + count_bits(int(people[i]["social"]) & HARDSHIP_NEEDS)
    before = people[i]["hardship"]
    if before <= 0.0:
        people[i]["hardship"] = now
    else:
        people[i]["hardship"] = before + (now - before) / tables.params[0]["hardship_lag_months"]
