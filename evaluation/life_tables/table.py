"""Abridged life tables: Chiang's with an open last band (the OHID way), and York's with a closed one.

They are different methods and give different numbers, so each is named: ``le_chiang_open`` and ``le_closed_band``.
Sources: Chiang 1968; Silcocks, Jenner and Reza, J Epidemiol Community Health 2001;55:38-43 (variance of the last band);
OHID PHEindicatormethods, phe_life_expectancy (rules); York DCEA tool, baseline.R (closed band).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.estimate import LEVEL, Estimate, check_level, undefined, z_value
from scenarios.errors import InputError

CHIANG, CLOSED = "le_chiang_open", "le_closed_band"
OHID_BANDS = (0, 1, *range(5, 95, 5))  # start ages in years: 0, 1-4, 5-9 ... 90 and over
A_FIRST, A_OTHER = 0.1, 0.5  # share of the band lived by those who die in it: at age 0, and at others
LEAST_PEOPLE = 5_000  # person-years in all; an area with no more has no life expectancy (Toson and Baker 2003)
WIDEST_YEARS = 20.0  # a value whose 95% interval is wider is not shown
RADIX = 100_000.0
_START = re.compile(r"^\D*(\d+)")


@dataclass(frozen=True)
class LifeTable:
    """A life table and how it was made.

    ``rows``, one per band of age: start_age and width (years; the last width of an open table is 2 / rate), rate
    (deaths per person-year), a, q (probability of dying), l (survivors to the start), d, L and T (years), e (expectancy
    at the start, years), q_variance, se (of e). ``reason``: why there is no table (then ``rows`` is empty).
    """

    rows: pd.DataFrame
    method: str
    population: str = "not stated"
    people: float = math.nan
    reason: str = ""

    def expectancy(self, age: int = 0, level: float = LEVEL) -> Estimate:
        """Return life expectancy at ``age`` (the start of a band) in years.

        Not shown, with limits and the reason, where its 95% interval is wider than 20 years; 0, without limits, where
        nobody reaches the age. Raises InputError for an age that starts no band.
        """
        if self.reason:
            return undefined(self.method, self.population, self.people, self.reason, "person-years", level)
        row = self._row(age)
        z, value, se = z_value(level), float(row["e"]), float(row["se"])
        if row["l"] == 0:
            why = f"nobody reaches age {age}: an expectancy of 0, without limits"
            value, se = 0.0, math.nan
        elif math.isnan(se):
            why = "no deaths counted: no interval"
        elif 2 * z_value(LEVEL) * se > WIDEST_YEARS:
            why = f"the 95% interval is wider than {WIDEST_YEARS:g} years: value not shown"
        else:
            why = ""
        shown = math.nan if why.endswith("not shown") else value
        limits = value - z * se, value + z * se
        return Estimate(
            shown, *limits, self.method, self.population, self.people, "person-years", check_level(level), se, why
        )

    def expectancies(self, level: float = LEVEL) -> pd.DataFrame:
        """Return one row per band: start_age, and the columns of estimates_table."""
        if self.reason:
            return pd.DataFrame([{"start_age": 0, **self.expectancy(0, level).as_row()}])
        ages = self.rows["start_age"].astype(int).tolist()
        return pd.DataFrame([{"start_age": age, **self.expectancy(age, level).as_row()} for age in ages])

    def _row(self, age: int) -> pd.Series:
        found = self.rows[self.rows["start_age"] == age]
        if found.empty:
            ages = ", ".join(str(int(each)) for each in self.rows["start_age"])
            raise InputError("age", f"{age} starts no band of this table; allowed: {ages}")
        return found.iloc[0]


def start_ages(bands: Sequence[object] | pd.Series) -> list[int]:
    """Return the start in years of ``bands`` ('0', '1-4', '5-9', '90+', or numbers).

    Raises InputError for one without a number.
    """
    found = []
    for band in bands:
        text = f"{band:g}" if isinstance(band, float | np.floating) else str(band)
        match = _START.match(text)
        if match is None:
            raise InputError(
                "age band", f"'{band}' holds no age; allowed: a start age, or a band such as '5-9' or '90+'"
            )
        found.append(int(match[1]))
    return found


def chiang_table(
    table: pd.DataFrame, bands: Sequence[int] = OHID_BANDS, population: str = "not stated", suppress: bool = True
) -> LifeTable:
    """Return Chiang's abridged life table of ``table``, with Silcocks' variance.

    Columns: ``start_age`` (years or band names, any order), ``population`` (person-years), ``deaths``. The rules are
    OHID's: no table, with its reason, for a band missing or unknown, a population of 0 or below, deaths below 0 or
    above the population, none in the last band, or (unless ``suppress`` is False) 5,000 person-years or fewer in all. A
    death probability that would be above 1 is 1. Raises InputError for a missing column, a value that is not a number,
    or a band there twice.
    """
    ages, people, deaths = _read(table, ("population", "deaths"))
    reason = _why_not(ages, people, deaths, bands)
    if not reason and suppress and people.sum() <= LEAST_PEOPLE:
        reason = f"{people.sum():g} person-years in all; more than {LEAST_PEOPLE:,} are needed"
    if reason:
        return LifeTable(pd.DataFrame(), CHIANG, population, float(people.sum()), reason)
    rate = deaths / people
    width = np.append(np.diff(ages), 2 / rate[-1]).astype(float)
    a = np.where(ages == 0, A_FIRST, A_OTHER)
    q = np.where(deaths <= people / width / a, width * rate / (1 + (1 - a) * width * rate), 1.0)
    q[-1] = 1.0
    rows = _survival(ages, width, rate, a, q)
    rows["deaths"], rows["people"] = deaths, people
    rows["q_variance"] = np.where(deaths > 0, q**2 * (1 - q) / np.where(deaths > 0, deaths, 1.0), 0.0)
    rows.loc[len(rows) - 1, "q_variance"] = 4 / (deaths[-1] * rate[-1] ** 2)
    rows["se"] = _standard_errors(rows)
    return LifeTable(rows, CHIANG, population, float(people.sum()))


def closed_table(table: pd.DataFrame, population: str = "not stated") -> LifeTable:
    """Return York's life table: half of each band lived by those who die in it, and everybody dead at the last's end.

    Columns: ``start_age``, ``end_age`` (the last year in the band: 85 and 99 is 15 years wide), ``mortality_rate``
    (deaths per person-year). No standard errors. Raises InputError for a missing column, bands that leave a hole or
    overlap, or a rate below 0.
    """
    ages, ends, rate = _read(table, ("end_age", "mortality_rate"))
    if (rate < 0).any():
        raise InputError("mortality_rate", f"is {rate.min():g}; allowed: 0 or above, deaths per person-year")
    width = ends - ages + 1
    for i in range(len(ages)):
        follows = ages[i] + width[i]
        if width[i] <= 0 or (i + 1 < len(ages) and follows != ages[i + 1]):
            raise InputError(
                "end_age", f"band {ages[i]:g} to {ends[i]:g} does not lead to the next; {follows:g} is next"
            )
    a = np.full(len(ages), A_OTHER)
    q = np.minimum(width * rate / (1 + (1 - a) * width * rate), 1.0)
    q[-1] = 1.0
    rows = _survival(ages, width, rate, a, q)
    rows.loc[len(rows) - 1, "L"] = width[-1] * a[-1] * rows["l"].iloc[-1]
    rows = _expectancy(rows).assign(q_variance=np.nan, se=np.nan)
    return LifeTable(rows, CLOSED, population)


def _read(table: pd.DataFrame, columns: tuple[str, str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start ages, sorted, and both columns in that order."""
    need_columns(table, ("start_age", *columns), "life table")
    if table.empty:
        raise InputError("life table", "has no rows; one per band of age is needed")
    ages = np.array(start_ages(table["start_age"]))
    order = np.argsort(ages, kind="stable")
    ages = ages[order]
    if (np.diff(ages) == 0).any():
        twice = int(ages[:-1][np.diff(ages) == 0][0])
        raise InputError("life table", f"the band that starts at {twice} is there twice; each is allowed once")
    first, second = (numbers(table[column], f"life table {column}")[order] for column in columns)
    return ages, first, second


