"""How a case values things: prices of its price year in whole pence, discount schedules, quality of life, thresholds.

The one place where the economic tables, the evidence registry and the settings of a case meet; what comes out are plain
tables for ``evaluation``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from evaluation.draws import generator
from evaluation.economics.discounting import Rates, check_schedule
from evaluation.economics.money import pence
from evaluation.economics.prices import index_from_rises, inflation
from evaluation.economics.qalys import Quality
from evaluation.economics.staffing import Supplement, cost_of_post
from evaluation.economics.utilities import remaining_by_band, shifts_by_quintile, utility_of_bands
from scenarios.errors import InputError, nearest
from scenarios.registry.economics import Economics, load_economics
from scenarios.registry.reader import Registry, load_registry
from scenarios.schema.case import Case
from scenarios.service_names import STAFFED_SERVICES

Numbers = Mapping[str, float]
BANDS = {
    "0-4": (0, 4),
    "5-17": (5, 17),
    "18-39": (18, 39),
    "40-64": (40, 64),
    "65-74": (65, 74),
    "75-84": (75, 84),
    "85+": (85, 100),
}
SECONDS = {"count": 1.0, "day": 86_400.0, "hour": 3_600.0}
WEEKS_A_YEAR = 365.25 / 7
PACKAGE_LINE, PACKAGES = "home_care_package", "package_starts"
CONVEYANCES = "conveyances"  # a quantity that a panel holds by category
OLDEST = 100
# What a number of the user's own may be, by its unit; money is checked where the tables are read.
ALLOWED: Mapping[str, tuple[float, float]] = {
    "share": (0.0, 1.0),
    "ratio": (0.0, math.inf),
    "hours per week": (0.0, math.inf),
    "utility": (-1.0, 0.0),
}
BELOW_ONE = ("vacancy_share",)  # what is spent on a post in place is divided by the rest


@dataclass(frozen=True)
class Book:
    """The economic tables with a case's own prices, and one sample (or the central value) of every uncertain number."""

    case: Case
    economics: Economics
    registry: Registry
    prices: Numbers
    values: Numbers
    rules: Numbers  # central values of the evidence registry: how staff time becomes time with residents
    levels: pd.DataFrame  # the price index of the case: year, level
    staff: Mapping[str, Mapping[str, Any]]  # rows of staff.csv by service
    pay: Mapping[str, Mapping[str, Any]]  # rows of pay.csv by grade

    def in_price_year(self, amount: float, year: str, name: str) -> float:
        """Return ``amount`` of ``year`` in prices of the case's year; raise InputError if either has no deflator."""
        return amount * inflation(self.levels, year, self.case.price_year, f"price year of '{name}'")

    def money(self, name: str) -> float:
        """Return an economic value that is money, in pounds of the price year."""
        return self.in_price_year(self.values[name], self.economics.value(name).price_year, name)


def book_of(case: Case, economics: Economics | None = None, registry: Registry | None = None) -> Book:
    """Return the book of a case at central values.

    Raises InputError for a price below 0 or of an unknown name, a share that is none, a price year without a deflator,
    or an unknown threshold.
    """
    own = (economics or load_economics()).with_prices(case.prices, case.price_year)
    check_own(own, case.prices)
    table = own.table("deflators")
    levels = index_from_rises(table[table["index"] == case.deflator][["year", "rise"]])
    inflation(levels, str(levels["year"].iloc[-1]), case.price_year, "case.price_year")
    evidence = registry or load_registry()
    staff, pay = rows_of(own.table("staff"), "service"), rows_of(own.table("pay"), "grade")
    made = Book(case, own, evidence, *own.central(), evidence.central(), levels, staff, pay)
    threshold_of(made, case.threshold)
    return made


def check_own(economics: Economics, own: Numbers) -> None:
    """Raise InputError for a number of the user's own, not money, outside what its unit allows (see ``ALLOWED``)."""
    for name, value in own.items():
        if name not in economics.values:
            continue
        unit = economics.values[name].parameter.unit
        low, high = ALLOWED.get(unit, (-math.inf, math.inf))
        if low <= value <= high and not (name in BELOW_ONE and value >= 1):
            continue
        most = "below 1" if name in BELOW_ONE else f"{high:g}"
        allowed = f"{low:g} or above" if math.isinf(high) else f"{low:g} to {most}"
        raise InputError(f"case.prices.{name}", f"is {value:g} ({unit}); allowed: {allowed}")


