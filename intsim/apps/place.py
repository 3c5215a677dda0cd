"""``intsim place check``: whether a folder describes a place that can be simulated."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from intsim.apps.arguments import parse, parser
from scenarios.errors import InputError, nearest


def main(words: Sequence[str]) -> int:
    """Check one place; the exit code is 2 if anything is wrong, each problem on a line of its own."""
    made = parser("place", "Check the folder of CSV files that describes a place.")
    made.add_argument("action", metavar="check", help="the only action so far")
    made.add_argument("folder", metavar="DIR", help="a folder, or the name of a built-in place")
    given = parse(made, words)
    if given.action != "check":
        raise InputError("intsim place", f"no such action '{given.action}': {nearest(given.action, ['check'])}")
    from scenarios.place_files import check_place

    problems = check_place(given.folder)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 2
    print(f"{given.folder}: every file can be used")
    return 0
