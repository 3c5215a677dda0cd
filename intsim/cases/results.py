"""From the folder of a comparison to the tables of its investment case; nothing is simulated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from evaluation.case_report.checklist import cheers
from evaluation.case_report.investment import Funding, Investment
from evaluation.case_report.unmet import NO_RETURN, more_unmet
from evaluation.economics.chance import Drawn
from evaluation.economics.ledger import CASE, USE, reconcile
from evaluation.economics.options import Options
from evaluation.economics.qalys import qalys
from evaluation.economics.returns import cost_per_avoided, return_per_pound
from evaluation.emulators.paired import LEAST_POINTS
from evaluation.outcomes import SECONDS_PER_DAY
from evaluation.panel import UNIT, totals
from evaluation.parquet import read_table
from evaluation.run_folder import RunFolder
from evaluation.value_of_information.partial import CAPPED, LEAST_DRAWS, evppi
from evaluation.value_of_information.perfect import evpi
from intsim.cases.dials import Health, follows, price_tornado
from intsim.cases.emulated import STAFF, Told, bank_of, nothing, tell
from intsim.cases.evidence import (
    claims_of,
    effects_of,
    evaluations,
    losing_of,
    numbers_used,
    read_workforce,
    supply_of,
    tested_claims,
)
from intsim.cases.fairness import fairness_of, gaps_for_money, people_by_fifth
from intsim.cases.ledgers import by_run, cash_of, increments, ledger_of, mean_increments
from intsim.cases.opened import MONTHS, TIMES, Run, open_run
from intsim.cases.replays import replays
from intsim.cases.spending import PER, costs_of_posts, fixed_a_year, once, recurrent_a_year, saved_a_year
from intsim.cases.uncosted import uncosted
from intsim.cases.valuation import (
    quality_of,
    rates_of,
    threshold_of,
    thresholds_of,
)
from scenarios.errors import InputError, raise_all
from scenarios.schema.case import Case
from scenarios.schema.problems import problems_of

AVOIDED = ("ED attendance", "emergency admission", "bed day")
YEARS = (1, 3, 5)
STOCKS = (*UNIT, "month", "quintile", "age_band", "sex", "people", "conditions")
SPLITS = (["option", "sector"], ["option", "organisation"], ["option", "financial_year"], ["option", "quintile"])
MOST_PARAMETERS = 20  # whose value is worked out: those that go with net benefit most, of several hundred


def investment(folder: Path, overrides: Sequence[str] = (), bank: Path | None = None) -> Investment:
    """Return the investment case of the comparison in ``folder``; ``overrides``: settings of the case, "case.x=y".

    ``bank``: a folder of ``intsim bank``, whose doses vary; None: emulators rest on the run's own draws. Raises
    InputError for a folder that cannot be read, a setting that cannot be used or had to be there before the run, or an
    arm whose settings are not in the folder.
    """
    opened = open_run(Path(folder), overrides)
    run, book = opened.folder, opened.book
    options = run.designs
    ledger = ledger_of(opened.books, opened.months, opened.added, opened.place)
    moved = {name: increments(ledger, run.baseline, name, opened.added[name], book) for name in options}
    runs = opened.runs
    mean = pd.concat([mean_increments(moved[name], len(runs), name) for name in options], ignore_index=True)
    reconcile(mean, SPLITS)
    health = health_of(opened)
    threshold = threshold_of(book, book.case.threshold)
    cost = cost_by_run(moved, runs, options)
    spent = {name: by_run(moved[name], runs, CASE, discounted=False) for name in options}
    spent_by_pair = {name: by_pair(each[:, None], runs, run)[:, 0] for name, each in spent.items()}
    discounted = {name: by_pair(by_run(moved[name], runs, CASE)[:, None], runs, run)[:, 0] for name in options}
    names = (run.baseline, *options)
    each_run = Options(names, cost, health.counted(book.case))
    paired = Options(names, by_pair(each_run.cost, runs, run), by_pair(each_run.effect, runs, run))
    drawn = Drawn(each_run, runs["draw"].to_numpy()) if run.draws > 1 else None
    benefit = health.by_quintile(options, book.case)
    lasting = {name: paired.cost[:, at + 1] for at, name in enumerate(options)}
    people = people_by_fifth(opened.months, run.baseline, opened.place.months)
    by_fifth = {name: by_pair(health.fifths(name, book.case), runs, run) for name in options}
    fair = fairness_of(book, people, by_fifth, lasting, threshold)
    workforce = read_workforce(run.path, opened.place.months)
    effects = {name: effects_of(opened.months, workforce, run.baseline, name) for name in options}
    emulated = (
        emulated_of(opened, each_run.net_benefit(threshold), effects)
        if bank is None
        else emulated_bank(bank, overrides, threshold, options)
    )
    told, reason = information_of(opened, paired, drawn, threshold, emulated)
    return Investment(
        findings=opened.findings,
        name=book.case.name,
        comparator=run.baseline,
        settings=settings_told(opened, threshold),
        thresholds=thresholds_of(book),
        threshold=threshold,
        months=opened.place.months,
        options=paired,
        pairs="draws" if run.draws > 1 else "replications",
        funding_years=book.case.funding_years,
        funding=[funding_of(opened, name) for name in options],
        uncosted={name: uncosted(run.settings[name], run.settings[run.baseline]) for name in options},
        ledger=mean,
        in_run=by_pair(health.in_run, runs, run),
        beyond=by_pair(health.beyond, runs, run),
        benefit=benefit,
        distribution=fair.distribution,
        impact=fair.impact,
        dial=fair.dial,
        gap_for_money=gaps_for_money(opened.findings, spent_by_pair, opened.place.months, opened.place.registered),
        avoided=avoided_of(opened, spent_by_pair),
        returns=returns_of(opened, paired, discounted, threshold),
        cash=pd.concat(
            [cash_of(mean[mean["option"] == name], name, cash_share(opened, name)) for name in options],
            ignore_index=True,
        ),
        released={
            name: by_pair(-by_run(moved[name], runs, USE, discounted=False)[:, None], runs, run)[:, 0]
            for name in options
        },
        supply=supply_of(workforce, opened.added, run.baseline, opened.place.registered),
        losing=losing_of(workforce, run.baseline, options),
        prices=numbers_used(book),
        tornado=tornadoes(opened, health, threshold),
        information=told,
        information_reason=reason,
        claims=pd.concat(
            [claims_of(effects[name], YEARS, book).assign(option=name) for name in options],
            ignore_index=True,
        ),
        evaluations=evaluations(),
        checklist=cheers(),
        income=fair.income,
        sensitivity=emulated.sensitivity,
        turning=emulated.turning,
        priors=emulated.priors,
        doses=emulated.doses,
        emulators=emulated.errors,
        emulated_reason=emulated.reason,
        replays=replays(),
        drawn=drawn,
    )


def cost_by_run(moved: Mapping[str, pd.DataFrame], runs: pd.DataFrame, options: Sequence[str]) -> np.ndarray:
    """Return net cost of each run over the comparator's, pounds, float64[run, option]; the comparator is first, 0."""
    return np.column_stack([np.zeros(len(runs)), *(by_run(moved[name], runs) for name in options)])


