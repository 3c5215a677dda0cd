"""Who the levers reach this month, and the needs they make.

Zero effect: a lever whose effect is 0 writes `reach` and nothing else. Isolation: selection reads the person's own
columns and keys alone; only a caseload that is full makes one person's place depend on another's score.
"""

from __future__ import annotations

import numpy as np

from sim.codes import (
    CARE_COORDINATION,
    CASE_FINDING,
    OUTREACH_LEVER,
    OUTREACH_VISIT,
    PLANNED_REVIEW,
    PRESENT,
    TEAM_REVIEW,
)
from sim.jit import jit_borrowing
from sim.rules import purposes
from sim.rules.dose import effect_of, reach_of
from sim.rules.keys import uniform
from sim.rules.needs import LEVER_K, count_bits, drawn_bit, scheduled_rows
from sim.rules.tables import NEED_KINDS, ResidentTables


@jit_borrowing
def find_cases(tables, month, counts):  # type: ignore[no-untyped-def]
    """Search residents' records: who is looked at is recorded; with an effect, hidden conditions become known.

    The search is blind to hidden need: it looks at everyone alike. Found need is added work: planned reviews.
    """
    p = tables.params[0]
    people = tables.people
    seed = tables.seed[0]
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT:
            continue
        reach = reach_of(tables, i, CASE_FINDING)
        if reach <= 0.0 or uniform(seed, people[i]["key"], purposes.FIND_CASE, month) >= reach:
            continue
        tables.reach[i]["case_finding"] = month + 1
        effect = effect_of(tables, i, CASE_FINDING)
        hidden = int(people[i]["conditions"]) & ~int(people[i]["known"])
        if effect == 0.0 or hidden == 0:
            continue
        if uniform(seed, people[i]["key"], purposes.FIND_HIT, month) >= p["find_share"] * effect:
            continue
        bit = drawn_bit(hidden, uniform(seed, people[i]["key"], purposes.FOUND_CONDITION, month))
        people[i]["known"] = int(people[i]["known"]) | (1 << bit)
        extra = p["find_contacts"]
        whole = int(extra)
        if uniform(seed, people[i]["key"], purposes.FIND_WHICH, month) < extra - whole:
            whole += 1
        counts[i, PLANNED_REVIEW] += whole


@jit_borrowing
def visit_homes(tables, month, counts):  # type: ignore[no-untyped-def]
    """Send outreach workers to the doors of the chosen communities; with an effect, each is a visit to make."""
    people = tables.people
    seed = tables.seed[0]
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT or people[i]["visited_home"] != 1:
            continue
        team = tables.teams[people[i]["team"]]
        reach = reach_of(tables, i, OUTREACH_LEVER)
        quintile = tables.communities[people[i]["community"]]["local_quintile"]
        if quintile > team["outreach_worst_quintile"] or reach <= 0.0:
            continue
        # Keyed by the person alone: a round of the same homes every month, growing with reach.
        if uniform(seed, people[i]["key"], purposes.OUTREACH_PICK, 0) >= reach:
            continue
        tables.reach[i]["outreach"] = month + 1
        if effect_of(tables, i, OUTREACH_LEVER) != 0.0:
            counts[i, OUTREACH_VISIT] += 1


@jit_borrowing
def coordination_scores(tables, month, scores, active):  # type: ignore[no-untyped-def]
    """Write each person's enrolment score (below 0: not a candidate this month) and whether they are on the caseload.

    Score: recent ED use and admissions, frailty and conditions known to services. A place lasts
    ``coordination_months``.
    """
    p = tables.params[0]
    people = tables.people
    seed = tables.seed[0]
    for i in range(len(people)):
        scores[i] = -1.0
        active[i] = 0
        if people[i]["presence"] != PRESENT:
            continue
        chosen = tables.reach[i]["care_coordination"]
        if chosen > 0 and month + 1 - chosen < p["coordination_months"]:
            active[i] = 1
            continue
        reach = reach_of(tables, i, CARE_COORDINATION)
        if reach <= 0.0:
            continue
        score = (
            p["score_ed"] * people[i]["recent_ed"]
            + p["score_admission"] * people[i]["recent_admissions"]
            + p["score_frailty"] * people[i]["frailty"]
            + p["score_condition"] * count_bits(people[i]["known"])
        )
        if score < p["score_least"]:
            continue
        if uniform(seed, people[i]["key"], purposes.COORDINATE, month) < reach:
            scores[i] = score


def enrol(tables: ResidentTables, month: int) -> np.ndarray:
    """Fill each team's free caseload places with the highest scores (ties by key); return uint8[people]: on it."""
    people = tables.people
    scores = np.empty(len(people), np.float64)
    active = np.empty(len(people), np.uint8)
    coordination_scores(tables, month, scores, active)
    for team in range(len(tables.teams)):
        here = people["team"] == team
        free = int(tables.teams[team]["caseload"]) - int(active[here].sum())
        candidates = np.flatnonzero(here & (scores >= 0.0))
        if free <= 0 or candidates.size == 0:
            continue
        order = np.lexsort((people["key"][candidates], -scores[candidates]))
        chosen = candidates[order[:free]]
        tables.reach["care_coordination"][chosen] = month + 1
        active[chosen] = 1
    return active


@jit_borrowing
def apply_coordination(tables, month, active, counts):  # type: ignore[no-untyped-def]
    """With an effect, put those on the caseload on the core's books and make their monthly team reviews."""
    p = tables.params[0]
    people = tables.people
    for i in range(len(people)):
        if people[i]["presence"] != PRESENT:
            continue
        if active[i] == 1 and effect_of(tables, i, CARE_COORDINATION) != 0.0:
            people[i]["enrolled"] = 1
            people[i]["enrolled_months"] += 1
            if int(people[i]["enrolled_months"] - 1) % int(p["team_review_every_months"]) == 0:
                counts[i, TEAM_REVIEW] += 1
        elif people[i]["enrolled"] == 1:
            people[i]["enrolled"] = 0
            people[i]["enrolled_months"] = 0
            people[i]["plan"] = 0


def lever_selection(tables: ResidentTables, month: int, start_s: int, end_s: int) -> np.ndarray:
    """Select by every lever, record `reach`, and return the needs levers make as ROW[] in [start_s, end_s).

    Discharge support selects at each admission (sim/rules/acute.py), not here.
    """
    counts = np.zeros((len(tables.people), NEED_KINDS), np.int32)
    find_cases(tables, month, counts)
    visit_homes(tables, month, counts)
    apply_coordination(tables, month, enrol(tables, month), counts)
    return scheduled_rows(tables, counts, month, start_s, end_s, LEVER_K)
