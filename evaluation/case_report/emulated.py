"""What emulators of paired differences tell, each table with its error on runs held back; and replays behind levers."""

from __future__ import annotations

import math

import pandas as pd

from evaluation.case_report.document import Block, Bullets, Paragraph, Section
from evaluation.case_report.investment import Investment
from evaluation.case_report.words import percent, pounds, two_digits
from evaluation.figures.style import words
from evaluation.outcomes import OUTCOMES
from evaluation.page_tables import PageTable
from evaluation.rounding import MINUS

MOST_SENTENCES = 12
PRIORS = ("sceptical", "default", "optimistic")
LABELS = {each.name: each.label for each in OUTCOMES} | {"outpatient_contacts": "Outpatient contacts"}
DOSE_WORDS = {
    "dose_reach": ("reach", "{:.0%} of what is planned"),
    "dose_staff": ("staff", "{:.0%} of what is planned"),
    "dose_ramp_months": ("time to full reach", "at most {:.0f} months"),
    "years": ("years", "year {:.0f}"),
}


def thresholds(case: Investment) -> list[Block]:
    """Return where each option's case turns, with the emulator's error; or why that is not told."""
    head = "Where does the case turn?"
    if not len(case.emulators):
        return [Paragraph(f"{head} No answer: {case.emulated_reason or 'no draws of the parameters'}.")]
    blocks: list[Block] = [Paragraph(f"{head} {_error(case)}")]
    failed = _failed(case.emulators, "net benefit")
    if failed:
        why = "the emulator tells less than half of the spread over draws held back, or misses by more than it states"
        blocks.append(Paragraph(f"Not told for {', '.join(failed)}: {why}."))
    turns = case.turning[case.turning["turns"] > 0] if len(case.turning) else case.turning
    if len(turns):
        told = [
            f"{row['sentence']} (emulator's error {pounds(row['rmse'])}; spread over draws {pounds(row['spread'])})"
            for row in turns.head(MOST_SENTENCES).to_dict("records")
        ]
        blocks.append(Bullets(told))
    elif len(case.turning):
        blocks.append(Paragraph("No single number turns an option's expected net benefit within its range."))
    return blocks


def all_at_once(case: Investment) -> list[Block]:
    """Return what net benefit hangs on when everything moves at once; nothing where no emulator is useful."""
    if not len(case.sensitivity):
        return []
    note = (
        "What does net benefit hang on when every number moves at once? Sobol's shares: of the spread over draws, what "
        "would go if the number alone were known, and what would stay if all others were. Morris: the mean effect of a "
        "move across its range. Both move numbers one by one, as if none hung on another; an option is left out where "
        f"the numbers of a calibration are so tied that this would give another spread. {_error(case)}"
    )
    rows = [
        [
            words(row["option"]), words(row["input"]), _whole(row["first"]), _whole(row["total"]),
            pounds(two_digits(row["effect"])), pounds(two_digits(row["rmse"])),
        ]
        for row in case.sensitivity.to_dict("records")
    ]  # fmt: skip
    columns = ["Option", "Number", "Share by itself", "Share with others", "Morris effect", "Emulator's error"]
    caption = "Sensitivity of expected net benefit, all numbers at once"
    return [Paragraph(note), PageTable(caption, columns, rows, 2, folded=len(rows) > 12)]


def _whole(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.0f}%"


def _error(case: Investment) -> str:
    first = case.emulators.iloc[0]
    return (
        f"Told by emulators of the paired differences, fitted to {first['points']} draws and checked on "
        f"{first['held_back']} held back; an emulator's error is the root mean square of its misses there."
    )


def _failed(table: pd.DataFrame, what: str) -> list[str]:
    mine = table[table["output"].str.startswith(f"{what}|") & ~table["useful"]]
    return [words(name.split("|")[1]) for name in mine["output"]]


