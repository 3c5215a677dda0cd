"""Charts of a fit, each from tables as they stand in its folder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from calibration.diagnostics.ranks import ecdf_bands
from evaluation.figures.style import INK, PALE, figure, house_style, legend_above, words

OBSERVED, MODEL, PRIOR, BAD = "#425563", "#005EB8", "#B9C4CA", "#AE2573"
ROW_IN = 0.24  # height of a row of a long chart
WIDEST = 2.0  # a ratio to the observed value beyond which the axis does not go (and below one over it)
MOST_CURVES = 8


def draw_targets(predictions: pd.DataFrame, met: pd.DataFrame) -> Figure:
    """Return each target's observed value with its limits beside the model's, all over the observed value.

    predictions and met: rows of the same targets; targets observed as 0 cannot be drawn and are left out.
    """
    shown = predictions.merge(met[["target", "low", "high", "simulated"]], on="target")
    shown = shown[shown["observed"] != 0].iloc[::-1].reset_index(drop=True)
    at = np.arange(len(shown))
    base = shown["observed"].abs()
    with house_style():
        made, axes = figure(1.5 + ROW_IN * len(shown))
        axis = axes[0]
        axis.axvline(1, color=INK, linewidth=1.0)
        _bars(axis, at + 0.14, shown["low"] / base, shown["high"] / base, OBSERVED, "observed, 95% limits")
        _bars(axis, at - 0.14, shown["lower_90"] / base, shown["upper_90"] / base, MODEL, "predicted, 90% interval")
        inside = shown["inside_90"].astype(bool).to_numpy()
        for mask, marker, colour, label in (
            (inside, "o", MODEL, "posterior mean"),
            (~inside, "X", BAD, "posterior mean, observed outside the interval"),
        ):
            if mask.any():
                ratio = (shown["simulated"] / base)[mask].clip(1 / WIDEST, WIDEST)
                axis.plot(ratio, at[mask] - 0.14, marker, color=colour, label=label, linestyle="none")
        _ratio_axis(
            axis, [shown["low"] / base, shown["high"] / base, shown["lower_90"] / base, shown["upper_90"] / base]
        )
        axis.set_yticks(at, [words(name) for name in shown["target"]], fontsize=8.5)
        axis.set_ylim(-0.8, len(shown) - 0.2)
        axis.set_xlabel("ratio to the observed value (1: the same)")
        axis.grid(visible=False, axis="y")
        legend_above(made, axes, 2)
    return made


def _bars(axis: Axes, at: np.ndarray, low: pd.Series, high: pd.Series, colour: str, label: str) -> None:
    """Draw bars; an arrowhead where one goes on beyond the axis."""
    axis.hlines(at, low.clip(1 / WIDEST, WIDEST), high.clip(1 / WIDEST, WIDEST), color=colour, linewidth=3, label=label)
    for beyond, place, marker in ((high > WIDEST, WIDEST, ">"), (low < 1 / WIDEST, 1 / WIDEST, "<")):
        count = int(beyond.sum())
        axis.plot([place] * count, at[beyond.to_numpy()], marker, color=colour, markersize=7, linestyle="none")


def _ratio_axis(axis: Axes, ratios: Sequence[pd.Series]) -> None:
    """Set a logarithmic axis about 1 that holds most of ``ratios``."""
    every = np.log(np.clip(np.concatenate([one.dropna().to_numpy(float) for one in ratios]), 1 / WIDEST, WIDEST))
    reach = float(np.exp(max(np.abs(every).max(initial=0.05) * 1.05, 0.05)))
    axis.set_xscale("log")
    axis.set_xlim(1 / reach, reach)
    ticks = [
        one for one in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.4, 1.6, 2) if 1 / reach <= one <= reach
    ]
    if reach > 1.25:
        ticks = [one for one in ticks if one not in (0.95, 1.05)]
    axis.set_xticks(ticks, [f"{one:g}" for one in ticks])
    axis.minorticks_off()


def draw_parameters(table: pd.DataFrame) -> Figure:
    """Return prior and posterior of each parameter, in standard deviations of its prior; informed ones filled."""
    shown = table.iloc[::-1].reset_index(drop=True)
    at = np.arange(len(shown))
    with house_style():
        made, axes = figure(1.5 + 0.34 * len(shown))
        axis = axes[0]
        axis.hlines(at + 0.16, -1.645, 1.645, color=PRIOR, linewidth=5, label="prior, 90%")
        low, high = shown["latent_05"], shown["latent_95"]
        axis.hlines(at - 0.14, low, high, color=MODEL, linewidth=3, label="posterior, 90%")
        informed = shown["informed"].astype(bool).to_numpy()
        for mask, face, label in (
            (informed, MODEL, "posterior median, informed by the data"),
            (~informed, "white", "posterior median, not informed"),
        ):
            if mask.any():
                axis.plot(
                    shown["latent_50"][mask], at[mask] - 0.14, "o", color=MODEL, markerfacecolor=face, label=label,
                    linestyle="none",
                )  # fmt: skip
        axis.set_yticks(at, [words(name) for name in shown["parameter"]], fontsize=8.5)
        axis.set_ylim(-0.8, len(shown) - 0.2)
        widest = max(3.0, float(np.abs(np.concatenate([low, high])).max()) * 1.05)
        axis.set_xlim(-widest, widest)
        axis.set_xlabel("standard deviations of the prior, from its median")
        axis.grid(visible=False, axis="y")
        legend_above(made, axes, 2)
    return made


def draw_correlations(table: pd.DataFrame) -> Figure:
    """Return posterior correlations of parameters as a square of colours, figures in those of 0.3 and more."""
    names = table["parameter"].tolist()
    values = table.set_index("parameter")[names].to_numpy(float)
    size = len(names)
    with house_style():
        made, axes = figure(min(2.2 + 0.42 * size, 7.5))
        axis = axes[0]
        shown = np.where(np.eye(size, dtype=bool), np.nan, values)
        axis.set_anchor("W")
        image = axis.imshow(shown, cmap="RdBu", vmin=-1, vmax=1, aspect="equal")
        for row in range(size):
            for column in range(size):
                if row != column and abs(values[row, column]) >= 0.3:
                    ink = "white" if abs(values[row, column]) > 0.65 else INK
                    axis.text(
                        column, row, f"{values[row, column]:.1f}", ha="center", va="center", fontsize=8, color=ink
                    )
        axis.set_xticks(range(size), [words(name) for name in names], rotation=90, fontsize=8)
        axis.set_yticks(range(size), [words(name) for name in names], fontsize=8)
        axis.grid(visible=False)
        made.colorbar(image, ax=axis, label="posterior correlation", shrink=0.8)
    return made


def draw_waves(waves: pd.DataFrame, points: pd.DataFrame, cut: float) -> Figure:
    """Return, by wave, how implausible the points run were, and what share of the prior was left after it."""
    numbers = waves["wave"].astype(int).tolist()
    with house_style():
        made, axes = figure(3.8, 1, 2, width_ratios=[2, 1])
        left, right = axes
        for number in numbers:
            mine = np.sort(points.loc[points["wave"] == number, "implausibility"].to_numpy(float))
            shift = np.linspace(-0.28, 0.28, len(mine))
            place = number + shift[np.argsort(np.argsort((np.arange(len(mine)) * 0.618) % 1))]
            out = mine >= cut
            left.plot(place[out], mine[out], "o", color=OBSERVED, markersize=3.5, alpha=0.7, linestyle="none")
            left.plot(place[~out], mine[~out], "o", color=MODEL, markersize=3.5, alpha=0.8, linestyle="none")
        left.axhline(cut, color=BAD, linewidth=1.5)
        left.set_yscale("symlog", linthresh=3)
        left.set_ylim(bottom=0)
        ticks = [one for one in (0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000) if one <= left.get_ylim()[1]]
        left.set_yticks(ticks, [str(one) for one in ticks])
        left.minorticks_off()
        left.set_xticks(numbers)
        left.set_xlabel("wave")
        left.set_ylabel("implausibility of each point run")
        left.set_title("by the emulators of all waves")
        right.plot(numbers, waves["share_left"], "o-", color=MODEL)
        right.set_yscale("log")
        right.yaxis.set_major_formatter("{x:g}")
        right.set_ylim(top=1.3)
        right.set_xticks(numbers)
        right.set_xlim(numbers[0] - 0.5, numbers[-1] + 0.5)
        right.set_xlabel("after wave")
        right.set_title("share of the prior left")
        handles = [
            Line2D([], [], marker="o", color=MODEL, linestyle="none", label="not ruled out"),
            Line2D([], [], marker="o", color=OBSERVED, linestyle="none", label="ruled out"),
            Line2D([], [], color=BAD, linewidth=1.5, label=f"cut at {cut:g}"),
        ]
        made.legend(handles=handles, loc="outside upper left", ncols=3)
    return made


def draw_emulators(checks: pd.DataFrame) -> Figure:
    """Return each emulator's error as a share of its output's spread, and how its stated errors hold."""
    last = checks[(checks["wave"] == checks["wave"].max()) & (checks["kind"] == "left out")]
    back = checks[checks["kind"] == "held back"]
    back = back[back["wave"] == back["wave"].max()] if len(back) else back
    names = last["output"].tolist()[::-1]
    at = np.arange(len(names))
    with house_style():
        made, axes = figure(1.6 + ROW_IN * len(names), 1, 2, sharey=True)
        for table, marker, colour, label in (
            (last, "o", MODEL, "points left out, one at a time"),
            (back, "s", OBSERVED, "next wave's points, never seen"),
        ):
            mine = table.set_index("output").reindex(names)
            unexplained = np.sqrt(np.clip(1 - mine["explained"].to_numpy(float), 0, None))
            axes[0].plot(np.clip(unexplained, 0, 1.5), at, marker, color=colour, label=label, linestyle="none")
            axes[1].plot(np.clip(mine["sd_ratio"], 0, 3), at, marker, color=colour, label=label, linestyle="none")
        axes[0].axvline(1, color=INK, linewidth=1)
        axes[0].set_xlim(0, 1.55)
        axes[1].axvline(1, color=INK, linewidth=1)
        axes[1].set_xlim(0, 3.05)
        axes[0].set_ylim(-0.8, len(names) - 0.2)
        axes[0].set_yticks(at, [words(name) for name in names], fontsize=8.5)
        axes[0].set_title("error over the output's own spread")
        axes[1].set_title("error over stated error (1: right)")
        legend_above(made, axes, 2)
    return made


def draw_ranks(ranks: pd.DataFrame) -> Figure:
    """Return how far the ranks of each parameter's truth stand from uniform, with limits that hold for all at once."""
    draws, count = int(ranks["draws"].iloc[0]), int(ranks["data_set"].nunique())
    names = list(dict.fromkeys(ranks["parameter"]))
    places, low, high = ecdf_bands(count, draws, 1 - 0.05 / len(names))
    order = ranks.groupby("parameter")["p_value"].first().sort_values()
    marked = set(order.index[: min(MOST_CURVES, len(order))])
    with house_style():
        made, axes = figure(3.6)
        axis = axes[0]
        axis.fill_between(
            places, low - places, high - places, color=PALE, label="all parameters of 95% of honest fits lie within"
        )
        axis.axhline(0, color=INK, linewidth=1)
        for name in names:
            mine = ranks.loc[ranks["parameter"] == name, "rank"].to_numpy()
            below = np.array([(mine < place * (draws + 1)).mean() for place in places])
            out = bool(((below < low) | (below > high)).any())
            style = {"color": BAD, "label": words(name)} if out else {"color": MODEL, "alpha": 0.45}
            axis.plot(places, below - places, linewidth=1.3 if name in marked else 0.9, **style)
        axis.set_xlim(0, 1)
        axis.set_xlabel("rank of the truth among posterior draws, as a share")
        axis.set_ylabel("share of truths below, less expected")
        axis.legend(loc="upper right", fontsize=8.5)
    return made


