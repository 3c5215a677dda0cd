"""The case as a workbook: the figures behind the document, numbers as numbers. No cell's text can act as a formula."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evaluation.case_report.document import Bullets, Document, Paragraph
from evaluation.case_report.investment import Investment
from evaluation.case_report.word import clean
from scenarios.whole_file import whole

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|")  # what a spreadsheet may take for the start of a formula
MOST_WIDE, LEAST_WIDE = 60, 10
MOST_DRAWS = 20_000  # rows of a sheet of draws; a spreadsheet holds about a million
DIFFERENCES = (
    "option", "outcome", "label", "unit", "group", "n", "pairs", "baseline", "design", "difference", "lower", "upper",
    "percent", "percent_lower", "percent_upper", "total_difference", "verdict", "reason",
)  # fmt: skip
NAME = re.compile(r"[\[\]:*?/\\]")


def write_workbook(case: Investment, document: Document, path: Path) -> Path:
    """Write the workbook of ``case`` to ``path`` (.xlsx): the words of page one, then a sheet for each table."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    first = book.active
    first.title = "In plain words"
    for row, text in enumerate(_words(document), start=1):
        cell = put(first, row, 1, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=row == 1)
    first.column_dimensions["A"].width = 110
    for name, note, table in sheets(case):
        _sheet(book, name, note, table)
    with whole(path) as part:
        book.save(part)
    return path


def put(sheet: Any, row: int, column: int, value: Any) -> Any:
    """Write one cell and return it: numbers as numbers, text as text whatever it begins with, nothing for NaN."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, bool | np.bool_):
        cell.value = "yes" if value else "no"
    elif isinstance(value, int | np.integer):
        cell.value = int(value)
    elif isinstance(value, float | np.floating):
        cell.value = float(value) if math.isfinite(value) else None
    elif value is not None:
        text = clean(str(value))
        cell.value = text
        cell.data_type = "s"  # openpyxl takes text that begins with = for a formula
        cell.quotePrefix = text.startswith(FORMULA)  # and so does a spreadsheet when the cell is edited
    return cell


def sheets(case: Investment) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield (sheet, note, table) for every table of the case."""
    options = case.options
    draws = pd.DataFrame(
        [
            (pair, name, options.cost[pair, at], options.effect[pair, at], case.beyond[pair, at])
            for pair in range(min(options.draws, MOST_DRAWS // len(options.names)))
            for at, name in enumerate(options.names)
        ],
        columns=[case.pairs[:-1], "option", "net_cost_gbp", "qalys", "qalys_beyond_the_run"],
    )
    funding = pd.DataFrame(
        [(x.option, x.budget, x.fixed, x.staff, x.vacant, x.unspent, x.recurrent) for x in case.funding],
        columns=[
            "option",
            "budget_gbp",
            "before_any_post_gbp",
            "posts_filled_gbp",
            "posts_vacant_gbp",
            "left_over_gbp",
            "recurrent_in_a_whole_year_gbp",
        ],
    )
    posts = pd.DataFrame(
        [(x.option, service, fte) for x in case.funding for service, fte in x.posts.items()],
        columns=["option", "service", "fte"],
    )
    ledger = case.ledger.assign(
        gbp=case.ledger["pence"] / 100, discounted_gbp=case.ledger["discounted_pence"] / 100
    ).drop(columns=["pence", "discounted_pence"])
    yield "Settings", "How costs and health are valued", pd.DataFrame(case.settings, columns=["setting", "value"])
    yield "Funding", "Pounds a year for the whole place", funding
    yield "Posts", "Full-time equivalents more than the comparator", posts
    yield "Differences", "Every outcome against the comparator, by deprivation", _differences(case)
    yield "Costs", "Increments over the comparator, mean of all runs, pounds; every split adds up to the penny", ledger
    note = "Net cost and QALYs of each pair over the comparator; of a draw the mean of its replications, with chance"
    yield "Pairs", note, draws
    yield "Avoided", "Pounds spent for each event or day avoided", case.avoided
    yield "Returns", "Pounds of benefit for each pound spent", case.returns
    yield "Cash", "Undiscounted pounds by financial year", case.cash
    yield "Health by fifth", "QALYs; 1 = most deprived", case.distribution
    yield "Equity", "Efficiency and equity of each option", case.impact
    yield (
        "Gap for money",
        "Gap closed for the money spent on a resident and year, over the months that count",
        case.gap_for_money,
    )
    yield "Tornado", "Net monetary benefit (pounds) as one price or value moves", case.tornado
    if len(case.information):
        yield "Information", "Value of knowing each number (pounds)", case.information
    yield "Claims", "Probability that an option reaches a claim", case.claims
    if len(case.emulators):
        yield (
            "Sensitivity",
            "What net benefit hangs on: Sobol and Morris, by emulator",
            case.sensitivity,
        )
        yield "Turning points", "Where expected net benefit changes sign, by emulator", case.turning
        yield "Claims by prior", "Probability that an option reaches a claim, by emulator", case.priors
        yield "Smallest doses", "Smallest dose at which a claim is reached, by emulator", case.doses
        yield "Emulators", "How each emulator did on draws held back", case.emulators
    yield "Replays", "Published evaluations by lever, and whether they were re-enacted", case.replays
    yield "Staff needed", "Posts needed beside those at work today", case.supply
    yield "Staff away", "Teams with fewer staff in the last month that counts", case.losing
    yield "Thresholds", "Pounds per QALY", case.thresholds
    yield "Prices and values", "As in their tables, before they are moved to the price year", case.prices


def _differences(case: Investment) -> pd.DataFrame:
    parts = [table.assign(option=name)[list(DIFFERENCES)] for name, table in case.findings.differences.items()]
    return pd.concat(parts, ignore_index=True)


def _sheet(book: Any, name: str, note: str, table: pd.DataFrame) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(NAME.sub(" ", name)[:31])
    put(sheet, 1, 1, note).font = Font(italic=True)
    for at, column in enumerate(table.columns, start=1):
        put(sheet, 2, at, str(column)).font = Font(bold=True)
    for row, record in enumerate(table.itertuples(index=False), start=3):
        for at, value in enumerate(record, start=1):
            put(sheet, row, at, value)
    for at, column in enumerate(table.columns, start=1):
        longest = max([len(str(column)), *(len(str(x)) for x in table[column].head(50))])
        sheet.column_dimensions[get_column_letter(at)].width = min(max(longest + 2, LEAST_WIDE), MOST_WIDE)
    sheet.freeze_panes = "A3"


def _words(document: Document) -> list[str]:
    said = [document.title, document.subtitle]
    for block in document.sections[0].blocks:
        if isinstance(block, Paragraph):
            said.append(block.text)
        elif isinstance(block, Bullets):
            said += list(block.items)
    return [*said, *document.foot]