def under_priors(case: Investment) -> list[Block]:
    """Return claims under three priors and the smallest dose of each, with the emulator's error."""
    if not len(case.priors):
        reason = case.emulated_reason or "no draws of the parameters"
        return [Paragraph(f"Claims under other priors, and the smallest dose that reaches them: not told, {reason}.")]
    note = (
        "The same claims under three priors: evidence on the effect one standard deviation (over draws) further from "
        f"the claim (sceptical), as it is (default), nearer (optimistic). {_error(case)} Chance is taken out."
    )
    rows = []
    for row in case.priors.to_dict("records"):
        told = [percent(row[name]) for name in PRIORS] if row["good"] else ["–", "–", "–"]
        error = _points(row["rmse"]) + ("" if row["good"] else ", failed: not used")
        rows.append([_label(row), _share(row["claim"]), words(row["option"]), str(row["year"]), *told, error])
    columns = ["Outcome", "Claim", "Option", "Year", "Sceptical", "Default", "Optimistic", "Emulator's error"]
    table = PageTable("Probability that an option reaches a claim, by prior", columns, rows, 3, folded=len(rows) > 12)
    return [Paragraph(note), table, *_doses(case)]


def _doses(case: Investment) -> list[Block]:
    rows = []
    for row in case.doses.to_dict("records"):
        what, form = DOSE_WORDS[row["dose"]]
        most = form.format(row["most"]).removeprefix("at most ")
        found = f"not reached up to {most}" if math.isnan(row["smallest"]) else form.format(row["smallest"])
        rows.append([_label(row), _share(row["claim"]), words(row["option"]), what, found, _points(row["rmse"])])
    doses = set(case.doses["dose"]) if len(case.doses) else set()
    blocks: list[Block] = []
    if doses <= {"years"}:
        words_ = "Reach, staff and maturity did not vary in these runs: intsim bank makes runs in which they do."
        blocks.append(Paragraph(words_))
    if rows:
        columns = ["Outcome", "Claim", "Option", "Dose", "Smallest that reaches it, on average", "Emulator's error"]
        caption = "The smallest dose of each claim, one dose at a time, others as designed"
        blocks.append(PageTable(caption, columns, rows, 3, folded=len(rows) > 12))
    return blocks


def replays(case: Investment) -> Section:
    """Return the published evaluations behind each lever and whether they were re-enacted in the model."""
    table = case.replays
    done = sorted(set(table.loc[table["re_enacted"] == "yes", "programme"])) if len(table) else []
    count = table.loc[table["programme"] != "", "programme"].nunique() if len(table) else 0
    without = [words(row["lever"]) for row in table.to_dict("records") if not row["programme"]]
    said = (
        f"{len(done)} have their replay here: {', '.join(done)}"
        if done
        else "none is replayed in this report (intsim replay does that)"
    )
    lead = (
        "A replay runs a published study again inside the model, with its rule of who is enrolled, its comparator and "
        f"its length, and sets the result beside what was published. Of {count} evaluated programmes in the registry, "
        f"{said}: what levers do here rests on the evidence of their mechanisms alone."
    )
    blocks: list[Block] = [Paragraph(lead, caution=not done)]
    if without:
        blocks.append(Paragraph(f"No evaluated programme in the evidence registry for: {', '.join(without)}."))
    rows = [
        [
            words(row["lever"]).capitalize(), row["programme"], row["outcome"], row["told"], row["design"], row["how"],
            row["result"] or "not in this report", row["source"],
        ]
        for row in table.to_dict("records")
        if row["programme"]
    ]  # fmt: skip
    columns = [
        "Lever",
        "Programme",
        "Outcome",
        "As published",
        "Design",
        "How to re-enact it",
        "In the model",
        "Source",
    ]
    blocks.append(PageTable("Published evaluations by lever", columns, rows, 2, folded=True))
    return Section("replays", "Replays behind each lever", blocks)


def _label(row: dict) -> str:
    return LABELS.get(row["outcome"], words(row["outcome"]).capitalize())


def _share(value: float) -> str:
    return f"{100 * value:+.0f}%".replace("-", MINUS)


def _points(value: float) -> str:
    """Return an error of a proportional change in points: '0.7 points'."""
    return f"{100 * value:.2g} points"
