"""``intsim place``: build a place from official files, check a folder, or show its residents beside margins."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from intsim.apps.arguments import Parser, one_or_more, parse, parser
from scenarios.errors import InputError, nearest

ACTIONS = ("build", "check", "margins")
OF_BUILD = ("borough", "hospitals", "title", "start", "factor", "people")


def main(words: Sequence[str]) -> int:
    """Do one action; the exit code is 2 if anything is wrong, each problem on a line of its own.

    Raises InputError for an action that there is not, and for options of another action.
    """
    given = parse(_parser(), words)
    if given.action not in ACTIONS:
        raise InputError("intsim place", f"no such action '{given.action}': {nearest(given.action, ACTIONS)}")
    if given.action == "build":
        return build(given)
    extra = given.files or [f"--{name}" for name in OF_BUILD if getattr(given, name)]
    if extra:
        raise InputError("intsim place", f"'{extra[0]}' goes with build; {given.action} takes a folder alone")
    return check(given.folder) if given.action == "check" else margins(given.folder)


def _parser() -> Parser:
    made = parser("place", "Build a place from official files, check a folder, or show how its residents meet it.")
    made.add_argument(
        "action",
        metavar="ACTION",
        help="build: a new folder from files; check: can every file be used? margins: synthetic against published",
    )
    made.add_argument("folder", metavar="DIR", help="a folder (build: a new one), or the name of a built-in place")
    made.add_argument("files", metavar="FILE", nargs="*", help="build: files by LSOA or ward, as published or yours")
    made.add_argument("--borough", action="append", metavar="NAME", help="build: a local authority, by name or code")
    made.add_argument("--hospitals", type=Path, metavar="FILE", help="build: hospitals.csv, which may have lat, lon")
    made.add_argument("--title", default="", help="build: what reports call the place")
    made.add_argument("--start", default="", metavar="YYYY-MM-01", help="build: when runs start (default 2024-04-01)")
    words = "build: ratio of the place to England: emergency, mortality, births or care_home, such as emergency=0.93"
    made.add_argument("--factor", action="append", metavar="NAME=VALUE", help=words)
    one_or_more(
        made, "--people", "N", "of build: residents of a neighbourhood where no file says which they are (40000)"
    )
    return made


def build(given: argparse.Namespace) -> int:
    """Make a place folder and print what there is to know of it."""
    from scenarios.place_build.build import Wanted, build_place

    asked = {"title": given.title, "start": given.start, "people": given.people, "hospitals": given.hospitals}
    wanted = Wanted(
        boroughs=tuple(given.borough or ()),
        factors=factors_of(given.factor or ()),
        **{name: value for name, value in asked.items() if value},
    )
    built = build_place(given.folder, given.files, wanted)
    print("\n".join(built.notes))
    print(f"Written: {built.folder}. Try: intsim run place={built.folder} experiment=quick")
    return 0


def factors_of(pairs: Sequence[str]) -> dict[str, float]:
    """Return 'name=value' pairs by name. Raises InputError for one that is not such a pair."""
    found = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            raise InputError("--factor", f"'{pair}' is not allowed; write it as emergency=0.93") from None
    return found


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
