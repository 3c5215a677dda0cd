"""The sections on money: what it buys, what it is worth, and whether it can be paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from evaluation.case_report.charts import draw_acceptability, draw_money, draw_plane
from evaluation.case_report.document import Block, Bullets, Chart, Paragraph, Section
from evaluation.case_report.investment import Investment
from evaluation.case_report.uncosted import uncosted_note
from evaluation.case_report.unmet import label, more_unmet, unmet_note
from evaluation.case_report.words import (
    CANNOT_TELL,
    DASH,
    POUND,
    as_known,
    difference_words,
    estimate,
    exact,
    percent,
    pounds,
    ratio,
    spread_of_draws,
    told_as_nothing,
    two_digits,
)
from evaluation.economics.acceptability import acceptability
from evaluation.economics.chance import NEARLY_ALL
from evaluation.economics.frontier import WORDS, frontier
from evaluation.economics.icer import icer_of
from evaluation.economics.ledger import CASE, ONCE, USE
from evaluation.economics.options import Options
from evaluation.figures.style import words
from evaluation.page_tables import PageTable
from evaluation.ratio import MAYBE_NOTHING
from evaluation.rounding import MINUS, number
from evaluation.sentences import difference
from evaluation.twins import NO_DIFFERENCE

GRID = np.arange(0, 80_001, 2_500)
TO_THE_PENNY = "Shown to the penny so that sums can be checked, not because they are known so well."
FEWEST_FOR_CURVES = 8


def options_section(case: Investment) -> Section:
    """Return what each option is and what its money buys."""
    services = sorted({service for each in case.funding for service in each.posts})
    rows = []
    for service in services:
        rows.append([words(service), *(_fte(each.posts.get(service, 0.0)) for each in case.funding)])
    names = [words(each.option) for each in case.funding]
    posts = PageTable(
        f"Posts that each option has beyond {words(case.comparator)}, full-time equivalents in post, whole place",
        ["Service", *names],
        rows or [["none", *("0" for _ in names)]],
    )
    money = PageTable(
        "Where the money goes, pounds a year for the whole place, one-off costs spread over the run",
        ["Option", "Budget", "Costs before posts", "Posts filled", "Posts vacant (unspent)", "Left over (unspent)"],
        [
            [words(each.option), *(pounds(x) for x in (each.budget, each.fixed, each.staff, each.vacant, each.unspent))]
            for each in case.funding
        ],
    )
    note = (
        "Money becomes posts by way of pay (below), on-costs, overheads and vacancy. Staff are at "
        "their usual vacancy and absence; money for posts that stay empty is shown as unspent. All of it is for years "
        "in which every neighbourhood has started; what was spent in the run is shown with costs. Posts that an option "
        f"takes away ({MINUS}) save their pay, training and room."
    )
    blocks = [Paragraph(note), _settings(case), money, posts, *uncosted_note(case)]
    return Section("options", "The options and their money", blocks)


def _settings(case: Investment) -> PageTable:
    return PageTable(
        "How costs and health are valued in this case", ["Setting", "Value"], [list(x) for x in case.settings]
    )


def _fte(value: float) -> str:
    return f"{value:.1f}".replace("-", MINUS) if abs(value) >= 0.05 else ("0" if value == 0 else f"{value:.2f}")


def economics(case: Investment) -> Section:
    """Return cost, health, ratios, frontier, plane and acceptability."""
    note = (
        f"Increments over {words(case.comparator)}, discounted; means over {case.options.draws} {case.pairs} with 95% "
        "intervals of those means. "
        "A service to which an option adds posts is paid for as posts, and its contacts are not priced again. Less "
        "care used "
        "is capacity set free, valued once and not cash."
    )
    blocks: list[Block] = [
        Paragraph(note),
        _results(case),
        *unmet_note(case),
        *_spreads(case),
        _thresholds(case),
        *unmet_note(case),
        _buys(case),
        _frontier(case),
        *unmet_note(case),
        _plane(case),
        *_curves(case),
    ]
    blocks += [_ledger(case, by, title) for by, title in LEDGERS]
    return Section("economics", "Costs and health", blocks)


LEDGERS = (
    ("sector", "Cost by sector"),
    ("organisation", "Cost by organisation"),
    ("financial_year", "Cost by financial year"),
    ("quintile", "Cost by deprivation fifth (1 = most deprived); spending is shared out per head, whoever is served"),
    ("line", "Cost by line"),
)


def _results(case: Investment) -> PageTable:
    rows = []
    for at, name in enumerate(case.options.names):
        if name == case.comparator:
            continue
        cost, effect = case.options.cost[:, at], case.options.effect[:, at]
        benefit = effect * case.threshold - cost
        over = f"{case.options.draws} {case.pairs}"
        found = icer_of(case.options, name, case.comparator)
        told = ratio(found, over) if np.any(effect) or np.any(cost) else NO_DIFFERENCE
        lived, beyond = (estimate(each[:, at], "") for each in (case.in_run, case.beyond))
        rows.append([label(case, name), estimate(cost), lived, beyond, told, estimate(benefit)])
    columns = [
        "Option",
        "Net cost (95% interval of the mean)",
        "QALYs in the run (95% interval of the mean)",
        "QALYs beyond it" if counts_beyond(case) else "QALYs beyond it, not counted",
        "Cost for each QALY" + (" in the run and beyond it" if counts_beyond(case) else ""),
        f"Net monetary benefit at {pounds(case.threshold)} a QALY",
    ]
    return PageTable(f"Costs and health against {words(case.comparator)}: {case.population}", columns, rows, 1)


def counts_beyond(case: Investment) -> bool:
    """Return whether health beyond the run counts in the case's QALYs."""
    return bool(np.any(case.options.effect != case.in_run))