def emulated_of(
    opened: Run, benefit: np.ndarray, effects: Mapping[str, pd.DataFrame], doses: pd.DataFrame | None = None
) -> Told:
    """Return what emulators tell of a run or bank. ``benefit``: net benefit, float64[run, option], comparator first."""
    run = opened.folder
    if run.draws < LEAST_POINTS:
        drawn_words = "parameters were held at their central values (experiment.draws=1)"
        few = f"{run.draws} draws of the parameters; {LEAST_POINTS} or more are needed"
        return nothing(drawn_words if run.draws == 1 else few)
    inputs = drawn_parameters(opened)
    inputs = inputs.loc[:, inputs.nunique() > 1]
    if doses is not None:
        inputs = inputs.assign(**{name: doses[name].to_numpy(float)[: len(inputs)] for name in doses.columns})
    by_option = {name: benefit[:, at] for at, name in enumerate(run.designs, start=1)}
    claims = tested_claims(opened.book)
    bank = bank_of(inputs, opened.runs, by_option, effects, list(claims["outcome"].unique()))
    units = {name: row.unit for name, row in opened.book.registry.parameters.items()}
    return tell(bank, run.designs, claims, units)


def emulated_bank(folder: Path, overrides: Sequence[str], threshold: float, options: Sequence[str]) -> Told:
    """Return what emulators of a bank tell. Raises InputError for a folder that is no bank, or of other options."""
    opened = open_run(Path(folder), overrides)
    run = opened.folder
    said = run.said("doses")
    if not isinstance(said, Mapping):
        raise InputError(str(folder), "is no bank: make one with intsim bank")
    if tuple(run.designs) != tuple(options):
        raise InputError(str(folder), f"is a bank of {', '.join(run.designs)}; the report is of {', '.join(options)}")
    doses = pd.DataFrame(said)
    staff = {draw: float(doses[STAFF].iloc[draw]) for draw in opened.books}
    ledger = ledger_of(opened.books, opened.months, opened.added, opened.place, staff)
    moved = {name: increments(ledger, run.baseline, name, opened.added[name], opened.book) for name in run.designs}
    benefit = threshold * health_of(opened).counted(opened.book.case) - cost_by_run(moved, opened.runs, run.designs)
    workforce = read_workforce(run.path, opened.place.months)
    effects = {name: effects_of(opened.months, workforce, run.baseline, name) for name in run.designs}
    return emulated_of(opened, benefit, effects, doses)


