"""People taken on beside people who were not: by lot, matched, either side of an age, before and after."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.causal.adjustment import regression
from evaluation.causal.cohort import read_cohort
from evaluation.causal.interrupted import before_after
from evaluation.causal.matched import Matching, matched_cohort
from evaluation.replays.adjusted import adjusted_ratio
from evaluation.replays.contrast import PERCENT, Arms, Found, arm_sizes, contrast, enough, ready
from evaluation.replays.definition import Effect, People, Replay
from evaluation.replays.lives import Lives
from evaluation.replays.selection import (
    Followed,
    amount,
    covariates,
    fits,
    followed,
    months_of,
    outcome_table,
    same_people,
)
from scenarios.errors import InputError

FOLDS = 2
SHUFFLE = np.uint64(0x9E3779B97F4A7C15)  # odd: multiplying by it mixes a person's key into its high bits
HIGH_BITS = np.uint64(32)
THIRDS = (1 / 3, 2 / 3)


def trial(replay: Replay, effect: Effect, arms: Arms) -> Found:
    """Return the difference between arms of people alike: the same ones with the programme and without.

    Where the index is an event, or being taken on, they are those it happened to in one arm, and their twins in the
    other from the same month: what drawing lots among them would compare.
    """
    people = replay.people_of(effect)
    both = {1: arms.programme, 0: arms.usual}
    tables = []
    first = both[0] if people.index == "event" and people.event_arm == "usual" else both[1]
    chosen = followed(first, people)
    if people.instead_of:
        chosen = spared(chosen, people.instead_of, arms)
    for flag, lives in both.items():
        twins = people.index in ("event", "reached")
        mine = same_people(lives, first, chosen) if twins else followed(lives, people)
        tables.append(outcome_table(lives, mine, effect, dict(arms.prices)).assign(treated=flag))
    return contrast(ready(pd.concat(tables, ignore_index=True), effect), effect)


def spared(chosen: Followed, outcome: str, arms: Arms) -> Followed:
    """Return those ``chosen`` who had less of an outcome in their index month with the programme than without."""
    twins = same_people(arms.usual, arms.programme, chosen)
    mine = same_people(arms.programme, arms.usual, twins)  # those who are there in both arms, in one order
    here, there = in_index_month(arms.programme, mine, outcome), in_index_month(arms.usual, twins, outcome)
    return mine.where(here < there)


def in_index_month(lives: Lives, chosen: Followed, outcome: str) -> np.ndarray:
    """Return how much of ``outcome`` each of those ``chosen`` had in their index month."""
    index = months_of(lives, chosen)
    return amount(lives, outcome, index, index + 1)[chosen.rows]


def matched(replay: Replay, effect: Effect, arms: Arms) -> Found:
    """Return the effect on those taken on, beside others matched on what records told before.

    Controls 'local' are people of the same place who were not taken on. 'elsewhere': people of a place without the
    programme. No one is their own control there: in each of two folds those taken on come from one half of people,
    by a hash of who they are, and controls from the other half of the usual arm; the two estimates are averaged. Raises
    InputError where nobody was taken on, and as ``one_match``.
    """
    people, comparison = replay.people_of(effect), replay.comparison
    taken = followed(arms.programme, people)
    if len(taken) == 0:
        raise InputError("replay", "the programme took nobody on: use a larger place")
    if comparison.controls == "local":
        others = not_taken(arms.programme, people, taken)
        return one_match(replay, effect, arms, (arms.programme, taken), (arms.programme, others))
    others = not_taken(arms.usual, people, taken)
    halves = [half(lives.key) for lives in (arms.programme, arms.usual)]
    folds = []
    for fold in range(FOLDS):
        mine = taken.where(halves[0][taken.rows] == fold)
        theirs = others.where(halves[1][others.rows] != fold)
        folds.append(one_match(replay, effect, arms, (arms.programme, mine), (arms.usual, theirs)))
    se = math.sqrt(sum(each.se**2 for each in folds)) / FOLDS
    value, level = (sum(getattr(each, name) for each in folds) / FOLDS for name in ("value", "level"))
    return Found(value, se, se, sum(each.treated for each in folds), sum(each.untreated for each in folds), level)


def half(key: np.ndarray) -> np.ndarray:
    """Return 0 or 1 for each person: a hash of who they are, the same in every arm."""
    return ((key * SHUFFLE) >> HIGH_BITS) & np.uint64(1)


def not_taken(lives: Lives, people: People, taken: Followed) -> Followed:
    """Return who fits the rule but was never reached, each from a month in which somebody was taken on."""
    months = np.sort(taken.index)
    place = ((lives.key * SHUFFLE) >> HIGH_BITS) % np.uint64(len(months))
    index = months[place.astype(np.int64)]
    free = fits(lives, people, index)
    if people.lever:
        free &= lives.reached[people.lever] >= people.within_months
    rows = np.flatnonzero(free)
    return Followed(rows, index[rows])


def one_match(
    replay: Replay, effect: Effect, arms: Arms, mine: tuple[Lives, Followed], theirs: tuple[Lives, Followed]
) -> Found:
    """Return the effect of one set of people taken on beside one set of possible controls.

    Raises InputError where there were no events among those matched.
    """
    comparison = replay.comparison
    tables = []
    for flag, (lives, chosen) in ((1, mine), (0, theirs)):
        table = outcome_table(lives, chosen, effect, dict(arms.prices))
        known = covariates(lives, chosen)[list(comparison.match_on)]
        tables.append(pd.concat([table, known], axis=1).assign(treated=flag))
    table = ready(pd.concat(tables, ignore_index=True), effect)
    enough(table)
    chosen_on = [name for name in comparison.match_on if table[name].nunique() > 1]
    if not chosen_on:
        return contrast_as_is(table, effect)
    if comparison.change:
        table["y"] = table["y"] - scaled_before(table, effect)
    how = Matching(ratio=comparison.ratio, caliper=comparison.caliper)
    cohort = read_cohort(table, treated="treated", outcome="y", covariates=chosen_on)
    made = matched_cohort(cohort, how)
    pairs = made.tables["matches"]
    kept = np.concatenate([pairs["treated"].unique(), pairs["untreated"].to_numpy()])
    few = table.iloc[kept].reset_index(drop=True)
    enough(few)
    if not effect.logged:
        lived = few["y"] + scaled_before(few, effect) if comparison.change else few["y"]
        level = float(lived[few["treated"] == 0].mean())
        return Found(made.estimate, made.se, made.se, *arm_sizes(few), level=level)
    if not comparison.change:
        few["person"] = np.arange(len(few))  # matched sets are of different people
        return adjusted_ratio(few, chosen_on, contrast_as_is(few, effect))
    on = few["treated"] == 1
    after = float((few["y"] + scaled_before(few, effect))[on].mean())
    expected = after - made.estimate
    if not (after > 0 and expected > 0):
        raise InputError("replay", "no events among those matched: use a larger place")
    error = made.se / expected
    return Found(math.log(after / expected), error, error, *arm_sizes(few))


def contrast_as_is(table: pd.DataFrame, effect: Effect) -> Found:
    """Return the contrast of a table that is ready and holds nobody twice."""
    found = contrast(table, effect)
    return replace(found, paired=found.se)


def scaled_before(table: pd.DataFrame, effect: Effect) -> pd.Series:
    """Return what each person had before the index, for as many months as are followed after it."""
    if effect.scale in ("difference", "share"):
        return table["before"]
    return table["before"] * (effect.months[1] - effect.months[0]) / effect.before


def exposed(replay: Replay, effect: Effect, arms: Arms) -> Found:
    """Return those reached beside those of the same place who were not, as they are.

    Raises InputError where the programme reached nobody.
    """
    people = replay.people_of(effect)
    taken = followed(arms.programme, people)
    if len(taken) == 0:
        raise InputError("replay", "the programme reached nobody: use a larger place")
    others = not_taken(arms.programme, people, taken)
    tables = [
        outcome_table(arms.programme, chosen, effect, dict(arms.prices)).assign(treated=flag)
        for flag, chosen in ((1, taken), (0, others))
    ]
    return contrast_as_is(ready(pd.concat(tables, ignore_index=True), effect), effect)


def age_cut(replay: Replay, effect: Effect, arms: Arms) -> Found:
    """Return the step at an age from which a policy holds: a line on each side (local linear, Imbens and Lemieux).

    With ``change`` it is the step in how much each person changed: one that was there before is no effect.
    """
    people, cut = replay.people_of(effect), replay.comparison.cut_age
    chosen = followed(arms.programme, people)
    table = ready(outcome_table(arms.programme, chosen, effect, dict(arms.prices)), effect)
    years = arms.programme.age[chosen.rows] + chosen.index / 12
    age = pd.Series(years - cut, index=arms.programme.key[chosen.rows]).reindex(table["person"].to_numpy())
    table["past"] = age.to_numpy()
    if replay.comparison.change:
        table["y"] = table["y"] - scaled_before(table, effect)
    if replay.comparison.without_ages:
        first, end = replay.comparison.without_ages
        table = table[(table["past"] + cut < first) | (table["past"] + cut >= end)]
    table = table[table["y"].notna()].reset_index(drop=True)
    table["treated"] = (table["past"] >= 0).astype(int)
    table["past_after"] = table["past"] * table["treated"]
    enough(table)
    cohort = read_cohort(table, treated="treated", outcome="y", covariates=["past", "past_after"])
    made = regression(cohort)
    return Found(made.estimate, made.se, made.se, *arm_sizes(table))


def uncontrolled(replay: Replay, effect: Effect, arms: Arms) -> Found:
    """Return the change of the same people, after less before: a description, and no effect.

    Raises InputError where there were no events before or after.
    """
    lives = arms.usual if effect.arm == "controls" else arms.programme
    chosen = followed(lives, replay.people_of(effect))
    table = outcome_table(lives, chosen, effect, dict(arms.prices))
    months = effect.months[1] - effect.months[0]
    table = table[table["time"] > 0].reset_index(drop=True)
    if replay.comparison.completers:
        throughout = (table["time"] >= months) & (table["time_before"] >= effect.before)
        table = table[throughout].reset_index(drop=True)
    if effect.scale == "risk":
        table["y"], table["before"] = PERCENT * (table["y"] > 0), PERCENT * (table["before"] > 0)
    elif effect.scale == "difference":
        table["y"] *= effect.per_months / months
        table["before"] *= effect.per_months / effect.before
    else:
        table["y"] *= effect.before / months
    people = float(len(table))
    if effect.logged:
        value, error = log_ratio_of_same(table["before"].to_numpy(float), table["y"].to_numpy(float))
    else:
        made = before_after(table, "before", "y")
        value, error = made.estimate, made.se
    return Found(value, error, error, people, people)


def log_ratio_of_same(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return the log of mean after over mean before, of the same people, and its standard error.

    Each person's influence is after / its mean less before / its mean (delta method). Raises InputError for fewer than
    two people, or where nobody had any before or after.
    """
    if len(before) < 2 or not (before.mean() > 0 and after.mean() > 0):
        raise InputError("replay", "no events before or after: use a larger place")
    influence = after / after.mean() - before / before.mean()
    return float(np.log(after.mean() / before.mean())), float(influence.std(ddof=1) / np.sqrt(len(influence)))


