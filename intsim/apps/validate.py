"""``intsim validate``: is the model a toy? Levels, levers and detectors, as a page and tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import parse, parser
from intsim.outputs import check_folder
from scenarios.errors import InputError, nearest

if TYPE_CHECKING:
    from evaluation.validation import Finding

PLACE = ("place=england_average", "place.basis=30000")
LENGTH = ("experiment.burn_in_months=12", "experiment.horizon_months=12")
# With these, residents' use given need depends on staff alone: trust, registration, language, ties, routes and
# distances are alike for all, or count for nothing.
ALIKE = (
    "structure.trust=false",
    "evidence.overrides.digital_log_odds_per_quintile=0",
    "evidence.overrides.choice_language=0",
    "evidence.overrides.choice_distance=0",
    "evidence.overrides.choice_tie_gp=0",
    "evidence.overrides.unregistered_inclusion_ratio=1",
)


def main(words: Sequence[str]) -> int:
    """Run the checks named (all by default) and write the page; the exit code is 1 if a check did not hold."""
    made = parser("validate", "Check that the model is not a toy: levels, levers and detectors, on one page.")
    made.add_argument("what", metavar="CHECK", nargs="*", help=f"any of {', '.join(checks())} (default: all)")
    made.add_argument("--replications", type=int, default=4, help="random seeds of each run (default 4)")
    made.add_argument("--set", dest="more", action="append", default=[], metavar="NAME=VALUE", help="any setting")
    made.add_argument("--output", type=Path, default=Path("outputs/validation"), help="folder of the page and tables")
    given = parse(made, words)
    if given.replications < 2:
        raise InputError("--replications", f"must be at least 2, for a standard error (you gave {given.replications})")
    check_folder(given.output)
    known = checks()
    for name in given.what:
        if name not in known:
            raise InputError("intsim validate", f"no such check '{name}': {nearest(name, known)}")
    return run(given.what or list(known), given.replications, given.more, given.output)


def run(names: Sequence[str], replications: int, more: Sequence[str], output: Path) -> int:
    """Run the checks, print them, write ``output``/validation.html and its tables; 1 if any did not hold."""
    from evaluation.validation import in_text, write_page
    from sim.warm import ensure_compiled

    ensure_compiled()
    settings = (*PLACE, *LENGTH, *more)
    findings = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        findings.append(checks()[name](settings, replications))
    print(in_text(findings))
    page = write_page(
        findings, [("Settings", ", ".join(settings)), ("Replications", str(replications))], output / "validation.html"
    )
    print(f"Page and tables: {page}")
    return 0 if all(finding.held for finding in findings) else 1


def checks() -> dict[str, Callable[[Sequence[str], int], Finding]]:
    """Return every check by name, in the order they are run."""
    from intsim.validation import detectors, equity, knock_out, table

    return {
        "levels": knock_out.levels,
        "levers": table.levers,
        "net": table.net,
        "pass_through": detectors.pass_through,
        "knock_out": knock_out.knock_out,
        "trauma": detectors.unavoidable,
        "placebo": equity.placebo,
        "reversal": detectors.reversal,
        "dose": detectors.dose_response,
        "ceiling": detectors.avoidable_ceiling,
        "inverse_care": lambda words, replications: equity.inverse_care(words, replications, ALIKE),
        "outreach": equity.outreach,
        "regression_to_the_mean": detectors.regression_to_the_mean,
    }