def avoided_of(opened: Run, spent: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return pounds that an option spends for each ED attendance, admission and bed day avoided, undiscounted."""
    run = opened.folder
    columns = {"ed_attendances": 1.0, "emergency_admissions": 1.0, "bed_seconds": 1 / SECONDS_PER_DAY}
    labels = dict(zip(columns, AVOIDED, strict=True))
    sums = opened.months.groupby(list(UNIT), observed=True)[list(columns)].sum()
    index = pd.MultiIndex.from_frame(opened.runs)
    rows = []
    for name in run.designs:
        for column, scale in columns.items():
            both = [sums.loc[arm][column].reindex(index).to_numpy(float) * scale for arm in (run.baseline, name)]
            base, design = (by_pair(each[:, None], opened.runs, run)[:, 0] for each in both)
            found = cost_per_avoided(spent[name], base, design)
            rows.append((name, labels[column], found.estimate, found.lower, found.upper, found.reason))
    return pd.DataFrame(rows, columns=["option", "what", "estimate", "lower", "upper", "reason"])


def returns_of(opened: Run, options: Options, spent: Mapping[str, np.ndarray], threshold: float) -> pd.DataFrame:
    """Return pounds of benefit for each pound that an option spends: QALYs at the threshold and capacity set free.

    None for an option with which more needs are left unmet: what it sets free is in part care not given.
    """
    rows: list[tuple[str, float, float, float, str]] = []
    unmet = more_unmet(opened.findings)
    for name in opened.folder.designs:
        if name in unmet:
            rows.append((name, math.nan, math.nan, math.nan, NO_RETURN))
            continue
        at = options.at(name)
        benefit = options.effect[:, at] * threshold - (options.cost[:, at] - spent[name])
        found = return_per_pound(benefit, spent[name])
        rows.append((name, found.estimate, found.lower, found.upper, found.reason))
    return pd.DataFrame(rows, columns=["option", "estimate", "lower", "upper", "reason"])


def cash_share(opened: Run, name: str) -> float:
    """Return which share of the value of care no longer used becomes money: none where more needs are left unmet."""
    return 0.0 if name in more_unmet(opened.findings) else opened.book.case.cash_released_share


@dataclass(frozen=True)
class QalyTables:
    """Increments of QALYs of each option: float64[run, option] (the comparator first), and by quintile."""

    table: pd.DataFrame  # option, draw, replication, quintile, lived, conditions, beyond
    runs: pd.DataFrame
    names: tuple[str, ...]

    def counted(self, case: Case) -> np.ndarray:
        """Return QALYs that count in the case, by run and option."""
        return self.in_run + self.beyond if case.beyond_run == "remaining_life" else self.in_run

    @property
    def in_run(self) -> np.ndarray:
        """QALYs in the run, by run and option."""
        return self._matrix("lived") + self._matrix("conditions")

    @property
    def beyond(self) -> np.ndarray:
        """QALYs beyond the run, by run and option."""
        return self._matrix("beyond")

    def fifths(self, option: str, case: Case) -> np.ndarray:
        """Return QALYs that count of one option, by run and fifth: float64[run, 5]."""
        parts = ["lived", "conditions", *(["beyond"] if case.beyond_run == "remaining_life" else [])]
        mine = self.table[self.table["option"] == option]
        sums = mine.assign(qalys=mine[parts].sum(axis=1)).groupby(["draw", "replication", "quintile"])["qalys"].sum()
        wide = sums.unstack("quintile").reindex(index=pd.MultiIndex.from_frame(self.runs), columns=range(1, 6))
        return wide.fillna(0.0).to_numpy(float)

    def by_quintile(self, options: Sequence[str], case: Case) -> pd.DataFrame:
        """Return mean QALYs that count, by option and quintile: option, quintile, qalys."""
        means = {name: self.fifths(name, case).mean(axis=0) for name in options}
        rows = [(name, at + 1, float(qalys)) for name, each in means.items() for at, qalys in enumerate(each)]
        return pd.DataFrame(rows, columns=["option", "quintile", "qalys"])

    def mean(self, option: str) -> dict[str, float]:
        """Return mean QALYs of an option by part."""
        mine = self.table[self.table["option"] == option]
        return {part: float(mine[part].sum()) / len(self.runs) for part in ("lived", "conditions", "beyond")}

    def _matrix(self, part: str) -> np.ndarray:
        index = pd.MultiIndex.from_frame(self.runs)
        columns = [np.zeros(len(self.runs))]
        for name in self.names[1:]:
            mine = self.table[self.table["option"] == name]
            sums = mine.groupby(["draw", "replication"])[part].sum()
            columns.append(sums.reindex(index, fill_value=0.0).to_numpy(float))
        return np.column_stack(columns)


def health_of(opened: Run) -> QalyTables:
    """Return the increments of QALYs, each draw with its own values of health."""
    run = opened.folder
    stocks = read_stocks(run.path, opened.place.months)
    own = quality_of(opened.book, opened.place.months / MONTHS)
    plain = replace(own, per_condition=0.0, remaining_share=1.0)
    rates = rates_of(opened.book, "health")
    # Both are in proportion to a value of health, so that one pass serves the values of every draw.
    units = (plain, replace(plain, per_condition=1.0))
    lived, by_condition = (qalys(opened.panel, each, rates, run.baseline, stocks) for each in units)
    table = lived[[*UNIT, "quintile"]].assign(
        lived=lived["discounted_qalys"],
        conditions=(by_condition["discounted_qalys"] - lived["discounted_qalys"])
        * drawn(opened, lived["draw"], "utility_per_condition"),
        beyond=lived["beyond_qalys"] * drawn(opened, lived["draw"], "remaining_share"),
    )
    table = table.groupby([*UNIT, "quintile"], observed=True).sum().reset_index()
    keys = ["draw", "replication", "quintile"]
    base = table[table["arm"] == run.baseline].drop(columns="arm").set_index(keys)
    found = []
    for name in run.designs:
        mine = table[table["arm"] == name].drop(columns="arm").set_index(keys)
        found.append((mine - base).fillna(0.0).reset_index().assign(option=name))
    return QalyTables(pd.concat(found, ignore_index=True), opened.runs, (run.baseline, *run.designs))


def drawn(opened: Run, draws: pd.Series, name: str) -> pd.Series:
    """Return a value of health of each row's draw."""
    values = {draw: book.values[name] for draw, book in opened.books.items()}
    return draws.map(values) if len(values) > 1 else pd.Series(opened.books[0].values[name], draws.index)


def read_stocks(folder: Path, months: int) -> pd.DataFrame | None:
    """Return people and conditions at the ends of months that count, None where the run has no such table."""
    path = folder / "stocks.parquet"
    if not path.is_file():
        return None
    table = read_table(path, STOCKS)[list(STOCKS)]
    return table[(table["month"] >= 0) & (table["month"] < months)]


def by_pair(values: np.ndarray, runs: pd.DataFrame, run: RunFolder) -> np.ndarray:
    """Return values by pair: means over replications of each draw, or the replications of a single draw."""
    if run.draws == 1:
        return values
    draws = runs["draw"].to_numpy()
    return np.array([values[draws == draw].mean(axis=0) for draw in np.unique(draws)])


def funding_of(opened: Run, name: str) -> Funding:
    """Return where an option's money goes, pounds a year for the place."""
    book, wanted = opened.book, opened.added[name]
    years = opened.folder.horizon_months / MONTHS
    scale = opened.place.registered / PER
    added = replace(wanted, posts={each: fte * wanted.served_share(each) for each, fte in wanted.posts.items()})
    vacancy = book.values["vacancy_share"]
    costs = costs_of_posts(book, added, years)
    staff = sum(fte * costs[service] for service, fte in added.posts.items())
    filled = staff + saved_a_year(book, added)
    served, places = wanted.whole, wanted.neighbourhoods  # lump sums are for all it is for, places not for a group
    bare = fixed_a_year(book, name, replace(added, packages=0.0, virtual_places=0.0))
    fixed = served * (bare + once(book, name, added) / years) + places * (fixed_a_year(book, name, added) - bare)
    vacant = filled * vacancy / (1 - vacancy)
    budget = book.case.budget_gbp_per_10000
    if budget is None:
        budget = fixed + staff + vacant
    left = budget - fixed - staff - vacant
    posts = {service: scale * fte for service, fte in added.posts.items()}
    money = [scale * each for each in (budget, fixed, staff, vacant, left)]
    recurrent = recurrent_a_year(book, name, wanted, opened.place.registered)
    return Funding(name, money[0], money[1], money[2], money[3], money[4], posts, recurrent)


def tornadoes(opened: Run, health: QalyTables, threshold: float) -> pd.DataFrame:
    """Return the tornado of prices and values for every option, at central prices.

    Care used is in proportion to its price, so all runs are first summed to one.
    """
    run, book = opened.folder, opened.book
    columns = [name for name in opened.months.columns if name not in (*UNIT, *TIMES)]
    one = totals(opened.months, ["arm", *TIMES], columns).assign(draw=0, replication=0)
    ledger = ledger_of({0: book}, one, opened.added, opened.place)
    parts = []
    for name in run.designs:
        moved = increments(ledger, run.baseline, name, opened.added[name], book)
        mean = mean_increments(moved, len(opened.runs), name)
        told = health.mean(name)
        per, share = book.values["utility_per_condition"], book.values["remaining_share"]
        # a value that the user set to 0 is fixed there, so that what it would be worth otherwise is never asked
        own = Health(told["lived"], told["conditions"] / per if per else 0.0, told["beyond"] / share if share else 0.0)
        parts.append(price_tornado(book, mean, opened.added[name], own, opened.place, threshold).assign(option=name))
    return pd.concat(parts, ignore_index=True)


def information_of(
    opened: Run, options: Options, drawn: Drawn | None, threshold: float, emulated: Told
) -> tuple[pd.DataFrame, str]:
    """Return what it is worth to know each parameter, or an empty table and why there is none.

    From the emulators; where they cannot be used, from a regression on the draws themselves, if there are enough. A
    regression leaves chance between replications behind by itself; what knowing everything is worth has it taken out.
    """
    run = opened.folder
    if len(emulated.information):
        return emulated.information, ""
    if drawn is None or run.draws < LEAST_DRAWS:
        failed = "emulators of net benefit tell too little of the draws held back"
        return pd.DataFrame(), emulated.reason or failed
    inputs = drawn_parameters(opened)
    benefit = options.net_benefit(threshold)
    best = benefit - benefit[:, :1]
    strength = {}
    for name in inputs.columns:
        column = inputs[name].to_numpy(float)
        spread = column.std()
        if spread > 0:
            together = [
                abs(np.corrcoef(column, best[:, at])[0, 1]) for at in range(1, best.shape[1]) if best[:, at].std() > 0
            ]
            strength[name] = max(together, default=0.0)
    chosen = sorted(strength, key=lambda name: -strength[name])[:MOST_PARAMETERS]
    return of_perfect(evppi(benefit, inputs[chosen]), drawn, threshold), ""


def of_perfect(table: pd.DataFrame, drawn: Drawn, threshold: float) -> pd.DataFrame:
    """Return a table of ``partial.evppi`` beside what knowing everything is worth without chance: no part above it."""
    perfect = evpi(drawn.net_benefit(threshold)).estimate
    above = table["evppi"] > perfect
    found = table["evppi"].clip(upper=perfect)
    share = found / perfect if perfect > 0 else np.nan
    return table.assign(evppi=found, evpi=perfect, share=share, note=table["note"].mask(above, CAPPED))


def drawn_parameters(opened: Run) -> pd.DataFrame:
    """Return every parameter, price and value that was drawn, one row a draw in order.

    Without prices that are drawn with another: they would be the same number twice.
    """
    from scenarios.schema import Scenario
    from sim.task import drawn_values

    try:
        scenario = Scenario.model_validate(opened.folder.said("scenario"))
    except ValidationError as failure:
        raise_all(problems_of(failure, Scenario))  # a run of a version that allowed more
        raise
    rows = []
    for draw in sorted(opened.books):
        book = opened.books[draw]
        rows.append({**drawn_values(scenario, draw), **book.prices, **book.values})
    same = [name for name in opened.book.economics.prices if follows(opened.book, name)]
    return pd.DataFrame(rows).drop(columns=same)


def settings_told(opened: Run, threshold: float) -> list[tuple[str, str]]:
    """Return the case's settings in words, for the page."""
    case = opened.book.case
    rate = {what: _rate(rates_of(opened.book, what)) for what in ("cost", "health")}
    whose = {"nhs_social_care": "NHS and adult social care", "public_sector": "public sector"}[case.perspective]
    fair = {
        "nice": "by fifth, without weights (NICE)",
        "dcea": "with aversion to inequality in health",
        "green_book": "by fifth, without weights, as the model knows no incomes; Green Book weights are shown beside",
    }[case.equity]
    beyond = "also years that deaths avoided add later" if case.beyond_run == "remaining_life" else "the run alone"
    pay = "England's, like prices of care" if case.area_supplement == "none" else "with inner London's supplement"
    return [
        ("Perspective", f"{whose}; money that a design spends counts whoever spends it"),
        ("Price year", f"{case.price_year}, prices adjusted by {case.deflator}"),
        ("Pay of posts", pay),
        ("Discounting", f"{case.discounting.replace('_', ' ')}: costs {rate['cost']}, health {rate['health']}"),
        ("Time that counts", f"{opened.place.months} months; health: {beyond}"),
        ("Cash from capacity set free", f"{100 * case.cash_released_share:g}% of its value"),
        ("Health forgone elsewhere", f"one QALY for every {threshold:,.0f} pounds; across fifths: {case.gradient}"),
        ("Fairness", fair),
        ("Funding lasts", "as long as the run" if case.funding_years is None else f"for {case.funding_years:g} years"),
    ]


def _rate(rates: float | pd.DataFrame) -> str:
    if isinstance(rates, pd.DataFrame):
        first = float(rates["rate"].iloc[0])
        falls = len(rates) > 1
        return f"{100 * first:g}% a year" + (", falling after 30 years" if falls else "")
    return f"{100 * rates:g}% a year"
