"""Areas with a programme beside areas without, before and after."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.causal.study import read_study
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.replays.contrast import FEWEST, Arms, Found
from evaluation.replays.definition import Effect, People, Replay
from evaluation.replays.lives import Lives
from evaluation.replays.selection import HOMES, YEAR_MONTHS, measured
from scenarios.errors import InputError


def areas(replay: Replay, effect: Effect, arms: Arms) -> Found:
    """Return the difference-in-differences of areas with the programme and areas without, before and after.

    Areas without are those of the usual arm: alike in all but the programme, so trends are parallel and what differs
    is drawn by lot; the error is that of two sets of areas, not of one seen twice. Raises InputError for too few areas,
    or no events in them.
    """
    rates = [area_rates(lives, replay.people_of(effect), effect, arms) for lives in (arms.programme, arms.usual)]
    shared = rates[0].index.intersection(rates[1].index)
    if len(shared) < FEWEST:
        raise InputError("replay", f"{len(shared)} areas; at least {FEWEST} are needed: use a larger place")
    rates = [table.loc[shared] for table in rates]
    long = []
    for flag, table in zip((1, 0), rates, strict=True):
        for period, column in enumerate(("before", "after")):
            part = pd.DataFrame({"y": table[column], "weight": table["years_before"]})
            part["unit"] = [f"{flag}-{area}" for area in shared]
            long.append(part.assign(time=period, treated=flag * period))
    study = read_study(
        pd.concat(long, ignore_index=True), unit="unit", time="time", outcome="y", treated="treated", weight="weight"
    )
    made = two_way_fixed_effects(study)
    weight = rates[0]["years_before"].to_numpy()
    with_it = float(np.average(rates[0]["after"], weights=weight))
    without = with_it - made.estimate
    gaps = (rates[0]["after"] - rates[1]["after"]).to_numpy()
    paired = math.sqrt(float((weight**2 * (gaps - np.average(gaps, weights=weight)) ** 2).sum())) / weight.sum()
    years = float(rates[0]["years_after"].sum()), float(rates[1]["years_after"].sum())
    if effect.logged:
        if not (with_it > 0 and without > 0):
            raise InputError("replay", "no events in the areas: use a larger place")
        return Found(math.log(with_it / without), made.se / without, paired / without, *years)
    scale = effect.per_months / YEAR_MONTHS
    return Found(made.estimate * scale, made.se * scale, paired * scale, *years, level=without * scale)


def area_rates(lives: Lives, people: People, effect: Effect, arms: Arms) -> pd.DataFrame:
    """Return rates a person-year by community, before the start and in the months of the effect, and person-years.

    The people of each period are those who are of the ages, and live where, the rule says as it begins.
    """
    columns: dict[str, pd.Series] = {}
    for name, start, end in (("before", -YEAR_MONTHS, 0), ("after", effect.months[0], effect.months[1])):
        at, until = np.full(lives.people, start), np.full(lives.people, end)
        years = lives.age + start / YEAR_MONTHS
        chosen = (years >= people.ages[0]) & (years < people.ages[1])
        if people.care_home != "any":
            chosen &= np.isin(lives.state("care_home", at), HOMES[people.care_home])
        there = lives.months_there(at, until) / YEAR_MONTHS
        y, _ = measured(lives, effect.measure, (at, until), (at, at), dict(arms.prices))
        group = lives.community[chosen]
        columns[f"years_{name}"] = pd.Series(there[chosen]).groupby(group).sum()
        columns[name] = pd.Series(y[chosen]).groupby(group).sum()
    table = pd.DataFrame(columns)
    table = table[(table["years_before"] > 0) & (table["years_after"] > 0)].copy()
    table["before"] /= table["years_before"]
    table["after"] /= table["years_after"]
    return table
