"""What changes in each deprivation quintile, and the gap over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.figures.activity import month_axis
from evaluation.figures.style import INK, Mark, figure, house_style, legend_above, marks, over_two_lines, words
from evaluation.inequality.gaps import gaps_over_time
from evaluation.outcomes import MAIN, chosen, outcome
from evaluation.panel import QUINTILES
from evaluation.twins import LEVEL, runs_interval

_OFFSET = 0.24  # sideways step between arms, in quintiles
_QUINTILE_TICKS = ["1\nmost\ndeprived", "2", "3", "4", "5\nleast\ndeprived"]


def change_by_quintile(comparisons: dict[str, pd.DataFrame], names: Sequence[str] = MAIN) -> pd.DataFrame:
    """Return the quintile rows of twins.compare tables, one table per design: adds a column 'design_arm'."""
    parts = []
    for design, table in comparisons.items():
        kept = table[table["outcome"].isin(names) & (table["group"] != "all")]
        parts.append(kept.assign(design_arm=design))
    return pd.concat(parts, ignore_index=True)


def draw_change_by_quintile(table: pd.DataFrame, arms: Sequence[str], basis: str) -> Figure:
    """Return dots with 95% intervals by quintile; ``arms`` has the baseline first, ``basis`` says whose quintiles."""
    shown = chosen(dict.fromkeys(table["outcome"]))
    designs, style = list(arms)[1:], marks(arms)
    with house_style():
        made, axes = figure(4.1, 1, len(shown))
        for axis, each in zip(axes, shown, strict=True):
            axis.axhline(0, color=INK, linewidth=1.2)
            for i, design in enumerate(designs):
                mine = table[(table["outcome"] == each.name) & (table["design_arm"] == design)]
                _dots(axis, mine, (i - (len(designs) - 1) / 2) * _OFFSET, style[design], words(design))
            axis.set_title(each.label)
            axis.set_ylabel(over_two_lines(f"change in {each.counted} {each.unit}"))
            axis.set_xticks(list(QUINTILES), _QUINTILE_TICKS)
            axis.set_xlim(0.5, 5.5)
            axis.grid(visible=False, axis="x")
        made.supxlabel(f"deprivation quintile ({basis})", fontsize=10)
        legend_above(made, axes, len(designs))
    return made


def gap_series(panel: pd.DataFrame, names: Sequence[str] = MAIN, standard: str = "esp2013") -> pd.DataFrame:
    """Return the standardised absolute gap by arm and quarter: arm, outcome, month, month_start, mean, lower, upper.

    A quarter is three whole months counted from go-live; the interval is for the mean over replications. Quarters in
    which the gap is undefined carry the reason and NaN.
    """
    table = gaps_over_time(panel, chosen(names), standard=standard)
    kept = table[(table["measure"] == "absolute_q1_minus_q5") & (table["basis"] == f"age_sex_{standard}")]
    rows = []
    for key, mine in kept.groupby(["arm", "outcome", "month", "month_start"], sort=True, observed=True):
        reasons = "; ".join(sorted({text for text in mine["reason"] if text}))
        limits = (math.nan,) * 3 if reasons else runs_interval(mine["value"].to_numpy(), mine["draw"].to_numpy(), LEVEL)
        rows.append((*key, *limits, reasons))
    return pd.DataFrame(rows, columns=["arm", "outcome", "month", "month_start", "mean", "lower", "upper", "reason"])


def draw_gap_over_time(table: pd.DataFrame, arms: Sequence[str], basis: str) -> Figure:
    """Return the gap (most less least deprived fifth, standardised) by quarter and arm, one panel per outcome."""
    names = [name for name in MAIN if name in set(table["outcome"])]
    style = marks(arms)
    with house_style():
        made, axes = figure(4.0, 1, len(names))
        for axis, name in zip(axes, names, strict=True):
            mine = table[table["outcome"] == name]
            axis.axhline(0, color=INK, linewidth=1.2)
            for arm in arms:
                _line(axis, mine[mine["arm"] == arm], style[arm], words(arm))
            month_axis(axis, mine, most=5)
            axis.set_title(outcome(name).label)
            axis.set_ylabel(over_two_lines(f"gap in {outcome(name).counted} {outcome(name).unit}"))
        made.supxlabel(f"quarter starting ({basis})", fontsize=10)
        legend_above(made, axes, len(arms) + 1)
    return made


def _dots(axis: Axes, mine: pd.DataFrame, offset: float, mark: Mark, label: str) -> None:
    ordered = mine.assign(position=mine["group"].astype(int)).sort_values("position")
    at, middle = ordered["position"] + offset, ordered["difference"]
    reach = [middle - ordered["lower"], ordered["upper"] - middle]
    has_interval = ordered["lower"].notna().any()
    axis.errorbar(
        at,
        middle,
        yerr=reach if has_interval else None,
        fmt=mark.marker,
        color=mark.colour,
        markersize=8,
        elinewidth=2,
        capsize=4,
        label=label + (" (95% interval)" if has_interval else " (one replication: no interval)"),
    )


def _line(axis: Axes, mine: pd.DataFrame, mark: Mark, label: str) -> None:
    ordered = mine.sort_values("month")
    axis.plot(
        ordered["month"],
        ordered["mean"],
        color=mark.colour,
        linestyle=mark.dash,
        marker=mark.marker,
        markevery=max(1, len(ordered) // 8),
        label=label,
    )
    if ordered["lower"].notna().any():
        axis.fill_between(
            ordered["month"], ordered["lower"], ordered["upper"], color=mark.colour, alpha=0.18, linewidth=0
        )
