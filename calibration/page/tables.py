"""Tables of a fit's page: rows of text, each number with no more digits than its interval supports."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import pandas as pd

from calibration.fit.results import Results
from calibration.page.words import truth
from evaluation.figures.style import words
from evaluation.page_tables import PageTable
from evaluation.rounding import MINUS, level, spread

FEWEST = 0.3  # size of a correlation from which a pair is listed


def targets_table(results: Results, role: str, caption: str) -> PageTable:
    """Return targets of a role: observed, the model's posterior mean, what is predicted, and where it stands."""
    met = results["targets"]
    shown = met[met["role"] == role].merge(
        results["predictions"][["target", "lower_90", "upper_90", "inside_90", "half_width_share", "crps"]], on="target"
    )
    rows = []
    for row in shown.to_dict("records"):
        low, high = row["lower_90"], row["upper_90"]
        rows.append(
            [
                words(str(row["target"])),
                str(row["unit"]),
                spread(row["observed"], row["low"], row["high"], MINUS),
                told(row["simulated"], low, high),
                told(low, low, high) if math.isnan(low) else f"{told(low, low, high)} to {told(high, low, high)}",
                "inside" if str(row["inside_90"]) == "True" else "outside",
                percent(row["half_width_share"]),
                signed(row["observed_less_model_sd"]),
                "" if not truth(pd.Series([row["headline"]]))[0] else met_words(row),
            ]
        )
    columns = [
        "Target", "Unit", "Observed (95% limits)", "Model, posterior mean", "Predicted (90%)", "Observed is",
        "Half-width", "Observed less model, in sd of observing", "Headline",
    ]  # fmt: skip
    return PageTable(caption, columns, rows, 1, folded=len(rows) > 12)


def told(value: float, low: float, high: float) -> str:
    """Return a figure with the digits that its interval supports; of so few residents some have none."""
    return "not defined" if math.isnan(value) or math.isnan(low) else level(value, low, high, MINUS)


def signed(gap: float) -> str:
    """Return a gap in standard deviations with its sign; nothing where it is not defined."""
    return "" if math.isnan(gap) else f"{gap:+.1f}".replace("-", MINUS)


def met_words(row: Mapping[Hashable, object]) -> str:
    """Return whether a headline target is met within its tolerance."""
    yes = str(row["within_tolerance"]) == "True"
    return f"{'within' if yes else 'not within'} {row['tolerance']:g}"


def parameters_table(results: Results) -> PageTable:
    """Return prior and posterior of each parameter in its own unit, and what the data did to it."""
    rows = []
    for row in results["parameters"].to_dict("records"):
        prior = (row["prior_05"], row["prior_95"])
        posterior = (row["posterior_05"], row["posterior_95"])
        rows.append(
            [
                words(str(row["parameter"])),
                str(row["unit"]),
                spread(row["prior_50"], *prior, MINUS),
                spread(row["posterior_50"], *posterior, MINUS),
                str(row["words"]),
            ]
        )
    columns = ["Parameter", "Unit", "Prior (90%)", "Posterior (90%)", "What the targets did"]
    return PageTable("Parameters: median and 90% interval before and after", columns, rows)


def correlations_table(results: Results) -> PageTable:
    """Return the strongest posterior correlations."""
    table = results["correlations"].set_index("parameter")
    names = table.index.tolist()
    pairs = [
        (abs(float(table.loc[one, other])), one, other, float(table.loc[one, other]))
        for at, one in enumerate(names)
        for other in names[at + 1 :]
    ]
    kept = sorted([pair for pair in pairs if pair[0] >= FEWEST], reverse=True)
    rows = [[words(one), words(other), f"{value:+.2f}".replace("-", MINUS)] for _, one, other, value in kept]
    return PageTable(
        f"Pairs whose posterior correlation is {FEWEST:g} or more in size",
        ["Parameter", "With", "Correlation"],
        rows,
        2,
    )


def waves_table(results: Results) -> PageTable:
    """Return what each wave did."""
    rows = [
        [
            f"{row['wave']:g}",
            f"{row['points']:g}",
            f"{row['points_used']:g}",
            f"{row['share_left']:.2g}",
            number_or_none(row["emulator_variance_share"]),
            f"{row['targets_not_used']:g}",
        ]
        for row in results["waves"].to_dict("records")
    ]
    columns = [
        "Wave", "Points run", "Points the emulators learnt from", "Share of the prior left",
        "Emulators' variance over the targets' own (9 of 10 below)", "Targets not used: emulator failed its checks",
    ]  # fmt: skip
    return PageTable("Waves of history matching", columns, rows)


