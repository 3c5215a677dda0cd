"""``intsim targets``: can these targets be used, and can they hold together? Or a list of them, or of the outputs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser, parse, parser
from scenarios.errors import InputError, nearest

if TYPE_CHECKING:
    from calibration.targets.target import TargetSet

ACTIONS = ("check", "list", "outputs", "tidy")
START, MONTHS = "2024-04-01", 12  # of a run of a built-in place
FORWARD = {"bi_borough_forward": ("2023-04-01", 28)}  # our table that is not about that run


def main(words: Sequence[str]) -> int:
    """Do one action; the exit code is 2 if anything is wrong, each problem on a line of its own.

    Raises InputError for an action that there is not.
    """
    given = parse(_parser(), words)
    if given.action not in ACTIONS:
        raise InputError("intsim targets", f"no such action '{given.action}': {nearest(given.action, ACTIONS)}")
    if given.action == "outputs":
        print(_outputs())
        return 0
    names = [given.file] if given.file else _built_in()
    return max({"check": _check, "list": _list, "tidy": _tidy}[given.action](name, given) for name in names)


def _parser() -> Parser:
    made = parser(
        "targets", "Check a table of observed figures, or list it, or list the outputs it can be compared with."
    )
    made.add_argument(
        "action", metavar="ACTION", help="check, list, tidy (a Fingertips download as our table), outputs"
    )
    made.add_argument("file", nargs="?", default="", help="CSV of targets, a Fingertips download, or a built-in place")
    made.add_argument("--start", default="", metavar="YYYY-MM-DD", help="first day of the run (default 2024-04-01)")
    made.add_argument("--months", type=int, default=0, help="months that the run observes (default 12)")
    made.add_argument("--area", default="", help="download: only this area's rows (code or name)")
    made.add_argument("--period", default="", help="download: only this period's rows")
    made.add_argument("--indicators", type=Path, metavar="FILE", help="download: which output each indicator is")
    made.add_argument("--output", type=Path, metavar="FILE", help="tidy: where the table goes")
    return made


def _built_in() -> list[str]:
    from calibration.targets.reader import built_in

    return built_in()


def _read(name: str, given: argparse.Namespace) -> TargetSet:
    from calibration.targets.fingertips import is_fingertips, read_fingertips
    from calibration.targets.reader import path_of, read_targets

    path = path_of(name)
    if is_fingertips(path):
        return read_fingertips(path, given.area, given.period, given.indicators)
    return read_targets(path)


def _check(name: str, given: argparse.Namespace) -> int:
    """Print what is wrong with the table, if anything."""
    from calibration.targets.checks import problems_of
    from calibration.targets.coherence import incoherent
    from calibration.targets.period import run_period

    start, months = FORWARD.get(name, (START, MONTHS))
    targets = _read(name, given)
    problems = problems_of(targets, run_period(given.start or start, given.months or months))
    problems = problems or incoherent(targets)  # figures that cannot be read are not added up
    if problems:
        print("\n".join(map(str, problems)), file=sys.stderr)
        return 2
    counts = ", ".join(f"{len(targets.with_role(role))} {words}" for role, words in _words().items())
    print(f"{targets.name}: {len(targets)} targets can be used and hold together ({counts})")
    return 0


def _words() -> dict[str, str]:
    from calibration.targets.columns import FITTED, HELD_OUT, SET_DIRECTLY

    return {FITTED: "fitted", SET_DIRECTLY: "set directly", HELD_OUT: "held out"}


def _list(name: str, given: argparse.Namespace) -> int:
    """Print the targets, a line each, under their role."""
    from evaluation.rounding import spread

    targets = _read(name, given)
    for role, words in _words().items():
        mine = targets.with_role(role)
        if not len(mine):
            continue
        print(f"{targets.name}, {words}:")
        for each in mine:
            value = spread(each.value, each.lower_95, each.upper_95)
            mark = f", bridged x {each.bridge_factor:g}" if each.bridged else ""
            print(f"  {each.target:<40} {value:<26} {each.unit:<20} {each.period}{mark}, {each.basis}")
    return 0


def _tidy(name: str, given: argparse.Namespace) -> int:
    """Write what was read as our table."""
    from calibration.targets.writer import to_csv, write_targets

    targets = _read(name, given)
    if given.output is None:
        print(to_csv(targets), end="")
    elif given.output.exists():
        raise InputError(str(given.output), "is there already: name a new file")
    else:
        print(f"Written: {write_targets(given.output, targets)}")
    return 0


def _outputs() -> str:
    from calibration.matching.catalogue import catalogue

    lines = []
    for each in catalogue().values():
        lines.append(f"{each.name:<42} {each.unit:<20} {each.label}\n{'':<42} {each.definition}")
    return "\n".join(lines)
