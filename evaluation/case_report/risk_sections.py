"""The sections on who gains, what could be wrong, and the claims in circulation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evaluation.case_report.charts import draw_fifths, draw_tornado
from evaluation.case_report.document import Block, Bullets, Chart, Paragraph, Section
from evaluation.case_report.emulated import all_at_once, thresholds, under_priors
from evaluation.case_report.investment import Investment
from evaluation.case_report.unmet import label, unmet_note
from evaluation.case_report.words import DASH, as_known, percent, pounds, two_digits
from evaluation.claims import OWN
from evaluation.figures.style import words
from evaluation.outcomes import OUTCOMES
from evaluation.page_tables import PageTable
from evaluation.rounding import MINUS, number
from evaluation.sentences import in_sentence
from evaluation.switches import switched
from evaluation.twins import NO_DIFFERENCE
from evaluation.value_of_information.sentences import worth_measuring

LEAST_QALYS = 0.0001
LEAST_PROBABLE = 0.005  # less is told as 'under 1%'
LABELS = {each.name: each.label for each in OUTCOMES} | {
    "outpatient_contacts": "Outpatient contacts",
    "absence": "Staff absence",
    "productivity": "Staff productivity",
    "turnover_per_year": "Staff turnover",
    "high_intensity_cost": "Cost of people with high use",
}


def equity(case: Investment) -> Section:
    """Return health by fifth net of what is forgone, and the equity impact."""
    shown = case.distribution[case.distribution["gradient"] == _gradient(case)]
    note = (
        "Money spent here is not spent elsewhere, where it would also have made health: benefit, health forgone and "
        "the "
        f"difference by deprivation fifth, at {pounds(case.threshold)} a QALY. What is forgone is taken to be borne "
        "by the "
        "residents of this place; which of them bear it is not well known, so three gradients are shown side by side."
    )
    alt = (
        "Bars: QALYs gained net of health forgone elsewhere, by deprivation fifth (1 = most deprived), for each "
        "option. The "
        "figures are in the table below."
    )
    blocks: list[Block] = [
        Paragraph(note),
        Chart("fifths", draw_fifths(shown, case.designs), alt, _distribution(case, shown)),
        *unmet_note(case),
        replace(_distribution(case, case.distribution), folded=True),
        _impact(case),
    ]
    if len(case.dial):
        blocks.append(_dial(case))
    if len(case.income):
        blocks.append(_income(case))
    return Section("equity", "Who gains", blocks)


def _gradient(case: Investment) -> str:
    told = dict(case.settings).get("Health forgone elsewhere", "")
    return next((name for name in ("flat", "moderate", "steep") if told.endswith(name)), "flat")


def _qalys(value: float) -> str:
    """Return QALYs at two significant digits: they are means of few runs. The workbook has them in full."""
    if value == 0:
        return "0"
    if abs(value) < LEAST_QALYS:
        return f"less than {LEAST_QALYS} either way"
    rounded = two_digits(value)
    return number(rounded, max(0, 1 - math.floor(math.log10(abs(rounded)))), minus=MINUS)


def _distribution(case: Investment, table: pd.DataFrame) -> PageTable:
    rows = []
    for row in table.to_dict("records"):
        told = [_qalys(row[name]) for name in ("benefit", "opportunity_cost", "net")]
        rows.append([label(case, row["option"]), row["gradient"], row["group"], *told])
    columns = ["Option", "Gradient", "Fifth", "QALYs gained", "QALYs forgone", "Net"]
    which = "all gradients" if len(table) == len(case.distribution) else "gradient of the case"
    caption = f"Health by deprivation fifth (1 = most deprived), {which}: {case.population}, means"
    return PageTable(caption, columns, rows, 3)


def _impact(case: Investment) -> PageTable:
    weighted = "ede_gain" in case.impact.columns
    rows = []
    for row in case.impact.to_dict("records"):
        cells = [label(case, row["option"]), row["gradient"], _qalys(row["total_net"]), gap_in_health(row)]
        if weighted:
            cells += [_qalys(row["ede_gain"]), _qalys(row["equity"]), row["quadrant"]]
        rows.append(cells)
    columns = ["Option", "Gradient", "Net QALYs in all", "Gap in lifetime health"]
    if weighted:
        columns += ["Worth, with aversion to inequality (QALYs)", "Of that, for fairness", "On the plane"]
    caption = (
        "Efficiency and equity of each option (means; wider, narrower, fairer: only where the 95% interval says so)"
    )
    return PageTable(caption + ("" if weighted else "; no weight is put on who gains"), columns, rows, 2)


def gap_in_health(row: Mapping[Any, Any]) -> str:
    """Return whether the gap in lifetime health gets wider or narrower, by the interval of its change over pairs."""
    change, lower, upper = (float(row[name]) for name in ("slope_change", "slope_lower", "slope_upper"))
    if change == 0 or lower <= 0 <= upper:
        return NO_DIFFERENCE
    way = "narrower" if change < 0 else "wider"
    return f"{way}, one run: chance is not ruled out" if math.isnan(lower) else way


def _dial(case: Investment) -> PageTable:
    names = list(dict.fromkeys(case.dial["name"]))
    rows = []
    for aversion, mine in case.dial.groupby("aversion", sort=True):
        gains = mine.set_index("name")["ede_gain"]
        best = str(mine.loc[mine["best"], "name"].iloc[0])
        rows.append([f"{aversion:g}", words(best), *(_qalys(float(gains[name])) for name in names)])
    columns = ["Aversion (Atkinson)", "Best", *(words(name) for name in names)]
    return PageTable("Aversion to inequality as a dial: equally distributed equivalent gain, QALYs", columns, rows)


def _income(case: Investment) -> PageTable:
    rows = [[f"{row['income']:g} times the median", f"{row['weight']:.2f}"] for row in case.income.to_dict("records")]
    caption = (
        "Green Book weights: what a pound of benefit counts by income, never together with equity weights on health"
    )
    return PageTable(caption, ["Equivalised income", "Weight"], rows)


def risks(case: Investment) -> Section:
    """Return what prices do, what is worth measuring, and what the structure leaves open."""
    blocks: list[Block] = [
        Paragraph(
            "Prices and values of health at both ends of their ranges, one at a time, on the mean of the runs: this "
            "needs no new simulation. Widest first."
        )
    ]
    for name in case.designs:
        mine = case.tornado[case.tornado["option"] == name]
        if len(mine) and mine["swing"].max() > 0:
            at = case.options.at(name)
            benefit = case.options.effect[:, at] * case.threshold - case.options.cost[:, at]
            blocks.append(_tornado(name, mine, benefit))
    blocks.append(Paragraph(_information(case)))
    if len(case.information):
        blocks.append(_information_table(case))
    blocks += all_at_once(case)
    blocks += thresholds(case)
    told = f"Mechanisms switched in this run: {switched(case.findings.run.said('scenario', 'structure'))}."
    blocks.append(
        Paragraph(
            f"{told} To see in report.html how far the changes in use rest on the model's structure, run intsim "
            "structure: it runs the case again with one mechanism switched at a time (a range, not an interval)."
        )
    )
    return Section("risks", "Risks and sensitivity", blocks)


def _tornado(name: str, mine: pd.DataFrame, benefit: np.ndarray) -> Chart:
    """Return the tornado of an option, at the precision of its net benefit: float64[pair], pounds."""
    rows = [
        [
            words(row["name"]),
            f"{row['low']:g} to {row['high']:g}".replace("-", MINUS),
            as_known(row["at_low"], benefit),
            as_known(row["at_high"], benefit),
            pounds(two_digits(row["swing"])),
        ]
        for row in mine.head(10).to_dict("records")
    ]
    table = PageTable(
        f"{words(name)}: net monetary benefit as one price or value moves (ten widest)",
        ["Price or value", "From and to", "Benefit at the low end", "Benefit at the high end", "Between them"],
        rows,
    )
    alt = (
        f"Tornado of {words(name)}: net monetary benefit as each price or value moves; see the table below for figures."
    )
    return Chart(f"tornado_{name}", draw_tornado(mine, words(name).capitalize()), alt, table)


def _information(case: Investment) -> str:
    if not len(case.information):
        return f"Which number is worth measuring before we decide? No answer: {case.information_reason}."
    told = worth_measuring(case.information, "pounds, for this place and run")
    error = ""
    if "rmse" in case.information:
        first = case.information.iloc[0]
        missed, spread = (pounds(two_digits(float(first[name]))) for name in ("rmse", "spread"))
        error = (
            f" Told by emulators whose error on draws held back is at most {missed}, of a spread of "
            f"{spread} over draws; what they leave out is not in it."
        )
    return f"Which number is worth measuring before we decide? {told}{error}"


def _explained(row: Mapping[Any, Any]) -> str:
    return percent(max(float(row["explained"]), 0.0))


def _information_table(case: Investment) -> PageTable:
    rows = [
        [words(row["group"]), pounds(two_digits(row["evppi"])), percent(row["share"]), _explained(row)]
        for row in case.information.head(10).to_dict("records")
    ]
    columns = ["Number", "Worth knowing, at most", "Share of knowing everything", "Of variation in net benefit"]
    how = "emulated" if "rmse" in case.information else "regression on the draws"
    caption = f"Value of information ({how}) of the numbers that go with net benefit most"
    return PageTable(caption, columns, rows)


def claims(case: Investment) -> Section:
    """Return the claims put to the test, beside the controlled evaluations that there are."""
    note = (
        "How probable is it that an option reaches an effect now claimed for neighbourhood teams, in a year of the "
        "run? "
        "This depends on the model and on our priors. The claims come from a projection by the National Association of "
        "Primary Care; the evidence registry knows of no trial or other evaluation behind it. They are never inputs."
    )
    if len(case.claims) and case.claims["name"].str.startswith(OWN).any():
        note += " Claims marked as the case's own were given with it: no source stands behind them here."
    blocks: list[Block] = [Paragraph(note), _claims(case), *_claims_words(case), *under_priors(case)]
    if len(case.evaluations):
        blocks.append(
            Paragraph(
                "Controlled evaluations of the same outcomes, each with its own programme and people: an effect on a "
                "caseload "
                "is not comparable with one on everybody in a place."
            )
        )
        rows = [
            [LABELS.get(row["outcome"], row["outcome"]), row["programme"], row["told"], row["design"], row["source"]]
            for row in case.evaluations.to_dict("records")
        ]
        columns = ["Outcome", "Programme", "Effect as published", "Design", "Source"]
        blocks.append(PageTable("Controlled evaluations in the registry", columns, rows, 2, folded=True))
    return Section("claims", "The claims put to the test", blocks)


def _claims(case: Investment) -> PageTable:
    rows = []
    for row in case.claims.to_dict("records"):
        claimed = _share(row["claim"]) + (" (the case's own)" if str(row["name"]).startswith(OWN) else "")
        if np.isnan(row["probability"]):
            rows.append(
                [LABELS[row["outcome"]], claimed, words(row["option"]), str(row["year"]), DASH, DASH, row["reason"]]
            )
            continue
        told = f"{percent(row['probability'])} ({percent(row['lower'])} to {percent(row['upper'])})"
        if not row["told"]:
            told = DASH
        note = f"{row['n']} {row['pairs']}" + (f"; {row['reason']}" if row["reason"] else "")
        rows.append(
            [LABELS[row["outcome"]], claimed, words(row["option"]), str(row["year"]), _share(row["effect"]), told, note]
        )
    columns = [
        "Outcome",
        "Claim",
        "Option",
        "Year",
        "Effect found (mean)",
        "Probability of the claim (95% interval)",
        "Note",
    ]
    return PageTable("Claims and the probability that an option reaches them", columns, rows, 3, folded=True)


def _claims_words(case: Investment) -> list[Block]:
    said = []
    for option in case.designs:
        mine = case.claims[(case.claims["option"] == option) & case.claims["probability"].notna()]
        head = words(option).capitalize()
        if mine.empty:
            said.append(f"{head}: no claim could be tested (the run is shorter than a year, or lacks the outcome).")
            continue
        said.append(f"{head}: {_likeliest(mine[mine['told'].astype(bool)])}{_untold(mine)}")
    return [Bullets(said)]


def _likeliest(told: pd.DataFrame) -> str:
    """Return the claim of those that can be told that is likeliest to be reached, or that none is likely at all."""
    if told.empty:
        return ""
    top = told.sort_values("probability", ascending=False, kind="stable").to_dict("records")[0]
    runs = f"{int(top['n'])} {top['pairs']}"
    most = percent(float(told["upper"].max()))
    if top["probability"] == 0:
        return f"no claim was reached in any of {runs}, in any year tested; each is less probable than {most} (95%)."
    if top["probability"] < LEAST_PROBABLE:
        return f"no claim is as probable as 1%, in any year tested ({runs}); the highest limit is {most} (95%)."
    return (
        f"the likeliest claim is {in_sentence(LABELS[top['outcome']])} {_share(top['claim'])}, with a probability of "
        f"{percent(float(top['probability']))} in year {int(top['year'])} (95% interval {percent(float(top['lower']))} "
        f"to {percent(float(top['upper']))}; {runs})."
    )


def _untold(mine: pd.DataFrame) -> str:
    """Return how many claims cannot be told from chance, if any."""
    count = int((~mine["told"].astype(bool)).sum())
    if not count:
        return ""
    rest = f" {count} of {len(mine)} tests cannot be told" if count < len(mine) else "no claim can be told"
    return f"{rest}: draws differ by practically nothing but chance, and the interval of the mean holds the claim."


def _share(value: float) -> str:
    return DASH if np.isnan(value) else f"{100 * value:+.2g}%".replace("-", MINUS)
