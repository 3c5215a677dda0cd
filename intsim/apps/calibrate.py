"""``intsim calibrate``: a place's uncertain parameters are fitted to what was observed there."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser, one_or_more, parse, scenario_parser
from intsim.fit_words import plan_words, self_test_of, split, wanted_of
from intsim.outputs import claimed
from intsim.progress import Progress
from scenarios.errors import InputError

if TYPE_CHECKING:
    import argparse

    from calibration.fit.results import Results
    from intsim.fitting import Wanted

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
EXAMPLE = {"points": "32", "posterior": "160", "posterior_replications": "2", "least_size": "50", "chains": "16"}


def main(words: Sequence[str]) -> int:
    """Fit, screen or draw the page again; the exit code is 1 if the targets conflict."""
    for name in ONE_THREAD:  # before numpy is loaded: matrices are small, and threads would only wait for each other
        os.environ.setdefault(name, "1")
    from calibration.history_matching.conflict import NoPlausibleParameters

    given = parse(_parser(), words)
    if given.page is not None:
        return _page(given.page)
    own, others = split(given.overrides)
    try:
        return _example(own, others, given) if given.example else _place(own, others, given)
    except NoPlausibleParameters as problem:
        print(problem, file=sys.stderr)
        return 1


def _parser() -> Parser:
    made = scenario_parser("calibrate", "Fit a place's uncertain parameters to what was observed there.")
    made.description = (
        f"{made.description} Besides settings: parameters=NAME,NAME or FILE (default: our list for the place); "
        "targets=FILE (default: ours for the place); plan.points=64 and other numbers of the plan; self_test=200 (data "
        "sets of the fit's check of itself); national=NAME (a posterior to draw from; local parameters are fitted)."
    )
    words = "go on with the fit in experiment.output: runs that are finished there are kept"
    made.add_argument("--resume", action="store_true", help=words)
    one_or_more(made, "--screen", "N", "fit nothing: N trajectories of Morris's method")
    one_or_more(made, "--look", "N", "fit nothing: N runs at the registry's values, beside every target")
    words = "fit nothing: N points of the posterior that stands for the place, run there, beside every target"
    one_or_more(made, "--predict", "N", words)
    made.add_argument(
        "--example", action="store_true", help="fit a small queue whose answer is known, in place of a place"
    )
    made.add_argument("--page", type=Path, metavar="DIR", help="draw the page of the fit in DIR again, and stop")
    return made


def _place(own: dict[str, str], others: Sequence[str], given: argparse.Namespace) -> int:
    from intsim.fitting import fit_place, made_ready, screen_place
    from scenarios.schema.saved import to_yaml

    wanted = wanted_of(own, others, given.config_dir, given.look > 0 or given.predict > 0)
    if given.look:
        return _look(wanted, given.look)
    if given.predict:
        return _show_prediction(wanted, given.predict) if given.show else _predict(wanted, given.predict, given.resume)
    if given.show:
        made = made_ready(wanted, given.screen > 0)
        print(to_yaml(wanted.scenario), end="")
        print(f"# targets: {len(made.fitted)} fitted of {len(made.outputs)} in {made.about['targets']['name']}")
        print(f"# parameters: {', '.join(wanted.parameters)}")
        print(f"# plan: {_screen_words(wanted, given.screen) if given.screen else wanted.plan.words()}")
        return 0
    output = wanted.scenario.experiment.output
    with Progress() as progress:
        if given.screen:
            with claimed(output, "screen", given.resume) as folder:
                progress.say(_screen_words(wanted, given.screen))
                found = screen_place(wanted, given.screen, folder, progress, given.resume)
            print(found.ranked.to_string(index=False))
            print(f"Parameters to fit, a name a line: {folder / 'chosen.txt'}")
            return 0
        with claimed(output, "calibrate", given.resume) as folder:
            results = fit_place(wanted, folder, progress, given.resume, progress.say)
    return _report(results, folder)


def _look(wanted: Wanted, runs: int) -> int:
    from intsim.fitting import look_at_place

    with Progress() as progress, claimed(wanted.scenario.experiment.output, "look", False) as folder:
        found = look_at_place(wanted, runs, folder, progress)
    for row in found.to_dict("records"):
        what = f"{row['role']:<13} {row['target']:<30} {row['observed']:>9.4g}"
        limits = f"({row['low']:.4g} to {row['high']:.4g})"
        apart = _apart(row["observed_less_model_sd"])
        print(f"{what} {limits:<20} model {row['simulated']:>9.4g} {apart}".rstrip())
    print(f"Table: {folder / 'beside.csv'}")
    return 0


def _apart(gap: float) -> str:
    """Return where what was observed lies, ``gap`` standard deviations of observing above the model, in words."""
    if math.isnan(gap):
        return ""
    return f"observed {abs(gap):.1f} sd {'above' if gap > 0 else 'below'} the model"


def _show_prediction(wanted: Wanted, points: int) -> int:
    from intsim.carrying import checked
    from intsim.fitting import targets_at
    from scenarios.schema.saved import to_yaml

    path, posterior = checked(wanted)
    known = targets_at(path)
    print(to_yaml(wanted.scenario), end="")
    weigh = "they weigh the points, unless the posterior was fitted to them"
    print(f"# targets: {len(known.fitted)} fitted of {len(known)} in {path.name}; {weigh}")
    print(f"# posterior: {posterior.words_under(wanted.scenario.structure.model_dump())}")
    print(f"# runs: {points} points x {wanted.plan.posterior_replications}")
    return 0


def _predict(wanted: Wanted, points: int, resume: bool) -> int:
    from intsim.carrying import predict_place

    with Progress() as progress, claimed(wanted.scenario.experiment.output, "predict", resume) as folder:
        results = predict_place(wanted, points, folder, progress, resume, progress.say)
    return _report(results, folder)


def _screen_words(wanted: Wanted, count: int) -> str:
    from calibration.fit.screened import runs_of

    runs = runs_of(len(wanted.parameters), count)
    return f"{count} trajectories of {len(wanted.parameters)} parameters: {runs:,} runs"


def _example(own: dict[str, str], others: Sequence[str], given: argparse.Namespace) -> int:
    from intsim.fitting import fit_example, plan_of, scenario_of

    refused = sorted({"targets", "parameters", "spreadsheets", "national"} & set(own))
    if refused:
        raise InputError(refused[0], "belongs to a place: the example has its own")
    for option in ("show", "look", "screen", "predict"):
        if getattr(given, option):
            raise InputError(f"--{option}", "belongs to a place; --example takes --resume alone")
    one = scenario_of(["place=toy", "experiment.executor=serial", *others])
    plan = plan_of(EXAMPLE | plan_words(own), one)
    with Progress() as progress, claimed(one.experiment.output, "calibrate", given.resume) as folder:
        results = fit_example(plan, self_test_of(own), folder, progress, given.resume, progress.say)
    return _report(results, folder)


def _page(folder: Path) -> int:
    from calibration.fit.results import read_results
    from calibration.page.page import write_page

    print(f"Page: {write_page(read_results(folder), folder)}")
    return 0


def _report(results: Results, folder: Path) -> int:
    from calibration.page.page import FILE
    from calibration.page.words import summary

    print("\n".join(summary(results)))
    print(f"Page and tables: {folder / FILE}")
    return 0
