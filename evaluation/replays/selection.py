"""Who a study follows, and from which month: the same rule on any table of people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.replays.definition import COVARIATES, MEASURES, Effect, People, Prior
from evaluation.replays.lives import NEVER, Lives
from evaluation.replays.outcomes import OUTCOMES
from scenarios.errors import InputError, nearest

HOMES = {"any": (0, 1, 2), "none": (0,), "residential": (1,), "nursing": (2,), "either": (1, 2)}
YEAR_MONTHS = 12
RECENT_MONTHS = 3
FEWEST_CONTACTS = 2  # below which a usual provider says nothing
CASELOAD = (
    "care_coordination"  # the lever whose people are enrolled: who was of late is neither newly taken on nor a control
)


@dataclass(frozen=True)
class Followed:
    """``rows`` of a table of people, and the month each is followed from."""

    rows: np.ndarray
    index: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, flags: np.ndarray) -> Followed:
        """Return those flagged."""
        return Followed(self.rows[flags], self.index[flags])


def followed(lives: Lives, people: People) -> Followed:
    """Return whom the rule takes on in ``lives``, each with the month."""
    index = index_months(lives, people)
    taken = (index < people.within_months) & fits(lives, people, index)
    rows = np.flatnonzero(taken)
    return Followed(rows, index[rows])


def same_people(lives: Lives, other: Lives, chosen: Followed) -> Followed:
    """Return those chosen in ``other`` as they are in ``lives``, from the same months: twins in another arm."""
    order = np.argsort(lives.key)
    keys = other.key[chosen.rows]
    at = np.minimum(np.searchsorted(lives.key[order], keys), len(order) - 1)
    rows = order[at]
    there = lives.key[rows] == keys
    return Followed(rows[there], chosen.index[there])


def index_months(lives: Lives, people: People) -> np.ndarray:
    """Return (n,): the month from which each would be followed; NEVER for those who would not."""
    if people.index == "start":
        return np.zeros(lives.people, np.int64)
    if people.index == "reached":
        return np.asarray(lives.reached[people.lever], np.int64)
    index = np.full(lives.people, NEVER, np.int64)
    if people.index == "event":
        for month in reversed(range(min(people.within_months, lives.months))):
            at = np.full(lives.people, month)
            index[(amount(lives, people.event, at, at + 1) > 0) & fits(lives, people, at)] = month
        return index
    for month in reversed(range(people.within_months)):
        at = np.full(lives.people, month)
        here = fits(lives, people, at)
        if people.index == "moved_in":
            here &= lives.state("care_home", at - 1) == 0
        index[here] = month
    return index


def fits(lives: Lives, people: People, index: np.ndarray) -> np.ndarray:
    """Return flags (n,): there at the index month, known before it, and as the rule says."""
    at = np.minimum(index, lives.months - 1)
    years = lives.age + at / YEAR_MONTHS
    here = lives.present[np.arange(lives.people), lives.column(at)] & (lives.months_there(at - 1, at) > 0)
    here &= (years >= people.ages[0]) & (years < people.ages[1])
    if people.care_home != "any":
        here &= np.isin(lives.state("care_home", at), HOMES[people.care_home])
    if people.frailty_least:
        here &= lives.state("frailty", at) >= people.frailty_least
    if people.conditions_least:
        here &= lives.state("conditions", at) >= people.conditions_least
    if people.worst_quintiles < 5:
        here &= lives.quintile <= people.worst_quintiles
    if people.prior is not None:
        here &= had(lives, people.prior, at)
    if people.lever == CASELOAD:
        here &= lives.enrolled_months(at - YEAR_MONTHS, at) == 0
    return np.asarray(here & (index < NEVER))


def had(lives: Lives, prior: Prior, index: np.ndarray) -> np.ndarray:
    """Return flags (n,): enough past use before the index month."""
    return amount(lives, prior.outcome, index - prior.months, index) >= prior.least


def amount(lives: Lives, outcome: str, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return (n,): an outcome by name from ``start`` until before ``end``, in its unit."""
    total = np.zeros(lives.people)
    for column, factor in OUTCOMES[outcome].parts.items():
        total += factor * lives.between(column, start, end)
    return total


