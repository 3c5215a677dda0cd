"""Worlds with a known effect, person by person, and one series. Fixed before the estimators were written.

Every generator takes a numpy Generator and returns a Cohort. All sizes and effects are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

PEOPLE = 2_000
FOLLOW_MONTHS = 12
SERIES_MONTHS, SERIES_START = 72, 48
SHOCK = 0.92


@dataclass(frozen=True)
class Cohort:
    """One drawn world: ``frame`` with a row per person (or month of a series), and the true effect on ``scale``."""

    frame: pd.DataFrame
    truth: float
    scale: str


def informative_death(rng: np.random.Generator) -> Cohort:
    """Treatment saves lives among the frail and leaves the rate of attendance alone.

    Columns: treated (at random given frailty), frail (0, 1), months_alive (to 12), attendances, alive (at 12 months).
    Truth: difference in attendances per person started, counting 0 after death: above zero, since people live longer.
    Those alive at the end are frailer under treatment: comparing survivors alone is another, confounded question.
    """
    frail = rng.random(PEOPLE) < 0.5
    treated = rng.random(PEOPLE) < np.where(frail, 0.6, 0.4)
    dies = np.where(frail, np.where(treated, 0.03, 0.09), 0.01)
    rate = np.where(frail, 0.30, 0.08)
    lived = np.minimum(rng.geometric(dies) - 1, FOLLOW_MONTHS)
    frame = pd.DataFrame(
        {
            "treated": treated.astype(int),
            "frail": frail.astype(int),
            "months_alive": lived,
            "attendances": rng.poisson(rate * lived),
            "alive": (lived == FOLLOW_MONTHS).astype(int),
        }
    )
    saved = _months_alive(0.03) - _months_alive(0.09)
    return Cohort(frame, 0.5 * 0.30 * saved, "difference")


def _months_alive(dies: float) -> float:
    """Return the mean whole months lived of FOLLOW_MONTHS at a monthly risk of death."""
    return float(sum((1 - dies) ** month for month in range(1, FOLLOW_MONTHS + 1)))


def repeat_attenders(rng: np.random.Generator) -> Cohort:
    """Half are treated at random; a few people make most attendances (gamma-Poisson); the true rate ratio is 0.8.

    Columns: treated, attendances, years (1 each).
    """
    treated = rng.random(PEOPLE) < 0.5
    own = rng.gamma(0.25, 4.0, PEOPLE)
    frame = pd.DataFrame(
        {
            "treated": treated.astype(int),
            "attendances": rng.poisson(own * 0.6 * np.where(treated, 0.8, 1.0)),
            "years": 1.0,
        }
    )
    return Cohort(frame, 0.8, "rate ratio")


def regression_to_mean(rng: np.random.Generator) -> Cohort:
    """A service takes half of those with four attendances or more last year, at random, and does nothing.

    Columns: treated, before, after (attendances in the year before and after), eligible (before >= 4).
    """
    own = rng.gamma(1.0, 1.5, 4 * PEOPLE)
    before, after = rng.poisson(own), rng.poisson(own)
    eligible = before >= 4
    treated = eligible & (rng.random(4 * PEOPLE) < 0.5)
    frame = pd.DataFrame(
        {"treated": treated.astype(int), "before": before, "after": after, "eligible": eligible.astype(int)}
    )
    return Cohort(frame, 0.0, "difference")


def confounded(rng: np.random.Generator) -> Cohort:
    """Older and sicker people are treated more and use more; the effect is -1 for everyone.

    Columns: treated, age (standardised), sick, outcome.
    """
    age = rng.normal(0, 1, PEOPLE)
    sick = (rng.random(PEOPLE) < 0.3).astype(float)
    chance = 1 / (1 + np.exp(1.0 - 0.8 * age - 1.0 * sick))
    treated = rng.random(PEOPLE) < chance
    outcome = 5 + 1.5 * age + 2.0 * sick - 1.0 * treated + rng.normal(0, 2, PEOPLE)
    frame = pd.DataFrame({"treated": treated.astype(int), "age": age, "sick": sick, "outcome": outcome})
    return Cohort(frame, -1.0, "difference")


def series(rng: np.random.Generator) -> Cohort:
    """One place's monthly count: trend, season, twice Poisson's variance, and a level change of 0.9 at month 48.

    Columns: month, count, population, treated.
    """
    month = np.arange(SERIES_MONTHS)
    on = month >= SERIES_START
    mean = 600 * np.exp(0.002 * month + 0.08 * np.sin(2 * np.pi * month / 12)) * np.where(on, 0.9, 1.0)
    count = rng.negative_binomial(mean, 0.5)  # variance = 2 x mean
    frame = pd.DataFrame({"month": month, "count": count, "population": 100_000.0, "treated": on.astype(int)})
    return Cohort(frame, 0.9, "rate ratio")


def shared_shock(rng: np.random.Generator) -> Cohort:
    """As series, beside a place without the service; from month 48 something else takes 8% off both.

    Columns: place, month, count, population, treated.
    """
    mine = series(rng).frame
    month = mine["month"].to_numpy()
    on = month >= SERIES_START
    elsewhere = 900 * np.exp(0.001 * month + 0.08 * np.sin(2 * np.pi * month / 12)) * np.where(on, SHOCK, 1.0)
    count = np.where(on, rng.binomial(mine["count"], SHOCK), mine["count"])
    other = mine.assign(count=rng.negative_binomial(elsewhere, 0.5), treated=0, place="other")
    return Cohort(pd.concat([mine.assign(count=count, place="mine"), other]), 0.9, "rate ratio")


def correlated_series(rng: np.random.Generator) -> Cohort:
    """One place's monthly mean: trend, a level change of -2, and errors that follow an AR(1) of 0.5 (sd 2).

    Columns: month, outcome, treated.
    """
    month = np.arange(SERIES_MONTHS)
    on = month >= SERIES_START
    errors = np.empty(SERIES_MONTHS)
    errors[0] = rng.normal(0.0, 2.0)
    for at in range(1, SERIES_MONTHS):
        errors[at] = 0.5 * errors[at - 1] + rng.normal(0.0, 2.0 * np.sqrt(1 - 0.5**2))
    outcome = 40 + 0.05 * month - 2.0 * on + errors
    return Cohort(pd.DataFrame({"month": month, "outcome": outcome, "treated": on.astype(int)}), -2.0, "difference")
