"""What the document of a case says, first page first. Every number in it is taken from the tables of the case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.case_report.document import Block, Bullets, Document, Paragraph, Section
from evaluation.case_report.emulated import replays
from evaluation.case_report.investment import Investment
from evaluation.case_report.money_sections import affordability, economics, options_section
from evaluation.case_report.rest import checklist, five_cases, method, numbers
from evaluation.case_report.risk_sections import claims, equity, risks
from evaluation.case_report.unmet import label, more_unmet
from evaluation.case_report.words import difference_words, estimate, pounds, told_as_nothing
from evaluation.figures.style import words
from evaluation.findings import STANDARDISED, Row, happens
from evaluation.outcomes import MAIN, RATE_UNIT, outcome
from evaluation.page import SCOPE_OUT
from evaluation.page_tables import PageTable, gap_table, headline_table
from evaluation.roll_out import late_starts
from evaluation.rounding import MINUS, change
from evaluation.sentences import difference, in_sentence, left_out, levels, verdict
from evaluation.twins import NO_DIFFERENCE

NO_FORECAST = "It compares options; it does not forecast, and says nothing about any one person."
GAP = "absolute_q1_minus_q5"
LEAST_TOLD = 0.0001  # of a rate or a wait: smaller is not told in figures
SHOWN = (
    *MAIN,
    "delayed_days",
    "readmissions",
    "ambulance_contacts",
    "gp_contacts",
    "community_contacts",
    "social_care_contacts",
    "needs_unmet",
    "gp_wait_days",
    "ed_wait_hours",
    "deaths",
)
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
        replays(case),
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
        *(Paragraph(late, caution=True) for late in late_starts(run, case.months)),
        Paragraph(f"{case.findings.run.standing} {NO_FORECAST}", caution=True),
        Paragraph(lead),
        Bullets([*found(case), money_found(case), *unmet_found(case), *staff_found(case), sureness(case)]),
        glance(case),
        Paragraph(f"Not in this model: {'; '.join(SCOPE_OUT)}."),
    ]
    return Section("summary", "In plain words", blocks)


def _money(case: Investment) -> str:
    budgets = [each.budget for each in case.funding]
    if not budgets or max(budgets) - min(budgets) > 1:
        return "the cost of each design as it stands"
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
            said.append(
                f"{label}: {'; '.join(changed)} (95% intervals of the mean in brackets; {case.population}){others}."
            )
        else:
            said.append(f"{label}: {NO_DIFFERENCE} for any option ({case.population}); figures are in the table below.")
    first = any(verdict_on_gap(case, option) == "higher" for option in case.designs)  # a gap that widens is said first
    return [gap_found(case), *said] if first else [*said, gap_found(case)]


def verdict_on_gap(case: Investment, option: str) -> str:
    """Return whether an option makes the gap 'higher' or 'lower', or what else is said of it; '' for nothing."""
    row = case.findings.gap_row(option, MAIN[0], GAP)
    return "" if row is None else str(row["verdict"])


def gap_found(case: Investment) -> str:
    """Return one sentence on whether the gap widens or narrows, over all options."""
    fifths = case.findings.run.basis.fifths
    head = (
        f"Gap in {in_sentence(outcome(MAIN[0]).label)} between the most and least deprived fifth ({fifths}; age-sex "
        f"standardised; {case.population})"
    )
    told = []
    for option in case.designs:
        row = case.findings.gap_row(option, MAIN[0], GAP)
        if row is not None and row["verdict"] in ("lower", "higher"):
            change = f"change {difference(row, MINUS)} {RATE_UNIT}{left_out(row)}"
            told.append(f"it {_gap_word(row)} with {words(option)}, {change}")
    if not told:
        return f"{head}: {NO_DIFFERENCE} for any option."
    others = "" if len(told) == len(case.designs) else f"; {NO_DIFFERENCE} for the others"
    return f"{head}: {'; '.join(told)}{others}."


def _size(row: Row) -> str:
    return difference(row, MINUS).lstrip("+").lstrip(MINUS)


def money_found(case: Investment) -> str:
    """Return one sentence on net cost and health of the options."""
    dearer, better = [], []
    for at, name in enumerate(case.options.names):
        if name == case.comparator:
            continue
        cost, effect = case.options.cost[:, at], case.options.effect[:, at]
        dearer.append(f"{words(name)} {difference_words(cost, '£', 'more', 'less')}")
        if not told_as_nothing(effect):
            better.append(f"{words(name)} {difference_words(effect, 'QALYs', 'more', 'fewer')}")
    costs = "; ".join(dearer)
    health = "; ".join(better) if better else f"{NO_DIFFERENCE} for any option"
    return (
        f"Net cost against {words(case.comparator)}, what designs spend and the change in care used together "
        f"({case.population}): {costs}. Quality-adjusted life years (QALYs): {health}."
    )


def unmet_found(case: Investment) -> list[str]:
    """Return the options with which more needs are left unmet, if any: less care used is then no saving."""
    rows = [(option, case.findings.row(option, "needs_unmet")) for option in more_unmet(case.findings)]
    worse = [f"{words(option)} ({difference(row, MINUS)} {row['unit']})" for option, row in rows if row is not None]
    if not worse:
        return []
    return [f"More needs are left unmet with {', '.join(worse)}: where less care is used with it, that is no saving."]


def staff_found(case: Investment) -> list[str]:
    """Return which teams have fewer staff in which option, if any."""
    said = []
    for option in case.designs:
        mine = case.losing[case.losing["option"] == option] if len(case.losing) else case.losing
        if len(mine):
            teams = mine.groupby("team")["change"].sum().sort_values()
            told = [f"{team} ({MINUS}{abs(change):.1f} full-time posts)" for team, change in teams.head(FEW).items()]
            said.append(f"With {words(option)}, staff move away from: {', '.join(told)}.")
    return said or ["No neighbourhood has fewer staff at work in any option, as far as the run records."]


def sureness(case: Investment) -> str:
    """Return what the intervals hold, and what they do not."""
    run = case.findings.run
    if run.replications * run.draws == 1:
        return "One run was made: nothing here can be told apart from chance."
    repeated = "1 replication" if run.replications == 1 else f"{run.replications} replications"
    if run.draws == 1:
        held = (
            f"Intervals are for chance alone ({repeated}): evidence and prices are held at central "
            "values, and the real uncertainty is wider."
        )
    else:
        held = (
            f"Intervals rest on {run.draws} draws of the evidence and of prices, {repeated} each: "
            "they are for the mean over draws, which more draws would narrow. What the evidence leaves open is wider: "
            "the spread over draws, under Costs and health. No draw covers the uncertainty of the model's "
            "structure."
        )
    parameters = f" Parameters are from {source}." if (source := run.manifest.get("parameters")) else ""
    return (
        f"{held} About one in twenty comparisons of options that do not differ would be reported as a difference."
        f"{parameters}"
    )


def glance(case: Investment) -> PageTable:
    """Return the options side by side: use, gap, cost and health."""
    rows = []
    for at, name in enumerate(case.options.names):
        if name == case.comparator:
            continue
        cells = [_cell(case.findings.row(name, each)) for each in MAIN]
        gap = case.findings.gap_row(name, MAIN[0], GAP)
        cells.append("–" if gap is None else _gap_word(gap))
        cost, effect = case.options.cost[:, at], case.options.effect[:, at]
        rows.append([label(case, name), *cells, estimate(cost), estimate(effect, "")])
    columns = [
        "Option",
        *(f"{outcome(each).label}: difference (95% interval of the mean)" for each in MAIN),
        f"Gap in {in_sentence(outcome(MAIN[0]).label)}",
        "Net cost (95% interval of the mean)",
        "QALYs (95% interval of the mean)",
    ]
    caption = f"The options at a glance, against {words(case.comparator)}: {case.population}; use is {RATE_UNIT}"
    return PageTable(caption, columns, rows, 1)


def _cell(row: Row | None) -> str:
    if row is None:
        return "–"
    if row["difference"] and max(abs(row["lower"]), abs(row["upper"])) < LEAST_TOLD:
        return f"less than {LEAST_TOLD:g} either way"
    told = difference(row, MINUS)
    return f"{told}: {NO_DIFFERENCE}" if row["verdict"] == NO_DIFFERENCE and told != NO_DIFFERENCE else told


def _gap_word(row: Row) -> str:
    said = verdict(row)
    if said not in ("lower", "higher"):
        return said
    if row["baseline"] * row["design"] < 0:
        return "changes direction"
    return "narrows" if abs(row["design"]) < abs(row["baseline"]) else "widens"


def activity(case: Investment) -> Section:
    """Return activity and waits: the main outcomes side by side, then every outcome of every option."""
    lead = (
        f"Rates are {RATE_UNIT}; means over replications, differences with 95% intervals of the mean. Outcomes that "
        "never happen are left out. Charts over time, flows and waits are in report.html of the same folder"
        f"{_of_the_whole_run(case)}."
    )
    tables = [replace(headline_table(case.findings, name), folded=True) for name in case.designs]
    return Section("activity", "Activity and waits", [Paragraph(lead), side_by_side(case), *tables])


def _of_the_whole_run(case: Investment) -> str:
    """Return that another page tells of more months than count here, if it does."""
    whole = case.findings.run.horizon_months
    return "" if whole == case.months else f", of all {whole} months of the run; here the first {case.months} count"


def side_by_side(case: Investment) -> PageTable:
    """Return the outcomes in SHOWN of all options: the comparator's level and each difference."""
    rows = []
    for name in SHOWN:
        found = [case.findings.row(option, name) for option in case.designs]
        there = [row for row in found if row is not None]
        if there and happens(there[0]):
            label = there[0]["label"] if there[0]["unit"] == RATE_UNIT else f"{there[0]['label']} ({there[0]['unit']})"
            rows.append([label, levels(there[0], MINUS)[0], *(_cell(row) for row in found)])
    columns = ["Outcome", words(case.comparator), *(words(name) for name in case.designs)]
    caption = (
        f"Main outcomes: {words(case.comparator)}, and the difference that each option makes (95% interval of the mean)"
    )
    return PageTable(caption, columns, rows, 1)