def _spreads(case: Investment) -> list[Block]:
    """Return where the evidence leaves cost, health and net benefit: their spread over draws; nothing for one draw."""
    if case.drawn is None:
        return []
    spread, benefit = case.spread, case.drawn.net_benefit(case.threshold)
    rows = [
        [
            label(case, name),
            spread_of_draws(spread.cost[:, at], seen=case.options.cost[:, at]),
            spread_of_draws(spread.effect[:, at], "", case.options.effect[:, at]),
            spread_of_draws(benefit[:, at], seen=case.options.net_benefit(case.threshold)[:, at]),
        ]
        for at, name in enumerate(case.options.names)
        if name != case.comparator
    ]
    without = "chance between replications taken out" if case.drawn.chance_is_known else "with chance still in them"
    caption = f"What the evidence leaves open: central 95% of {case.options.draws} draws, {without}"
    columns = ["Option", "Net cost", "QALYs that count", f"Net monetary benefit at {pounds(case.threshold)} a QALY"]
    return [PageTable(caption, columns, rows, 1)]


def _thresholds(case: Investment) -> PageTable:
    """Return net health benefit at every published threshold, side by side."""
    rows = []
    for row in case.thresholds.sort_values("gbp_per_qaly", kind="stable").to_dict("records"):
        benefit = case.options.net_health_benefit(float(row["gbp_per_qaly"]))
        cells = [estimate(benefit[:, case.options.at(name)], "") for name in case.designs]
        rows.append([pounds(row["gbp_per_qaly"]), row["meaning"], *cells])
    columns = ["A QALY is worth", "Who says so", *(label(case, name) for name in case.designs)]
    caption = (
        "Net health benefit (QALYs gained minus QALYs the money would have made; 95% interval of the mean), by "
        "threshold"
    )
    return PageTable(caption, columns, rows, 1)


def _buys(case: Investment) -> PageTable:
    """Return what a pound buys: return, and pounds for each event avoided."""
    rows = []
    for row in case.returns.to_dict("records"):
        rows.append([words(row["option"]), "Benefit for each pound spent, £", _ratio_told(row, 2)])
    for row in case.avoided.to_dict("records"):
        rows.append([words(row["option"]), f"Spent for each {row['what']} avoided, £", _ratio_told(row, 0)])
    rows.sort(key=lambda each: case.designs.index(next(name for name in case.designs if words(name) == each[0])))
    what = f"benefit is QALYs at {pounds(case.threshold)} and capacity set free"
    caption = f"What a pound buys (95% interval of the ratio of means): {what}; {case.population}"
    return PageTable(caption, ["Option", "What", "Found"], rows, 2)


