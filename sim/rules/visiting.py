"""Care that a lever brings to people: visits at the door and in care homes, link workers, advice, repairs, classes.

Every offer is recorded in `reach`; with no effect nothing else happens. What an offer comes to is a need like any
other: it takes staff time, waits its turn and may be given up.
"""

from __future__ import annotations

from sim.codes import (
    ASTHMA,
    CARE_HOME_ROUND,
    CARE_HOME_SUPPORT,
    COPD,
    CORONARY_HEART_DISEASE,
    DEBT,
    FALLS_CLASS,
    FALLS_PREVENTION,
    FRAILTY_NAMES,
    HEART_FAILURE,
    HOUSING_REPAIR,
    LINK_VISIT,
    NO_CARE_HOME,
    OUTREACH_LEVER,
    OUTREACH_VISIT,
    POOR_HOUSING,
    PRACTICAL_NEED,
    PREVENTION,
    SOCIAL_PRESCRIBING,
    WELFARE_ADVICE_LEVER,
)
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.contacts import draw
from sim.rules.dose import effect_of, is_reached, month_number, reach_of
from sim.rules.keys import uniform
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import age_years
from sim.rules.uptake import door_chance, offered, takes_up

COLD_SENSITIVE = (1 << COPD) | (1 << ASTHMA) | (1 << CORONARY_HEART_DISEASE) | (1 << HEART_FAILURE)
SEVERE = len(FRAILTY_NAMES) - 1
FOR_ADVICE, FOR_REPAIR = 1, 2  # marks of what a lever's practical need is for


@jit_small
def visit_home(tables, i, month, round_draw, counts):  # type: ignore[no-untyped-def]
    """Send an outreach worker to the door of a chosen community's home; with an effect, that is a visit to make.

    round_draw: keyed by the person alone, so that a round is of the same homes every month, growing with reach. Where
    the door opens some visits book a screening, immunisation or check, and go along: no more in a year than fall due.
    """
    people = tables.people
    if people[i]["visited_home"] != 1 or people[i]["care_home"] != NO_CARE_HOME:
        return
    team = tables.teams[people[i]["team"]]
    reach = reach_of(tables, i, OUTREACH_LEVER)
    quintile = tables.communities[people[i]["community"]]["local_quintile"]
    if quintile > team["outreach_worst_quintile"] or reach <= 0.0:
        return
    if round_draw >= reach:
        return
    tables.reach[i]["outreach"] = month + 1
    effect = effect_of(tables, i, OUTREACH_LEVER)
    if effect == 0.0:
        return
    counts[OUTREACH_VISIT] += 1
    p = tables.params[0]
    due = min(door_chance(tables, i), p["outreach_due_per_year"] / MONTHS_PER_YEAR) * effect
    if uniform(tables.seed[0], people[i]["key"], purposes.OUTREACH_DUE, month) < due:
        counts[PREVENTION] += 1


@jit_small
def round_care_home(tables, i, month, counts):  # type: ignore[no-untyped-def]
    """Put a reached care-home resident on the rounds of the team aligned to the home.

    Residents who follow are other people with keys of their own: turnover sets exposure back by itself.
    """
    people = tables.people
    if people[i]["care_home"] == NO_CARE_HOME or not is_reached(tables, i, CARE_HOME_SUPPORT):
        return
    if tables.reach[i]["care_home_support"] == 0:
        tables.reach[i]["care_home_support"] = month + 1
    if effect_of(tables, i, CARE_HOME_SUPPORT) == 0.0:
        return
    rounds = tables.params[0]["care_home_rounds_per_month"]
    whole = int(rounds)
    if uniform(tables.seed[0], people[i]["key"], purposes.ROUND_EXTRA, month) < rounds - whole:
        whole += 1
    counts[CARE_HOME_ROUND] += whole


