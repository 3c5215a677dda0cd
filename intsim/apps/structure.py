"""``intsim structure``: a comparison again, with one mechanism of the model switched at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intsim import api
from intsim.apps.arguments import parse, parser
from intsim.progress import Progress

ABOUT = "Run a comparison again with one mechanism of the model switched at a time, and add it to its report."


def main(words: Sequence[str]) -> int:
    """Run what is missing, write structure.csv and the report, and print the ranges of the main outcomes."""
    made = parser("structure", ABOUT)
    made.add_argument("folder", type=Path, metavar="RESULTS", help="the folder that intsim compare left")
    made.add_argument("switches", nargs="*", metavar="SWITCH", help="trust, hidden_need, ... (default: all)")
    made.add_argument("--resume", action="store_true", help="carry on where it stopped (it does so anyway)")
    given = parse(made, words)
    with Progress() as progress:
        path = api.structure(given.folder, *given.switches, progress=progress, say=progress.say)
    from evaluation.switched_runs import range_lines, read_rows

    print("\n".join(range_lines(read_rows(path))))
    print(f"Table: {path}\nReport: {given.folder / 'report.html'}")
    return 0
