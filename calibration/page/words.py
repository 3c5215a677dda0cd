"""What a fit came to, in sentences: what was promised beside what was found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from calibration.diagnostics.ranks import DOUBT
from calibration.fit.assessment import PROMISED_HELD_OUT, PROMISED_INSIDE, PROMISED_WIDTH
from calibration.fit.results import Results
from evaluation.figures.style import words

LEAST_SIZE = 100.0  # draws that a set of points must be worth (Kish) to be used by others
MOST_NAMED = 8  # names that a sentence can hold


@dataclass(frozen=True)
class Promise:
    """One thing that a fit should be, and whether this one is. ``held`` None: it cannot be told here."""

    name: str
    text: str
    held: bool | None

    @property
    def verdict(self) -> str:
        """In a word or two."""
        return {True: "met", False: "not met", None: "not told"}[self.held]


def promises(results: Results) -> list[Promise]:
    """Return what a fit promises beside what this one is, most important first."""
    found = [inside(results), headlines(results), *held_out(results), *skill(results), worth(results)]
    told = [one for one in found if one is not None]
    return told if results["chains"].empty else [*told, chains(results), *self_test(results)]


def inside(results: Results) -> Promise | None:
    """Whether the posterior mean lies within the limits of most fitted targets."""
    mine = of_role(results["targets"], "fitted")
    mine = mine[mine["inside"].notna()]
    if mine.empty:
        return None
    yes = int(truth(mine["inside"]).sum())
    text = f"the model's posterior mean lies within the 95% limits of {yes} of {len(mine)} fitted targets"
    text += by_points(results)
    return Promise("fitted targets", f"{text} (promised: {PROMISED_INSIDE:.0%})", yes >= PROMISED_INSIDE * len(mine))


def headlines(results: Results) -> Promise | None:
    """Whether headline targets are met within their tolerance."""
    table = results["targets"]
    mine = of_role(table[truth(table["headline"])], "fitted")
    if mine.empty:
        return None
    yes = truth(mine["within_tolerance"])
    missed = named(mine.loc[~yes, "target"].tolist())
    text = f"{int(yes.sum())} of {len(mine)} headline targets are met within their tolerance"
    return Promise("headline targets", text + (f"; not {missed}" if missed else ""), bool(yes.all()))


def held_out(results: Results) -> list[Promise]:
    """Whether what was never fitted is predicted, and closely enough to be of use."""
    mine = of_role(results["predictions"], "held_out")
    if mine.empty:
        return []
    yes, width = int(truth(mine["inside_90"]).sum()), float(mine["half_width_share"].median())
    covered = f"{yes} of {len(mine)} held-out targets lie within their 90% predictive interval{by_points(results)}"
    narrow = f"half the width of those intervals is {width:.0%} of the observed value (median)"
    return [
        Promise(
            "held-out targets", f"{covered} (promised: {PROMISED_HELD_OUT:.0%})", yes >= PROMISED_HELD_OUT * len(mine)
        ),
        Promise("width", f"{narrow}; promised: at most {PROMISED_WIDTH:.0%}", width <= PROMISED_WIDTH),
    ]


def by_points(results: Results) -> str:
    """Return, for a posterior carried to a place, how many draws a claim rests on; nothing for a fit."""
    if "start" not in results.about:
        return ""
    result = results.about["result"]
    return f", by {result['points']} points worth {result['kish_size']:.0f} equal draws (Kish)"


def skill(results: Results) -> list[Promise]:
    """Whether the model predicts named places and months better than a spreadsheet would."""
    table = results["skill"]
    if table.empty:
        return []
    found = []
    for row in table[table["group"] == "all"].to_dict("records"):
        to_beat = min(row["score"], row["score_with_error"])
        better = bool(row["model_score"] < to_beat)
        given = " (given the error of observing)" if to_beat == row["score_with_error"] else ""
        text = (
            f"over {int(row['targets'])} held-out targets of named places and months the model's mean CRPS is "
            f"{100 * row['model_score']:.2g}% of the observed value, that of {words(str(row['predictor']))} "
            f"{100 * to_beat:.2g}%{given}"
        )
        found.append(Promise(f"against {words(str(row['predictor']))}", text, better))
    return found


def worth(results: Results) -> Promise:
    """Whether the posterior points are worth enough draws, and their weights can be trusted."""
    result = results.about["result"]
    shape = result["pareto_shape"]
    tail = "" if shape is None or not math.isfinite(shape) else f"; Pareto shape of the largest weights {shape:.2f}"
    text = (
        f"the {result['points']} posterior points are worth {result['kish_size']:.0f} equal draws "
        f"(Kish's effective size of weights){tail}"
    )
    # too few draws to tell the tail are no proof of it: then it is not told, unless they are worth too little anyway
    held = result["weights_reliable"] if result["kish_size"] >= LEAST_SIZE else False
    return Promise("weights", f"{text}; promised: at least {LEAST_SIZE:.0f}", held)


def chains(results: Results) -> Promise:
    """Whether the chains on the emulators have met."""
    result = results.about["result"]
    text = (
        f"largest R-hat of the chains on the emulators {result['rhat_largest']:.3f}; least effective size of a chain "
        f"{result['mcmc_bulk_size_least']:,.0f} (MCMC, bulk) and {result['mcmc_tail_size_least']:,.0f} (MCMC, tail)"
    )
    return Promise("chains", text, bool(truth(results["chains"]["good"]).all()))


def self_test(results: Results) -> list[Promise]:
    """Whether the fit would find parameters that it drew itself."""
    ranks = results["ranks"]
    if ranks.empty:
        return []
    least = ranks.groupby("parameter", sort=False)[["p_value", "shape"]].first()
    limit = DOUBT / len(least)
    bad = least.index[least["p_value"] < limit].tolist()
    sets = int(ranks["data_set"].nunique())
    text = f"ranks of the truth over {sets} made-up data sets are uniform for {len(least) - len(bad)} of {len(least)}"
    said = "; ".join(f"{words(name)}: {least['shape'][name] or 'not uniform'}" for name in bad[:MOST_NAMED])
    return [Promise("simulation-based calibration", f"{text} parameters{'; ' + said if said else ''}", not bad)]


def not_informed(results: Results) -> str:
    """Return in a sentence which parameters the targets say nothing about."""
    table = results["parameters"]
    names = table.loc[~truth(table["informed"]), "parameter"].tolist()
    if not names:
        return f"The targets inform all {len(table)} parameters."
    return (
        f"The targets inform {len(table) - len(names)} of {len(table)} parameters. Not informed, and resting on their "
        f"priors: {', '.join(words(name) for name in names)}."
    )


def not_reached(results: Results) -> list[str]:
    """Return a sentence for each fitted target that no parameters reach."""
    table = results["reach"]
    if table.empty:
        return []
    found = []
    for row in table[~truth(table["alone"])].to_dict("records"):
        found.append(
            f"{words(str(row['target']))}: observed {row['observed']:.4g}, and the model comes no nearer than "
            f"{row['nearest']:.4g} whatever its parameters ({row['least']:.1f} standard deviations). A mechanism is "
            "missing, or the figure is not what it is taken for."
        )
    return found


def summary(results: Results) -> list[str]:
    """Return a fit in a few lines for a terminal."""
    about = results.about
    lines = [f"{about['name']}: {about['result']['runs']:,} runs; {about['result']['stopped']}"]
    lines += [f"  {one.verdict:<8} {one.name}: {one.text}" for one in promises(results)]
    if results["parameters"].empty:
        return lines
    return [*lines, f"  {not_informed(results)}", *[f"  {line}" for line in not_reached(results)]]


def of_role(table: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the rows of one role."""
    return table[table["role"] == role]


def truth(column: pd.Series) -> pd.Series:
    """Return a column of True, False and nothing as booleans, read back from CSV or not; nothing is False."""
    return column.map(lambda value: str(value) == "True").astype(bool)


def named(names: list[str]) -> str:
    """Return names in words, no more than a sentence can hold."""
    said = [words(name) for name in names[:MOST_NAMED]]
    more = len(names) - len(said)
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")