def gaps(case: Investment) -> Section:
    """Return the gaps and what money does to them."""
    note = (
        f"Gap: the most less the least deprived fifth ({case.findings.run.basis.fifths}), age-sex standardised. Gaps "
        "are by "
        "the deprivation of the community lived in, not of the person."
    )
    tables = [replace(gap_table(case.findings, name, STANDARDISED), folded=True) for name in case.designs]
    return Section("gaps", "Gaps", [Paragraph(note), gap_changes(case), money_for_gaps(case), *tables])


def gap_changes(case: Investment) -> PageTable:
    """Return the gap of the comparator and its change by option, for the main outcomes."""
    rows = []
    for name in MAIN:
        for option in case.designs:
            row = case.findings.gap_row(option, name, GAP)
            if row is None:
                continue
            before, after = levels(row, MINUS)
            rows.append([outcome(name).label, words(option), before, after, difference(row, MINUS), _gap_word(row)])
    columns = [
        "Gap in",
        "Option",
        words(case.comparator),
        "With the option",
        "Change (95% interval of the mean)",
        "Finding",
    ]
    return PageTable(f"Gaps and how each option changes them, {RATE_UNIT}: {case.population}", columns, rows, 2)


def money_for_gaps(case: Investment) -> PageTable:
    """Return how much of each gap some pounds a head and year close."""
    rows = []
    for row in case.gap_for_money.to_dict("records"):
        if np.isnan(row["estimate"]) or row["reason"] == "no difference":
            told = row["reason"] if row["reason"] != "no difference" else NO_DIFFERENCE
        else:
            told = change(row["estimate"], row["lower"], row["upper"], MINUS)
            if np.isnan(row["lower"]):
                told = f"{told} ({row['reason']})"
            elif row["lower"] <= 0 <= row["upper"]:
                told = f"{told}: {NO_DIFFERENCE}"
        rows.append([words(row["option"]), outcome(row["outcome"]).label, told, row["unit"]])
    caption = (
        "Gap closed for the money that a design spends per resident per year, over the months that count (below 0: "
        f"the gap widens; 95% interval of the ratio of means): {case.population}. No more can be closed than there is"
    )
    return PageTable(caption, ["Option", "Gap in", "Closed", "Unit"], rows, 2)
