"""Inequality as figures: an equiplot by deprivation group, a gap over time, and the life-expectancy gap against its
aim.

They draw plain tables, so observed and simulated figures look the same. What is undefined is not drawn, and the figure
says so under the axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from evaluation.arrays import need_columns
from evaluation.estimate import LEVEL
from evaluation.figures.style import GRID, INK, Mark, figure, house_style, legend_above, marks, words
from evaluation.life_tables.aim import AimLine
from scenarios.errors import InputError

_MOST, _LEAST = "#330072", "#41B6E6"  # most and least deprived, dark to pale
_ROW_IN, _FRAME_IN = 1.0, 1.7  # height of a row, and of what is around the rows
_SPREAD = 0.6  # of a row's height over which its groups are set apart, so that none hides another
_NUMBER_PT = 8.5
_NEAR = 3.0  # highest over lowest ratio below which even steps are read more easily
_LABEL_CHARACTERS = 40  # of a line of an axis's label


def draw_equiplot(table: pd.DataFrame, label: str, groups: str = "quintile", level: float = LEVEL) -> Figure:
    """Return an equiplot: a band per row of the figure from its lowest to its highest group, a numbered dot per group.

    Groups of a row stand one above another, so that none hides another, nor its interval.

    ``table``: columns ``row`` (text, drawn in order from the top), ``group`` (1 = most deprived), ``value`` and, if
    there are any, ``lower`` and ``upper``. ``label``: what is shown, with its unit. ``groups``: what a group is called.
    ``level``: of the limits. Raises InputError for a missing column or no rows.
    """
    _refuse(table, ("row", "group", "value"))
    rows = list(dict.fromkeys(table["row"]))
    numbers = sorted(table["group"].unique())
    scale = LinearSegmentedColormap.from_list("deprivation", [_MOST, _LEAST])
    colours = {each: to_hex(scale(i / max(len(numbers) - 1, 1))) for i, each in enumerate(numbers)}
    with house_style():
        made, (axis,) = figure(_FRAME_IN + _ROW_IN * len(rows))
        for place, name in enumerate(rows):
            _equiplot_row(axis, table[table["row"] == name], place, colours)
        axis.set_yticks(range(len(rows)), [words(str(name)) for name in rows])
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel(label)
        for each in numbers:
            end = {numbers[0]: " (most deprived)", numbers[-1]: " (least deprived)"}.get(each, "")
            axis.plot([], [], "o", color=colours[each], markersize=11, label=f"{groups} {each}{end}")
        if {"lower", "upper"} <= set(table.columns):
            axis.plot([], [], color=INK, linewidth=1.8, label=f"{level:.0%} interval")
        legend_above(made, [axis], 3)
        _say_missing(made, table, "value")
    return made


def draw_gap_series(
    table: pd.DataFrame,
    label: str,
    period: str = "period",
    none_at: float = 0.0,
    level: float = LEVEL,
    starts: Sequence[float] = (),
) -> Figure:
    """Return a gap over time with its intervals, a line per series.

    ``table``: columns ``series``, ``period`` (number), ``estimate``, ``lower``, ``upper`` (NaN: no interval, or, with
    the estimate, undefined). ``label``: the gap with its unit. ``period``: what a period is called. ``none_at``: where
    there is no gap (1 for a ratio: log scale). ``level``: of the limits. ``starts``: periods at which the service
    started, drawn as dotted lines. Raises InputError for a missing column or no rows.
    """
    _refuse(table, ("series", "period", "estimate", "lower", "upper"))
    names = list(dict.fromkeys(table["series"]))
    style = marks(names)
    with house_style():
        made, (axis,) = figure(4.2)
        axis.axhline(none_at, color=INK, linewidth=1.2)
        step = float(np.diff(np.unique(table["period"])).min()) if table["period"].nunique() > 1 else 1.0
        for i, name in enumerate(names):
            mine = table[table["series"] == name].sort_values("period")
            _whiskers(axis, mine, (i - (len(names) - 1) / 2) * 0.12 * step, style[name], words(str(name)))
        for at in starts:
            axis.axvline(at - step / 2, color=INK, linewidth=1.2, linestyle=(0, (1, 1)))
        if len(starts):
            axis.plot([], [], color=INK, linewidth=1.2, linestyle=(0, (1, 1)), label="the service starts")
        axis.set_xlabel(period)
        axis.set_ylabel(fill(label, _LABEL_CHARACTERS))
        _whole_ticks(axis, table["period"])
        if none_at == 1.0:
            _ratio_axis(axis)
        if table["lower"].notna().any():
            axis.plot([], [], color=INK, linewidth=1.6, label=f"{level:.0%} interval")
        legend_above(made, [axis], min(len(names) + 1 + bool(len(starts)), 4))
        _say_missing(made, table, "estimate")
    return made


def draw_aim(found: AimLine, label: str = "gap in life expectancy at birth, years") -> Figure:
    """Return the aim as a line with its baseline's band, the model's gap beside it, and the chance in words."""
    line = found.line
    model = line[line["gap"].notna()]
    aim_mark, model_mark = marks(["aim", "model"]).values()
    with house_style():
        made, (axis,) = figure(4.6)
        axis.axhline(0, color=INK, linewidth=1.2)
        axis.plot(line["year"], line["aim"], color=aim_mark.colour, linestyle=aim_mark.dash, label=_aim_label(found))
        axis.fill_between(
            line["year"], line["aim_lower"], line["aim_upper"], color=aim_mark.colour, alpha=0.16, linewidth=0
        )
        _whiskers(
            axis,
            _renamed(model),
            0.0,
            model_mark,
            "modelled gap and its interval (the baseline's uncertainty included)",
        )
        axis.set_xlabel("year")
        axis.set_ylabel(label)
        axis.set_ylim(bottom=min(0.0, float(line["aim_lower"].min())))
        _whole_ticks(axis, line["year"])
        legend_above(made, [axis], 1)
        chance = f"chance of meeting the aim in {found.aim.target_year}: {found.chance}"
        made.supxlabel(f"{found.status.capitalize()}. {chance[0].upper()}{chance[1:]}.", fontsize=10, x=0.02, ha="left")
    return made


def _equiplot_row(axis: Axes, mine: pd.DataFrame, place: int, colours: dict[int, str]) -> None:
    shown = mine[mine["value"].notna()]
    if shown.empty:
        return
    ends = [shown["value"].min(), shown["value"].max()]
    axis.fill_between(ends, place - _SPREAD / 2, place + _SPREAD / 2, color=GRID, alpha=0.5, linewidth=0, zorder=1)
    apart = dict(zip(colours, np.linspace(-_SPREAD / 2, _SPREAD / 2, len(colours)), strict=True))
    for row in shown.to_dict("records"):
        colour, level = colours[row["group"]], place + apart[row["group"]]
        if pd.notna(row.get("lower")) and pd.notna(row.get("upper")):
            axis.plot([row["lower"], row["upper"]], [level, level], color=colour, linewidth=1.8, zorder=2)
        axis.plot(row["value"], level, "o", color=colour, markersize=13, markeredgecolor="white", zorder=3)
        ink = "white" if _is_dark(colour) else INK
        at: dict[str, Any] = {
            "ha": "center",
            "va": "center_baseline",
            "color": ink,
            "fontsize": _NUMBER_PT,
            "zorder": 4,
        }
        axis.text(row["value"], level, str(row["group"]), **at)


def _whiskers(axis: Axes, mine: pd.DataFrame, offset: float, mark: Mark, label: str) -> None:
    """Draw estimates joined by a line, broken where one is undefined, with a whisker where there is an interval."""
    if mine["estimate"].isna().all():
        return
    at, middle = mine["period"] + offset, mine["estimate"]
    axis.plot(at, middle, color=mark.colour, linestyle=mark.dash, marker=mark.marker, label=label)
    known = mine["lower"].notna() & mine["upper"].notna()
    if known.any():
        reach = [(middle - mine["lower"])[known], (mine["upper"] - middle)[known]]
        axis.errorbar(at[known], middle[known], yerr=reach, fmt="none", ecolor=mark.colour, elinewidth=1.6, capsize=3)


def _ratio_axis(axis: Axes) -> None:
    """Draw ratios on a log scale, so that half and twice lie equally far from 1."""
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    near = high < _NEAR * low
    axis.yaxis.set_major_locator(MaxNLocator(6) if near else LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _renamed(model: pd.DataFrame) -> pd.DataFrame:
    columns = {"year": "period", "gap": "estimate", "gap_lower": "lower", "gap_upper": "upper"}
    return model.drop(columns=["aim", "aim_lower", "aim_upper"]).rename(columns=columns)


def _aim_label(found: AimLine) -> str:
    percent = round(100 * found.aim.left_share)
    return f"aim: {percent}% of the first year's gap left by {found.aim.target_year} (band: uncertainty of that gap)"


def _whole_ticks(axis: Axes, periods: pd.Series) -> None:
    """Put a tick at whole periods, at most twelve."""
    first, last = int(periods.min()), int(periods.max())
    axis.set_xticks(range(first, last + 1, max(1, -(-(last - first + 1) // 12))))


def _say_missing(made: Figure, table: pd.DataFrame, column: str) -> None:
    lost = int(table[column].isna().sum())
    if lost:
        told = f"{lost} of {len(table)} values are undefined or hidden, and not drawn"
        made.supxlabel(told, fontsize=9, x=0.02, ha="left")


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


def _refuse(table: pd.DataFrame, columns: Sequence[str]) -> None:
    need_columns(table, columns, "figure")
    if table.empty:
        raise InputError("figure", "has no rows to draw; at least one is needed")