def ruled_out_table(results: Results) -> PageTable:
    """Return what each target rules out by itself, by the last wave's emulators, the most first."""
    table = results["ruled_out"]
    last = table[table["wave"] == table["wave"].max()].sort_values("share", ascending=False)
    reach = results["reach"].set_index("target")
    rows = []
    for row in last.to_dict("records"):
        here = reach.loc[row["target"]]
        used = "" if str(row["used"]) == "True" else "not used: its emulator failed its checks"
        rows.append(
            [
                words(str(row["target"])),
                f"{row['share']:.0%}",
                f"{here['observed']:.4g}",
                f"{here['nearest']:.4g}",
                used,
            ]
        )
    columns = ["Target", "Of the prior, ruled out by it alone", "Observed", "Nearest the model comes", ""]
    return PageTable("What each fitted target rules out", columns, rows, folded=True)


def emulators_table(results: Results) -> PageTable:
    """Return the checks of the emulators: points left out one at a time, and points that they never saw."""
    rows = []
    for row in results["emulators"].to_dict("records"):
        rows.append(
            [
                words(str(row["output"])),
                f"{row['wave']:g}",
                str(row["kind"]),
                f"{row['points']:g}",
                number_or_none(row["explained"]),
                f"{row['covered']:.0%}",
                f"{row['sd_ratio']:.2f}",
                "yes" if str(row["good"]) == "True" else "no",
            ]
        )
    columns = [
        "Target", "Wave", "Points", "How many", "Variance explained", "Within 95% intervals",
        "Error over stated error", "Usable",
    ]  # fmt: skip
    return PageTable("Checks of the emulators", columns, rows, folded=True)


def chains_table(results: Results) -> PageTable:
    """Return R-hat and effective sizes of the chains, each size with its kind."""
    rows = [
        [
            words(str(row["parameter"])),
            f"{row['rhat']:.3f}",
            f"{row['mcmc_bulk_size']:,.0f}",
            f"{row['mcmc_tail_size']:,.0f}",
            "yes" if str(row["good"]) == "True" else "no",
        ]
        for row in results["chains"].to_dict("records")
    ]
    columns = ["Parameter", "R-hat (rank)", "Effective size (MCMC, bulk)", "Effective size (MCMC, tail)", "Met"]
    return PageTable("Chains on the emulators", columns, rows, folded=True)


def coverage_table(results: Results) -> PageTable:
    """Return the share of targets inside intervals of several levels."""
    rows = [
        [
            "fitted" if row["role"] == "fitted" else "held out",
            f"{row['level']:.0%}",
            f"{row['targets']:g}",
            f"{row['inside']:.0%}",
            f"{row['by_chance_low']:.0%} to {row['by_chance_high']:.0%}",
        ]
        for row in results["coverage"].to_dict("records")
    ]
    columns = ["Targets", "Interval", "How many", "Inside", "By chance (95%), were they independent"]
    return PageTable("Coverage of predictive intervals", columns, rows, 2)


def skill_table(results: Results) -> PageTable:
    """Return mean scores of the model and of each spreadsheet, by group of held-out targets."""
    rows = [
        [
            words(str(row["group"])),
            words(str(row["predictor"])),
            f"{row['targets']:g}",
            f"{100 * row['model_score']:.2g}%",
            f"{100 * row['score']:.2g}%",
            f"{100 * row['score_with_error']:.2g}%",
            f"{row['skill']:+.0%}".replace("-", MINUS),
        ]
        for row in results["skill"].to_dict("records")
    ]
    columns = [
        "Held-out targets", "Spreadsheet", "How many", "Model: mean CRPS, % of observed",
        "Spreadsheet's figure alone", "Spreadsheet with the error of observing", "Saved by the model",
    ]  # fmt: skip
    return PageTable("The model against spreadsheets", columns, rows, 2)


def number_or_none(value: object) -> str:
    """Return a number at two digits, a dash where there is none."""
    return "–" if value is None or math.isnan(float(str(value))) else f"{float(str(value)):.2g}".replace("-", MINUS)


def percent(value: float) -> str:
    """Return a share of the observed value in per cent."""
    return "–" if math.isnan(value) else f"{value:.0%}"
