"""What an evaluation leaves behind: a table of estimates, their tables and figures, and where it came from."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.causal.designs import Evaluation
from evaluation.estimate import RATIO, Estimate, estimates_table
from evaluation.figures.estimates import draw_forest, label
from evaluation.figures.style import save
from evaluation.rounding import spread
from scenarios.errors import InputError

WIDTH = 100
SHOWN_TABLES = ("event_study", "path")  # tables that have a figure of their own
KEPT_TABLES = ("event_study", "att_gt", "path", "weights", "period_weights", "balance", "placebo", "left_out", "terms")


def report(made: Evaluation, truth: float | None = None) -> str:
    """Return the evaluation as lines of text: the primary estimate first, then the others, then cautions."""
    first = made.results[0]
    lines = [f"{'estimator':<46}{'estimate (95% limits)':<34}{'p':>8}"]
    for each in made.results:
        figure = spread(each.estimate, each.lower, each.upper) + (" x" if each.scale == RATIO else "")
        value = each.p_value
        shown = "" if value != value else "<0.001" if value < 0.001 else f"{value:.3f}"
        lines.append(f"{label(each.method)[:45]:<46}{figure:<34}{shown:>8}")
        if each.reason:
            lines.append(f"  {each.reason}")
    if truth is not None:
        lines.append(f"{'known effect of the simulation':<46}{truth:.4g}")
    lines += ["", f"Primary: {label(first.method)}. It estimates: {first.estimand}.", f"About: {first.population}."]
    lines.append("It rests on: " + "; ".join(first.assumptions) + ".")
    lines += _cautions(made)
    lines += [f"Not possible: {name} ({words})" for name, words in made.refused.items()]
    return "\n".join(lines)


def _cautions(made: Evaluation) -> list[str]:
    """Return one line for each caution, with the estimators it is about."""
    found: dict[str, list[str]] = {}
    for each in made.results:
        for words in each.cautions:
            found.setdefault(words, []).append(label(each.method))
    return [f"Caution ({', '.join(names)}): {words}." for words, names in found.items()]


def write(folder: Path, made: Evaluation, about: Mapping[str, Any], truth: float | None = None) -> Path:
    """Write estimates.csv, each estimator's tables and figures, and evaluation.json into a new or empty ``folder``.

    Raises InputError if the folder holds files already or cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(str(folder), "holds files already: give a new or empty folder")
    part = folder.with_name(f".{folder.name}.part")
    try:
        if part.exists():
            shutil.rmtree(part)  # left by a run that was stopped
        part.mkdir(parents=True)
        _fill(part, made, about, truth)
        if folder.exists():
            folder.rmdir()
        os.replace(part, folder)
    except OSError as problem:
        raise InputError(str(folder), f"cannot be written: {problem.strerror}") from None
    return folder


def _fill(folder: Path, made: Evaluation, about: Mapping[str, Any], truth: float | None) -> None:
    _csv(estimates_table(list(made.results)), folder / "estimates.csv")
    for name, table in made.tables.items():
        _csv(table, folder / f"{name}.csv")
    for each in made.results:
        _one(each, folder)
    save(draw_forest(made.results, truth), folder / "figures", "forest")
    content = {
        "design": made.design,
        **about,
        "known_effect": truth,
        "refused": dict(made.refused),
        "diagnostics": {each.method: dict(each.diagnostics) for each in made.results},
    }
    text = json.dumps(content, indent=1, default=str) + "\n"
    (folder / "evaluation.json").write_text(text, encoding="utf-8")


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of the panel of a run folder."""
    file = path / "panel.parquet" if path.is_dir() else path
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _one(result: Estimate, folder: Path) -> None:
    for name in KEPT_TABLES:
        if name in result.tables and len(result.tables[name]):
            _csv(result.tables[name], folder / "tables" / f"{result.method}_{name}.csv")
    if any(name in result.tables for name in (*SHOWN_TABLES, "balance")):
        save(result.figure(), folder / "figures", result.method)


def _csv(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)
