"""The scoreboard as one page with its forest plots, as tables beside it, and in a few lines for a terminal."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.figures.style import save
from evaluation.replays.board import CONFLICT, SILENT, Beside, Board
from evaluation.replays.definition import Replay
from evaluation.replays.doubt import doubt_words
from evaluation.replays.forest import forest
from evaluation.replays.no_effect import beside_no_effect, no_effect_words
from evaluation.replays.scoring import INSIDE, OUTSIDE, TOO_WIDE, UNSCORED, WIDE, by_year, coverage, worst
from evaluation.rounding import spread
from evaluation.templating import environment
from scenarios.whole_file import write_text

Row = dict[Any, Any]  # of scores, by column
FILE = "replays.html"
WANTED = 0.8  # of the effects that are only predicted, inside
NOT_EXPRESSED = Path(__file__).parent / "not_expressed.csv"
NEEDS = Path(__file__).parent / "needs.csv"
TITLES = {
    "tuned": "Studies that may inform the levers",
    "predicted": "Studies that are only predicted",
    "bracket": "Brackets: shown, not counted",
}


def in_text(board: Board) -> str:
    """Return the scoreboard in plain text: each effect, then coverage."""
    rows = []
    for one in board.scores.to_dict("records"):
        said = published_words(one)
        rows.append(
            {
                "replay": one["replay"],
                "effect": one["effect"],
                "use": one["use"],
                "published": said,
                "predicted (90%)": predicted_words(one),
                "verdict": one["verdict"],
            }
        )
    return "\n\n".join([pd.DataFrame(rows).to_string(index=False), *sentences(board)])


def sentences(board: Board) -> list[str]:
    """Return what the scoreboard comes to: coverage, the guess of no effect beside it, and the model's own error."""
    scores = board.scores
    return [*coverage_words(scores), *no_effect_words(scores, board.replays), *doubt_words(scores)]


def coverage_words(scores: pd.DataFrame) -> list[str]:
    """Return a sentence on each use: how many effects of how many programmes lie inside."""
    found = []
    for row in coverage(scores).to_dict("records"):
        if not row["effects"]:
            continue
        found.append(
            f"{row['use'].capitalize()}: {row['inside']} of {row['effects']} effects of {row['programmes']} programmes "
            f"inside the 90% interval ({100 * row['share_inside']:.0f}%), {row['outside']} outside, "
            f"{row['too_wide']} too wide. Median half-width on the log {digits(row['median_half_width_log'])} where "
            f"the study printed an interval, whose own is {digits(row['median_published_half_width_log'])}; "
            f"{digits(row['median_half_width_log_unprinted'])} where it did not."
        )
    return found


def write_page(board: Board, folder: Path) -> Path:
    """Write replays.html, the forest plots and CSV tables into ``folder``; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    for use, title in TITLES.items():
        mine = board.scores[board.scores["use"] == use]
        if len(mine):
            save(forest(mine, title), folder / "figures", f"forest_{use}")
            sections.append({"use": use, "title": title, "rows": [effect_row(one) for one in mine.to_dict("records")]})
    tables = {
        "scores": board.scores,
        "coverage": coverage(board.scores),
        "signs_by_year": by_year(board.scores),
        "beside_no_effect": beside_no_effect(board.scores, board.replays),
        "levers": board.levers,
        "facts": pd.DataFrame(board.facts, columns=["fact", "value"]),
    }
    for name, table in tables.items():
        write_text(folder / f"{name}.csv", table.to_csv(index=False))
    missed = worst(board.scores)
    text = (
        environment()
        .get_template("replays.html")
        .render(
            facts=list(board.facts),
            coverage=sentences(board),
            held=held_words(board.scores),
            sections=sections,
            years=by_year(board.scores).to_dict("records"),
            worst=[miss_row(one, needs()) for one in missed.to_dict("records")],
            levers=board.levers.to_dict("records"),
            lever_columns=list(board.levers.columns),
            informed=[informed_row(one) for one in board.informed.to_dict("records")],
            conflicts=[conflict_row(one) for one in board.figures.to_dict("records") if one["verdict"] == CONFLICT],
            silent=[str(one["figure"]) for one in board.figures.to_dict("records") if one["verdict"] == SILENT],
            beside=[beside_row(one) for one in board.beside],
            not_expressed=pd.read_csv(NOT_EXPRESSED).fillna("").to_dict("records"),
            studies=[study_row(name, one) for name, one in board.replays.items()],
            too_wide=f"{TOO_WIDE:g}",
        )
    )
    return write_text(folder / FILE, text)


def informed_row(one: Row) -> dict[str, str]:
    """Return what is shown of a parameter that tuned studies informed."""
    before, after = (
        f"{digits(one[f'{at}central'])} ({digits(one[f'{at}low'])} to {digits(one[f'{at}high'])})"
        for at in ("prior_", "")
    )
    return {"parameter": str(one["parameter"]), "before": before, "after": after, "by": str(one["by"])}


def conflict_row(one: Row) -> dict[str, str]:
    """Return what is shown of a figure that no value of its levers' parameters gives."""
    return {"figure": str(one["figure"]), "implausible": digits(one["implausible"])}


