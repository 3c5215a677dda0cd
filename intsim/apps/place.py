"""``intsim place``: check a folder that describes a place, or show its synthetic residents beside published margins."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from intsim.apps.arguments import parse, parser
from scenarios.errors import InputError, nearest

ACTIONS = ("check", "margins")


def main(words: Sequence[str]) -> int:
    """Do one action; the exit code is 2 if anything is wrong, each problem on a line of its own.

    Raises InputError for an action that there is not.
    """
    made = parser("place", "Check the files that describe a place, or show how its synthetic residents meet them.")
    made.add_argument("action", metavar="ACTION", help="check: can every file be used? margins: synthesised, published")
    made.add_argument("folder", metavar="DIR", help="a folder, or the name of a built-in place")
    given = parse(made, words)
    if given.action not in ACTIONS:
        raise InputError("intsim place", f"no such action '{given.action}': {nearest(given.action, ACTIONS)}")
    return check(given.folder) if given.action == "check" else margins(given.folder)


def check(folder: str) -> int:
    """Print what is wrong with the place's files, if anything."""
    from scenarios.place_files import check_place

    problems = check_place(folder)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 2
    print(f"{folder}: every file can be used")
    return 0


def margins(folder: str) -> int:
    """Print the synthesised residents beside the published figures, a line each."""
    from intsim.api import margins as table

    print(f"{'margin':<26}{'category':<26}{'unit':<12}{'published':>12}{'synthesised':>13}{'difference':>12}  kind")
    for row in table(folder).itertuples():
        digits = 0 if row.unit in ("residents", "households") else 4
        figures = f"{row.published:>12,.{digits}f}{row.synthesised:>13,.{digits}f}{row.difference:>+12,.{digits}f}"
        print(f"{row.margin:<26}{row.category:<26}{row.unit:<12}{figures}  {row.kind}")
    print("exact: set by whole numbers of residents; drawn: by keyed draws; context: shown beside, not set.")
    return 0
