"""The commissioner's table in plain text, at most 100 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from evaluation.figures.style import words
from evaluation.findings import Findings, Row, happens
from evaluation.outcomes import GROUPS, MAIN, RATE_UNIT, outcome
from evaluation.roll_out import late_starts
from evaluation.sentences import HOLDS_ZERO, difference, levels
from evaluation.stopped import stopped_words
from evaluation.twins import NO_DIFFERENCE

WIDTH = 100
_COLUMNS = (34, 11, 11, 41)  # label, baseline, design, difference; one blank between
_STAR = " *"
_GAP_LABELS = {
    "absolute_q1_minus_q5": "absolute: most minus least",
    "relative_q1_over_q5": "relative: most over least, ratio",
    "sii_ohid": "slope index of inequality",
    "rii_ohid": "relative index, ratio",
}


def text_table(findings: Findings) -> str:
    """Return the whole table: every design against the baseline, then quintiles, then gaps."""
    run = findings.run
    lines = _wrapped(_title(findings))
    for late in late_starts(run, run.horizon_months):
        lines += _wrapped(late)
    for design in run.designs:
        lines += ["", f"{words(design)} against {words(run.baseline)}".capitalize()[:WIDTH]]
        lines += _block(findings, design)
    starred = f"* {NO_DIFFERENCE}: {HOLDS_ZERO}. " if any(line.endswith(_STAR) for line in lines) else ""
    lines += ["", *_wrapped(f"{starred}Differences are design minus {words(run.baseline)}.")]
    lines += _wrapped(stopped_words(run))
    lines += _wrapped(run.standing)
    return "\n".join(line.rstrip() for line in lines)


def _title(findings: Findings) -> str:
    run = findings.run
    repeated = f"{run.replications} replications" if run.replications != 1 else "1 replication"
    drawn = f" of each of {run.draws} draws of the parameters" if run.draws > 1 else ""
    return f"{run.place}: {run.residents:,} residents, {run.horizon_months} months from go-live, {repeated}{drawn}"


def _block(findings: Findings, design: str) -> list[str]:
    run = findings.run
    head = _head(words(run.baseline), words(design))
    lines = [*head, f"All residents, {RATE_UNIT}:"]
    for group in GROUPS:
        mine = [row for row in findings.rows(design) if outcome(row["outcome"]).group == group and happens(row)]
        lines += [f"{group}:", *(line for row in mine for line in _line(row, f"  {_label(row)}"))] if mine else []
    quintiles = sorted({str(group) for group in findings.differences[design]["group"]} - {"all"})
    for name in MAIN:
        lines += _wrapped(f"{outcome(name).label} by deprivation ({run.basis}), {RATE_UNIT}:")
        for quintile in quintiles:
            found = findings.row(design, name, quintile)
            lines += _line(found, f"  {_quintile_name(quintile)}") if found else []
    return [*lines, *_gap_lines(findings, design)]


def _gap_lines(findings: Findings, design: str) -> list[str]:
    lines = _wrapped(f"Gap, age-sex standardised ({findings.run.basis}), {RATE_UNIT} or ratio:")
    for name in MAIN:
        lines.append(f"  {outcome(name).label}")
        for measure, label in _GAP_LABELS.items():
            found = findings.gap_row(design, name, measure)
            lines += _line(found, f"    {label}") if found else []
    return lines


def _quintile_name(quintile: str) -> str:
    return {"1": "1 (most deprived)", "5": "5 (least deprived)"}.get(quintile, quintile)


def _label(row: Row) -> str:
    """Return an outcome's label, with its unit where that is not the rate of the whole table."""
    is_rate = outcome(row["outcome"]).is_rate
    return str(row["label"]) if is_rate else f"{row['label']}, {row['unit'].split(' per ')[0]}"


def _head(baseline: str, design: str) -> list[str]:
    cells = ["", baseline, design, "difference (95% interval)"]
    return [*_cells(cells), "-" * (sum(_COLUMNS) + len(_COLUMNS) - 1)]


def _line(row: Row, label: str | None = None) -> list[str]:
    text = difference(row)
    if row["verdict"] == NO_DIFFERENCE and text != NO_DIFFERENCE:
        text += _STAR
    before, after = (text.replace("–", "-") for text in levels(row))
    return _cells([label if label is not None else str(row["label"]), before, after, text])


def _cells(cells: Sequence[str]) -> list[str]:
    """Return one row of cells as lines: the label wrapped, the figures beside its last line."""
    indent = len(cells[0]) - len(cells[0].lstrip())
    room = _COLUMNS[0] - indent
    label = [" " * indent + part for part in textwrap.wrap(cells[0].strip(), room, subsequent_indent="  ")] or [""]
    above = [""] * (len(label) - 1)
    columns = [label]
    for cell, width in zip(cells[1:], _COLUMNS[1:], strict=True):
        columns.append(above + (textwrap.wrap(cell, width) or [""]))
    lines = []
    for first, second, third, fourth in zip_longest(*columns, fillvalue=""):
        middle = f"{second:>{_COLUMNS[1]}} {third:>{_COLUMNS[2]}}"
        lines.append(f"{first:<{_COLUMNS[0]}} {middle}  {fourth}")
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
