"""The part of a report that says where uncertainty comes from: only where parameters were drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from evaluation.figures.style import words
from evaluation.findings import Findings, happens
from evaluation.outcomes import RATE_UNIT
from evaluation.page_tables import PageTable
from evaluation.rounding import MINUS, level, number
from evaluation.variance import variance_table

NOTE = (
    "Draws differ in the uncertain parameters; replications of one draw differ by chance alone. Better evidence could "
    "narrow the spread from parameters, and more runs cannot; more runs would narrow the chance in the result."
)
_DASH = "–"


def uncertainty_tables(findings: Findings) -> list[PageTable]:
    """Return a table for each design; none if a single draw was made."""
    return [uncertainty_table(findings, design) for design in findings.run.designs] if findings.run.draws > 1 else []


def uncertainty_table(findings: Findings, design: str) -> PageTable:
    """Return, by outcome, the spread of the difference from parameters and from chance."""
    run = findings.run
    shown = {row["outcome"] for row in findings.rows(design) if happens(row)}
    table = variance_table(run.panel, run.baseline, design)
    rows = [_cells(row) for row in table.to_dict("records") if row["outcome"] in shown]
    columns = [
        "Outcome",
        "Spread from parameters (sd)",
        "Spread from chance, one replication (sd)",
        "Parameters' share of variance",
        "Chance in the result (share of its squared standard error)",
        "Note",
    ]
    caption = f"{words(design)} against {words(run.baseline)}: where the uncertainty of each difference comes from"
    return PageTable(caption, columns, rows, folded=True)


def _cells(row: Mapping[Any, Any]) -> list[str]:
    label = str(row["label"] if row["unit"] == RATE_UNIT else f"{row['label']} ({row['unit']})")
    spreads = [_plain(row[name]) for name in ("parameter_sd", "monte_carlo_sd")]
    shares = [_percent(row[name]) for name in ("parameter_share", "monte_carlo_share_of_se")]
    return [label, *spreads, *shares, str(row["reason"])]


def _plain(value: float) -> str:
    return _DASH if math.isnan(value) else level(value, math.nan, math.nan, MINUS)


def _percent(share: float) -> str:
    return _DASH if math.isnan(share) else f"{number(100 * share, 0)}%"
