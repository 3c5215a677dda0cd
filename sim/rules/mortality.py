"""Deaths and moves out of the place.

A death is treatable, preventable or other, in shares by age. Levers reach the first two alone, and by named, lagged
paths: treatable deaths by the treatment people have had of what is known (path A), or by unmet need and crises (path B,
a structural alternative); preventable deaths by hardship. Each is measured against what is usual at the person's age or
place, so that under usual care the life table holds.

Death: the summed monthly hazard passes -ln U of a fixed key; the second within the month follows from how far.
"""

from __future__ import annotations

import numpy as np

from sim.codes import DIED, MOVED, NO_CARE_HOME, PRESENT
from sim.engines.records import EXIT
from sim.fields import one_of
from sim.jit import jit_entry, jit_small
from sim.rules import purposes
from sim.rules.counts import passes
from sim.rules.dying import foreseen
from sim.rules.keys import uniform
from sim.rules.maths import log
from sim.rules.mediators import DEATH_BY_FRAILTY
from sim.rules.social import usual_hardship
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import MONTH_LENGTH, MOVE_AGES, SINGLE_AGES, TREND_DEATHS, ResidentTables, adult_group, age_years

DEATH_CLASS_NAMES = ("treatable", "preventable", "other")
TREATABLE, PREVENTABLE, OTHER = range(len(DEATH_CLASS_NAMES))

DEATH_TENTH = one_of("death_tenth_1", "death_tenth_2", "death_tenth_3", "death_tenth_4", "death_tenth_5")
MOVES_OUT_PER_YEAR = one_of(
    "moves_out_per_year_0_15",
    "moves_out_per_year_16_24",
    "moves_out_per_year_25_34",
    "moves_out_per_year_35_49",
    "moves_out_per_year_50_64",
    "moves_out_per_year_65_plus",
)
DEATH_TREATABLE_SHARE = one_of(
    "death_treatable_share_under_18",
    "death_treatable_share_18_39",
    "death_treatable_share_40_64",
    "death_treatable_share_65_74",
    "death_treatable_share_75_84",
    "death_treatable_share_85_plus",
)
DEATH_PREVENTABLE_SHARE = one_of(
    "death_preventable_share_under_18",
    "death_preventable_share_18_39",
    "death_preventable_share_40_64",
    "death_preventable_share_65_74",
    "death_preventable_share_75_84",
    "death_preventable_share_85_plus",
)
TREATED_START_NAMES = (
    "treated_start_under_18",
    "treated_start_18_39",
    "treated_start_40_64",
    "treated_start_65_74",
    "treated_start_75_84",
    "treated_start_85_plus",
)
TREATED_START = one_of(*TREATED_START_NAMES)
BENEFIT_MEAN_NAMES = (
    "benefit_mean_ratio_under_18",
    "benefit_mean_ratio_18_39",
    "benefit_mean_ratio_40_64",
    "benefit_mean_ratio_65_74",
    "benefit_mean_ratio_75_84",
    "benefit_mean_ratio_85_plus",
)
BENEFIT_MEAN_RATIO = one_of(*BENEFIT_MEAN_NAMES)
UNMET_MEAN = one_of(
    "unmet_mean_under_18",
    "unmet_mean_18_39",
    "unmet_mean_40_64",
    "unmet_mean_65_74",
    "unmet_mean_75_84",
    "unmet_mean_85_plus",
)
ADMISSIONS_MEAN = one_of(
    "admissions_mean_under_18",
    "admissions_mean_18_39",
    "admissions_mean_40_64",
    "admissions_mean_65_74",
    "admissions_mean_75_84",
    "admissions_mean_85_plus",
)


@jit_small
def frailty_mortality(p, frailty):  # type: ignore[no-untyped-def]
    """Return the mortality ratio of a frailty category against fit."""
    return 1.0 if frailty == 0 else DEATH_BY_FRAILTY(p, int(frailty) - 1)


@jit_entry
def state_mortality(p, frailty, care_home):  # type: ignore[no-untyped-def]
    """Return the mortality ratio of a person's frailty and home against a fit person outside care homes.

    sim/rules/margins.py divides the life table by its mean, so that the table holds whoever lives where.
    """
    ratio = frailty_mortality(p, frailty)
    return ratio * p["death_care_home"] if care_home != NO_CARE_HOME else ratio