def draw_coverage(coverage: pd.DataFrame) -> Figure:
    """Return the share of targets inside intervals of several levels, fitted and held out."""
    with house_style():
        made, axes = figure(3.6, 1, 2, sharey=True)
        for axis, role, title in zip(axes, ("fitted", "held_out"), ("fitted targets", "held-out targets"), strict=True):
            mine = coverage[coverage["role"] == role]
            axis.plot([0, 1], [0, 1], color=INK, linewidth=1)
            axis.set_xlim(0.4, 1)
            axis.set_ylim(0, 1.04)
            axis.set_title(title if len(mine) else f"{title}: none")
            axis.set_xlabel("stated level of the interval")
            if len(mine):
                axis.fill_between(
                    mine["level"], mine["by_chance_low"], mine["by_chance_high"], color=PALE, label="by chance, 95%"
                )
                axis.plot(mine["level"], mine["inside"], "o-", color=MODEL, label="share inside")
                axis.legend(loc="lower right", fontsize=8.5)
        axes[0].set_ylabel("share of targets inside")
    return made


def draw_skill(table: pd.DataFrame) -> Figure:
    """Return the model's and each spreadsheet's mean score of named places and months, as % of the observed value."""
    groups = list(dict.fromkeys(table["group"]))[::-1]
    kinds = list(dict.fromkeys(table["predictor"]))
    height = 0.8 / (len(kinds) + 1)
    colours = [OBSERVED, "#006747", "#330072"]
    with house_style():
        made, axes = figure(1.6 + 0.65 * len(groups))
        axis = axes[0]
        for at, group in enumerate(groups):
            mine = table[table["group"] == group]
            for place, kind in enumerate(kinds):
                row = mine[mine["predictor"] == kind]
                if len(row):
                    score = min(row["score"].iloc[0], row["score_with_error"].iloc[0])
                    axis.barh(at - (place + 1) * height, 100 * score, height, color=colours[place % 3],
                              label=words(kind))  # fmt: skip
            axis.barh(at, 100 * mine["model_score"].iloc[0], height, color=MODEL, label="the model")
        axis.set_yticks([at - len(kinds) * height / 2 for at in range(len(groups))], [words(one) for one in groups])
        axis.set_xlabel("mean CRPS, % of the observed value (less is better)")
        axis.grid(visible=False, axis="y")
        legend_above(made, axes, 3)
    return made
