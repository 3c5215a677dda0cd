"""The charts of a case, in the house style: each is drawn from a table that stands beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from evaluation.economics.options import Options
from evaluation.figures.style import GRID, INK, figure, house_style, legend_above, marks, words

_DOTS = 400  # draws shown: more would be one blot


def draw_plane(options: Options, comparator: str, threshold: float) -> Figure:
    """Return the cost-effectiveness plane: every option's draws and mean, and the line of the threshold."""
    with house_style():
        made, (axis,) = figure(4.8)
        style = marks(options.names)
        for at, name in enumerate(options.names):
            if name == comparator:
                continue
            mark = style[name]
            effect, cost = options.effect[:_DOTS, at], options.cost[:_DOTS, at] / 1_000
            axis.plot(effect, cost, mark.marker, color=mark.colour, markersize=3, alpha=0.35, linestyle="none")
            mean = (options.effect[:, at].mean(), options.cost[:, at].mean() / 1_000)
            axis.plot(*mean, mark.marker, color=mark.colour, markersize=10, label=words(name), linestyle="none")
        axis.axhline(0, color=INK, linewidth=0.8)
        axis.axvline(0, color=INK, linewidth=0.8)
        low, high = axis.get_xlim()
        axis.plot(
            [low, high], [low * threshold / 1_000, high * threshold / 1_000], color=INK, linestyle=":", linewidth=1.2
        )
        axis.set_xlim(low, high)
        axis.set_xlabel(f"QALYs more than {words(comparator)}")
        axis.set_ylabel(f"Cost above {words(comparator)}, £ thousand")
        legend_above(made, [axis])
    return made


def draw_acceptability(curves: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Return the probability of being best by threshold, a line an option."""
    with house_style():
        made, (axis,) = figure(4.4)
        for name, mark in marks(names).items():
            mine = curves[curves["option"] == name]
            every = max(len(mine) // 8, 1)
            axis.plot(
                mine["threshold"] / 1_000,
                mine["probability_best"],
                color=mark.colour,
                linestyle=mark.dash,
                marker=mark.marker,
                markevery=every,
                label=words(name),
            )
        axis.set_ylim(-0.02, 1.02)
        axis.set_xlabel("What a QALY is worth, £ thousand")
        axis.set_ylabel("Share of draws in which best")
        legend_above(made, [axis])
    return made


def draw_money(cash: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Return what each option spends by financial year, bars side by side."""
    years = list(dict.fromkeys(cash["financial_year"]))
    with house_style():
        made, (axis,) = figure(4.2)
        width = 0.8 / max(len(names), 1)
        for at, (name, mark) in enumerate(list(marks(["", *names]).items())[1:]):
            mine = cash[cash["option"] == name].set_index("financial_year")["gross"].reindex(years).fillna(0.0)
            places = np.arange(len(years)) + (at - (len(names) - 1) / 2) * width
            axis.bar(
                places, mine.to_numpy() / 1_000, width * 0.9, color=mark.colour, label=words(name), edgecolor="white"
            )
        axis.set_xticks(range(len(years)), years)
        axis.set_ylabel("Spent, £ thousand")
        axis.grid(visible=False, axis="x")
        legend_above(made, [axis])
    return made


def draw_fifths(table: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Return net health by deprivation fifth, bars side by side."""
    groups = list(dict.fromkeys(table["group"]))
    with house_style():
        made, (axis,) = figure(4.2)
        width = 0.8 / max(len(names), 1)
        for at, (name, mark) in enumerate(list(marks(["", *names]).items())[1:]):
            mine = table[table["option"] == name].set_index("group")["net"].reindex(groups)
            places = np.arange(len(groups)) + (at - (len(names) - 1) / 2) * width
            axis.bar(places, mine.to_numpy(), width * 0.9, color=mark.colour, label=words(name), edgecolor="white")
        axis.axhline(0, color=INK, linewidth=0.8)
        labels = [
            f"{group}{' (most deprived)' if group == '1' else ' (least)' if group == '5' else ''}" for group in groups
        ]
        axis.set_xticks(range(len(groups)), labels)
        axis.set_ylabel("QALYs net of health forgone")
        axis.grid(visible=False, axis="x")
        legend_above(made, [axis])
    return made


def draw_tornado(table: pd.DataFrame, title: str, most: int = 10) -> Figure:
    """Return the widest bars of a tornado of net benefit."""
    shown = table.head(most).iloc[::-1]
    with house_style():
        made, (axis,) = figure(0.34 * max(len(shown), 3) + 1.4)
        for at, row in enumerate(shown.to_dict("records")):
            ends = sorted((row["at_low"] / 1_000, row["at_high"] / 1_000))
            axis.barh(at, ends[1] - ends[0], left=ends[0], color="#005EB8", height=0.62)
        axis.set_yticks(range(len(shown)), [words(str(name)) for name in shown["name"]])
        axis.set_xlabel("Net monetary benefit, £ thousand")
        axis.set_title(title)
        axis.grid(visible=False, axis="y")
        axis.tick_params(axis="y", colors=INK)
        axis.spines["left"].set_color(GRID)
    return made
