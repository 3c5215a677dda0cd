"""What the document of a case says, first page first. Every number in it is taken from the tables of the case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.case_report.document import Block, Bullets, Document, Paragraph, Section
from evaluation.case_report.investment import Investment
from evaluation.case_report.money_sections import affordability, economics, options_section
from evaluation.case_report.rest import checklist, five_cases, method, numbers
from evaluation.case_report.risk_sections import claims, equity, risks
from evaluation.case_report.words import difference_words, estimate, pounds, told_as_nothing
from evaluation.figures.style import words
from evaluation.findings import STANDARDISED, Row
from evaluation.outcomes import MAIN, RATE_UNIT, outcome
from evaluation.page import SCOPE_OUT
from evaluation.page_tables import PageTable, gap_table, headline_table
from evaluation.rounding import MINUS
from evaluation.sentences import difference, gap_sentence, in_sentence, percent, verdict
from evaluation.twins import NO_DIFFERENCE

NOT_ENDORSED = (
    "Illustrative model from open data; not calibrated yet; not endorsed by the organisations named. It compares "
    "options; "
    "it does not forecast, and says nothing about any one person."
)
GAP = "absolute_q1_minus_q5"
FEW = 4  # services or teams named in a sentence; more are in the table


def document(case: Investment) -> Document:
    """Return the whole document."""
    run = case.findings.run
    compared = ", ".join(words(name) for name in case.designs)
    sections = [
        summary(case),
        options_section(case),
        activity(case),
        gaps(case),
        economics(case),
        affordability(case),
        equity(case),
        risks(case),
        claims(case),
        five_cases(case),
        method(case),
        numbers(case),
        checklist(case),
    ]
    version = run.manifest.get("version") or "not stated"
    created = run.manifest.get("created") or "not stated"
    seed = (run.manifest.get("seeds") or {}).get("experiment", "not stated")
    foot = [f"intsim {version}; run of {created}; seed {seed}. How the run was made is in manifest.json of its folder."]
    return Document(f"{run.place}: investment case", f"{compared} against {words(case.comparator)}", sections, foot)


def summary(case: Investment) -> Section:
    """Return page one: what was asked, what was found, for whom, how sure, and what is not in it."""
    run = case.findings.run
    lead = (
        f"Question: for {_money(case)}, which way of running neighbourhood teams does most for the residents of "
        f"{run.place}? {len(case.designs)} option{'s' if len(case.designs) > 1 else ''} beside "
        f"{words(case.comparator)}, "
        f"simulated on the same {case.population}."
    )
    blocks: list[Block] = [
        Paragraph(NOT_ENDORSED, caution=True),
        Paragraph(lead),
        Bullets([*found(case), money_found(case), *staff_found(case), sureness(case)]),
        glance(case),
        Paragraph(f"Not in this model: {'; '.join(SCOPE_OUT)}."),
    ]
    return Section("summary", "In plain words", blocks)


def _money(case: Investment) -> str:
    budgets = [each.budget for each in case.funding]
    if not budgets or max(budgets) - min(budgets) > 1:
        return "the money that each design costs as it is"
    return f"{pounds(budgets[0])} a year"


def found(case: Investment) -> list[str]:
    """Return what was found on use and gaps: one sentence on each main outcome over all options, then on the gap."""
    said = []
    for name in MAIN:
        label = outcome(name).label
        changed = []
        for option in case.designs:
            row = case.findings.row(option, name)
            if row is not None and row["verdict"] in ("lower", "higher"):
                changed.append(f"{row['verdict']} with {words(option)} by {_size(row)} {row['unit']}")
        if changed:
            others = "" if len(changed) == len(case.designs) else f"; {NO_DIFFERENCE} for the others"
            said.append(f"{label}: {'; '.join(changed)} (95% intervals in brackets; {case.population}){others}.")
        else:
            said.append(f"{label}: {NO_DIFFERENCE} for any option ({case.population}); figures are in the table below.")
    for option in case.designs:
        row = case.findings.gap_row(option, MAIN[0], GAP)
        if row is not None:
            said.append(
                f"{words(option).capitalize()}. "
                f"{gap_sentence(row, case.comparator, option, case.findings.run.basis.fifths)}"
            )
    return said


def _size(row: Row) -> str:
    return difference(row, MINUS).lstrip("+").lstrip(MINUS)


def money_found(case: Investment) -> str:
    """Return one sentence on net cost and health of the options."""
    dearer, better = [], []
    for at, name in enumerate(case.options.names):
        if name == case.comparator:
            continue
        cost, effect = case.options.cost[:, at], case.options.effect[:, at]
        if not told_as_nothing(cost):
            dearer.append(f"{words(name)} {difference_words(cost, '£', 'more', 'less')}")
        if not told_as_nothing(effect):
            better.append(f"{words(name)} {difference_words(effect, 'QALYs', 'more', 'fewer')}")
    costs = "; ".join(dearer) if dearer else f"{NO_DIFFERENCE} for any option"
    health = "; ".join(better) if better else f"{NO_DIFFERENCE} for any option"
    return (
        f"Net cost against {words(case.comparator)}, what designs spend and the change in care used together "
        f"({case.population}): {costs}. Quality-adjusted life years (QALYs): {health}."
    )


def staff_found(case: Investment) -> list[str]:
    """Return which teams have fewer staff in which option, if any."""
    said = []
    for option in case.designs:
        mine = case.losing[case.losing["option"] == option] if len(case.losing) else case.losing
        if len(mine):
            teams = mine.groupby("team")["change"].sum().sort_values()
            told = [f"{team} ({MINUS}{abs(change):.1f} full-time posts)" for team, change in teams.head(FEW).items()]
            said.append(f"Staff move away with {words(option)}, from: {', '.join(told)}.")
    return said or ["No neighbourhood has fewer staff at work in any option, as far as the run records."]


def sureness(case: Investment) -> str:
    """Return one sentence on what the intervals hold."""
    run = case.findings.run
    if run.replications * run.draws == 1:
        return "One run was made: nothing here can be told from chance."
    if run.draws == 1:
        return (
            f"Intervals are of chance alone ({run.replications} replications): evidence and prices are held at central "
            "values, and the real uncertainty is wider."
        )
    return (
        f"Intervals rest on {run.draws} draws of the evidence and of prices, {run.replications} replications each: "
        "they "
        "are of the mean over draws. What no draw holds is the uncertainty of the model's structure."
    )


def glance(case: Investment) -> PageTable:
    """Return the options side by side: use, gap, cost and health."""
    rows = []
    for at, name in enumerate(case.options.names):
        if name == case.comparator:
            continue
        cells = []
        for each in MAIN:
            row = case.findings.row(name, each)
            cells.append(_cell(row))
        gap = case.findings.gap_row(name, MAIN[0], GAP)
        cells.append("–" if gap is None else _gap_word(gap))
        cost, effect = case.options.cost[:, at], case.options.effect[:, at]
        rows.append([words(name), *cells, estimate(cost), estimate(effect, "")])
    columns = [
        "Option",
        *(f"{outcome(each).label}, change in % (95% interval)" for each in MAIN),
        f"Gap in {in_sentence(outcome(MAIN[0]).label)}",
        "Net cost (95% interval)",
        "QALYs (95% interval)",
    ]
    caption = f"The options at a glance, against {words(case.comparator)}: {case.population}"
    return PageTable(caption, columns, rows, 1)


def _cell(row: Row | None) -> str:
    if row is None:
        return "–"
    if row["verdict"] == NO_DIFFERENCE:
        told = percent(row, MINUS)
        return NO_DIFFERENCE if told == "–" else f"{told}: {NO_DIFFERENCE}"
    return percent(row, MINUS)


def _gap_word(row: Row) -> str:
    said = verdict(row)
    if said not in ("lower", "higher"):
        return said
    return "narrows" if abs(row["design"]) < abs(row["baseline"]) else "widens"


def activity(case: Investment) -> Section:
    """Return activity and waits: every outcome of every option."""
    lead = (
        f"Rates are {RATE_UNIT}; means over replications, differences with 95% intervals. Outcomes that never happen "
        "are "
        "left out. Charts over time, flows and waits are in report.html of the same folder."
    )
    tables = [headline_table(case.findings, name) for name in case.designs]
    return Section("activity", "Activity and waits", [Paragraph(lead), *tables])


def gaps(case: Investment) -> Section:
    """Return the gaps and what a million pounds does to them."""
    run = case.findings.run
    sentences = []
    for option in case.designs:
        for name in MAIN:
            row = case.findings.gap_row(option, name, GAP)
            if row is not None:
                text = gap_sentence(row, run.baseline, option, run.basis.fifths)
                sentences.append(f"{words(option).capitalize()}. {text}")
    tables = [gap_table(case.findings, name, STANDARDISED) for name in case.designs]
    note = "Gaps are by the deprivation of the community lived in, not of the person."
    blocks: Sequence[Block] = [Paragraph(note), Bullets(sentences), *tables, money_for_gaps(case)]
    return Section("gaps", "Gaps", blocks)


def money_for_gaps(case: Investment) -> PageTable:
    """Return how much of each gap a million pounds spent closes."""
    rows = []
    for row in case.gap_for_money.to_dict("records"):
        if np.isnan(row["estimate"]) or row["reason"] == "no difference":
            told = row["reason"] if row["reason"] != "no difference" else NO_DIFFERENCE
        elif np.isnan(row["lower"]):
            told = f"{row['estimate']:.2g} ({row['reason']})".replace("-", MINUS)
        else:
            holds = row["lower"] <= 0 <= row["upper"]
            said = f"{row['estimate']:.2g} ({row['lower']:.2g} to {row['upper']:.2g})".replace("-", MINUS)
            told = f"{said}{': ' + NO_DIFFERENCE if holds else ''}"
        rows.append([words(row["option"]), outcome(row["outcome"]).label, told, row["unit"]])
    caption = "Gap closed for each million pounds that a design spends (below 0: the gap widens; 95% interval)"
    return PageTable(caption, ["Option", "Gap in", "Closed", "Unit"], rows, 2)
