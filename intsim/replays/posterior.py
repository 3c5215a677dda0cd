"""What the tuned studies say of the levers' parameters, and the evidence rows that say it.

Each figure of a tuned study is a straight line along the parameters of its levers (slopes.py), whose priors are
standard normal numbers. What was published then moves and narrows them in closed form (linear_gaussian). Two things
keep it humble: the model is given as much doubt as the study, and figures of one programme count as one figure, however
many. A figure further than three standard deviations from all that the prior gives is left out and said: no value of a
parameter stands in for a mechanism that is missing (history matching's rule). So is one that answers to no parameter of
its levers: it says nothing of them, and takes no weight from the other figures of its programme.

Predicted studies are never looked at.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from calibration.history_matching.implausibility import CUT, implausibility
from calibration.posterior.conjugate import Gaussian, linear_gaussian
from evaluation.replays.board import CONFLICT, SILENT, USED
from evaluation.replays.published import Finding
from evaluation.replays.scoring import on_scale, printed_se
from intsim.replays.latent import STRENGTH, latent_draws, parameters_of
from intsim.replays.plan import Study
from intsim.replays.slopes import Line, fitted_line
from scenarios.registry.row import COLUMNS, Parameter
from scenarios.schema import Scenario
from sim.world import scenario_registry

LEAST_DRAWS = 64  # below which lines are guesses: from 14 draws to 16 parameters moved by most of a prior deviation
TUNED = "tuned"
AT = (0.05, 0.5, 0.95)  # probabilities that a row of the registry states
MOVED, NARROWED = 0.1, 0.05  # in prior standard deviations: less is no news
DIGITS = 3


@dataclass(frozen=True)
class Figure:
    """One figure of a tuned study: what the model says of it along parameters, what was published, and its variance."""

    name: str
    programme: str
    line: Line
    published: float
    variance: float

    @property
    def implausible(self) -> float:
        """Return how many standard deviations what was published lies from the prior's own spread."""
        spread = float(np.square(self.line.slopes).sum()) + self.line.left**2 + self.line.doubt
        middle, seen = np.array(self.line.level), np.array(self.published)
        return float(implausibility(middle, np.array(spread), seen, np.array(self.variance)))

    @property
    def verdict(self) -> str:
        """Return whether parameters are moved by it, and why not."""
        if self.implausible > CUT:
            return CONFLICT
        return USED if self.line.answers else SILENT


@dataclass(frozen=True)
class LeverPosterior:
    """``table``: a row for each parameter; ``figures``: a row for each figure, used or why not; ``draws``: seen."""

    table: pd.DataFrame
    figures: pd.DataFrame
    draws: int

    @property
    def changed(self) -> pd.DataFrame:
        """Return the parameters that studies moved or narrowed."""
        moved = self.table["moved"].abs() >= MOVED
        return self.table[moved | (self.table["narrowed"] >= NARROWED)]

    def words(self) -> str:
        """Return what a reader may take from it."""
        used, conflict, silent = (int((self.figures["verdict"] == each).sum()) for each in (USED, CONFLICT, SILENT))
        return (
            f"{len(self.changed)} of {len(self.table)} parameters moved or narrowed by {used} figures of tuned studies "
            f"(left out: {conflict} in conflict, {silent} answering to no parameter), from {self.draws} draws: "
            "lever_posteriors.csv"
        )


def tuned_figures(
    scenario: Scenario,
    results: pd.DataFrame,
    studies: Mapping[str, Study],
    published: Mapping[str, Mapping[str, Finding]],
) -> list[Figure]:
    """Return the figures of the tuned studies that say a number and could be carried out in enough draws."""
    registry = scenario_registry(scenario)
    tuned = {n: one for n, one in studies.items() if one.replay.use == TUNED and one.replay.design}  # with a dose
    names = parameters_of(registry, {lever for study in tuned.values() for lever in study.replay.levers})
    arms = sorted({study.arm for study in tuned.values()})
    latent = latent_draws(scenario, sorted(results["draw"].unique()), names, arms)
    found = []
    for name, study in tuned.items():
        along = [*parameters_of(registry, study.replay.levers), STRENGTH + study.arm]
        for effect, finding in published[name].items():
            mine = results[(results["replay"] == name) & (results["effect"] == effect)].dropna(subset=["estimate"])
            if finding.estimate is None or mine["draw"].nunique() < LEAST_DRAWS:
                continue
            line = fitted_line(
                along,
                latent.loc[mine["draw"], along].to_numpy(),
                mine["estimate"].to_numpy(dtype=float),
                mine["noise"].to_numpy(dtype=float),
            )
            seen = on_scale(study.replay.effects[effect], finding.estimate)
            variance = study_variance(study, effect, finding, mine)
            found.append(Figure(f"{name}.{effect}", study.replay.programme, line, seen, 2 * variance))
    return found