def _ratio_told(row: Mapping[Any, Any], places: int) -> str:
    """Return a ratio with its interval, or in words why there is none."""
    reason = str(row["reason"])
    if pd.isna(row["estimate"]):
        return NO_DIFFERENCE if reason == "no difference" else reason
    shown = [float(row[name]) for name in ("estimate", "lower", "upper") if not pd.isna(row[name])]
    told = [number(two_digits(each), places, minus=MINUS) for each in shown]
    if len(told) == 3:
        return f"{told[0]} ({told[1]} to {told[2]})"
    unsure = "nothing" in reason
    return f"mean {told[0]}, but {NO_DIFFERENCE} in what is avoided" if unsure else f"{told[0]} ({reason})"


def price_of_step(options: Options, name: str, before: str) -> str:
    """Return what one more QALY costs by going from ``before`` to ``name``, or why no figure has a meaning."""
    found = icer_of(options, name, before)
    if found.reason == MAYBE_NOTHING:
        return "no figure: the difference in health may be nothing"
    return f"{pounds(two_digits(found.slope))} a QALY"


def _frontier(case: Investment) -> PageTable:
    means = case.options.means()
    table = frontier(list(means["option"]), means["cost"], means["effect"])
    rows, before = [], ""
    for row in table.to_dict("records"):
        step = DASH if pd.isna(row["icer"]) else price_of_step(case.options, str(row["option"]), before)
        before = str(row["option"])
        rows.append(
            [
                label(case, str(row["option"])),
                as_known(row["cost"], case.options.cost[:, case.options.at(str(row["option"]))]),
                f"{row['effect']:.3g}".replace("-", MINUS),
                WORDS[row["status"]],
                step,
            ]
        )
    caption = "Efficiency frontier of mean costs and health (increments): each step's price for one more QALY"
    return PageTable(caption, ["Option", "Cost", "QALYs", "Place", "Next step costs"], rows)


def _plane(case: Investment) -> Chart:
    rows = []
    spread = case.spread
    for at, name in enumerate(case.options.names):
        if name != case.comparator:
            cost, effect = case.options.cost[:, at], case.options.effect[:, at]
            rows.append([label(case, name), estimate(cost), estimate(effect, ""), *_more(case, name)])
    columns = [
        "Option",
        "Mean cost",
        "Mean QALYs",
        f"{case.pairs} in which it costs more",
        f"{case.pairs} with more health",
    ]
    table = PageTable("The cost-effectiveness plane as figures", [x[:1].upper() + x[1:] for x in columns], rows)
    alt = (
        f"Cost-effectiveness plane: cost above {words(case.comparator)} against QALYs more than it, a small mark for "
        "each of "
        f"the {case.pairs} and a large one for the mean of each option; the dotted line is {pounds(case.threshold)} a "
        "QALY. "
        "The figures are in the table below."
    )
    return Chart("plane", draw_plane(spread, case.comparator, case.threshold), alt, table)


def _more(case: Investment, name: str) -> list[str]:
    """Return in which share of draws (or replications of one draw) an option costs more, and has more health."""
    if case.drawn is None:
        at = case.options.at(name)
        return [percent(float((each[:, at] > 0).mean())) for each in (case.options.cost, case.options.effect)]
    return [percent(float(each.probability[0])) if each.told[0] else CANNOT_TELL for each in case.drawn.more(name)]


def _loss(case: Investment, mine: pd.DataFrame, threshold: float) -> str:
    """Return the expected loss of the best choice, or that chance hides what it is."""
    loss = float(mine["evpi"].iloc[0])
    if case.drawn is None or not case.drawn.chance_is_known:
        return pounds(two_digits(loss))
    chance = case.drawn.chance_share(threshold)
    hidden = np.nanmax(chance) >= NEARLY_ALL if np.isfinite(chance).any() else False
    return CANNOT_TELL if loss == 0.0 and hidden else pounds(two_digits(loss))


