"""Moving into a care home and out of it: by age, frailty, dementia, living alone, stays in hospital and a plan.

The rate of moving in follows from the shares who live there: by age group, people in homes are replaced as fast as
they die, leave or grow older (`care_home_turnover_per_year_*`), so that the number in homes stays as synthesised.
"""

from __future__ import annotations

from sim.codes import CARE_COORDINATION, DEMENTIA, NO_CARE_HOME, NURSING, RESIDENTIAL
from sim.fields import one_of
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.dose import dose, effect_of
from sim.rules.keys import uniform
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import adult_group, age_years

RATIO_BY_FRAILTY = one_of("care_home_ratio_mild", "care_home_ratio_moderate", "care_home_ratio_severe")
# By age group of adults: those under 65 are two groups with one figure.
SHARE = one_of(
    "care_home_share_under_65",
    "care_home_share_under_65",
    "care_home_share_65_74",
    "care_home_share_75_84",
    "care_home_share_85_plus",
)
TURNOVER_PER_YEAR = one_of(
    "care_home_turnover_per_year_under_65",
    "care_home_turnover_per_year_under_65",
    "care_home_turnover_per_year_65_74",
    "care_home_turnover_per_year_75_84",
    "care_home_turnover_per_year_85_plus",
)
USUAL_STAYS = one_of(
    "care_home_stays_under_65",
    "care_home_stays_under_65",
    "care_home_stays_65_74",
    "care_home_stays_75_84",
    "care_home_stays_85_plus",
)
MEAN_RATIO = one_of(
    "care_home_mean_ratio_under_65",
    "care_home_mean_ratio_under_65",
    "care_home_mean_ratio_65_74",
    "care_home_mean_ratio_75_84",
    "care_home_mean_ratio_85_plus",
)


@jit_small
def entry_weight(tables, i):  # type: ignore[no-untyped-def]
    """Return how much more often than a fit person, living with others and without dementia, one moves in."""
    p = tables.params[0]
    person = tables.people[i]
    weight = 1.0 if person["frailty"] == 0 else RATIO_BY_FRAILTY(p, int(person["frailty"]) - 1)
    if (int(person["conditions"]) >> DEMENTIA) & 1:
        weight = weight * p["care_home_entry_dementia"]
    if person["lives_alone"] == 1:
        weight = weight * p["care_home_entry_living_alone"]
    if person["enrolled"] == 1 and person["plan"] == 1:
        weight = weight * dose(effect_of(tables, i, CARE_COORDINATION), p["coordination_home_entry_rr"])
    return weight


@jit_small
def after_stays(tables, i, group):  # type: ignore[no-untyped-def]
    """Return how much likelier person ``i`` is to move in for their stays in hospital of late than is usual.

    Weeks in bed cost strength and confidence, and placements are decided there. ``group``: of age; what is usual is
    the mean over those who move in, so that the number in homes stays as it was.
    """
    p = tables.params[0]
    usual = 0.0 if group == 0 else USUAL_STAYS(p, group - 1)
    gain = p["care_home_entry_per_stay"]
    return (1.0 + gain * tables.people[i]["recent_admissions"]) / (1.0 + gain * usual)


@jit_small
def entry_base(p, group):  # type: ignore[no-untyped-def]
    """Return the monthly rate of moving in of an age group, before what people are like (0 for children)."""
    if group == 0:
        return 0.0
    share = SHARE(p, group - 1) * p["local_factor_care_home"]
    turnover = TURNOVER_PER_YEAR(p, group - 1)
    if share <= 0.0 or share >= 1.0:
        return 0.0
    return turnover / MONTHS_PER_YEAR * share / (1.0 - share)


@jit_small
def own_entry_chance(tables, i, group, base):  # type: ignore[no-untyped-def]
    """Return the chance that person ``i`` of an age group moves in this month; base: that group's ``entry_base``."""
    if base <= 0.0:
        return 0.0
    p = tables.params[0]
    mean = 1.0 if group == 0 else MEAN_RATIO(p, group - 1)
    own = entry_weight(tables, i) * after_stays(tables, i, group)
    return base * own / mean


@jit_small
def entry_chance(tables, i, now):  # type: ignore[no-untyped-def]
    """Return the chance that person ``i``, now at home, moves into a care home this month (0 for children)."""
    group = adult_group(age_years(tables.people[i]["birth_day"], now))
    return own_entry_chance(tables, i, group, entry_base(tables.params[0], group))


@jit_small
def step_care_home(tables, i, month, age, entries, entry):  # type: ignore[no-untyped-def]
    """Go home from a care home, or move into one (nursing or residential) by the draw ``entry``.

    entries: ``entry_base`` of each age group.
    """
    p = tables.params[0]
    people = tables.people
    seed = tables.seed[0]
    key = people[i]["key"]
    if people[i]["care_home"] != NO_CARE_HOME:
        if uniform(seed, key, purposes.CARE_HOME_EXIT, month) < p["care_home_exit_per_month"]:
            people[i]["care_home"] = NO_CARE_HOME
        return
    group = adult_group(age)
    if entry >= own_entry_chance(tables, i, group, entries[group]):
        return
    nursing = uniform(seed, key, purposes.CARE_HOME_KIND, month) < p["care_home_nursing_share"]
    people[i]["care_home"] = NURSING if nursing else RESIDENTIAL
    people[i]["registered"] = 1  # homes register their residents
    people[i]["lives_alone"] = 0
    people[i]["carer"] = 0