@jit_small
def class_shares(p, group):  # type: ignore[no-untyped-def]
    """Return the shares of deaths that are treatable and preventable in age group 0 to 5 (tables.adult_group)."""
    treatable = DEATH_TREATABLE_SHARE(p, group)
    preventable = DEATH_PREVENTABLE_SHARE(p, group)
    return treatable, min(preventable, 1.0 - treatable)


@jit_small
def benefit_had(person):  # type: ignore[no-untyped-def]
    """Return the lagged treatment benefit of what is known of a person; whoever has no condition has all of it.

    A condition that nobody has found is not treated.
    """
    return person["benefit"] if person["conditions"] == 0 else person["benefit"] * person["covered"]


@jit_small
def usual_benefit(p, group):  # type: ignore[no-untyped-def]
    """Return the mean of ``benefit_had`` of all residents of an age group under usual care."""
    start = TREATED_START(p, group)
    ratio = BENEFIT_MEAN_RATIO(p, group)
    return start * ratio


@jit_small
def usual_unmet(p, group):  # type: ignore[no-untyped-def]
    """Return the mean stock of unmet need of residents of an age group under usual care."""
    return UNMET_MEAN(p, group)


@jit_small
def usual_crises(p, group):  # type: ignore[no-untyped-def]
    """Return the mean weighted past admissions a month of residents of an age group under usual care."""
    return ADMISSIONS_MEAN(p, group)


@jit_small
def treatable_factor(tables, i, group):  # type: ignore[no-untyped-def]
    """Return the ratio of person ``i``'s treatable mortality to what is usual at their age, by the path chosen."""
    p = tables.params[0]
    person = tables.people[i]
    if p["mortality_path"] == 0.0:
        factor = 1.0 - p["death_benefit_effect"] * (benefit_had(person) - usual_benefit(p, group))
    else:
        unmet = min(person["unmet"], p["unmet_most"]) - usual_unmet(p, group)
        crises = person["recent_admissions"] - usual_crises(p, group)
        factor = 1.0 + p["death_unmet_effect"] * unmet + p["death_crisis_effect"] * crises
    return factor if factor > 0.0 else 0.0


@jit_small
def preventable_factor(tables, i, now):  # type: ignore[no-untyped-def]
    """Return the ratio of person ``i``'s preventable mortality to what is usual in their quintile, by hardship."""
    hardship = tables.people[i]["hardship"]
    if hardship <= 0.0:
        return 1.0  # just arrived: nothing folded yet
    factor = 1.0 + tables.params[0]["death_hardship_effect"] * (hardship - 1.0 - usual_hardship(tables, i, now))
    return factor if factor > 0.0 else 0.0


@jit_small
def death_parts(tables, i, now):  # type: ignore[no-untyped-def]
    """Return person ``i``'s (treatable, preventable, other) mortality against the whole that is usual at their age."""
    p = tables.params[0]
    group = adult_group(age_years(tables.people[i]["birth_day"], now))
    treatable, preventable = class_shares(p, group)
    other = 1.0 - treatable - preventable
    return treatable * treatable_factor(tables, i, group), preventable * preventable_factor(tables, i, now), other


@jit_small
def tenth_ratio(p, quintile, decile):  # type: ignore[no-untyped-def]
    """Return the mortality of a national tenth against its fifth (0 to 4): the life table knows fifths alone.

    As much more in the more deprived tenth of the two as it is less in the other; 1 where the tenth is not told (0).
    """
    if decile < 1:
        return 1.0
    more = DEATH_TENTH(p, quintile)
    return 1.0 + more if decile % 2 == 1 else 1.0 - more


