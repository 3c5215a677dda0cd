"""``intsim run``: one scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intsim import api
from intsim.apps.arguments import add_resume, parse, scenario_parser
from intsim.outputs import check_free, new_folder
from intsim.progress import Progress
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.overrides import sweep
from scenarios.schema import Scenario
from scenarios.schema.saved import to_yaml


def main(words: Sequence[str]) -> int:
    """Run one scenario, or with ``-m`` one for each combination of the values given."""
    made = scenario_parser("run", "Run one scenario and keep its results in a new folder.")
    made.add_argument("-m", "--multirun", action="store_true", help="run every combination: int=frailty,outreach")
    add_resume(made)
    given = parse(made, words)
    if given.multirun:
        return many(given.overrides, given.config_dir, given.show, given.resume)
    one = compose(given.overrides, given.config_dir)
    if given.show:
        print(to_yaml(one), end="")
        return 0
    run_and_print(one, one.experiment.output, given.resume)
    return 0


def many(overrides: Sequence[str], config_dir: Path | None, show: bool, resume: bool) -> int:
    """Run each combination in a folder of its own, 0, 1, 2..., all of them checked before the first starts.

    Raises InputError for settings of any of them, and ``--resume`` without a folder.
    """
    combinations = sweep(overrides)
    scenarios = [compose(combination, config_dir) for combination in combinations]
    if show:
        print("---\n".join(to_yaml(one) for one in scenarios), end="")
        return 0
    parent = scenarios[0].experiment.output
    if resume and parent is None:
        raise InputError("--resume", "needs the folder to go on with: experiment.output=DIR")
    parent = parent or new_folder("run")
    if not resume:
        check_free(parent)
    for index, (combination, one) in enumerate(zip(combinations, scenarios, strict=True)):
        print(f"{index + 1} of {len(scenarios)}: {' '.join(combination)}", flush=True)
        run_and_print(one, parent / str(index), resume)
    return 0


def run_and_print(one: Scenario, output: Path | None, resume: bool) -> None:
    """Run ``one``, or go on with it, and print its activity and where the results are."""
    from intsim.summary import activity_table, parameters_line

    with Progress() as progress:
        folder = api.run(one, output=output, progress=progress, resume=resume, say=progress.say)
    print(activity_table(folder))
    print(parameters_line(folder))
    print(f"Results: {folder}")