def _curves(case: Investment) -> list[Block]:
    """Return the acceptability curves, or why there are none."""
    if case.options.draws < FEWEST_FOR_CURVES or case.pairs == "replications":
        why = f"{case.options.draws} draws"
        if case.pairs == "replications":
            why = "evidence and prices were held at central values, and chance between replications is not what decides"
        return [Paragraph(f"There is no acceptability curve: {why}. Run with experiment.draws of 64 or more for one.")]
    judged = case.drawn or case.options
    curves = acceptability(judged, GRID)
    marks_at = sorted({float(x) for x in case.thresholds["gbp_per_qaly"]})
    found = acceptability(judged, marks_at)
    names = case.options.names
    rows = []
    for threshold in marks_at:
        mine = found[found["threshold"] == threshold]
        share = {row["option"]: _probability(row) for row in mine.to_dict("records")}
        meaning = "; ".join(case.thresholds.loc[case.thresholds["gbp_per_qaly"] == threshold, "meaning"])
        best = str(mine.loc[mine["best"], "option"].iloc[0])
        cells = [share[name] for name in names]
        rows.append([pounds(threshold), meaning, label(case, best), *cells, _loss(case, mine, threshold)])
    columns = [
        "A QALY is worth",
        "Who says so",
        "Best on average",
        *(words(name) for name in names),
        "Expected loss of that choice",
    ]
    table = PageTable(
        f"Which option is best, by what a QALY is worth: share of {case.options.draws} {case.pairs} in which each is "
        "best, in brackets its Monte Carlo standard error in percentage points",
        columns,
        rows,
        1,
    )
    alt = (
        "Acceptability curves: the share of draws in which each option has the highest net benefit, by what a QALY is "
        "worth. The figures at published thresholds are in the table below."
    )
    note = (
        "The option to choose is the one best on average, which need not be the one most often best. The expected "
        "loss of that choice is what it would be worth, for this place and run, to know every number drawn (evidence, "
        f"prices, values of health) before choosing. {_chance_words(case)}"
    )
    return [Chart("acceptability", draw_acceptability(curves, names), alt, table), Paragraph(note)]


def _probability(row: Mapping[Any, Any]) -> str:
    """Return a share of draws with its standard error in percentage points, '63% (6)', or that it cannot be told."""
    if not row["told"]:
        return CANNOT_TELL
    points = 100 * float(row["monte_carlo_se"])
    return f"{percent(float(row['probability_best']))} ({'under 1' if 0 < points < 0.5 else f'{points:.0f}'})"


def _chance_words(case: Investment) -> str:
    """Return what was done about chance between replications, which no knowledge of a number removes."""
    if case.drawn is None or not case.drawn.chance_is_known:
        return (
            "With one replication per draw, chance cannot be told apart from lack of knowledge and is still in it: the "
            "choice looks less sure, and knowing more looks worth more, than they are."
        )
    shares = case.drawn.chance_share(case.threshold)
    told = [
        f"{words(name)} {percent(float(share))}"
        for name, share in zip(case.drawn.names, shares, strict=True)
        if not np.isnan(share)
    ]
    made_up = f" Of the variance of net benefit between draws it made up: {', '.join(told)}." if told else ""
    return (
        "Chance between replications of a draw, which knowing them would not remove, is taken out of how far draws lie "
        "apart; how much of it there is can only be estimated, and of few draws some stays. What it leaves open of the "
        "mean is kept in each share and its standard error, not in the loss. "
        f"“{CANNOT_TELL.capitalize()}”: draws differ by practically nothing but chance, and an option and its closest "
        f"rival may be as good, so that a share would be a coin toss.{made_up}"
    )


def _ledger(case: Investment, by: str, title: str) -> PageTable:
    table = case.ledger
    keys = list(dict.fromkeys(table[by].tolist()))
    keys = sorted(keys, key=str)
    rows = []
    for key in keys:
        cells = [
            exact(int(table.loc[(table[by] == key) & (table["option"] == name), "discounted_pence"].sum()))
            for name in case.designs
        ]
        rows.append([words(str(key)), *cells])
    totals = [exact(int(table.loc[table["option"] == name, "discounted_pence"].sum())) for name in case.designs]
    rows.append(["total", *totals])
    caption = f"{title}: increments over {words(case.comparator)}, discounted, mean of all runs. {TO_THE_PENNY}"
    return PageTable(
        caption, [title.split(" by ")[-1].capitalize(), *(words(x) for x in case.designs)], rows, 1, folded=by == "line"
    )


def affordability(case: Investment) -> Section:
    """Return budget impact, who pays, what stays, staff needed, and what must close for cash."""
    blocks: list[Block] = [
        Paragraph(
            "Undiscounted, by financial year. By default no cash is released: capacity set free is used by others."
        ),
        Chart("money", draw_money(case.cash, case.designs), _money_alt(case), _cash(case)),
        _payers(case),
        Bullets([*_after_the_money(case), *(_what_must_close(case, name) for name in case.designs)]),
    ]
    if len(case.supply):
        blocks.append(_supply(case))
    return Section("affordability", "Affordability", blocks)


