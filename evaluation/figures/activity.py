"""Activity over time, by arm."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.figures.style import INK, figure, house_style, legend_above, marks, over_two_lines, words
from evaluation.outcomes import Outcome, chosen
from evaluation.panel import UNIT, rates
from evaluation.twins import LEVEL, runs_interval

SHOWN = (
    "ed_attendances",
    "urgent_treatment_attendances",
    "emergency_admissions",
    "bed_days",
    "gp_contacts",
    "community_contacts",
    "outpatient_new_contacts",
)
_TICKS = 7  # month labels per panel at most


def activity(panel: pd.DataFrame, outcomes: Sequence[Outcome] = (), level: float = LEVEL) -> pd.DataFrame:
    """Return monthly rates by arm of ``outcomes``, or else of those of SHOWN that happen.

    Columns: arm, month, month_start, outcome, mean, lower, upper, n (replications).

    Rates are per 1,000 residents per year; the interval is Student's, for the mean over replications (over
    draws, where there are several).
    """
    shown = tuple(outcomes) or chosen(SHOWN)
    table = rates(panel, [*UNIT, "month", "month_start"], shown)
    if not outcomes:  # services that are not there have no panel
        happens = table.groupby("outcome")["numerator"].transform("sum") > 0
        table = table[happens] if happens.any() else table
    rows = []
    for key, mine in table.groupby(["arm", "month", "month_start", "outcome"], sort=True, observed=True):
        mean, lower, upper = runs_interval(mine["value"].to_numpy(), mine["draw"].to_numpy(), level)
        rows.append((*key, mean, lower, upper, len(mine)))
    return pd.DataFrame(rows, columns=["arm", "month", "month_start", "outcome", "mean", "lower", "upper", "n"])


def draw_activity(table: pd.DataFrame, arms: Sequence[str]) -> Figure:
    """Return small multiples of ``table`` (from ``activity``): one panel per outcome, lines by arm, 95% bands."""
    names = list(dict.fromkeys(table["outcome"]))
    shown = [each for each in chosen(sorted(names, key=_order))]
    with house_style():
        made, axes = figure(3.0 * ((len(shown) + 1) // 2) + 0.5, (len(shown) + 1) // 2, 2, sharex=True)
        for axis, outcome in zip(axes, shown, strict=False):
            _panel(axis, table[table["outcome"] == outcome.name], arms)
            axis.set_title(outcome.label)
            axis.set_ylabel(over_two_lines(f"{outcome.counted} {outcome.unit}"))
        for axis in axes[len(shown) :]:
            axis.set_visible(False)
        for axis in axes[max(len(shown) - 2, 0) : len(shown)]:  # the lowest of each column
            axis.set_xlabel("month (calendar)")
            axis.tick_params(labelbottom=True)
        legend_above(made, axes, len(arms) + 1)
    return made


def month_axis(axis: Axes, table: pd.DataFrame, most: int = _TICKS) -> None:
    """Label at most ``most`` or so months as '2024-04', and mark go-live if earlier months are shown."""
    months = table[["month", "month_start"]].drop_duplicates().sort_values("month")
    step = max(1, -(-len(months) // most))
    anchor = int((months["month"] < 0).sum()) % step  # so that the go-live month has a label
    ticks = months.iloc[anchor::step]
    axis.set_xticks(ticks["month"].to_list(), ticks["month_start"].to_list(), rotation=30, ha="right")
    if months["month"].min() < 0:
        axis.axvline(-0.5, color=INK, linewidth=1.2, linestyle=(0, (1, 1)), label="go-live")


def _order(name: str) -> int:
    return SHOWN.index(name) if name in SHOWN else len(SHOWN)


def _panel(axis: Axes, table: pd.DataFrame, arms: Sequence[str]) -> None:
    style = marks(arms)
    for arm in arms:
        mine, mark = table[table["arm"] == arm].sort_values("month"), style[arm]
        every = max(1, len(mine) // 8)
        axis.plot(
            mine["month"],
            mine["mean"],
            color=mark.colour,
            linestyle=mark.dash,
            marker=mark.marker,
            markevery=every,
            label=words(arm),
        )
        if mine["lower"].notna().any():
            axis.fill_between(mine["month"], mine["lower"], mine["upper"], color=mark.colour, alpha=0.18, linewidth=0)
    month_axis(axis, table)
