"""``intsim compare``: an INT design beside a baseline design, on the same residents."""

from __future__ import annotations

from collections.abc import Sequence

from intsim import api
from intsim.apps.arguments import add_resume, parse, scenario_parser
from intsim.baseline import BASELINE
from intsim.progress import Progress
from scenarios.schema.saved import to_yaml


def main(words: Sequence[str]) -> int:
    """Compare and print the table a commissioner reads."""
    made = scenario_parser("compare", "Compare an INT design with a baseline design on the same residents.")
    made.epilog = f"baseline=NAME is the design to compare with (default {BASELINE}); int=NAME is the design to test."
    add_resume(made)
    given = parse(made, words)
    if given.show:
        together = api.compared(given.overrides, None, given.config_dir)
        others = "".join(f"---\n# compared with it\n{to_yaml(other)}" for other in together[1:])
        print(f"# baseline\n{to_yaml(together[0])}{others}", end="")
        return 0
    with Progress() as progress:
        folder = api.compare(
            *given.overrides,
            config_dir=given.config_dir,
            progress=progress,
            resume=given.resume,
            say=progress.say,
        )
    from evaluation import compare_report
    from intsim.summary import parameters_line

    print(compare_report.table(folder))
    print(parameters_line(folder))
    print(f"Results, figures and report: {folder}")
    return 0
