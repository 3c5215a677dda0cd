"""``intsim compare``: an INT design beside a baseline design, on the same residents."""

from __future__ import annotations

from collections.abc import Sequence

from intsim import api
from intsim.apps.arguments import add_resume, parse, scenario_parser
from intsim.progress import Progress
from scenarios.errors import InputError
from scenarios.overrides import key_of
from scenarios.schema.saved import to_yaml

BASELINE = "usual_care"


def main(words: Sequence[str]) -> int:
    """Compare and print the table a commissioner reads."""
    made = scenario_parser("compare", "Compare an INT design with a baseline design on the same residents.")
    made.epilog = f"baseline=NAME is the design to compare with (default {BASELINE}); int=NAME the other."
    add_resume(made)
    given = parse(made, words)
    baseline, overrides = split_baseline(given.overrides)
    together = api.all_arms(tuple(overrides), baseline, given.config_dir)
    if given.show:
        others = "".join(f"---\n# compared with it\n{to_yaml(other)}" for other in together[1:])
        print(f"# baseline\n{to_yaml(together[0])}{others}", end="")
        return 0
    with Progress() as progress:
        folder = api.compare(
            *overrides,
            baseline=baseline,
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


def split_baseline(overrides: Sequence[str]) -> tuple[str, list[str]]:
    """Return the baseline design's name and the overrides without it; raise InputError if it is given twice."""
    names = [text.split("=", 1)[1].strip() for text in overrides if key_of(text) == "baseline" and "=" in text]
    if len(names) > 1:
        raise InputError("baseline", f"is given {len(names)} times: give one design")
    rest = [text for text in overrides if not (key_of(text) == "baseline" and "=" in text)]
    return (names[0] if names else BASELINE), rest