def held_words(scores: pd.DataFrame) -> str:
    """Return whether enough of what is only predicted lies inside."""
    row = coverage(scores).query("use == 'predicted'").to_dict("records")[0]
    if not row["effects"]:
        return "No effect that is only predicted has been replayed."
    met = row["share_inside"] >= WANTED
    return (
        f"Of the effects that are only predicted, {100 * row['share_inside']:.0f}% lie inside; at least "
        f"{100 * WANTED:.0f}% are wanted: {'met' if met else 'not met'}."
    )


def published_words(one: Row) -> str:
    """Return a published figure with its interval, as printed, or what was said."""
    if one["published"] is None or pd.isna(one["published"]):
        return {"none": "not significant", "up": "higher", "down": "lower"}[one["published_sign"]]
    words = f"{one['published']:g}"
    if one["published_low"] is not None and not pd.isna(one["published_low"]):
        words += f" ({one['published_low']:g} to {one['published_high']:g})"
    return words + (" (recalled)" if one["basis"] == "recalled" else "")


def predicted_words(one: Row) -> str:
    """Return a prediction with its interval, or why there is none."""
    if pd.isna(one["predicted"]):
        return f"none: {one['reason']}"
    return spread(one["predicted"], one["low"], one["high"])


def effect_row(one: Row) -> dict[str, str]:
    """Return an effect as the page shows it."""
    marks = {INSIDE: "held", OUTSIDE: "broke", WIDE: "broke", UNSCORED: ""}
    return {
        "replay": str(one["replay"]).replace("_", " "),
        "words": str(one["words"]),
        "scale": str(one["scale"]).replace("_", " "),
        "published": published_words(one),
        "predicted": predicted_words(one),
        "runs": f"{one['runs']} of {one['tried']}",
        "verdict": str(one["verdict"]),
        "mark": marks[one["verdict"]],
    }


def miss_row(one: Row, known: dict[str, str]) -> dict[str, str]:
    """Return a miss with the mechanism that it would need, where that is known."""
    by = one["misses_by"]
    return effect_row(one) | {
        "by": "no prediction" if math.isnan(by) else f"{digits(by)} standard errors of the study",
        "needs": known.get(f"{one['replay']}.{one['effect']}", known.get(str(one["replay"]), "not looked into yet")),
    }


def study_row(name: str, replay: Replay) -> dict[str, str]:
    """Return a study as the page describes it."""
    return {
        "name": name.replace("_", " "),
        "study": replay.study,
        "source": replay.source,
        "setting": replay.setting,
        "selection": replay.selection,
        "dose": replay.dose,
        "comparison": replay.comparison.kind.replace("_", " "),
        "fidelity": replay.fidelity,
    }


def beside_row(one: Beside) -> dict[str, str]:
    """Return another run of the same studies as the page shows it."""
    shares = {
        row["use"]: f"{row['inside']} of {row['effects']}" for row in one.coverage.to_dict("records") if row["effects"]
    }
    return {
        "name": one.name,
        "mechanisms": one.facts.get("Mechanisms", ""),
        "tuned": shares.get("tuned", "none"),
        "predicted": shares.get("predicted", "none"),
    }


def needs() -> dict[str, str]:
    """Return what a miss would need, by replay or replay.effect."""
    table = pd.read_csv(NEEDS)
    return dict(zip(table["miss"], table["needs"], strict=True))


def digits(value: float) -> str:
    """Return a number at two significant digits, three where it begins with 1."""
    if value is None or not math.isfinite(value):
        return "not known"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    first = abs(value) / 10**size
    places = (2 if first < 2 else 1) - size
    return f"{round(value, places):.{max(places, 0)}f}"