@jit_entry
def death_hazard(tables, i, now):  # type: ignore[no-untyped-def]
    """Return person ``i``'s hazard of death this month.

    Life table x tenth within the fifth x frailty and care home (normalised) x classes of death x the month's trend and
    length x local factor.
    """
    p = tables.params[0]
    person = tables.people[i]
    age = int(age_years(person["birth_day"], now))
    age = age if age < SINGLE_AGES - 1 else SINGLE_AGES - 1
    community = tables.communities[person["community"]]
    quintile = int(community["national_quintile"]) - 1
    base = tables.deaths[age, int(person["sex"]), quintile] * tenth_ratio(p, quintile, int(community["imd_decile"]))
    treatable, preventable, other = death_parts(tables, i, now)
    ratio = state_mortality(p, person["frailty"], person["care_home"]) * (treatable + preventable + other)
    return base * ratio * tables.trend[TREND_DEATHS] * tables.trend[MONTH_LENGTH] * p["local_factor_mortality"]


@jit_entry
def death_class(tables, i, now):  # type: ignore[no-untyped-def]
    """Return of what class person ``i``'s death at second ``now`` is: TREATABLE, PREVENTABLE or OTHER.

    Drawn by the person's key in proportion to the parts of their hazard. For outcomes to ask of those who died; the
    answer for anyone else is what it would be.
    """
    treatable, preventable, other = death_parts(tables, i, now)
    u = uniform(tables.seed[0], tables.people[i]["key"], purposes.DEATH_CLASS, 0) * (treatable + preventable + other)
    if u < treatable:
        return TREATABLE
    return PREVENTABLE if u < treatable + preventable else OTHER


@jit_entry
def class_deaths(tables, exits, found):  # type: ignore[no-untyped-def]
    """Write the class of each death among ``exits`` into ``found``; return how many deaths there are."""
    deaths = 0
    for x in range(len(exits)):
        if exits[x]["how"] == DIED:
            found[x] = death_class(tables, exits[x]["person"], exits[x]["time"])
            deaths += 1
    return deaths


@jit_small
def move_chance(tables, i, now):  # type: ignore[no-untyped-def]
    """Return the probability of moving out of the place this month, by age."""
    age = age_years(tables.people[i]["birth_day"], now)
    band = 0
    while band < len(MOVE_AGES) and age >= MOVE_AGES[band]:
        band += 1
    return MOVES_OUT_PER_YEAR(tables.params[0], band) / MONTHS_PER_YEAR


@jit_entry
def find_exits(tables, month, start_s, end_s, exits):  # type: ignore[no-untyped-def]
    """Add this month's hazard to every present person's sum and write who leaves; returns how many.

    When somebody will die of whom that is foreseen is written into the column death_s, where that is part of the model.
    """
    foresees = tables.params[0]["switch_dying"] != 0.0
    p = tables.params[0]
    people = tables.people
    seed = tables.seed[0]
    at = 0
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT:
            continue
        key = people[i]["key"]
        died = end_s
        hazard = death_hazard(tables, i, start_s)
        before = people[i]["death_sum"]
        people[i]["death_sum"] = before + hazard
        u = uniform(seed, key, purposes.DEATH, 0)
        if hazard > 0.0 and passes(before + hazard, u):
            share = (-log(u) - before) / hazard
            share = share if share > 0.0 else 0.0
            died = start_s + int(share * (end_s - start_s))
        if foresees:
            mean_hazard = hazard / tables.trend[MONTH_LENGTH]
            people[i]["death_s"] = died if died < end_s else foreseen(p, mean_hazard, before + hazard, u, end_s)
        moved = end_s
        if uniform(seed, key, purposes.MOVE, month) < move_chance(tables, i, start_s):
            moved = start_s + int(uniform(seed, key, purposes.MOVE_TIME, month) * (end_s - start_s))
        first = died if died <= moved else moved
        if first >= end_s:
            continue
        exits[at]["time"] = first
        exits[at]["person"] = i
        exits[at]["how"] = DIED if died <= moved else MOVED
        at += 1
    return at


def month_exits(tables: ResidentTables, month: int, start_s: int, end_s: int) -> np.ndarray:
    """Return EXIT[] of deaths (codes.DIED) and moves (codes.MOVED) in [start_s, end_s), one per person at most."""
    exits = np.zeros(len(tables.people), EXIT)
    return exits[: find_exits(tables, month, start_s, end_s, exits)].copy()