def months_of(lives: Lives, chosen: Followed) -> np.ndarray:
    """Return (n,): the index month of each row that is followed, 0 for the others."""
    index = np.zeros(lives.people, np.int64)
    index[chosen.rows] = chosen.index
    return index


def covariates(lives: Lives, chosen: Followed) -> pd.DataFrame:
    """Return what records tell of each person at the index month, one column of COVARIATES each."""
    index = months_of(lives, chosen)
    year = index - YEAR_MONTHS
    columns = {
        "age": lives.age + index / YEAR_MONTHS,
        "female": lives.female,
        "quintile": lives.quintile,
        "conditions": lives.state("conditions", index),
        "frailty": lives.state("frailty", index),
        "ed": amount(lives, "ed_attendances", year, index),
        "admissions": amount(lives, "emergency_admissions", year, index),
        "outpatients": amount(lives, "outpatient_attendances", year, index),
        "bed_days": amount(lives, "bed_days", year, index),
        "recent_ed": amount(lives, "ed_attendances", index - RECENT_MONTHS, index),
        "recent_admissions": amount(lives, "emergency_admissions", index - RECENT_MONTHS, index),
    }
    return pd.DataFrame({name: np.asarray(columns[name], float)[chosen.rows] for name in COVARIATES})


def outcome_table(lives: Lives, chosen: Followed, effect: Effect, prices: dict[str, float]) -> pd.DataFrame:
    """Return a row for each person followed: person, y, time (months there), before (of the year before), events.

    ``y`` is NaN for those whom the measure cannot tell of (moved away, too few contacts). ``prices``: GBP by column of
    a table of people. Raises InputError for a price to leave out that there is not.
    """
    index = months_of(lives, chosen)
    start, end = index + effect.months[0], index + effect.months[1]
    earlier = index - effect.before
    for name in effect.without:
        if name not in prices:
            raise InputError("replay", f"without: no price of '{name}'; {nearest(name, prices)}")
    priced = {name: price for name, price in prices.items() if name not in effect.without}
    y, before = measured(lives, effect.measure, (start, end), (earlier, index), priced)
    if effect.less_index:
        y = np.maximum(y - 1, 0)
    events = amount(lives, effect.event, start, end) if effect.event else np.zeros(lives.people)
    table = pd.DataFrame(
        {
            "person": lives.key,
            "y": y,
            "time": lives.months_there(start, end).astype(float),
            "before": before,
            "time_before": np.maximum(lives.months_there(earlier, index), 0).astype(float),
            "events": events,
        }
    )
    return table.iloc[chosen.rows].reset_index(drop=True)


def measured(
    lives: Lives,
    measure: str,
    after: tuple[np.ndarray, np.ndarray],
    before: tuple[np.ndarray, np.ndarray],
    prices: dict[str, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Return a measure of each person in the months after, and in those before."""
    if measure not in MEASURES:
        return amount(lives, measure, *after), amount(lives, measure, *before)
    if measure == "cost":
        both = [sum(price * lives.between(name, *when) for name, price in prices.items()) for when in (after, before)]
        return np.asarray(both[0], float), np.asarray(both[1], float)
    if measure == "own_share":
        return own_share(lives, *after), own_share(lives, *before)
    last = after[1] - 1
    there = lives.present[np.arange(lives.people), lives.column(last)]
    died = lives.between("deaths", after[0], after[1]) > 0
    in_home = lives.state("care_home", after[1]) > 0
    flag = in_home | died if measure == "not_at_home" else (in_home if measure == "care_home" else ~in_home) & ~died
    value = np.where(there | died, flag.astype(float), np.nan)
    return value, np.zeros(lives.people)


def own_share(lives: Lives, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the usual provider index, the share of contacts with the clinician seen most; NaN with too few contacts.

    That is one's own, or another seen once: of the others only that they are not one's own is known, so that the index
    is a lower bound for people who see another one more often.
    """
    every = amount(lives, "gp_contacts", start, end)
    own = amount(lives, "gp_own_contacts", start, end)
    return np.where(every >= FEWEST_CONTACTS, np.maximum(own, 1.0) / np.maximum(every, 1.0), np.nan)
