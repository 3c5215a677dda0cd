"""``intsim replay``: published studies are done again inside the model, and what comes out is set against them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser, parse, scenario_parser
from intsim.outputs import check_folder
from intsim.progress import Progress
from intsim.refusals import keys_of, refuse_settings, refuse_values
from scenarios.errors import InputError

if TYPE_CHECKING:
    from scenarios.schema import Scenario

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
DEFAULTS = {
    "place": "england_average",
    "place.basis": "20000",
    "experiment.burn_in_months": "24",
    "experiment.draws": "8",
    "experiment.replications": "2",  # the least that settings allow with draws; a replay makes ONE unless told
    "experiment.workers": "2",
}
_KEPT, _HERE = "what each study finds is kept, and nothing else", "it runs on this machine"
NOT_REPLAYED = {  # settings that a replay has no use for, and why
    "int": "each study has a design of its own",
    "experiment.horizon_months": "follows the study",
    "experiment.stop": "every draw and replication is run",
    "experiment.log": _KEPT,
    "experiment.person_months": _KEPT,
    "experiment.scheduler": _HERE,
    "experiment.slurm": _HERE,
}
OUTPUT = Path("outputs/replays")
LEAST_BURN_IN = 13  # months: a year that studies know of everyone, and one before it


def main(words: Sequence[str]) -> int:
    """Run the replays named, score them and write the page; 1 when none of them could be carried out."""
    for name in ONE_THREAD:  # before numpy is loaded: matrices are small
        os.environ.setdefault(name, "1")
    from evaluation.replays.reader import STUDIES, chosen

    given = parse(_parser(), words)
    folder = given.studies or STUDIES
    names = [word for word in given.overrides if "=" not in word]
    if given.list:
        print(listed(folder))
        return 0
    picked = chosen(names, folder)
    scenario = scenario_of([word for word in given.overrides if "=" in word], given.config_dir)
    if given.show:
        from scenarios.schema.saved import to_yaml

        print(to_yaml(scenario), end="")
        print(f"# replays: {', '.join(picked)}")
        return 0
    told = "experiment.replications" in keys_of(given.overrides)
    return run(picked, folder, scenario, scenario.experiment.replications if told else 1, given.beside)


def _parser() -> Parser:
    made = scenario_parser(
        "replay", "Run published studies again inside the model, and compare the results with theirs."
    )
    made.description = (
        f"{made.description} Besides settings, give names of replays, or all. What is finished in experiment.output "
        f"(default {OUTPUT}) is kept: the same command carries on from it."
    )
    made.add_argument("--list", action="store_true", help="list the replays, and stop")
    made.add_argument(
        "--beside", type=Path, action="append", default=[], metavar="DIR", help="show another finished run's coverage"
    )
    made.add_argument("--studies", type=Path, metavar="DIR", help="your own folder of replays, a folder for each")
    return made


def scenario_of(words: Sequence[str], config_dir: Path | None = None) -> Scenario:
    """Return the scenario of replays: an England-average place unless ``words`` say otherwise.

    Raises InputError for a setting that replays have no use for, or a burn-in without the year before.
    """
    from scenarios.compose import compose

    keys = keys_of(words)
    refuse_settings(words, NOT_REPLAYED, "a replay")
    own_place = "place" in keys
    first = [
        f"{key}={value}"
        for key, value in DEFAULTS.items()
        if key not in keys and not (own_place and key == "place.basis")
    ]
    one = compose([*first, *words], config_dir)
    refuse_values(one, NOT_REPLAYED, "a replay")
    months = one.experiment.burn_in_months
    if months < LEAST_BURN_IN:
        words_ = f"must be at least {LEAST_BURN_IN}: studies know the year before (you gave {months})"
        raise InputError("experiment.burn_in_months", words_)
    return one


def listed(folder: Path) -> str:
    """Return the replays of a folder, a line each: name, use, number of effects, study."""
    from evaluation.replays.reader import names_in, read_replay

    lines = []
    for name in names_in(folder):
        one = read_replay(folder / name)
        lines.append(
            f"{name:<33}{one.use:<11}{len(one.effects)} effect{'s' if len(one.effects) > 1 else ' '}  {one.study}"
        )
    return "\n".join(lines)


def run(names: list[str], folder: Path, scenario: Scenario, replications: int, beside: Sequence[Path] = ()) -> int:
    """Run, score and write; print the figures of the scoreboard."""
    from evaluation.replays.board import read_beside
    from evaluation.replays.page import in_text
    from intsim.replays.plan import study_plan
    from intsim.replays.report import report
    from intsim.replays.run import Run, run_all
    from sim.execution.executors import cores
    from sim.experiment import usual_care
    from sim.warm import ensure_compiled

    experiment = scenario.experiment
    made = Run(scenario, study_plan(names, folder, usual_care()), experiment.output or OUTPUT, replications)
    workers = 1 if experiment.executor == "serial" else experiment.workers or cores()
    check_folder(made.folder)
    for folder_beside in beside:  # hours before they are shown
        read_beside(folder_beside)
    ensure_compiled()
    with Progress() as progress:
        run_all(made, progress, min(workers, len(made.tasks())))
    board = report(made, folder, beside)
    print(in_text(board))
    print(f"Page and tables: {made.folder / 'replays.html'}")
    return 1 if board.scores["predicted"].isna().all() else 0
