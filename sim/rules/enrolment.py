"""The INT core's caseload: who is put forward, who gets a place, and the reviews that follow."""

from __future__ import annotations

import numpy as np

from sim.codes import CARE_COORDINATION, PRESENT, TEAM_REVIEW
from sim.jit import jit_entry, jit_small
from sim.rules import purposes
from sim.rules.case_finding import risk_score
from sim.rules.dose import effect_of, reach_of
from sim.rules.keys import uniform
from sim.rules.tables import ResidentTables


@jit_entry
def coordination_scores(tables, month, scores, active):  # type: ignore[no-untyped-def]
    """Write each person's enrolment score (below 0: not a candidate this month) and whether they are on the caseload.

    A place lasts ``coordination_months``.
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
        score = risk_score(tables, i)
        if people[i]["spike_months"] > 0:
            score = score + p["score_unwell"]  # those who refer see that someone is unwell; records do not
        if score < p["score_least"]:
            continue
        if uniform(seed, people[i]["key"], purposes.COORDINATE, month) < reach:
            scores[i] = score


@jit_entry
def put_forward(people, scores, active, on_books, candidates):  # type: ignore[no-untyped-def]
    """Count who is on each team's caseload into ``on_books`` and write who is put forward; return how many are."""
    found = 0
    for i in range(len(people)):
        if active[i] == 1:
            on_books[people[i]["team"]] += 1
        if scores[i] >= 0.0:
            candidates[found] = i
            found += 1
    return found


def enrol(tables: ResidentTables, month: int) -> np.ndarray:
    """Fill each team's free caseload places with the highest scores (ties by key); return uint8[people]: on it."""
    people, teams = tables.people, tables.teams
    scores = np.empty(len(people), np.float64)
    active = np.empty(len(people), np.uint8)
    coordination_scores(tables, month, scores, active)
    on_books, candidates = np.zeros(len(teams), np.int64), np.empty(len(people), np.int64)
    candidates = candidates[: put_forward(people, scores, active, on_books, candidates)]
    team = people["team"][candidates].astype(np.int64)
    order = np.lexsort((people["key"][candidates], -scores[candidates], team))
    candidates, team = candidates[order], team[order]
    place = np.arange(len(team)) - np.searchsorted(team, team)
    chosen = candidates[place < (teams["caseload"].astype(np.int64) - on_books)[team]]
    tables.reach["care_coordination"][chosen] = month + 1
    active[chosen] = 1
    return active


@jit_small
def apply_coordination(tables, i, active, counts):  # type: ignore[no-untyped-def]
    """With an effect, put a person on the caseload on the core's books and make their team review when due."""
    p = tables.params[0]
    people = tables.people
    if active[i] == 1 and effect_of(tables, i, CARE_COORDINATION) != 0.0:
        people[i]["enrolled"] = 1
        people[i]["enrolled_months"] += 1
        if int(people[i]["enrolled_months"] - 1) % int(p["team_review_every_months"]) == 0:
            counts[TEAM_REVIEW] += 1
    elif people[i]["enrolled"] == 1:
        people[i]["enrolled"] = 0
        people[i]["enrolled_months"] = 0  # the plan stays: it is in the record
