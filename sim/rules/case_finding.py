"""Case finding: whose records are searched, what is found, and the work that finding makes."""

from __future__ import annotations

from sim.codes import (
    CASE_FINDING,
    COPD,
    ELECTIVE_REFERRAL,
    HYPERTENSION,
    LEARNING_DISABILITY,
    PLANNED_REVIEW,
    SEVERE_MENTAL_ILLNESS,
)
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.dose import effect_of, reach_of
from sim.rules.keys import uniform
from sim.rules.needs import count_bits, drawn_bit
from sim.rules.tables import age_years
from sim.rules.uptake import uptake_chance

TARGET_NAMES = ("all", "age", "risk", "core20plus")
ALL, BY_AGE, BY_RISK, CORE20PLUS = range(len(TARGET_NAMES))
# The adult clinical areas of Core20PLUS5 that are conditions here (maternity and cancer stage are not modelled).
CORE20_CONDITIONS = (1 << LEARNING_DISABILITY) | (1 << SEVERE_MENTAL_ILLNESS) | (1 << COPD) | (1 << HYPERTENSION)


@jit_small
def risk_score(tables, i):  # type: ignore[no-untyped-def]
    """Return person ``i``'s score by past use, frailty and the conditions services know: blind to hidden need."""
    p = tables.params[0]
    person = tables.people[i]
    return (
        p["score_ed"] * person["recent_ed"]
        + p["score_admission"] * person["recent_admissions"]
        + p["score_frailty"] * person["frailty"]
        + p["score_condition"] * count_bits(person["known"])
    )


@jit_small
def is_core20plus(tables, i):  # type: ignore[no-untyped-def]
    """Return whether person ``i`` is in the most deprived fifth, an inclusion group or a clinical area known."""
    person = tables.people[i]
    if tables.communities[person["community"]]["national_quintile"] == 1 or person["inclusion"] != 0:
        return True
    return int(person["known"]) & CORE20_CONDITIONS != 0


@jit_small
def target_of(team, draw):  # type: ignore[no-untyped-def]
    """Return whom the search aims at that would look at somebody by their ``draw`` of a month.

    Today's search goes on as it is; what a design adds to it is the rest, and aims at whom the design says.
    """
    return team["finding_target_today"] if draw < team["finding_today"] else team["finding_target"]


@jit_small
def is_searched_for(tables, i, now, draw):  # type: ignore[no-untyped-def]
    """Return whether person ``i`` is on a list and among those whom the search aims at that their ``draw`` falls to."""
    person = tables.people[i]
    if person["registered"] != 1:
        return False
    team = tables.teams[person["team"]]
    target = target_of(team, draw)
    if target == BY_AGE:
        age_from = team["finding_age_from_today"] if draw < team["finding_today"] else team["finding_age_from"]
        return age_years(person["birth_day"], now) >= age_from
    if target == BY_RISK:
        return risk_score(tables, i) >= tables.params[0]["finding_score_least"]
    if target == CORE20PLUS:
        return is_core20plus(tables, i)
    return True


@jit_small
def ever_comes(tables, i):  # type: ignore[no-untyped-def]
    """Return the chance that person ``i`` is of those who come to a search at all, below 0 for one who never does.

    One draw for life, in every replication the same, against a chance that trust moves: another invitation finds none
    of those who stay away, more trust some. Who comes does so the oftener, so that the mean of a first search is as
    given.
    """
    comes = uptake_chance(tables, i, 1.0 - tables.params[0]["find_never_share"], 1)
    return comes if uniform(0, tables.people[i]["key"], purposes.FIND_EVER, 0) < comes else -1.0


@jit_small
def ask_in(tables, i, month, effect, comes, counts):  # type: ignore[no-untyped-def]
    """Ask person ``i``, whose record was looked at, to a review if the score is high, whatever may be hidden."""
    p = tables.params[0]
    if risk_score(tables, i) < p["finding_score_least"]:
        return
    u = uniform(tables.seed[0], tables.people[i]["key"], purposes.FIND_REVIEW, month)
    if u < uptake_chance(tables, i, p["find_review_share"], 1) / comes * effect:
        counts[PLANNED_REVIEW] += 1


@jit_small
def find_case(tables, i, month, now, search_draw, counts):  # type: ignore[no-untyped-def]
    """Search person ``i``'s record, by the month's draw: who is looked at is recorded.

    With an effect, a hidden condition may become known.

    The search looks at all it aims at alike, whether or not there is anything to find. Invitations go out by text
    message, and are taken up the less the lower trust, by some never. Found need is added work: reviews, and for some a
    referral; a high score is a review for some with nothing hidden, and for months staff bear it in mind
    (`referral.score_shown`).
    """
    p = tables.params[0]
    people = tables.people
    seed = tables.seed[0]
    key = people[i]["key"]
    reach = reach_of(tables, i, CASE_FINDING)
    if search_draw >= reach or not is_searched_for(tables, i, now, search_draw):
        return
    tables.reach[i]["case_finding"] = month + 1
    effect = effect_of(tables, i, CASE_FINDING)
    comes = ever_comes(tables, i)
    if effect == 0.0 or comes <= 0.0:
        return
    ask_in(tables, i, month, effect, comes, counts)
    hidden = int(people[i]["conditions"]) & ~int(people[i]["known"])
    if hidden == 0:
        return
    if uniform(seed, key, purposes.FIND_HIT, month) >= uptake_chance(tables, i, p["find_share"], 1) / comes * effect:
        return
    bit = drawn_bit(hidden, uniform(seed, key, purposes.FOUND_CONDITION, month))
    people[i]["known"] = int(people[i]["known"]) | (1 << bit)
    extra = p["find_contacts"]
    whole = int(extra)
    if uniform(seed, key, purposes.FIND_WHICH, month) < extra - whole:
        whole += 1
    counts[PLANNED_REVIEW] += whole
    if uniform(seed, key, purposes.FIND_REFERRAL, month) < p["find_referral_share"]:
        counts[ELECTIVE_REFERRAL] += 1
