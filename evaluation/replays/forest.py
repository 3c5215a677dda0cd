"""Published against predicted, a line for each effect: the forest plot of replays."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.figures.style import GRID, INK, house_style
from evaluation.replays.definition import Effect
from evaluation.replays.scoring import INSIDE, UNSCORED, on_scale

PUBLISHED, PREDICTED, MISSED = "#425563", "#005EB8", "#A6192E"
ROW_IN, EDGES_IN, WIDTH_IN = 0.30, 1.6, 10.0


def standardised(scores: pd.DataFrame) -> pd.DataFrame:
    """Return scores with published and predicted figures in the study's own standard errors, no effect at 0.

    Effects are of many scales; each is divided by the sampling error that the simulated study has at its own size.
    """
    table = scores[(scores["verdict"] != UNSCORED) & scores["predicted"].notna()].copy()
    for name in ("published", "published_low", "published_high", "predicted", "low", "high"):
        scaled = []
        for scale, value, error in zip(table["scale"], table[name].astype(float), table["study_se"], strict=True):
            effect = Effect.model_construct(scale=scale)
            scaled.append(on_scale(effect, value) / error if math.isfinite(value) and error > 0 else math.nan)
        table[f"z_{name}"] = scaled
    return table


def forest(scores: pd.DataFrame, title: str) -> Figure:
    """Return the forest plot of the effects that have a published figure and a prediction."""
    table = standardised(scores).reset_index(drop=True)
    with house_style():
        figure = Figure(figsize=(WIDTH_IN, EDGES_IN + ROW_IN * max(len(table), 1)), layout="constrained")
        axes = figure.add_subplot()
        at = np.arange(len(table))[::-1]
        limit = limit_of(table)
        for y, row in zip(at, table.to_dict("records"), strict=True):
            colour = PREDICTED if row["verdict"] == INSIDE else MISSED
            said = (row["z_published"], row["z_published_low"], row["z_published_high"])
            line(axes, y + 0.14, said, (PUBLISHED, "D"), limit)
            line(axes, y - 0.14, (row["z_predicted"], row["z_low"], row["z_high"]), (colour, "o"), limit)
        axes.axvline(0, color=INK, linewidth=1)
        axes.set_yticks(at, names_of(table))
        axes.tick_params(axis="y", labelsize=8.5, length=0)
        axes.set_xlim(-limit, limit)
        axes.set_ylim(-0.8, max(len(table) - 0.2, 0.8))
        axes.grid(axis="y", color=GRID, linewidth=0.4)
        axes.set_xlabel("in standard errors of the study at its own size (0: no effect)")
        axes.set_title(title)
        for colour, marker, words in (
            (PUBLISHED, "D", "published, 95% interval where printed"),
            (PREDICTED, "o", "predicted, 90% interval, holds the published figure"),
            (MISSED, "o", "predicted, does not, or is too wide"),
        ):
            axes.plot([], [], color=colour, marker=marker, linestyle="-", label=words)
        figure.legend(loc="outside lower center", ncols=1, fontsize=9)
    return figure


def limit_of(table: pd.DataFrame) -> float:
    """Return how far the plot goes on each side: what holds nine figures in ten, 4 at least."""
    seen = table[["z_published", "z_low", "z_high"]].to_numpy(dtype=float)
    seen = np.abs(seen[np.isfinite(seen)])
    return float(max(4.0, np.ceil(np.quantile(seen, 0.9)))) if len(seen) else 4.0


def names_of(table: pd.DataFrame) -> list[str]:
    """Return the label of each line: replay and effect."""
    return [f"{str(one['replay']).replace('_', ' ')}: {one['words']}" for one in table.to_dict("records")]


def line(axes: Axes, y: float, values: tuple[float, float, float], look: tuple[str, str], limit: float) -> None:
    """Draw one figure with its interval in a colour and marker; an arrow at the edge where it lies beyond."""
    middle, low, high = values
    colour, marker = look
    if math.isfinite(low) and math.isfinite(high):
        axes.plot(np.clip([low, high], -limit, limit), [y, y], color=colour, linewidth=1.6)
    if not math.isfinite(middle):
        return
    beyond = abs(middle) > limit
    shape = marker if not beyond else (">" if middle > 0 else "<")
    where = math.copysign(limit * 0.985, middle) if beyond else middle
    axes.plot([where], [y], marker=shape, color=colour, markersize=5, linestyle="")
