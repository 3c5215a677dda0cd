"""A comparison beside the same one with single mechanisms of the model switched: rows, ranges, and tables of a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.estimate import Estimate
from evaluation.figures.style import words
from evaluation.findings import Row, find
from evaluation.outcomes import MAIN
from evaluation.page_tables import PageTable
from evaluation.rounding import MINUS, change
from evaluation.run_folder import RunFolder
from evaluation.sensitivity.structure import StructuralRange, structural_range
from evaluation.sentences import difference
from scenarios.errors import InputError

STRUCTURE = "structure.csv"
AS_BUILT = "as_built"
NOTE = (
    "Each row is the whole comparison run again with one mechanism of the model switched, every seed and draw the "
    "same; nothing is refitted. From lowest to highest is a range, not an interval: nobody has said how likely each "
    "structure is."
)
WORDS = {
    "trust": "without trust",
    "hidden_need": "without hidden need",
    "refill": "freed beds not refilled",
    "spikes": "without bad spells",
    "dying": "deaths not foreseen",
    "mortality_path": "care affects deaths through unmet need",
}
COLUMNS = ("option", "outcome", "label", "unit", "switch", "difference", "lower", "upper", "reason")


def difference_rows(run: RunFolder, switch: str) -> list[dict[str, Any]]:
    """Return the difference of every design from the baseline in the main outcomes, all residents: rows of COLUMNS."""
    findings = find(run)
    rows = []
    for design in run.designs:
        for name in MAIN:
            row = findings.row(design, name)
            if row is not None:
                told = {each: row[each] for each in COLUMNS if each in row}
                rows.append(told | {"option": design, "switch": switch})
    return [{name: row[name] for name in COLUMNS} for row in rows]


def read_rows(path: Path) -> pd.DataFrame:
    """Return the table ``difference_rows`` makes, from a file; raise InputError for one that lacks a column."""
    table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"switch": str, "reason": str})
    for name in COLUMNS:
        if name not in table:
            raise InputError(str(path), f"has no column '{name}'")
    return table.assign(reason=table["reason"].fillna(""))


def ranges(table: pd.DataFrame) -> dict[tuple[str, str], StructuralRange]:
    """Return the range of each difference, by design and outcome: where it is defined with every switch."""
    found = {}
    for (option, outcome), mine in table.groupby(["option", "outcome"], sort=False):
        told = {row["switch"]: _estimate(row) for row in mine.to_dict("records")}
        if AS_BUILT in told and not any(math.isnan(each.estimate) for each in told.values()):
            found[str(option), str(outcome)] = structural_range(told.pop(AS_BUILT), told)
    return found


def _estimate(row: Mapping[Any, Any]) -> Estimate:
    value, lower, upper = (float(row[name]) for name in ("difference", "lower", "upper"))
    return Estimate(value, lower, upper, "paired difference", "all residents", reason=str(row["reason"]))


def structure_tables(table: pd.DataFrame, baseline: str) -> list[PageTable]:
    """Return a table for each design: its main outcomes as built, and with each mechanism switched."""
    names = [name for name in dict.fromkeys(table["switch"]) if name != AS_BUILT]
    found = ranges(table)
    made = []
    for option, mine in table.groupby("option", sort=False):
        rows = []
        for outcome, each in mine.groupby("outcome", sort=False):
            by: dict[str, Row] = {row["switch"]: row for row in map(_named, each.to_dict("records"))}
            told = f"{by[AS_BUILT]['label']}, {by[AS_BUILT]['unit']}"
            for name in (AS_BUILT, *names):
                cell = difference(by[name], MINUS) if name in by else "not run"
                rows.append([told, "as built" if name == AS_BUILT else WORDS.get(name, words(name)), cell])
            rows.append([told, "from lowest to highest", _range(found.get((str(option), str(outcome))))])
        caption = f"{words(str(option))} against {words(baseline)}, all residents"
        made.append(PageTable(caption, ["Outcome", "Mechanisms", "Difference (95% interval)"], rows, 2))
    return made


def _named(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items()}


def _range(found: StructuralRange | None) -> str:
    if found is None:
        return "not defined with every switch"
    ends, built = (found.lowest, found.highest), found.as_built
    limits = (built.lower, built.upper) if built.upper > built.lower else ends  # no digits beyond what is known
    told = [change(each, *limits, MINUS).split(" ")[0] for each in ends]
    sure = built.lower > 0 or built.upper < 0  # else which side of nothing it lies on is chance
    return f"{told[0]} to {told[1]}{'; changes its sign' if found.changes_sign and sure else ''}"


def range_lines(table: pd.DataFrame) -> list[str]:
    """Return the ranges in words, a line for each design and main outcome."""
    labels = {(row["option"], row["outcome"]): row for row in table.to_dict("records")}
    lines = []
    for key, found in ranges(table).items():
        row = labels[key]
        told = ", ".join(WORDS.get(name, name) for name in (found.lowest_switch, found.highest_switch))
        lines.append(f"{words(key[0])}, {row['label']} ({row['unit']}): {_range(found)} (lowest, highest: {told})")
    return lines
