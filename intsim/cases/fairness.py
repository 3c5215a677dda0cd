"""Who gains in a case: health by fifth net of opportunity cost, equity impact, gaps for money, income weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.equity.distribution import FULL, NICE, Baseline, distribution_table, net_health
from evaluation.equity.gap_for_money import gap_closed_for_money
from evaluation.equity.income_weights import income_weights
from evaluation.equity.welfare import aversion_dial, equity_impact
from evaluation.findings import STANDARDISED, Findings
from evaluation.outcomes import MAIN, SECONDS_PER_YEAR, outcome
from evaluation.panel import after_go_live
from evaluation.twins import pair_series
from intsim.cases.valuation import Book, expectancy_of, gradients_of

AVERSIONS = (0.0, 1.0, 2.0, 5.0, 10.95, 15.0)
GAP = "absolute_q1_minus_q5"
MONTHS = 12
POUNDS_A_HEAD = 10.0
FOR_MONEY = f"for each £{POUNDS_A_HEAD:.0f} a resident and year"


@dataclass(frozen=True)
class Fairness:
    """The tables of fairness of an Investment."""

    distribution: pd.DataFrame
    impact: pd.DataFrame
    dial: pd.DataFrame
    income: pd.DataFrame


def fairness_of(
    book: Book,
    people: np.ndarray,
    benefit: Mapping[str, np.ndarray],
    costs: Mapping[str, np.ndarray],
    threshold: float,
) -> Fairness:
    """Return how health is spread by each option: every gradient side by side, aversion only where the case asks.

    ``people``: residents of fifths 1 to 5. By option: ``benefit``, QALYs, float64[pair, fifth]; ``costs``, net cost in
    pounds, float64[pair].
    """
    start = Baseline(tuple("12345"), expectancy_of(book), people)
    gradients = {name: borne_here(shares, people) for name, shares in gradients_of(book).items()}
    mode = FULL if book.case.equity == "dcea" else NICE
    aversion = book.values["aversion_atkinson"]
    parts, impacts, nets = [], [], {}
    for option, gained in benefit.items():
        table = distribution_table(start, gained.mean(axis=0), float(costs[option].mean()), gradients, threshold)
        parts.append(table.assign(option=option))
        for gradient, shares in gradients.items():
            net = net_health(gained, costs[option], shares, threshold)
            impact = equity_impact(start, {option: net}, aversion, mode=mode)
            impacts.append(impact.assign(gradient=gradient).rename(columns={"name": "option"}))
            if gradient == book.case.gradient:
                nets[option] = net.mean(axis=0)
    dial = aversion_dial(start, nets, AVERSIONS) if mode == FULL else pd.DataFrame()
    return Fairness(pd.concat(parts, ignore_index=True), pd.concat(impacts, ignore_index=True), dial, weights(book))


def borne_here(shares: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return published shares, which are of equally large fifths, for fifths of this size: a flat one is per head."""
    burden = shares * people
    return burden / burden.sum()


def weights(book: Book) -> pd.DataFrame:
    """Return Green Book weights at multiples of median income, where the case asks for them: income, weight.

    The model knows no incomes: what is shown is what a pound of benefit counts at each multiple of the median.
    """
    if book.case.equity != "green_book":
        return pd.DataFrame()
    multiples = np.array([0.5, 0.75, 1.0, 1.5, 2.0])
    found = income_weights(multiples, 1.0, book.values["income_elasticity"])
    return pd.DataFrame({"income": multiples, "weight": found})


def gaps_for_money(findings: Findings, cost: Mapping[str, np.ndarray], months: int, residents: float) -> pd.DataFrame:
    """Return, by option and main outcome, how much of the standardised gap POUNDS_A_HEAD a resident and year close.

    ``cost``: pounds spent by each option in each pair on the place's ``residents`` over ``months``, which must be those
    that the findings are of. A gap is a rate, so money is counted a head: else the same care did less in a large place.
    Columns: option, outcome, estimate, lower, upper, unit (of the outcome, FOR_MONEY), reason.
    """
    run = findings.run
    table = findings.gap_table
    table = table[(table["basis"] == STANDARDISED) & (table["measure"] == GAP)]
    rows = []
    for option in run.designs:
        a_year = np.asarray(cost[option], float) * (MONTHS / months) / residents
        for name in MAIN:
            unit = f"{outcome(name).unit}, {FOR_MONEY}"
            mine = table[table["outcome"] == name]
            series, _ = pair_series(mine, run.baseline, option)
            if len(series) == len(a_year):
                found = gap_closed_for_money(series[:, 0], series[:, 1], a_year, POUNDS_A_HEAD)
                told = (found.estimate, found.lower, found.upper, unit, found.reason)
            else:
                told = (math.nan, math.nan, math.nan, unit, "runs and costs do not match")
            rows.append((option, name, *told))
    return pd.DataFrame(rows, columns=["option", "outcome", "estimate", "lower", "upper", "unit", "reason"])


def people_by_fifth(panel: pd.DataFrame, baseline: str, months: int) -> np.ndarray:
    """Return mean residents of fifths 1 to 5 in the baseline arm (1 where there are none: a fifth cannot be empty)."""
    live = after_go_live(panel)
    live = live[live["arm"] == baseline]
    runs = live[["draw", "replication"]].drop_duplicates().shape[0]
    lived = live.groupby("quintile")["person_seconds"].sum() / (SECONDS_PER_YEAR / 12 * months * runs)
    return np.array([max(float(lived.get(quintile, 0.0)), 1.0) for quintile in range(1, 6)])