@jit_small
def thinks_of_link_worker(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Let a GP who sees an adult with a practical need refer them to a link worker: they are asked in the next month.

    As often in a month, at the mean number of contacts, as the lever reaches people; not again while help still counts.
    Who is to be asked stands in `reach` as a month below 0.
    """
    i = rows[r]["person"]
    reach = reach_of(tables, i, SOCIAL_PRESCRIBING)
    if reach <= 0.0 or tables.people[i]["social"] == 0:
        return
    p = tables.params[0]
    before = tables.reach[i]["social_prescribing"]
    if before < 0 or (before > 0 and month_number(now) - before <= p["help_months"]):
        return
    if age_years(tables.people[i]["birth_day"], now) < p["link_age_from"]:
        return
    if draw(tables, rows, r, purposes.LINK_THOUGHT) < reach / p["link_contacts_per_month"]:
        tables.reach[i]["social_prescribing"] = -month_number(now)


@jit_small
def offer_link_worker(tables, i, month, now, counts):  # type: ignore[no-untyped-def]
    """Offer a link worker to an adult whom a GP referred, or who comes to ED often; taken up, it is a visit to make."""
    p = tables.params[0]
    person = tables.people[i]
    referred = tables.reach[i]["social_prescribing"] < 0
    if not referred and person["recent_ed"] < p["link_frequent_ed"]:
        return
    reach = reach_of(tables, i, SOCIAL_PRESCRIBING)
    if reach <= 0.0 or age_years(person["birth_day"], now) < p["link_age_from"]:
        return
    if not referred and not offered(tables, i, reach, purposes.LINK_OFFER, month):
        return
    tables.reach[i]["social_prescribing"] = month + 1
    if effect_of(tables, i, SOCIAL_PRESCRIBING) == 0.0:
        return
    if takes_up(tables, i, p["link_uptake"], purposes.LINK_UPTAKE, month):
        tables.people[i]["link_taken"] = month + 1
        counts[LINK_VISIT] += 1


@jit_small
def offer_advice(tables, i, month, counts, asked):  # type: ignore[no-untyped-def]
    """Offer advice on benefits and debt to a person in debt; taken up, it is a practical need to be met."""
    p = tables.params[0]
    if int(tables.people[i]["social"]) & DEBT == 0:
        return
    if not offered(tables, i, reach_of(tables, i, WELFARE_ADVICE_LEVER), purposes.ADVICE_OFFER, month):
        return
    tables.reach[i]["welfare_advice"] = month + 1
    if effect_of(tables, i, WELFARE_ADVICE_LEVER) == 0.0:
        return
    if takes_up(tables, i, p["welfare_uptake"], purposes.ADVICE_UPTAKE, month):
        tables.people[i]["advice_taken"] = month + 1
        counts[PRACTICAL_NEED] += 1
        asked[0] |= FOR_ADVICE


@jit_small
def offer_repair(tables, i, month, counts, asked):  # type: ignore[no-untyped-def]
    """Offer repairs and warmth to a poor home of a person whom cold and damp harm; the works are a contact."""
    p = tables.params[0]
    person = tables.people[i]
    if int(person["social"]) & POOR_HOUSING == 0 or int(person["known"]) & COLD_SENSITIVE == 0:
        return
    if not offered(tables, i, reach_of(tables, i, HOUSING_REPAIR), purposes.REPAIR_OFFER, month):
        return
    tables.reach[i]["housing_repair"] = month + 1
    if effect_of(tables, i, HOUSING_REPAIR) == 0.0:
        return
    if takes_up(tables, i, p["repair_uptake"], purposes.REPAIR_UPTAKE, month):
        tables.people[i]["repair_taken"] = month + 1
        counts[PRACTICAL_NEED] += 1
        asked[0] |= FOR_REPAIR


@jit_small
def offer_falls_class(tables, i, month, now, counts):  # type: ignore[no-untyped-def]
    """Offer strength and balance classes to an older person at risk who can still train and is not protected."""
    p = tables.params[0]
    person = tables.people[i]
    if person["frailty"] == 0 or person["frailty"] >= SEVERE or person["falls_months"] > 0:
        return
    if person["care_home"] != NO_CARE_HOME or age_years(person["birth_day"], now) < p["falls_class_age_from"]:
        return
    if not offered(tables, i, reach_of(tables, i, FALLS_PREVENTION), purposes.FALLS_OFFER, month):
        return
    tables.reach[i]["falls_prevention"] = month + 1
    if effect_of(tables, i, FALLS_PREVENTION) == 0.0:
        return
    if takes_up(tables, i, p["falls_uptake"], purposes.FALLS_UPTAKE, month):
        counts[FALLS_CLASS] += 1
