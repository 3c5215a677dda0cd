"""The scoreboard of a run: predictions, scores and the page. Here, and only here, published figures are read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from evaluation.replays.board import Board
from evaluation.replays.page import write_page
from evaluation.replays.prediction import predict
from evaluation.replays.published import read_published
from evaluation.replays.scoring import COLUMNS, score
from intsim.replays.levers import lever_evidence
from intsim.replays.run import Run, results_of


def report(run: Run, folder: Path) -> Board:
    """Score what is finished of a run against the published figures in ``folder``, and write page and tables."""
    results = results_of(run)
    rows = []
    for study in run.plan.studies:
        published = read_published(folder / study.name, study.replay.effects)
        for name in study.replay.effects:
            mine = results[(results["replay"] == study.name) & (results["effect"] == name)]
            rows.append(score(study.name, study.replay, name, predict(mine), published[name]))
    experiment = run.scenario.experiment
    scores = pd.DataFrame(rows, columns=list(COLUMNS))
    levers = lever_evidence({study.name: study.replay for study in run.plan.studies})
    on = ", ".join(f"{name} off" for name, value in run.scenario.structure if value is False) or "all on"
    facts = (
        ("Residents", f"{run.scenario.place.name}, basis {run.scenario.place.basis}"),
        ("Draws of the evidence, each in all studies", f"{results['draw'].nunique()} of {experiment.draws}"),
        ("Replications of each", str(run.replications)),
        ("Parameters", "the priors of the evidence registry: no posterior of levers is shipped"),
        ("Mechanisms", on),
        ("Engine", run.scenario.engine.name),
    )
    board = Board(scores, levers, facts, {study.name: study.replay for study in run.plan.studies})
    write_page(board, run.folder)
    return board