def _why_not(ages: np.ndarray, people: np.ndarray, deaths: np.ndarray, bands: Sequence[int]) -> str:
    """Return why OHID's rules allow no table, or nothing."""
    wanted, there = set(bands), set(ages.tolist())
    if wanted != there:
        odd = sorted(wanted ^ there)[0]
        return f"the band that starts at {odd} is {'missing' if odd in wanted else 'not one of the table'}"
    for bad, what in ((people <= 0, "a population of 0 or below"), (deaths < 0, "deaths below 0")):
        if bad.any():
            return f"the band that starts at {ages[bad][0]} has {what}"
    if (deaths > people).any():
        return f"the band that starts at {ages[deaths > people][0]} has more deaths than people"
    return "" if deaths[-1] > 0 else "no deaths in the last band, which must have at least one"


def _survival(ages: np.ndarray, width: np.ndarray, rate: np.ndarray, a: np.ndarray, q: np.ndarray) -> pd.DataFrame:
    survivors = RADIX * np.concatenate([[1.0], np.cumprod(1 - q[:-1])])
    after = np.append(survivors[1:], 0.0)
    died = survivors - after
    lived = width * (after + a * died)
    if rate[-1] > 0:
        lived[-1] = survivors[-1] / rate[-1]
    columns = {"start_age": ages, "width": width, "rate": rate, "a": a, "q": q, "l": survivors, "d": died, "L": lived}
    return _expectancy(pd.DataFrame(columns))


def _expectancy(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``rows`` with T (years lived from each band on) and e, 0 where nobody is left."""
    total = rows["L"].to_numpy()[::-1].cumsum()[::-1]
    survivors = rows["l"].to_numpy()
    left = np.divide(total, survivors, out=np.zeros_like(total), where=survivors > 0)
    return rows.assign(T=total, e=left)


def _standard_errors(rows: pd.DataFrame) -> np.ndarray:
    """Return the standard error of e: Chiang's sum over bands, with Silcocks' term for the last."""
    survivors, e = rows["l"].to_numpy(), rows["e"].to_numpy()
    weight = (survivors * ((1 - rows["a"].to_numpy()) * rows["width"].to_numpy() + np.append(e[1:], 0.0))) ** 2
    weight[-1] = (survivors[-1] / 2) ** 2
    summed = (weight * rows["q_variance"].to_numpy())[::-1].cumsum()[::-1]
    nobody = np.full_like(summed, np.nan)
    return np.sqrt(np.divide(summed, survivors**2, out=nobody, where=survivors > 0))
