"""The scoreboard of a run: predictions, scores and the page. Here, and only here, published figures are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from evaluation.replays.board import Board, read_beside
from evaluation.replays.definition import Replay
from evaluation.replays.page import write_page, write_text
from evaluation.replays.prediction import predict
from evaluation.replays.published import Finding, read_published
from evaluation.replays.scoring import COLUMNS, score
from intsim.replays.levers import lever_evidence
from intsim.replays.posterior import LEAST_SIZE, TUNED, draw_weights, lever_posteriors, posterior_words
from intsim.replays.run import Run, results_of


def report(run: Run, folder: Path, beside: Sequence[Path] = ()) -> Board:
    """Score what is finished of a run against the published figures in ``folder``, and write page and tables.

    ``beside``: folders of other finished runs, such as with a mechanism off, whose coverage is shown beside.
    """
    results = results_of(run)
    replays = {study.name: study.replay for study in run.plan.studies}
    published = {name: read_published(folder / name, replay.effects) for name, replay in replays.items()}
    rows = []
    for study, replay in replays.items():
        for name in replay.effects:
            mine = results[(results["replay"] == study) & (results["effect"] == name)]
            rows.append(score(study, replay, name, predict(mine), published[study][name]))
    experiment = run.scenario.experiment
    scores = pd.DataFrame(rows, columns=list(COLUMNS))
    levers = lever_evidence(replays)
    on = ", ".join(f"{name} off" for name, value in run.scenario.structure if value is False) or "all on"
    facts = (
        ("Residents", f"{run.scenario.place.name}, basis {run.scenario.place.basis}"),
        ("Draws of the evidence, each in all studies", f"{results['draw'].nunique()} of {experiment.draws}"),
        ("Replications of each", str(run.replications)),
        ("Parameters", "the priors of the evidence registry: no posterior of levers is shipped"),
        ("Posterior of the levers", posterior(run, results, replays, published)),
        ("Mechanisms", on),
        ("Engine", run.scenario.engine.name),
    )
    board = Board(scores, levers, facts, replays, tuple(read_beside(each) for each in beside))
    write_page(board, run.folder)
    return board


def posterior(
    run: Run, results: pd.DataFrame, replays: Mapping[str, Replay], published: Mapping[str, Mapping[str, Finding]]
) -> str:
    """Write the posterior of the tuned levers where it says something; return in words what there is."""
    tuned = {name: one for name, one in replays.items() if one.use == TUNED}
    if not tuned or results.empty or run.scenario.experiment.draws == 1:
        return "none: it takes tuned studies and several draws"
    weights = draw_weights(results, tuned, published)
    table, size = lever_posteriors(run.scenario, weights, {lever for one in tuned.values() for lever in one.levers})
    if size >= LEAST_SIZE:
        write_text(run.folder / "lever_posteriors.csv", table.to_csv(index=False))
    return posterior_words(size, len(weights))
