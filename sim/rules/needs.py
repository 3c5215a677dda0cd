"""How often a resident needs care: the hazard of each kind of need, its severity, and the needs of one month.

Hazard per month = solved residual (age band, sex, national quintile; sim/rules/margins.py) x mediators
(sim/rules/mediators.py) x season x trend x local factor; needs at the end of life follow the death that is foreseen
instead (sim/rules/dying.py), unless structure.dying is off. Hazards are frozen within a month; counts come from one
keyed uniform per (person, kind, month).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.codes import (
    CHILD_DEVELOPMENT,
    CHILDHOOD_ACUTE,
    END_OF_LIFE,
    EXACERBATION,
    FRAILTY_CRISIS,
    HAZARD_KINDS,
    MENTAL_HEALTH_CRISIS,
    UNAVOIDABLE,
)
from sim.jit import jit_entry, jit_small
from sim.rules import purposes
from sim.rules.arrivals import Arrivals, arrive
from sim.rules.ceilings import highest_factors, look_of, stratum_of, write_ceilings
from sim.rules.conditions import count_bits, drawn_bit, known_conditions
from sim.rules.dating import HOURS, await_dates, date_rest, need_time, room_for_dates
from sim.rules.draws import FLAGS, PEOPLE, Draws, call_up, draw_all, drawn_count, room_for_draws, tell_ages
from sim.rules.dying import last_illnesses, of_the_dying
from sim.rules.keys import uniform
from sim.rules.maths import power
from sim.rules.mediators import multiplier, trust_of
from sim.rules.products import named, product_for
from sim.rules.stages import SECONDS_PER_DAY
from sim.rules.tables import (
    AGE_BANDS,
    MONTH_LENGTH,
    NEED_KINDS,
    QUINTILES,
    SEXES,
    TREND_NEEDS,
    ResidentTables,
    age_band,
    age_years,
)

__all__ = [
    "HOURS",
    "LEVER_K",
    "LOCAL_KINDS",
    "count_bits",
    "drawn_bit",
    "eligible",
    "known_conditions",
    "month_needs",
    "monthly_hazard",
    "multiplier",
    "need_counts",
    "need_time",
    "severity",
    "trust_of",
]

# Needs on which a place's local factor works; end of life follows its own deaths instead.
LOCAL_KINDS = (EXACERBATION, FRAILTY_CRISIS, UNAVOIDABLE, CHILDHOOD_ACUTE, MENTAL_HEALTH_CRISIS)
DYING = HAZARD_KINDS.index(END_OF_LIFE)
LEVER_K = 1000  # needs made by levers are numbered from here, so their ids never meet those of the hazards


@jit_small
def eligible(p, need_type, age):  # type: ignore[no-untyped-def]
    """Return whether people of this age (years) can have the need: some belong to children, some to older people."""
    if need_type in (CHILDHOOD_ACUTE, CHILD_DEVELOPMENT):
        return age < p["adult_from_age"]
    if need_type == FRAILTY_CRISIS:
        return age >= p["frailty_crisis_from_age"]
    return True


@jit_entry
def monthly_hazard(tables, i, need_type, now, calendar_month):  # type: ignore[no-untyped-def]
    """Return the expected needs of ``need_type`` this month (calendar_month 1-12; ``now`` is the month's start)."""
    person = tables.people[i]
    age = age_years(person["birth_day"], now)
    if need_type == END_OF_LIFE and tables.params[0]["switch_dying"] != 0.0:
        return of_the_dying(tables, i, now)
    quintile = int(tables.communities[person["community"]]["national_quintile"]) - 1
    hazard = residual(tables, i, need_type, age, age_band(age), quintile)
    if hazard <= 0.0:
        return 0.0
    return in_its_time(tables, need_type, calendar_month, hazard * multiplier(tables, i, need_type))


@jit_small
def residual(tables, i, need_type, age, band, quintile):  # type: ignore[no-untyped-def]
    """Return the solved hazard that mediators work on; 0 for somebody of an age that cannot have the need."""
    hazard = tables.hazards[need_type, band, int(tables.people[i]["sex"]), quintile]
    return hazard if hazard > 0.0 and eligible(tables.params[0], need_type, age) else 0.0


@jit_small
def in_its_time(tables, need_type, calendar_month, hazard):  # type: ignore[no-untyped-def]
    """Return a hazard of a mean month with season, trend, this month's length and the place's own factor."""
    p = tables.params[0]
    hazard = hazard * tables.seasons[need_type, calendar_month - 1]
    hazard = hazard * tables.trend[TREND_NEEDS] * tables.trend[MONTH_LENGTH]
    if need_type in LOCAL_KINDS:
        hazard = hazard * p["local_factor_emergency"]
    elif need_type == END_OF_LIFE:
        hazard = hazard * p["local_factor_mortality"]
    return hazard


@jit_small
def severity_power(p, need_type):  # type: ignore[no-untyped-def]
    """Return the power to which a uniform is raised for a need's severity (1: all severities alike)."""
    first = (
        p["severity_power_minor_acute"],
        p["severity_power_exacerbation"],
        p["severity_power_frailty_crisis"],
        p["severity_power_unavoidable_emergency"],
    )
    if need_type < len(first):
        return first[need_type]
    if need_type == CHILDHOOD_ACUTE:
        return p["severity_power_childhood_acute"]
    if need_type == MENTAL_HEALTH_CRISIS:
        return p["severity_power_mental_health_crisis"]
    if need_type == END_OF_LIFE:
        return p["severity_power_end_of_life"]
    return 1.0


@jit_entry
def severity(tables, need_id, need_type):  # type: ignore[no-untyped-def]
    """Return a need's severity, 0 to 1: a keyed uniform to the kind's power (above 1: mostly mild)."""
    u = uniform(tables.seed[0], need_id, purposes.SEVERITY, 0)
    exponent = severity_power(tables.params[0], need_type)
    return u if exponent == 1.0 else power(u, exponent)


@jit_small
def arise(tables, i, need_type, number, k, stage, arrivals, at):  # type: ignore[no-untyped-def]
    """Write ``number`` needs of person ``i``, numbered from ``k``, from place ``at`` on; return the next place.

    They have no id so far, and their number where the time will stand (sim/rules/dating.py).
    """
    person = tables.people[i]
    for n in range(k, k + number):
        arrive(arrivals, at, 0, person["key"], i, person["neighbourhood"], stage, need_type, n)
        at += 1
    return at


def hazard_for(need_type: int) -> Any:
    """Return a compiled ``monthly_hazard`` of one kind."""
    product, dying = product_for(need_type), need_type == END_OF_LIFE

    def hazard(tables, i, now, calendar_month):  # type: ignore[no-untyped-def]
        if dying and tables.params[0]["switch_dying"] != 0.0:
            return of_the_dying(tables, i, now)
        person = tables.people[i]
        age = age_years(person["birth_day"], now)
        quintile = int(tables.communities[person["community"]]["national_quintile"]) - 1
        left = residual(tables, i, need_type, age, age_band(age), quintile)
        if left <= 0.0:
            return 0.0
        return in_its_time(tables, need_type, calendar_month, left * product(tables, i))

    return jit_small(named(hazard, need_type))


def needs_for(kinds: tuple[int, ...]) -> Any:
    """Return a compiled function that writes the needs of ``kinds`` of those for whom some may arise."""
    if not kinds:

        def none(tables, draws, people, month, now, calendar_month, arrivals, at):  # type: ignore[no-untyped-def]
            return at

        return jit_small(named(none, 0))
    before, kind, need_type, hazard = needs_for(kinds[:-1]), len(kinds) - 1, kinds[-1], hazard_for(kinds[-1])

    def needs(tables, draws, people, month, now, calendar_month, arrivals, at):  # type: ignore[no-untyped-def]
        at = before(tables, draws, people, month, now, calendar_month, arrivals, at)
        most = int(tables.params[0]["needs_per_month_most"])
        for word in range(PEOPLE // FLAGS):
            if draws.any[kind, word] == 0:
                continue
            for k in range(word * FLAGS, min(people, word * FLAGS + FLAGS)):
                if draws.some[kind, k] != 0:
                    i = draws.who[k]
                    draws.hazards[kind, k] = hazard(tables, i, now, calendar_month)
                    number = drawn_count(draws, kind, k, month, most)
                    at = arise(tables, i, need_type, number, 0, 0, arrivals, at)
        return at

    return jit_small(named(needs, *kinds))


all_kinds_arise = needs_for(HAZARD_KINDS)


@jit_small
def await_draws(tables, now, draws, people):  # type: ignore[no-untyped-def]
    """Write the most that the hazards of the first ``people`` to be drawn for can be this month."""
    tell_ages(tables, now, draws.who, people, draws.ages, draws.bands)
    for k in range(people):
        i = draws.who[k]
        person = tables.people[i]
        quintile = int(tables.communities[person["community"]]["national_quintile"]) - 1
        write_ceilings(tables, draws, k, i, stratum_of(draws.bands[k], int(person["sex"]), quintile), look_of(person))
    if tables.params[0]["switch_dying"] != 0.0:
        for k in range(people):
            draws.hazards[DYING, k] = of_the_dying(tables, draws.who[k], now)


@jit_small
def needs_arise(tables, draws, people, month, window, calendar_month, arrivals, at):  # type: ignore[no-untyped-def]
    """Draw for the first ``people`` of ``draws`` and write the needs that arise; return the place after them."""
    await_draws(tables, window[0], draws, people)
    draw_all(draws, people, month)
    return all_kinds_arise(tables, draws, people, month, window[0], calendar_month, arrivals, at)


@jit_entry
def plain_hazards(tables, calendar_month, plain):  # type: ignore[no-untyped-def]
    """Write the hazards that mediators work on, in their time: float64[stratum, kind of HAZARD_KINDS]."""
    for band in range(AGE_BANDS):
        for sex in range(SEXES):
            for quintile in range(QUINTILES):
                stratum = stratum_of(band, sex, quintile)
                for kind in range(len(HAZARD_KINDS)):
                    hazard = tables.hazards[HAZARD_KINDS[kind], band, sex, quintile]
                    plain[stratum, kind] = in_its_time(tables, HAZARD_KINDS[kind], calendar_month, max(hazard, 0.0))
    return len(plain)


def month_draws(tables: ResidentTables, calendar_month: int) -> Draws:
    """Return room to draw for PEOPLE at once in a month (calendar_month 1-12), with the ceilings of all hazards."""
    draws = room_for_draws()
    plain_hazards(tables, calendar_month, draws.plain)
    return draws._replace(highest=highest_factors(tables))


@jit_entry
def all_needs(tables, month, window, calendar_month, draws, dates, arrivals, place):  # type: ignore[no-untyped-def]
    """Write the needs of everyone present from person ``place[0]`` and place ``place[1]`` on.

    Stops where the room left may not be enough for all who are drawn for at once; ``place`` says how far it came.
    """
    i, at = place[0], place[1]
    while i < len(tables.people) and at + place[2] <= len(arrivals):
        i, drawn = call_up(tables, i, draws)
        first, at = at, needs_arise(tables, draws, drawn, month, window, calendar_month, arrivals, at)
        await_dates(tables, month, window, arrivals, first, at, dates)
        at = last_illnesses(tables, draws, drawn, month, window, arrivals, at)
    date_rest(tables, month, window, arrivals, dates)
    place[0], place[1] = i, at
    return i


def need_room(tables: ResidentTables) -> int:
    """Return how many needs can arise in a month, at the most, in the lives of all who are drawn for at once."""
    return (int(tables.params[0]["needs_per_month_most"]) * len(HAZARD_KINDS) + 1) * PEOPLE  # and the last illness


def month_arrivals(tables: ResidentTables, month: int, start_s: int, end_s: int, month_of_year: int) -> Arrivals:
    """Return the needs that arise in residents' lives this month (see ``month_needs``)."""
    room = need_room(tables)
    arrivals = Arrivals(len(tables.people) + room)
    place, draws, dates = np.array([0, 0, room], np.int64), month_draws(tables, month_of_year), room_for_dates()
    while True:
        all_needs(tables, month, (start_s, end_s), month_of_year, draws, dates, arrivals.array, place)
        arrivals.made = int(place[1])
        if place[0] == len(tables.people):
            return arrivals
        arrivals.make_room(room)


def month_needs(tables: ResidentTables, month: int, start_s: int, end_s: int, month_of_year: int) -> np.ndarray:
    """Return the month's needs as ROW[], status SCHEDULED, due = arose in [start_s, end_s), in order of time.

    ``month`` counts from go-live's origin (it keys the draws); ``month_of_year`` 1-12 picks the season.
    """
    return month_arrivals(tables, month, start_s, end_s, month_of_year).rows(start_s)


def need_counts(tables: ResidentTables, month: int, start_s: int, month_of_year: int) -> np.ndarray:
    """Return int32[people, NEED_KINDS]: how many needs of each kind every person has in a month from ``start_s``."""
    made = month_arrivals(tables, month, start_s, start_s + SECONDS_PER_DAY, month_of_year)
    counts = np.zeros((len(tables.people), NEED_KINDS), np.int32)
    found = made.array[: made.made]
    np.add.at(counts, (found["person"], found["need_type"]), 1)
    return counts