def _money_alt(case: Investment) -> str:
    return (
        f"Bars: what each option spends in each financial year above {words(case.comparator)}. The figures are in the "
        "table "
        "below."
    )


def _cash(case: Investment) -> PageTable:
    rows = []
    for row in case.cash.to_dict("records"):
        told = [exact(round(100 * row[name])) for name in ("gross", "released", "cash", "net")]
        rows.append([label(case, row["option"]), row["financial_year"], *told])
    columns = ["Option", "Financial year", "Spent (gross)", "Value of care not used", "Of that, cash", "Net of cash"]
    caption = f"Budget impact, pounds of the price year, whole place. {TO_THE_PENNY}"
    return PageTable(caption, columns, rows, 2)


def _payers(case: Investment) -> PageTable:
    table = case.ledger
    rows = []
    for name in case.designs:
        mine = table[table["option"] == name]
        for organisation in sorted(set(mine["organisation"])):
            own = mine[mine["organisation"] == organisation]
            parts = [
                own[(own["nature"] == CASE) & (own["recurrence"] != ONCE)],
                own[(own["nature"] == CASE) & (own["recurrence"] == ONCE)],
                own[own["nature"] == USE],
            ]
            rows.append([words(name), organisation, *(exact(int(each["pence"].sum())) for each in parts)])
    columns = ["Option", "Organisation", "Pays, recurrent", "Pays, once", "Care used (below 0: capacity set free)"]
    caption = f"Who pays and whose capacity changes, over {case.months} months, undiscounted"
    return PageTable(caption, columns, rows, 2, folded=True)


def _after_the_money(case: Investment) -> list[str]:
    """Return what each option costs a year once its funding has ended, if it ends."""
    if case.funding_years is None:
        return []
    told = [f"{words(each.option)} {pounds(each.recurrent)}" for each in case.funding]
    return [
        f"The money is there for {case.funding_years:g} years. Recurrent spending does not end with it; for a whole "
        f"year, at central prices, it is: {', '.join(told)}. From then on it is unfunded."
    ]


def _what_must_close(case: Investment, name: str) -> str:
    """Return what cash would take: how much capacity is set free, and how much larger effects would have to be."""
    mine = case.cash[case.cash["option"] == name]
    gross, released = float(mine["gross"].sum()), float(mine["released"].sum())
    label = words(name).capitalize()
    if gross <= 0:
        spent = f"spends {pounds(-gross)} less than {words(case.comparator)}" if gross < 0 else "spends nothing"
        return f"{label} {spent}: there is nothing to pay back."
    if told_as_nothing(case.released[name]):
        found = difference_words(case.released[name], POUND, "set free", "used more")
        return (
            f"{label} spends {pounds(gross)} over {case.months} months. Value of care that it sets free: {found}; so "
            "it cannot be said what paying it back would take."
        )
    if released <= 0:
        return (
            f"{label} spends {pounds(gross)} over {case.months} months and care worth {pounds(abs(released))} more is "
            "used, on average: no "
            "effect of this kind, however large, pays it back."
        )
    unmet = case.findings.row(name, "needs_unmet")
    if unmet is not None and name in more_unmet(case.findings):
        return (
            f"{label} spends {pounds(gross)} over {case.months} months. Care worth {pounds(released)} less is used, on "
            "average, but more "
            f"needs are left unmet ({difference(unmet, MINUS)} {unmet['unit']}): less care is no saving here, and "
            "nothing in "
            "it pays the design back."
        )
    return (
        f"{label} spends {pounds(gross)} over {case.months} months and sets free capacity worth {pounds(released)}, on "
        "average. For it to pay "
        f"for itself, the change in use would have to be {gross / released:.2g} times as large, and the wards and "
        "sessions it "
        "frees would have to close."
    )


def _supply(case: Investment) -> PageTable:
    rows = [
        [
            words(row["service"]),
            words(row["option"]),
            _fte(row["added"]),
            _fte(row["local"]) if not np.isnan(row["local"]) else DASH,
            percent(row["share"]) if not np.isnan(row["share"]) else DASH,
        ]
        for row in case.supply.sort_values(["service", "option"]).to_dict("records")
    ]
    columns = ["Service", "Option", "Posts needed (FTE)", "At work today (FTE)", "Needed as share of today's"]
    return PageTable("Staff needed, against those at work in the place today", columns, rows, 2, folded=True)
