"""Figures of the estimators: event study, observed against counterfactual, balance, weights, and the forest plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.estimate import RATIO, Estimate
from evaluation.figures.style import INK, PALE, figure, house_style, legend_above
from evaluation.rounding import spread

BLUE, PINK, GREY = "#005EB8", "#AE2573", "#425563"
ROW_IN = 0.5
LABEL_CHARACTERS = 40  # of a line of an axis's label
LABELS = {
    "did_callaway_santanna_never": "Callaway-Sant'Anna (never treated)",
    "did_callaway_santanna_not_yet": "Callaway-Sant'Anna (not yet treated)",
    "did_two_way_fixed_effects": "Two-way fixed effects",
    "did_two_way_fixed_effects_wild_bootstrap": "Two-way fixed effects (wild bootstrap)",
    "did_two_way_fixed_effects_randomisation": "Two-way fixed effects (randomisation)",
    "did_sun_abraham": "Sun-Abraham",
    "interrupted_time_series_quasi_poisson": "Interrupted series, quasi-Poisson",
    "interrupted_time_series_quasi_poisson_newey_west": "Interrupted series, Newey-West",
    "interrupted_time_series_quasi_poisson_level_and_slope": "Interrupted series, level and slope",
    "interrupted_time_series_negative_binomial": "Interrupted series, negative binomial",
    "synthetic_control_augmented": "Augmented synthetic control",
    "synthetic_did": "Synthetic DiD",
    "g_formula_att": "G-formula (treated)",
    "g_formula_ate": "G-formula (everyone)",
    "inverse_probability_att": "Inverse probability (treated)",
    "inverse_probability_ate": "Inverse probability (everyone)",
    "entropy_balance_att": "Entropy balance (treated)",
    "doubly_robust_att": "Doubly robust (treated)",
    "doubly_robust_ate": "Doubly robust (everyone)",
    "doubly_robust_atc": "Doubly robust (untreated)",
    "matched_cohort_propensity": "Matched on propensity",
    "matched_cohort_genetic": "Matched, genetic distance",
    "matched_cohort_mahalanobis": "Matched, Mahalanobis distance",
    "effect_on_gap_absolute": "Effect on the gap, most minus least",
    "effect_on_gap_relative": "Effect on the gap, most over least",
    "effect_on_slope": "Effect on the slope index",
}
SERIES = (
    "interrupted_time_series",
    "comparative_time_series",
)  # their paths are of counts, whatever the estimate is of
ALONE = ("effect_on_gap_absolute", "effect_on_gap_relative", "effect_on_slope")  # what follows is how it was made


def draw(result: Estimate, outcome: str = "") -> Figure:
    """Return the figure that suits ``result``: its event study, its path, its balance, or its interval alone.

    ``outcome``: its name with unit, for axes.
    """
    if "event_study" in result.tables:
        return draw_event_study(result, outcome)
    if "path" in result.tables:
        return draw_path(result, outcome)
    if "balance" in result.tables and len(result.tables["balance"]):
        return draw_balance(result)
    return draw_forest([result], outcome=outcome)


def draw_event_study(result: Estimate, outcome: str = "") -> Figure:
    """Return effects by time since the start, pointwise bars and, where given, the simultaneous band."""
    table = result.tables["event_study"]
    times, values = table["event_time"].to_numpy(), table["estimate"].to_numpy(dtype=float)
    with house_style():
        made, axes = figure(4.2)
        axis = axes[0]
        if "band_lower" in table:
            axis.fill_between(
                times,
                table["band_lower"],
                table["band_upper"],
                color=BLUE,
                alpha=0.15,
                linewidth=0,
                label="joint 95% band",
            )
        before = times < 0
        for flags, colour, marker, words in ((before, GREY, "o", "before the start"), (~before, BLUE, "s", "after it")):
            if not flags.any():
                continue
            error = None
            if "lower" in table:
                low = values - table["lower"].to_numpy(dtype=float)
                high = table["upper"].to_numpy(dtype=float) - values
                error = np.abs(np.vstack([low, high]))[:, flags]
            axis.errorbar(
                times[flags],
                values[flags],
                yerr=error,
                color=colour,
                marker=marker,
                linestyle="none",
                capsize=3,
                label=words,
            )
        axis.axhline(0, color=INK, linewidth=1)
        axis.axvline(-0.5, color=INK, linewidth=1.2, linestyle=(0, (1, 1)))
        axis.set_xlabel("periods since the start")
        axis.set_ylabel(fill(f"effect on {outcome}" if outcome else "effect (outcome's unit)", LABEL_CHARACTERS))
        axis.set_title(_title(result))
        legend_above(made, [axis])
    return made


def draw_path(result: Estimate, outcome: str = "") -> Figure:
    """Return observed and counterfactual over time, and their gap below with the placebos' limits where given."""
    table = result.tables["path"]
    start = _start(result)
    with house_style():
        made, axes = figure(5.6, 2, 1, sharex=True)
        top, low = axes
        marker = "o" if len(table) <= 60 else None
        top.plot(
            table["period"], table["observed"], color=GREY, marker=marker, markersize=3, linewidth=1.2, label="observed"
        )
        if "fitted" in table:
            top.plot(table["period"], table["fitted"], color=BLUE, label="fitted")
        top.plot(table["period"], table["synthetic"], color=PINK, linestyle="--", label="without treatment (estimated)")
        top.set_title(_title(result))
        bare = outcome.split(" per ")[0] if result.method.startswith(SERIES) else outcome
        top.set_ylabel(fill(bare or "outcome", LABEL_CHARACTERS - 10))
        low.set_ylabel("difference")
        low.plot(table["period"], table["gap"], color=BLUE, label="gap between them")
        if "placebo_lower" in table:
            low.fill_between(
                table["period"],
                table["placebo_lower"],
                table["placebo_upper"],
                color=GREY,
                alpha=0.2,
                linewidth=0,
                label="95% of placebos",
            )
        low.axhline(0, color=INK, linewidth=1)
        low.set_xlabel("period")
        for axis in axes:
            if start is not None:
                axis.axvline(start, color=INK, linewidth=1.2, linestyle=(0, (1, 1)))
        legend_above(made, axes)
    return made