def continuity(replay: Replay, effect: Effect, arms: Arms) -> Found:
    """Return the outcome of those who see their own clinician most over that of those who do least: thirds, or bands.

    In usual care, with index and outcome over the same months, adjusted for what records tell: an association. Raises
    InputError where nobody has enough contacts, or nothing happened to them.
    """
    lives = arms.usual
    chosen = followed(lives, replay.people_of(effect))
    table = outcome_table(lives, chosen, effect, dict(arms.prices))
    share = effect.model_copy(update={"measure": "own_share"})
    table["own"] = outcome_table(lives, chosen, share, {})["y"]
    table = pd.concat([table, covariates(lives, chosen)], axis=1)
    table = table[table["own"].notna() & (table["time"] > 0)].reset_index(drop=True)
    if len(table) == 0:
        raise InputError("replay", "nobody has enough contacts: use a larger place")
    least, most = replay.comparison.bands or np.quantile(table["own"], THIRDS)
    table = table[(table["own"] <= least) | (table["own"] >= most)].reset_index(drop=True)
    table["treated"] = (table["own"] >= most).astype(int)
    enough(table)
    known = [name for name in replay.comparison.match_on if table[name].nunique() > 1]
    made = regression(read_cohort(table, treated="treated", outcome="y", covariates=known))
    least = table.loc[table["treated"] == 0, "y"].to_numpy(float)
    value, error = log_ratio_of_difference(least, made.estimate, made.se)
    return Found(value, error, error, *arm_sizes(table))


def log_ratio_of_difference(others: np.ndarray, difference: float, se: float) -> tuple[float, float]:
    """Return the log of (mean of ``others`` + ``difference``) over that mean, and its standard error.

    difference: of those compared less the others, adjusted, with ``se``, whose variance is that of both means: each
    counts over its own mean squared (delta method). Raises InputError where either mean is not above 0.
    """
    mean = float(others.mean())
    if not (mean > 0 and mean + difference > 0):
        raise InputError("replay", "no events among those compared: use a larger place")
    of_others = float(others.var(ddof=1)) / len(others)
    variance = of_others / mean**2 + max(se**2 - of_others, 0.0) / (mean + difference) ** 2
    return math.log1p(difference / mean), math.sqrt(variance)
