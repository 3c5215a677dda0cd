"""What an evaluation leaves behind: estimates, results by fifth, counts, figures, and where it all came from.

Small numbers are hidden and counts rounded in all of it (see disclosure), unless told that nobody in it is real.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.causal.by_quintile import ByQuintile
from evaluation.causal.designs import Evaluation
from evaluation.causal.disclosure import Behind, protect, protected_fifths, protected_tally, words_of
from evaluation.estimate import RATIO, Estimate, estimates_table
from evaluation.figures.estimates import draw, draw_forest, label
from evaluation.figures.inequality import draw_equiplot, draw_gap_series
from evaluation.figures.style import save
from evaluation.rounding import spread
from evaluation.suppression import AS_IT_IS, HES, SmallNumbers
from scenarios.errors import InputError

SHOWN_TABLES = ("event_study", "path")  # tables that have a figure of their own
KEPT_TABLES = (
    "event_study",
    "att_gt",
    "by_cohort",
    "by_period",
    "path",
    "weights",
    "period_weights",
    "terms",
    "balance",
    "placebo",
    "left_out",
    "predictors",
    "cross_validation",
)
RANKED = "synthetic_control"  # its p-value is a rank among placebos, as its authors have it
OWN_TEST = "  p is of how far it departs after the start against before, ranked among placebos: not of these limits"
_NAME, _FIGURE = 46, 34  # columns of the printed report


@dataclass(frozen=True)
class Results:
    """All that is told of one evaluation.

    ``outcome``: its name with unit, for axes; ``tally``: events and people (see Source); ``truth`` and ``truths``:
    known effects of a simulation, of all and by fifth; ``known``: counts behind the treated; ``rule``: small numbers;
    ``starts``: periods at which the service starts somewhere.
    """

    made: Evaluation
    outcome: str
    quintiles: ByQuintile | None = None
    tally: pd.DataFrame = field(default_factory=pd.DataFrame)
    truth: float | None = None
    truths: Mapping[int, float] = field(default_factory=dict)
    known: Behind | None = None
    rule: SmallNumbers = HES
    starts: tuple[float, ...] = ()

    def safe(self) -> Results:
        """Return the same with small numbers hidden and counts rounded by the rule."""
        fifths = None if self.quintiles is None else protected_fifths(self.quintiles, self.rule)
        made = protect(self.made, self.rule, self.known)
        return replace(self, made=made, quintiles=fifths, tally=protected_tally(self.tally, self.rule))


def report(results: Results) -> str:
    """Return the evaluation as lines of text: the primary estimate first, others, fifths, counts, then cautions."""
    shown = results.safe()
    first = shown.made.results[0]
    lines = [f"outcome: {shown.outcome}", f"{'estimator':<{_NAME}}{'estimate (95% limits)':<{_FIGURE}}{'p':>8}"]
    lines += [line for each in shown.made.results for line in _lines(each)]
    if shown.truth is not None:
        ratio = " x" if first.scale == RATIO else ""
        lines.append(f"{'known effect of the simulation':<{_NAME}}{shown.truth:.4g}{ratio}")
    if shown.quintiles is not None:
        lines += ["", *_fifths(shown.quintiles, shown.truths)]
    lines += ["", f"Primary: {label(first.method)}. It estimates: {first.estimand}."]
    behind = f" ({words_of(first.counts)})" if first.counts else ""
    lines.append(f"About: {first.population}{behind}.")
    lines += _counts(shown)
    lines.append("It rests on: " + "; ".join(first.assumptions) + ".")
    lines += _cautions(shown)
    lines += [f"Not possible: {name} ({words})" for name, words in shown.made.refused.items()]
    if shown.quintiles is not None:
        lines += [f"Not possible: {name} ({words})" for name, words in shown.quintiles.refused.items()]
    return "\n".join(lines)


def write(folder: Path, results: Results, about: Mapping[str, Any]) -> Path:
    """Write estimates.csv, tables, figures and evaluation.json into a new or empty ``folder``, small numbers hidden.

    Raises InputError if the folder holds files already or cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(str(folder), "holds files already: give a new or empty folder")
    part = folder.with_name(f".{folder.name}.part")
    try:
        if part.exists():
            shutil.rmtree(part)  # left by a run that was stopped
        part.mkdir(parents=True)
        _fill(part, results.safe(), about)
        if folder.exists():
            folder.rmdir()
        os.replace(part, folder)
    except OSError as problem:
        raise InputError(str(folder), f"cannot be written: {problem.strerror}") from None
    return folder


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of the panel of a run folder."""
    file = path / "panel.parquet" if path.is_dir() else path
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _lines(each: Estimate) -> list[str]:
    if math.isnan(each.estimate):
        return _named(label(each.method), each.reason)
    figure = spread(each.estimate, each.lower, each.upper) + (" x" if each.scale == RATIO else "")
    value = each.p_value
    p = "" if math.isnan(value) else "<0.001" if value < 0.001 else f"{value:.3f}"
    more = [f"  {each.reason}"] if each.reason else []
    more += [OWN_TEST] if each.method.startswith(RANKED) and not math.isnan(each.lower) else []
    return [*_named(label(each.method), f"{figure:<{_FIGURE}}{p:>8}"), *more]


def _named(name: str, figures: str) -> list[str]:
    """Return one line, or two where the name is too long to stand beside its figures."""
    return [f"{name:<{_NAME}}{figures}"] if len(name) < _NAME else [name, f"{'':<{_NAME}}{figures}"]


def _fifths(made: ByQuintile, truths: Mapping[int, float]) -> list[str]:
    lines = [f"{'by fifth of deprivation, 1 = most deprived':<{_NAME}}{'estimate (95% limits)':<{_FIGURE}}"]
    for each in made.effects:
        name = each.population.split(":")[0]
        known = truths.get(int(name.split()[-1]))
        told = "" if known is None else f"known: {known:.4g}"
        figure = each.reason if math.isnan(each.estimate) else spread(each.estimate, each.lower, each.upper)
        lines.append(f"{name:<{_NAME}}{figure:<{_FIGURE}}{told}")
    for each in made.gap:
        figure = each.reason if math.isnan(each.estimate) else spread(each.estimate, each.lower, each.upper)
        lines += _named(label(each.method), f"{figure:<{_FIGURE}}")
    return lines


def _counts(shown: Results) -> list[str]:
    lines = []
    for row in shown.tally.to_dict("records"):
        events, people = (float(row[name]) for name in ("events", "people"))
        told = ("*" if math.isnan(events) else f"{events:,.0f}") + " events"
        if not shown.tally["people"].isna().all():
            told += ", " + ("*" if math.isnan(people) else f"{people:,.0f}") + " different people"
        places = "other places" if row["places"] == "others" else f"places {row['places']}"
        lines.append(f"Counted in {places}, {row['time']}: {told}.")
    if lines and shown.rule != AS_IT_IS:
        lines.append(_rule_words(shown.rule))
    return lines


def _rule_words(rule: SmallNumbers) -> str:
    rounded = f", others rounded to {rule.round_to}" if rule.round_to > 1 else ""
    return f"Counts from 1 to {rule.hide_to} are hidden (*){rounded}."


def _cautions(shown: Results) -> list[str]:
    """Return one line for each caution, with the estimators it is about."""
    found: dict[str, list[str]] = {}
    for each in shown.made.results:
        for words in each.cautions:
            found.setdefault(words, []).append(label(each.method))
    lines = [f"Caution ({', '.join(names)}): {words}." for words, names in found.items()]
    fifths = () if shown.quintiles is None else shown.quintiles.cautions
    return [*lines, *(f"Caution (fifths): {words}." for words in fifths)]


def _fill(folder: Path, shown: Results, about: Mapping[str, Any]) -> None:
    made = shown.made
    _csv(estimates_table(made.results), folder / "estimates.csv")
    for name, table in made.tables.items():
        _csv(table, folder / f"{name}.csv")
    for each in made.results:
        _one(each, folder, shown.outcome)
    if not shown.tally.empty:
        _csv(shown.tally, folder / "counts.csv")
    drawn = [each for each in made.results if not math.isnan(each.estimate)]
    if drawn:
        save(draw_forest(drawn, shown.truth, outcome=shown.outcome), folder / "figures", "forest")
    if shown.quintiles is not None:
        _write_fifths(shown, shown.quintiles, folder)
    content = {
        "design": made.design,
        **about,
        "small_numbers": {"hide_to": shown.rule.hide_to, "round_to": shown.rule.round_to},
        "known_effect": shown.truth,
        "known_effect_by_quintile": {str(fifth): value for fifth, value in shown.truths.items()},
        "refused": dict(made.refused),
        "diagnostics": {each.method: _known(each.diagnostics) for each in made.results},
        "counts": {each.method: _plain(each.counts) for each in made.results if each.counts},
    }
    text = json.dumps(content, indent=1, default=str) + "\n"
    (folder / "evaluation.json").write_text(text, encoding="utf-8")


def _write_fifths(shown: Results, fifths: ByQuintile, folder: Path) -> None:
    _csv(estimates_table([*fifths.effects, *fifths.gap]), folder / "quintiles.csv")
    drawn = [replace(each, method=each.population.split(":")[0]) for each in fifths.effects]
    drawn += list(fifths.gap)
    drawn = [each for each in drawn if not math.isnan(each.estimate)]
    if drawn:
        made = draw_forest(drawn, title="Effect by fifth of deprivation", outcome=shown.outcome)
        save(made, folder / "figures", "forest_quintiles")
    if not fifths.levels.empty:
        _csv(fifths.levels, folder / "levels_by_quintile.csv")
        if fifths.levels["value"].notna().any():
            save(draw_equiplot(fifths.levels, shown.outcome), folder / "figures", "equiplot")
    if not fifths.series.empty:
        _csv(fifths.series, folder / "gap_over_time.csv")
        bare = shown.outcome.split(" per ")[0]
        for measure, words, none in (
            ("absolute", f"{shown.outcome}: most less least deprived fifth", 0.0),
            ("relative", f"{bare}: most over least deprived fifth", 1.0),
        ):
            mine = fifths.series[fifths.series["measure"] == measure]
            if mine["estimate"].notna().any():
                made = draw_gap_series(mine, words, none_at=none, starts=shown.starts)
                save(made, folder / "figures", f"gap_{measure}")


def _known(diagnostics: Mapping[str, float]) -> dict[str, float | None]:
    """Return the figures, None (null) for one that cannot be told: JSON has no word for a missing number."""
    return {name: None if math.isnan(value) else value for name, value in diagnostics.items()}


def _plain(counts: Mapping[str, float]) -> dict[str, float | str]:
    return {name: "*" if math.isnan(count) else count for name, count in counts.items()}


def _one(result: Estimate, folder: Path, outcome: str) -> None:
    for name in KEPT_TABLES:
        if name in result.tables and len(result.tables[name]):
            _csv(result.tables[name], folder / "tables" / f"{result.method}_{name}.csv")
    if any(name in result.tables for name in (*SHOWN_TABLES, "balance")):
        counted = outcome.split(" per ")[0] if result.scale == RATIO else outcome  # a series is of counts
        save(draw(result, counted), folder / "figures", result.method)


def _csv(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)
