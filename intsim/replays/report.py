"""The scoreboard of a run: predictions, scores and the page. Here, and only here, published figures are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from evaluation.replays.board import Board, read_beside
from evaluation.replays.page import write_page
from evaluation.replays.prediction import predict
from evaluation.replays.published import read_published
from evaluation.replays.scoring import COLUMNS, printed_se, score
from evaluation.switches import switched
from intsim.replays.levers import lever_evidence
from intsim.replays.posterior import LEAST_DRAWS, LeverPosterior, evidence_rows, lever_posterior
from intsim.replays.run import Run, results_of
from scenarios.schema.place import Place
from scenarios.whole_file import write_text
from sim.world import evidence_words

POSTERIORS, FIGURES, EVIDENCE = "lever_posteriors.csv", "lever_figures.csv", "lever_evidence.csv"


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
            finding = published[study][name]
            made = predict(mine, printed_se(replay.effects[name], finding), replay.comparison.trials > 1)
            rows.append(score(study, replay, name, made, finding))
    found = lever_posterior(run.scenario, results, {study.name: study for study in run.plan.studies}, published)
    experiment = run.scenario.experiment
    scores = pd.DataFrame(rows, columns=list(COLUMNS))
    levers = lever_evidence(replays)
    on = switched(dict(run.scenario.structure))
    facts = (
        ("Residents", residents_words(run.scenario.place)),
        ("Draws of the evidence, each in all studies", f"{results['draw'].nunique()} of {experiment.draws}"),
        ("Replications of each", str(run.replications)),
        ("Parameters", evidence_words(run.scenario)),
        ("Posterior of the levers", written(run, found)),
        ("Mechanisms switched", on),
        ("Engine", run.scenario.engine.name),
    )
    others = tuple(read_beside(each) for each in beside)
    said = (found.changed, found.figures) if found is not None else ()
    board = Board(scores, levers, facts, replays, others, *said)
    write_page(board, run.folder)
    return board


def residents_words(place: Place) -> str:
    """Return who lives there: 'toy, 2,000 residents', 'toy, by its basis census_2021', 'toy, all residents'."""
    if place.basis is None:
        return f"{place.name}, all residents"
    many = f"{place.basis:,} residents" if isinstance(place.basis, int) else f"by its basis {place.basis}"
    return f"{place.name}, {many}"


def written(run: Run, found: LeverPosterior | None) -> str:
    """Write the posterior of the tuned levers, if there is one; return in words what there is."""
    if found is None:
        return f"none: it takes tuned studies and {LEAST_DRAWS} draws"
    write_text(run.folder / POSTERIORS, found.table.to_csv(index=False))
    write_text(run.folder / FIGURES, found.figures.to_csv(index=False))
    write_text(run.folder / EVIDENCE, evidence_rows(run.scenario, found))
    return found.words()