def study_variance(study: Study, effect: str, finding: Finding, mine: pd.DataFrame) -> float:
    """Return the variance of a published figure: of its interval, or of the study done again where none was printed.

    What programmes of one kind do differs between places beyond that, but for the printed interval of a pool of trials.
    """
    context = float(np.square(mine["context"].to_numpy(dtype=float)).mean())
    if finding.low is None or finding.high is None:
        return float(np.square(mine["se"].to_numpy(dtype=float)).mean()) + context
    printed = printed_se(study.replay.effects[effect], finding) ** 2
    return printed if study.replay.comparison.trials > 1 else printed + context


def lever_posterior(
    scenario: Scenario,
    results: pd.DataFrame,
    studies: Mapping[str, Study],
    published: Mapping[str, Mapping[str, Finding]],
) -> LeverPosterior | None:
    """Return the posterior of the tuned levers' parameters; None where there are too few draws, or no tuned study."""
    if results.empty or results["draw"].nunique() < LEAST_DRAWS:
        return None
    figures = tuned_figures(scenario, results, studies, published)
    if not figures:
        return None
    used = [figure for figure in figures if figure.verdict == USED]
    names = sorted({name for figure in figures for name in figure.line.names})
    return LeverPosterior(
        parameter_table(scenario, names, updated(used, names), used),
        pd.DataFrame([figure_row(figure) for figure in figures]),
        int(results["draw"].nunique()),
    )


def updated(figures: list[Figure], names: list[str]) -> Gaussian:
    """Return the posterior of the normal numbers of ``names``; figures of one programme share one figure's weight."""
    ones = np.ones(len(names))
    if not figures:
        return Gaussian(0 * ones, np.diag(ones))
    shared = pd.Series([figure.programme for figure in figures]).value_counts()
    design = np.zeros((len(figures), len(names)))
    for at, figure in enumerate(figures):
        design[at, [names.index(name) for name in figure.line.names]] = figure.line.slopes
    gap = np.array([figure.published - figure.line.level for figure in figures])
    noise = [(f.variance + f.line.left**2 + f.line.doubt) * shared[f.programme] for f in figures]
    return linear_gaussian(design, gap, np.array(noise), 0 * ones, ones)


def parameter_table(scenario: Scenario, names: list[str], found: Gaussian, used: list[Figure]) -> pd.DataFrame:
    """Return a row for each parameter: its percentiles before and after, how far it moved, and by which studies."""
    registry = scenario_registry(scenario)
    rows = []
    for at, name in enumerate(names):
        if name.startswith(STRENGTH):
            continue
        row, mean, sd = registry.parameters[name], float(found.mean[at]), float(found.sd[at])
        after = percentiles(row, mean, sd)
        pulls = {f.name: abs(float(f.line.slopes[f.line.names.index(name)])) for f in used if name in f.line.names}
        rows.append(
            {
                "parameter": name,
                "prior_low": row.low,
                "prior_central": row.central,
                "prior_high": row.high,
                "low": after[0],
                "central": after[1],
                "high": after[2],
                "moved": mean,
                "narrowed": 1 - sd,
                "by": " ".join(sorted((f for f, pull in pulls.items() if pull > 0), key=lambda f: -pulls[f])[:3]),
            }
        )
    return pd.DataFrame(rows)


def percentiles(row: Parameter, mean: float, sd: float) -> tuple[float, float, float]:
    """Return the 5th, 50th and 95th percentile of a parameter whose normal number has this mean and deviation."""
    low, middle, high = (row.at(float(ndtr(mean + sd * ndtri(u)))) for u in AT)
    return low, middle, high


def figure_row(figure: Figure) -> dict[str, object]:
    """Return what is shown of a figure."""
    return {
        "figure": figure.name,
        "published": figure.published,
        "prior_middle": figure.line.level,
        "answers_to_parameters_sd": math.sqrt(float(np.square(figure.line.slopes).sum())),
        "left_sd": figure.line.left,
        "implausible": figure.implausible,
        "verdict": figure.verdict,
    }


def evidence_rows(scenario: Scenario, posterior: LeverPosterior) -> str:
    """Return CSV in the registry's columns: the rows that changed, to be used as a scenario's ``evidence.file``."""
    registry = scenario_registry(scenario)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in posterior.changed.to_dict("records"):
        row = registry.parameters[str(one["parameter"])]
        cells = {column: getattr(row, column) for column in COLUMNS}
        for column in ("low", "central", "high"):
            cells[column] = f"{float(one[column]):.{DIGITS}g}"
        cells["source"] = f"{row.source}; updated on the studies that may inform levers ({one['by']})"
        writer.writerow(cells)
    return out.getvalue()