def drawn_book(book: Book, draw: int, seed: int) -> Book:
    """Return the book with every uncertain number at a quantile of its own, keyed by its name and the draw."""

    def uniform(name: str) -> float:
        return float(generator(seed, "economics", name, draw).random())

    prices, values = book.economics.draw(uniform)
    return replace(book, prices=prices, values=values)


def rows_of(table: pd.DataFrame, key: str) -> dict[str, Mapping[str, Any]]:
    """Return the rows of a table by one of its columns."""
    return {str(row[key]): {str(name): value for name, value in row.items()} for row in table.to_dict("records")}


def price_lines(book: Book) -> pd.DataFrame:
    """Return unit prices for ``ledger.price_use``, whole pence of the price year, with column service ('' for none).

    A national unit cost where there is one, less that of what it holds and is counted apart (never below nothing);
    otherwise the time of staff with residents, at what a post costs here over the hours that it spends with them.
    """
    rows = []
    for name, price in book.economics.prices.items():
        amount = price_of(book, name)
        if price.less:
            amount = max(amount - price_of(book, price.less), 0.0)
        service = service_of(price.quantity)
        rows.append((name, price.quantity, 1 / SECONDS[price.per], amount, price.organisation, price.sector, service))
    for service, row in book.staff.items():
        if row["time_valued"] == "yes":
            each = hour_cost(book, service)
            line = (f"{service}_hour", f"{service}_staff_seconds", 1 / SECONDS["hour"], each)
            rows.append((*line, row["organisation"], row["sector"], service))
    package = package_cost_per_week(book) * book.rules["package_weeks"]
    rows.append((PACKAGE_LINE, PACKAGES, 1.0, package, "council", "social care", "home_package"))
    columns = ["line", "column", "units_per_count", "gbp", "organisation", "sector", "service"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(pence=[pence(each) for each in table["gbp"]])


def price_of(book: Book, name: str) -> float:
    """Return a price in pounds of the case's year, as its row tells it."""
    return book.in_price_year(book.prices[name], book.economics.prices[name].price_year, name)


def service_of(column: str) -> str:
    """Return the service whose capacity a column of the panel uses, where a design may add to it; '' for no such."""
    if column == CONVEYANCES:
        return "ambulance"  # its crews take people there: posts for more of them pay for both
    stem = re.sub(r"_(contacts|attendances|seconds)$", "", column)
    return stem if stem in (*STAFFED_SERVICES, "virtual_ward") else ""


def post_cost(book: Book, service: str) -> float:
    """Return pounds a year of one full-time post in a staffed service: pay, supplement, on-costs and overheads.

    Overheads are of the pay alone: those that national costs hold do not grow with what London adds to pay.
    """
    if service not in book.staff:
        raise InputError("staff.csv", f"no post for '{service}': {nearest(service, book.staff)}")
    grade = str(book.staff[service]["grade"])
    if grade not in book.pay:
        raise InputError("pay.csv", f"no pay for grade '{grade}': {nearest(grade, book.pay)}")
    row = book.pay[grade]
    cost = float(row["pay_gbp_per_year"])
    if row["all_in"] == "no":
        plain = cost_of_post(cost, book.values["on_cost_ratio"])
        added = cost_of_post(cost, book.values["on_cost_ratio"], supplement(book)) - plain
        cost = plain * book.values["overhead_ratio"] + added
    return book.in_price_year(cost, str(row["price_year"]), grade)


def hour_cost(book: Book, service: str) -> float:
    """Return pounds of an hour that staff of a service spend with residents: a post's cost over its such hours."""
    share = book.rules["productive_share_of_year"] * book.rules[f"facing_share_{service}"]
    return post_cost(book, service) / (WEEKS_A_YEAR * book.rules["contract_hours_per_week"] * share)


def package_cost_per_week(book: Book) -> float:
    """Return pounds a week of one home care place."""
    return book.values["home_package_hours_per_week"] * book.money("home_care_gbp_per_hour")


def supplement(book: Book) -> Supplement:
    """Return the high-cost area supplement of the case."""
    if book.case.area_supplement == "none":
        return Supplement()
    names = ("inner_london_share", "inner_london_least_gbp", "inner_london_most_gbp")
    return Supplement(*(book.values[name] for name in names))


def rates_of(book: Book, what: str, on: date | None = None) -> Rates:
    """Return the discount rates of ``what`` ('cost' or 'health'): the case's own rate, or its preset's schedule.

    ``on``: the day whose schedule is wanted; None: the one in force now that began last.
    """
    own = book.case.cost_rate if what == "cost" else book.case.health_rate
    if own is not None:
        return own
    table = book.economics.table("discount_rates")
    mine = table[(table["preset"] == book.case.discounting) & (table["what"] == what)]
    day = (on or date.max).isoformat()
    open_ended = mine["in_force_to"].where(mine["in_force_to"] != "", date.max.isoformat())
    mine = mine[(mine["in_force_from"] <= day) & (open_ended >= day)]
    if mine.empty:
        raise InputError("case.discounting", f"'{book.case.discounting}' has no rates for {what} on {day}")
    latest = mine[mine["in_force_from"] == mine["in_force_from"].max()]
    return check_schedule(latest[["from_year", "to_year", "rate"]], "discount_rates.csv")


def quality_of(book: Book, run_years: float = 0.0) -> Quality:
    """Return how health is valued: utilities by cell, solved so that published expectancy by fifth holds.

    A fifth of the place is taken to be like that fifth of England. ``run_years``: how long the run counts; years after
    it are discounted to its end by what the schedule says of them.
    """
    norms = book.economics.table("eq5d_norms")
    deaths = book.registry.table("life_table").rename(columns={"national_quintile": "quintile"})
    table = book.economics.table("expectancy")
    expectancy = dict(zip(table["quintile"].astype(int), table["quality_adjusted_years"], strict=True))
    shifts = shifts_by_quintile(norms, deaths, expectancy)
    utility = utility_of_bands(norms, shifts, BANDS, single_ages(book.registry))
    remaining = remaining_by_band(norms, deaths, shifts, BANDS, rates_of(book, "health"), run_years)
    return Quality(utility, remaining, book.values["remaining_share"], book.values["utility_per_condition"])


def single_ages(registry: Registry) -> pd.DataFrame:
    """Return England's people by single age and fifth, spread evenly over each published band."""
    bands = registry.table("england_population")
    starts = np.sort(bands["age_from"].unique())
    ends = dict(zip(starts.tolist(), [*(starts[1:] - 1).tolist(), OLDEST], strict=True))
    rows = []
    for start, quintile, persons in zip(bands["age_from"], bands["national_quintile"], bands["persons"], strict=True):
        ages = range(int(start), int(ends[start]) + 1)
        rows += [(age, int(quintile), persons / len(ages)) for age in ages]
    return pd.DataFrame(rows, columns=["age", "quintile", "persons"])


def threshold_of(book: Book, name: str) -> float:
    """Return pounds per QALY of a threshold; raise InputError with the nearest name if there is none."""
    table = thresholds_of(book).set_index("name")
    if name not in table.index:
        raise InputError("case.threshold", f"no such threshold '{name}': {nearest(name, table.index)}")
    return float(table["gbp_per_qaly"][name])


def thresholds_of(book: Book) -> pd.DataFrame:
    """Return name, meaning and gbp_per_qaly of every threshold; what is in prices of a year is moved to the case's.

    NICE's are rules in pounds of the day, whatever the year.
    """
    table = book.economics.table("thresholds")
    table["gbp_per_qaly"] = [
        book.in_price_year(float(row["gbp_per_qaly"]), row["price_year"], row["name"])
        if row["price_year"]
        else float(row["gbp_per_qaly"])
        for row in table.to_dict("records")
    ]
    return table[["name", "meaning", "gbp_per_qaly"]]


def gradients_of(book: Book) -> dict[str, np.ndarray]:
    """Return who bears the opportunity cost, by gradient: shares of fifths 1 to 5."""
    table = book.economics.table("opportunity_cost").sort_values("quintile")
    return {str(name): mine["share"].to_numpy(float) for name, mine in table.groupby("gradient", sort=False)}


def expectancy_of(book: Book) -> np.ndarray:
    """Return quality-adjusted life expectancy of fifths 1 to 5: the health people start from."""
    return book.economics.table("expectancy").sort_values("quintile")["quality_adjusted_years"].to_numpy(float)
