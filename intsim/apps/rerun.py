"""``intsim rerun``: a run made again from its folder alone, and held against what is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intsim import api
from intsim.apps.arguments import parse, parser
from intsim.outputs import check_folder
from intsim.progress import Progress

ABOUT = "Run a results folder again from what is kept in it, and say whether the numbers are equal."


def main(words: Sequence[str]) -> int:
    """Run it again; return 0 if every table is equal, 1 if one is not."""
    made = parser("rerun", ABOUT)
    made.add_argument("folder", type=Path, metavar="RESULTS", help="the folder that intsim run or compare left")
    made.add_argument("--output", type=Path, metavar="DIR", help="where results go (default: a new one under outputs/)")
    made.add_argument("--resume", action="store_true", help="carry on with the run in --output; keep what is finished")
    given = parse(made, words)
    check_folder(given.output)
    with Progress() as progress:
        folder, differences = api.rerun(
            given.folder, output=given.output, progress=progress, resume=given.resume, say=progress.say
        )
    for line in differences:
        print(line)
    print(f"{folder}: {'differs from' if differences else 'equal, number for number, to'} {given.folder}")
    return 1 if differences else 0
