"""What may follow a discharge: the chance of going back to hospital, and of needing a home package first."""

from __future__ import annotations

from sim.codes import NO_CARE_HOME, UNAVOIDABLE, VIRTUAL_WARD_LEVER
from sim.fields import one_of
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.contacts import draw
from sim.rules.dose import dose, effect_of
from sim.rules.maths import exp
from sim.rules.stages import IN_VIRTUAL_WARD, MONTHS_PER_YEAR, READMITTED, SAME_DAY
from sim.rules.tables import age_years

READMIT = one_of("readmit_fit", "readmit_mild", "readmit_moderate", "readmit_severe")


@jit_small
def readmission_chance(tables, rows, r, support):  # type: ignore[no-untyped-def]
    """Return the probability that this stay is followed by another within 30 days, beyond fresh needs.

    By frailty; the odds rise with stays of late, and after a stay that was itself a return. The placebo need reads no
    mediator, so neither frailty nor stays of late. ``support``: dose of discharge support on this stay.
    """
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    frailty, gain = 0, 0.0
    if rows[r]["need_type"] != UNAVOIDABLE:
        frailty = int(person["frailty"])
        gain = p["readmit_per_stay"] * MONTHS_PER_YEAR * person["recent_admissions"]
    if (rows[r]["flags"] & READMITTED) != 0:
        gain = gain + p["readmit_again"]
    base, odds_ratio = READMIT(p, frailty), exp(gain)
    chance = base * odds_ratio / (1.0 - base + base * odds_ratio)
    chance = chance * dose(support, p["discharge_readmission_rr"])
    if (rows[r]["flags"] & IN_VIRTUAL_WARD) != 0:
        chance = chance * dose(effect_of(tables, rows[r]["person"], VIRTUAL_WARD_LEVER), p["virtual_readmission_rr"])
    return chance


@jit_small
def package_chance(tables, rows, r, now, support):  # type: ignore[no-untyped-def]
    """Return the probability of needing a home package before going home.

    A care home takes its residents back, and who leaves the same day goes home without.
    """
    p = tables.params[0]
    person = tables.people[rows[r]["person"]]
    if person["care_home"] != NO_CARE_HOME or (rows[r]["flags"] & SAME_DAY) != 0:
        return 0.0
    if age_years(person["birth_day"], now) < p["support_age_from"]:
        return p["package_under_65"]
    score = p["package_base"] + p["package_per_frailty"] * person["frailty"]
    if person["lives_alone"] == 1:
        score = score + p["package_alone"]
    return dose(support, p["discharge_package_rr"]) / (1.0 + exp(-score))


@jit_small
def readmission_days(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return days from discharge to readmission: uniform over the window of 30 days."""
    p = tables.params[0]
    return 1.0 + draw(tables, rows, r, purposes.READMIT_DAYS) * (p["readmit_within_days"] - 1.0)
