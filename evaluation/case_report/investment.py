"""What a case found, as plain tables: all that its document tells, nothing that has to be simulated again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evaluation.economics.chance import Drawn
from evaluation.economics.options import Options
from evaluation.findings import Findings


@dataclass(frozen=True)
class Funding:
    """Of one option, pounds a year for the whole place: where the budget goes, and the posts it buys (FTE by service).

    unspent below 0: what the posts that were simulated cost more than the budget. recurrent: what the option spends in
    a whole year once it runs, without what is paid once, at central prices.
    """

    option: str
    budget: float
    fixed: float
    staff: float
    vacant: float
    unspent: float
    posts: Mapping[str, float]
    recurrent: float


@dataclass(frozen=True)
class Investment:
    """A case and its results.

    ``findings``: activity, waits and gaps of every option against the comparator, over the ``months`` that count, as
    all else here is. ``settings``: (label, words) of the
    case. ``options``: cost and QALYs of every option less the comparator's (first, 0), one row a pair; pairs are
    ``pairs`` ('draws' or 'replications'). ``drawn``: the same run by run, told by draw without chance; None for one
    draw. ``ledger``: mean increments of each option in whole pence (columns option and those of ledger.KEYS without the
    run). ``in_run``, ``beyond``: QALYs in the run and beyond it, float64[pair, option]; those beyond are in ``options``
    where the case says so. ``benefit``: QALYs by option and quintile within what counts (option, quintile, qalys).
    """

    findings: Findings
    name: str
    comparator: str
    settings: Sequence[tuple[str, str]]
    thresholds: pd.DataFrame  # name, meaning, gbp_per_qaly
    threshold: float  # at which health forgone is counted, pounds per QALY
    months: int  # of the run that count, from go-live on
    options: Options
    pairs: str
    funding_years: float | None  # for how long the money is there; None: as long as the run
    funding: Sequence[Funding]
    uncosted: Mapping[str, Sequence[str]]  # by option: what its design changes that costs nothing here, in words
    ledger: pd.DataFrame
    in_run: np.ndarray
    beyond: np.ndarray
    benefit: pd.DataFrame
    distribution: pd.DataFrame  # option, gradient, group, benefit, indirect, opportunity_cost, net, net_a_head
    impact: pd.DataFrame  # option, gradient, and the columns of equity.welfare.equity_impact
    dial: pd.DataFrame  # aversion, name, ede_gain, best; empty where no aversion is used
    gap_for_money: pd.DataFrame  # option, outcome, estimate, lower, upper, unit, reason
    avoided: pd.DataFrame  # option, what, estimate, lower, upper, reason: pounds spent for each event or day avoided
    returns: pd.DataFrame  # option, estimate, lower, upper, reason: pounds of benefit for each pound spent
    cash: pd.DataFrame  # option, financial_year, gross, released, cash, net (pounds)
    released: Mapping[str, np.ndarray]  # by option, float64[pair]: value of care no longer used, pounds, undiscounted
    supply: pd.DataFrame  # service, option, added, local (FTE), share
    losing: pd.DataFrame  # option, team, service, change (FTE at work at the end)
    prices: pd.DataFrame  # every number used: name, meaning, value, unit, low, high, source, basis, certainty
    tornado: pd.DataFrame  # option, name, low, high, at_low, at_high, swing: net benefit, pounds
    information: pd.DataFrame  # table of value_of_information.partial, per option set; empty with its reason below
    information_reason: str
    claims: pd.DataFrame  # option and the columns of claims.claims_test
    evaluations: pd.DataFrame  # controlled evaluations of the same outcomes: outcome, programme, told, design, source
    checklist: pd.DataFrame  # CHEERS 2022: item, heading
    income: pd.DataFrame = field(default_factory=pd.DataFrame)  # Green Book weights, where the case uses them
    # From emulators of paired differences, each with its error on points held back; empty with the reason below.
    sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)  # option, input, first, total, effect, rmse
    turning: pd.DataFrame = field(default_factory=pd.DataFrame)  # option, input, turns, sentence, rmse, spread
    priors: pd.DataFrame = field(default_factory=pd.DataFrame)  # option, outcome, claim, year, a column a prior, rmse
    doses: pd.DataFrame = field(
        default_factory=pd.DataFrame
    )  # option, outcome, claim, year, dose, smallest, most, rmse
    emulators: pd.DataFrame = field(default_factory=pd.DataFrame)  # see evaluation.emulators.paired.errors
    emulated_reason: str = ""
    replays: pd.DataFrame = field(
        default_factory=pd.DataFrame
    )  # lever, programme, outcome, told, design, source, basis
    drawn: Drawn | None = None

    @property
    def designs(self) -> tuple[str, ...]:
        """The options without the comparator."""
        return tuple(name for name in self.options.names if name != self.comparator)

    @property
    def spread(self) -> Options:
        """Cost and QALYs of each pair for their spread: of draws, without chance between replications."""
        return self.options if self.drawn is None else self.drawn.one_by_one()

    @property
    def population(self) -> str:
        """Return who and for how long they count: '44,980 residents over 12 months'."""
        return f"{self.findings.run.residents:,} residents over {self.months} months"