def draw_balance(result: Estimate) -> Figure:
    """Return the standardised differences of covariates before and after adjustment, 0.1 either way shaded."""
    table = result.tables["balance"].iloc[::-1]
    with house_style():
        made, axes = figure(1.7 + 0.35 * len(table))
        axis = axes[0]
        axis.axvspan(-0.1, 0.1, color=PALE, zorder=0)
        rows = range(len(table))
        axis.plot(table["smd_before"], rows, color=PINK, marker="X", linestyle="none", label="before")
        axis.plot(table["smd_after"], rows, color=BLUE, marker="o", linestyle="none", label="after")
        axis.set_yticks(list(rows), [str(each) for each in table["covariate"]])
        axis.set_ylim(-0.6, len(table) - 0.4)
        axis.axvline(0, color=INK, linewidth=1)
        axis.set_xlabel("standardised mean difference (treated less untreated)")
        axis.set_title(_title(result))
        legend_above(made, [axis])
    return made


def draw_forest(results: Sequence[Estimate], truth: float | None = None, title: str = "", outcome: str = "") -> Figure:
    """Return one row per estimate with its interval; ratios and differences in panels of their own.

    ``truth``: the known effect (of a simulation), on the scale of the first result, drawn as a line in its panel. An
    estimate without an interval is a point alone. ``title``: what the rows are, if not estimators. ``outcome``: its
    name with unit.
    """
    groups = [[each for each in results if (each.scale == RATIO) == ratio] for ratio in (False, True)]
    shown = [group for group in groups if group]
    with house_style():
        height = 1.2 + sum(ROW_IN * len(group) + 0.7 for group in shown)
        made, axes = figure(height, len(shown), 1, height_ratios=[len(group) + 1.2 for group in shown])
        for axis, group in zip(axes, shown, strict=True):
            _forest_panel(axis, group, truth if results[0] in group else None, outcome)
        several = title or "Every estimator's answer"
        axes[0].set_title(f"{several}, with {results[0].level:.0%} limits" if len(results) > 1 else _title(results[0]))
        if truth is not None:
            legend_above(made, axes)
    return made


def _forest_panel(axis: Axes, group: Sequence[Estimate], truth: float | None, outcome: str) -> None:
    ratio = group[0].scale == RATIO
    for at, each in enumerate(reversed(group)):
        whole = math.isfinite(each.lower) and math.isfinite(each.upper)
        error = [[each.estimate - each.lower], [each.upper - each.estimate]] if whole else None
        colour = GREY if each.cautions else BLUE
        axis.errorbar(
            each.estimate, at, xerr=error, color=colour, marker="s" if whole else "x", linestyle="none", capsize=3
        )
    axis.axvline(1.0 if ratio else 0.0, color=INK, linewidth=1)
    if truth is not None:
        axis.axvline(truth, color=PINK, linewidth=1.5, linestyle="--", label="known effect")
    axis.set_yticks(range(len(group)), [label(each.method) for each in reversed(group)])
    axis.set_ylim(-0.6, len(group) - 0.4)
    if ratio:
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.xaxis.set_minor_formatter(lambda value, _: f"{value:g}")
    of = f"in {outcome}" if outcome else "(outcome's unit)"
    grey = "; grey: has cautions" if any(each.cautions for each in group) else ""
    axis.set_xlabel(f"rate ratio (log scale){grey}" if ratio else f"difference {of}{grey}")


def _start(result: Estimate) -> float | None:
    """Return where the gap's first treated period begins, if the tables tell: weights by period, or a change of fit."""
    table = result.tables["path"]
    if "fitted" in table and (table["gap"].abs() > 1e-9).any():
        return float(table["period"][table["gap"].abs() > 1e-9].iloc[0])
    start = result.diagnostics.get("start")
    return None if start is None else float(start)


def _title(result: Estimate) -> str:
    return f"{label(result.method)}: {spread(result.estimate, result.lower, result.upper)}"


def label(method: str) -> str:
    """Return the name of an estimator as a reader sees it; what follows a known name stays as words."""
    known = max((name for name in LABELS if method.startswith(name)), key=len, default="")
    if known in ALONE:
        return LABELS[known]
    words = (LABELS.get(known, "") + " " + method[len(known) :].replace("_", " ").strip()).strip()
    return words[:1].upper() + words[1:]
