"""``intsim validate``: is the model a toy? Levels, levers and detectors, as a page and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import parse, parser
from intsim.outputs import check_folder
from intsim.progress import Progress
from scenarios.errors import InputError, nearest

if TYPE_CHECKING:
    from evaluation.validation import Finding
    from intsim.validation.arms import Tick

    Check = Callable[[Sequence[str], int, Tick], Finding]

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
    made = parser("validate", "Check that the model is not a toy: levels, levers, tests a toy would fail, on one page.")
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
    from evaluation.validation import in_text
    from sim.warm import ensure_compiled

    ensure_compiled()
    settings = (*PLACE, *LENGTH, *more)
    facts = [("Settings", ", ".join(settings)), ("Replications", str(replications))]
    every = checks()
    wanted = {name: partial(every[name], settings, replications) for name in names}
    with Progress() as progress:
        findings, page = carry_out(wanted, facts, output / "validation.html", progress)
    print(in_text(findings))
    print(f"Page and tables: {page}")
    return 0 if all(finding.held for finding in findings) else 1


def carry_out(
    wanted: Mapping[str, Callable[[Tick], Finding]],
    facts: Sequence[tuple[str, str]],
    page: Path,
    progress: Progress,
) -> tuple[list[Finding], Path]:
    """Carry out checks by name; what was found until then is on ``page`` after each, with its tables beside it."""
    from evaluation.validation import write_page
    from intsim.validation.arms import within

    findings: list[Finding] = []

    def show(what: str) -> None:
        progress(len(findings), len(wanted), f"checks ({what})")

    for name, check in wanted.items():
        show(name)
        findings.append(check(within(show, name)))
        progress.say(f"{name}: {findings[-1].verdict}")
        left = len(wanted) - len(findings)
        note = [("Checks", f"{len(findings)} of {len(wanted)} so far")] if left else []
        write_page(findings, [*facts, *note], page)
    progress(len(wanted), len(wanted), "checks")
    return findings, page


def checks() -> dict[str, Check]:
    """Return every check by name, in the order they are run."""
    from intsim.validation import detectors, equity, knock_out, table

    def inverse_care(words: Sequence[str], replications: int, tick: Tick) -> Finding:
        return equity.inverse_care(words, replications, ALIKE, tick)

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
        "inverse_care": inverse_care,
        "outreach": equity.outreach,
        "regression_to_the_mean": detectors.regression_to_the_mean,
    }
