"""``intsim bank``: runs of a case in which evidence and doses vary, for emulators of thresholds and claims."""

from __future__ import annotations

from collections.abc import Sequence

from intsim import api
from intsim.apps.arguments import add_resume, parse, scenario_parser
from intsim.cases.bank import NOT_BANKED, POINTS, Bank
from intsim.progress import Progress
from intsim.refusals import refuse_settings
from scenarios.schema.saved import to_yaml

ABOUT = "Run a case with evidence and doses (reach, staff, months to full reach) varied together; resumable."


def main(words: Sequence[str]) -> int:
    """Run the bank and say where it is and what it is for."""
    made = scenario_parser("bank", ABOUT)
    made.add_argument("--points", type=int, default=POINTS, metavar="N", help=f"a power of two (default {POINTS})")
    add_resume(made)
    given = parse(made, words)
    refuse_settings(given.overrides, NOT_BANKED, "a bank")
    if given.show:
        arms = api.all_arms(tuple(given.overrides), "usual_care", given.config_dir)
        bank = Bank(arms, given.points, arms[-1].experiment.replications)
        bank.check()
        print("---\n".join(to_yaml(arm) for arm in bank.run_as), end="")
        return 0
    with Progress() as progress:
        folder = api.bank(
            *given.overrides,
            points=given.points,
            config_dir=given.config_dir,
            progress=progress,
            resume=given.resume,
            say=progress.say,
        )
    print(f"Bank: {folder} (intsim report RESULTS --bank {folder})")
    return 0
